"""What can be asked of `booklet`: take over what was told, count what is published."""
from collections.abc import Callable
from datetime import datetime
from typing import Any

from chassis.clock import now
from chassis.read_model import put_newer
from chassis.store import answering
from contracts.envelope import Received
from contracts.errors import Malformed
from contracts.issues import IssueSnapshot
from contracts.registry import AgencySnapshot, CategorySnapshot, TerritorySnapshot
from contracts.schema import instant
from services.booklet import counting
from services.booklet.documents import IssueRow, Named, row_of

REGISTERS: dict[Any, str] = {TerritorySnapshot: "territory", AgencySnapshot: "agency", CategorySnapshot: "category"}
COUNTS: dict[str, tuple[dict[str, str], Callable[[datetime, dict[str, int]], list[dict[str, Any]]]]] = {
    "neighbourhood": ({"register": "territory", "kind": "neighbourhood"}, counting.by_neighbourhood),
    "agency": ({"register": "agency"}, counting.by_agency),
}
NAMING = ("code", "version", "name_fa", "name_en", "kind", "finish_hours", "sample")
SMALL = 5  # fewer confidential issues than this are not told: they might be known one by one
SMALL_NUMBERS = {
    "below": SMALL,
    "fa": "سهم‌ها و میانگین‌هایی که از کمتر از ۵ مورد به دست آمده‌اند چیز زیادی نمی‌گویند؛ تعداد پرونده‌های محرمانهٔ "
          "کمتر از ۵ گفته نمی‌شود.",
    "en": "Shares and means of fewer than 5 say little; fewer than 5 confidential issues are not told."}


def keep_issues(batch: list[Received]) -> None:
    """One row per issue, newest wins. Idempotent."""
    put_newer(IssueRow._get_collection(), [row_of(received.snapshot) for received in batch
                                           if isinstance(received.snapshot, IssueSnapshot)])


def keep_names(batch: list[Received]) -> None:
    """One name per territory, agency and category, newest wins. Idempotent."""
    put_newer(Named._get_collection(), [_name(received.snapshot) for received in batch
                                        if type(received.snapshot) in REGISTERS])


def _name(snapshot: Any) -> dict[str, Any]:
    register = REGISTERS[type(snapshot)]
    told = {name: value for name, value in vars(snapshot).items() if name in NAMING}
    return told | {"_id": f"{register}:{snapshot.code}", "register": register}


def countable(by: str) -> str:
    """`neighbourhood` or `agency`. Raises Malformed for anything else."""
    if by not in COUNTS:
        raise Malformed("bad_by", f"by یکی از این‌هاست: {'، '.join(COUNTS)}", f"by is one of {', '.join(COUNTS)}.")
    return by


def statistics(by: str) -> dict[str, Any]:
    """Every neighbourhood or agency with its numbers, by code, and their totals; `counting` says what each is.

    Those of which nothing was ever filed are listed too. Counted at reading, in one pass over the rows: an index that
    holds all that is counted would save a tenth of it (measured with a million rows) and cost at every event.
    """
    narrow, stages = COUNTS[by]
    at = now()
    with answering():
        names = {row["code"]: row for row in Named._get_collection().find(narrow)}
        lines = _lines(stages(at, _allowance()))
        hidden = IssueRow._get_collection().count_documents({"confidential": True})
    items = [_item(code, names.get(code, {}), lines.get(code, counting.Sums())) for code in sorted({*names, *lines})]
    totals = counting.total(lines.values()).published() | ({"confidential": hidden} if hidden >= SMALL else {})
    return {"by": by, "items": items, "totals": totals, "counted_at": instant(at), "small_numbers": SMALL_NUMBERS}


def _allowance() -> dict[str, int]:
    """Category → hours to finish."""
    return {row["code"]: row["finish_hours"] for row in Named._get_collection().find({"register": "category"})}


def _lines(stages: list[dict[str, Any]]) -> dict[str, counting.Sums]:
    found = IssueRow._get_collection().aggregate(stages)
    return {line.pop("_id"): counting.Sums(**line) for line in found}


def _item(code: str, names: dict[str, Any], sums: counting.Sums) -> dict[str, Any]:
    """A line whose name has not been told yet goes by its code. What is a sample says so."""
    return {"code": code, "name_fa": names.get("name_fa", code), "name_en": names.get("name_en", code),
            "sample": names.get("sample", False), **sums.published()}
