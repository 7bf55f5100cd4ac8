"""`python -m tests.bench [--quick] [--only NAME,…] [--stored N] [--write PAGE]`: see the package."""
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console

from deploy.local.errors import CannotStart, end_with
from deploy.local.folder import local_folder
from tests.bench import divisions, filings, latency, lifecycles, lists, mixed, relaying, report, searches, stored, sweeping
from tests.bench.ground import Ground, ground_in
from tests.bench.machine import machine
from tests.bench.ours import Ours
from tests.bench.running import QUICK, Bench, Settings
from tests.bench.usage import memory
from tests.bench.yardstick import Yardstick, packages

# In this order: what wants few issues stored comes before what wants many, and each part says whose it is.
PLAN: tuple[tuple[set[str], Callable[[Bench], None]], ...] = (
    ({"lifecycles"}, lifecycles.measure), ({"filings"}, filings.measure), ({"relay"}, relaying.measure),
    ({"lifecycles", "lists", "searches", "sweeper"}, stored.fill), ({"lifecycles"}, lifecycles.measure),
    ({"lifecycles"}, lifecycles.compare), ({"lists"}, lists.measure), ({"searches"}, searches.measure),
    ({"sweeper"}, sweeping.measure),
    ({"latency"}, latency.measure), ({"mixed"}, mixed.measure), ({"divisions"}, divisions.measure))
NAMES = sorted(set().union(*(names for names, _ in PLAN)))
IDLE = 5.0  # seconds
WIDE = 160  # characters of a line where no terminal says how wide it is


def say(sentence: str) -> None:
    print(sentence, flush=True)


def chosen(context: click.Context, parameter: click.Parameter, given: str) -> set[str]:
    names = set(given.split(",")) if given else set(NAMES)
    if unknown := names - set(NAMES):
        raise click.BadParameter(f"{', '.join(sorted(unknown))}: name {', '.join(NAMES)}")
    return names


@contextmanager
def yardstick_on(ground: Ground) -> Iterator[list[Yardstick]]:
    """The yardstick where it can be had; else none."""
    python = packages(ground.folder / "yardstick", say)
    if python is None:
        yield []
        return
    yardstick = Yardstick(ground, python)
    try:
        yardstick.start()
        yield [yardstick]
    finally:
        yardstick.stop()


def run(bench: Bench, only: set[str]) -> None:
    """The plan's chosen parts, between a look at what the platform takes at rest and one at what it takes after."""
    results = bench.results
    results.memory["at rest"] = memory(bench.ours.processes())
    with bench.costing(bench.ours) as costs:
        time.sleep(IDLE)
    results.cost("second at rest", costs, IDLE)
    for names, measure in PLAN:
        if names & only:
            measure(bench)
    after = [memory(target.processes()) for target in bench.targets]
    results.memory["after load"] = {name: pss for found in reversed(after) for name, pss in found.items()}


def interrupt(*_: object) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: say("already stopping, one moment"))
    raise KeyboardInterrupt


@click.command()
@click.option("--quick", is_flag=True, help="Shorter loads and fewer stored issues: about two minutes.")
@click.option("--only", default="", callback=chosen, help=f"Parts, with commas: {', '.join(NAMES)}.")
@click.option("--stored", type=click.IntRange(min=0), help="How many issues are stored where many are asked for.")
@click.option("--write", type=click.Path(path_type=Path), help="The page between whose marks the tables are written.")
def main(quick: bool, only: set[str], stored: int | None, write: Path | None) -> None:
    """Measures a platform of its own."""
    settings = QUICK if quick else Settings()
    settings = settings if stored is None else replace(settings, stored=stored)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    say("bench: starting servers, platform and yardstick")
    console, local = Console(width=None if sys.stdout.isatty() else WIDE), local_folder()
    try:
        with ground_in(local / "bench") as ground, yardstick_on(ground) as others:
            bench = Bench(Ours(ground), others, settings, console)
            with bench.progress:
                run(bench, only)
            found = machine(ground)
    except KeyboardInterrupt:
        sys.exit("bench: stopped; nothing was written")
    except (CannotStart, AssertionError) as error:  # the second is what waiting in vain raises
        end_with(error)
    report.show(found, bench.results, console)
    report.write_json(local / "bench.json", found, bench.results)
    report.write(write or local / "bench.md", report.markdown(found, bench.results))


if __name__ == "__main__":
    main()
