"""The rule table: who is told what, and that the queue is bound to exactly what the table reads."""
from datetime import timedelta
from typing import Any

import pytest

from chassis.topology import NOTIFIED
from contracts import issues
from contracts.event import BY_CLASS
from contracts.issues import IssueSnapshot
from contracts.schema import schema_of
from services.issues.documents import IssueMapping, snapshot
from services.issues.model import Actor, Assignee, Issue
from services.notifications.rules import RULES, about, told
from tests.builders import NOON, a_done_issue, a_routed_issue, an_issue

REACHABLE = {"email": "zahra@example.org"}


def heard(issue: Issue) -> IssueSnapshot:
    document = {"_id": issue.id, "version": 3, **IssueMapping().state(issue)}
    found: IssueSnapshot = schema_of(IssueSnapshot).load(snapshot(document, {}))
    return found


def letters(issue: Issue, kind: type | None = None) -> set[tuple[str, str, str]]:
    """(template, kind, ref) of every letter that an issue's recorded events, or those of one kind, ask for."""
    return {(rule.template, to.kind, to.ref) for recorded in issue.recorded if recorded.agency is None
            for rule, to in told(recorded.happened, heard(issue)) if kind in (None, type(recorded.happened))}


def test_the_queue_is_bound_to_the_events_of_the_table_and_to_no_other() -> None:
    assert {BY_CLASS[rule.event].routing_key for rule in RULES} == set(NOTIFIED)


def test_no_two_rows_are_the_same_letter() -> None:
    assert len({(rule.event, rule.template) for rule in RULES}) == len(RULES)


def test_filing_tells_the_filer_the_neighbourhood_and_the_agency() -> None:
    issue = a_routed_issue(contact=REACHABLE)
    assert letters(issue) == {("filed", "filer", issue.id), ("filed_nearby", "seat", "n1"),
                              ("task_offered", "agency", "a1")}


def test_a_filer_without_an_address_gets_no_letter() -> None:
    assert "filer" not in {kind for _, kind, _ in letters(a_done_issue())}


def test_what_no_rule_routed_is_told_to_the_secretary_of_the_province() -> None:
    issue = an_issue()
    issue.file()
    assert ("unrouted", "seat", "alborz") in letters(issue)
    assert not [row for row in letters(a_routed_issue()) if row[0] == "unrouted"]


def test_the_secretary_hears_of_a_refusal_only_if_nobody_else_took_it() -> None:
    issue = a_routed_issue()
    issue.move(issue.tasks[0].id, "refuse", Actor("agency", "a1"), NOON, "کار ما نیست")
    assert letters(issue, issues.TaskRefused) == {("refused", "seat", "alborz")}
    issue.offer(Assignee("a2", queued=False), Actor("router"), NOON)
    assert letters(issue, issues.TaskRefused) == set()


def test_the_filer_is_asked_when_everything_is_done_and_not_before() -> None:
    issue = a_routed_issue(contact=REACHABLE)
    issue.offer(Assignee("a2", queued=False), Actor("secretary", "s"), NOON)
    for agency, task in (("a1", issue.tasks[0]), ("a2", issue.tasks[1])):
        assert letters(issue, issues.TaskFinished) == set()
        issue.move(task.id, "accept", Actor("agency", agency), NOON)
        issue.move(task.id, "finish", Actor("agency", agency), NOON, text="شد")
    assert letters(issue, issues.TaskFinished) == {("done", "filer", issue.id)}


def test_an_offer_that_was_overtaken_is_not_told() -> None:
    issue = a_routed_issue()
    issue.move(issue.tasks[0].id, "cancel", Actor("secretary", "s"), NOON, "تکراری است")
    assert letters(issue, issues.TaskOffered) == set()
    assert letters(issue, issues.TaskCancelled) == {("task_cancelled", "agency", "a1")}


def test_the_resident_s_answer_reaches_those_who_did_the_work() -> None:
    fixed, not_fixed = a_done_issue(), a_done_issue()
    fixed.confirm(5, None, NOON + timedelta(days=1))
    not_fixed.not_fixed("هنوز خاموش است", NOON + timedelta(days=1))
    assert letters(fixed, issues.IssueConfirmed) == {("confirmed", "agency", "a1")}
    assert letters(not_fixed, issues.IssueNotFixed) == {("not_fixed", "agency", "a1"),
                                                        ("not_fixed_nearby", "seat", "n1")}


def test_a_withdrawal_reaches_agency_and_neighbourhood() -> None:
    issue = a_routed_issue()
    issue.withdraw(None, NOON)
    assert {("withdrawn", "seat", "n1"), ("task_cancelled", "agency", "a1")} <= letters(issue)


@pytest.mark.parametrize("event", sorted({rule.event for rule in RULES}, key=str))
def test_nothing_is_ever_told_of_a_confidential_issue(event: Any) -> None:
    task = {"task_id": "t", "agency": "a1"} if "Task" in event.__name__ else {}
    more = {"by": "rule"} if event is issues.TaskOffered else {"satisfaction": 5} if event is issues.IssueConfirmed else {}
    for status in ("filed", "routed", "done", "closed"):
        secret = IssueSnapshot("i", 1, True, status=status, place=("alborz",), neighbourhood="n1", reachable=True)
        assert list(told(event("i", **task, **more), secret)) == []


def test_what_a_letter_is_about_holds_no_words_and_no_address() -> None:
    issue = a_done_issue(contact=REACHABLE, text="رازی", title="عنوان")
    kept = str(about(issue.recorded[0].happened, heard(issue)))
    assert not any(secret in kept for secret in ("zahra", "رازی", "عنوان"))


def test_a_letter_is_about_the_task_that_the_event_names() -> None:
    issue = a_routed_issue()
    issue.offer(Assignee("a2", queued=False), Actor("secretary", "s"), NOON)
    seen = heard(issue)
    assert about(issues.TaskFinished(issue.id, issue.tasks[0].id, "a1"), seen)["agency"] == "a1"
    assert about(issues.IssueWithdrawn(issue.id), seen)["agency"] == "a2"
