"""Deadlines in working days: dates worked out by hand, and against a slow count from day to day."""
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.issues.life.circumstances import Circumstances
from services.issues.life.deadlines import SHUT, Calendar, NeverOpens
from services.issues.life.terms import Clock, Reckoned, Terms, allowance
from services.issues.life.working_days import due_in_days, received
from services.issues.model import Actor, Assignee
from tests.builders import an_issue
from tests.unit.calendars import CALENDARS, NOWRUZ_1404, STARTS, local
from tests.unit.small_map import Row, a_calendar, a_category, a_closure, hours

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
IRAN = Calendar(a_calendar())  # Saturday to Wednesday, 07:30 to 14:30
SATURDAY, SUNDAY = local("2026-11-28T10:07"), local("2026-11-29T10:07")


@pytest.mark.parametrize(("start", "days", "end"), [
    ("2026-11-28T10:07", 2, "2026-11-30T10:07"),  # Saturday
    ("2026-11-24T10:07", 2, "2026-11-28T10:07"),  # Tuesday: Wednesday, then the weekend of Thursday and Friday, Saturday
    ("2026-11-28T06:10", 1, "2026-11-29T06:10"),  # before the opening the hour is kept as well
    ("2026-11-28T14:29:59", 1, "2026-11-29T14:29:59"),
    ("2026-11-28T14:30", 1, "2026-11-30T07:30"),  # at closing: from Sunday's opening
    ("2026-11-25T20:00", 1, "2026-11-29T07:30"),  # Wednesday evening: from Saturday's opening
    ("2026-11-26T10:07", 1, "2026-11-29T10:07"),  # Thursday, off: from the same hour on Saturday
    ("2026-11-27T10:07", 5, "2026-12-05T10:07"),  # Friday, off: Saturday, then Sunday to Wednesday, Saturday
    ("2026-11-27T20:00", 1, "2026-11-30T07:30"),  # Friday evening: from Saturday evening, and so from Sunday's opening
    ("2026-11-26T00:00", 1, "2026-11-29T00:00"),
])
def test_days_keep_the_hour_and_count_on_from_the_next_opening_after_closing(start: str, days: int, end: str) -> None:
    assert due_in_days(local(start), days, IRAN) == local(end)


@pytest.mark.parametrize(("start", "days", "end"), [
    ("2025-03-18T13:30", 5, "2025-03-31T13:30"),  # Tuesday; holidays from Wednesday to Monday: 25, 26, 29, 30, 31
    ("2025-03-18T15:00", 1, "2025-03-26T07:30"),  # after closing: from the opening of Tuesday the 25th
    ("2025-03-21T09:00", 1, "2025-03-26T09:00"),  # the first day of the year: from the same hour of Tuesday the 25th
])
def test_the_holidays_of_nowruz_are_no_working_days(start: str, days: int, end: str) -> None:
    assert due_in_days(local(start), days, Calendar(a_calendar(holidays=NOWRUZ_1404))) == local(end)


def test_a_closure_ends_a_day_early_or_takes_it_out() -> None:
    calendar = Calendar(a_calendar(closures=[a_closure("2026-11-28", "10:00"), a_closure("2026-11-30")]))
    assert due_in_days(local("2026-11-28T10:07"), 1, calendar) == local("2026-12-01T07:30")  # closed at 10: from Sunday
    assert due_in_days(local("2026-11-28T09:07"), 2, calendar) == local("2026-12-01T09:07")  # Monday is shut


def test_the_hour_is_kept_also_where_the_last_day_closes_before_it() -> None:
    ramadan = Calendar(a_calendar(office_hours=[*hours(), *hours("09:00", "13:00", since="2026-02-18", until="2026-03-20")]))
    assert due_in_days(local("2026-02-17T13:30"), 1, ramadan) == local("2026-02-18T13:30")
    assert due_in_days(local("2026-02-18T13:30"), 1, ramadan) == local("2026-02-22T09:00")  # Wednesday, after closing


@pytest.mark.parametrize(("start", "days", "end"), [
    ("2025-03-28T10:07", 1, "2025-03-31T10:07"),  # Friday; clocks go forward on Sunday
    ("2025-10-24T10:07", 1, "2025-10-27T10:07"),  # and back
    ("2025-03-28T17:00", 1, "2025-04-01T08:30"),
])
def test_days_of_a_city_keep_the_hour_on_the_wall_when_its_clocks_change(start: str, days: int, end: str) -> None:
    city = Calendar(a_calendar(time_zone=AMSTERDAM.key, weekend=[6, 7], office_hours=hours("08:30", "17:00", 1, 2, 3, 4, 5)))
    at = datetime.fromisoformat(start).replace(tzinfo=AMSTERDAM)
    assert due_in_days(at, days, city) == datetime.fromisoformat(end).replace(tzinfo=AMSTERDAM)


def test_an_hour_that_is_left_out_is_due_when_the_clocks_have_gone_forward_and_of_one_that_comes_twice_the_first() -> None:
    always = Calendar(a_calendar(time_zone=AMSTERDAM.key, weekend=[], office_hours=hours("00:00", "24:00", *range(1, 8))))
    assert due_in_days(datetime(2025, 3, 29, 1, 30, tzinfo=UTC), 1, always) == datetime(2025, 3, 30, 1, 30, tzinfo=UTC)
    assert due_in_days(datetime(2025, 10, 25, 0, 30, tzinfo=UTC), 1, always) == datetime(2025, 10, 26, 0, 30, tzinfo=UTC)


def test_without_a_calendar_days_are_of_24_hours() -> None:
    found = due_in_days(datetime(2025, 3, 29, 12, tzinfo=AMSTERDAM), 1)
    assert (found, found.tzinfo) == (datetime(2025, 3, 30, 11, tzinfo=UTC), UTC)


@pytest.mark.parametrize(("start", "since"), [
    ("2026-11-28T10:07", "2026-11-28T10:07"), ("2026-11-28T05:00", "2026-11-28T05:00"),
    ("2026-11-26T10:07", "2026-11-28T10:07"), ("2026-11-28T14:30", "2026-11-29T07:30")])
def test_it_is_said_from_when_days_count(start: str, since: str) -> None:
    assert received(local(start), IRAN) == local(since)


@pytest.mark.parametrize("given", [{"weekend": list(range(1, 8))}, {"office_hours": hours(until="2026-12-01")}])
def test_a_calendar_that_never_opens_again_says_so_and_days_are_then_of_24_hours(given: Row) -> None:
    calendar = Calendar(a_calendar(**given))
    with pytest.raises(NeverOpens, match="alborz"):
        due_in_days(SATURDAY, 5, calendar)
    assert Terms(1, 2, calendar, 1, 5).reckon(SATURDAY, SUNDAY) == Reckoned(
        SUNDAY + timedelta(days=1), SATURDAY + timedelta(days=5))


def test_a_year_of_working_days_that_come_seldom_is_not_counted_for_ever() -> None:
    days = [date(2026, 12, 5) + number * timedelta(weeks=52 * 4) for number in range(400)]
    seldom = [row for day in days for row in hours("08:00", "09:00", 6, since=day.isoformat(),
                                                   until=(day + timedelta(days=1)).isoformat())]
    calendar = Calendar(a_calendar(office_hours=seldom))
    assert due_in_days(SATURDAY, 3, calendar) == local(f"{days[4]}T08:00")  # the first has closed at 10:07
    with pytest.raises(NeverOpens):
        due_in_days(SATURDAY, 365, calendar)


def test_a_calendar_that_opens_again_within_five_years_is_waited_for() -> None:
    again = date(2026, 11, 28) + timedelta(days=SHUT - 10)
    calendar = Calendar(a_calendar(office_hours=hours(since=again.isoformat())))
    assert due_in_days(SATURDAY, 1, calendar) > local(f"{again}T00:00")


# an agency's terms

def test_days_count_instead_of_hours_where_they_are_given() -> None:
    assert Terms(7, 14, IRAN, 1, 2).reckon(SATURDAY, SUNDAY) == Reckoned(
        local("2026-11-30T10:07"), local("2026-11-30T10:07"), "alborz", 3)
    assert Terms(7, 14, IRAN, finish_days=3).reckon(local("2026-11-28T07:30"), local("2026-11-28T07:30")) == Reckoned(
        local("2026-11-28T14:30"), local("2026-12-01T07:30"), "alborz", 3)


def test_an_allowance_says_its_own_days_and_none_of_its_category() -> None:
    by_level: Row = {"level": "city", "priority": None, "accept_hours": 2, "finish_hours": 20}
    urgent = by_level | {"priority": "urgent", "accept_days": 1, "finish_days": 2}
    category = a_category("deeds", accept_days=3, finish_days=60, allowances=[by_level, urgent])
    found = [allowance(category, *each) for each in (("city", "normal"), ("city", "urgent"), ("county", "normal"))]
    assert [(each["accept_days"], each["finish_days"]) for each in found] == [(None, None), (1, 2), (3, 60)]


def clock(start: str, end: str) -> Clock:
    return Clock([{"start": local(start), "end": local(end)}])


@pytest.mark.parametrize(("stopped", "went_on", "end"), [
    # filed on Saturday at 10:07 with three days, until Tuesday at 10:07
    ("2026-11-29T10:07", "2026-12-05T07:30", "2026-12-06T14:30"),  # two days of seven hours were left
    ("2026-11-29T12:07", "2026-11-29T13:07", "2026-12-01T11:07"),
    ("2026-11-29T20:00", "2026-11-29T21:00", "2026-12-01T10:07"),  # when nothing counts
    ("2026-12-01T10:07", "2026-12-05T07:30", "2026-12-01T10:07"),  # too late to move anything
])
def test_what_was_left_of_days_when_the_clock_stopped_is_left_when_it_goes_on(stopped: str, went_on: str, end: str) -> None:
    assert Terms(7, 14, IRAN, finish_days=3).reckon(SATURDAY, SATURDAY, clock(stopped, went_on)).due == local(end)


@pytest.mark.parametrize(("stopped", "went_on", "end"), [
    # filed on Saturday at 06:10 with three days, until Tuesday at 06:10, before the opening
    ("2026-11-29T20:00", "2026-11-29T21:00", "2026-12-01T06:10"),
    ("2026-11-30T15:00", "2026-11-30T16:00", "2026-12-01T06:10"),  # no working time was left, and none was lost
    ("2026-11-30T15:00", "2026-12-02T09:00", "2026-12-02T09:00"),
])
def test_a_stop_brings_no_deadline_forward_that_lies_outside_working_hours(stopped: str, went_on: str, end: str) -> None:
    early = local("2026-11-28T06:10")
    assert Terms(7, 14, IRAN, finish_days=3).reckon(early, early, clock(stopped, went_on)).due == local(end)


def test_a_task_keeps_its_days_and_takes_over_others_when_the_category_changes() -> None:
    issue = an_issue(filed_at=SATURDAY, updated_at=SATURDAY)
    issue.file()
    issue.offer(Assignee("abfa", True, Terms(7, 14, IRAN, 1, 2)), Actor("router"), SATURDAY)
    task = issue.tasks[0]
    assert (task.accept_days, task.finish_days, task.due) == (1, 2, local("2026-11-30T10:07"))
    # the agency is not known any more: as it was told
    issue.around = Circumstances(calendar=IRAN)
    assert not issue.reschedule(SATURDAY) and (task.finish_days, task.due) == (2, local("2026-11-30T10:07"))
    issue.around = replace(issue.around, terms_of=lambda agency, priority: Terms(7, 14, IRAN, 1, 3))
    assert issue.reschedule(SATURDAY) and (task.finish_days, task.due) == (3, local("2026-12-01T10:07"))
    issue.around = replace(issue.around, terms_of=lambda agency, priority: Terms(7, 21, IRAN))
    assert issue.reschedule(SATURDAY) and (task.finish_days, task.due) == (None, local("2026-12-01T10:07"))
    assert not issue.reschedule(SATURDAY)


def test_who_has_routed_nothing_within_the_category_s_days_is_looked_for_then() -> None:
    issue = an_issue(filed_at=SATURDAY, updated_at=SATURDAY, accept_days=1, around=Circumstances(calendar=IRAN))
    issue.file()
    assert issue.next_due_at == SUNDAY


def test_an_agency_of_which_no_terms_are_known_has_the_days_that_the_issue_was_filed_with() -> None:
    issue = an_issue(filed_at=SATURDAY, updated_at=SATURDAY, accept_days=2, finish_days=4)
    issue.file()
    issue.offer(Assignee("abfa", True), Actor("router"), SATURDAY)
    assert (issue.tasks[0].accept_by - SATURDAY, issue.tasks[0].due - SATURDAY) == (timedelta(days=2), timedelta(days=4))


# against a slow count

@given(CALENDARS, STARTS, st.integers(1, 30))
def test_counted_from_day_to_day_it_is_the_same(row: Row, start: datetime, days: int) -> None:
    row = row | {"time_zone": "Asia/Tehran"}
    found = within(start, days, row)
    assert found == slowly(start, days, row)


@given(CALENDARS, STARTS, st.integers(1, 200), st.integers(1, 165))
def test_some_days_and_then_more_are_as_all_at_once_where_every_day_has_the_same_hours(row: Row, start: datetime, a: int,
                                                                                     b: int) -> None:
    row = row | {"closures": [], "office_hours": hours("08:00", "15:00", *range(1, 8)), "time_zone": "Asia/Tehran"}
    assert within(within(start, a, row), b, row) == within(start, a + b, row)


def within(start: datetime, days: int, row: Row) -> datetime:
    try:
        return due_in_days(start, days, Calendar(row))
    except NeverOpens:
        assume(False)
        raise


def slowly(start: datetime, days: int, row: Row) -> datetime:
    """From one day to the next, straight from the calendar's words; by the clock of Tehran, which is changed no more."""
    wall = start.astimezone(ZoneInfo("Asia/Tehran"))
    day, hour = wall.date(), wall.time()
    while not (open_minutes := minutes(row, day)):
        day += timedelta(days=1)
    if hour.hour * 60 + hour.minute > open_minutes[-1]:
        day += timedelta(days=1)
        while not (open_minutes := minutes(row, day)):
            day += timedelta(days=1)
        hour = time(*divmod(open_minutes[0], 60))
    while days:
        day += timedelta(days=1)
        days -= bool(minutes(row, day))
    return datetime.combine(day, hour, ZoneInfo("Asia/Tehran"))


def minutes(row: Row, day: date) -> list[int]:
    """The minutes of a day in which it is open."""
    text = day.isoformat()
    if day.isoweekday() in row["weekend"] or any(each["date"] == text for each in row["holidays"]):
        return []
    rows: list[Any] = [each for each in row["office_hours"]
                       if each["weekday"] == day.isoweekday() and (each["valid_from"] or "") <= text]
    rows = [each for each in rows if each["valid_from"]] or rows
    closed = [each for each in row["closures"] if each["date"] == text]
    times = [f"{minute // 60:02}:{minute % 60:02}" for minute in range(24 * 60)]
    return [number for number, at in enumerate(times)
            if any(each["opens"] <= at < each["closes"] for each in rows)
            and not any((each["starts"] or "00:00") <= at < (each["ends"] or "24:00") for each in closed)]
