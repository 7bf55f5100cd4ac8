"""Book against platform, one check after the other; read models are given time to catch up, within a bound."""
import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from deploy.demo import audit
from deploy.demo.book import Book
from deploy.demo.calling import NoAnswer, Refusal
from deploy.demo.looking import Looking, Numbers

SECONDS = 60.0  # for all checks; each has at least one look
PAUSE = 1.0  # seconds between two looks
Json = dict[str, Any]


@dataclass(frozen=True)
class Check:
    """`look` asks the platform, `judge` says in sentences what does not agree. `promise` is what is checked."""

    name: str
    promise: str
    look: Callable[[], Awaitable[Any]]
    judge: Callable[[Any], Iterable[str]]


@dataclass
class Verdict:
    """What was checked, by its promise, and the sentences that each check ended with."""

    found: dict[str, list[str]] = field(default_factory=dict)

    @property
    def wrong(self) -> list[str]:
        return [sentence for sentences in self.found.values() for sentence in sentences]


class Books:
    """All checks of one run. `channels`: how each agency takes its tasks."""

    def __init__(self, book: Book, looking: Looking, channels: dict[str, str], before: Numbers) -> None:
        self._book, self._looking, self._channels, self._before = book, looking, channels, before
        self._issues: dict[str, Json | None] = {}

    def checks(self) -> list[Check]:
        book, look = self._book, self._looking
        return [
            Check("issues", "every filed issue is found again by its tracking code", look.issues, self._found),
            Check("stories", "each one's story is what was played, nothing twice", nothing,
                  lambda _: audit.played(book, self._issues)),
            Check("queues", "every task and every outcome came over its agency's queue once", nothing,
                  lambda _: audit.on_the_wire(book, self._issues, self._with("queue"))),
            Check("list", "the list holds every issue once, by cursor", look.listed,
                  lambda items: audit.listed(book, self._issues, items)),
            Check("search", "the search finds every public issue once", look.searched,
                  lambda items: audit.searched(book, self._issues, items)),
            Check("agencies' lists", "every agency's list holds its own tasks as the issues do", look.tasks,
                  lambda tasks: audit.at_agencies(book, self._issues, tasks)),
            Check("letters", "letters were written to whom they should, none twice", look.letters,
                  lambda told: audit.letters(book, self._issues, told, self._with("email"))),
            Check("numbers", "the booklet's numbers grew by what was played", look.numbers,
                  lambda after: audit.counted(self._issues, self._before, after)),
        ]

    async def check(self, begun: Callable[[str], None], ended: Callable[[], None]) -> Verdict:
        """`begun` is told each check's name, `ended` when it is done."""
        verdict, end = Verdict(), time.monotonic() + SECONDS
        for check in self.checks():
            begun(check.name)
            verdict.found[check.promise] = await settled(check, end)
            ended()
        return verdict

    def _found(self, issues: dict[str, Json | None]) -> Iterator[str]:
        self._issues = issues
        return audit.found(self._book, issues)

    def _with(self, channel: str) -> list[str]:
        return [code for code, known in self._channels.items() if known == channel]


async def nothing() -> None:
    """What is judged is in the book already."""


async def settled(check: Check, end: float) -> list[str]:
    """Looks until everything agrees or the time is over; what did not agree in the end."""
    while True:
        try:
            wrong = list(check.judge(await check.look()))
        except (NoAnswer, Refusal) as error:
            wrong = [f"could not be checked: {error}"]
        if not wrong or time.monotonic() > end:
            return wrong
        await asyncio.sleep(PAUSE)
