"""What was played, as the platform acknowledged it, and what the agencies heard of it. Kept by one thread."""
import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from mahalle_agency import AnswerTold, Message, TaskTold

from deploy.demo.scripts import Script

Json = dict[str, Any]


@dataclass
class Offer:
    """A task as it reached its agency, `at` a moment of time.monotonic(). `messages` are the ids under which its queue
    brought it: one, or the platform offered it more than once; none where the agency looked at its list."""

    agency: str
    at: float
    messages: set[str] = field(default_factory=set)


@dataclass
class Case:
    """One issue. Without a script it is not ours, or its receipt is still on the way.

    `deeds` counts what was acknowledged, by action and task, in the words of the issue's timeline. `told` holds for
    each answer sent over a queue the ids of the messages that said what became of it.
    """

    script: Script | None = None
    sent: float = 0.0
    receipt: Json = field(default_factory=dict)
    by_hand: str = ""
    deeds: Counter[tuple[str, str]] = field(default_factory=Counter)
    offers: dict[str, Offer] = field(default_factory=dict)
    told: dict[str, set[str]] = field(default_factory=dict)
    offered: asyncio.Event = field(default_factory=asyncio.Event)
    outcomes: dict[str, asyncio.Future[AnswerTold]] = field(default_factory=dict)

    @property
    def number(self) -> int:
        return self.script.number if self.script else -1

    @property
    def id(self) -> str:
        return str(self.receipt["id"])

    @property
    def name(self) -> str:
        """As a sentence calls it."""
        return f"issue {self.number} ({self.receipt['tracking_code']})"

    def did(self, action: str, task: str = "") -> None:
        self.deeds[action, task] += 1

    def times(self, *actions: str) -> int:
        return sum(count for (action, _), count in self.deeds.items() if action in actions)

    def outcome(self, answer_id: str) -> asyncio.Future[AnswerTold]:
        """What the platform will say of an answer."""
        return self.outcomes.setdefault(answer_id, asyncio.get_running_loop().create_future())


class Book:
    """`marker` is in the text of everything that this run files, with the number of the script."""

    def __init__(self, marker: str) -> None:
        self.marker = marker
        self.cases: dict[str, Case] = {}
        self.troubles: list[str] = []  # sentences: what could not be played
        self.repeated = 0  # messages that came again under the same id, as at least once allows
        self._messages: set[str] = set()

    @property
    def played(self) -> list[Case]:
        """Our own issues in the order of their scripts."""
        return sorted((case for case in self.cases.values() if case.script), key=lambda case: case.number)

    @property
    def strangers(self) -> int:
        """Issues of others, of earlier runs above all, of which the agencies' queues brought something."""
        return sum(case.script is None for case in self.cases.values())

    @property
    def began(self) -> str:
        """When the first of ours was filed, by the platform's clock (RFC 3339, UTC); empty before."""
        return min((case.receipt["filed_at"] for case in self.cases.values() if case.script), default="")

    def case(self, issue: str) -> Case:
        return self.cases.setdefault(issue, Case())

    def filed(self, script: Script, sent: float, receipt: Json) -> Case:
        case = self.case(receipt["id"])
        if case.script:
            self.troubles.append(f"issues {case.number} and {script.number} were filed as one")
        case.script, case.sent, case.receipt = script, sent, receipt
        case.did("file")
        return case

    def heard(self, agency: str, message: Message, at: float) -> None:
        """An agency's queue brought a message."""
        if message.id in self._messages:
            self.repeated += 1
            return
        self._messages.add(message.id)
        if isinstance(message, AnswerTold):
            self._told(message)
        elif message.kind == "offered":
            self._offered(agency, message, at)

    def _offered(self, agency: str, message: TaskTold, at: float) -> None:
        case = self.case(message.task.issue_id)
        offer = case.offers.setdefault(message.task.task_id, Offer(agency, at))
        offer.messages.add(message.id)
        case.offered.set()

    def _told(self, message: AnswerTold) -> None:
        case = self.case(message.task_id.rpartition("-")[0])
        case.told.setdefault(message.answer_id, set()).add(message.id)
        outcome = case.outcome(message.answer_id)
        if not outcome.done():
            outcome.set_result(message)

    def listed(self, agency: str, task: Json, at: float) -> None:
        """An agency saw a task on its list."""
        case = self.cases.get(task["issue_id"])
        if case and case.script:
            case.offers.setdefault(task["id"], Offer(agency, at))
            case.offered.set()
