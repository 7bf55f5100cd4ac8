"""`python -m tests.chaos [--seed SEED] [--minutes MINUTES]`: see the package. Ctrl-C stops everything that was started."""
import random
import signal
import sys
import threading
import time
from collections.abc import Callable

import click
from rich.console import Console

from deploy.local.errors import CannotStart, end_with
from deploy.local.folder import local_folder
from tests.chaos import accounts, ledger, report
from tests.chaos.checker import Books, check
from tests.chaos.evidence import collect
from tests.chaos.ground import Ground, ground_in
from tests.chaos.insisting import Client
from tests.chaos.ledger import Ledger
from tests.chaos.nemesis import Nemesis, Struck
from tests.chaos.quiesce import quiesce
from tests.chaos.recovery import Recovered, Recovery
from tests.chaos.schedule import LEAST, Fault, schedule
from tests.chaos.visits import Letters, Visits
from tests.chaos.workload import Workload

Pairs = list[tuple[Struck, Recovered]]


def say(sentence: str) -> None:
    print(sentence, flush=True)


class Run:
    """One run on running ground."""

    def __init__(self, ground: Ground, seed: int, minutes: float) -> None:
        self.ground, self.seed, self.minutes = ground, seed, minutes
        self.ledger = Ledger(ground.folder / "ledger.jsonl")
        self.client = Client(ground.api, self.ledger)
        self.workload = Workload(self.client, ground.broker, ground.agencies, seed)
        self.visits = Visits(self.client, self.workload, Letters(ground.letters), seed)
        self.nemesis = Nemesis(ground, self.ledger, time.sleep)
        self.recovery = Recovery(ground, self.workload, time.sleep)
        self.began = time.monotonic()

    def play(self) -> report.Outcome:
        """Breaks, waits until all is quiet, checks."""
        self.workload.start()
        self.visits.start()
        struck = self.break_it()
        while self.goes_on():
            time.sleep(1)
        self.workload.stop_filing()
        self.visits.stop_coming()
        say("no more filings; waiting until nothing is on its way")
        still = quiesce(self.ground, self.workload, self.visits, self.ledger, time.sleep, say)
        self.ledger.close()
        deeds, unknown = ledger.read(self.ledger.path), [*self.client.unknown, *self.client.pending.values()]
        of_accounts = accounts.collect(self.ground, self.visits, deeds, unknown)
        self.workload.stop()
        books = Books(deeds, collect(self.ground, self.workload, still), unknown)
        trouble = [f"refused: {each}" for each in self.client.refused]
        trouble += [f"{count} {name} never came to rest" for name, count in still.items()]
        return report.Outcome(self.seed, self.minutes, deeds, struck, check(books) + accounts.check(of_accounts),
                              books.duplicates, trouble)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    def break_it(self) -> Pairs:
        struck: Pairs = []
        for fault in schedule(self.seed):
            if len(struck) >= LEAST and not self.goes_on(fault.takes):
                break
            struck.append(self.strike(fault))
        return struck

    def goes_on(self, takes: float = 0) -> bool:
        """Whether there is time for so many seconds more: a long run gets twice its time where it needs it for ENOUGH."""
        needs_more = self.minutes >= report.LONG and self.ledger.acknowledged < report.ENOUGH
        return self.seconds + takes < self.minutes * 60 * (2 if needs_more else 1)

    def strike(self, fault: Fault) -> tuple[Struck, Recovered]:
        struck = self.nemesis.strike(fault)
        recovered = self.recovery.after(struck.ended)
        say(f"[{self.seconds:4.0f} s] {report.line(struck, recovered)}; {self.ledger.acknowledged} acknowledged so far")
        time.sleep(fault.calm)
        return struck, recovered


def on_interrupt(do: Callable[[], None]) -> None:
    """What Ctrl-C and SIGTERM do from now on."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: do())


def stopping() -> None:
    """From now on nothing disturbs the stopping."""
    on_interrupt(lambda: say("already stopping, one moment"))


def interrupt() -> None:
    stopping()
    raise KeyboardInterrupt


def end_the_run(failed: threading.ExceptHookArgs) -> None:
    """A thread of ours that dies would make the books wrong."""
    threading.__excepthook__(failed)
    signal.raise_signal(signal.SIGINT)


@click.command()
@click.option("--seed", type=int, help="Which run; drawn and printed when not given.")
@click.option("--minutes", type=click.FloatRange(min=0.1), default=8.0, show_default=True, help="How long it is broken.")
def main(seed: int | None, minutes: float) -> None:
    """Breaks a platform of its own under load and checks its books."""
    seed = random.SystemRandom().randrange(10**6) if seed is None else seed
    threading.excepthook = end_the_run
    say(f"chaos: seed {seed}, {minutes:g} minutes, or longer where three of each kind take longer")
    on_interrupt(interrupt)
    try:
        with ground_in(local_folder() / "chaos") as ground:
            outcome = Run(ground, seed, minutes).play()
            stopping()
    except KeyboardInterrupt:
        sys.exit(f"chaos: stopped; nothing was checked (seed {seed})")
    except CannotStart as error:
        end_with(error)
    report.show(outcome, Console())
    sys.exit(1 if outcome.reasons() else 0)


if __name__ == "__main__":
    main()
