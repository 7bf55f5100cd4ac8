"""Declaring an event: its wire name, whether it must have a reader, and whose snapshot travels with it."""
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class EventType:
    """What the wire knows of an event class.

    `name` is a chosen string, `mahalle.<producer>.<fact>.v<n>`; renaming the class changes nothing on the wire.
    `needs_reader`: when the broker returns it as unroutable it stays in the outbox and alarms; otherwise it is done.
    `snapshot`: the dataclass of the aggregate's public state that the relay adds on the way out, or None;
    `inline`: its fields stand in the body itself instead of under the key `snapshot`.
    """

    name: str
    needs_reader: bool
    snapshot: Any
    cls: Any
    inline: bool = False

    @property
    def routing_key(self) -> str:
        """`issue_filed.v1`: what a queue of the producer's exchange binds to."""
        return ".".join(self.name.split(".")[2:])

    @property
    def producer(self) -> str:
        return self.name.split(".")[1]


BY_NAME: dict[str, EventType] = {}
BY_CLASS: dict[type, EventType] = {}


def event(
    name: str, *, needs_reader: bool = True, snapshot: Any = None, inline: bool = False
) -> Callable[[type[T]], type[T]]:
    """Class decorator that registers a frozen dataclass under its wire name. A name taken twice is a ValueError."""

    def register(cls: type[T]) -> type[T]:
        if name in BY_NAME:
            raise ValueError(f"the wire name {name} is taken by {BY_NAME[name].cls}")
        BY_NAME[name] = BY_CLASS[cls] = EventType(name, needs_reader, snapshot, cls, inline)
        return cls

    return register


