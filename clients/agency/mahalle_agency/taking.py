"""Taking messages from the agency's queue, over a connection that a thread of its own keeps open.

The thread answers heartbeats while a callback works, and connects anew after whatever ended the connection.
"""
import logging
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pika
from pika.exceptions import AMQPError

from mahalle_agency.connecting import FIRST_PAUSE, longer, refusal
from mahalle_agency.errors import Refused

PREFETCH = 10  # messages in hand at once, those that wait to be tried again among them
LOOK_UP = 0.5  # seconds after which the thread sees that it should end
log = logging.getLogger("mahalle_agency")


class Delivery:
    """A message in hand. It may be settled from any thread; if its connection is lost, that does nothing: it comes
    again."""

    def __init__(self, connection: Any, channel: Any, method: Any, properties: Any, body: bytes) -> None:
        self._connection, self._channel, self._tag = connection, channel, method.delivery_tag
        self.properties, self.body = properties, body

    @property
    def lost(self) -> bool:
        return not self._channel.is_open

    @property
    def times_failed(self) -> int:
        """How often it was handed out before, as the broker counts."""
        found = (self.properties.headers or {}).get("x-delivery-count")
        return found if isinstance(found, int) else 0

    def acknowledge(self) -> None:
        self._soon(lambda: self._channel.basic_ack(self._tag))

    def give_up(self) -> None:
        """To the platform's dead letters."""
        self._soon(lambda: self._channel.basic_reject(self._tag, requeue=False))

    def give_back(self, seconds: float) -> None:
        """It comes again after so many seconds. Rejected, not nacked: the broker counts it, in every version."""
        back = self._if_open(lambda: self._channel.basic_reject(self._tag, requeue=True))
        self._soon(lambda: self._connection.call_later(seconds, back))

    def _soon(self, act: Callable[[], Any]) -> None:
        with suppress(AMQPError):
            self._connection.add_callback_threadsafe(self._if_open(act))

    def _if_open(self, act: Callable[[], Any]) -> Callable[[], None]:
        def safely() -> None:
            if self._channel.is_open:
                act()

        return safely


class Taking(threading.Thread):
    """What comes lies in `arrived`, and so does the refusal with which it ended, if the broker refused."""

    def __init__(self, parameters: Any, agency: str) -> None:
        super().__init__(daemon=True, name=f"taking-{agency}")
        self.arrived: queue.Queue[Delivery | Refused] = queue.Queue()
        self._parameters, self._agency = parameters, agency
        self._ending, self._reached = threading.Event(), False

    def run(self) -> None:
        pause = FIRST_PAUSE
        while not self._ending.is_set():
            self._reached = False
            try:
                self._connect()
            except Exception as error:  # whatever a broken connection throws, the next one is tried
                refused = refusal(error, self._agency)
                if refused:
                    self.arrived.put(refused)
                    return
                log.warning("no connection to the broker (%s); trying again", type(error).__name__)
            pause = FIRST_PAUSE if self._reached else longer(pause)
            self._ending.wait(pause)

    def _connect(self) -> None:
        connection = pika.BlockingConnection(self._parameters)
        try:
            self._take(connection)
        finally:
            with suppress(AMQPError):
                connection.close()

    def _take(self, connection: Any) -> None:
        """Returns when it should end, or when the broker cancelled us because the queue went away."""
        channel = connection.channel()
        channel.basic_qos(prefetch_count=PREFETCH)
        channel.basic_consume(f"agency.{self._agency}.tasks", lambda *found: self.arrived.put(Delivery(connection, *found)))
        self._reached = True
        log.info("taking from the queue of %s", self._agency)
        while channel.consumer_tags and not self._ending.is_set():
            connection.process_data_events(LOOK_UP)
        connection.process_data_events(0)  # what was settled just before

    def end(self) -> None:
        """What is settled by now is carried out; what is not comes again."""
        self._ending.set()
        self.join(10)
