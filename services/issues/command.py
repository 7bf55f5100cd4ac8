"""Requests to change an issue: each has an id of its own, so that a repeated one has no second effect."""
from dataclasses import dataclass

from contracts.errors import reused_key

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
