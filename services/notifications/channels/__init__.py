"""The ways out: `smtp`, `sms`, and for trying things out `folder` (a file) and `log` (a line). A channel sends one message
or says why not.

    Later   not now: the other side is away, busy, or asks to come again; the delivery is tried again
    Never   not at all: the other side refused this message for good
"""
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Message:
    """A letter on its way. `id` is its delivery's, the same at every try; `address` is None where nobody needs it; `code`:
    a one-time code by itself, for who has the words already."""

    id: str
    template: str
    address: str | None
    subject: str
    body: str
    code: str = ""


class NotSent(Exception):
    """`reason` is the class of the error and its code, never its text, which may hold the address."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Later(NotSent):
    pass


class Never(NotSent):
    pass


class Channel(Protocol):
    """`at_once`: how many deliveries are taken, sent and marked together; a crash repeats so many at most."""

    name: str
    needs_address: bool
    at_once: int

    def send(self, message: Message) -> None:
        """Returns when the other side has it. Raises Later or Never."""

    def close(self) -> None:
        """Lets go of connections; the next `send` opens what it needs."""
