"""Deadlines in working days, as laws and cities give them: "within five working days". Plain Python, no I/O.

A working day is a day on which the calendar opens at all, however long. A count of days keeps the hour of the day:

    from 10:07 on Monday, two days     until 10:07 on Wednesday; so also from before the opening
    what comes on a day off            counts from the same hour of the next working day
    what comes after closing           counts from the next working day's opening

So counted, 98.7 % of a city's own deadlines come out to the minute, and in hours of working time 76.1 % (docs/replay.md).
Hours cannot say it: what comes after closing and what comes at the next opening have the same working hours before them.
One thing is as that city does it and no order of arrival: what comes on a Saturday at ten may be due later than what comes
on the Monday after it at nine. The hour is kept also where the last day closes before it.
"""
from datetime import UTC, date, datetime, time

from services.issues.life.deadlines import DAY, Calendar


def due_in_days(start: datetime, days: int, calendar: Calendar | None = None) -> datetime:
    """So many working days after `start`, UTC; days of 24 hours where there is no calendar. Raises NeverOpens."""
    if calendar is None:
        return start.astimezone(UTC) + days * DAY
    day, hour = _received(start, calendar)
    return calendar.at(calendar.opening(day + DAY, days) if days else day, hour)


def received(start: datetime, calendar: Calendar) -> datetime:
    """The instant, UTC, from which days are counted for what comes at `start`. Raises NeverOpens."""
    return due_in_days(start, 0, calendar)


def _received(start: datetime, calendar: Calendar) -> tuple[date, time]:
    """The working day, and the hour on the wall, from which is counted."""
    local = calendar.local(start)
    day, hour = calendar.opening(local.date()), local.time()
    if calendar.at(day, hour) < calendar.open_on(day)[-1][1]:
        return day, hour
    day = calendar.opening(day + DAY)
    return day, calendar.local(calendar.open_on(day)[0][0]).time()
