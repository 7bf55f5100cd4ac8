"""Medians out of buckets, against medians of the values themselves."""
import math
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from services.booklet.sketches import QUANTILES, WITHIN, bucket_of, minutes_of, published

TEN_YEARS = 10 * 366 * 24 * 60
durations = st.integers(0, TEN_YEARS) | st.integers(0, 500)


def exact(values: list[int], per_cent: int) -> int:
    """The least value that so many per cent do not exceed."""
    return sorted(values)[math.ceil(len(values) * per_cent / 100) - 1]


@given(durations)
def test_a_duration_is_told_to_within_the_precision(minutes: int) -> None:
    assert abs(minutes_of(bucket_of(minutes)) - minutes) <= WITHIN * minutes + 0.5


@given(durations, durations)
def test_a_longer_duration_never_lies_in_an_earlier_bucket(one: int, other: int) -> None:
    assert (bucket_of(min(one, other))) <= bucket_of(max(one, other))


@given(st.lists(durations, min_size=1, max_size=60))
def test_median_and_p90_are_those_of_the_values_themselves(values: list[int]) -> None:
    found = published(Counter(map(bucket_of, values)))
    for name, per_cent in QUANTILES.items():
        told, wanted = found[name], exact(values, per_cent)
        assert told is not None and abs(told - wanted) <= WITHIN * wanted + 0.5, name
    assert found["of"] == len(values)


def test_of_nothing_nothing_is_told() -> None:
    assert published({}) == {"median": None, "p90": None, "of": 0}
