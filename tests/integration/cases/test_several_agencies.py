"""Several agencies at work on one case: each reads its part, and none chooses who else learns of it."""
from typing import Any

import pytest

from chassis.caller import Caller
from contracts.errors import Refused
from services.issues import use_cases
from services.issues.cases import casework, showing
from services.issues.documents import IssueDocument, issue_store
from services.issues.model import Actor, Assignee, Issue
from tests.builders import NOON, a_routed_issue
from tests.integration.cases.builders import WORDS, decide, keep


def several(part: str | None) -> Issue:
    """Agency a1 by rule, a2 with this part; a1 has given a reason."""
    issue = a_routed_issue(confidential=True, text=WORDS, title="عنوان", point={"lon": 50.9, "lat": 35.8})
    issue.offer(Assignee("a2", queued=True), Actor("case_worker", "karaj"), NOON, "دلیل سپردن", lead=False, part=part)
    issue.move(issue.tasks[0].id, "accept", Actor("agency", "a1"), NOON)
    issue.move(issue.tasks[0].id, "finish", Actor("agency", "a1"), NOON, text="گفتهٔ دستگاه یک")
    return keep(issue)


def task_of(issue: Issue, agency: str) -> dict[str, Any]:
    task = next(task for task in issue.tasks if task.agency == agency)
    return showing.show_task(Caller("agency", agency), use_cases.find(issue.id), task.id)


def test_an_agency_with_a_part_reads_that_part_and_nothing_of_the_rest() -> None:
    seen = task_of(several("برای یک نفر غذای گرم"), "a2")
    assert seen["part"] == "برای یک نفر غذای گرم"
    hidden = (WORDS, "عنوان", "50.9", "lighting", "گفتهٔ دستگاه یک", "a1")
    assert [each for each in hidden if each in str(seen)] == []


def test_an_agency_without_a_part_reads_no_words_once_somebody_has_one() -> None:
    seen = task_of(several("برای یک نفر غذای گرم"), "a1")
    assert seen["text"] == "گفتهٔ دستگاه یک" and seen["part"] is None
    assert [each for each in (WORDS, "غذای گرم", "a2", "دلیل سپردن") if each in str(seen)] == []


def test_while_nobody_has_a_part_every_agency_reads_the_text_but_of_each_other_nothing() -> None:
    for agency, other in (("a1", "a2"), ("a2", "a1")):
        seen = task_of(several(None), agency)
        assert seen["issue"]["text"] == WORDS and other not in str(seen)
        IssueDocument._get_collection().delete_many({})


def test_no_agency_chooses_who_else_learns_of_a_case(work: casework.CaseWork) -> None:
    issue = several("برای یک نفر غذای گرم")
    task = next(task.id for task in issue.tasks if task.agency == "a2")
    with pytest.raises(Refused, match="case_not_referred"):
        decide(issue, lambda found: found.refer(task, Assignee("a3", False), Actor("agency", "a2"), NOON, "دلیل ارجاع"))
    found = issue_store().find(_id=issue.id)
    assert found and "a3" not in {task.agency for task in found.tasks}
