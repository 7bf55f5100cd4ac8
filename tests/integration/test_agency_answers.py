"""What an agency says over its queue is held to the same limits as what it says over HTTP."""
from typing import Any

import pytest

from contracts.agencies import Answer
from contracts.errors import NotFound
from contracts.preconditions import Condition
from services.issues.atlas import Atlas
from services.issues.documents import StrayAnswer, issue_store
from services.issues.life.command import Command
from services.issues.use_cases import Commands
from tests.builders import a_routed_issue
from tests.integration.conftest import Connect


@pytest.fixture
def task(database: Connect) -> str:
    """A task offered to agency a1."""
    database("issues")
    issue = a_routed_issue()
    issue_store().add([issue])
    return issue.tasks[0].id


def told(task: str, **said: Any) -> dict[str, Any]:
    """What the agency is told of an answer, and nothing but that has happened."""
    store = issue_store()
    Commands(store, Atlas()).take("answer-1", "a1", Answer(task, **said))
    issue = store.find(_id=task.rpartition("-")[0])
    assert issue and issue.tasks[0].state == "offered"
    found = StrayAnswer._get_collection().find_one({"_id": "a1:answer-1"})
    data: dict[str, Any] = found["outbox"][0]["data"]
    return data


@pytest.mark.parametrize(("said", "field"), [
    ({"action": "refuse", "reason": "ن" * 100_000}, "/reason: Length must be between 1 and 2000."),
    ({"action": "finish", "text": "ن" * 4001}, "/text: Length must be between 1 and 4000."),
    ({"action": "finish", "text": "شد\x00"}, "/text: A NUL character cannot be kept."),
], ids=["a long reason", "a long text", "a NUL"])
def test_an_answer_over_a_limit_is_refused_and_its_agency_told_which(task: str, said: dict[str, str], field: str) -> None:
    answer = told(task, **said)
    assert answer["code"] == "invalid" and field in answer["reason_en"]
    assert field.partition(":")[0] in answer["reason_fa"]


def test_a_refusal_without_a_reason_is_told_what_is_missing(task: str) -> None:
    answer = told(task, action="refuse")
    assert answer["code"] == "reason_needed" and answer["reason_en"].startswith("This needs a reason;")


def test_an_agency_learns_nothing_of_anothers_task_from_the_version_that_it_names(task: str) -> None:
    with pytest.raises(NotFound):
        Commands(issue_store(), Atlas()).answer(task, "accept", "a2", Command("c", "accept", Condition(frozenset({99}))), {})
