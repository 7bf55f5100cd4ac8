"""How deprived a neighbourhood is beside the others: the weighted mean of its indicators, each between 0 and 1.

0 is the best figure among the neighbourhoods that are compared, 1 the worst (docs/adr/0028-deprivation-index.md). A figure
that is missing is left out of the mean and told: nothing is guessed, and `coverage` is the share of the weights known.
"""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Figures = Mapping[str, float]  # of one neighbourhood, by indicator


@dataclass(frozen=True)
class Weight:
    """`per`: the indicator by which this one is divided first."""

    indicator: str
    weight: float
    higher_is_worse: bool
    per: str | None = None


@dataclass(frozen=True)
class Score:
    """`index` 0 to 1, None where nothing is known; `parts`: what each indicator adds to it, before its weight."""

    index: float | None
    coverage: float
    parts: dict[str, float] = field(default_factory=dict)
    missing: tuple[str, ...] = ()


def scores(neighbourhoods: Mapping[str, Figures], weights: Sequence[Weight]) -> dict[str, Score]:
    """The score of each neighbourhood among these. Weights are positive."""
    columns = {weight.indicator: _parts(neighbourhoods, weight) for weight in weights}
    return {code: _score({name: column[code] for name, column in columns.items() if code in column}, weights)
            for code in neighbourhoods}


def _parts(neighbourhoods: Mapping[str, Figures], weight: Weight) -> dict[str, float]:
    """Where each known figure lies between the best (0) and the worst (1); 0 for all where all are the same."""
    known = {code: figure for code, figures in neighbourhoods.items() if (figure := _figure(figures, weight)) is not None}
    low, high = min(known.values(), default=0), max(known.values(), default=0)
    if low == high:
        return dict.fromkeys(known, 0.0)
    return {code: (figure - low if weight.higher_is_worse else high - figure) / (high - low)
            for code, figure in known.items()}


def _figure(figures: Figures, weight: Weight) -> float | None:
    if weight.indicator not in figures:
        return None
    if weight.per is None:
        return figures[weight.indicator]
    base = figures.get(weight.per, 0)
    return figures[weight.indicator] / base if base > 0 else None


def _score(parts: dict[str, float], weights: Sequence[Weight]) -> Score:
    total = sum(weight.weight for weight in weights)
    known = sum(weight.weight for weight in weights if weight.indicator in parts)
    missing = tuple(weight.indicator for weight in weights if weight.indicator not in parts)
    if not known:
        return Score(None, 0.0, parts, missing)
    mean = sum(weight.weight * parts[weight.indicator] for weight in weights if weight.indicator in parts) / known
    return Score(min(mean, 1.0), min(known / total, 1.0), parts, missing)
