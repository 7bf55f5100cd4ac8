"""A clock that stands, goes on and is granted more time, beside one that walks through every minute of those weeks."""
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import issues
from services.issues.life.circumstances import Circumstances
from services.issues.life.deadlines import Calendar, worked
from services.issues.life.terms import Clock, Terms
from services.issues.life.timing import minutes_between
from services.issues.model import Actor, Assignee, Issue
from tests.builders import an_issue
from tests.unit.small_map import a_calendar, a_holiday

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TEHRAN = timedelta(hours=3, minutes=30)  # since 2022 all the year round
NOWRUZ_1405 = ("2026-03-20", "2026-03-21", "2026-03-22", "2026-03-23", "2026-03-24")  # Friday to Tuesday
NEW_YEAR = Calendar(a_calendar(holidays=[a_holiday(day) for day in NOWRUZ_1405]))
A1, SECRETARY = Actor("agency", "a1"), Actor("secretary", "s")
Stops = list[dict[str, Any]]


def local(text: str) -> datetime:
    """A time on the wall of Tehran, UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC) - TEHRAN


def is_open(at: datetime) -> bool:
    """Whether the minute that begins then is working time: Saturday to Wednesday, half past seven to half past two."""
    wall = at + TEHRAN
    shut = wall.isoweekday() in (4, 5) or f"{wall:%Y-%m-%d}" in NOWRUZ_1405
    return not shut and "07:30" <= f"{wall:%H:%M}" < "14:30"


OPEN = {local("2026-02-20T00:00") + number * MINUTE for number in range(90 * 24 * 60)
        if is_open(local("2026-02-20T00:00") + number * MINUTE)}


def walked(filed: datetime, hours: int, stops: Stops, extensions: Stops = ()) -> datetime:  # type: ignore[assignment]
    """The deadline, found by going from minute to minute; stopped clocks and granted times as they came."""
    starts, ends = {stop["start"] for stop in stops}, {stop["end"] for stop in stops}
    granted = {each["at"]: each["to"] for each in extensions}
    left, stands, due = hours * 60, False, filed
    last = max([filed, *granted, *(end for end in ends if end)])
    for number in count():
        at = filed + number * MINUTE
        stands = (stands and at not in ends) or at in starts
        if at in granted:
            left = sum(minute in OPEN for minute in minutes(at, granted[at]))
        if left and not stands and at in OPEN:
            left, due = left - 1, at + MINUTE
        if not left and at >= last:
            return due
    raise AssertionError


def minutes(start: datetime, end: datetime) -> Iterable[datetime]:
    return (start + number * MINUTE for number in range((end - start) // MINUTE))


def a_stop(start: datetime, end: datetime | None, kind: str = "waiting") -> dict[str, Any]:
    return {"start": start, "end": end, "kind": kind, "reason": "باران", "for_whom": "other"}


FILED = st.integers(0, 24 * 24 * 60).map(lambda number: local("2026-02-28T00:00") + number * MINUTE)
LENGTHS = st.lists(st.tuples(st.integers(0, 4000), st.integers(1, 9000)), max_size=4)


def in_a_row(filed: datetime, lengths: list[tuple[int, int]]) -> Stops:
    """Stops one after the other: so many minutes after the last, for so many."""
    found: Stops = []
    for pause, length in lengths:
        start = (found[-1]["end"] if found else filed) + (pause + 1) * MINUTE
        found.append(a_stop(start, start + length * MINUTE))
    return found


@settings(max_examples=60)
@given(FILED, st.integers(1, 60), LENGTHS)
def test_counted_minute_by_minute_a_clock_that_stood_is_due_at_the_same_time(
        filed: datetime, hours: int, lengths: list[tuple[int, int]]) -> None:
    stops = in_a_row(filed, lengths)
    found = Terms(1, hours, NEW_YEAR).reckon(filed, filed, Clock(stops))
    assert found.due == walked(filed, hours, stops)
    assert (found.calendar, found.calendar_version) == ("alborz", 3)


@settings(max_examples=60)
@given(FILED, st.integers(1, 40), LENGTHS, st.integers(0, 20_000), st.integers(0, 4000))
def test_counted_minute_by_minute_what_was_granted_is_too(
        filed: datetime, hours: int, lengths: list[tuple[int, int]], granted: int, longer: int) -> None:
    stops, at = in_a_row(filed, lengths), filed + granted * MINUTE
    to = next(minute + MINUTE for minute in sorted(OPEN) if minute >= at + longer * MINUTE)
    extension = {"at": at, "to": to}
    found = Terms(1, hours, NEW_YEAR).reckon(filed, filed, Clock(stops, [extension])).due
    assert found == walked(filed, hours, stops, [extension])


@settings(max_examples=60)
@given(FILED, st.integers(-100, 30_000), LENGTHS)
def test_worked_minutes_are_those_that_were_open_and_in_which_the_clock_went(
        start: datetime, length: int, lengths: list[tuple[int, int]]) -> None:
    end, stops = start + length * MINUTE, in_a_row(start, lengths)
    opened = [minute for minute in minutes(start, end) if minute in OPEN]
    assert worked(start, end, NEW_YEAR) == len(opened) * MINUTE
    went = [minute for minute in opened if not any(stop["start"] <= minute < stop["end"] for stop in stops)]
    assert minutes_between(start, end, NEW_YEAR, stops) == len(went)


@settings(max_examples=60)
@given(FILED, st.integers(1, 60), LENGTHS)
def test_who_stops_is_never_due_earlier_and_has_as_much_working_time_as_before(
        filed: datetime, hours: int, lengths: list[tuple[int, int]]) -> None:
    stops, terms = in_a_row(filed, lengths), Terms(1, hours, NEW_YEAR)
    due = [terms.reckon(filed, filed, Clock(stops[:number])).due for number in range(len(stops) + 1)]
    assert due == sorted(due)
    stood = [stop for stop in stops if stop["start"] < due[-1]]
    assert minutes_between(filed, due[-1], NEW_YEAR, stood) == hours * 60


@pytest.mark.parametrize(("stops", "extensions", "due"), [
    # filed on Monday the 16th at 10:00 with 14 hours: Monday 4:30, Tuesday 7, Wednesday 2:30
    ([], [], "2026-03-18T10:00"),
    ([("2026-03-16T11:00", "2026-03-16T13:00")], [], "2026-03-18T12:00"),
    # Wednesday at nine it stops, one hour before it is due; after the holidays one hour is left
    ([("2026-03-18T09:00", "2026-03-25T13:00")], [], "2026-03-25T14:00"),
    ([("2026-03-18T09:00", "2026-03-24T13:00")], [], "2026-03-25T08:30"),
    # two stops; one that began at the deadline, and one after it, move nothing
    ([("2026-03-16T11:00", "2026-03-16T12:00"), ("2026-03-17T08:00", "2026-03-17T10:00")], [], "2026-03-18T13:00"),
    ([("2026-03-18T10:00", "2026-03-30T10:00")], [], "2026-03-18T10:00"),
    ([("2026-03-25T10:00", "2026-03-30T10:00")], [], "2026-03-18T10:00"),
    # it stands still: what is left is known when it goes on
    ([("2026-03-16T11:00", None)], [], "2026-03-18T10:00"),
    # granted while it stands: from the moment of granting, what is left of it waits too; 3 hours of Saturday the 28th
    ([("2026-03-16T11:00", "2026-03-28T07:30")], [("2026-03-17T07:30", "2026-03-17T10:30")], "2026-03-28T10:30"),
    # granted before it stopped: three hours until the new deadline, two of them passed
    ([("2026-03-17T09:30", "2026-03-28T07:30")], [("2026-03-17T07:30", "2026-03-17T10:30")], "2026-03-28T08:30"),
    # granted after it went on: that date, whatever was before it
    ([("2026-03-16T11:00", "2026-03-16T13:00")], [("2026-03-16T14:00", "2026-04-01T09:00")], "2026-04-01T09:00"),
    # granted when it was late already, and a second time
    ([], [("2026-03-25T08:00", "2026-03-28T08:00"), ("2026-03-28T09:00", "2026-03-30T09:00")], "2026-03-30T09:00"),
])
def test_as_counted_by_hand_across_the_end_of_1404(stops: list[tuple[str, str | None]], extensions: list[tuple[str, str]],
                                                   due: str) -> None:
    clock = Clock([a_stop(local(start), local(end) if end else None) for start, end in stops],
                  [{"at": local(at), "to": local(to)} for at, to in extensions])
    filed = local("2026-03-16T10:00")
    assert Terms(1, 14, NEW_YEAR).reckon(filed, filed, clock).due == local(due)


def test_a_promised_deadline_stands_in_place_of_the_reckoned_one_and_moves_with_the_clock() -> None:
    filed, promised = local("2026-03-16T10:00"), local("2026-03-17T09:30")
    terms = Terms(1, 200, NEW_YEAR)
    assert terms.reckon(filed, filed, Clock(promised=promised)).due == promised
    stopped = Clock([a_stop(local("2026-03-17T08:00"), local("2026-03-28T10:00"))], promised=promised)
    assert terms.reckon(filed, filed, stopped).due == local("2026-03-28T11:30")
    granted = Clock([], [{"at": filed + HOUR, "to": filed + 9 * DAY}], promised)
    assert terms.reckon(filed, filed, granted).due == filed + 9 * DAY


# the same, moved by people


def an_offered_issue(calendar: Calendar = NEW_YEAR, filed: str = "2026-03-16T10:00") -> Issue:
    """Filed on a Monday with 14 hours for finishing, 7 for accepting; around it this calendar."""
    at = local(filed)
    issue = an_issue(filed_at=at, updated_at=at, accept_hours=7, finish_hours=14, around=around(calendar))
    issue.file()
    issue.offer(Assignee("a1", True, Terms(7, 14, calendar)), Actor("router"), at)
    return issue


def around(calendar: Calendar, hours: tuple[int, int] = (7, 14), version: int = 0) -> Circumstances:
    return Circumstances(calendar=calendar, category_version=version,
                         terms_of=lambda agency, priority: Terms(*hours, calendar))


def does(issue: Issue, action: str, at: str, by: Actor = A1, **given: Any) -> datetime:
    """The deadline after it."""
    issue.move(issue.tasks[0].id, action, by, local(at), **given)
    return issue.tasks[0].due


def test_moves_stop_the_clock_and_let_it_go_on_and_nothing_else_moves_a_deadline() -> None:
    issue = an_offered_issue()
    unmoved = local("2026-03-18T10:00")
    assert issue.tasks[0].accept_by == local("2026-03-17T10:00")
    for action, at, said in (("accept", "2026-03-16T11:00", {}), ("start", "2026-03-16T11:00", {}),
                              ("ask_extension", "2026-03-16T11:00", {"reason": "باران", "until": local("2026-04-20T10:00")}),
                              ("wait", "2026-03-16T12:00", {"reason": "آدرس؟", "for_whom": "filer"})):
        assert does(issue, action, at, **said) == unmoved
    assert does(issue, "decline", "2026-03-16T12:30", SECRETARY, reason="نه") == unmoved
    assert issue.tasks[0].stopped_at == local("2026-03-16T12:00")
    assert does(issue, "resume", "2026-03-16T13:00", Actor("filer")) == local("2026-03-18T11:00")
    assert issue.moved[-1]["changes"]["due"] == ["2026-03-18T06:30:00.000Z", "2026-03-18T07:30:00.000Z"]
    assert does(issue, "defer", "2026-03-18T10:30", SECRETARY, reason="بودجه", until=local("2026-05-01T08:00")) == local(
        "2026-03-18T11:00")
    assert does(issue, "resume", "2026-04-25T08:00", SECRETARY) == local("2026-04-25T08:30")
    assert [(stop["kind"], stop["for_whom"]) for stop in issue.tasks[0].stops] == [
        ("waiting", "filer"), ("awaiting_funds", None)]
    does(issue, "finish", "2026-04-25T08:20", text="تمام شد")
    # Monday 2:00 and 1:30, Tuesday 7:00, Wednesday 3:00, Saturday 0:20
    assert (issue.tasks[0].accept_minutes, issue.tasks[0].finish_minutes) == (60, 13 * 60 + 50)


def test_an_extension_names_the_new_deadline_why_and_who_granted_it() -> None:
    issue = an_offered_issue()
    does(issue, "accept", "2026-03-16T11:00")
    until = local("2026-03-29T09:00")
    does(issue, "ask_extension", "2026-03-17T11:00", reason="قطعه نرسیده", until=until)
    assert does(issue, "extend", "2026-03-17T12:00", SECRETARY) == until
    assert issue.tasks[0].extensions == [
        {"at": local("2026-03-17T12:00"), "to": until, "reason": "قطعه نرسیده", "by": "secretary:s"}]
    assert issue.tasks[0].request is None and issue.moved[-1]["reason"] == "قطعه نرسیده"
    does(issue, "finish", "2026-03-28T10:00", text="شد")
    assert does(issue, "redo", "2026-03-30T12:00", SECRETARY, reason="نشد") == until


def test_a_referral_a_refusal_and_a_new_offer_reset_no_clock() -> None:
    issue = an_offered_issue()
    does(issue, "accept", "2026-03-16T10:00")
    does(issue, "wait", "2026-03-16T11:00", reason="باران", for_whom="other")
    due = does(issue, "resume", "2026-03-16T13:00")
    terms = Terms(7, 14, NEW_YEAR)
    issue.refer(issue.tasks[0].id, Assignee("a2", True, terms), A1, local("2026-03-16T13:30"), "کار ما نیست")
    issue.move(issue.tasks[1].id, "refuse", Actor("agency", "a2"), local("2026-03-16T14:00"), "کار ما هم نیست")
    issue.offer(Assignee("a3", True, terms), Actor("router"), local("2026-03-17T08:00"))
    issue.move(issue.tasks[2].id, "cancel", SECRETARY, local("2026-03-17T08:30"), "اشتباه بود")
    issue.offer(Assignee("a1", True, terms), SECRETARY, local("2026-03-17T09:00"))
    assert [task.due for task in issue.tasks] == [due] * 4 == [local("2026-03-18T12:00")] * 4
    assert issue.tasks[3].accept_by == local("2026-03-18T09:00")


def test_a_task_that_is_cancelled_while_it_waits_hands_on_a_clock_that_goes() -> None:
    issue = an_offered_issue()
    does(issue, "accept", "2026-03-16T10:00")
    does(issue, "wait", "2026-03-16T11:00", reason="باران", for_whom="other")
    does(issue, "cancel", "2026-03-16T13:00", SECRETARY, reason="به دیگری")
    issue.offer(Assignee("a2", True, Terms(7, 14, NEW_YEAR)), SECRETARY, local("2026-03-17T08:00"))
    assert issue.tasks[0].stopped_at is None and issue.tasks[1].stopped_at is None
    assert issue.tasks[1].due == local("2026-03-18T12:00")


def test_a_changed_calendar_moves_the_deadlines_once_and_says_from_what_to_what() -> None:
    issue = an_offered_issue()
    issue.recorded.clear()
    assert not issue.reschedule(local("2026-03-16T12:00"))
    shut = [a_holiday(day) for day in (*NOWRUZ_1405, "2026-03-17")]
    issue.around = around(Calendar(a_calendar(holidays=shut, version=4)))
    assert issue.reschedule(local("2026-03-16T12:00")) and not issue.reschedule(local("2026-03-16T12:01"))
    task = issue.tasks[0]
    assert (task.accept_by, task.due, task.calendar_version) == (
        local("2026-03-18T10:00"), local("2026-03-25T10:00"), 4)
    assert issue.moved[-1]["action"] == "reschedule" and issue.moved[-1]["by"] == "clock"
    assert issue.moved[-1]["changes"] == {"accept_by": ["2026-03-17T06:30:00.000Z", "2026-03-18T06:30:00.000Z"],
                                          "due": ["2026-03-18T06:30:00.000Z", "2026-03-25T06:30:00.000Z"]}
    assert [type(each.happened).__name__ for each in issue.recorded] == ["TaskRescheduled", "TaskChangedForAgency"]


def test_a_new_version_that_moves_no_deadline_is_kept_and_told_to_nobody() -> None:
    issue = an_offered_issue()
    issue.recorded.clear()
    noted = len(issue.moved)
    issue.around = around(Calendar(a_calendar(holidays=[a_holiday(day) for day in NOWRUZ_1405], version=4)), version=8)
    assert issue.reschedule(local("2026-03-16T12:00"))
    assert (issue.tasks[0].calendar_version, issue.category_version) == (4, 8)
    assert not issue.recorded and len(issue.moved) == noted


def test_a_changed_allowance_moves_what_is_open_and_leaves_alone_what_is_done_or_promised() -> None:
    issue = an_offered_issue()
    issue.offer(Assignee("a2", True, Terms(7, 14, NEW_YEAR)), SECRETARY, local("2026-03-16T10:00"), lead=False,
                promised=local("2026-03-28T10:00"))
    issue.offer(Assignee("a3", True, Terms(7, 14, NEW_YEAR)), SECRETARY, local("2026-03-16T10:00"), lead=False, part="c")
    issue.move(issue.tasks[2].id, "accept", Actor("agency", "a3"), local("2026-03-16T11:00"))
    issue.move(issue.tasks[2].id, "finish", Actor("agency", "a3"), local("2026-03-16T11:00"), text="شد")
    issue.around = around(NEW_YEAR, (1, 7), version=2)
    assert issue.reschedule(local("2026-03-16T12:00"))
    assert [task.due for task in issue.tasks] == [local("2026-03-17T10:00"), local("2026-03-28T10:00"),
                                                  local("2026-03-18T10:00")]
    assert [task.accept_by for task in issue.tasks[:2]] == [local("2026-03-16T11:00")] * 2


def test_another_priority_gives_another_deadline_and_says_so() -> None:
    issue = an_offered_issue()
    hours = {"normal": (7, 14), "urgent": (1, 3)}
    issue.around = Circumstances(calendar=NEW_YEAR, terms_of=lambda agency, priority: Terms(*hours[priority], NEW_YEAR))
    issue.recorded.clear()
    issue.prioritise("urgent", "برق‌گرفتگی", SECRETARY, local("2026-03-16T10:30"))
    assert issue.tasks[0].due == local("2026-03-16T13:00")
    assert [entry["action"] for entry in issue.moved[-2:]] == ["prioritise", "reschedule"]
    assert issue.moved[-1]["by"] == "secretary:s" and issue.moved[-2]["changes"] == {"priority": ["normal", "urgent"]}
    assert [type(each.happened) for each in issue.recorded][:2] == [issues.IssuePrioritised, issues.TaskRescheduled]
