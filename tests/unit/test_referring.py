"""Agencies that push an issue to and fro: bounded, and then the headquarters above them decides for good."""
from datetime import timedelta
from typing import Any

import pytest

from contracts import issues
from contracts.errors import Invalid, NotAllowed, Problem, Refused
from services.issues.life.circumstances import Circumstances
from services.issues.model import Actor, Assignee, Issue
from services.issues.routing import Map
from tests.builders import NOON, an_issue
from tests.unit.small_map import a_map, a_place, an_agency

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SECRETARY, ROUTER = Actor("secretary", "s"), Actor("router")


def a_headquarters(code: str, territory: str, level: str, **given: Any) -> dict[str, Any]:
    return {"code": code, "territory": territory, "level": level, "in_force": True} | given


def the_map(**given: Any) -> Map:
    """Two counties in one province, a headquarters for each of the three, agencies of every place."""
    return a_map(territory=[a_place("fardis", "alborz", kind="county")], agency=[
        an_agency("city"), an_agency("water"), an_agency("far", territory="fardis"), an_agency("roads", territory="alborz"),
        an_agency("lost", territory="nowhere"), an_agency("lane", territory="n1"), an_agency("far2", territory="fardis")],
        **{"headquarters": [a_headquarters("hq-karaj", "karaj", "county"), a_headquarters("hq-fardis", "fardis", "county"),
                            a_headquarters("hq-alborz", "alborz", "province")]} | given)


def an_issue_of(agency: str, known: Map | None = None) -> Issue:
    issue = an_issue(around=(known or the_map()).circumstances("water", ["alborz", "karaj", "n1"]))
    issue.file()
    issue.offer(Assignee(agency, False), ROUTER, NOON)
    return issue


def refer(issue: Issue, to: str, reason: str | None = "کار ما نیست") -> None:
    task = issue.open_tasks[-1]
    issue.refer(task.id, Assignee(to, False), Actor("agency", task.agency), NOON + HOUR, reason)


def refuse(issue: Issue) -> None:
    task = issue.open_tasks[-1]
    issue.move(task.id, "refuse", Actor("agency", task.agency), NOON + HOUR, "کار ما هم نیست")


def give(issue: Issue, to: str) -> None:
    issue.offer(Assignee(to, False), ROUTER, NOON + 2 * HOUR)


def disputes(issue: Issue) -> list[Any]:
    return [each.happened for each in issue.recorded if isinstance(each.happened, issues.IssueDisputed)]


def test_a_referral_opens_a_task_that_must_be_accepted_counts_and_says_where_it_came_from() -> None:
    issue = an_issue_of("city")
    issue.tasks[0].part = "لوله"
    refer(issue, "water")
    first, second = issue.tasks
    assert (first.state, first.referred_to, second.state, second.came_from) == ("referred", "water", "offered", first.id)
    assert (second.lead, second.part, second.due) == (True, "لوله", first.due) and second.accept_by == NOON + 25 * HOUR
    assert issue.times_referred == 1 and issue.status == "routed" and not issue.dispute
    assert [entry["action"] for entry in issue.moved] == ["file", "offer", "refer", "offer"]
    assert [type(each.happened).__name__ for each in issue.recorded[-3:]] == [
        "TaskReferred", "TaskOffered", "TaskOfferedToAgency"]
    assert (issue.recorded[-3].happened.to, issue.recorded[-2].happened.by) == ("water", "agency")


def test_at_the_second_return_between_the_same_two_by_referral_the_headquarters_above_both_decides() -> None:
    issue = an_issue_of("city")
    refer(issue, "water")
    refer(issue, "city")
    assert not issue.dispute
    refer(issue, "water")
    assert issue.dispute == {"agencies": ["city", "water"], "headquarters": "hq-karaj", "at": NOON + HOUR}
    assert disputes(issue) == [issues.IssueDisputed(issue.id, ("city", "water"), "hq-karaj")]
    assert not issue.open_tasks and issue.status == "filed" and issue.tasks[-1].referred_to is None
    assert issue.moved[-1]["action"] == "dispute"


def test_a_refusal_of_what_was_referred_is_a_return_too() -> None:
    issue = an_issue_of("city")
    refer(issue, "water")
    refuse(issue)
    assert not issue.dispute and issue.handovers == [["city", "water"], ["water", "city"]]
    give(issue, "city")
    refer(issue, "water")
    assert issue.dispute and issue.dispute["headquarters"] == "hq-karaj" and issue.times_referred == 2


def test_the_refusal_itself_can_be_the_second_return() -> None:
    issue = an_issue_of("city")
    refer(issue, "water")
    refer(issue, "city")
    refuse(issue)
    assert issue.dispute and issue.dispute["agencies"] == ["city", "water"] and issue.status == "filed"


def test_a_plain_refusal_is_no_return() -> None:
    issue = an_issue_of("city")
    for agency in ("water", "city", "water", "city"):
        refuse(issue)
        give(issue, agency)
    assert not issue.handovers and not issue.dispute


@pytest.mark.parametrize(("chain", "headquarters"), [
    (("city", "water", "abfa", "lane"), "hq-karaj"), (("city", "water", "abfa", "far"), "hq-alborz"),
    (("city", "far", "water", "abfa"), "hq-karaj"), (("city", "far", "water", "roads"), "hq-alborz"),
    (("city", "abfa", "far", "far2"), "hq-fardis"), (("city", "far", "water", "lost"), "hq-alborz")])
def test_the_third_referral_in_all_goes_to_the_headquarters_above_the_two_of_it(
        chain: tuple[str, ...], headquarters: str) -> None:
    """Where one's place is not known, to the highest above the issue."""
    issue = an_issue_of(chain[0])
    for agency in chain[1:]:
        refer(issue, agency)
    assert issue.dispute and (issue.dispute["headquarters"], issue.times_referred) == (headquarters, 3)


def test_a_headquarters_that_is_no_more_is_passed_over() -> None:
    known = the_map(headquarters=[a_headquarters("hq-karaj", "karaj", "county", in_force=False),
                                  a_headquarters("hq-alborz", "alborz", "province")])
    issue = an_issue_of("city", known)
    for agency in ("water", "city", "water"):
        refer(issue, agency)
    assert issue.dispute and issue.dispute["headquarters"] == "hq-alborz"


def a_disputed_issue() -> Issue:
    issue = an_issue_of("city")
    for agency in ("water", "city", "water"):
        refer(issue, agency)
    return issue


def test_while_it_is_disputed_nobody_is_offered_it_and_the_ladder_goes_on() -> None:
    issue = a_disputed_issue()
    with pytest.raises(Refused, match="disputed"):
        give(issue, "abfa")
    assert issue.next_due_at == NOON + 25 * HOUR and issue.catch_up(NOON + 25 * HOUR)
    assert issue.moved[-1]["action"] == "escalate"


def test_what_the_headquarters_decides_binds() -> None:
    issue = a_disputed_issue()
    due = issue.tasks[0].due
    issue.decide(Assignee("water", True), SECRETARY, NOON + DAY, "لوله از آب است")
    task = issue.tasks[-1]
    assert (task.agency, task.binding, task.state, task.lead, task.due) == ("water", True, "offered", True, due)
    assert issue.dispute is None and issue.moved[-1]["reason"] == "لوله از آب است"
    offers = [each.happened for each in issue.recorded if isinstance(each.happened, issues.TaskOffered)]
    assert offers[-1].by == "headquarters"
    for attempt in (refuse, lambda issue: refer(issue, "city")):
        with pytest.raises(Refused, match="binding"):
            attempt(issue)
    for action in ("accept", "start"):
        issue.move(task.id, action, Actor("agency", "water"), NOON + DAY)
    with pytest.raises(Refused, match="binding"):
        refer(issue, "city")
    issue.move(task.id, "finish", Actor("agency", "water"), NOON + DAY, text="شد")
    assert issue.status == "done"


@pytest.mark.parametrize(("by", "reason", "refused"), [
    (Actor("agency", "water"), "x", NotAllowed), (Actor("filer"), "x", NotAllowed), (SECRETARY, " ", Invalid),
    (SECRETARY, None, Invalid)])
def test_only_the_secretary_says_what_was_decided_and_why(by: Actor, reason: str | None, refused: type[Problem]) -> None:
    issue = a_disputed_issue()
    with pytest.raises(refused):
        issue.decide(Assignee("water", True), by, NOON + DAY, reason)
    assert issue.dispute


def test_nothing_is_decided_of_what_nobody_disputes() -> None:
    with pytest.raises(Refused, match="nothing_disputed"):
        an_issue_of("city").decide(Assignee("water", True), SECRETARY, NOON, "x")


def test_after_a_decision_every_further_referral_of_another_part_is_disputed_at_once() -> None:
    issue = a_disputed_issue()
    issue.decide(Assignee("water", True), SECRETARY, NOON + DAY, "لوله از آب است")
    issue.offer(Assignee("abfa", True), SECRETARY, NOON + DAY, lead=False)
    refer(issue, "city")
    assert issue.dispute and issue.dispute["agencies"] == ["abfa", "city"] and len(disputes(issue)) == 2


def two_parts(issue: Issue) -> Issue:
    """`abfa` helps, and has finished; the lead is disputed."""
    issue.offer(Assignee("abfa", False), SECRETARY, NOON, lead=False, part="نشت")
    helper = issue.tasks[-1].id
    for action, text in (("accept", None), ("finish", "شد")):
        issue.move(helper, action, Actor("agency", "abfa"), NOON, text=text)
    for agency in ("water", "city", "water"):
        refer(issue, agency)
    return issue


def test_what_is_disputed_is_not_closed_because_another_part_is_done() -> None:
    issue = two_parts(an_issue_of("city"))
    assert issue.status == "done" and issue.dispute
    for attempt in (lambda: issue.confirm(5, None, NOON + DAY), lambda: issue.check(SECRETARY, NOON + DAY)):
        with pytest.raises(Refused, match="disputed"):
            attempt()
    issue.catch_up(NOON + 90 * DAY)
    assert issue.status == "done" and issue.moved[-1]["action"] == "escalate" and issue.next_due_at is None
    issue.decide(Assignee("water", False), SECRETARY, NOON + 90 * DAY, "با آب")
    assert issue.tasks[-1].lead and issue.status == "in_progress"


def test_one_dispute_is_decided_before_the_next_begins() -> None:
    issue = an_issue_of("city")
    issue.offer(Assignee("abfa", False), SECRETARY, NOON, lead=False)
    refer(issue, "far")
    helper = issue.tasks[-1]
    for to in ("water", "city"):
        lead = next(task for task in issue.open_tasks if task.lead)
        issue.refer(lead.id, Assignee(to, False), Actor("agency", lead.agency), NOON + HOUR, "کار ما نیست")
    with pytest.raises(Refused, match="disputed"):
        issue.refer(helper.id, Assignee("other", False), Actor("agency", "far"), NOON + HOUR, "کار ما نیست")
    issue.move(helper.id, "refuse", Actor("agency", "far"), NOON + HOUR, "نه")
    assert issue.dispute and issue.dispute["agencies"] == ["water", "city"] and len(disputes(issue)) == 1


@pytest.mark.parametrize(("to", "reason", "code"), [
    ("city", "x", "referred_to_itself"), ("abfa", "x", "already_offered"), ("water", None, "reason_needed"),
    ("water", "  ", "reason_needed")])
def test_a_referral_that_cannot_be_is_refused_and_counted_nowhere(to: str, reason: str | None, code: str) -> None:
    issue = an_issue_of("city")
    issue.offer(Assignee("abfa", False), SECRETARY, NOON, lead=False)
    with pytest.raises(Problem, match=code):
        issue.refer(issue.tasks[0].id, Assignee(to, False), Actor("agency", "city"), NOON, reason)
    assert (issue.times_referred, issue.handovers, issue.tasks[0].state) == (0, [], "offered")


def test_whatever_agencies_do_it_ends_with_a_decision() -> None:
    """Each refers whenever it may, to everybody in turn: never more than three referrals until somebody decides."""
    issue = an_issue_of("city", the_map())
    issue.around = Circumstances()
    others = ["water", "abfa", "other", "city"] * 9
    while issue.open_tasks:
        to = others.pop(0)
        if to != issue.open_tasks[-1].agency:
            refer(issue, to)
    assert issue.times_referred <= 3 and issue.dispute and issue.dispute["headquarters"] is None


def test_who_is_offered_the_work_of_the_lead_goes_on_with_its_clock_and_a_helper_with_the_helpers() -> None:
    issue = an_issue_of("city")
    issue.tasks[0].part = "لوله"
    issue.move(issue.tasks[0].id, "accept", Actor("agency", "city"), NOON)
    issue.offer(Assignee("abfa", False), SECRETARY, NOON, lead=False, part="نشت")
    issue.move(issue.tasks[0].id, "extend", SECRETARY, NOON, "برف", until=NOON + 90 * DAY)
    assert issue.has_lead()
    for task in issue.tasks[:]:
        issue.move(task.id, "cancel", SECRETARY, NOON + DAY, "به دیگری")
    assert not issue.has_lead()
    issue.offer(Assignee("water", False), ROUTER, NOON + DAY)
    issue.offer(Assignee("other", False), SECRETARY, NOON + DAY, lead=False, part="نشت")
    assert [task.due for task in issue.tasks[2:]] == [NOON + 90 * DAY, NOON + 72 * HOUR]
    for action, text in (("accept", None), ("finish", "شد")):
        issue.move(issue.tasks[2].id, action, Actor("agency", "water"), NOON + DAY, text=text)
    assert issue.has_lead(), "it has answered for the whole"
