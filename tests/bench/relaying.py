"""How fast the relay empties outboxes: events confirmed by the broker and taken out, a second.

While the relay is stopped, thousands of filed issues are laid into the database, each with its three events; then it is
started, and timed from its first settled batch on. Once with every consumer at work on the same cores, once without.
"""
import time
from collections.abc import Callable

from tests.bench.figures import Row, note
from tests.bench.running import Bench
from tests.bench.stored import just_filed
from tests.integration.waiting import eventually

EVENTS = 3  # of a filed and routed issue: filed, offered, and the offer to its agency
LAID = 2000  # issues
WITHIN = 120.0  # seconds
CONSUMERS = ("notifications", "booklet")


def measure(bench: Bench) -> None:
    together = bench.results.row("relay, events confirmed and taken out, consumers at work", "1/s")
    alone = bench.results.row("relay, events confirmed and taken out, consumers stopped", "1/s", "≥ 4,000")
    platform = bench.ours.ground.platform
    for _, what in bench.turns("relay", [bench.ours]):
        once(bench, together, what)
    for name in CONSUMERS:
        platform.daemons[name].stop(platform.grace)
    for _, what in bench.turns("relay alone", [bench.ours]):
        once(bench, alone, what)
    for name in CONSUMERS:
        platform.start_process(name)
        platform.ready(name)
    eventually("consumers are done", bench.ours.ground.on_its_way, WITHIN, until=lambda seen: not seen)


def once(bench: Bench, row: Row, what: str) -> None:
    platform, told = bench.ours.ground.platform, bench.tell(what)
    bench.ours.clear()
    platform.daemons["relay"].stop(platform.grace)
    lay_down(bench)
    platform.start_process("relay")
    waiting = watch(bench, lambda left: left < LAID)
    with bench.costing(bench.ours) as costs:
        began, events = time.monotonic(), waiting * EVENTS
        watch(bench, lambda left: told(1 - left / LAID) or left == 0)
        took = time.monotonic() - began
    row.ours.append(events / took)
    bench.results.cost(f"event, {what.partition(',')[0]}", costs, events)
    note(row, f"{LAID * EVENTS:,} events of {LAID:,} issues")
    bench.say(f"{what}: {events / took:,.0f}/s")


def lay_down(bench: Bench) -> None:
    """Filed issues with their events."""
    bench.ours.ground.store("issues", "issues").insert_many(just_filed(bench, LAID), ordered=False)


def watch(bench: Bench, until: Callable[[int], bool]) -> int:
    """How many issues still have events, as soon as `until` likes it."""
    store = bench.ours.ground.store("issues", "issues")
    return eventually("the relay takes events out", lambda: store.count_documents(
        {"outbox.due": {"$exists": True}}, hint="outbox.due_1"), WITHIN, until=until)
