"""The service of probe_service.py as tests meet it: told what to do, asked what it did."""
import json
import re
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from pymongo import MongoClient

from chassis import topology
from deploy.local.ports import free_ports
from tests.integration.processes import Process, run_of
from tests.integration.waiting import PATIENCE, eventually
from tests.integration.wire import Wire, headers

WORK, DEAD = "booklet.issues", "booklet.issues.dead"
FIRST_RUNG, LAST_RUNG = "booklet.issues.retry.5s", "booklet.issues.retry.5m"
KEY = "probed.v1"  # which no other queue is bound to
KEYS = {"issues.events": KEY, "registry.events": "category_changed.v1"}
FILED = "mahalle.issues.issue_filed.v1"
Headers = dict[str, Any]


def body_of(deed: str, **more: Any) -> bytes:
    told = {"issue_id": f"{deed}:{uuid4()}", "snapshot": {"id": "i", "version": 1, "confidential": False}}
    return json.dumps(told | more).encode()


class Probe:
    """One such process on a vhost and a database of its own."""

    def __init__(self, environment: Mapping[str, str], wire: Wire, folder: Path, *constants: str) -> None:
        self.wire = wire
        self.environment = {**environment, "MAHALLE_DATABASE": f"probe-{uuid4().hex[:8]}"}
        port = free_ports(1)[0]
        self.url = f"http://127.0.0.1:{port}"
        self.process = Process(["tests.integration.probe_service", *constants], self.environment, port, folder / "probe.log")
        self._client: MongoClient[dict[str, Any]] = MongoClient(environment["MONGO_URI"])
        self._database = self._client[f"{self.environment['MAHALLE_DATABASE']}_booklet"]

    def tell(self, deed: str, count: int = 1, exchange: str = "issues.events") -> list[str]:
        """Publishes so many of them; returns the events' ids."""
        told = [headers(FILED, deed) for _ in range(count)]
        for each in told:
            self.wire.publish(exchange, KEYS[exchange], body_of(deed), each)
        return [each["ce-id"] for each in told]

    @contextmanager
    def asleep(self) -> Iterator[None]:
        """Meanwhile it does nothing; what is published arrives together."""
        self.process.send(signal.SIGSTOP)
        yield
        self.process.send(signal.SIGCONT)

    def did(self, ids: list[str]) -> int:
        """How many of them had their effect."""
        return self._database.effects.count_documents({"_id": {"$in": ids}})

    def effect(self, event: str) -> dict[str, Any] | None:
        return self._database.effects.find_one({"_id": event})

    def tries(self, event: str) -> list[int]:
        """With how many others together each try was made."""
        return [each["together"] for each in self._database.tries.find({"event": event})]

    def does(self, ids: list[str], timeout: float = PATIENCE) -> None:
        """Returns when all of them have had their effect."""
        eventually(f"{len(ids)} events have their effect", lambda: self.did(ids), timeout, until=lambda n: n == len(ids))

    def leftovers(self) -> dict[str, int]:
        """What waits in its own queues."""
        return {queue: count for queue, count in self.wire.waiting().items() if queue.startswith("booklet.")}

    def goes_on(self) -> None:
        """Fails unless the same process still takes messages, and holds none when it has."""
        self.does(self.tell("note"))
        assert self.process.ended() is None, self.process.log()[-2000:]
        self.holds(0)

    def holds(self, many: int) -> None:
        """Returns when so many messages are taken and not settled."""
        eventually(f"{many} messages are unsettled", self.unsettled, until=lambda seen: seen == many)

    def has_taken_all(self) -> None:
        """Returns when the broker has sent it every message, even while it is asleep."""
        eventually("every message is sent", lambda: self.wire.ready(WORK), until=lambda count: count == 0)

    def unsettled(self) -> int:
        found = self.wire.management.call("GET", f"/queues/{self.wire.vhost}/{WORK}")
        return int(found.get("messages_unacknowledged", 0))

    def metric(self, name: str, **labels: str) -> float:
        """The sum of a metric's samples that have these labels."""
        found = re.findall(rf"^{name}(?:{{(.*)}})? (\S+)$", self.process.metrics(), re.MULTILINE)
        asked = [f'{label}="{value}"' for label, value in labels.items()]
        return sum(float(value) for given, value in found if all(each in given for each in asked))

    def close(self) -> None:
        self.process.kill()
        self._client.drop_database(self._database.name)
        self._client.close()


@contextmanager
def a_probe(environment: Mapping[str, str], folder: Path, *constants: str, wire: Wire | None = None) -> Iterator[Probe]:
    """Ready, all queues empty. `wire` is given where its own way to the broker is not the test's."""
    with wire or Wire(environment) as wire:
        wire.clear()
        probe = Probe(environment, wire, folder, *constants)
        try:
            probe.process.start()
            yield probe
        finally:
            probe.close()


def at_rest(probe: Probe) -> Iterator[Probe]:
    """For a fixture: the one process of a module, alive and at rest before and after each test, its queues empty."""
    probe.wire.clear()
    yield probe
    probe.goes_on()


def probed_key(role: str, subject: str = "") -> str:
    """An API key as the probe takes it for good."""
    return f"mhl_{role}.{subject}"


@contextmanager
def a_gateway(probe: Probe, folder: Path, **variables: str) -> Iterator[Process]:
    """A real gateway. Behind it stands the probe as `booklet`, and as a `registry` that takes the keys of `probed_key`; and
    nobody else. It must live until the end."""
    urls = {f"MAHALLE_{name}_URL": "http://127.0.0.1:1" for name in ("ISSUES", "NOTIFICATIONS")} | {
        f"MAHALLE_{name}_URL": probe.url for name in ("REGISTRY", "BOOKLET")}
    process = Process(run_of("gateway"), probe.environment | urls, free_ports(1)[0], folder / "gateway.log")
    try:
        yield process.start(True, **variables)
        assert process.ended() is None, process.log()[-2000:]
    finally:
        process.kill()


def declared_again(wire: Wire, name: str, **other: int) -> None:
    """Deletes one of the probe's queues and declares it as the topology does, but for `other` arguments."""
    work = next(work for work in topology.WORK if work.name == WORK)
    arguments = dict(next(queue.queue_arguments for queue in topology.queues_of(work) if queue.name == name))
    wire.channel.queue_delete(name)
    wire.channel.queue_declare(name, durable=True, arguments=arguments | other)
    wire.channel.queue_bind(name, f"{work.service}.retries", name)
    if name == WORK:
        for key in work.keys:
            wire.channel.queue_bind(name, work.exchange, key)


def the_clock_passes(wire: Wire, rung: str) -> None:
    """Does with the oldest message of a rung what the broker does when its time is over, without waiting for it."""
    found = eventually(f"a message waits in {rung}", lambda: wire.take(rung))
    assert found
    wire.publish("booklet.retries", WORK, found[1], found[0].headers or {}, found[0].content_type)
