"""Days as people write them, in either calendar, and as they are kept: YYYY-MM-DD, Gregorian.

Which calendar a day is in follows from its year: 1200 to 1500 is Jalali, 1900 to 2200 Gregorian.
"""
import re
from datetime import date

from persiantools.jdatetime import JalaliDate

from chassis.text import DIGITS, persian_digits, tidy
from contracts.errors import Invalid

WRITTEN = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})")
JALALI, GREGORIAN = range(1200, 1501), range(1900, 2201)


def day_of(text: str) -> str:
    """`1404/1/1`, `۱۴۰۴-۰۱-۰۱` or `2025-03-21` as `2025-03-21`. Raises Invalid: bad_day, no_such_day."""
    found = WRITTEN.fullmatch(tidy(text[:100]).translate(DIGITS))
    year, month, day = (int(found[part]) for part in (1, 3, 4)) if found else (0, 0, 0)
    if year not in JALALI and year not in GREGORIAN:
        raise Invalid("bad_day", "روز را مانند ۱۴۰۴/۰۱/۰۱ یا 2025-03-21 بنویسید.",
                      "Write a day like 1404/01/01 or 2025-03-21.")
    try:
        kept: date = JalaliDate(year, month, day).to_gregorian() if year in JALALI else date(year, month, day)
    except ValueError as error:
        raise _no_such_day(year, month, day) from error
    return kept.isoformat()


def year_of(year: int) -> tuple[str, str]:
    """The first day of a Jalali year, and the first after it."""
    return JalaliDate(year, 1, 1).to_gregorian().isoformat(), JalaliDate(year + 1, 1, 1).to_gregorian().isoformat()


def in_persian(day: str) -> str:
    """`2025-03-21` as `۱۴۰۴/۰۱/۰۱`. Raises ValueError for what is no kept day."""
    found = JalaliDate.to_jalali(date.fromisoformat(day))
    return persian_digits(f"{found.year:04}/{found.month:02}/{found.day:02}")


def _no_such_day(year: int, month: int, day: int) -> Invalid:
    shown = f"{year:04}/{month:02}/{day:02}"
    shown_fa = persian_digits(shown)
    if year in JALALI and (month, day) == (12, 30):
        return Invalid("no_such_day", f"{shown_fa} در تقویم نیست: اسفند {persian_digits(str(year))} ۲۹ روز دارد.",
                       f"There is no {shown}: Esfand {year} has 29 days.")
    return Invalid("no_such_day", f"{shown_fa} در تقویم نیست. روز و ماه را بررسی کنید.",
                   f"There is no {shown} in the calendar. Check the month and the day.")
