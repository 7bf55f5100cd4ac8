"""Deadlines by our calendars and rules alone, against the city's own; and where those that differ lie.

No request's own deadline is fed to it: what came on days of an even number goes by the allowances that days of an odd number
teach, and the other way round. A type that only one half knows has no allowance, and counts as differing.
"""
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from deploy.replay.allowances import DAYS, HOURS, PUT_OFF, Allowance, Reckoning, to_the_minute
from deploy.replay.rows import ZONE, Request

CLOCKS_CHANGE = range(1, 3)  # o'clock


@dataclass(frozen=True)
class Compared:
    """A request, the allowance that the other half of the days gave its type, and when it is due by that."""

    request: Request
    allowance: Allowance | None
    ours: datetime | None

    @property
    def agrees(self) -> bool:
        return self.ours is not None and to_the_minute(self.ours, self.request.target)


def compare(requests: list[Request], reckoning: Reckoning,
            advance: Callable[[], None] = lambda: None) -> tuple[list[Compared], list[Compared]]:
    """By allowances of hours alone, and by those of hours or days, each in the order of the requests.

    `advance` is called for each request that was learnt from.
    """
    votes = [reckoning.votes(telling((each for each in requests if half(each) == parity), advance)) for parity in (0, 1)]
    by_hours, by_days = ([reckoning.best(each, units) for each in votes] for units in ((HOURS,), (HOURS, DAYS)))
    return ([compared(each, by_hours[1 - half(each)].get(each.kind), reckoning) for each in requests],
            [compared(each, by_days[1 - half(each)].get(each.kind), reckoning) for each in requests])


def telling(requests: Iterable[Request], advance: Callable[[], None]) -> Iterator[Request]:
    for each in requests:
        yield each
        advance()


def compared(request: Request, allowance: Allowance | None, reckoning: Reckoning) -> Compared:
    return Compared(request, allowance, reckoning.due(allowance, request.opened) if allowance else None)


def half(request: Request) -> int:
    return request.opened.astimezone(ZONE).toordinal() % 2


def agreeing(found: Iterable[Compared]) -> int:
    return sum(each.agrees for each in found)


def differing(found: Iterable[Compared], by_days: Iterable[Compared]) -> dict[str, int]:
    """How many differ, by reason; `by_days` is the same requests with allowances of hours or working days."""
    counted: dict[str, int] = {}
    for each, other in zip(found, by_days, strict=True):
        if not each.agrees:
            reason = reason_of(each, other)
            counted[reason] = counted.get(reason, 0) + 1
    return dict(sorted(counted.items(), key=lambda item: -item[1]))


def reason_of(each: Compared, by_days: Compared) -> str:
    """In one line. The first that fits."""
    request, ours = each.request, by_days.ours
    if request.target > request.opened + PUT_OFF:
        return "put off by the city for more than ten years"
    if ours is None:
        return "a type that only one half of the days knows, or with no allowance in whole hours or days"
    if by_days.agrees:
        return when(request)
    apart = abs(ours - request.target)
    if apart < timedelta(hours=1):
        return "reckoned by the city from some minutes beside the opening"
    if to_the_minute(datetime.combine(request.target, ours.time()), request.target.replace(tzinfo=None)):
        return "another number of days than is usual for the type"
    return "another deadline, set by hand"


def when(request: Request) -> str:
    """How it came that working hours and working days differ."""
    local = request.opened.astimezone(ZONE)
    if local.isoweekday() > 5:
        return "came on a weekend: the city counts from the same hour on Monday"
    if local.hour in CLOCKS_CHANGE:
        return "came between one and three at night, when the calendar of every day is shut"
    return "came after closing: the city counts from the next opening"
