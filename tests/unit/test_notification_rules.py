"""The rule table: who is told what, and that the queue is bound to exactly what the table reads."""
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest

from chassis.topology import NOTIFIED
from contracts import issues
from contracts.event import BY_CLASS
from contracts.issues import IssueSnapshot, TaskSnapshot
from contracts.schema import schema_of
from services.issues.documents import IssueMapping, snapshot
from services.issues.life.moves import STATUSES, TASK_STATES
from services.issues.model import Actor, Assignee, Issue
from services.notifications.rules import RULES, Rule, about, told
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


VALUES: dict[str, Any] = {
    "issue_id": "i", "task_id": "t", "agency": "a1", "by": "agency", "satisfaction": 5, "to": "county_headquarters",
    "for_whom": "filer", "what": "defer", "review_at": NOON, "deadline": "finish", "step": 1, "body": "hq",
    "headquarters": "hq", "agencies": ("a1", "a2"), "role": "reporter", "of": "other", "message_id": "m"}
TASK = TaskSnapshot("t", "a1", "offered", NOON, NOON, NOON)
OPEN = IssueSnapshot("i", 1, False, status="routed", place=("alborz", "karaj", "n1"), neighbourhood="n1", tasks=(TASK,),
                     reachable=True, joined=3, filed_at=NOON)


def an_event(kind: Any, **given: Any) -> Any:
    return kind(**{field.name: (VALUES | given)[field.name] for field in fields(kind)})


def to(kind: Any, issue: IssueSnapshot, **given: Any) -> set[tuple[str, str, str, str]]:
    """(template, kind, role, ref) of every letter that one event asks for."""
    return {(rule.template, who.kind, who.role, who.ref) for rule, who in told(an_event(kind, **given), issue)}


def with_task(state: str, **given: Any) -> IssueSnapshot:
    return replace(OPEN, tasks=(replace(TASK, state=state, vacant=state == "refused"),), **given)


@pytest.mark.parametrize("event", sorted({rule.event for rule in RULES}, key=str))
@pytest.mark.parametrize("status", STATUSES)
def test_nothing_is_ever_told_of_a_confidential_issue(event: Any, status: str) -> None:
    for state in TASK_STATES:
        assert list(told(an_event(event), with_task(state, confidential=True, status=status, on_behalf=True))) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.event.__name__}-{rule.template}")
def test_every_row_tells_somebody_of_some_issue(rule: Rule) -> None:
    seen = [with_task(state, status=status, on_behalf=True) for state in TASK_STATES for status in STATUSES]
    happened = [an_event(rule.event), an_event(rule.event, by="filer")]
    assert any(rule.template == each.template for issue in seen for event in happened for each, _ in told(event, issue))


@pytest.mark.parametrize(("step", "whom"), [
    ("neighbourhood_manager", {("seat", "neighbourhood_manager", "n1")}),
    ("agency_head", {("seat", "head", "a1"), ("agency", "", "a1")}),
    ("county_headquarters", {("seat", "secretary", "hq"), ("seat", "head", "hq"), ("seat", "secretary", "karaj")}),
    ("committee", {("seat", "secretary", "hq"), ("seat", "head", "hq")}),
    ("province_headquarters", {("seat", "secretary", "hq"), ("seat", "head", "hq"), ("seat", "secretary", "alborz")}),
    ("next_meeting", set())])
def test_an_escalation_reaches_those_whom_its_step_names(step: str, whom: set[tuple[str, str, str]]) -> None:
    assert to(issues.TaskEscalated, OPEN, to=step) == {("escalated", *each) for each in whom}


def test_a_seat_is_asked_for_where_it_is() -> None:
    seats = [who for _, who in told(an_event(issues.TaskEscalated, to="committee"), OPEN)]
    assert {each.at for each in seats} == {"committee"}
    assert {who.at for _, who in told(an_event(issues.IssueTabled), OPEN)} == {"headquarters", "territory"}
    assert to(issues.IssueTabled, OPEN, headquarters=None) == {("tabled", "seat", "secretary", "alborz")}


@pytest.mark.parametrize(("deadline", "state", "is_told"), [
    ("accept", "offered", True), ("accept", "accepted", False), ("finish", "in_progress", True), ("finish", "done", False),
    ("finish", "waiting", False)])
def test_an_escalation_that_was_overtaken_is_not_told(deadline: str, state: str, is_told: bool) -> None:
    assert bool(to(issues.TaskEscalated, with_task(state), deadline=deadline, to="agency_head")) is is_told


def test_nobody_has_routed_is_told_while_nobody_has() -> None:
    unrouted = replace(OPEN, status="filed", tasks=())
    at_a_step: Any = {"deadline": "route", "to": "agency_head", "agency": None, "task_id": None}
    assert to(issues.TaskEscalated, unrouted, **at_a_step) == set()  # there is no agency whose head it could be
    assert to(issues.TaskEscalated, unrouted, **at_a_step | {"to": "neighbourhood_manager"})
    assert to(issues.TaskEscalated, OPEN, **at_a_step | {"to": "neighbourhood_manager"}) == set()


def test_while_agencies_dispute_one_part_and_others_are_at_work_who_must_decide_is_told_how_late_it_is() -> None:
    disputed = with_task("in_progress", status="in_progress", headquarters="hq")
    at_a_step: Any = {"deadline": "route", "to": "neighbourhood_manager", "agency": None, "task_id": None}
    assert to(issues.TaskEscalated, disputed, **at_a_step)
    assert to(issues.TaskEscalated, replace(disputed, headquarters=None), **at_a_step) == set()


def test_a_reopened_issue_is_told_to_those_whose_work_it_is_again() -> None:
    assert to(issues.IssueReopened, with_task("in_progress", status="in_progress")) == {
        ("not_fixed", "agency", "", "a1"), ("not_fixed_nearby", "seat", "neighbourhood_manager", "n1"),
        ("followed_reopened", "followers", "", "i")}


@pytest.mark.parametrize(("for_whom", "state", "is_told"), [
    ("filer", "waiting", True), ("agency", "waiting", False), ("filer", "in_progress", False)])
def test_the_filer_is_asked_only_while_the_task_waits_for_them(for_whom: str, state: str, is_told: bool) -> None:
    assert bool(to(issues.TaskWaiting, with_task(state), for_whom=for_whom)) is is_told


def test_deferral_and_extension_reach_agency_and_filer() -> None:
    assert to(issues.TaskDeferred, with_task("awaiting_funds")) == {
        ("deferral_granted", "agency", "", "a1"), ("deferred", "filer", "", "i")}
    assert to(issues.TaskExtended, with_task("accepted")) == {
        ("extension_granted", "agency", "", "a1"), ("extended", "filer", "", "i")}


def test_a_referral_is_told_to_the_filer_unless_a_headquarters_must_decide_first() -> None:
    assert to(issues.TaskReferred, OPEN, to="a2") == {("referred", "filer", "", "i")}
    assert to(issues.TaskReferred, OPEN, to=None) == set()
    assert ("disputed", "seat", "secretary", "hq") in to(issues.IssueDisputed, OPEN)


@pytest.mark.parametrize(("event", "status", "letter"), [
    (issues.TaskFinished, "done", "followed_done"), (issues.IssueConfirmed, "closed", "followed_closed"),
    (issues.IssueClosed, "closed", "followed_closed"), (issues.IssueMarkedDuplicate, "duplicate", "followed_duplicate")])
def test_followers_are_told_with_one_letter_and_only_where_there_are_any(event: Any, status: str, letter: str) -> None:
    assert (letter, "followers", "", "i") in to(event, with_task("done", status=status))
    assert (letter, "followers", "", "i") in to(event, with_task("done", status=status, joined=0, on_behalf=True))
    assert not [row for row in to(event, with_task("done", status=status, joined=0)) if row[1] == "followers"]


def test_for_whom_it_was_filed_is_told_that_it_was() -> None:
    assert ("filed_for_you", "on_behalf_of", "", "i") in to(issues.IssueFiled, replace(OPEN, on_behalf=True))
    assert not [row for row in to(issues.IssueFiled, OPEN) if row[1] == "on_behalf_of"]


@pytest.mark.parametrize(("by", "agency", "whom"), [
    ("filer", "", {"neighbourhood_manager", "a1", "a2"}), ("neighbourhood_manager", "", {"filer", "a1", "a2"}),
    ("agency", "a1", {"filer", "neighbourhood_manager", "a2"}),
    ("secretary", "", {"filer", "neighbourhood_manager", "a1", "a2"})])
def test_a_message_reaches_the_parties_and_not_its_writer(by: str, agency: str, whom: set[str]) -> None:
    issue = replace(OPEN, tasks=(TASK, replace(TASK, id="t2", agency="a2"), replace(TASK, agency="a3", state="refused")))
    rows = to(issues.MessagePosted, issue, by=by, agency=agency)
    assert {ref if kind == "agency" else role or kind for _, kind, role, ref in rows} == whom


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
