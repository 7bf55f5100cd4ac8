"""How an issue ends and comes back: confirmed, checked, silent, not fixed, reopened in time, a duplicate and none."""
from datetime import timedelta
from typing import Any

import pytest

from contracts import issues
from contracts.errors import Invalid, NotAllowed, Problem, Refused
from services.issues.life.circumstances import Circumstances, Procedure
from services.issues.life.record import MOST_NOTED
from services.issues.model import Actor, Assignee, Issue
from tests.builders import NOON, a_done_issue, a_routed_issue

HOUR, DAY, MS = timedelta(hours=1), timedelta(days=1), timedelta(milliseconds=1)
A1, SECRETARY, FILER, MANAGER = (Actor("agency", "a1"), Actor("secretary", "s"), Actor("filer"),
                                 Actor("neighbourhood_manager", "n1"))
REPORTER = Actor("reporter", "n1")
THEN = NOON + DAY


def a_finished_issue(**procedure: Any) -> Issue:
    issue = a_done_issue(around=Circumstances(Procedure(**procedure)))
    issue.recorded.clear()
    issue.moved.clear()
    return issue


def told(issue: Issue) -> list[Any]:
    return [each.happened for each in issue.recorded if each.agency is None]


def test_the_filer_closes_it_with_satisfaction_and_words() -> None:
    issue = a_finished_issue()
    issue.confirm(4, "خوب بود", THEN)
    assert (issue.status, issue.closed_by, issue.satisfaction, issue.words) == ("closed", "filer", 4, "خوب بود")
    assert told(issue) == [issues.IssueConfirmed(issue.id, 4)] and [each["action"] for each in issue.moved] == ["confirm"]


def test_the_neighbourhood_manager_closes_it_too_and_satisfaction_stays_the_filers() -> None:
    issue = a_finished_issue()
    issue.confirm(None, None, THEN, MANAGER)
    assert (issue.status, issue.closed_by, issue.satisfaction) == ("closed", "neighbourhood_manager", None)
    assert told(issue) == [issues.IssueClosed(issue.id, "neighbourhood_manager")]


@pytest.mark.parametrize("by", [A1, SECRETARY, REPORTER, Actor("case_worker", "n1"), Actor("clock"), Actor("router")])
def test_nobody_else_confirms(by: Actor) -> None:
    issue = a_finished_issue()
    with pytest.raises(NotAllowed, match="not_yours_to_confirm"):
        issue.confirm(5, None, THEN, by)
    assert issue.status == "done" and not issue.moved


# a second person's check


def test_where_a_check_is_asked_for_the_filers_word_alone_does_not_close() -> None:
    issue = a_finished_issue(checked_by="reporter")
    issue.confirm(5, None, THEN)
    assert (issue.status, issue.confirmed_at, issue.confirmed_by) == ("done", THEN, "filer")
    assert told(issue) == [issues.IssueConfirmed(issue.id, 5)]
    issue.check(REPORTER, THEN + HOUR)
    assert (issue.status, issue.closed_by, issue.checked_by, issue.closed_at) == ("closed", "filer", "reporter", THEN + HOUR)
    assert told(issue)[1:] == [issues.IssueChecked(issue.id, "reporter"), issues.IssueClosed(issue.id, "reporter")]


def test_the_check_may_come_first_and_closes_nothing_by_itself() -> None:
    issue = a_finished_issue(checked_by="reporter")
    issue.check(REPORTER, THEN)
    assert issue.status == "done" and told(issue) == [issues.IssueChecked(issue.id, "reporter")]
    issue.confirm(3, None, THEN + HOUR)
    assert (issue.status, issue.closed_by) == ("closed", "filer")


def test_a_manager_who_confirms_where_a_reporter_must_check_is_told_as_who_looked_and_closes_nothing() -> None:
    issue = a_finished_issue(checked_by="reporter")
    issue.confirm(None, None, THEN, MANAGER)
    assert issue.status == "done" and told(issue) == [issues.IssueChecked(issue.id, "neighbourhood_manager")]
    issue.check(REPORTER, THEN + HOUR)
    assert (issue.status, issue.closed_by) == ("closed", "neighbourhood_manager"), "not the filer, who said nothing"


def test_a_manager_whose_check_is_asked_for_has_checked_when_they_confirm() -> None:
    issue = a_finished_issue(checked_by="neighbourhood_manager")
    issue.confirm(None, None, THEN, MANAGER)
    assert (issue.status, issue.checked_by, issue.checked_at) == ("closed", "neighbourhood_manager", THEN)


def test_who_confirms_again_begins_no_new_wait() -> None:
    issue = a_finished_issue(checked_by="reporter")
    issue.confirm(5, None, THEN)
    issue.confirm(2, "نه چندان", THEN + 10 * DAY)
    assert issue.satisfaction == 2 and issue.next_due_at == THEN + 14 * DAY


def test_a_category_that_asks_for_no_check_any_more_closes_as_the_filer_said() -> None:
    issue = a_finished_issue(checked_by="reporter")
    issue.confirm(5, None, THEN)
    issue.around = Circumstances()
    issue.catch_up(THEN + 14 * DAY)
    assert (issue.status, issue.closed_by) == ("closed", "filer")
    assert told(issue)[-1] == issues.IssueClosed(issue.id, "filer")


@pytest.mark.parametrize("by", [A1, FILER, MANAGER, Actor("case_worker", "n1"), Actor("clock")])
def test_only_who_is_asked_for_or_a_secretary_checks(by: Actor) -> None:
    issue = a_finished_issue(checked_by="reporter")
    with pytest.raises(NotAllowed, match="not_yours_to_check"):
        issue.check(by, THEN)
    assert issue.checked_at is None


# not fixed, and reopening


def test_not_fixed_brings_every_part_back_counts_once_and_forgets_what_was_confirmed_and_checked() -> None:
    issue = a_finished_issue(checked_by="reporter")
    issue.offer(Assignee("a2", True), SECRETARY, NOON + 2 * HOUR, lead=False)
    for action, text in (("accept", None), ("finish", "شد")):
        issue.move(issue.tasks[1].id, action, Actor("agency", "a2"), NOON + 3 * HOUR, text=text)
    issue.confirm(5, None, THEN)
    issue.check(SECRETARY, THEN)
    issue.around = Circumstances(Procedure(checked_by="reporter"))
    due = [task.due for task in issue.tasks]
    issue.not_fixed("هنوز خاموش است", THEN + DAY, MANAGER)
    assert [task.state for task in issue.tasks] == ["in_progress"] * 2 and [task.due for task in issue.tasks] == due
    assert (issue.times_not_fixed, issue.confirmed_at, issue.checked_at, issue.confirmed_by) == (1, None, None, None)


def test_a_secretary_brings_one_part_back_and_that_is_told_and_counted_too() -> None:
    issue = a_done_issue()
    issue.tasks[0].queued = False
    issue.recorded.clear()
    issue.move(issue.tasks[0].id, "redo", SECRETARY, THEN, "عکس نشان می‌دهد که نشده")
    assert told(issue) == [issues.IssueNotFixed(issue.id)] and issue.times_not_fixed == 1
    assert issue.status == "in_progress" and issue.tasks[0].finish_minutes is None


@pytest.mark.parametrize(("late", "reopened"), [(-MS, True), (timedelta(), False), (MS, False)])
@pytest.mark.parametrize("by", [FILER, MANAGER, SECRETARY])
def test_it_is_reopened_within_the_categorys_days_to_the_millisecond(late: timedelta, reopened: bool, by: Actor) -> None:
    issue = a_finished_issue(reopen_days=10)
    issue.confirm(5, "خوب", THEN)
    at = THEN + 10 * DAY + late
    if not reopened:
        with pytest.raises(Refused, match="reopening_over"):
            issue.not_fixed("باز خراب شد", at, by)
        assert (issue.status, issue.times_reopened, issue.satisfaction) == ("closed", 0, 5)
        return
    issue.not_fixed("باز خراب شد", at, by)
    assert (issue.status, issue.times_reopened, issue.times_not_fixed) == ("in_progress", 1, 1)
    assert (issue.closed_at, issue.closed_by, issue.satisfaction) == (None, None, None)
    assert told(issue)[-1] == issues.IssueReopened(issue.id)
    assert [each["action"] for each in issue.moved] == ["confirm", "reopen", "redo"]


def test_what_silence_closed_is_reopened_as_well_and_counts_go_on() -> None:
    issue = a_finished_issue()
    for number in (1, 2, 3):
        closing = THEN + number * 40 * DAY
        issue.catch_up(closing)
        assert issue.closed_by == "silence"
        issue.not_fixed("باز خراب شد", closing + DAY)
        issue.move(issue.tasks[0].id, "finish", A1, closing + 2 * DAY, text="شد")
        assert (issue.times_reopened, issue.times_not_fixed) == (number, number)


@pytest.mark.parametrize("by", [A1, REPORTER, Actor("case_worker", "n1"), Actor("clock"), Actor("router")])
def test_nobody_else_says_that_it_is_not_fixed(by: Actor) -> None:
    issue = a_finished_issue()
    with pytest.raises(NotAllowed):
        issue.not_fixed("نشد", THEN, by)
    assert issue.times_not_fixed == 0 and not issue.recorded


@pytest.mark.parametrize("ending", ["withdrawn", "rejected", "duplicate"])
def test_what_ended_otherwise_is_not_reopened(ending: str) -> None:
    issue = a_finished_issue()
    {"withdrawn": lambda: issue.withdraw(None, THEN), "rejected": lambda: issue.reject("تکراری", SECRETARY, THEN),
     "duplicate": lambda: issue.mark_duplicate("another", SECRETARY, THEN)}[ending]()
    with pytest.raises(Refused, match="issue_ended"):
        issue.not_fixed("نشد", THEN)
    assert issue.status == ending


# withdrawn, rejected, duplicates


def test_a_duplicate_cancels_what_is_open_and_unmarked_it_is_routed_anew_with_its_old_clock() -> None:
    issue = a_routed_issue()
    issue.mark_duplicate("another", SECRETARY, THEN, "همان چراغ")
    assert (issue.status, issue.duplicate_of, issue.tasks[0].state) == ("duplicate", "another", "cancelled")
    issue.unmark_duplicate(SECRETARY, THEN + DAY, "چراغ دیگری است")
    assert (issue.status, issue.duplicate_of, issue.unrouted_at) == ("filed", None, THEN + DAY)
    issue.offer(Assignee("a1", True), SECRETARY, THEN + DAY)
    assert issue.tasks[1].due == issue.tasks[0].due
    with pytest.raises(Refused, match="no_duplicate"):
        issue.unmark_duplicate(SECRETARY, THEN)


@pytest.mark.parametrize("decide", [
    lambda issue, by: issue.reject("دلیل", by, THEN), lambda issue, by: issue.mark_duplicate("another", by, THEN),
    lambda issue, by: issue.prioritise("low", "دلیل", by, THEN), lambda issue, by: issue.unmark_duplicate(by, THEN),
    lambda issue, by: issue.offer(Assignee("a3", True), by, THEN)])
@pytest.mark.parametrize("by", [A1, FILER, MANAGER, REPORTER, Actor("clock")])
def test_what_is_the_secretarys_to_decide_nobody_else_decides(decide: Any, by: Actor) -> None:
    issue = a_finished_issue()
    with pytest.raises(NotAllowed, match="move_not_yours"):
        decide(issue, by)
    assert issue.status == "done" and not issue.moved


@pytest.mark.parametrize("reason", ["", "   ", "\n\t"])
@pytest.mark.parametrize("decide", [
    lambda issue, reason: issue.withdraw(reason, THEN), lambda issue, reason: issue.reject(reason, SECRETARY, THEN),
    lambda issue, reason: issue.mark_duplicate("another", SECRETARY, THEN, reason),
    lambda issue, reason: issue.prioritise("low", reason, SECRETARY, THEN),
    lambda issue, reason: issue.make_confidential(reason, SECRETARY, THEN),
    lambda issue, reason: issue.not_fixed(reason, THEN)])
def test_a_reason_of_only_spaces_is_none(decide: Any, reason: str) -> None:
    issue = a_finished_issue()
    with pytest.raises(Invalid, match="reason_needed") as caught:
        decide(issue, reason)
    assert caught.value.errors[0]["pointer"] == "/reason" and issue.status == "done" and not issue.moved


def test_a_timeline_is_bounded_and_the_way_to_its_end_stays_open() -> None:
    issue = a_routed_issue()
    task = issue.tasks[0].id
    issue.move(task, "accept", A1, NOON)
    with pytest.raises(Problem, match="too_many_changes"):
        for _ in range(MOST_NOTED):
            issue.move(task, "ask_extension", A1, NOON, "باران", until=NOON + 90 * DAY)
    assert len(issue.moved) == MOST_NOTED
    issue.move(task, "finish", A1, THEN, text="شد")
    with pytest.raises(Refused, match="too_many_changes"):
        issue.not_fixed("نشد", THEN)
    issue.confirm(1, None, THEN)
    assert issue.status == "closed"


def test_a_filer_who_confirms_without_end_while_a_check_is_missing_fills_no_document() -> None:
    issue = a_finished_issue(checked_by="reporter")
    issue.confirm(5, None, THEN)
    issue.noted = MOST_NOTED
    with pytest.raises(Refused, match="too_many_changes"):
        issue.confirm(5, None, THEN)
    issue.silence(THEN)
    assert issue.check_missing_at == THEN, "what falls due by itself still does"
