"""The whole run: begin, play, check, report; with bars that show how far it is."""
import asyncio
import secrets
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from deploy.demo import boston, sample
from deploy.demo.book import Book
from deploy.demo.calling import AT_ONCE, NoAnswer
from deploy.demo.checking import Books, Verdict
from deploy.demo.desks import Desks
from deploy.demo.ground import Ground, stand
from deploy.demo.looking import Looking, Numbers
from deploy.demo.playing import RESIDENT, ByHand, Playing
from deploy.demo.report import Played, report
from deploy.demo.scripts import Source
from deploy.local.errors import CannotStart
from deploy.local.folder import ROOT

BOSTON = ROOT.parent / "shared" / "data" / "complaints" / "boston_311_2011_q3.csv.gz"
SECONDS_TO_SETTLE = 20.0  # for what earlier runs caused to be counted
GLANCE = 0.2  # seconds between two looks at the bars


def source_of(file: Path | None, n: int, neighbourhoods: list[str]) -> Source:
    """The file that was named, else Boston's where it is present, else the sample set. Raises CannotStart."""
    chosen = file or (BOSTON if BOSTON.exists() else sample.ISSUES)
    return sample.source(chosen, n) if chosen.suffix == ".json" else boston.source(chosen, n, sorted(neighbourhoods))


class Show:
    """One run on one platform. `perform` returns what was played, also when it was cancelled."""

    def __init__(self, ground: Ground, source: Source, console: Console) -> None:
        self._ground, self._source = ground, source
        self._book = Book(f"demo{secrets.token_hex(4)}")
        self._bars = Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
                              console=console)
        self._channels = {agency["code"]: agency["channel"] for agency in ground.agencies}

    async def perform(self) -> Played:
        began, verdict = time.monotonic(), None
        desks = Desks(self._ground.api, self._ground.broker, self._book, self._channels)
        with self._bars:
            try:
                verdict = await self._play_and_check(desks)
            except asyncio.CancelledError:
                self._bars.console.print("Stopping: what agencies hold is settled, nothing more is filed.")
            finally:
                await desks.close()
        return Played(self._source, self._book, {agency["code"]: agency["name_en"] for agency in self._ground.agencies},
                      frozenset(desks.queues), self._ground.api.trouble + desks.trouble, time.monotonic() - began, verdict)

    async def _play_and_check(self, desks: Desks) -> Verdict:
        looking = Looking(self._ground.api, self._book, list(self._channels))
        before = await settled_numbers(looking)
        playing = Playing(self._ground.api, self._book, desks, ByHand(self._ground.neighbourhoods, self._ground.agencies),
                          self._source)
        showing = asyncio.create_task(self._show_bars())
        try:
            await playing.all()
        finally:
            showing.cancel()
        return await self._check(Books(self._book, looking, self._channels, before))

    async def _check(self, books: Books) -> Verdict:
        bar = self._bars.add_task("checking", total=len(books.checks()))

        def begun(name: str) -> None:
            self._bars.update(bar, description=f"checking {name}")

        def ended() -> None:
            self._bars.advance(bar)

        verdict = await books.check(begun, ended)
        self._bars.update(bar, description="checked")
        return verdict

    async def _show_bars(self) -> None:
        bars = [(self._bars.add_task(title, total=total), count) for title, total, count in self._counts()]
        while True:
            self._advance(bars)
            try:
                await asyncio.sleep(GLANCE)
            except asyncio.CancelledError:
                return self._advance(bars)

    def _advance(self, bars: list[tuple[TaskID, Callable[[], int]]]) -> None:
        for bar, count in bars:
            self._bars.update(bar, completed=count())

    def _counts(self) -> list[tuple[str, int, Callable[[], int]]]:
        """Each bar's title, how many it will be, and how many it is now."""
        scripts, played = self._source.scripts, lambda: self._book.played
        return [
            ("filed", len(scripts), lambda: len(played())),
            ("at their agency", len(scripts), lambda: sum(bool(case.offers) for case in played())),
            ("answered", sum(bool(script.steps) for script in scripts),
             lambda: sum(case.times("accept", "refuse") > 0 for case in played())),
            ("closed", sum(script.resident == "confirm" for script in scripts),
             lambda: sum(case.times("confirm") for case in played())),
        ]


async def settled_numbers(looking: Looking) -> Numbers:
    """The published numbers as soon as they stand still, so that what was on its way before is not taken for ours."""
    end, seen = time.monotonic() + SECONDS_TO_SETTLE, await looking.numbers()
    while time.monotonic() < end:
        await asyncio.sleep(1)
        before, seen = seen, await looking.numbers()
        if before == seen:
            break
    return seen


async def perform(n: int, file: Path | None, console: Console) -> int:
    """Plays and reports; the exit status. Raises CannotStart."""
    loop, this = asyncio.get_running_loop(), asyncio.current_task()
    loop.set_default_executor(ThreadPoolExecutor(AT_ONCE, "calling"))
    if this:
        loop.add_signal_handler(signal.SIGTERM, this.cancel)
    try:
        ground = await stand(RESIDENT)
    except NoAnswer as error:
        raise CannotStart(f"the platform does not answer: {error}") from error
    source = source_of(file, n, [place["code"] for place in ground.neighbourhoods])
    console.print(f"{len(source.scripts)} issues: {source.told}")
    return report(console, await Show(ground, source, console).perform())
