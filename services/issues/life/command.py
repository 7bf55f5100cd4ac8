"""Requests to change an issue: each has an id of its own, so that a repeated one has no second effect."""
import uuid
from dataclasses import dataclass, field
from typing import Any

from contracts.errors import reused_key
from contracts.preconditions import Condition, condition_of
from services.issues.codes import fingerprint

REMEMBERED = 50  # of one issue


@dataclass(frozen=True)
class Command:
    """`asks` is a fingerprint of what is asked: the same id must not come with another request.

    `condition`: which version of the issue its sender read, where they want it to count, or must. `by` and `account`: the
    office that asks, as an `Actor` writes it, and who holds it.
    """

    id: str
    asks: str
    condition: Condition = field(default_factory=Condition)
    by: str = ""
    account: str = ""


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


def command_of(call: Any, *asked: Any, read: bool = False) -> Command:
    """What is asked of an issue, under the caller's key. `read`: they must say which version of it they have read."""
    by = call.caller
    return Command(f"{by.owner}|{key_of(call)}", fingerprint(asked), condition_of(call.headers, read), by.id, by.account)


def given(said: dict[str, Any]) -> dict[str, Any]:
    """Without what was left empty: the same request asks the same, however many fields a schema has."""
    return {name: value for name, value in said.items() if value is not None}
