"""What may be asked of the numbers, and what is refused with which code."""
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from persiantools.jdatetime import JalaliDate

from contracts.errors import Malformed
from services.booklet.days import month_at, month_of, months, named, start_of
from services.booklet.questions import PARAMETERS, Question, question


@pytest.mark.parametrize(("query", "code"), [
    ({"by": "colour"}, "bad_by"), ({"by": "$where"}, "bad_by"), ({"by": "zone"}, "bad_by"),
    ({"from": "1405-01-01"}, "bad_day"), ({"from": "2026-02-30"}, "bad_day"), ({"to": "2026-1-1"}, "bad_day"),
    ({"to": "20260101"}, "bad_day"), ({"to": "۲۰۲۶-۰۱-۰۱"}, "bad_day"), ({"to": "9999-12-31"}, "bad_day"),
    ({"from": "2026-01-02", "to": "2026-01-02"}, "bad_period"), ({"from": "2026-01-03", "to": "2026-01-02"}, "bad_period")])
def test_what_cannot_be_meant_is_refused_in_both_languages(query: dict[str, str], code: str) -> None:
    with pytest.raises(Malformed) as refused:
        question(query)
    assert (refused.value.code, refused.value.status) == (code, 400)
    assert next(iter(query)) in refused.value.fa and next(iter(query)) in refused.value.en


def test_parameters_are_combined() -> None:
    query = {"by": "agency", "category": "water", "territory": "karaj", "agency": "a1", "from": "2026-03-21",
             "to": "2026-04-21"}
    assert set(query) == set(PARAMETERS)
    assert question(query) == Question("agency", "water", "karaj", "a1", date(2026, 3, 21), date(2026, 4, 21))
    assert question(query).told() == query


def test_without_parameters_everything_is_counted_by_neighbourhood() -> None:
    assert question({}) == Question("neighbourhood") and question({}).whole


@pytest.mark.parametrize("narrowed", [{"category": "c"}, {"territory": "t"}, {"agency": "a"}, {"from": "2026-01-01"},
                                      {"to": "2026-01-01"}])
def test_what_leaves_something_out_is_not_the_whole(narrowed: dict[str, str]) -> None:
    assert not question({"by": "month"} | narrowed).whole


def test_a_day_begins_at_local_midnight() -> None:
    assert start_of(date(2026, 11, 24)) == datetime(2026, 11, 23, 20, 30, tzinfo=UTC)
    assert start_of(date(2021, 6, 1)) == datetime(2021, 5, 31, 19, 30, tzinfo=UTC)  # there was summer time in 1400


@given(st.dates(date(1925, 1, 1), date(2150, 1, 1)), st.integers(0, 400))
def test_months_follow_each_other_without_a_gap_and_without_an_overlap(first: date, days: int) -> None:
    last = date.fromordinal(first.toordinal() + days)
    series = [named(month) for month in months(month_of(first), month_of(last))]
    assert series[0]["from"] <= first.isoformat() and last.isoformat() < series[-1]["to"]
    assert [month["to"] for month in series[:-1]] == [month["from"] for month in series[1:]]


def test_a_month_has_its_name() -> None:
    leap = named(month_at(datetime(2025, 3, 20, 20, 29, tzinfo=UTC)))  # the 30th of Esfand 1403, a minute before midnight
    assert leap == {"name_fa": "اسفند ۱۴۰۳", "name_en": "Esfand 1403", "from": "2025-02-19", "to": "2025-03-21"}
    assert JalaliDate(1403, 12, 30).to_gregorian() == date(2025, 3, 20)
