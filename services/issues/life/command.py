"""Requests to change an issue: each has an id of its own, so that a repeated one has no second effect."""
import re
import uuid
from dataclasses import dataclass
from typing import Any

from contracts.errors import Malformed, PreconditionFailed, reused_key
from services.issues.codes import fingerprint

VERSION = re.compile(r'"v([0-9]{1,9})"')
REMEMBERED = 50  # of one issue


@dataclass(frozen=True)
class Command:
    """`asks` is a fingerprint of what is asked: the same id must not come with another request.

    `seen`: the version of the issue that its sender read, where they want it to count.
    """

    id: str
    asks: str
    seen: int | None = None

    def demand_seen(self, version: int) -> None:
        """Raises PreconditionFailed where the issue has become another than the sender read."""
        if self.seen is not None and self.seen != version:
            raise PreconditionFailed(
                "changed_meanwhile", "این مسئله از وقتی آن را خواندید تغییر کرده است. دوباره بخوانید و سپس بفرستید.",
                f"This issue has changed since you read it; it is v{version} now. Read it again, then send.")


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
    return Command(f"{call.caller.id}|{key_of(call)}", fingerprint(asked), seen_in(call.headers.get("If-Match")))


def given(said: dict[str, Any]) -> dict[str, Any]:
    """Without what was left empty: the same request asks the same, however many fields a schema has."""
    return {name: value for name, value in said.items() if value is not None}


def seen_in(if_match: str | None) -> int | None:
    """The version in an If-Match header, `"v7"`; None for none, and for `*`. Raises Malformed."""
    if if_match is None or if_match.strip() == "*":
        return None
    found = VERSION.fullmatch(if_match.strip())
    if not found:
        raise Malformed("bad_if_match", 'If-Match همان ETag مسئله است، مانند "v7".',
                        'If-Match is the ETag of the issue, such as "v7".')
    return int(found[1])
