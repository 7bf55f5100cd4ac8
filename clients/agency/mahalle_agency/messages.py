"""What the platform tells an agency: its tasks, and what became of its answers. CloudEvents 1.0 in binary mode.

Fields that this version does not know are ignored. What cannot be read is refused with a reason that holds nothing
of the message itself, so that it may be logged.
"""
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

CONTENT_TYPE = "application/json"
TASKS = {f"mahalle.agencies.task_{kind}.v1": kind for kind in ("offered", "changed", "cancelled")}
ANSWERS = {f"mahalle.agencies.answer_{kind}.v1": kind for kind in ("taken", "refused")}


class Unreadable(Exception):
    """The message is broken, not the platform's, or of a version that this client does not know."""


@dataclass(frozen=True)
class Task:
    """What an agency needs to start: what, where, until when. Times are aware, UTC.

    Of a confidential one everything after `confidential` but `links` is None; `mahalle-agency show` and
    `links["self"]` read it over HTTP. `point` is longitude and latitude, WGS 84 degrees. `lead`: the agency answers for the
    whole, where others have a part too; `part` says what its own is. `binding`: a headquarters decided, so it can be neither
    refused nor referred. `reason`: why the task came, such as that of a referral.
    """

    task_id: str
    issue_id: str
    agency: str
    state: str
    accept_by: datetime
    due: datetime
    confidential: bool = False
    tracking_code: str | None = None
    category: str | None = None
    category_name: str | None = None
    title: str | None = None
    text: str | None = None
    neighbourhood: str | None = None
    neighbourhood_name: str | None = None
    point: tuple[float, float] | None = None
    filed_at: datetime | None = None
    lead: bool = True
    binding: bool = False
    part: str | None = None
    reason: str | None = None
    links: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """What every message has. `id` is the same when it comes again; of two about one issue the higher `sequence` is
    newer; `trace` is a W3C traceparent or None."""

    kind: str
    id: str
    at: datetime
    sequence: int
    trace: str | None


@dataclass(frozen=True)
class TaskTold(Told):
    """A task was `offered`, `changed` by somebody else ("not fixed" brings it back to work), or `cancelled`."""

    task: Task


@dataclass(frozen=True)
class AnswerTold(Told):
    """An answer was `taken`, the task is now in `state`; or `refused`: nothing changed, `code` is stable, and the
    reasons say what to do next."""

    answer_id: str
    task_id: str
    agency: str
    action: str
    state: str | None
    code: str | None = None
    reason_fa: str | None = None
    reason_en: str | None = None


Message = TaskTold | AnswerTold


def read(headers: Mapping[str, Any] | None, body: bytes, content_type: str | None) -> Message:
    """A message taken apart. Raises Unreadable."""
    known = {name: value for name, value in (headers or {}).items() if isinstance(value, str)}
    kind = known.get("ce-type", "")
    if known.get("ce-specversion") != "1.0" or content_type != CONTENT_TYPE:
        raise Unreadable("not a CloudEvents 1.0 message in binary mode with a JSON body")
    if kind not in TASKS and kind not in ANSWERS:
        raise Unreadable("a type or version of message that this client does not know; a newer client may")
    try:
        told = (known["ce-id"], moment(known["ce-time"]), int(known.get("ce-sequence", "0")), known.get("ce-traceparent"))
        found = json_object(body)
        if kind in TASKS:
            return TaskTold(TASKS[kind], *told, task=task_of(found))
        return AnswerTold(ANSWERS[kind], *told, **(_texts(found, "answer_id", "task_id", "agency", "action")
                                                   | _texts(found, "state", "code", "reason_fa", "reason_en", needed=False)))
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise Unreadable(f"it does not fit {kind} ({type(error).__name__})") from None


def json_object(body: bytes) -> dict[str, Any]:
    found = json.loads(body)
    if not isinstance(found, dict):
        raise TypeError("not a JSON object")
    return found


def moment(value: Any) -> datetime:
    """RFC 3339 with an offset, as UTC. Raises TypeError or ValueError."""
    found = datetime.fromisoformat(value)
    if found.tzinfo is None:
        raise ValueError("a time without an offset")
    return found.astimezone(UTC)


def task_of(found: Mapping[str, Any]) -> Task:
    """A task from JSON values. Raises KeyError, TypeError or ValueError where it is none."""
    point, filed_at = found.get("point"), found.get("filed_at")
    return Task(
        **_texts(found, "task_id", "issue_id", "agency", "state"),
        **_texts(found, "tracking_code", "category", "category_name", "title", "text", "neighbourhood",
                 "neighbourhood_name", "part", "reason", needed=False),
        accept_by=moment(found["accept_by"]), due=moment(found["due"]), confidential=found.get("confidential") is True,
        point=(float(point["lon"]), float(point["lat"])) if point else None,
        filed_at=moment(filed_at) if filed_at else None,
        lead=found.get("lead") is not False, binding=found.get("binding") is True,
        links={str(name): str(link) for name, link in dict(found.get("links") or {}).items()})


def _texts(found: Mapping[str, Any], *names: str, needed: bool = True) -> dict[str, Any]:
    values = {name: found[name] if needed else found.get(name) for name in names}
    for value in values.values():
        if not (isinstance(value, str) or (value is None and not needed)):
            raise TypeError("text was expected")
    return values
