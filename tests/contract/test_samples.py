"""The golden messages: the platform still writes them to the byte, and every reader still reads them."""
import re
from typing import Any

import orjson
import pytest

from chassis.topology import WORK
from contracts import agencies, envelope, issues, registry
from contracts.envelope import Received, Unreadable
from contracts.event import BY_NAME, EventType, event
from services.booklet.documents import row_of
from services.booklet.names import REGISTERS as NAMED
from services.booklet.names import name_of
from services.issues.atlas import REGISTERS as ROUTED
from services.issues.atlas import _boundary, _row
from services.notifications.rules import about, told
from services.notifications.use_cases import REGISTERS as KNOWN
from services.notifications.use_cases import _known
from tests.contract.messages import PRIVATE, SAMPLES, WORDS, messages

STORED = {path.stem: orjson.loads(path.read_bytes()) for path in sorted(SAMPLES.glob("*.json"))}
NAME = re.compile(r"mahalle\.[a-z]+\.[a-z_]+\.v[1-9][0-9]*")


def read(message: dict[str, Any], **more: Any) -> Received:
    body = orjson.dumps(message["body"] | more.pop("body", {}))
    return envelope.read(message["headers"] | more, body, message["content_type"], message["routing_key"])


def test_the_platform_writes_every_sample_to_the_byte_and_no_other() -> None:
    assert messages() == STORED


def test_every_event_has_a_sample() -> None:
    assert {re.sub(r"(\.v\d+)\..*", r"\1", name) for name in STORED} == set(BY_NAME)


@pytest.mark.parametrize("name", STORED)
def test_a_reader_reads_what_was_written(name: str) -> None:
    message = STORED[name]
    received = read(message)
    kind = BY_NAME[message["headers"]["ce-type"]]
    assert (received.id, received.subject) == (message["headers"]["ce-id"], message["headers"]["ce-subject"])
    assert isinstance(received.happened, kind.cls)
    assert (received.snapshot is None) == (kind.snapshot is None)
    assert received.sequence == int(message["headers"].get("ce-sequence", 0))


@pytest.mark.parametrize("name", STORED)
def test_a_field_that_a_reader_does_not_know_is_ignored(name: str) -> None:
    assert read(STORED[name], body={"new_in_2030": [1]}) == read(STORED[name])


@pytest.mark.parametrize("name", STORED)
def test_an_event_of_a_future_version_is_refused_and_not_guessed(name: str) -> None:
    future = re.sub(r"v\d+$", "v99", STORED[name]["headers"]["ce-type"])
    with pytest.raises(Unreadable, match="version that this reader does not know"):
        read(STORED[name], **{"ce-type": future})


@pytest.mark.parametrize("name", STORED)
def test_no_message_holds_an_address_or_the_filers_closing_words(name: str) -> None:
    written = orjson.dumps(STORED[name]).decode()
    assert not [secret for secret in (*PRIVATE.values(), WORDS) if secret in written]


def test_of_a_confidential_issue_the_agency_is_told_only_where_to_look() -> None:
    brief = STORED["mahalle.agencies.task_offered.v1.confidential"]["body"]
    assert set(brief) == {"task_id", "issue_id", "agency", "state", "accept_by", "due", "confidential", "links"}
    assert set(STORED["mahalle.issues.confidential_issue_changed.v1"]["body"]["snapshot"]) == {
        "id", "version", "confidential"}


@pytest.mark.parametrize("kind", BY_NAME.values(), ids=lambda kind: kind.name)
def test_wire_names_follow_their_grammar_and_messages_follow_the_names(kind: EventType) -> None:
    assert NAME.fullmatch(kind.name)
    for message in STORED.values():
        if message["headers"]["ce-type"] == kind.name and kind.producer != "agencies":
            assert (message["exchange"], message["routing_key"]) == (f"{kind.producer}.events", kind.routing_key)


def test_a_wire_name_is_given_once() -> None:
    with pytest.raises(ValueError, match="is taken"):
        event("mahalle.issues.issue_filed.v1")(type("Another", (), {}))


@pytest.mark.parametrize("kind", [k for k in BY_NAME.values() if k.needs_reader and k.producer != "agencies"],
                         ids=lambda kind: kind.name)
def test_what_must_be_read_has_a_queue_bound_to_it(kind: EventType) -> None:
    assert [work for work in WORK if work.exchange == f"{kind.producer}.events"
            and set(work.keys) & {"#", kind.routing_key}]


@pytest.mark.parametrize("name", [name for name in STORED if name.startswith("mahalle.registry")])
def test_readers_of_the_registry_make_their_rows_of_it(name: str) -> None:
    snapshot = read(STORED[name]).snapshot
    for registers, row in ((ROUTED, _row), (NAMED, name_of), (KNOWN, _known)):
        if type(snapshot) in registers:
            made = row(snapshot)
            assert made["_id"].endswith(f":{snapshot.code}") and made["version"] == snapshot.version
    if isinstance(snapshot, registry.BoundarySnapshot):
        assert _boundary(snapshot)["polygon"]["type"] == "Polygon"


@pytest.mark.parametrize("name", [name for name in STORED if name.startswith("mahalle.issues")])
def test_readers_of_issues_make_their_rows_and_letters_of_it(name: str) -> None:
    received = read(STORED[name])
    row = row_of(received.snapshot)
    assert (row["_id"], row["version"]) == (received.snapshot.id, received.snapshot.version)
    letters = [rule.template for rule, _ in told(received.happened, received.snapshot)]
    if isinstance(received.happened, issues.IssueFiled):
        assert letters == ["filed", "filed_nearby"]
    if isinstance(received.happened, issues.IssueRestated | issues.ConfidentialIssueChanged):
        assert letters == []
    assert about(received.happened, received.snapshot)["issue"] == received.snapshot.id


def test_an_answer_is_read_with_the_key_that_the_broker_checked() -> None:
    received = read(STORED["mahalle.agencies.answer.v1"])
    assert isinstance(received.happened, agencies.Answer) and received.key == "abfa-karaj"
