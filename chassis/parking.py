"""Where a message goes that could not be handled: the retry ladder, or the dead queue with the reason.

A confirmed copy is published before the original is acknowledged, so nothing is ever acked away. Under a memory alarm
a publish can block for as long as the alarm lasts: each try is limited, and tried again until it is confirmed; until
then the original stays unsettled and no further message is taken.
"""
import time
from typing import Any

import eventlet
from amqp import Message
from amqp.exceptions import AMQPError

from chassis import logs
from chassis.settings import Broker
from chassis.topology import ATTEMPT, FIRST_FAILED, KEY, REASON, RETRIES, connection_of

GIVE_UP_AFTER = 24 * 3600  # seconds on the ladder
CONFIRM_WITHIN = 5  # seconds
RUNGS = list(RETRIES)
COPIED = ("content_type", "content_encoding", "message_id")  # not user_id: the broker refuses somebody else's
log = logs.get(__name__)


class Parking:
    """Of one work queue. Its connection is opened when it is first needed."""

    def __init__(self, broker: Broker, service: str, queue: str) -> None:
        self._broker, self._service, self._queue = broker, service, queue
        self._connection: Any = None
        self._channel: Any = None

    def retry(self, message: Any, reason: str) -> str:
        """On the next rung, the last again and again; after a day in the dead queue. Returns `retried` or `dead`."""
        headers = message.properties.get("application_headers") or {}
        attempt, first = _number(headers.get(ATTEMPT)), _number(headers.get(FIRST_FAILED)) or int(time.time())
        if time.time() - first > GIVE_UP_AFTER:
            return self.bury(message, f"retried for a day: {reason}")
        rung = RUNGS[min(attempt, len(RUNGS) - 1)]
        log.warning("a message will be tried again", queue=self._queue, reason=reason, attempt=attempt + 1, after=rung)
        self._copy(message, f"{self._queue}.retry.{rung}", {ATTEMPT: attempt + 1, FIRST_FAILED: first, REASON: reason})
        return "retried"

    def bury(self, message: Any, reason: str) -> str:
        """In the dead queue, at once. Returns `dead`."""
        log.error("a message went to the dead queue", queue=self._queue, reason=reason)
        self._copy(message, f"{self._queue}.dead", {REASON: reason[:500]})
        return "dead"

    def _copy(self, message: Any, key: str, marks: dict[str, Any]) -> None:
        headers = {k: v for k, v in (message.properties.get("application_headers") or {}).items() if k != "x-death"}
        properties = {k: v for k, v in message.properties.items() if k in COPIED}
        marks = marks | {KEY: original_key(message)}
        copy = Message(message.body, application_headers=headers | marks, delivery_mode=2, **properties)
        while message.channel is not None and message.channel.is_open:
            try:
                with eventlet.Timeout(CONFIRM_WITHIN, OSError("the broker did not confirm in time")):
                    self._open().basic_publish_confirm(copy, f"{self._service}.retries", key, mandatory=True)
                    return
            except (OSError, AMQPError) as error:
                log.warning("a message could not be parked yet", queue=self._queue, error=type(error).__name__)
                self.close()
                eventlet.sleep(1)
        raise OSError("the message's connection is gone; it comes again")

    def _open(self) -> Any:
        if self._channel is None:
            self._connection = connection_of(self._broker, self._service)
            self._connection.connect()
            self._channel = self._connection.connection.channel()
            self._channel.confirm_select()
        return self._channel

    def close(self) -> None:
        """Without the closing handshake, which waits without limit while the broker blocks us."""
        if self._connection is not None and self._connection.connection is not None:
            transport = self._connection.connection.transport
            if transport is not None and transport.sock is not None:
                transport.sock.close()
        self._connection = self._channel = None


def original_key(message: Any) -> str:
    """The key it was first published with. Only what comes from the exchange of retries, where none but the service
    itself may publish, is believed about an earlier key."""
    key, exchange = message.delivery_info["routing_key"], message.delivery_info["exchange"]
    headers = message.properties.get("application_headers") or {}
    return str(headers.get(KEY, key)) if exchange.endswith(".retries") else str(key)


def _number(value: Any) -> int:
    return value if isinstance(value, int) and 0 <= value < 2**40 else 0
