"""Public holidays and usual office hours of Iran.

Days of the lunar calendar depend on a moon that must be sighted: those that are not confirmed yet are `estimated`. The
source is the package `holidays`, which knows the confirmed dates up to the year before its release.
"""
from datetime import date
from itertools import chain
from typing import Any

from services.registry.days import year_of

FIRST, LAST = 1360, 1478  # Jalali years that the package knows
LABELS = (" (تخمینی)", " (estimated)")
SATURDAY_TO_WEDNESDAY, THURSDAY, FRIDAY = (6, 7, 1, 2, 3), 4, 5  # ISO weekdays
Record = dict[str, Any]


def holidays_of(years: range) -> list[Record]:
    """Every public holiday of these Jalali years, in order, as a calendar keeps them.

    A day with a fixed holiday is not estimated, whatever else may fall on it.
    """
    from holidays import country_holidays

    start, after = year_of(years[0])[0], year_of(years[-1])[1]
    gregorian = range(date.fromisoformat(start).year, date.fromisoformat(after).year + 1)
    persian, english = (country_holidays("IR", years=gregorian, language=language) for language in ("fa_IR", "en_US"))
    return [_holiday(day.isoformat(), persian[day], english[day]) for day in sorted(english)
            if start <= day.isoformat() < after]


def _holiday(day: str, *names: str) -> Record:
    estimated = all(part.endswith(LABELS) for part in names[1].split("; "))
    fa, en = (name.replace(label, "") if estimated else name for name, label in zip(names, LABELS, strict=True))
    return {"date": day, "name_fa": fa, "name_en": en, "estimated": estimated}


def usual_week(thursday: str) -> Record:
    """Weekend and office hours to begin with; `thursday` is `closed` or `half`. Which it is in Alborz is not known."""
    hours = [(day, "07:30", "14:30") for day in SATURDAY_TO_WEDNESDAY]
    half = [(THURSDAY, "07:30", "12:00")] if thursday == "half" else []
    return {"time_zone": "Asia/Tehran", "weekend": [FRIDAY] if half else [THURSDAY, FRIDAY], "office_hours": [
        {"weekday": day, "opens": opens, "closes": closes, "valid_from": None, "valid_to": None}
        for day, opens, closes in chain(hours, half)]}
