"""Deadlines by our calendars alone, against a city's: made-up rows, reckoned by hand."""
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.replay import rows
from deploy.replay.allowances import DAYS, Allowance, Reckoning, to_the_minute
from deploy.replay.calendars import calendars
from deploy.replay.rows import Request, requests_of
from deploy.replay.targets import Compared, compare, differing
from services.issues.life.working_days import due_in_days

CITY = ZoneInfo("America/New_York")
CALENDARS = calendars(range(2011, 2014))
RECKONING = Reckoning(CALENDARS)
ROW = {"case_enquiry_id": "1", "open_dt": "2011-07-11 10:07:00", "target_dt": "2011-07-13 10:07:00", "closed_dt": "",
       "ontime": "OVERDUE", "closure_reason": "", "type": "Pothole", "neighborhood": "", "ward": "", "latitude": "",
       "longitude": ""}


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CITY).astimezone(UTC)


def a_request(opened: str, target: str, kind: str = "Pothole") -> Request:
    return Request(kind, local(opened), local(target), None, True)


def by_hours(requests: list[Request]) -> list[Compared]:
    return compare(requests, RECKONING)[0]


@pytest.mark.parametrize(("start", "days", "end"), [
    ("2011-07-11T10:07", 2, "2011-07-13T10:07"),  # Monday
    ("2011-07-11T07:20", 2, "2011-07-13T07:20"),  # before the office opens
    ("2011-07-14T10:07", 2, "2011-07-18T10:07"),  # Thursday, over a weekend
    ("2011-07-11T16:59", 2, "2011-07-13T16:59"),
    ("2011-07-11T17:00", 2, "2011-07-14T08:30"),  # at closing: from Tuesday's opening
    ("2011-07-15T20:00", 1, "2011-07-19T08:30"),  # Friday evening: from Monday's opening
    ("2011-07-16T10:07", 2, "2011-07-20T10:07"),  # Saturday: from the same hour on Monday
    ("2011-07-16T20:00", 2, "2011-07-21T08:30"),  # Saturday evening: from Monday evening, and so from Tuesday's opening
    ("2011-07-01T10:07", 1, "2011-07-04T10:07"),  # Independence Day is a working day in this calendar
    ("2011-11-04T10:07", 1, "2011-11-07T10:07"),  # the clocks were put back on the 6th
])
def test_working_days_keep_the_hour_and_begin_at_an_opening_after_closing(start: str, days: int, end: str) -> None:
    calendar = CALENDARS["office hours"]
    assert calendar and due_in_days(local(start), days, calendar) == local(end)


def test_holidays_are_no_working_days_where_the_calendar_has_them() -> None:
    calendar = CALENDARS["office hours but holidays"]
    assert calendar and due_in_days(local("2011-07-01T10:07"), 1, calendar) == local("2011-07-05T10:07")


@pytest.mark.parametrize("start", ["2011-08-01T10:07", "2012-02-01T23:59", "2011-11-05T00:30", "2012-03-11T03:01"])
def test_days_of_the_calendar_keep_the_hour_when_the_clocks_change(start: str) -> None:
    """22 working hours a day; the two of Sunday night in which clocks change never count."""
    end = (datetime.fromisoformat(start) + timedelta(days=120)).isoformat()
    assert RECKONING.due(Allowance("every day", 120 * 22), local(start)) == local(end)


@pytest.mark.parametrize(("opened", "target", "allowance"), [
    ("2011-07-11T10:07", "2011-07-13T10:07", Allowance("weekdays", 48)),
    ("2011-07-14T10:07", "2011-07-18T10:07", Allowance("weekdays", 48)),
    ("2011-07-01T10:07", "2011-07-05T10:07", Allowance("weekdays but holidays", 24)),
    ("2011-07-11T10:07", "2011-07-12T13:37", Allowance("office hours", 12)),
    ("2011-08-01T10:07", "2011-11-29T10:07", Allowance("every day", 2640)),
    ("2011-07-15T20:00", "2011-07-16T02:00", Allowance("the clock", 6)),
    ("2011-07-15T20:00", "2011-07-19T08:30", Allowance("office hours", 1, DAYS)),
    ("2011-07-16T10:07", "2011-07-20T10:07", Allowance("office hours", 2, DAYS)),
    ("2011-11-04T02:30", "2011-11-07T02:30", Allowance("every day", 3, DAYS)),
])
def test_an_allowance_is_found_in_the_calendar_by_which_a_deadline_was_set(opened: str, target: str,
                                                                          allowance: Allowance) -> None:
    assert allowance in RECKONING.leading_to(a_request(opened, target))


@pytest.mark.parametrize(("apart", "same"), [(0, True), (59, True), (60, False), (-59, True), (-60, False)])
def test_to_the_minute_is_less_than_a_minute_apart(apart: int, same: bool) -> None:
    at = local("2011-07-11T10:07")
    assert to_the_minute(at, at + timedelta(seconds=apart)) == same


def three_days() -> list[Request]:
    """Two working days, on Monday the 11th, Tuesday the 12th, Thursday the 14th of July."""
    return [a_request("2011-07-11T10:07", "2011-07-13T10:07"), a_request("2011-07-12T09:00", "2011-07-14T09:00"),
            a_request("2011-07-14T10:07", "2011-07-18T10:07")]


def test_one_half_of_the_days_goes_by_what_the_other_half_teaches() -> None:
    found = by_hours(three_days())
    # Tuesday the 12th and Thursday the 14th are of one half: they teach 48 hours of weekdays. Monday alone cannot tell them
    # from 48 hours of the clock, the simplest that fits, which is wrong over a weekend
    assert [each.allowance for each in found] == [Allowance("weekdays", 48), *[Allowance("the clock", 48)] * 2]
    assert [each.agrees for each in found] == [True, True, False]


@given(st.integers(0, 2), st.integers(-10_000, 10_000))
def test_no_request_s_own_deadline_takes_part_in_its_own(which: int, minutes: int) -> None:
    """Whatever the city's deadline of one request had been, our deadline for it is the same."""
    requests = three_days()
    before = [found[which].ours for found in compare(requests, RECKONING)]
    requests[which] = replace(requests[which], target=requests[which].target + timedelta(minutes=minutes))
    assert [found[which].ours for found in compare(requests, RECKONING)] == before


def test_a_type_that_only_one_half_knows_differs() -> None:
    found = by_hours([a_request("2011-07-11T10:07", "2011-07-13T10:07", "Rare")])
    assert [(each.allowance, each.agrees) for each in found] == [(None, False)]


@pytest.mark.parametrize(("opened", "target", "reason"), [
    ("2011-07-14T18:00", "2011-07-19T08:30", "came after closing: the city counts from the next opening"),
    ("2011-07-16T10:07", "2011-07-20T10:07", "came on a weekend: the city counts from the same hour on Monday"),
    ("2011-07-12T10:07", "2011-07-14T10:02", "reckoned by the city from some minutes beside the opening"),
    ("2011-07-12T10:07", "2011-07-15T10:07", "another number of days than is usual for the type"),
    ("2011-07-12T10:07", "2011-07-16T15:00", "another deadline, set by hand"),
    ("2011-07-12T10:07", "2059-12-31T19:00", "put off by the city for more than ten years"),
])
def test_every_difference_has_a_reason(opened: str, target: str, reason: str) -> None:
    ordinary = [a_request(f"2011-07-{day:02}T10:07", f"2011-07-{day + 2:02}T10:07") for day in (11, 12, 18, 19, 20)]
    over = [a_request(f"2011-07-{day:02}T11:00", f"2011-07-{day + 4:02}T11:00") for day in (14, 15, 21, 22)]
    evening = [a_request(f"2011-07-{day:02}T18:00", f"2011-07-{day + 3:02}T08:30") for day in (11, 12)]
    requests = [*ordinary, *over, *evening, a_request(opened, target)]
    found, by_days = compare(requests, RECKONING)
    assert differing(found[-1:], by_days[-1:]) == {reason: 1}
    assert differing(by_days[-1:], by_days[-1:]) == ({} if "counts from" in reason else {reason: 1})


@pytest.mark.parametrize("given", [
    {"target_dt": ""}, {"target_dt": "soon"}, {"ontime": ""}, {"ontime": "LATER"}, {"closed_dt": "2011-07-10 10:00:00"},
    {"target_dt": "9999-12-31 23:59:59"}, {"open_dt": "0001-01-01 00:00:00"}])
def test_rows_that_cannot_be_compared_are_left_out(given: dict[str, str]) -> None:
    assert requests_of([ROW | given, ROW]) == requests_of([ROW])


def test_times_of_the_file_are_the_city_s() -> None:
    found = requests_of([ROW | {"closed_dt": "2011-12-01 09:00:00"}])[0]
    assert (found.opened, found.closed) == (datetime(2011, 7, 11, 14, 7, tzinfo=UTC), datetime(2011, 12, 1, 14, tzinfo=UTC))
    assert rows.instant("2011-11-06 01:30:00") == datetime(2011, 11, 6, 5, 30, tzinfo=UTC)  # the first of the two
