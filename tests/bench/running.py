"""One load on one target: what it did, what it cost, whether everything became current after it."""
import asyncio
import os
import time
from collections.abc import Coroutine, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from tests.bench.clients import Load, Tell
from tests.bench.counting import Look, settled_after, why_not
from tests.bench.figures import Costs, Results, Row
from tests.bench.ours import Ours
from tests.bench.usage import MACHINE, cpu_seconds, spent

PATIENCE = 60.0  # seconds after which what is not current then is given up
BETWEEN = 0.3  # seconds between two looks
GENERATOR, OTHERS = "the clients", "others on the machine"


class Target(Protocol):
    """What is put under load. `missing` says what is not current yet, by name and number, of so many filed since `clear`."""

    name: str
    port: int

    def processes(self) -> dict[str, int]: ...
    def clear(self) -> None: ...
    def filing(self) -> bytes: ...
    def listing(self) -> bytes: ...
    def missing(self, filed: int) -> dict[str, int]: ...
    def arrivals(self) -> AbstractContextManager[dict[str, float]]: ...


@dataclass(frozen=True)
class Settings:
    """`seconds` of a load, `repeats` of a measure, `stored` issues that are there in the measures that ask for many."""

    seconds: float = 10.0
    repeats: int = 3
    stored: int = 100_000


QUICK = Settings(3.0, 3, 10_000)


@dataclass(frozen=True)
class Measured:
    """`why`: why it does not count, or nothing. `costs`: CPU seconds by process, until everything was current."""

    load: Load
    looks: list[Look]
    why: str
    costs: Costs

    @property
    def settled(self) -> float | None:
        return settled_after(self.looks)


class Bench:
    """What every measure needs: the targets, how much to do, where results go, and a word on how far it is."""

    def __init__(self, ours: Ours, others: Sequence[Target], settings: Settings, console: Console) -> None:
        self.ours, self.settings, self.results = ours, settings, Results()
        self.targets: list[Target] = [ours, *others]
        self.progress = Progress(TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=console,
                                 auto_refresh=False, transient=True)  # refreshed between answers, not in the midst of them
        self._bar = self.progress.add_task("")
        self._began = time.monotonic()

    def say(self, sentence: str) -> None:
        passed = time.monotonic() - self._began
        self.progress.console.print(f"[{passed:4.0f} s] {sentence}", markup=False, highlight=False, soft_wrap=True)

    def tell(self, what: str) -> Tell:
        """For the bar: called with how much of `what` is over."""
        def told(share: float) -> None:
            self.progress.update(self._bar, description=what, completed=share * 100, refresh=True)

        told(0)
        return told

    def turns(self, what: str, targets: list[Target] | None = None) -> Iterator[tuple[Target, str]]:
        """The targets in turn, again for each repeat, and what to call it."""
        for repeat in range(self.settings.repeats):
            for target in targets or self.targets:
                yield target, f"{what}, {target.name}, {repeat + 1} of {self.settings.repeats}"

    def values(self, row: Row, target: Target) -> list[float]:
        return row.ours if target is self.ours else row.yardstick

    def stored(self) -> int:
        return int(self.ours.ground.store("issues", "issues").estimated_document_count())

    def under(self, target: Target, load: Coroutine[Any, Any, Load]) -> Measured:
        """Runs a load of filings to its end and waits until everything is current, looking as it waits."""
        target.clear()
        living = target.processes()
        with self.costing(target) as costs:
            done = asyncio.run(load)
            looks = list(_looks(target, len(done.well)))
        ended = [name for name, pid in living.items() if target.processes().get(name) != pid]
        return Measured(done, looks, why_not(looks, ended), costs | {GENERATOR: done.cost})

    @contextmanager
    def costing(self, target: Target) -> Iterator[Costs]:
        """CPU seconds by the target's processes, filled in at the end of the block. What others used goes to the results."""
        costs: Costs = {}
        before, began = self._used(), time.monotonic()
        yield costs
        used = spent(before, self._used())
        costs |= {name: used[name] for name in target.processes() if name in used}
        self.results.others.append(used[OTHERS] / (time.monotonic() - began) / (os.cpu_count() or 1))

    def _used(self) -> Costs:
        """So far; OTHERS is what none of ours used."""
        used = cpu_seconds({name: pid for target in self.targets for name, pid in target.processes().items()})
        machine = used.pop(MACHINE)
        return used | {OTHERS: machine - sum(used.values()) - time.process_time()}


def _looks(target: Target, filed: int) -> Iterable[Look]:
    """Looks until nothing is missing any more, or patience ends."""
    began, missing = time.monotonic(), {"": 1}
    while missing and time.monotonic() < began + PATIENCE:
        after, missing = time.monotonic() - began, target.missing(filed)
        yield Look(after, missing)
        time.sleep(BETWEEN if missing else 0)
