"""How long each type of request has: one allowance per type, learnt from deadlines that the city set.

An allowance is hours of working time in a calendar, as in the platform's categories; with `days` also working days, which
are no rule of the platform yet. A request's own deadline takes no part in its own allowance: see `targets`.
"""
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from deploy.replay.calendars import Calendars, Meter
from deploy.replay.rows import Request
from deploy.replay.working_days import due_in_days, received
from services.issues.deadlines import DAY, due

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
BY_DAYS = ("every day", "office hours", "office hours but holidays")


@dataclass(frozen=True)
class Allowance:
    """So many `hours`, or `days`, in the calendar of that name."""

    calendar: str
    amount: int
    unit: str = "hours"

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}, {self.calendar}"


class Reckoning:
    """Deadlines by calendars, and back: which allowance leads to a deadline. `first`: no request is from before that day."""

    def __init__(self, calendars: Calendars, first: date, days: bool = False) -> None:
        self._calendars, self._days = calendars, days
        self._meters = {name: Meter(calendar, first) for name, calendar in calendars.items() if calendar}
        self._rank = list(calendars)

    def due(self, allowance: Allowance, start: datetime) -> datetime:
        calendar = self._calendars[allowance.calendar]
        if calendar and allowance.unit == "days":
            return due_in_days(start, allowance.amount, calendar)
        return due(start, allowance.amount, calendar)

    def leading_to(self, request: Request) -> list[Allowance]:
        """Those that give the city's deadline, to the minute."""
        return [each for each in self._nearest(request)
                if each.amount >= 0 and to_the_minute(self.due(each, request.opened), request.target)]

    def _nearest(self, request: Request) -> Iterator[Allowance]:
        yield Allowance("the clock", round((request.target - request.opened) / HOUR))
        if request.target < request.opened:
            return
        for name, meter in self._meters.items():
            yield Allowance(name, round((meter.until(request.target) - meter.until(request.opened)) / HOUR))
        for name in BY_DAYS if self._days else ():
            yield Allowance(name, self._days_between(name, request), "days")

    def _days_between(self, name: str, request: Request) -> int:
        calendar, meter = self._calendars[name], self._meters[name]
        assert calendar
        day, _ = received(request.opened, calendar)
        return meter.days(calendar.day_of(request.target) + DAY) - meter.days(day + DAY)

    def learn(self, requests: Iterable[Request]) -> dict[str, Allowance]:
        """Per type the allowance that gives most of its deadlines; of equals that of the simpler calendar, the shorter."""
        votes: dict[str, Counter[Allowance]] = defaultdict(Counter)
        for request in requests:
            votes[request.kind].update(self.leading_to(request))
        return {kind: max(found, key=lambda each: (found[each], -self._rank.index(each.calendar), each.unit == "hours",
                                                   -each.amount)) for kind, found in votes.items() if found}


def to_the_minute(ours: datetime, theirs: datetime) -> bool:
    """Less than a minute apart: the city reckons from some seconds before the time that it writes down as the opening."""
    return abs(ours - theirs) < MINUTE
