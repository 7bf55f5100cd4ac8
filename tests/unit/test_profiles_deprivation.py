"""Properties that an index of deprivation must have, whatever is counted in whatever unit."""
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.registry.profiles.deprivation import Score, Weight, scores

Table = dict[str, dict[str, float]]
WEIGHTS = [Weight("poverty", 3, True), Weight("clinics", 2, False), Weight("lit", 1, False)]
NAMES = [weight.indicator for weight in WEIGHTS]
figures = st.floats(-1e6, 1e6, allow_nan=False)
whole = st.integers(-1000, 1000).map(float)  # so that units can be exchanged without rounding


def tables(cells: Any = figures, least: int = 1) -> Any:
    """Neighbourhoods with some of their figures, in which some are missing."""
    rows = st.dictionaries(st.sampled_from(NAMES), cells)
    return st.lists(rows, min_size=least, max_size=8).map(lambda found: {f"n{n}": row for n, row in enumerate(found)})


def indices(table: Table, weights: list[Weight] | None = None) -> dict[str, float | None]:
    return {code: score.index for code, score in scores(table, weights or WEIGHTS).items()}


@given(tables())
def test_it_lies_between_0_and_1_and_is_unknown_where_nothing_is_known(table: Table) -> None:
    for code, score in scores(table, WEIGHTS).items():
        assert (score.index is None) == (not table[code]) == (score.coverage == 0)
        assert score.index is None or 0 <= score.index <= 1
        assert set(score.parts) == set(table[code]) and {*score.parts, *score.missing} == set(NAMES)


@given(tables(), st.sampled_from(WEIGHTS), st.floats(0, 1e6), st.data())
def test_who_gets_worse_in_one_thing_does_not_get_a_better_index(table: Table, weight: Weight, by: float, data: Any) -> None:
    code = data.draw(st.sampled_from(sorted(table)))
    assume(weight.indicator in table[code])
    worse = table[code][weight.indicator] + (by if weight.higher_is_worse else -by)
    before, after = indices(table)[code], indices(table | {code: table[code] | {weight.indicator: worse}})[code]
    assert before is not None and after is not None and after >= before - 1e-9


def test_who_gets_worse_between_best_and_worst_gets_a_worse_index() -> None:
    table = {"best": {"poverty": 0.0}, "some": {"poverty": 4.0}, "worst": {"poverty": 10.0}}
    assert indices(table, WEIGHTS[:1]) == pytest.approx({"best": 0, "some": 0.4, "worst": 1})
    assert indices({code: {"clinics": row["poverty"]} for code, row in table.items()}, WEIGHTS[1:2]) == pytest.approx({
        "best": 1, "some": 0.6, "worst": 0})


@given(tables(), st.randoms())
def test_the_order_of_neighbourhoods_and_of_weights_changes_nothing(table: Table, chance: Any) -> None:
    codes, weights = list(table), list(WEIGHTS)
    chance.shuffle(codes)
    chance.shuffle(weights)
    assert indices({code: table[code] for code in codes}, weights) == pytest.approx(indices(table))


@given(tables(whole), st.sampled_from(NAMES), st.sampled_from([0.25, 2.0, 1024.0]), whole)
def test_the_unit_and_zero_of_an_indicator_change_nothing(table: Table, name: str, factor: float, offset: float) -> None:
    other = {code: row | ({name: row[name] * factor + offset} if name in row else {}) for code, row in table.items()}
    assert indices(other) == pytest.approx(indices(table), abs=1e-9)


@given(tables(), st.floats(0.001, 1000))
def test_only_the_proportion_of_weights_counts(table: Table, factor: float) -> None:
    heavier = [replace(weight, weight=weight.weight * factor) for weight in WEIGHTS]
    assert indices(table, heavier) == pytest.approx(indices(table))


@given(st.dictionaries(st.sampled_from(NAMES), figures, min_size=1), st.integers(1, 5))
def test_alone_or_all_alike_nobody_is_behind(row: dict[str, float], number: int) -> None:
    assert set(indices({f"n{n}": row for n in range(number)}).values()) == {0.0}


def test_what_is_missing_is_left_out_and_told() -> None:
    found = scores({"a": {"poverty": 10.0}, "b": {"poverty": 0.0, "clinics": 1.0}, "c": {}}, WEIGHTS)
    assert found["a"] == Score(1.0, 0.5, {"poverty": 1.0}, ("clinics", "lit"))
    assert (found["b"].index, found["b"].missing) == (0.0, ("lit",))
    assert found["c"] == Score(None, 0.0, {}, ("poverty", "clinics", "lit"))


def test_a_count_may_be_taken_per_head() -> None:
    per_head = [Weight("clinics", 1, False, per="population")]
    table = {"large": {"clinics": 4.0, "population": 40_000.0}, "small": {"clinics": 2.0, "population": 5_000.0},
             "empty": {"clinics": 1.0, "population": 0.0}, "uncounted": {"clinics": 1.0}}
    assert indices(table, per_head) == {"large": 1.0, "small": 0.0, "empty": None, "uncounted": None}


@given(st.lists(st.tuples(whole, st.integers(1, 1000).map(float)), min_size=1, max_size=6), st.sampled_from([0.5, 4.0]))
def test_the_unit_of_what_is_taken_per_head_changes_nothing(rows: list[tuple[float, float]], factor: float) -> None:
    weights = [Weight("clinics", 1, False, per="population")]
    table = {f"n{n}": {"clinics": clinics, "population": people} for n, (clinics, people) in enumerate(rows)}
    other = {code: {name: value * factor for name, value in row.items()} for code, row in table.items()}
    assert indices(other, weights) == pytest.approx(indices(table, weights), abs=1e-9)
