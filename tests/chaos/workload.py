"""Residents, agencies and a secretary who use the platform while it is broken, and insist on every request.

What an issue's life will be is drawn from the seed and its ids; when each thing happens depends on the platform.
Every 2xx, and every answer that the broker confirmed, goes to the ledger.
"""
import itertools
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from typing import Any

from chassis.settings import Broker
from tests.builders import NEIGHBOURHOODS, ROUTED
from tests.chaos.agency import Agency, Told, words_for
from tests.chaos.insisting import Client
from tests.chaos.ledger import Deed

FILERS, ACTORS = 3, 5  # threads, apart, so that what agencies have to do never keeps anybody from filing
RATE = 14.0  # filings a second; what faults held up is made up for
BEHIND, TRICKLE = 100, 0.5  # acts that wait, from which on a filer pauses so many seconds: filing slows down, never stops
CATEGORIES = ("rubbish", "lighting", "lighting", "potholes", "water", "other", "addiction")
OF_CASES = f"a{ROUTED.index('addiction')}"
SECRETARY, BY_HAND = "alborz", "a3"  # to whom a secretary gives what no rule routes
FATES = (("leave", 15), ("refuse", 10), ("refer", 10), ("wait", 5), ("finish", 15), ("confirm", 30), ("redo", 15))


@dataclass(frozen=True)
class Fate:
    """What will become of a task: how far it goes, and whether its agency answers over HTTP or its queue."""

    end: str
    way: str


class Workload:
    """Starts at `start`; `stop_filing` lets what is under way come to its end, `stop` ends all."""

    def __init__(self, client: Client, broker: Broker, agencies: list[str], seed: int) -> None:
        self.client, self._seed = client, seed
        self.agencies = {code: Agency(code, broker, self._heard, self._confirmed) for code in agencies}
        self.told: list[Told] = []
        self._heard_ids: set[str] = set()
        self._reached: dict[str, float] = {}
        self._secrets: dict[str, str] = {}
        self._redone: set[str] = set()
        self._acts: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._numbers = itertools.count(1)
        self._no_more = threading.Event()
        self._clients = [threading.Thread(target=part, name=part.__name__, daemon=True)
                         for part, count in ((self._file_on, FILERS), (self._act_on, ACTORS)) for _ in range(count)]

    def start(self) -> None:
        self._began = time.monotonic()
        for agency in self.agencies.values():
            agency.start()
        for client in self._clients:
            client.start()

    def stop_filing(self) -> None:
        self._no_more.set()

    def stop(self) -> None:
        """What is still pending after this stays unknown."""
        self._no_more.set()
        self.client.stop()
        for client in self._clients:
            client.join(30)
        for agency in self.agencies.values():
            agency.stop()

    @property
    def requests(self) -> int:
        """How many are not answered yet, or not even begun."""
        return len(self.client.pending) + self._acts.qsize()

    def reached(self, issue: str) -> float | None:
        """When (monotonic seconds) an agency's queue first brought something about the issue."""
        return self._reached.get(issue)

    def file(self, category: str = "", **by: str) -> str:
        """One more filing, insisted on. Its issue's id; empty when nothing came of it.

        `by`: who files, as `tests.api` has it; a resident's program where nothing is given.
        """
        return self._file(next(self._numbers), category, **by)

    def _file(self, number: int, category: str = "", **by: str) -> str:
        chance = random.Random(f"{self._seed}:{number}")
        body: dict[str, Any] = {"category": category or chance.choice(CATEGORIES), "text": f"chaos {self._seed} {number}",
                                "neighbourhood": f"n{chance.randrange(NEIGHBOURHOODS)}"}
        if category or chance.random() < 0.5:
            body["contact"] = {"email": f"filer{number}@example.org"}
        deed = Deed("http", "file", f"file-{self._seed}-{number}", asked=body)
        answer = self.client.do("/v1/issues", body, deed, **(by or {"role": "resident", "subject": "app"}))
        if answer is None:
            return ""
        issue: str = answer.body["id"]
        self._secrets[issue] = answer.body["secret"]
        self.client.settle(deed, replace(deed, issue=issue, promised=answer.body["agency"]))
        if not answer.body["agency"] and chance.random() < 0.5:
            self._acts.put(lambda: self._assign(issue))
        return issue

    def _file_on(self) -> None:
        """The n-th filing is due n / RATE seconds after the start."""
        while not self._no_more.is_set():
            number = next(self._numbers)
            due = self._began + number / RATE - time.monotonic()
            if not self._no_more.wait(max(due, TRICKLE if self._acts.qsize() > BEHIND else 0)):
                self._file(number)

    def _act_on(self) -> None:
        while not self.client.stopping:
            try:
                act = self._acts.get(timeout=0.1)
            except Empty:
                continue
            act()

    def _assign(self, issue: str) -> None:
        deed = Deed("http", "offer", f"assign-{issue}", issue, agency=BY_HAND)
        if self.client.do(f"/v1/issues/{issue}/assign", {"agency": BY_HAND}, deed, role="secretary", subject=SECRETARY):
            self.client.settle(deed)

    def _heard(self, message: Told) -> None:
        """In the agencies' threads. What comes again under the same id is counted and not acted on."""
        self.told.append(message)
        self._reached.setdefault(message.issue, time.monotonic())
        if message.id in self._heard_ids:
            return
        self._heard_ids.add(message.id)
        if message.kind == "task_offered":
            self._begin(message)
        elif message.kind == "task_changed":
            self._act(message.agency, message.task, "finish")
        elif message.kind == "answer_taken":
            self._follow(message.agency, message.task, message.action)
        elif message.kind == "answer_refused":
            self.client.refused.append(f"{message.action} {message.answer}: refused over the queue, {message.code}")

    def _fate(self, task: str) -> Fate:
        chance = random.Random(f"{self._seed}:{task}")
        end = chance.choices([end for end, _ in FATES], [weight for _, weight in FATES])[0]
        if end == "refer" and not task.endswith("-1"):
            end = "finish"  # once is enough: nothing here is pushed to and fro
        return Fate(end, "http" if end == "wait" else chance.choice(("http", "queue")))  # a wait names a time

    def _begin(self, message: Told) -> None:
        """A case is handed on by no agency: the one that gets them accepts what it would refer."""
        end = self._fate(message.task).end
        given_back = end == "refuse" or (end == "refer" and message.agency != OF_CASES)
        if end != "leave":
            self._act(message.agency, message.task, end if given_back else "accept")

    def _act(self, agency: str, task: str, action: str) -> None:
        """A move of an agency, over the way that this task goes."""
        way = self._fate(task).way
        again = "-again" if action == "finish" and task in self._redone else ""
        deed = Deed(way, action, f"{action}{again}-{task}", task.rpartition("-")[0], task, agency, words_for(action, agency))
        if way == "queue":
            self.client.pending[deed.key] = deed
            self.agencies[agency].answer(deed)
        else:
            self._acts.put(lambda: self._move(deed))

    def _move(self, deed: Deed) -> None:
        path = f"/v1/agencies/{deed.agency}/tasks/{deed.task}/{deed.action}"
        if self.client.do(path, deed.asked, deed, role="agency", subject=deed.agency):
            self.client.settle(deed)
            self._follow(deed.agency, deed.task, deed.action)

    def _confirmed(self, deed: Deed) -> None:
        self.client.settle(deed)

    def _follow(self, agency: str, task: str, action: str) -> None:
        """What comes after a move that was carried out."""
        if action == "accept":
            self._act(agency, task, "wait" if self._fate(task).end == "wait" else "finish")
        elif action == "finish":
            self._acts.put(lambda: self._as_filer(task))

    def _as_filer(self, task: str) -> None:
        end, issue = self._fate(task).end, task.rpartition("-")[0]
        if issue not in self._secrets:  # the agency was faster than the receipt, which got lost and is asked for again
            time.sleep(0.05)
            self._acts.put(lambda: self._as_filer(task))
        elif end == "redo" and task not in self._redone:
            self._redone.add(task)
            self._answer(Deed("http", "redo", f"redo-{task}", issue, task), "not-fixed", {"reason": "درست نشده است"})
        elif end in ("confirm", "redo"):
            self._answer(Deed("http", "confirm", f"confirm-{task}", issue), "confirm", {"satisfaction": 5})

    def _answer(self, deed: Deed, word: str, body: dict[str, Any]) -> None:
        if self.client.do(f"/v1/issues/{deed.issue}/{word}", body, deed, Issue_Secret=self._secrets[deed.issue]):
            self.client.settle(deed)
