"""Where a message goes that could not be handled: the retry ladder, or the dead queue with the reason.

A confirmed copy is published before the original is acknowledged, so nothing is ever acked away. Under a memory alarm
a publish can block for as long as the alarm lasts; until it is confirmed the original stays unsettled and no further
message is taken.
"""
import time
from typing import Any

import eventlet
from amqp import Message
from amqp.exceptions import AMQPError, MessageNacked

from chassis import logs
from chassis.connection import HEARTBEAT, call, hang_up
from chassis.marks import copy_of, marks_of, original_key
from chassis.settings import Broker
from chassis.topology import ATTEMPT, FIRST_FAILED, KEY, REASON, RETRIES

GIVE_UP_AFTER = 24 * 3600  # seconds on the ladder
SEND_WITHIN = 15  # seconds, with calling the broker; 128 MB, the most it takes, need about one on this machine
PAUSE = 1.0  # seconds between tries, and between looks at a broker that does not confirm
RUNGS = list(RETRIES)
log = logs.get(__name__)


class Parking:
    """Of one work queue. Its connection is opened when it is first needed."""

    def __init__(self, broker: Broker, service: str, queue: str) -> None:
        self._broker, self._service, self._queue = broker, service, queue
        self._connection: Any = None
        self._channel: Any = None
        self._used, self._confirmed = 0.0, False

    def retry(self, message: Any, reason: str) -> str:
        """On the next rung, the last again and again; after a day in the dead queue. Returns `retried` or `dead`."""
        marks = marks_of(message)
        attempt, first = _number(marks.get(ATTEMPT)), _number(marks.get(FIRST_FAILED)) or int(time.time())
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
        copy = copy_of(message, marks | {KEY: original_key(message)})
        while message.channel.is_open:
            try:
                self._publish(copy, key)
                return self._wait_for_confirm(message)
            except (OSError, AMQPError, MessageNacked) as error:
                log.warning("a message could not be parked yet", queue=self._queue, error=type(error).__name__)
                self.close()
                eventlet.sleep(PAUSE)
        raise OSError("the message's connection is gone; it comes again")

    def _publish(self, copy: Message, key: str) -> None:
        with eventlet.Timeout(SEND_WITHIN, OSError("the broker takes nothing")):
            self._open().basic_publish(copy, f"{self._service}.retries", key, mandatory=True)

    def _wait_for_confirm(self, message: Any) -> None:
        """Under an alarm, for as long as it lasts: to publish again would make copies. A silent broker is given up."""
        while not self._confirmed and message.channel.is_open:
            try:
                self._connection.drain_events(timeout=PAUSE)
            except TimeoutError:
                log.info("the broker has not confirmed a parked message yet", queue=self._queue)
            self._connection.heartbeat_tick()
        if not self._confirmed:
            raise OSError("the message's connection is gone; it comes again")

    def _open(self) -> Any:
        if time.monotonic() - self._used > HEARTBEAT:
            self.close()  # nobody ticks it between two uses: by now the broker may have given it up
        if self._channel is None:
            self._connection = call(self._broker, self._service)
            self._channel = self._connection.channel()
            self._channel.confirm_select()
            self._channel.events["basic_ack"].add(lambda *_: setattr(self, "_confirmed", True))
            self._channel.events["basic_nack"].add(self._nacked)
        self._used, self._confirmed = time.monotonic(), False
        return self._channel

    def _nacked(self, *_: Any) -> None:
        raise MessageNacked

    def close(self) -> None:
        if self._connection is not None:
            hang_up(self._connection)
        self._connection = self._channel = None


def _number(value: Any) -> int:
    return value if isinstance(value, int) and 0 <= value < 2**40 else 0
