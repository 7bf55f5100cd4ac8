"""How fast the sweeper finds and finishes what fell due among many: the issues' own process, which answers besides."""
import time
from contextlib import suppress
from datetime import timedelta

from pymongo.errors import BulkWriteError

from chassis.clock import now
from tests.bench.figures import note
from tests.bench.running import Bench
from tests.bench.stored import fallen_due
from tests.integration.waiting import eventually

DUE = 10_000  # issues
AGO = timedelta(days=5)  # since they were filed: nobody has accepted, and the first steps of the ladder are due
WITHIN = 600.0  # seconds


def measure(bench: Bench) -> None:
    row = bench.results.row(f"sweeper, {DUE:,} due among many, until all are finished", "s", "≤ 60")
    issues, what = bench.ours.ground.store("issues", "issues"), "sweeper"
    laid = list(fallen_due(bench, DUE, AGO))
    told = bench.tell(what)
    with bench.costing(bench.ours) as costs:
        began = time.monotonic()
        with suppress(BulkWriteError):  # a tracking code that is taken; those are left out
            issues.insert_many(laid, ordered=False)
        ids = [each["_id"] for each in laid]

        def left() -> int:
            count = int(issues.count_documents({"_id": {"$in": ids}, "next_due_at": {"$lte": now()}}))
            told(1 - count / DUE)
            return count

        eventually("the sweeper is done", left, WITHIN, until=lambda count: count == 0)
        row.ours.append(time.monotonic() - began)
    bench.results.cost("issue fallen due", costs, DUE)
    note(row, f"{bench.stored():,} issues stored")
    bench.say(f"{what}: {row.ours[-1]:.1f} s")
