"""How a city counts "two working days". No rule of the platform yet: its allowances are hours of working time.

    keeps the hour   from 10:07 on Monday until 10:07 on Wednesday, however long the office is open; so from before it opens
    moved            what comes on a day off counts from the same hour of the next working day
    next opening     what comes after closing counts from the next working day's opening

Hours of working time cannot say this: whatever comes after closing and whatever comes at the next opening have the same
working hours before them, and are due at the same instant; and what comes before the opening would be due at one, too.
"""
from datetime import UTC, date, datetime, time

from deploy.replay.rows import ZONE
from services.issues.deadlines import DAY, Calendar


def due_in_days(start: datetime, days: int, calendar: Calendar) -> datetime:
    """So many working days after `start`, UTC. The calendar must open some day."""
    day, hour = received(start, calendar)
    for _ in range(days):
        day = open_from(day + DAY, calendar)
    return datetime.combine(day, hour, ZONE).astimezone(UTC)


def days_between(start: datetime, end: datetime, calendar: Calendar) -> int:
    """The working days after the one on which `start` was received, up to the one of `end`."""
    first, last = received(start, calendar)[0], calendar.day_of(end)
    return sum(bool(calendar.hours_on(first + number * DAY)) for number in range(1, (last - first).days + 1))


def received(start: datetime, calendar: Calendar) -> tuple[date, time]:
    """The working day, and the hour on the wall, from which is counted."""
    local = start.astimezone(ZONE)
    day, hour = open_from(local.date(), calendar), local.time()
    if datetime.combine(day, hour, ZONE).astimezone(UTC) < calendar.open_on(day)[-1][1]:
        return day, hour
    day = open_from(day + DAY, calendar)
    return day, calendar.open_on(day)[0][0].astimezone(ZONE).time()


def open_from(day: date, calendar: Calendar) -> date:
    while not calendar.open_on(day):
        day += DAY
    return day
