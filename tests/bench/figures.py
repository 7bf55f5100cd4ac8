"""Percentiles, spreads, and what a run found. Pure."""
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

Costs = dict[str, float]  # by process


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` (0 to 1) of them do not exceed (nearest rank). Raises ValueError for none."""
    if not values:
        raise ValueError("no values")
    return sorted(values)[max(math.ceil(share * len(values)), 1) - 1]


@dataclass(frozen=True)
class Spread:
    """Of one figure over the repeats."""

    least: float
    middle: float
    most: float


def spread(values: Sequence[float]) -> Spread | None:
    return Spread(min(values), median(values), max(values)) if values else None


@dataclass
class Row:
    """One measure: a value for each repeat that counted, of ours and of the yardstick, and what must be said to it."""

    measure: str
    unit: str
    goal: str = ""
    ours: list[float] = field(default_factory=list)
    yardstick: list[float] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def ratio(self) -> float | None:
        """Ours by the yardstick's, medians; None where either is missing."""
        ours, yardstick = spread(self.ours), spread(self.yardstick)
        return ours.middle / yardstick.middle if ours and yardstick and yardstick.middle else None


def note(row: Row, words: str) -> None:
    """Says it once, however many repeats there are."""
    if words and words not in row.notes:
        row.notes.append(words)


@dataclass
class Results:
    """`costs`: CPU seconds a piece, by what was done, for each repeat, by process. `memory`: MB (PSS) by moment and
    process. `others`: the share of the machine's CPU that others took, for each load."""

    rows: list[Row] = field(default_factory=list)
    costs: dict[str, list[Costs]] = field(default_factory=dict)
    memory: dict[str, Costs] = field(default_factory=dict)
    others: list[float] = field(default_factory=list)

    def row(self, measure: str, unit: str, goal: str = "") -> Row:
        self.rows.append(Row(measure, unit, goal))
        return self.rows[-1]

    def cost(self, what: str, costs: Costs, pieces: float) -> None:
        if pieces:
            self.costs.setdefault(what, []).append({name: used / pieces for name, used in costs.items()})

    def cost_of(self, what: str) -> Costs:
        """The median over the repeats, by process."""
        repeats = self.costs[what]
        return {name: median(costs.get(name, 0.0) for costs in repeats) for name in repeats[0]}
