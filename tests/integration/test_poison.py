"""Messages that break stock nameko: each is a dead letter once, with its reason, and nothing else notices it."""
import json
import pickle
import sys
from collections.abc import Iterator
from typing import Any

import pika
import pytest

from tests.builders import NOON
from tests.integration.probing import DEAD, FILED, FIRST_RUNG, KEY, Probe, at_rest, body_of
from tests.integration.waiting import eventually
from tests.integration.wire import Wire, headers

SECRET = "somebody-in-n1"
GOOD = body_of("note", said=SECRET)
NOT_OURS = "not a CloudEvents 1.0 message in binary mode"
NOT_JSON = "the body is not JSON in UTF-8"
NO_OBJECT = "the body is not a JSON object, or nested too deeply"
MISSING = "a header that CloudEvents asks for is missing or wrong"
UNKNOWN = "an event type or version that this reader does not know"
FRAME = 131_072  # bytes, the most that the broker takes of all headers of a message together
AROUND = 20  # of them are no headers


def nested(levels: int) -> bytes:
    return b'{"a":' * levels + b"1" + b"}" * levels


@pytest.fixture
def hostile(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Lets pika write what it refuses to: thousands of tables within each other, and every time as one far away."""
    limit = sys.getrecursionlimit()
    monkeypatch.setattr("pika.data.calendar.timegm", lambda time: 2**60)
    sys.setrecursionlimit(20_000)
    yield
    sys.setrecursionlimit(limit)


def tables(levels: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(levels):
        found = {"a": found}
    return found


BODIES = {
    "broken JSON": (b'{"name": "' + SECRET.encode() + b'", ', NOT_JSON),
    "pickle": (pickle.dumps({"name": SECRET}), NOT_JSON),
    "bad UTF-8": (b'{"name": "' + SECRET.encode() + b'\xff"}', NOT_JSON),
    "half a letter": (json.dumps({"issue_id": "\ud800"}).encode(), NOT_JSON),
    "nothing": (b"", NOT_JSON),
    "not a number": (b'{"issue_id": NaN}', NOT_JSON),
    "an array": (json.dumps([SECRET]).encode(), NO_OBJECT),
    "deep nesting": (nested(500), NO_OBJECT),
    "deeper nesting": (b"[" * 200_000, NOT_JSON),
    "20 MB": (json.dumps({"name": SECRET * 1_400_000}).encode(), "the body is too large"),
    "a missing field": (json.dumps({"snapshot": {"name": SECRET}}).encode(),
                        f"does not fit {FILED}: fields ['issue_id']"),
    "a field of another type": (body_of("note", issue_id={"name": SECRET}), f"does not fit {FILED}: fields ['issue_id']"),
}
HEADERS: dict[str, tuple[dict[str, Any] | None, str]] = {
    "no headers": (None, NOT_OURS),
    "a number for the type": ({"ce-type": 5}, UNKNOWN),
    "a number for the id": ({"ce-id": 5}, MISSING),
    "no time": ({"ce-time": "yesterday"}, MISSING),
    "a sequence that is no number": ({"ce-sequence": "1e400"}, MISSING),
    "a version of the future": ({"ce-type": "mahalle.issues.issue_filed.v9"}, UNKNOWN),
    "an unknown event": ({"ce-type": "mahalle.issues.issue_eaten.v1"}, UNKNOWN),
    "another specification": ({"ce-specversion": "2.0"}, NOT_OURS),
    "a long header": ({"ce-type": "x" * 100_000}, UNKNOWN),
    "ten thousand headers": ({f"h{number}": 1 for number in range(10_000)} | {"ce-type": "x"}, UNKNOWN),
    "a header that is a table": ({"ce-type": {"a": [1, {"b": None}]}}, UNKNOWN),
    "tables within tables": ({"deep": tables(3_000)}, NOT_OURS),
    "a time beyond the year 9999": ({"when": NOON}, NOT_OURS),
}
PROPERTIES: dict[str, tuple[dict[str, Any], str]] = {
    "no content type": ({"content_type": None}, "the content type is not application/json"),
    "another content type": ({"content_type": "application/x-python-serialize"}, "the content type is not application/json"),
    "a content type in broken UTF-8": ({"content_type": b"\xff\xfe"}, NOT_OURS),
    "a message id in broken UTF-8": ({"message_id": b"\xff\xfe"}, NOT_OURS),
}


@pytest.fixture
def probe(probe: Probe) -> Iterator[Probe]:
    yield from at_rest(probe)
    assert SECRET not in probe.process.log()


def buried_between_neighbours(probe: Probe, wire: Wire, why: str, body: bytes, given: dict[str, Any] | None,
                              **properties: Any) -> None:
    before = probe.tell("note", 3)
    wire.publish("issues.events", KEY, body, given, **properties)
    after = probe.tell("note", 3)
    probe.does(before + after)
    found = eventually("it is a dead letter", lambda: wire.take_all(DEAD))
    assert [(properties.headers or {})["x-reason"] for properties, _ in found] == [why]
    assert found[0][1] == body, "as it came"


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_cannot_be_read_is_a_dead_letter_with_its_reason(probe: Probe, wire: Wire, name: str) -> None:
    body, why = BODIES[name]
    buried_between_neighbours(probe, wire, why, body, headers(FILED))


@pytest.mark.parametrize("name", HEADERS)
def test_headers_that_cannot_be_read_make_a_dead_letter_with_its_reason(
        probe: Probe, wire: Wire, hostile: None, name: str) -> None:
    given, why = HEADERS[name]
    buried_between_neighbours(probe, wire, why, GOOD, given and headers(FILED) | given)


@pytest.mark.parametrize("name", PROPERTIES)
def test_properties_that_cannot_be_read_make_a_dead_letter_with_its_reason(probe: Probe, wire: Wire, name: str) -> None:
    properties, why = PROPERTIES[name]
    buried_between_neighbours(probe, wire, why, GOOD, headers(FILED), **properties)


def test_an_empty_body_in_an_unknown_encoding_is_a_dead_letter_too(probe: Probe, wire: Wire) -> None:
    buried_between_neighbours(probe, wire, NOT_JSON, b"", headers(FILED), content_encoding="no-such-encoding")


def test_a_header_of_stock_nameko_that_ended_its_process_is_ignored(probe: Probe, wire: Wire) -> None:
    given = headers(FILED, **{"nameko.call_id_stack": 5})
    wire.publish("issues.events", KEY, GOOD, given)
    probe.does([given["ce-id"]])
    assert probe.leftovers() == {}


def test_fields_that_a_newer_producer_added_are_ignored(probe: Probe, wire: Wire) -> None:
    given = headers(FILED, **{"ce-newer": "1"})
    wire.publish("issues.events", KEY, body_of("note", newer=[1]), given)
    probe.does([given["ce-id"]])


def full(given: dict[str, Any]) -> dict[str, Any]:
    """With one more header, so that not a byte more fits."""
    properties = pika.BasicProperties("application/json", headers=given | {"huge": ""}, delivery_mode=2)
    return given | {"huge": "x" * (FRAME - AROUND - sum(map(len, properties.encode())))}


def test_headers_that_leave_no_room_for_our_marks_make_a_dead_letter_as_well(probe: Probe, wire: Wire) -> None:
    buried_between_neighbours(probe, wire, NOT_JSON, b"", full(headers(FILED)))


def test_what_failed_under_headers_that_leave_no_room_is_tried_again_as_well(probe: Probe, wire: Wire) -> None:
    wire.publish("issues.events", KEY, body_of("fail"), full(headers(FILED)))
    found = eventually("it will be tried again", lambda: wire.take(FIRST_RUNG))
    assert found and (found[0].headers or {})["ce-type"] == FILED


def test_who_sends_a_message_cannot_write_our_marks_on_it(probe: Probe, wire: Wire) -> None:
    wire.publish("issues.events", KEY, body_of("fail"), headers(FILED, **{
        "x-attempt": 3, "x-first-failed": 1, "x-original-key": "another"}))
    found = eventually("it is on the first rung", lambda: wire.take(FIRST_RUNG))
    assert found and {name: (found[0].headers or {})[name] for name in ("x-attempt", "x-original-key")} == {
        "x-attempt": 1, "x-original-key": KEY}
