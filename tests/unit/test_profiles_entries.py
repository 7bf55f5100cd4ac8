"""What a figure of a neighbourhood may be, and which day a Jalali year is read as of."""
from typing import Any

import pytest

from chassis.clock import today
from contracts.errors import Invalid, Malformed
from services.registry.days import year_of
from services.registry.profiles.entries import flaws, read_on
from services.registry.profiles.schemas import FacilitySchema, IndicatorSchema, WeightingSchema
from services.registry.profiles.surface import years_of

Record = dict[str, Any]


def an_indicator(**given: Any) -> Record:
    return {"code": "i", "kind": "count", "least": None, "most": None} | given


def an_entry(value: float, day: str | None = None) -> Record:
    return {"indicator": "i", "value": value, "day": day, "source": None}


@pytest.mark.parametrize(("indicator", "value", "right"), [
    (an_indicator(), 0, True), (an_indicator(), -1, False), (an_indicator(), 1.5, False),
    (an_indicator(kind="share"), 99.5, True), (an_indicator(kind="share"), 100.5, False),
    (an_indicator(kind="area"), 0.5, True), (an_indicator(kind="yes_no"), 1, True), (an_indicator(kind="yes_no"), 2, False),
    (an_indicator(most=10), 11, False), (an_indicator(most=10), 10, True), (an_indicator(least=3), 2, False),
    (an_indicator(kind="share", most=500), 101, False)])
def test_a_figure_must_fit_its_indicator(indicator: Record, value: float, right: bool) -> None:
    assert [what for what, _, _ in flaws(an_entry(value), indicator, 1404)] == ([] if right else ["value"])


def test_an_indicator_that_is_none_and_a_day_of_another_year_are_flaws() -> None:
    assert [what for what, _, _ in flaws(an_entry(1), None, 1404)] == ["indicator"]
    assert [what for what, _, _ in flaws(an_entry(1, "2026-03-21"), an_indicator(), 1404)] == ["day"]
    assert not list(flaws(an_entry(1, "2026-03-20"), an_indicator(), 1404))


def test_a_year_is_read_as_of_its_last_day_and_this_one_as_of_today() -> None:
    assert (read_on(1403), read_on(1404)) == ("2025-03-20", "2026-03-20")
    this_year = next(year for year in range(1403, 1490) if year_of(year)[0] <= today() < year_of(year)[1])
    assert read_on(this_year) == today()
    with pytest.raises(Invalid) as ahead:
        read_on(this_year + 1)
    assert ahead.value.code == "year_ahead"


@pytest.mark.parametrize("year", [0, 1199, 1500, 2025, 10**9])
def test_what_is_no_jalali_year_is_refused(year: int) -> None:
    with pytest.raises(Invalid) as invalid:
        read_on(year)
    assert invalid.value.code == "bad_year"


def test_years_may_be_written_in_any_digits() -> None:
    assert years_of("۱۴۰۳,1404") == [1403, 1404]
    with pytest.raises(Malformed):
        years_of("")


NAMES = {"name_fa": "جمعیت", "name_en": "Population"}


@pytest.mark.parametrize(("schema", "record", "field"), [
    (IndicatorSchema(), NAMES | {"kind": "count", "higher_is": "worse", "least": 2, "most": 1}, "most"),
    (IndicatorSchema(), NAMES | {"kind": "count", "higher_is": "worse", "most": float("inf")}, "most"),
    (WeightingSchema(), NAMES | {"weights": [{"indicator": "i", "weight": 0}]}, "weights"),
    (WeightingSchema(), NAMES | {"weights": [{"indicator": "i", "weight": float("nan")}]}, "weights"),
    (WeightingSchema(), NAMES | {"weights": [{"indicator": "i", "weight": 1}] * 2}, "weights"),
    (FacilitySchema(), NAMES | {"neighbourhood": "n1", "kind": "clinic", "lat": 35.8}, "lat")])
def test_what_makes_no_sense_is_refused(schema: Any, record: Record, field: str) -> None:
    assert list(schema.validate(record)) == [field]
