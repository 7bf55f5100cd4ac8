"""When something is due, in working time, and of which days that was made."""
import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.issues.life.deadlines import SHUT, Calendar, NeverOpens, due, parts
from services.issues.life.terms import Reckoned, Terms, allowance
from tests.unit.calendars import CALENDARS, DAYS, NOWRUZ_1403, NOWRUZ_1404, NOWRUZ_1405, STARTS, TEHRAN, local
from tests.unit.small_map import Row, a_calendar, a_category, a_closure, a_holiday, hours

HOLIDAYS = Path(__file__).parents[3] / "shared" / "data" / "calendar" / "iran_public_holidays_2024-2028.csv"


def test_without_a_calendar_hours_are_those_of_the_clock() -> None:
    assert due(local("2025-03-19T10:07"), 72) == local("2025-03-22T10:07")


@pytest.mark.parametrize(("start", "allowed", "end"), [
    ("2026-11-25T10:00", 2, "2026-11-25T12:00"),            # Wednesday
    ("2026-11-25T10:00", 4, "2026-11-25T14:00"),
    ("2026-11-25T10:30", 4, "2026-11-25T14:30"),            # to the minute of closing
    ("2026-11-25T10:31", 4, "2026-11-28T07:31"),            # Saturday
    ("2026-11-25T05:00", 1, "2026-11-25T08:30"),            # before opening
    ("2026-11-25T20:00", 1, "2026-11-28T08:30"),            # after closing
    ("2026-11-27T12:00", 7, "2026-11-28T14:30"),            # Friday
    ("2026-11-28T07:30:01.250", 7, "2026-11-29T07:30:01.250"),
    ("2026-11-28T07:30", 0, "2026-11-28T07:30"),
    ("2026-11-27T07:30", 0, "2026-11-27T07:30"),
])
def test_only_office_hours_count(start: str, allowed: int, end: str) -> None:
    assert due(local(start), allowed, Calendar(a_calendar())) == local(end)


@pytest.mark.parametrize(("holidays", "start", "allowed", "end"), [
    # Monday: half an hour; Tuesday and Wednesday holidays, the weekend, Saturday a holiday; Sunday an hour and a half
    (NOWRUZ_1403, "2024-03-18T14:00", 2, "2024-03-24T09:00"),
    # Tuesday 1 h; until Monday nothing; Tuesday and Wednesday 14 h; the weekend; Saturday 7 h; Sunday 2 h
    (NOWRUZ_1404, "2025-03-18T13:30", 24, "2025-03-30T09:30"),
    # Monday 4:23, Tuesday 7 h, Wednesday 7 h; the weekend and four days of Nowruz; Wednesday 1:37
    (NOWRUZ_1405, "2026-03-16T10:07", 20, "2026-03-25T09:07"),
])
def test_across_the_end_of_a_jalali_year_as_counted_by_hand(holidays: list[Row], start: str, allowed: int, end: str) -> None:
    assert due(local(start), allowed, Calendar(a_calendar(holidays=holidays))) == local(end)


def test_a_closure_takes_its_part_of_the_day_and_other_rows_count_from_their_day_on() -> None:
    calendar = Calendar(a_calendar(
        closures=[a_closure("2026-11-28", "09:00", "11:00"), a_closure("2026-11-29"), a_closure("2026-11-30", ends="10:00")],
        office_hours=[*hours("07:30", "12:00"), *hours("13:00", "14:30"), *hours("07:30", "14:30", 2, since="2026-12-01"),
                      *hours("00:00", "24:00", 3, until="2026-12-02")]))
    # Saturday 1:30 and 1:00 and 1:30, Monday 2:00 and 1:30, Tuesday 7:00 without a break, Wednesday as on any other
    assert due(local("2026-11-28T07:30"), 4, calendar) == local("2026-11-28T14:30")
    assert due(local("2026-11-28T07:30"), 6, calendar) == local("2026-11-30T12:00")
    assert due(local("2026-11-28T14:30"), 11, calendar) == local("2026-12-02T08:00")


def test_the_hours_of_ramadan_take_the_place_of_the_ordinary_ones_and_are_over_after_it() -> None:
    calendar = Calendar(a_calendar(office_hours=[
        *hours(), *hours("09:00", "13:00", since="2026-02-18", until="2026-03-20")]))
    assert due(local("2026-02-17T13:30"), 3, calendar) == local("2026-02-18T11:00")  # Tuesday 1 h, Wednesday from 9
    assert due(local("2026-02-18T07:30"), 8, calendar) == local("2026-02-21T13:00")  # 4 h a day
    assert due(local("2026-03-18T09:00"), 5, calendar) == local("2026-03-21T08:30")  # Wednesday 4 h, Saturday is ordinary


def test_where_the_clocks_are_changed_what_is_counted_is_time_that_passed() -> None:
    iran = Calendar(a_calendar())  # until 2022 the clocks of Iran went forward at Nowruz
    assert due(datetime(2021, 3, 21, 10, 30, tzinfo=UTC), 1, iran) == datetime(2021, 3, 22, 3, 30, tzinfo=UTC)
    week = hours("00:00", "24:00", *range(1, 8))
    always = Calendar(a_calendar(time_zone="Europe/Amsterdam", weekend=[], office_hours=week))
    for start in (datetime(2025, 3, 29, 12, tzinfo=UTC), datetime(2025, 10, 25, 12, tzinfo=UTC)):
        assert due(start, 48, always) == start + timedelta(hours=48)


def test_hours_that_lie_in_each_other_or_are_pushed_together_by_the_clocks_count_once() -> None:
    calendar = Calendar(a_calendar(office_hours=[*hours(), *hours("08:00", "09:00")]))
    assert due(local("2026-11-28T07:30"), 7, calendar) == local("2026-11-28T14:30")
    night = [*hours("02:00", "02:30", 7), *hours("03:00", "03:30", 7)]  # from 2 it goes to 3: the same time
    amsterdam = Calendar(a_calendar(time_zone="Europe/Amsterdam", office_hours=night, weekend=[]))
    assert amsterdam.open_on(date(2025, 3, 30)) == (
        (datetime(2025, 3, 30, 1, tzinfo=UTC), datetime(2025, 3, 30, 1, 30, tzinfo=UTC)),)


@pytest.mark.parametrize("given", [
    {"weekend": [1, 2, 3, 4, 5, 6, 7]}, {"office_hours": hours("08:00", "12:00", 5)},
    {"office_hours": hours(until="2026-01-01")}, {"office_hours": []}])
def test_a_calendar_that_never_opens_says_so_and_holds_no_issue_up(given: Row) -> None:
    start, calendar = local("2026-11-25T10:00"), Calendar(a_calendar(**given))
    with pytest.raises(NeverOpens, match="alborz"):
        due(start, 1, calendar)
    assert Terms(1, 2, calendar).reckon(start, start + timedelta(hours=5)) == Reckoned(
        start + timedelta(hours=6), start + timedelta(hours=2))


def test_a_calendar_that_has_too_little_time_for_an_allowance_is_not_counted_for_ever() -> None:
    calendar = Calendar(a_calendar(office_hours=hours("08:00", "08:01", 6)))
    with pytest.raises(NeverOpens):
        due(local("2026-11-25T10:00"), 100_000, calendar)


def test_a_calendar_that_opens_again_within_five_years_is_waited_for_and_no_longer() -> None:
    def again(days: int) -> Calendar:
        return Calendar(a_calendar(office_hours=hours(since=(date(2026, 11, 25) + timedelta(days=days)).isoformat())))

    assert due(local("2026-11-25T10:00"), 1, again(SHUT - 10)) > local("2026-11-25T00:00") + timedelta(days=SHUT - 10)
    with pytest.raises(NeverOpens):
        due(local("2026-11-25T10:00"), 1, again(SHUT + 10))


@pytest.mark.parametrize("given", [
    {"time_zone": "Asia/Karaj"}, {"office_hours": hours("8:00", "14:30")}, {"office_hours": hours("08:00", "25:00")},
    {"holidays": [a_holiday("1404/01/01")]}])
def test_a_calendar_that_cannot_be_read_is_refused(given: Row) -> None:
    with pytest.raises((KeyError, ValueError)):
        Calendar(a_calendar(**given))


def test_accepting_counts_from_the_offer_and_finishing_from_the_filing_in_one_version_of_one_calendar() -> None:
    found = Terms(7, 14, Calendar(a_calendar())).reckon(local("2026-11-28T07:30"), local("2026-11-29T07:30"))
    assert found == Reckoned(local("2026-11-29T14:30"), local("2026-11-29T14:30"), "alborz", 3)


def test_a_date_is_shown_with_the_days_it_was_made_of_and_why_others_did_not_count() -> None:
    calendar = Calendar(a_calendar(
        holidays=[a_holiday("2026-11-29", "عید", estimated=True)], office_hours=hours("07:30", "14:30", 6, 7, 1, 3),
        closures=[a_closure("2026-11-28", "07:30", "13:30"), a_closure("2026-11-29")]))
    start = local("2026-11-25T20:00")
    found = parts(start, due(start, 3, calendar), calendar)
    assert [(part.day.isoformat(), part.worked, [(why.kind, why.estimated) for why in part.why]) for part in found] == [
        ("2026-11-25", timedelta(), [("outside", False)]), ("2026-11-26", timedelta(), [("weekend", False)]),
        ("2026-11-27", timedelta(), [("weekend", False)]), ("2026-11-28", timedelta(hours=1), [("closure", False)]),
        ("2026-11-29", timedelta(), [("holiday", True), ("closure", False)]), ("2026-11-30", timedelta(hours=2), [])]
    assert (found[3].why[0].fa, found[4].why[0].fa) == ("آلودگی هوا", "عید")
    tuesday = parts(local("2026-12-01T10:00"), local("2026-12-01T12:00"), calendar)
    assert [why.kind for why in tuesday[0].why] == ["no_hours"]


ALLOWANCES: list[dict[str, Any]] = [  # as they were told before they had days
    {"level": None, "priority": "urgent", "accept_hours": 1, "finish_hours": 10},
    {"level": "city", "priority": None, "accept_hours": 2, "finish_hours": 20},
    {"level": "city", "priority": "urgent", "accept_hours": 3, "finish_hours": 30},
    {"level": "city", "priority": None, "accept_hours": 4, "finish_hours": 40}]


def hours_of(category: Row, level: str | None, priority: str) -> tuple[int, int]:
    found = allowance(category, level, priority)
    assert (found["accept_days"], found["finish_days"]) == (None, None)
    return found["accept_hours"], found["finish_hours"]


@pytest.mark.parametrize(("level", "priority", "found"), [
    ("city", "urgent", (3, 30)), ("city", "normal", (2, 20)), ("county", "urgent", (1, 10)), ("county", "low", (24, 72)),
    (None, "normal", (24, 72))])
def test_the_most_precise_allowance_holds(level: str | None, priority: str, found: tuple[int, int]) -> None:
    assert hours_of(a_category("water", allowances=ALLOWANCES), level, priority) == found


def test_a_level_says_more_than_a_priority() -> None:
    category = a_category("water", allowances=[ALLOWANCES[0], ALLOWANCES[1]])
    assert hours_of(category, "city", "urgent") == (2, 20)


HOURS = st.integers(1, 200)


def within(start: datetime, allowed: int, row: Row) -> datetime:
    try:
        return due(start, allowed, Calendar(row))
    except NeverOpens:
        assume(False)
        raise


@settings(deadline=None)
@given(CALENDARS, STARTS, STARTS, HOURS, HOURS)
def test_who_starts_later_or_has_longer_is_never_due_earlier(row: Row, a: datetime, b: datetime, x: int, y: int) -> None:
    assert within(min(a, b), min(x, y), row) <= within(max(a, b), max(x, y), row)


@settings(deadline=None)
@given(CALENDARS, STARTS, HOURS, HOURS)
def test_one_allowance_after_the_other_is_as_both_at_once(row: Row, start: datetime, a: int, b: int) -> None:
    assert within(within(start, a, row), b, row) == within(start, a + b, row)


@settings(deadline=None)
@given(CALENDARS, STARTS, HOURS, DAYS)
def test_another_holiday_or_closure_makes_nothing_due_earlier(row: Row, start: datetime, allowed: int, day: str) -> None:
    before = within(start, allowed, row)
    assert before <= within(start, allowed, row | {"holidays": [*row["holidays"], a_holiday(day)]})
    assert before <= within(start, allowed, row | {"closures": [*row["closures"], a_closure(day, "10:00", "11:00")]})


@settings(deadline=None)
@given(CALENDARS, STARTS, HOURS)
def test_the_days_of_a_deadline_add_up_to_its_allowance(row: Row, start: datetime, allowed: int) -> None:
    found = parts(start, within(start, allowed, row), Calendar(row))
    assert sum((part.worked for part in found), timedelta()) == timedelta(hours=allowed)
    assert found[-1].worked and all(part.worked or part.why for part in found)


@settings(max_examples=25, deadline=None)
@given(CALENDARS, STARTS, st.integers(1, 6))
def test_counted_minute_by_minute_it_is_the_same(row: Row, start: datetime, allowed: int) -> None:
    """By the clock on the wall of Tehran, where clocks are changed no more."""
    start, row = start.replace(second=0, microsecond=0), row | {"time_zone": "Asia/Tehran"}
    end = within(start, allowed, row)
    assume(end - start < timedelta(days=10))
    minutes = range((end - start) // timedelta(minutes=1))
    assert sum(is_open(row, start + timedelta(minutes=minute)) for minute in minutes) == allowed * 60


def is_open(row: Row, at: datetime) -> bool:
    """Told of one minute, straight from the calendar's words."""
    wall = at.astimezone(TEHRAN)
    day, time = wall.date().isoformat(), f"{wall:%H:%M}"
    if wall.isoweekday() in row["weekend"] or day in {each["date"] for each in row["holidays"]}:
        return False
    closed = [each for each in row["closures"] if each["date"] == day]
    if any((each["starts"] or "00:00") <= time < (each["ends"] or "24:00") for each in closed):
        return False
    rows = [each for each in row["office_hours"]
            if each["weekday"] == wall.isoweekday() and (each["valid_from"] or "") <= day]
    dated = [each for each in rows if each["valid_from"]]
    return any(each["opens"] <= time < each["closes"] for each in dated or rows)


@pytest.fixture(scope="module")
def published() -> list[Row]:
    """Iran's public holidays of 2024 to 2028 as they are in the shared data."""
    if not HOLIDAYS.exists():
        pytest.skip("the public holidays are not in ../shared/data")
    with HOLIDAYS.open(encoding="utf-8") as file:
        return [a_holiday(row["gregorian"], row["name_fa"], row["estimated"] == "1") for row in csv.DictReader(file)]


@pytest.mark.parametrize(("start", "allowed", "end"), [
    ("2024-03-18T14:00", 2, "2024-03-24T09:00"), ("2025-03-18T13:30", 24, "2025-03-30T09:30"),
    ("2026-03-16T10:07", 20, "2026-03-25T09:07")])
def test_by_the_published_holidays_it_is_as_counted(published: list[Row], start: str, allowed: int, end: str) -> None:
    assert due(local(start), allowed, Calendar(a_calendar(holidays=published))) == local(end)


def test_the_working_days_of_five_years_are_those_that_are_neither_weekend_nor_holiday(published: list[Row]) -> None:
    calendar, off = Calendar(a_calendar(holidays=published)), {each["date"]: each for each in published}
    found = parts(local("2024-01-01T00:00"), local("2028-12-31T23:59"), calendar)
    assert {part.day.isoformat() for part in found if not part.worked} == {
        part.day.isoformat() for part in found if part.day.isoweekday() in (4, 5) or part.day.isoformat() in off}
    told = {part.day.isoformat(): why for part in found for why in part.why if why.kind == "holiday"}
    assert {day: why.estimated for day, why in told.items()} == {day: each["estimated"] for day, each in off.items()}
    assert any(why.estimated for why in told.values())
