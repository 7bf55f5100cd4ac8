"""Days and Jalali months, local to the platform's time zone.

A day is `YYYY-MM-DD`, Gregorian; a month is `YYYY-MM`, Jalali, `1405-09` for Azar 1405: sorted as text it is sorted in time.
"""
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from persiantools.jdatetime import JalaliDate

from chassis.clock import time_zone
from contracts.errors import Malformed

DAY = re.compile(r"(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}")


def day_of(name: str, text: str) -> date:
    """A day as it is written in a question. Raises Malformed: bad_day."""
    try:
        if DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise Malformed("bad_day", f"{name} باید روزی میلادی مانند 2026-03-21 باشد.",
                    f"{name} must be a Gregorian day like 2026-03-21.")


def start_of(day: date) -> datetime:
    """Local midnight, in UTC."""
    return datetime.combine(day, time.min, time_zone()).astimezone(UTC)


def month_of(day: date) -> str:
    return str(JalaliDate.to_jalali(day).strftime("%Y-%m"))


def month_at(at: datetime) -> str:
    """The month in which an instant falls here."""
    return month_of(at.astimezone(time_zone()).date())


def months(first: str, last: str) -> Iterator[str]:
    """From the first to the last, both included."""
    year, month = map(int, first.split("-"))
    while (found := f"{year:04}-{month:02}") <= last:
        yield found
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def named(month: str) -> dict[str, str]:
    """`آذر ۱۴۰۵` and `Azar 1405`, with the Gregorian days: the first of it, and the first after it."""
    year, number = map(int, month.split("-"))
    first = JalaliDate(year, number, 1)
    begins: date = first.to_gregorian()
    return {"name_fa": first.strftime("%B %Y", locale="fa"), "name_en": first.strftime("%B %Y"), "from": begins.isoformat(),
            "to": (begins + timedelta(days=JalaliDate.days_in_month(number, year))).isoformat()}
