"""Lists of 50: the same one asked for by everybody, and each asked for another one, so that no answer can be shared."""
import asyncio
import itertools
from collections.abc import Callable

from tests.bench.clients import Answer, Connection, closed_loop
from tests.bench.figures import note
from tests.bench.ours import read
from tests.bench.running import GENERATOR, Bench, Target

CLIENTS = 16
SHORTER = 0.5  # than another load: nothing is written


def measure(bench: Bench) -> None:
    places = itertools.cycle(place["code"] for place in read("territories") if place["kind"] == "neighbourhood")
    same = bench.results.row(f"list of 50, {CLIENTS} clients", "1/s", "≥ 600")
    each = bench.results.row(f"list of 50, {CLIENTS} clients, another neighbourhood each time", "1/s")
    for target, what in bench.turns("list of 50"):
        bench.values(same, target).append(rate(bench, target, target.listing, what))
    for target, what in bench.turns("list of 50 of a neighbourhood", [bench.ours]):
        bench.values(each, target).append(rate(bench, target, lambda: bench.ours.listing(next(places)), what))
    for row in (same, each):
        note(row, f"{bench.stored():,} issues stored")


def rate(bench: Bench, target: Target, listing: Callable[[], bytes], what: str) -> float:
    async def play(connection: Connection) -> Answer:
        return await connection.ask(listing())

    target.clear()
    with bench.costing(target) as costs:
        load = asyncio.run(closed_loop(target.port, CLIENTS, bench.settings.seconds * SHORTER, play, bench.tell(what)))
    kind = what.rpartition(", ")[0]
    bench.results.cost(kind, costs | {GENERATOR: load.cost}, len(load.well))
    bench.say(f"{what}: {load.rate:.0f}/s {load.refused}")
    return load.rate
