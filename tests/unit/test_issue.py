"""What may happen to an issue, and what is told when it does."""
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts import agencies, issues
from contracts.errors import Invalid, NotAllowed, NotFound, Problem, Refused
from services.issues.life.circumstances import Circumstances
from services.issues.life.command import Command
from services.issues.life.deadlines import Calendar
from services.issues.life.moves import ACTIONS, MOVES, TASK_STATES, Move, rows_of
from services.issues.life.terms import Terms
from services.issues.model import Actor, Assignee, Issue
from tests.builders import NOON, a_done_issue, a_routed_issue, an_issue
from tests.unit.small_map import a_calendar

LATER = NOON + timedelta(hours=3)
A1, SECRETARY, FILER = Actor("agency", "a1"), Actor("secretary", "s"), Actor("filer")
ACTORS = {"agency": A1, "secretary": SECRETARY, "filer": FILER, "router": Actor("router"),
          "neighbourhood_manager": Actor("neighbourhood_manager", "n1"), "clock": Actor("clock")}


def told(issue: Issue) -> list[type]:
    return [type(recorded.happened) for recorded in issue.recorded]


def test_a_filed_issue_tells_everybody_and_then_its_agency() -> None:
    issue = a_routed_issue()
    assert told(issue) == [issues.IssueFiled, issues.TaskOffered, agencies.TaskOfferedToAgency]
    assert [recorded.agency for recorded in issue.recorded] == [None, None, "a1"]
    assert issue.status == "routed"


def test_an_agency_without_a_queue_is_sent_nothing() -> None:
    issue = an_issue()
    issue.file()
    issue.offer(Assignee("a2", queued=False), Actor("router"), NOON)
    assert told(issue) == [issues.IssueFiled, issues.TaskOffered]


@pytest.mark.parametrize(("offered", "now", "told_now"), [
    (True, True, True), (True, False, False), (False, True, True), (False, False, False), (True, None, True),
    (False, None, False)])
def test_an_agency_is_told_by_its_queue_if_it_has_one_at_that_moment(
        offered: bool, now: bool | None, told_now: bool) -> None:
    issue = an_issue()
    issue.offer(Assignee("a1", offered), Actor("router"), NOON)
    issue.recorded.clear()
    issue.around = Circumstances(has_queue={"a1": now}.get)
    issue.move(issue.tasks[0].id, "cancel", SECRETARY, LATER, "اشتباه بود")
    assert told(issue) == [issues.TaskCancelled, *[agencies.TaskCancelledForAgency] * told_now]
    assert issue.tasks[0].queued is told_now


GIVEN: dict[str, Any] = {"reason": "دلیل", "text": "شرح", "for_whom": "filer", "until": NOON + timedelta(days=300)}


def in_state(state: str) -> Issue:
    """An issue whose one task is in a state, and waits for the filer, and whose agency has asked for something."""
    issue = a_routed_issue()
    task = issue.tasks[0]
    task.state, task.for_whom = state, "filer"
    task.request = {"what": "extend", "reason": "باران", "until": NOON + timedelta(days=200), "at": NOON}
    if state == "done":
        task.done_at = NOON
    return issue


@pytest.mark.parametrize("state", TASK_STATES)
@pytest.mark.parametrize("role", ACTORS)
@pytest.mark.parametrize("action", [*ACTIONS, "offer", "dance"])
def test_only_the_moves_of_the_table_succeed(state: str, role: str, action: str) -> None:
    issue = in_state(state)
    before = len(issue.recorded), len(issue.moved)
    allowed = [move for move in rows_of(action, role) if state in move.sources]
    try:
        issue.move(issue.tasks[0].id, action, ACTORS[role], LATER, **GIVEN)
        assert allowed and issue.tasks[0].state == (allowed[0].to or state)
        assert len(issue.moved) == before[1] + 1 and len(issue.recorded) > before[0] - (action == "redo")
    except Problem as problem:
        assert not allowed and isinstance(problem, NotAllowed | Refused)
        assert (len(issue.recorded), len(issue.moved)) == before and issue.tasks[0].state == state


NEEDING = [(move, needed) for move in MOVES for needed in move.needs]


@pytest.mark.parametrize(("move", "needed"), NEEDING, ids=lambda each: getattr(each, "action", each))
@pytest.mark.parametrize("empty", [None, "", "   "])
def test_a_move_is_refused_without_what_it_needs(move: Move, needed: str, empty: Any) -> None:
    issue = in_state(move.sources[0])
    issue.tasks[0].request = {"what": "nothing", "reason": None, "until": None, "at": NOON}
    with pytest.raises(Invalid) as caught:
        issue.move(issue.tasks[0].id, move.action, ACTORS[move.by[0]], LATER,
                   **GIVEN | {needed: None if needed == "until" else empty})
    assert caught.value.errors[0]["pointer"] == f"/{needed}" and caught.value.code == f"{needed}_needed"
    assert issue.tasks[0].state == move.sources[0]


def test_another_agencys_task_is_not_there() -> None:
    issue = a_routed_issue()
    with pytest.raises(NotFound):
        issue.move(issue.tasks[0].id, "accept", Actor("agency", "a2"), LATER)


def test_nobody_confirms_or_rejects_before_the_work_is_reported_done() -> None:
    for answer in (lambda i: i.confirm(5, None, LATER), lambda i: i.not_fixed("نه", LATER)):
        issue = a_routed_issue()
        with pytest.raises(Refused, match="not_done_yet"):
            answer(issue)


def test_confirming_closes_and_nothing_changes_any_more() -> None:
    issue = a_done_issue()
    issue.confirm(4, "خوب بود", LATER)
    assert (issue.status, issue.closed_by, issue.satisfaction, issue.closed_at) == ("closed", "filer", 4, LATER)
    for late in (lambda: issue.withdraw(None, LATER), lambda: issue.confirm(5, None, LATER),
                 lambda: issue.offer(Assignee("a3", True), SECRETARY, LATER),
                 lambda: issue.move(issue.tasks[0].id, "redo", SECRETARY, LATER, reason="x")):
        with pytest.raises(Refused, match="issue_ended"):
            late()


def test_not_fixed_brings_the_task_back_to_work_is_counted_and_told_to_the_agency() -> None:
    issue = a_done_issue()
    due = issue.tasks[0].due
    issue.recorded.clear()
    issue.not_fixed("هنوز خاموش است", LATER)
    assert issue.status == "in_progress" and issue.times_not_fixed == 1
    assert issue.tasks[0].done_at is None and issue.tasks[0].due == due
    assert told(issue) == [issues.IssueNotFixed, agencies.TaskChangedForAgency]


def test_withdrawing_cancels_what_is_open_and_tells_the_agency() -> None:
    issue = a_routed_issue()
    issue.recorded.clear()
    issue.withdraw(None, LATER)
    assert issue.status == "withdrawn" and issue.tasks[0].state == "cancelled"
    assert told(issue) == [issues.TaskCancelled, agencies.TaskCancelledForAgency, issues.IssueWithdrawn]


def test_of_a_confidential_issue_everybody_learns_only_that_something_changed() -> None:
    issue = a_done_issue(confidential=True)
    facts = {type(r.happened) for r in issue.recorded if r.agency is None}
    assert facts == {issues.ConfidentialIssueChanged}


def test_an_agency_is_not_offered_the_same_issue_twice_at_once() -> None:
    issue = a_routed_issue()
    with pytest.raises(Refused, match="already_offered"):
        issue.offer(Assignee("a1", True), SECRETARY, LATER)


def test_unassigned_time_counts_and_a_new_offer_moves_no_due_date() -> None:
    issue = a_routed_issue()
    issue.move(issue.tasks[0].id, "refuse", A1, LATER, reason="کار ما نیست")
    issue.offer(Assignee("a2", True), SECRETARY, LATER)
    assert issue.tasks[1].due == issue.tasks[0].due == NOON + timedelta(hours=72)
    assert issue.tasks[1].accept_by == LATER + timedelta(hours=24)


def test_a_task_has_the_terms_of_its_offer_and_keeps_by_which_calendar_they_were_reckoned() -> None:
    """NOON is a Tuesday, 12:00 in Tehran; it closes at 14:30, so the rest is on Wednesday."""
    issue = an_issue()
    issue.offer(Assignee("a2", True, Terms(3, 8, Calendar(a_calendar()))), Actor("router"), NOON)
    task = issue.tasks[0]
    assert task.accept_by == datetime(2026, 11, 25, 4, 30, tzinfo=UTC)
    assert task.due == datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
    assert (task.accept_hours, task.finish_hours, task.calendar, task.calendar_version) == (3, 8, "alborz", 3)
    issue.offer(Assignee("a3", True), SECRETARY, LATER)
    assert (issue.tasks[1].accept_hours, issue.tasks[1].calendar) == (24, None)


def test_a_command_is_carried_out_once() -> None:
    issue = an_issue()
    first = Command("c1", "accept")
    assert not issue.carried_out(first) and issue.carried_out(first)
    for number in range(60):
        issue.carried_out(Command(f"x{number}", "accept"))
    assert len(issue.commands) == 50


def test_a_command_s_id_that_comes_again_with_another_request_is_refused() -> None:
    issue = an_issue()
    issue.carried_out(Command("c1", "confirm"))
    with pytest.raises(Invalid, match="idempotency_key_reused"):
        issue.carried_out(Command("c1", "not fixed"))
