"""Working time in the file's city, as calendars of the platform: which of them a type of request goes by is learnt.

In an allowance of hours an hour that the clocks leave out or repeat would move a deadline of 120 days by one. The calendar
of every day is shut in the two hours in which that happens: its day has 22 working hours all year.
"""
from collections.abc import Iterable
from typing import Any

from deploy.replay.rows import ZONE
from services.issues.life.deadlines import Calendar

WORKDAYS, EVERY_DAY = (1, 2, 3, 4, 5), (1, 2, 3, 4, 5, 6, 7)
ROUND_THE_CLOCK, OFFICE = (("00:00", "24:00"),), (("08:30", "17:00"),)
BUT_THE_CLOCKS_CHANGE = (("00:00", "01:00"), ("03:00", "24:00"))
SHAPES = {
    "every day": (EVERY_DAY, BUT_THE_CLOCKS_CHANGE, False),
    "weekdays": (WORKDAYS, ROUND_THE_CLOCK, False),
    "weekdays but holidays": (WORKDAYS, ROUND_THE_CLOCK, True),
    "office hours": (WORKDAYS, OFFICE, False),
    "office hours but holidays": (WORKDAYS, OFFICE, True),
}
Calendars = dict[str, Calendar | None]


def calendars(years: range) -> Calendars:
    """By name; `the clock` is no calendar, the clock on the wall."""
    known = holidays_of(years)
    return {"the clock": None, **{name: made(name, days, hours, known if shut else [])
                                  for name, (days, hours, shut) in SHAPES.items()}}


def made(name: str, days: Iterable[int], hours: Iterable[tuple[str, str]], holidays: list[dict[str, Any]]) -> Calendar:
    open_hours = [{"weekday": day, "opens": opens, "closes": closes} for day in days for opens, closes in hours]
    return Calendar({"code": name, "version": 1, "time_zone": ZONE.key, "weekend": sorted({*EVERY_DAY} - {*days}),
                     "office_hours": open_hours, "holidays": holidays, "closures": []})


def holidays_of(years: range) -> list[dict[str, Any]]:
    """Public holidays of Massachusetts, with the working days on which those of a weekend are observed."""
    from holidays import country_holidays

    found = country_holidays("US", subdiv="MA", years=years)
    return [{"date": day.isoformat(), "name_fa": name, "name_en": name} for day, name in sorted(found.items())]
