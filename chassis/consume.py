"""`@consumes("booklet.issues")`: hands a service's method what is waiting in a queue, as one batch.

Stock nameko acks on error, loses what it cannot decode, dies of a bad header and stalls on a Timeout. Here messages
are taken raw and decoded by contract; the method gets a list of `Received` and either returns (all done) or raises:
then each is tried alone, and settled alone by `parking`. The database away → nothing is settled and nothing more
taken until it is back. Methods must be idempotent: delivery is at least once.
"""
import time
from functools import partial
from typing import Any

import eventlet
from amqp.exceptions import AMQPError
from eventlet.event import Event
from eventlet.queue import Empty, Queue
from nameko.extensions import Entrypoint

from chassis import logs, metrics
from chassis.connection import call, hang_up
from chassis.marks import original_key
from chassis.parking import Parking
from chassis.store import AWAY
from contracts.envelope import Received, Unreadable, read
from contracts.errors import Problem, Unavailable

BATCH = 64
APART = 0.05  # seconds at least from the beginning of one batch to that of the next, unless a whole one is waiting
PAUSE = 1.0  # seconds between tries while the broker or the database is away
TICK = 1.0  # seconds between heartbeats
RENEW = 60.0  # seconds without a message after which a consumer begins anew
GONE = (Unavailable, *AWAY)  # what a method raises while its database is away
log = logs.get(__name__)


class Permanent(Exception):
    """The message can never succeed: it goes to the dead queue at once, with this reason."""


class Cancelled(Exception):
    """The broker has given up this consumer: its queue was deleted, and perhaps declared again."""


class Consumes(Entrypoint):
    """The entrypoint. `seconds` limits the time of one batch."""

    answers_problems = False

    def __init__(self, queue: str, seconds: float = 30, **options: Any) -> None:
        self.queue, self.seconds = queue, seconds
        super().__init__(**options)

    def setup(self) -> None:
        settings = self.container.config["settings"]
        self._service = self.container.service_name
        self._broker = settings.broker
        self._arrived: Queue = Queue()
        self._channel: Any = None
        self._took_at, self._working = 0.0, False
        self._stopping = False
        self._idle = Event()
        self._parking = Parking(self._broker, self._service, self.queue)

    def start(self) -> None:
        self.container.spawn_managed_thread(self._receive, identifier=f"receive {self.queue}")
        self.container.spawn_managed_thread(self._work, identifier=f"work {self.queue}")

    def stop(self) -> None:
        """Takes nothing more and waits for the batch under way; what was not settled comes again."""
        self._stopping = True
        self._arrived.put(None)
        self._idle.wait()
        self._parking.close()

    def _receive(self) -> None:
        while not self._stopping:
            try:
                connection = call(self._broker, self._service)
                try:
                    self._take_from(connection)
                finally:
                    hang_up(connection)
            except Exception as error:  # whatever the broker or a hostile message provokes, it must not end the process
                log.warning("nothing is taken: the broker is away or refuses", queue=self.queue,
                            error=type(error).__name__)
                eventlet.sleep(PAUSE)

    def _take_from(self, connection: Any) -> None:
        channel = self._channel = connection.channel()
        channel.auto_decode = False
        channel.basic_qos(0, BATCH * 2, False)
        channel.basic_consume(self.queue, callback=self._take, on_cancel=self._cancelled)
        self._took_at = time.monotonic()
        while self._channel is channel and not self._idle.ready() and not self._seems_forgotten():
            try:
                connection.drain_events(timeout=TICK)
            except TimeoutError:
                pass
            connection.heartbeat_tick()

    def _take(self, message: Any) -> None:
        self._took_at = time.monotonic()
        self._arrived.put(message)

    def _seems_forgotten(self) -> bool:
        """Nothing came for long: perhaps the queue was deleted and declared again at once. RabbitMQ then hands the old
        consumer nothing, and does not tell it; one that begins anew gets what waits."""
        return not self._working and time.monotonic() - self._took_at > RENEW

    def _cancelled(self, tag: str) -> None:
        raise Cancelled

    def _work(self) -> None:
        while not self._stopping:
            first = self._arrived.get()
            if first is None:
                continue
            self._working, began = True, time.monotonic()
            try:
                self._settle_batch([first, *self._waiting()])
            except Exception as error:
                foreseen = isinstance(error, (OSError, AMQPError))
                log.warning("unsettled messages will come again", queue=self.queue, error=type(error).__name__,
                            exc_info=None if foreseen else error)
                if self._channel is first.channel:
                    self._channel = None  # leaves this connection, so that the broker hands them out again
                eventlet.sleep(PAUSE)
            self._working = False
            self._let_gather(began)
        self._idle.send()

    def _let_gather(self, began: float) -> None:
        """A batch of two costs the database and the broker nearly what one of forty does. What comes alone goes at once."""
        if self._arrived.qsize() < BATCH:
            eventlet.sleep(max(began + APART - time.monotonic(), 0))

    def _waiting(self) -> list[Any]:
        found: list[Any] = []
        while len(found) < BATCH - 1:
            try:
                message = self._arrived.get_nowait()
            except Empty:
                break
            if message is not None:
                found.append(message)
        return found

    def _settle_batch(self, batch: list[Any]) -> None:
        newest = batch[-1].channel
        batch = [message for message in batch if message.channel is newest and newest.is_open]
        began = time.monotonic()
        readable: list[tuple[Any, Received]] = []
        for message in batch:
            try:
                readable.append((message, _received(message)))
            except Unreadable as error:
                self._settled(self._parking.bury(message, str(error)), message)
        self._handle(readable)
        metrics.CONSUME_SECONDS.labels(self._service, self.queue).observe(time.monotonic() - began)
        metrics.LAST_SETTLED.labels(self._service, self.queue).set_to_current_time()

    def _handle(self, readable: list[tuple[Any, Received]]) -> None:
        """All together; if that fails, each alone, so that one bad message spoils none of its neighbours."""
        if not readable:
            return
        error = self._run([received for _, received in readable])
        if error is None:
            self._done([message for message, _ in readable])
        elif isinstance(error, GONE):
            return  # stopping while the database is away: unsettled, they come again
        elif len(readable) > 1:
            for pair in readable:
                self._handle([pair])
        else:
            self._failed(readable[0][0], error)

    def _run(self, batch: list[Received]) -> BaseException | None:
        """The method's error, or None. Waits, taking nothing more, for as long as its database is away."""
        while True:
            error = self._run_once(batch)
            if not isinstance(error, GONE) or self._stopping:
                metrics.STOPPED.labels(self._service, self.queue).set(0)
                return error
            metrics.STOPPED.labels(self._service, self.queue).set(1)
            eventlet.sleep(PAUSE)

    def _run_once(self, batch: list[Received]) -> BaseException | None:
        finished = Event()
        context = {"trace": batch[0].trace} if len(batch) == 1 else {}
        self.container.spawn_worker(self, (batch,), {}, context_data=context,
                                    handle_result=partial(_report, finished))
        return finished.wait()

    def _done(self, messages: list[Any]) -> None:
        """One acknowledgement for all up to the last: batches are settled one after the other, in order of delivery."""
        self._settled("done", messages[-1], len(messages))

    def _failed(self, message: Any, error: BaseException) -> None:
        final = isinstance(error, Permanent) or (isinstance(error, Problem) and error.status < 500)
        reason = str(error) if isinstance(error, Permanent) else type(error).__name__
        self._settled(self._parking.bury(message, reason) if final else self._parking.retry(message, reason), message)

    def _settled(self, outcome: str, message: Any, count: int = 1) -> None:
        """The one place that acknowledges. `outcome` is `done`, or where the message's copy now lies, confirmed."""
        message.channel.basic_ack(message.delivery_tag, multiple=count > 1)
        metrics.CONSUMED.labels(self._service, self.queue, outcome).inc(count)


def _received(message: Any) -> Received:
    try:
        found = message.properties
        return read(found.get("application_headers"), message.body, found.get("content_type"), original_key(message))
    except Unreadable:
        raise
    except Exception as error:  # whatever a hostile message provokes, it must not end the process
        raise Unreadable(f"reading it raised {type(error).__name__}") from error


def _report(finished: Event, worker: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
    finished.send(exc_info[1] if exc_info else None)
    return result, exc_info


consumes = Consumes.decorator
