"""The whole platform as processes on shared servers, each of which can be made to die at a point and come back.

    with a_house(variables, folder) as house:
        with house.dies("issues", "after-store"):
            house.file("the lamp is out", key="k")      # answered with 503
        house.file("the lamp is out", key="k")          # the process is back
        house.keeps("the lamp is out", "file", "offer") # nothing lost, nothing doubled
"""
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import mongoengine
import pytest
from pika.exceptions import AMQPConnectionError
from pymongo import MongoClient

from chassis import database, settings
from chassis.indexes import make
from deploy.local.keys import Keys
from deploy.local.ports import free_ports
from services.registry.load import load
from tests.api import Answer, Api
from tests.builders import AGENCIES, a_small_province, an_agency
from tests.integration.crash import DIED
from tests.integration.processes import SERVICES, Process, relay_of, run_of
from tests.integration.waiting import PATIENCE, eventually
from tests.integration.wire import Wire, headers

PROCESSES = (*SERVICES, "gateway", "relay")
LETTERS = {"file": ("filed", "filed_nearby"), "finish": ("done",), "redo": ("not_fixed_nearby",), "refer": ("referred",),
           "escalate": ("escalated",)}  # by action
TOLD = {"offer": "task_offered", "redo": "task_changed", "answer": "answer_taken", "wrong answer": "answer_refused"}
QUEUES_OF_AGENCIES = [f"agency.a{number}.tasks" for number in range(AGENCIES)]
AGENCY = "a1"  # whom the small province's rules give a lamp


class House:
    """All that is filed here is a broken lamp in n1, told apart by its words."""

    def __init__(self, environment: Mapping[str, str], folder: Path, wire: Wire) -> None:
        self.environment, self.folder, self.wire = environment, folder, wire
        self.api = Api(environment["MAHALLE_GATEWAY_URL"], Keys(environment))
        self.client: MongoClient[dict[str, Any]] = MongoClient(environment["MONGO_URI"], tz_aware=True)
        self.processes: dict[str, Process] = {}
        self.heard: dict[str, dict[str, Any]] = {}  # by ce-id, what agencies' queues brought: its type and task

    def store(self, service: str, collection: str) -> Any:
        return self.client[f"{self.environment['MAHALLE_DATABASE']}_{service}"][collection]

    def start(self, name: str, *launcher: str, variables: Mapping[str, str] | None = None, ready: bool = True) -> Process:
        """Starts a process, with `variables` of its own.

        One that runs ends first, in peace: what it has not acknowledged would come again, and a process that is to die of
        something else would die of that.
        """
        if name in self.processes:
            self.processes[name].stop()
        url = self.environment.get(f"MAHALLE_{name.upper()}_URL", "")
        port = int(url.rpartition(":")[2]) if url else free_ports(1)[0]
        words = relay_of("registry", "issues") if name == "relay" else run_of(name)
        process = Process([*launcher, *words], {**self.environment, **(variables or {})}, port, self.folder / f"{name}.log")
        self.processes[name] = process
        return process.start(ready)

    @contextmanager
    def dies(self, name: str, point: str, variables: Mapping[str, str] | None = None,
             back: Mapping[str, str] | None = None) -> Iterator[Process]:
        """Within, the process runs up to the point; afterwards it has died just there, and runs again as ever.

        `variables` are its own while it may die, `back` when it has come back.
        """
        process = self.start(name, "tests.integration.crash", point, variables=variables)
        yield process
        status = process.wait()
        assert status == DIED, f"{point} was not reached: {name} ended with {status}: {process.log()[-2000:]}"
        self.start(name, variables=back)

    @contextmanager
    def lies(self, name: str, lie: str) -> Iterator[Process]:
        """Within, the process breaks a promise; afterwards it has ended in peace and runs again as ever."""
        process = self.start(name, "tests.integration.crash", lie)
        yield process
        self.start(name)

    def file(self, text: str, key: str, category: str = "lighting") -> Answer:
        body = {"category": category, "text": text, "neighbourhood": "n1", "contact": {"email": "zahra@example.org"}}
        return self.api.post("/v1/issues", body, role="resident", Idempotency_Key=key)

    def move(self, task: str, action: str, text: str | None = None, **headers: str) -> dict[str, Any]:
        """A move of the agency over HTTP. Fails unless it was made."""
        path = f"/v1/agencies/{AGENCY}/tasks/{task}/{action}"
        return self.api(path, {"text": text} if text else {}, role="agency", subject=AGENCY, **headers)

    def answer(self, task: str, action: str, answer_id: str, **more: str) -> None:
        """An answer of the agency over the wire."""
        self.wire.publish("agencies.answers", AGENCY, json.dumps({"task_id": task, "action": action, **more}).encode(),
                          headers("mahalle.agencies.answer.v1", task) | {"ce-id": answer_id})

    def register(self, code: str) -> Answer:
        return self.api.post("/v1/agencies", an_agency(code=code), role="secretary", subject="alborz")

    def knows(self, code: str) -> None:
        """Fails unless every service has this agency once, as the registry has it, and the broker has its queue."""
        known = f"agency:{code}"
        stores = {"issues": "reference", "notifications": "known", "booklet": "names"}
        eventually(f"every service knows {code}",
                   lambda: {service: self.store(service, collection).count_documents({"_id": known, "version": 1})
                            for service, collection in stores.items()}, until=lambda seen: set(seen.values()) == {1})
        self.has_queues(f"agency.{code}.tasks")

    def has_queues(self, *queues: str) -> None:
        """Returns when the broker has these, which are declared a moment after an agency is known."""
        eventually(f"{queues} are there", lambda: {each["name"] for each in self.wire.management.queues()},
                   until=lambda found: found.issuperset(queues))

    def keeps(self, text: str, *actions: str, answers: tuple[str, ...] = (), timeout: float = PATIENCE) -> None:
        """Fails unless what was filed with these words is there once and with every effect once, in every store.

        `actions` are its timeline, `answers` what its agency was told of its answers.
        """
        expected = {"issues": 1, "timeline": list(actions), "waiting": 0, "row": "as stored",
                    "told": Counter(TOLD[each] for each in (*actions, *answers) if each in TOLD),
                    "letters": Counter(letter for action in actions for letter in LETTERS.get(action, ()))}
        eventually(f"every store agrees on {text!r}: {expected}", lambda: self._kept(text), timeout,
                   until=lambda seen: seen == expected)
        self.settled()
        assert self._kept(text) == expected

    def settled(self) -> None:
        """Returns when whatever was on the way before this call has arrived: one more issue has come all the way."""
        marker = f"marker {uuid4()}"
        assert self.file(marker, marker.replace(" ", "-")).status == 201
        eventually("a later issue has come all the way", lambda: self._kept(marker),
                   until=lambda seen: seen["told"] and seen["letters"] and seen["row"] == "as stored")

    def _kept(self, text: str) -> dict[str, Any]:
        found = list(self.store("issues", "issues").find({"text": text}))
        ids = [issue["_id"] for issue in found]
        return {
            "issues": len(found), "timeline": [moved["action"] for issue in found for moved in issue["timeline"]],
            "waiting": sum(len(issue["outbox"]) for issue in found), "told": self._told(ids),
            "letters": self._letters(ids), "row": "as stored" if all(map(self._is_in_the_booklet, found)) else "older"}

    def _told(self, issues: list[str]) -> Counter[str]:
        """What agencies heard about these issues. The same message again counts once: its ce-id is the same.

        RabbitMQ 3.10 now and then cannot open a queue that is a moment old (541), which cuts off whoever asks; whoever asks
        again is answered. Agencies that a test registered get nothing, and their queues are let be.
        """
        with suppress(AMQPConnectionError):
            for queue in QUEUES_OF_AGENCIES:
                for properties, body in self.wire.take_all(queue):
                    self.heard[properties.headers["ce-id"]] = {
                        "type": properties.headers["ce-type"].split(".")[2], "task": json.loads(body)["task_id"]}
        return Counter(each["type"] for each in self.heard.values() if each["task"].rpartition("-")[0] in issues)

    def _letters(self, issues: list[str]) -> Counter[str]:
        sent = self.store("notifications", "deliveries").find({"about.issue": {"$in": issues}, "state": "sent"})
        return Counter(delivery["template"] for delivery in sent)

    def _is_in_the_booklet(self, issue: dict[str, Any]) -> bool:
        row = self.store("booklet", "issues").find_one({"_id": issue["_id"]}) or {}
        states = [(task["agency"], task["state"]) for task in issue["tasks"]]
        return (row.get("version"), row.get("status")) == (issue["version"], issue["status"]) and states == [
            (task["agency"], task["state"]) for task in row["tasks"]]

    def stop(self) -> None:
        for process in self.processes.values():
            process.kill()
        for service in SERVICES:
            self.client.drop_database(f"{self.environment['MAHALLE_DATABASE']}_{service}")
        self.client.close()


def load_province(folder: Path) -> None:
    """The small province into the registry that is connected."""
    folder.mkdir()
    for register, records in a_small_province().items():
        (folder / f"{register}.json").write_text(json.dumps(records), encoding="utf-8")
    load(folder)


@contextmanager
def a_house(servers: Mapping[str, str], folder: Path) -> Iterator[House]:
    """A house on a vhost's variables, with databases of its own, the small province, and every process ready."""
    environment = dict(servers) | {"MAHALLE_DATABASE": f"house-{uuid4().hex[:8]}"}
    for name, port in zip((*SERVICES, "gateway"), free_ports(5), strict=True):
        environment[f"MAHALLE_{name.upper()}_URL"] = f"http://127.0.0.1:{port}"
    with pytest.MonkeyPatch.context() as patch, Wire(environment) as wire:
        for name, value in environment.items():
            patch.setenv(name, value)
        wire.clear()
        house = House(environment, folder, wire)
        try:
            for service in SERVICES:
                database.connect(service, settings.read(service))
                make(service)
            load_province(folder / "province")
            for name in PROCESSES:
                house.start(name, ready=False)
            for process in house.processes.values():
                process.ready()
            eventually("the province is known everywhere", lambda: house.file("first", "first").status,
                       until=lambda status: status == 201)
            house.has_queues(*QUEUES_OF_AGENCIES)
            house.settled()
            yield house
        finally:
            house.stop()
            for service in SERVICES:
                mongoengine.disconnect(service)
