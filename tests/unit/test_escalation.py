"""What falls due by itself: the ladder's steps, reviews, silence; each once, in order, however long nobody swept."""
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from contracts import issues
from services.issues.life.circumstances import LADDER, Circumstances, Procedure
from services.issues.life.deadlines import Calendar
from services.issues.life.terms import Terms
from services.issues.model import Actor, Assignee, Issue
from tests.builders import NOON, a_done_issue, a_routed_issue, an_issue
from tests.unit.small_map import a_calendar, a_holiday

HOUR, DAY, MS = timedelta(hours=1), timedelta(days=1), timedelta(milliseconds=1)
A1, SECRETARY = Actor("agency", "a1"), Actor("secretary", "s")
STEPS = [to for _, to in LADDER]
BODIES = {"county_headquarters": "hq-karaj", "committee": "lights", "province_headquarters": "hq-alborz",
          "next_meeting": "hq-alborz"}
AROUND = Circumstances(body_of=lambda step, agency: BODIES.get(step))


def told(issue: Issue, *kinds: type) -> list[Any]:
    """The facts of these kinds, in order."""
    return [each.happened for each in issue.recorded if isinstance(each.happened, kinds)]


def escalations(issue: Issue) -> list[tuple[str, int, str, str | None]]:
    return [(each.deadline, each.step, each.to, each.body) for each in told(issue, issues.TaskEscalated)]


def unrouted() -> Issue:
    issue = an_issue(around=AROUND)
    issue.file()
    return issue


def offered() -> Issue:
    return a_routed_issue(around=AROUND)


def at_work() -> Issue:
    issue = a_routed_issue(around=AROUND)
    issue.move(issue.tasks[0].id, "accept", A1, NOON + HOUR)
    return issue


# of each ladder, its deadline in hours from the filing
LADDERS = pytest.mark.parametrize(("make", "what", "deadline"), [
    (unrouted, "route", 24), (offered, "accept", 24), (at_work, "finish", 72)])
Make = Callable[[], Issue]


@LADDERS
def test_nobody_was_given_it_accepted_or_finished_goes_up_the_ladder_step_by_step(
        make: Make, what: str, deadline: int) -> None:
    issue, due = make(), NOON + deadline * HOUR
    assert issue.next_due_at == due and not issue.catch_up(due - MS)
    for number, (hours, to) in enumerate(LADDER, 1):
        at, noted = due + hours * HOUR, len(issue.moved)
        if hours:
            assert issue.next_due_at == at and not issue.catch_up(at - MS)
        issue.catch_up(at)
        assert (what, number, to, BODIES.get(to)) in escalations(issue)
        assert len(issue.moved) - noted == (2 if number == 1 else 0 if number == 2 else 1), "the first two are due at once"
    late_too = NOON + 72 * HOUR if what == "accept" else None  # what nobody accepted, nobody finishes either
    assert len(escalations(issue)) == len(LADDER) and issue.next_due_at == late_too
    assert issue.catch_up(due + 900 * DAY) is bool(late_too)


@LADDERS
def test_after_a_day_without_a_sweeper_every_step_comes_once_in_order_with_when_it_was_due(
        make: Make, what: str, deadline: int) -> None:
    issue = make()
    at = NOON + (deadline + 30) * HOUR
    noted = len(issue.moved)
    assert issue.catch_up(at) and not issue.catch_up(at)
    assert escalations(issue) == [(what, number, to, BODIES.get(to)) for number, to in enumerate(STEPS[:5], 1)]
    entries = issue.moved[noted:]
    assert [entry["changes"]["step"] for entry in entries] == [[number, number + 1] for number in range(5)]
    due = [NOON + (deadline + hours) * HOUR for hours, _ in LADDER[:5]]
    assert [entry["changes"]["was_due_at"][1][:16] for entry in entries] == [f"{each:%Y-%m-%dT%H:%M}" for each in due]
    assert {(entry["at"], entry["by"], entry["action"]) for entry in entries} == {(at, "clock", "escalate")}
    assert issue.next_due_at == NOON + (deadline + 40) * HOUR


@LADDERS
def test_what_nobody_answers_ends_on_the_agenda_of_the_next_meeting(make: Make, what: str, deadline: int) -> None:
    issue = make()
    issue.catch_up(NOON + (deadline + 39) * HOUR)
    assert not told(issue, issues.IssueTabled)
    issue.catch_up(NOON + (deadline + 40) * HOUR)
    task = issue.tasks[0].id if issue.tasks else None
    assert told(issue, issues.IssueTabled) == [issues.IssueTabled(issue.id, task, "hq-alborz")]


def test_steps_count_working_time() -> None:
    """Due on Wednesday at 14:00; eight working hours past it are 0:30, the 7:00 of Saturday, and 0:30."""
    calendar = Calendar(a_calendar(holidays=[a_holiday("2026-11-29")]))
    issue = an_issue(around=Circumstances(calendar=calendar, terms_of=lambda agency, priority: Terms(9, 99, calendar)))
    issue.file()
    issue.offer(Assignee("a1", True, Terms(9, 99, calendar)), Actor("router"), NOON)  # Tuesday 12:00: 2:30, then 6:30
    assert issue.tasks[0].accept_by == datetime.fromisoformat("2026-11-25T14:00+03:30")
    issue.catch_up(issue.tasks[0].accept_by)
    assert issue.next_due_at == datetime.fromisoformat("2026-11-30T08:00+03:30")


def test_accepting_in_time_stops_that_ladder_and_finishing_the_other() -> None:
    issue = offered()
    issue.catch_up(NOON + 24 * HOUR)
    issue.move(issue.tasks[0].id, "accept", A1, NOON + 25 * HOUR)
    assert not issue.catch_up(NOON + 71 * HOUR)
    issue.move(issue.tasks[0].id, "finish", A1, NOON + 71 * HOUR, text="شد")
    assert not issue.catch_up(NOON + 100 * HOUR) and len(escalations(issue)) == 2


def test_the_oldest_of_several_tasks_comes_first() -> None:
    issue = at_work()
    issue.offer(Assignee("a2", True), SECRETARY, NOON + 47 * HOUR, lead=False)
    issue.catch_up(NOON + 90 * HOUR)
    due = [entry["changes"]["was_due_at"][1] for entry in issue.moved if entry["action"] == "escalate"]
    assert due == sorted(due) and {each[0] for each in escalations(issue)} == {"accept", "finish"}


def test_after_an_extension_the_ladder_begins_anew_with_the_new_deadline() -> None:
    issue = at_work()
    issue.catch_up(NOON + 81 * HOUR)
    assert len(escalations(issue)) == 3
    issue.move(issue.tasks[0].id, "extend", SECRETARY, NOON + 82 * HOUR, reason="برف", until=NOON + 200 * HOUR)
    assert issue.next_due_at == NOON + 200 * HOUR and not issue.catch_up(NOON + 199 * HOUR)
    issue.catch_up(NOON + 200 * HOUR)
    assert [each[1] for each in escalations(issue)] == [1, 2, 3, 1, 2]


def test_a_clock_that_stands_lets_nothing_fall_due_but_the_review() -> None:
    issue = at_work()
    task, review = issue.tasks[0], NOON + 20 * DAY
    issue.move(task.id, "defer", SECRETARY, NOON + 2 * HOUR, reason="بودجه", until=review)
    assert issue.next_due_at == review and not issue.catch_up(review - MS)
    assert issue.catch_up(review) and not issue.catch_up(review)
    assert told(issue, issues.TaskReviewDue) == [issues.TaskReviewDue(issue.id, task.id, "a1")]
    assert issue.moved[-1]["action"] == "review" and issue.next_due_at == review + 30 * DAY
    assert not escalations(issue)
    issue.move(task.id, "cancel", SECRETARY, review + DAY, reason="بودجه نیست")
    assert issue.catch_up(review + 90 * DAY) and len(told(issue, issues.TaskReviewDue)) == 1, "it is nobody's; not reviewed"


def test_who_waits_without_a_date_is_looked_at_after_thirty_days() -> None:
    issue = at_work()
    issue.move(issue.tasks[0].id, "wait", A1, NOON + 2 * HOUR, reason="آدرس؟", for_whom="filer")
    assert issue.next_due_at == NOON + 2 * HOUR + 30 * DAY


def test_a_changed_calendar_is_taken_over_before_anything_escalates() -> None:
    issue, later = at_work(), Calendar(a_calendar(holidays=[a_holiday(f"2026-11-{day}") for day in range(24, 31)]))
    issue.around = Circumstances(calendar=later, terms_of=lambda agency, priority: Terms(24, 72, later))
    assert issue.catch_up(NOON + 72 * HOUR)
    assert not escalations(issue) and told(issue, issues.TaskRescheduled)
    assert (issue.tasks[0].calendar, issue.tasks[0].calendar_version) == ("alborz", 3)


# silence, and the check that is missing


def a_finished_issue(**procedure: Any) -> Issue:
    """Finished two hours after NOON."""
    issue = a_done_issue(around=Circumstances(Procedure(**procedure)))
    issue.recorded.clear()
    return issue


DONE = NOON + 2 * HOUR


def test_silence_closes_after_the_days_of_the_category_and_is_recorded_as_such() -> None:
    issue = a_finished_issue(silence_days=7)
    assert issue.next_due_at == DONE + 7 * DAY and not issue.catch_up(DONE + 7 * DAY - MS)
    assert issue.catch_up(DONE + 7 * DAY) and not issue.catch_up(DONE + 99 * DAY)
    assert (issue.status, issue.closed_by, issue.closed_at) == ("closed", "silence", DONE + 7 * DAY)
    assert told(issue, issues.IssueClosed) == [issues.IssueClosed(issue.id, "silence")]
    assert (issue.moved[-1]["action"], issue.moved[-1]["by"]) == ("close", "clock") and issue.next_due_at is None


def test_where_a_check_is_missing_silence_closes_nothing_and_says_who_has_not_looked() -> None:
    issue = a_finished_issue(checked_by="reporter")
    assert issue.catch_up(DONE + 14 * DAY) and not issue.catch_up(DONE + 99 * DAY)
    assert issue.status == "done" and issue.next_due_at is None
    assert told(issue, issues.CheckMissing, issues.IssueClosed) == [issues.CheckMissing(issue.id, "reporter")]
    issue.check(Actor("reporter", "n1"), DONE + 100 * DAY)
    assert (issue.status, issue.closed_by, issue.checked_by) == ("closed", "silence", "reporter")


def test_who_was_asked_again_after_a_duplicate_was_none_has_the_whole_time_to_answer() -> None:
    issue = a_finished_issue()
    issue.mark_duplicate("another", SECRETARY, DONE + DAY)
    assert issue.next_due_at is None
    issue.unmark_duplicate(SECRETARY, DONE + 40 * DAY)
    assert issue.status == "done" and issue.next_due_at == DONE + 54 * DAY


def test_what_has_been_finished_again_waits_for_an_answer_from_then_on() -> None:
    issue = a_finished_issue(checked_by="reporter")
    issue.confirm(5, None, DONE + HOUR)
    issue.move(issue.tasks[0].id, "redo", SECRETARY, DONE + DAY, "نشد")
    issue.move(issue.tasks[0].id, "finish", A1, DONE + 20 * DAY, text="دوباره")
    assert issue.confirmed_at is None and issue.next_due_at == DONE + 34 * DAY
