"""How long each type of request has: one allowance per type, learnt from deadlines that the city set.

An allowance is hours of working time in a calendar, or working days of it, as in the platform's categories. A request's own
deadline takes no part in its own allowance: see `targets`.
"""
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from deploy.replay.calendars import Calendars
from deploy.replay.rows import Request
from services.issues.life.deadlines import DAY, Calendar, due, worked
from services.issues.life.working_days import due_in_days, received

HOURS, DAYS = "hours", "days"
BY_DAYS = ("every day", "office hours", "office hours but holidays")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
PUT_OFF = timedelta(days=10 * 365)  # later is no deadline, but a way to say "some day"


@dataclass(frozen=True)
class Allowance:
    """So many hours, or days, in the calendar of that name."""

    calendar: str
    amount: int
    unit: str = HOURS

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}, {self.calendar}"


Votes = dict[str, Counter[Allowance]]  # by type of request: of how many deadlines an allowance is the reason


class Reckoning:
    """Deadlines by calendars, and back: which allowances lead to a deadline."""

    def __init__(self, calendars: Calendars) -> None:
        self._calendars, self._rank = calendars, list(calendars)

    def due(self, allowance: Allowance, start: datetime) -> datetime:
        reckon = due_in_days if allowance.unit == DAYS else due
        return reckon(start, allowance.amount, self._calendars[allowance.calendar])

    def votes(self, requests: Iterable[Request]) -> Votes:
        found: Votes = defaultdict(Counter)
        for request in requests:
            found[request.kind].update(self.leading_to(request))
        return found

    def leading_to(self, request: Request) -> list[Allowance]:
        """Those that give the city's deadline, to the minute; none for one before the request, or put off for years."""
        if not request.opened <= request.target <= request.opened + PUT_OFF:
            return []
        return [each for each in self._nearest(request) if to_the_minute(self.due(each, request.opened), request.target)]

    def _nearest(self, request: Request) -> Iterator[Allowance]:
        """In each calendar the allowance that comes nearest to the city's deadline."""
        for name, calendar in self._calendars.items():
            yield Allowance(name, round(worked(request.opened, request.target, calendar) / HOUR))
            if calendar and name in BY_DAYS:
                yield Allowance(name, days_between(request.opened, request.target, calendar), DAYS)

    def best(self, votes: Votes, units: Iterable[str]) -> dict[str, Allowance]:
        """By type the allowance with the most votes; of equals that of the simpler calendar, by hours, and shorter."""
        def order(kind: str, each: Allowance) -> tuple[int, int, bool, int]:
            return votes[kind][each], -self._rank.index(each.calendar), each.unit == HOURS, -each.amount

        known = {kind: [each for each in found if each.unit in units] for kind, found in votes.items()}
        return {kind: max(among, key=lambda each: order(kind, each)) for kind, among in known.items() if among}


def days_between(start: datetime, end: datetime, calendar: Calendar) -> int:
    """The working days after the one on which days count from `start`, up to the one of `end`."""
    first, last = calendar.day_of(received(start, calendar)), calendar.day_of(end)
    return sum(bool(calendar.hours_on(first + number * DAY)) for number in range(1, (last - first).days + 1))


def to_the_minute(ours: datetime, theirs: datetime) -> bool:
    """Less than a minute apart: the city reckons from some seconds before the time that it writes down as the opening."""
    return abs(ours - theirs) < MINUTE
