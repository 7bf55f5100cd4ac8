"""Dated records: whatever is edited in whatever order, one value or none is in force on a day, and replaying gives it."""
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import Invalid, Refused
from services.registry.model import OPEN, Change, Edit, in_force, next_change, periods, revise, shown_on

FIRST = date(2025, 3, 21)
NOON = datetime(2025, 3, 21, 12, tzinfo=UTC)


def day(number: int) -> str:
    return (FIRST + timedelta(days=number)).isoformat()


def edit(start: int, end: int | None, value: Any) -> Edit:
    return Edit(day(start), OPEN if end is None else day(end), None if value is None else {"v": value}, NOON, "secretary:a")


EDITS = st.lists(st.builds(lambda start, length, value: edit(start, None if length > 9 else start + length, value),
                           st.integers(0, 20), st.integers(1, 12), st.sampled_from(["a", "b", "c", None])), max_size=8)


@given(EDITS, st.integers(-2, 40))
def test_exactly_one_or_none_is_in_force(edits: list[Edit], number: int) -> None:
    holding = [p for p in periods(edits) if p.valid_from <= day(number) < p.valid_to]
    found = in_force(edits, day(number))
    assert [p.values for p in holding] == ([] if found is None else [found])


@given(EDITS)
def test_periods_are_in_order_apart_and_as_long_as_they_can_be(edits: list[Edit]) -> None:
    found = periods(edits)
    for one, next_one in pairwise(found):
        assert one.valid_to <= next_one.valid_from
        assert one.valid_to < next_one.valid_from or one.values != next_one.values


@given(EDITS, st.integers(-2, 40))
def test_as_of_a_day_is_what_replaying_every_edit_day_by_day_gives(edits: list[Edit], number: int) -> None:
    replayed: dict[str, Any] = {}
    for each in edits:
        for n in range(-2, 41):
            if each.valid_from <= day(n) < each.valid_to:
                replayed[day(n)] = each.values
    assert in_force(edits, day(number)) == replayed.get(day(number))


@given(EDITS, st.integers(-2, 40))
def test_the_next_change_is_the_first_day_that_differs(edits: list[Edit], number: int) -> None:
    later = next_change(edits, day(number))
    days = [day(n) for n in range(number, 45)]
    differing = [d for d in days if in_force(edits, d) != in_force(edits, days[0])]
    assert (later if later != OPEN else None) == (differing[0] if differing else None) or later in {
        p.valid_to for p in periods(edits)} | {p.valid_from for p in periods(edits)}


@given(EDITS, st.integers(0, 25), st.integers(1, 12), st.sampled_from(["a", "b"]))
def test_a_change_holds_where_it_says_and_nowhere_else(edits: list[Edit], start: int, length: int, value: str) -> None:
    wanted = Change("r", "c", {"v": value}, day(start), day(start + length))
    made = revise(edits, wanted, NOON, "secretary:a")
    after = [*edits, *([made] if made else [])]
    for n in range(-2, 45):
        inside = start <= n < start + length
        assert in_force(after, day(n)) == ({"v": value} if inside else in_force(edits, day(n)))
    assert revise(after, wanted, NOON, "secretary:a") is None, "the same again changes nothing"


def test_a_change_for_good_is_refused_where_another_is_planned_unless_it_is_said_until_when() -> None:
    edits = [edit(0, None, "a"), edit(10, 20, "b")]
    with pytest.raises(Refused) as refused:
        revise(edits, Change("r", "c", {"v": "c"}, day(5)), NOON, "x")
    assert refused.value.code == "later_change_planned" and day(10) in refused.value.en
    assert revise(edits, Change("r", "c", {"v": "a"}, day(5)), NOON, "x") is None
    made = revise(edits, Change("r", "c", {"v": "c"}, day(5), OPEN), NOON, "x")
    assert made and in_force([*edits, made], day(15)) == {"v": "c"}


def test_an_end_holds_in_spite_of_what_was_planned() -> None:
    edits = [edit(0, None, "a"), edit(10, 20, "b")]
    made = revise(edits, Change("r", "c", None, day(5)), NOON, "x")
    assert made and [p.valid_to for p in periods([*edits, made])] == [day(5)]


@pytest.mark.parametrize(("start", "end"), [("2025-03-21", "2025-03-21"), ("2025-03-22", "2025-03-21"), ("2025-02-30", None),
                                            ("20250321", None), ("1404/01/01", None), ("2025-03-21", "for ever")])
def test_days_that_are_none_or_in_the_wrong_order_are_refused(start: str, end: str | None) -> None:
    with pytest.raises(Invalid) as invalid:
        revise([], Change("r", "c", {"v": 1}, start, end), NOON, "x")
    assert invalid.value.code == "bad_validity"


def test_a_record_that_is_not_in_force_is_shown_as_it_was_last_or_will_be_first() -> None:
    edits = [edit(5, 10, "a")]
    assert [shown_on(edits, day(n)) for n in (0, 5, 10)] == [({"v": "a"}, False), ({"v": "a"}, True), ({"v": "a"}, False)]
    assert shown_on([], day(0)) == ({}, False)


def test_a_record_that_ended_on_the_day_it_began_is_shown_as_it_was_meant() -> None:
    assert shown_on([edit(5, None, "a"), edit(5, None, None)], day(5)) == ({"v": "a"}, False)
