"""What can be asked of the numbers: lines of what, and of which issues."""
from dataclasses import dataclass
from datetime import date
from typing import Any

from contracts.errors import Malformed
from services.booklet.days import day_of

KINDS = ("province", "county", "district", "city", "rural_district", "region", "village", "neighbourhood")
BY = ("agency", "category", "month", "territory", *KINDS)
PARAMETERS = ("by", "category", "territory", "agency", "from", "to")


@dataclass(frozen=True)
class Question:
    """A line for each `by`: agency, category, month, place of a kind, or (`territory`) place right below the one asked for.

    Counted are the issues of a category and all below it, of a place and all in it, filed from the local day `since` on and
    before the day `until`. Of an `agency` its tasks are counted in them, else the issues.
    """

    by: str = "neighbourhood"
    category: str | None = None
    territory: str | None = None
    agency: str | None = None
    since: date | None = None
    until: date | None = None

    @property
    def of_tasks(self) -> bool:
        return self.by == "agency" or self.agency is not None

    @property
    def whole(self) -> bool:
        """Nothing is left out."""
        return self == Question(self.by)

    def told(self) -> dict[str, Any]:
        """As it was understood."""
        return {"by": self.by, "category": self.category, "territory": self.territory, "agency": self.agency,
                "from": self.since and self.since.isoformat(), "to": self.until and self.until.isoformat()}


def question(query: dict[str, str]) -> Question:
    """Of a query's PARAMETERS. Raises Malformed: bad_by, bad_day, bad_period."""
    by = query.get("by", "neighbourhood")
    if by not in BY:
        raise Malformed("bad_by", f"by یکی از این‌هاست: {'، '.join(BY)}", f"by is one of {', '.join(BY)}.")
    since, until = (day_of(name, query[name]) if name in query else None for name in ("from", "to"))
    if since and until and since >= until:
        raise Malformed("bad_period", "from باید پیش از to باشد؛ روز to خود به شمار نمی‌آید.",
                        "from must be before to; the day to itself is not counted.")
    return Question(by, query.get("category"), query.get("territory"), query.get("agency"), since, until)


def unknown(register: str, code: str) -> Malformed:
    """A code that was never told of: a line of zeros for it would look like an answer."""
    return Malformed(f"unknown_{register}", f"{register}: چنین کدی شناخته نیست: {code[:60]}. کد را بررسی کنید.",
                     f"{register}: there is no {code[:60]}. Check the code.")
