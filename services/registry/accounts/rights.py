"""What a person may do: what their seats allow on a day. A right ends the day its term ends; nothing is kept of it."""
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from contracts.schema import instant
from services.registry.clock import time_zone
from services.registry.model import OPEN

KINDS = ("territory", "agency", "committee", "headquarters")
ROLES = {"agency": ("head", "clerk", "case_worker"), "secretary": ("secretary",), "operator": ("operator",)}
# A caller's role → the roles of seats that may ask as such.

Seat = dict[str, Any]  # code, role, territory, agency, committee, headquarters, valid_from, valid_to
SeatsOf = Callable[[str, str], Iterable[Seat]]  # of a person on a day


@dataclass(frozen=True)
class Right:
    """`role` of a seat at a `place` of a `kind`; `until` the day (YYYY-MM-DD) on which it is no more, None: not stated."""

    role: str
    kind: str
    place: str
    until: str | None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def day_of(at: datetime) -> str:
    """The platform's day, YYYY-MM-DD."""
    return at.astimezone(time_zone()).date().isoformat()


def rights_of(person: str, day: str, seats_of: SeatsOf) -> list[Right]:
    """From the seats whose term covers the day; the day of `valid_to` is no longer in it."""
    return [Right(seat["role"], kind, seat[kind], _end(seat)) for seat in seats_of(person, day)
            if (seat.get("valid_from") or "") <= day < (seat.get("valid_to") or OPEN)
            for kind in KINDS if seat.get(kind)]


def _end(seat: Seat) -> str | None:
    found = seat.get("valid_to")
    return None if found in (None, OPEN) else str(found)


def earliest(end: datetime, rights: Iterable[Right]) -> datetime:
    """`end`, or the first moment (UTC) of the day on which the first of the rights is no more."""
    days = [right.until for right in rights if right.until]
    return min([end, *(datetime.combine(date.fromisoformat(day), time.min, time_zone()).astimezone(UTC) for day in days)])


def allow(rights: Iterable[Right], role: str, subject: str) -> bool:
    """Whether who has these rights may ask as this caller: `subject` is the seat's place, an operator's everywhere."""
    return any(right.role in ROLES.get(role, ()) and (role == "operator" or right.place == subject)
               and (role != "agency" or right.kind == "agency") for right in rights)


def shown(rights: Iterable[Right], until: datetime) -> dict[str, Any]:
    return {"rights": [right.as_json() for right in rights], "until": instant(until)}
