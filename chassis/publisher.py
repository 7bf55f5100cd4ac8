"""Publishing with pipelined confirms, on pika's SelectConnection in a thread of its own. No eventlet, no nameko.

Mandatory, persistent, with heartbeat and blocked-connection timeout, one channel per exchange, so that an exchange
that is gone or forbidden spoils nobody else's events. Reconnects by itself. What it says of an event is only what the
broker said: `confirmed`, `returned` (no queue), `nacked`, `refused` (the broker closed the channel), `silent` (nothing
in time, although it is there), or `unknown`.
"""
import threading
from dataclasses import dataclass, field
from typing import Any

import pika
from pika.channel import Channel

from chassis import logs
from chassis.settings import Broker

HEARTBEAT = 10  # seconds
BLOCKED = 10  # seconds that the broker may block us before we give the connection up
LONGEST_PAUSE = 5.0  # seconds between tries to connect
LONGEST_WORD = 255  # bytes of an AMQP short string
log = logs.get(__name__)


@dataclass(frozen=True)
class Message:
    """Raises ValueError or AttributeError for what AMQP cannot carry: it would cost the connection and all upon it."""

    id: str
    exchange: str
    key: str
    headers: dict[str, str]
    body: bytes

    def __post_init__(self) -> None:
        if any(len(word.encode()) > LONGEST_WORD for word in (self.id, self.exchange, self.key, *self.headers)):
            raise ValueError("an id, exchange, key or header name is too long")


@dataclass
class Batch:
    """Messages under way, and what became of each."""

    messages: list[Message]
    outcomes: dict[str, str] = field(default_factory=dict)
    done: threading.Event = field(default_factory=threading.Event)

    def settle(self, message_id: str, outcome: str) -> None:
        self.outcomes.setdefault(message_id, outcome)
        if len(self.outcomes) == len(self.messages):
            self.done.set()


class Confirming:
    """One channel in confirm mode, for one exchange."""

    def __init__(self, channel: Channel, exchange: str) -> None:
        self.exchange, self.channel = exchange, channel
        self._tag = 0
        self._pending: dict[int, tuple[Batch, str]] = {}
        self._returned: set[str] = set()
        channel.confirm_delivery(self._on_confirm)
        channel.add_on_return_callback(self._on_return)

    def publish(self, message: Message, batch: Batch) -> None:
        self._tag += 1
        self._pending[self._tag] = batch, message.id
        properties = pika.BasicProperties(content_type="application/json", delivery_mode=2, message_id=message.id,
                                          headers=message.headers)
        self.channel.basic_publish(message.exchange, message.key, message.body, properties, mandatory=True)

    def _on_return(self, channel: Any, method: Any, properties: Any, body: bytes) -> None:
        self._returned.add(properties.message_id)  # the broker returns before it confirms

    def _on_confirm(self, frame: Any) -> None:
        confirmed = isinstance(frame.method, pika.spec.Basic.Ack)
        tag = frame.method.delivery_tag
        for known in [t for t in self._pending if t <= tag] if frame.method.multiple else [tag]:
            batch, message_id = self._pending.pop(known)
            returned = message_id in self._returned
            self._returned.discard(message_id)
            batch.settle(message_id, "returned" if returned else "confirmed" if confirmed else "nacked")

    def lost(self, outcome: str) -> None:
        for batch, message_id in self._pending.values():
            batch.settle(message_id, outcome)
        self._pending.clear()


class Publisher(threading.Thread):
    """Start it as a thread; `publish` may be called from any one other thread."""

    def __init__(self, broker: Broker, user: str) -> None:
        super().__init__(daemon=True, name=f"publisher-{user}")
        self.connected = threading.Event()
        self._parameters = pika.ConnectionParameters(
            broker.host, broker.port, broker.vhost, pika.PlainCredentials(user, broker.password_of(user)),
            heartbeat=HEARTBEAT, blocked_connection_timeout=BLOCKED, socket_timeout=5, stack_timeout=10)
        self._channels: dict[str, Confirming] = {}
        self._waiting: dict[str, list[Batch]] = {}
        self._connection: Any = None
        self._batch: Batch | None = None
        self._stopping = threading.Event()

    def publish(self, messages: list[Message], timeout: float) -> dict[str, str]:
        """Sends all, waits for the broker's word on each, `timeout` seconds at most. Message id → outcome."""
        batch = self._batch = Batch(messages)
        missing = "unknown"
        if self.connected.is_set():
            self._connection.ioloop.add_callback_threadsafe(lambda: self._send(batch))
            if not batch.done.wait(timeout):
                missing = "silent"  # a connection that was lost would have ended the waiting
        return {message.id: batch.outcomes.get(message.id, missing) for message in messages}

    def _send(self, batch: Batch) -> None:
        for exchange in {message.exchange for message in batch.messages}:
            ready = self._channels.get(exchange)
            if ready:
                self._send_on(ready, batch)
            elif exchange in self._waiting:
                self._waiting[exchange].append(batch)
            elif self._connection.is_open:
                self._waiting[exchange] = [batch]
                self._connection.channel(on_open_callback=lambda c, e=exchange: self._on_channel(c, e))

    def _send_on(self, ready: Confirming, batch: Batch) -> None:
        for message in batch.messages:
            if message.exchange == ready.exchange and ready.channel.is_open:
                ready.publish(message, batch)

    def _on_channel(self, channel: Channel, exchange: str) -> None:
        ready = self._channels[exchange] = Confirming(channel, exchange)
        channel.add_on_close_callback(lambda c, reason: self._on_channel_closed(ready, reason))
        for batch in self._waiting.pop(exchange, []):
            self._send_on(ready, batch)

    def _on_channel_closed(self, ready: Confirming, reason: BaseException) -> None:
        self._channels.pop(ready.exchange, None)
        by_broker = isinstance(reason, pika.exceptions.ChannelClosedByBroker)
        if by_broker:
            log.error("the broker closed the channel of an exchange", exchange=ready.exchange, reason=str(reason))
        ready.lost("refused" if by_broker else "unknown")

    def run(self) -> None:
        pause = 0.1
        while not self._stopping.is_set():
            self._connection = pika.SelectConnection(
                self._parameters, on_open_callback=self._on_open, on_open_error_callback=self._on_not_opened,
                on_close_callback=self._on_closed)
            self._connection.ioloop.start()
            self._connection.ioloop.close()
            pause = 0.1 if self.connected.is_set() else min(pause * 2, LONGEST_PAUSE)
            self.connected.clear()
            if self._batch:
                self._batch.done.set()  # nobody will speak of it any more
            self._stopping.wait(pause)

    def _on_open(self, connection: Any) -> None:
        log.info("connected to the broker")
        self.connected.set()
        if self._stopping.is_set():
            connection.close()

    def _on_not_opened(self, connection: Any, reason: BaseException) -> None:
        log.warning("the broker does not let us in", reason=str(reason))
        connection.ioloop.stop()

    def _on_closed(self, connection: Any, reason: BaseException) -> None:
        log.warning("lost the broker", reason=str(reason))
        for ready in list(self._channels.values()):
            ready.lost("unknown")
        self._channels.clear()
        self._waiting.clear()
        connection.ioloop.stop()

    def stop(self) -> None:
        self._stopping.set()
        connection = self._connection
        if connection and self.connected.is_set():
            connection.ioloop.add_callback_threadsafe(lambda: connection.is_open and connection.close())
