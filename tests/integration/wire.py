"""The broker as its administrator sees it: publish anything, look into queues, count what waits."""
from collections.abc import Mapping
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPConnectionError

from chassis import settings, topology
from chassis.clock import now
from chassis.management import Management
from contracts.schema import instant
from tests.integration.waiting import eventually

WORK_QUEUES = [work.name for work in topology.WORK]
QUEUES = [queue.name for work in topology.WORK for queue in topology.queues_of(work)] + ["agencies.dead"]


class Wire:
    """One vhost. Its connection is opened when needed, and again after the broker was away."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        address, _, self.vhost = environment["MAHALLE_BROKER"].partition("/")
        self.host, _, port = address.partition(":")
        self.port = int(port)
        admin = urlsplit(environment["MAHALLE_BROKER_ADMIN"])
        self.credentials = pika.PlainCredentials(admin.username or "", admin.password or "")
        self.management = Management(environment["MAHALLE_BROKER_ADMIN"], self.vhost)
        self._channel: BlockingChannel | None = None

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def connect(self, credentials: pika.PlainCredentials | None = None) -> BlockingChannel:
        """A new connection's channel, with confirms."""
        by = credentials or self.credentials
        channel = pika.BlockingConnection(
            pika.ConnectionParameters(self.host, self.port, self.vhost, by, heartbeat=0)).channel()
        channel.confirm_delivery()
        return channel

    @property
    def channel(self) -> BlockingChannel:
        if self._channel is None or not self._channel.is_open:
            self.close()
            self._channel = self.connect()
        return self._channel

    def close(self) -> None:
        if self._channel is not None and self._channel.connection.is_open:
            self._channel.connection.close()
        self._channel = None

    def clear(self) -> None:
        """Empties every queue of the platform and removes the agencies' queues.

        RabbitMQ 3.10 does not open a quorum queue again that was killed within about a second of its declaration: whoever
        asks it is cut off (541). Such a one is declared anew.
        """
        eventually("the queues can be emptied", self._cleared)

    def _cleared(self) -> bool:
        known = {queue["name"] for queue in self.management.queues()}
        for queue in known:
            try:
                self.channel.queue_purge(queue) if queue in QUEUES else self.channel.queue_delete(queue)
            except AMQPConnectionError:
                self.management.delete_queue(queue)
                return False
        if not known.issuperset(QUEUES):
            assert topology.declare(settings.read("topology")) == []
        return True

    def publish(self, exchange: str, key: str, body: bytes, headers: Mapping[str, Any] | None = None,
                content_type: str | None = "application/json", **properties: Any) -> None:
        """Anything, confirmed, mandatory."""
        found = pika.BasicProperties(headers=dict(headers) if headers is not None else None, content_type=content_type,
                                     delivery_mode=2, **properties)
        self.channel.basic_publish(exchange, key, body, found, mandatory=True)

    def ready(self, queue: str) -> int:
        """How many messages wait in a queue, without those that a consumer holds."""
        return int(self.channel.queue_declare(queue, passive=True).method.message_count)

    def waiting(self, *kinds: str) -> dict[str, int]:
        """Queues that are not empty; `kinds` narrows to `work`, `retry`, `dead`, by name."""
        def kind(queue: str) -> str:
            return "retry" if ".retry." in queue else "dead" if queue.endswith(".dead") else "work"

        counted = {queue: self.ready(queue) for queue in QUEUES if not kinds or kind(queue) in kinds}
        return {queue: count for queue, count in counted.items() if count}

    def take(self, queue: str) -> tuple[pika.BasicProperties, bytes] | None:
        """The oldest message of a queue, taken out; None when there is none."""
        method, properties, body = self.channel.basic_get(queue, auto_ack=True)
        return (properties, body) if method else None

    def take_all(self, queue: str) -> list[tuple[pika.BasicProperties, bytes]]:
        return list(iter(lambda: self.take(queue), None))


def headers(kind: str, subject: str = "s", sequence: int = 1, **more: Any) -> dict[str, Any]:
    """Headers of a CloudEvents message that every reader accepts."""
    return {"ce-specversion": "1.0", "ce-id": str(uuid4()), "ce-type": kind, "ce-source": f"/{kind.split('.')[1]}",
            "ce-subject": subject, "ce-sequence": str(sequence), "ce-time": instant(now()), **more}
