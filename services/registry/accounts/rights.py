"""What a person may do: what their seats allow on a day. A right ends the day its term ends; nothing is kept of it."""
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from chassis.clock import time_zone
from contracts import policy
from contracts.schema import instant
from services.registry.model import OPEN

AS_AGENCY = ("head", "clerk", "case_worker")  # roles of seats that speak for their agency
OF_A_TERRITORY = ("secretary", "neighbourhood_manager", "reporter", "case_worker")  # and for their territory, as such

Seat = dict[str, Any]  # role, territory (a headquarters' seat has the headquarters'), agency, committee, headquarters, term
SeatsOf = Callable[[str, str], Iterable[Seat]]  # of a person on a day


@dataclass(frozen=True)
class Right:
    """As which caller somebody may ask: `role`, and `place`, its subject, whose `kind` is territory, agency, platform or
    person; `until` the day (YYYY-MM-DD) on which it is no more, None: not stated."""

    role: str
    kind: str
    place: str
    until: str | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def day_of(at: datetime) -> str:
    """The platform's day, YYYY-MM-DD."""
    return at.astimezone(time_zone()).date().isoformat()


def rights_of(person: str, day: str, seats_of: SeatsOf) -> list[Right]:
    """From the seats whose term covers the day; the day of `valid_to` is no longer in it. Everybody is a resident besides,
    and comes last as one. Of two seats that give the same, the one that lasts longer counts."""
    found: dict[tuple[str, str], Right] = {}
    for seat in seats_of(person, day):
        right = of_seat(seat) if (seat.get("valid_from") or "") <= day < (seat.get("valid_to") or OPEN) else None
        if right:
            known = found.setdefault((right.role, right.place), right)
            found[right.role, right.place] = max(known, right, key=lambda each: each.until or OPEN)
    return [*found.values(), resident(person)]


def rights_from(day: str, seats: Iterable[Seat]) -> list[Right]:
    """What seats allow whose terms end after a day, also those that begin later."""
    return [right for seat in seats if day < (seat.get("valid_to") or OPEN) and (right := of_seat(seat))]


def of_seat(seat: Seat) -> Right | None:
    """What a seat allows; None for one that is an honour alone."""
    role, until = seat["role"], None if seat.get("valid_to") in (None, OPEN) else str(seat["valid_to"])
    if role == "operator":
        return Right(role, "platform", "", until)
    if seat.get("agency"):
        return Right("agency", "agency", seat["agency"], until) if role in AS_AGENCY else None
    place, whole = seat.get("territory"), role == "secretary" or not (seat.get("headquarters") or seat.get("committee"))
    return Right(role, "territory", place, until) if place and whole and role in OF_A_TERRITORY else None


def resident(person: str) -> Right:
    return Right("resident", "person", person)


def let_in(rights: Iterable[Right], account: Mapping[str, Any] | None) -> list[Right]:
    """Those that an account is good for: of `policy.BY_OPERATORS` only where an operator's invitation began it, since
    whoever invited may hold it still. Of an account from before it is not known who did, and none is taken away."""
    by_operator = (account or {}).get("begun_by", "operator") == "operator"
    return [right for right in rights if by_operator or right.role not in policy.BY_OPERATORS]


def earliest(end: datetime, rights: Iterable[Right]) -> datetime:
    """`end`, or the first moment (UTC) of the day on which the first of the rights is no more."""
    days = [right.until for right in rights if right.until]
    return min([end, *(datetime.combine(date.fromisoformat(day), time.min, time_zone()).astimezone(UTC) for day in days)])


def ends_at(right: Right, end: datetime) -> datetime:
    """`end`, or the moment (UTC) at which this right is no more, if that comes first."""
    return earliest(end, [right])


def allow(rights: Iterable[Right], role: str, subject: str) -> bool:
    """Whether who has these rights may ask as this caller; of an operator every subject is the same."""
    return any(right.role == role and (role == "operator" or right.place == subject) for right in rights)


def chosen(rights: Iterable[Right], role: str, place: str) -> Right | None:
    """The one of these that is meant."""
    return next((right for right in rights if (right.role, right.place) == (role, place)), None)


def shown(rights: Iterable[Right], until: datetime) -> dict[str, Any]:
    return {"rights": [right.as_json() for right in rights], "until": instant(until)}
