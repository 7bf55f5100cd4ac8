"""What we write on a message that could not be handled, and how much of what others wrote on it is believed and kept."""
from typing import Any

from amqp import Message

from chassis.topology import KEY

# What a copy takes along: what a reader reads. Whatever else a message carries might not fit into a frame beside our
# marks, or be something that amqp reads and cannot write. Not user_id: the broker refuses somebody else's.
PROPERTIES = ("content_type", "message_id")
HEADERS = ("ce-specversion", "ce-id", "ce-type", "ce-source", "ce-subject", "ce-time", "ce-sequence", "ce-traceparent")
LONGEST = 1000  # characters of a header


def headers_of(message: Any) -> dict[str, Any]:
    return dict(message.properties.get("application_headers") or {})


def marks_of(message: Any) -> dict[str, Any]:
    """What we wrote on it. Only what comes from the exchange of retries, where none but the service itself may publish,
    is believed: anybody can send a header."""
    return headers_of(message) if message.delivery_info["exchange"].endswith(".retries") else {}


def original_key(message: Any) -> str:
    """The key it was first published with."""
    return str(marks_of(message).get(KEY, message.delivery_info["routing_key"]))


def copy_of(message: Any, marks: dict[str, Any]) -> Message:
    """The same message to be published again, persistent, with these marks and none before them."""
    found = headers_of(message)
    kept = {name: found[name] for name in HEADERS if isinstance(found.get(name), str) and len(found[name]) < LONGEST}
    properties = {name: value for name, value in message.properties.items() if name in PROPERTIES}
    return Message(message.body or b"", application_headers=kept | marks, delivery_mode=2, **properties)
