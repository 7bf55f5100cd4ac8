"""Requests to change an issue: each has an id of its own, so that a repeated one has no second effect."""
import uuid
from dataclasses import dataclass
from typing import Any

from contracts.errors import reused_key
from services.issues.codes import fingerprint

REMEMBERED = 50  # of one issue


@dataclass(frozen=True)
class Command:
    """`asks` is a fingerprint of what is asked: the same id must not come with another request."""

    id: str
    asks: str


def remember(known: list[dict[str, str]], command: Command) -> list[dict[str, str]] | None:
    """The remembered commands with this one, or None where it is among them. Raises Invalid where it asked otherwise."""
    before = next((each for each in known if each["id"] == command.id), None)
    if before is None:
        return [*known, {"id": command.id, "asks": command.asks}][-REMEMBERED:]
    if before["asks"] != command.asks:
        raise reused_key()
    return None


def key_of(call: Any) -> str:
    """The caller's Idempotency-Key, which the gateway passes on or made; of a chassis' `Call`."""
    return str(call.headers.get("Idempotency-Key") or uuid.uuid4())


def command_of(call: Any, *asked: Any) -> Command:
    """What is asked of an issue, under the caller's key."""
    return Command(f"{call.caller.id}|{key_of(call)}", fingerprint(asked))
