"""The agency's client shares no code with the platform: what each writes, the other reads, by the golden messages."""
import ast
import sys
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import mahalle_agency
import orjson
import pytest
from mahalle_agency.answers import FOR_WHOM, NEEDED, Answer
from mahalle_agency.messages import ANSWERS, TASKS, AnswerTold, Task, TaskTold, read
from mahalle_agency.sending import EXCHANGE

from contracts import agencies, envelope
from contracts.event import BY_NAME
from services.issues.life import moves
from services.issues.life.moves import AGENCY as AGENCY_ROLE
from services.issues.life.moves import AGENCY_ACTIONS, rows_of
from tests.contract.messages import AGENCY, SAMPLES

ANSWER = "mahalle.agencies.answer.v1"
ANSWERED = sorted(path.stem for path in SAMPLES.glob(f"{ANSWER}*.json"))
UNTIL = datetime(2027, 4, 4, 4, 30, tzinfo=UTC)
GIVEN: dict[str, Any] = {"reason": "بودجه نیست", "text": "لوله عوض شد", "agency": "karaj-municipality", "for_whom": "filer",
                         "until": UNTIL, "photograph": "https://example.org/1.jpg"}
TOLD = {path.stem: orjson.loads(path.read_bytes()) for path in sorted(SAMPLES.glob("mahalle.agencies.*.json"))
        if not path.stem.startswith(f"{ANSWER}")}
PACKAGE = Path(mahalle_agency.__file__).parent


def both(message: dict[str, Any], **more: Any) -> tuple[envelope.Received, TaskTold | AnswerTold]:
    """The message as the platform's reader and as the agency's reader take it apart."""
    body = orjson.dumps(message["body"] | more)
    return (envelope.read(message["headers"], body, message["content_type"]),
            read(message["headers"], body, message["content_type"]))


@pytest.mark.parametrize("name", TOLD)
def test_the_agency_reads_every_golden_message_as_the_platform_does(name: str) -> None:
    received, told = both(TOLD[name])
    assert (told.id, told.at, told.sequence, told.trace) == (received.id, received.time, received.sequence, received.trace)
    if isinstance(told, AnswerTold):
        assert told.kind in name
        assert all(getattr(told, item.name) == getattr(received.happened, item.name) for item in fields(received.happened))
    else:
        point = received.snapshot.point
        assert told.kind in name and told.task.point == ((point["lon"], point["lat"]) if point else None)
        assert [item.name for item in fields(Task) if item.name != "point"
                and getattr(told.task, item.name) != getattr(received.snapshot, item.name)] == []


@pytest.mark.parametrize("name", TOLD)
def test_a_field_that_the_agency_does_not_know_is_ignored(name: str) -> None:
    assert both(TOLD[name], new_in_2030=[1])[1] == both(TOLD[name])[1]


def test_the_agency_knows_every_message_that_is_meant_for_it_and_every_field_of_a_task() -> None:
    assert {*TASKS, *ANSWERS} == {name for name, kind in BY_NAME.items() if kind.producer == "agencies"} - {ANSWER}
    assert {item.name for item in fields(Task)} == {item.name for item in fields(agencies.TaskBrief)}


@pytest.mark.parametrize("name", ANSWERED)
def test_the_agency_writes_the_golden_answers_to_the_letter(name: str) -> None:
    sample = orjson.loads((SAMPLES / f"{name}.json").read_bytes())
    at = envelope.read(sample["headers"], orjson.dumps(sample["body"]), sample["content_type"]).time
    until = {"until": datetime.fromisoformat(sample["body"]["until"])} if "until" in sample["body"] else {}
    said = Answer(**sample["body"] | until, id=sample["headers"]["ce-id"], at=at)
    assert {"exchange": EXCHANGE, "routing_key": AGENCY, "content_type": mahalle_agency.messages.CONTENT_TYPE,
            "headers": said.headers(AGENCY), "body": orjson.loads(said.body())} == sample


@pytest.mark.parametrize("action", AGENCY_ACTIONS)
def test_the_platform_reads_every_answer_an_agency_may_give(action: str) -> None:
    said = Answer("i-1", action, **GIVEN)
    received = envelope.read(said.headers(AGENCY), said.body(), "application/json", AGENCY)
    assert received.happened == agencies.Answer("i-1", action, **GIVEN)
    assert (received.id, received.subject) == (said.id, "i-1")


def test_an_agency_may_say_what_the_task_table_lets_it_and_must_give_what_it_needs() -> None:
    needs = {action: {need for row in rows_of(action, AGENCY_ROLE) for need in row.needs} for action in AGENCY_ACTIONS}
    needs["refer"] |= {"agency"}  # to whom: an argument of its own in the model
    assert {action: set(needed) for action, needed in NEEDED.items()} == needs
    assert list(NEEDED) == list(AGENCY_ACTIONS) and FOR_WHOM == moves.FOR_WHOM
    assert {item.name for item in fields(Answer)} - {"id", "at"} == {item.name for item in fields(agencies.Answer)}


def test_the_client_imports_nothing_of_the_platform_and_nothing_that_it_does_not_ask_for() -> None:
    allowed = {*sys.stdlib_module_names, "pika", "click", "mahalle_agency"}
    found = {name.partition(".")[0] for file in PACKAGE.glob("*.py") for node in ast.walk(ast.parse(file.read_text()))
             for name in ([alias.name for alias in node.names] if isinstance(node, ast.Import)
                          else [node.module or ""] if isinstance(node, ast.ImportFrom) else [])}
    assert found - allowed == set()
