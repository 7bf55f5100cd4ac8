"""CloudEvents 1.0 in binary mode over AMQP: `ce-*` headers, JSON body (the RabbitMQ protocol binding's names).

`body` and `headers` write a message, `read` takes one apart. What cannot be read is refused with a reason that holds
nothing of the message itself, so that it may be logged.
"""
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

import orjson
from marshmallow import ValidationError

from contracts.event import BY_CLASS, BY_NAME, EventType
from contracts.schema import instant, schema_of

CONTENT_TYPE = "application/json"
MAX_BODY = 1_000_000  # bytes; boundaries are the largest honest messages, some 10 kB each
MAX_DEPTH = 20


class Unreadable(Exception):
    """The message can never be read as it is: broken, not ours, or of a version this reader does not know."""


@dataclass(frozen=True)
class Received:
    """A message taken apart. `sequence` is the aggregate's version; `trace` a W3C traceparent or None.

    `key` is the routing key it was published with, which the broker has checked against its publisher's rights.
    """

    id: str
    happened: Any
    snapshot: Any
    subject: str
    sequence: int
    time: datetime
    trace: str | None = None
    key: str = ""


def event_id(aggregate: str, sequence: int, position: int) -> str:
    """The same event has the same id however often its write is tried: uuid5 of aggregate, version and place in it."""
    return str(uuid5(UUID("6b1f2a52-6d4c-4f0e-9a3c-6d6168616c65"), f"{aggregate}:{sequence}:{position}"))


def headers(entry: Mapping[str, Any]) -> dict[str, str]:
    """The headers of an outbox entry (`id type subject seq at`, optional `trace`), all strings."""
    found = {
        "ce-specversion": "1.0", "ce-id": entry["id"], "ce-type": entry["type"],
        "ce-source": f"/{entry['type'].split('.')[1]}", "ce-subject": entry["subject"],
        "ce-time": instant(entry["at"].replace(tzinfo=entry["at"].tzinfo or UTC)), "ce-sequence": str(entry["seq"]),
    }
    return found | ({"ce-traceparent": entry["trace"]} if entry.get("trace") else {})


def body(kind: EventType, data: dict[str, Any], snapshot: dict[str, Any] | None) -> bytes:
    """The JSON body: the event's own fields, and the aggregate's snapshot where the event has one."""
    if snapshot is None:
        return orjson.dumps(data)
    return orjson.dumps(data | snapshot if kind.inline else {**data, "snapshot": snapshot})


def read(found: Mapping[str, Any] | None, raw: bytes | str, content_type: str | None, key: str = "") -> Received:
    """A message by its contract. Headers that are not ours are ignored. Raises Unreadable."""
    known = {k: v for k, v in (found or {}).items() if isinstance(k, str) and isinstance(v, str) and len(v) < 1000}
    if known.get("ce-specversion") != "1.0":
        raise Unreadable("not a CloudEvents 1.0 message in binary mode")
    if content_type != CONTENT_TYPE:
        raise Unreadable("the content type is not application/json")
    kind = BY_NAME.get(known.get("ce-type", ""))
    if kind is None:
        raise Unreadable("an event type or version that this reader does not know")
    return _received(kind, known, _object(raw), key)


def _object(raw: bytes | str) -> dict[str, Any]:
    if len(raw) > MAX_BODY:
        raise Unreadable("the body is too large")
    try:
        data = orjson.loads(raw)
    except (orjson.JSONDecodeError, UnicodeError) as error:
        raise Unreadable("the body is not JSON in UTF-8") from error
    if not isinstance(data, dict) or _too_deep(data):
        raise Unreadable("the body is not a JSON object, or nested too deeply")
    return data


def _too_deep(data: dict[str, Any]) -> bool:
    """Whether more than MAX_DEPTH objects and lists lie in each other. Level by level, because every message is asked."""
    level: list[Any] = [data]
    for _ in range(MAX_DEPTH):
        level = [child for each in level for child in (each.values() if isinstance(each, dict) else each)
                 if isinstance(child, (dict, list))]
    return bool(level)


def _received(kind: EventType, known: Mapping[str, str], data: dict[str, Any], key: str) -> Received:
    try:
        happened = schema_of(kind.cls).load(data)
        carried = data if kind.inline else data.get("snapshot")
        snapshot = schema_of(kind.snapshot).load(carried or {}) if kind.snapshot else None
        time = datetime.fromisoformat(known["ce-time"])
        return Received(known["ce-id"], happened, snapshot, known.get("ce-subject", ""),
                        int(known.get("ce-sequence", "0")), time, known.get("ce-traceparent"), key)
    except ValidationError as error:
        raise Unreadable(f"does not fit {kind.name}: fields {sorted(map(str, dict(error.messages_dict)))}") from error
    except (KeyError, ValueError) as error:
        raise Unreadable("a header that CloudEvents asks for is missing or wrong") from error


def entry(happened: Any, *, aggregate: str, sequence: int, position: int, at: datetime, subject: str = "",
          exchange: str = "", key: str = "", trace: str | None = None) -> dict[str, Any]:
    """What lies in an outbox until it is confirmed: thin, without the snapshot. `at` is aware, UTC.

    `subject` is the aggregate unless a part of it is meant, such as one task. Facts go to their producer's exchange
    under their routing key; `exchange` and `key` are given for what is meant for one agency.
    """
    kind = BY_CLASS[type(happened)]
    return {
        "id": event_id(aggregate, sequence, position), "type": kind.name, "subject": subject or aggregate,
        "seq": sequence, "at": at, "due": at, "tries": 0, "exchange": exchange or f"{kind.producer}.events",
        "key": key or kind.routing_key,
        "data": dict(schema_of(kind.cls).dump(happened)), **({"trace": trace} if trace else {}),
    }
