"""Calendars of working time, moments in them, and Nowruz as the years were."""
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.unit.small_map import a_calendar, a_closure, a_holiday, hours

TEHRAN = ZoneInfo("Asia/Tehran")
# Nowruz as the years were: 1403 had 366 days, 1404 ended on the 29th of Esfand
NOWRUZ_1403 = [a_holiday(f"2024-03-{day}") for day in (19, 20, 21, 22, 23)]
NOWRUZ_1404 = [a_holiday(f"2025-03-{day}") for day in (19, 20, 21, 22, 23, 24)]
NOWRUZ_1405 = [a_holiday(f"2026-03-{day}") for day in (20, 21, 22, 23, 24)]


def local(text: str) -> datetime:
    """A time of day in Tehran."""
    return datetime.fromisoformat(text).replace(tzinfo=TEHRAN)


DAYS = st.dates(date(2025, 1, 1), date(2026, 12, 31)).map(date.isoformat)
TIMES = st.tuples(st.integers(0, 95), st.integers(0, 95)).filter(lambda pair: pair[0] != pair[1]).map(
    lambda pair: [f"{quarter // 4:02}:{quarter % 4 * 15:02}" for quarter in sorted(pair)])
ROWS = st.builds(lambda weekday, times, since: hours(*times, weekday, since=since)[0],
                 st.integers(1, 7), TIMES, st.none() | DAYS)
CLOSURES = st.builds(lambda day, times: a_closure(day, *times), DAYS, TIMES | st.just([]))
CALENDARS = st.builds(
    lambda **given: a_calendar(**given), time_zone=st.sampled_from(["Asia/Tehran", "Europe/Amsterdam", "Pacific/Apia"]),
    weekend=st.lists(st.integers(1, 7), max_size=3, unique=True), office_hours=st.lists(ROWS, min_size=1, max_size=8),
    holidays=st.lists(DAYS.map(a_holiday), max_size=20), closures=st.lists(CLOSURES, max_size=10))
STARTS = st.datetimes(datetime(2025, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))
