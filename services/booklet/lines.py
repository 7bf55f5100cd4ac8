"""A line of published numbers: plain sums and sketches, so that lines can be added up, and what is read from them."""
from collections import Counter, defaultdict
from functools import lru_cache
from typing import Any

from services.booklet import sketches

SUMS = ("filed", "open", "waiting", "awaiting_funds", "solved", "closed", "confirmed", "not_fixed", "overdue")
SHARES = {"on_time": "on_time", "not_fixed": "said_not_fixed", "reopened": "reopened", "silence": "silent",
          "referred": "referred", "escalated": "escalated"}  # share → the sum that is its part; the whole is `<share>_of`
MEASURES = ("accept", "finish")
CLOCKS = ("calendar", "working")


class Line:
    """What was added to it so far. `sums` are the counts of `counting`, with `overdue` as of the moment of reading."""

    def __init__(self) -> None:
        self.sums: Counter[str] = Counter()
        self.sketches: dict[str, Counter[int]] = defaultdict(Counter)

    def add(self, added: str, times: int, late: int) -> None:
        """So many rows that add this text; so many of them are late, if they are open."""
        measure, _, bucket = added.partition(":")
        if bucket:
            self.sketches[measure][int(bucket)] += times
            return
        for name, count in _counts(added):
            self.sums[name] += count * times
            if name == "open":
                self.sums["overdue"] += late
                self.sums["on_time_of"] += late

    def published(self) -> dict[str, Any]:
        """With shares from 0 to 1 and means, None where there is nothing to divide by; `_of` is by how many."""
        sums = self.sums
        line: dict[str, Any] = {name: sums[name] for name in SUMS}
        for share, part in SHARES.items():
            whole = sums[f"{share}_of"]
            line |= {f"{share}_share": quotient(sums[part], whole, 4), f"{share}_of": whole}
        line |= {"satisfaction": quotient(sums["satisfaction"], sums["satisfaction_of"], 2),
                 "satisfaction_of": sums["satisfaction_of"]}
        return line | {f"{measure}_minutes": {clock: sketches.published(self.sketches[f"{measure}.{clock}"])
                                              for clock in CLOCKS} for measure in MEASURES}


@lru_cache(maxsize=4096)
def _counts(added: str) -> tuple[tuple[str, int], ...]:
    """`filed=1 open=1`, taken apart."""
    return tuple((name, int(count)) for name, _, count in (each.partition("=") for each in added.split()))


def quotient(part: int, whole: int, digits: int) -> float | None:
    return round(part / whole, digits) if whole else None
