"""At a steady rate, whatever the answers do: how long filing takes, and until it is in the agency's queue.

Both are timed from the moment at which the filing should have been sent.
"""
import asyncio
import time

from tests.bench.clients import Load, open_loop
from tests.bench.figures import Row, note, percentile
from tests.bench.filings import filing
from tests.bench.running import Bench, Target

RATE = 50  # filings a second
LONGER = 1.5  # than another load: a high percentile asks for many
SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
ARRIVED = {"p50": "≤ 25 ms", "p99": "≤ 150 ms"}
LAST = 5.0  # seconds that the last message may take
Rows = dict[str, Row]


def measure(bench: Bench) -> None:
    answered = {name: bench.results.row(f"POST at {RATE} filings/s, {name}", "ms") for name in SHARES}
    arrived = {name: bench.results.row(f"filed → in the agency's queue, {RATE} filings/s, {name}", "ms", goal)
               for name, goal in ARRIVED.items()}
    for target, what in bench.turns(f"latency at {RATE} filings/s"):
        load, took = steady(bench, target, what)
        enter(bench, target, answered, [done.took for done in load.well])
        enter(bench, target, arrived, took)
        lost = f"{len(load.well) - len(took)} not in a queue after {LAST:.0f} s" if len(took) < len(load.well) else ""
        for words in filter(None, (load.refused, lost)):
            note(next(iter(arrived.values())), f"{target.name}: {words}")
        bench.say(f"{what}: POST {shown([done.took for done in load.well])}; in the agency's queue {shown(took)}")


def steady(bench: Bench, target: Target, what: str) -> tuple[Load, list[float]]:
    """The load, and for each filing that reached a queue after how many seconds."""
    target.clear()
    with bench.costing(target), target.arrivals() as found:
        load = asyncio.run(open_loop(target.port, RATE, bench.settings.seconds * LONGER, filing(target), bench.tell(what)))
        filed = {done.answer.json()["id"]: done.began for done in load.well}
        end = time.monotonic() + LAST
        while filed.keys() - found.keys() and time.monotonic() < end:
            time.sleep(0.05)
    return load, [found[issue] - began for issue, began in filed.items() if issue in found]


def enter(bench: Bench, target: Target, rows: Rows, seconds: list[float]) -> None:
    for name, row in rows.items():
        if seconds:
            bench.values(row, target).append(percentile(seconds, SHARES[name]) * 1000)


def shown(seconds: list[float]) -> str:
    if not seconds:
        return "never"
    return ", ".join(f"{name} {percentile(seconds, share) * 1000:.0f}" for name, share in SHARES.items()) + " ms"
