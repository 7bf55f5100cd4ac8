"""`python -m chassis.relay SERVICE...`: carries what lies in the services' outboxes to the broker.

A plain process without eventlet. Each service has its own connection and broker user. An event leaves its outbox only
after the broker confirmed it; a crash in between costs a duplicate. A poll is the truth, a change stream only the
alarm clock. Two relays at once cost duplicates, nothing else. A thread that dies ends the process.
"""
import os
import signal
import sys
import threading
import time
from datetime import datetime, timedelta
from typing import Any

from pymongo.errors import PyMongoError

from chassis import database, health, logs, metrics, settings
from chassis.clock import now
from chassis.outbox import Depth, Entry, Outbox, Place, later, place_of, sorted_out
from chassis.publisher import Message, Publisher
from chassis.settings import stop_with
from contracts import envelope
from contracts.event import BY_NAME

POLL = 0.5  # seconds; without the alarm clock this is how late an event can be noticed
BATCH = 250  # documents read at once
CONFIRM_WITHIN = 15.0  # seconds
LONGEST_REST = 60.0  # seconds that a place which confirms nothing is left alone; an operator's hurry takes so long there
GAUGE_EVERY = 5.0  # seconds
WAKING = [{"$match": {"$or": [{"operationType": "insert"},
                              {"updateDescription.updatedFields.version": {"$exists": True}}]}},
          {"$project": {"ns.coll": 1}}]
log = logs.get(__name__)


def message_of(document: dict[str, Any], entry: Entry, outbox: Outbox) -> Message:
    """An outbox entry as it goes over the wire, with the snapshot from the document just read. Raises what it will."""
    entry = outbox.as_told(document, entry)
    kind = BY_NAME[entry["type"]]
    snapshot = outbox.snapshots[kind.snapshot](document, entry["data"]) if kind.snapshot else None
    return Message(entry["id"], entry["exchange"], entry["key"], envelope.headers(entry),
                   envelope.body(kind, entry["data"], snapshot))


class Relay(threading.Thread):
    """The outboxes of one service."""

    def __init__(self, service: str, outboxes: list[Outbox], publisher: Publisher) -> None:
        super().__init__(daemon=True, name=f"relay-{service}")
        self.service, self.outboxes, self.publisher = service, outboxes, publisher
        self.stopping = threading.Event()
        self.wake = threading.Event()
        self._woken: set[str] = set()  # collections
        self._polled = -POLL
        self._silent: dict[Place, datetime] = {}  # places from which no confirm came in time, and until when they rest

    def run(self) -> None:
        threading.Thread(target=self._watch, daemon=True).start()
        threading.Thread(target=self._measure, daemon=True).start()
        while not self.stopping.is_set():
            if not self.publisher.connected.wait(0.5):
                self._silent.clear()
                continue
            self.wake.clear()
            self._sweep_those(self._due())
            self.wake.wait(POLL)

    def _due(self) -> list[Outbox]:
        """Into which the alarm clock saw something go, and all of them every POLL seconds."""
        woken = set(self._woken)
        self._woken -= woken  # before they are read: what is noticed from now on is read once more
        if time.monotonic() < self._polled + POLL:
            return [outbox for outbox in self.outboxes if outbox.collection.name in woken]
        self._polled = time.monotonic()
        return self.outboxes

    def _sweep_those(self, outboxes: list[Outbox]) -> None:
        """Where more is due than one sweep reads, the next follows at once; else the clock wakes it."""
        try:
            for outbox in outboxes:
                if self.sweep(outbox) >= BATCH:
                    self._wake(outbox.collection.name)
        except PyMongoError as error:
            log.warning("the database does not answer", error=type(error).__name__)
            self.stopping.wait(1)

    def _wake(self, collection: str) -> None:
        self._woken.add(collection)
        self.wake.set()

    def sweep(self, outbox: Outbox) -> int:
        """One round: read what is due, publish it, take the confirmed out. Returns how many entries it dealt with."""
        at = now()
        found = [(document, *sorted_out(document, at, self._silent)) for document in outbox.due(BATCH)]
        going = [(document["_id"], entry, self._message(document, entry, outbox))
                 for document, may_go, _ in found for entry in may_go]
        held = [(document["_id"], entry, until) for document, _, behind in found for entry, until in behind]
        outbox.postpone(held)
        messages = [message for _, _, message in going if message]
        outcomes = self.publisher.publish(messages, CONFIRM_WITHIN) if messages else {}
        self._listen([(entry, outcomes[entry["id"]]) for _, entry, message in going if message])
        confirmed: dict[Any, list[str]] = {}
        refused = []
        for key, entry, message in going:
            verdict = self._verdict(entry, outcomes[entry["id"]] if message else "broken", outbox)
            if verdict == "done":
                confirmed.setdefault(key, []).append(entry["id"])
            elif verdict == "refused":
                refused.append((key, entry))
        outbox.settle(confirmed, refused)
        return sum(map(len, confirmed.values())) + len(refused) + len(held)

    def _listen(self, outcomes: list[tuple[Entry, str]]) -> None:
        """Waiting for a silent place keeps all others waiting: whatever else is meant for it rests as well, a while."""
        longest = now() + timedelta(seconds=LONGEST_REST)
        for entry, outcome in outcomes:
            if outcome == "silent":
                self._silent[place_of(entry)] = min(later(entry["tries"]), longest)
            elif outcome == "confirmed":
                self._silent.pop(place_of(entry), None)

    def _message(self, document: dict[str, Any], entry: Entry, outbox: Outbox) -> Message | None:
        """None when none can be made of it, such as of a newer version's event: that must not keep others waiting."""
        try:
            return message_of(document, entry, outbox)
        except Exception as error:
            log.error("no message can be made of an event", error=type(error).__name__, type=entry.get("type"),
                      document=str(document["_id"]))
            return None

    def _verdict(self, entry: Entry, outcome: str, outbox: Outbox) -> str:
        """`done`, `refused` (try later, alarm) or `unknown` (try again as soon as the broker is back)."""
        if outcome == "returned":
            outcome = "unroutable" if BY_NAME[entry["type"]].needs_reader and outbox.has_reader(entry) else "unread"
        metrics.PUBLISHED.labels(self.service, outcome).inc()
        if outcome in ("confirmed", "unread"):
            return "done"
        if outcome == "unknown":
            return "unknown"
        log.error("an event that must be read could not be delivered", outcome=outcome, type=entry["type"],
                  exchange=entry["exchange"], key=entry["key"], tries=entry["tries"] + 1)
        return "refused"

    def _watch(self) -> None:
        """One stream for all: each that is open is woken by every write to any collection (eight cost 15 % of mongod)."""
        names = [outbox.collection.name for outbox in self.outboxes]
        waking = [{"$match": {"ns.coll": {"$in": names}}}, *WAKING]
        while not self.stopping.is_set():
            try:
                with self.outboxes[0].collection.database.watch(waking, max_await_time_ms=1000) as stream:
                    while not self.stopping.is_set() and stream.alive:
                        if change := stream.try_next():
                            self._wake(change["ns"]["coll"])
            except PyMongoError:
                self.stopping.wait(1)

    def _measure(self) -> None:
        while not self.stopping.is_set():
            metrics.RELAY_CONNECTED.labels(self.service).set(self.publisher.connected.is_set())
            try:
                self._show([outbox.depth() for outbox in self.outboxes])
            except PyMongoError:
                pass  # the sweep says so already
            self.stopping.wait(GAUGE_EVERY)

    def _show(self, depths: list[Depth]) -> None:
        oldest = min((depth.oldest for depth in depths if depth.oldest), default=None)
        metrics.OUTBOX.labels(self.service).set(sum(depth.waiting for depth in depths))
        metrics.OUTBOX_STUCK.labels(self.service).set(sum(depth.stuck for depth in depths))
        metrics.OUTBOX_AGE.labels(self.service).set((now() - oldest).total_seconds() if oldest else 0.0)


def end_with_it(died: threading.ExceptHookArgs) -> None:
    """A thread died of what nobody foresaw: the process ends, so that whoever minds it starts it again."""
    log.critical("a thread died, and the relay with it", thread=died.thread.name if died.thread else "?",
                 exc_info=(died.exc_type, died.exc_value, died.exc_traceback))
    sys.stderr.flush()
    os._exit(1)


def start(service: str) -> Relay:
    """Connects one service's database and broker user and starts carrying."""
    found = settings.read("relay")
    database.connect(service, found, pool=10)
    publisher = Publisher(found.broker, service)
    publisher.start()
    relay = Relay(service, list(database.documents_of(service).OUTBOXES), publisher)
    relay.start()
    return relay


def main(services: list[str]) -> None:
    found = settings.read("relay")
    logs.set_up("relay", found.log_level)
    threading.excepthook = end_with_it
    relays = [start(service) for service in services]

    def ready() -> dict[str, bool]:
        return {f"{relay.service}.{part}": well for relay in relays for part, well in (
            ("broker", relay.publisher.connected.is_set()), ("database", database.answers(relay.service)))}

    try:
        health.serve(found.address, ready)
    except OSError:
        stop_with(f"relay: {found.bind} is taken. Stop what listens there, or set MAHALLE_BIND.", 1)
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    signal.signal(signal.SIGINT, lambda *_: ended.set())
    ended.wait()
    for relay in relays:
        relay.stopping.set()
        relay.wake.set()
    for relay in relays:
        relay.join(min(found.grace, 5))
        relay.publisher.stop()


if __name__ == "__main__":
    main(sys.argv[1:] or ["registry", "issues"])
