"""One agency's end of the wire: it takes what its queue brings, and says its answers until the broker confirms them.

Written on plain pika and not on the platform's own client, so that what is observed does not hang on what is tested.
Taking and saying have a connection each: a broker under alarm holds back only who says something.
"""
import json
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError

from chassis.clock import now
from chassis.settings import Broker
from chassis.topology import agency_user
from contracts.schema import instant
from tests.chaos.ledger import Deed
from tests.integration.wire import headers

REVIEWED_AFTER = timedelta(seconds=200)
PAUSE = 0.3  # seconds between two tries to connect
UNREAD = 200  # messages taken before they are acknowledged


@dataclass(frozen=True)
class Told:
    """One message that an agency's queue brought. `kind` is the word between producer and version in its type."""

    agency: str
    id: str
    kind: str
    issue: str
    task: str
    answer: str = ""
    action: str = ""
    code: str = ""


def told(agency: str, found: dict[str, Any], body: bytes) -> Told:
    data = json.loads(body)
    return Told(agency, found["ce-id"], found["ce-type"].split(".")[2], data["task_id"].rpartition("-")[0],
                data["task_id"], data.get("answer_id", ""), data.get("action", ""), data.get("code") or "")


class Agency:
    """`heard` is called for each message, `confirmed` for each answer that the broker has; both in threads of ours."""

    def __init__(self, code: str, broker: Broker, heard: Callable[[Told], None], confirmed: Callable[[Deed], None]) -> None:
        self.code, self._heard, self._confirmed = code, heard, confirmed
        user = agency_user(code)
        self._parameters = pika.ConnectionParameters(
            broker.host, broker.port, broker.vhost, pika.PlainCredentials(user, broker.password_of(user)),
            heartbeat=10, blocked_connection_timeout=10, socket_timeout=5)
        self._outgoing: deque[Deed] = deque()
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._keep_up, args=(part,), name=f"{code} {part.__name__}", daemon=True)
                         for part in (self._take, self._say)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(5)

    def answer(self, deed: Deed) -> None:
        """Will be said until it is confirmed, always under the same id."""
        self._outgoing.append(deed)

    def _keep_up(self, part: Callable[[BlockingChannel], None]) -> None:
        while not self._stopping.is_set():
            try:
                connection = pika.BlockingConnection(self._parameters)
                try:
                    part(connection.channel())
                finally:
                    if connection.is_open:
                        connection.close()
            except (AMQPError, OSError):
                time.sleep(PAUSE)

    def _take(self, channel: BlockingChannel) -> None:
        channel.basic_qos(prefetch_count=UNREAD)
        channel.basic_consume(f"agency.{self.code}.tasks", self._taken)
        while not self._stopping.is_set():
            channel.connection.process_data_events(0.5)

    def _taken(self, channel: BlockingChannel, method: Any, properties: pika.BasicProperties, body: bytes) -> None:
        self._heard(told(self.code, properties.headers, body))
        channel.basic_ack(method.delivery_tag)

    def _say(self, channel: BlockingChannel) -> None:
        channel.confirm_delivery()
        while not self._stopping.is_set():
            if self._outgoing:
                self._publish(channel, self._outgoing[0])
                self._confirmed(self._outgoing.popleft())
            else:
                channel.connection.process_data_events(0.05)

    def _publish(self, channel: BlockingChannel, deed: Deed) -> None:
        body = {"task_id": deed.task, "action": deed.action, **deed.asked}
        properties = pika.BasicProperties(content_type="application/json", delivery_mode=2, headers=headers(
            "mahalle.agencies.answer.v1", deed.task) | {"ce-id": deed.key})
        channel.basic_publish("agencies.answers", self.code, json.dumps(body).encode(), properties, mandatory=True)


def words_for(action: str, agency: str) -> dict[str, str]:
    """What an agency must say with an action. A wait is looked at again when it can no longer be asked for."""
    until, other = instant(now() + REVIEWED_AFTER), "a4" if agency == "a3" else "a3"
    return {"refuse": {"reason": "در حوزهٔ ما نیست"}, "finish": {"text": "انجام شد"},
            "refer": {"reason": "کار دیگری است", "agency": other},
            "wait": {"reason": "قطعه در راه است", "for_whom": "other", "until": until}}.get(action, {})
