"""Terms of a seat: on every day one person or nobody, whatever is asked in whatever order; no term overwrites another."""
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import Invalid, Refused
from services.registry.model import OPEN, Change, Edit, in_force, periods
from services.registry.seats import terms
from services.registry.seats.terms import Term
from tests.builders import NOON

BY = "secretary:alborz"
SEAT = {"role": "alley_mayor", "territory": "n1", "sample": False}
DAYS = 40


def day(number: int) -> str:
    return (date(2025, 3, 21) + timedelta(number)).isoformat()


def established(start: int = 0, **values: Any) -> list[Edit]:
    return terms.revise([], Change("seats", "s", SEAT | values, day(start)), NOON, BY)


def a_term(person: str, start: int, end: int | None = None, how: str = "elected") -> Term:
    return Term(person, how, BY, day(start), None if end is None else day(end))


def held(edits: list[Edit], number: int) -> str | None:
    person: str | None = (in_force(edits, day(number)) or {}).get("person")
    return person


def test_before_and_after_a_term_the_seat_is_vacant() -> None:
    edits = established()
    edits += terms.appoint(edits, a_term("zahra", 5, 9), NOON, BY)
    assert [held(edits, n) for n in (0, 4, 5, 8, 9, 30)] == [None, None, "zahra", "zahra", None, None]
    assert in_force(edits, day(6)) == SEAT | {"person": "zahra", "how": "elected", "appointed_by": BY}


@pytest.mark.parametrize(("start", "end"), [(5, 9), (4, 6), (8, 20), (0, 30), (6, 7), (6, None), (0, None)])
def test_who_comes_second_is_refused_on_any_day_and_told_until_when(start: int, end: int | None) -> None:
    edits = established()
    edits += terms.appoint(edits, a_term("zahra", 5, 9), NOON, BY)
    with pytest.raises(Refused) as refused:
        terms.appoint(edits, a_term("ali", start, end), NOON, BY)
    assert refused.value.code == "seat_taken" and day(9) in refused.value.en and day(9) in refused.value.fa


def test_a_term_without_an_end_holds_the_seat_for_good_and_says_so() -> None:
    edits = established()
    edits += terms.appoint(edits, a_term("zahra", 5), NOON, BY)
    with pytest.raises(Refused, match="without an end"):
        terms.appoint(edits, a_term("ali", 300), NOON, BY)


def test_a_term_without_an_end_lasts_as_long_as_the_seat() -> None:
    edits = established()
    edits += terms.revise(edits, Change("seats", "s", None, day(20), OPEN), NOON, BY)
    edits += terms.appoint(edits, a_term("zahra", 5), NOON, BY)
    assert (held(edits, 19), in_force(edits, day(20))) == ("zahra", None)


@pytest.mark.parametrize(("start", "end"), [(-1, 5), (15, 21), (25, 26), (-3, -1), (25, None)])
def test_days_on_which_there_is_no_such_seat_are_refused(start: int, end: int | None) -> None:
    edits = established()
    edits += terms.revise(edits, Change("seats", "s", None, day(20), OPEN), NOON, BY)
    with pytest.raises(Refused) as refused:
        terms.appoint(edits, a_term("zahra", start, end), NOON, BY)
    assert refused.value.code == "seat_not_in_force"


@pytest.mark.parametrize(("start", "end"), [
    ("2025-02-30", None), ("2025-03-22", "2025-03-22"), ("2025-03-22", "2025-03-21")])
def test_days_that_are_none_or_in_the_wrong_order_are_refused(start: str, end: str | None) -> None:
    with pytest.raises(Invalid) as invalid:
        terms.appoint(established(), Term("zahra", "elected", BY, start, end), NOON, BY)
    assert invalid.value.code == "bad_validity"


def test_the_same_term_again_changes_nothing() -> None:
    edits = established()
    edits += terms.appoint(edits, a_term("zahra", 5, 9), NOON, BY)
    assert terms.appoint(edits, a_term("zahra", 5, 9), NOON, BY) == []


def test_vacating_ends_the_running_term_and_no_other() -> None:
    edits = established()
    for person, start, end in (("zahra", 5, 9), ("ali", 9, 15)):
        edits += terms.appoint(edits, a_term(person, start, end), NOON, BY)
    edits += terms.vacate(edits, day(7), NOON, BY)
    assert [held(edits, n) for n in (6, 7, 8, 9)] == ["zahra", None, None, "ali"]
    with pytest.raises(Refused) as refused:
        terms.vacate(edits, day(8), NOON, BY)
    assert refused.value.code == "seat_vacant"


def test_what_the_seat_is_changes_under_its_terms_and_overwrites_none() -> None:
    edits = established()
    for person, start, end in (("zahra", 5, 9), ("ali", 12, 15)):
        edits += terms.appoint(edits, a_term(person, start, end), NOON, BY)
    edits += terms.revise(edits, Change("seats", "s", SEAT | {"territory": "n2"}, day(7)), NOON, BY)
    assert [held(edits, n) for n in range(4, 16)] == [None, *["zahra"] * 4, *[None] * 3, *["ali"] * 3, None]
    assert [(in_force(edits, day(n)) or {})["territory"] for n in (6, 7, 13, 39)] == ["n1", "n2", "n2", "n2"]
    edits += terms.vacate(edits, day(6), NOON, BY)
    assert [(in_force(edits, day(n)) or {})["territory"] for n in (6, 7)] == ["n1", "n2"], "both parts of the term end"
    assert [held(edits, n) for n in (5, 6, 7, 8)] == ["zahra", None, None, None]


def test_the_same_seat_again_changes_nothing_whoever_holds_it() -> None:
    edits = established()
    edits += terms.appoint(edits, a_term("zahra", 5, 9), NOON, BY)
    assert terms.revise(edits, Change("seats", "s", SEAT, day(0)), NOON, BY) == []


def test_a_seat_that_comes_with_its_person_is_given_once_and_to_nobody_who_finds_it_taken() -> None:
    change = Change("seats", "s", SEAT | a_term("zahra", 0).values, day(0))
    edits = terms.revise([], change, NOON, BY)
    assert (held(edits, 0), held(edits, 39)) == ("zahra", "zahra")
    assert terms.revise(edits, change, NOON, BY) == []
    edits += terms.vacate(edits, day(9), NOON, BY)
    assert terms.revise(edits, change, NOON, BY) == [], "what came after stays"
    with pytest.raises(Refused) as refused:
        terms.revise(edits, Change("seats", "s", SEAT | a_term("ali", 3).values, day(3)), NOON, BY)
    assert refused.value.code == "seat_taken"


def test_without_a_person_their_terms_end_that_day_those_ahead_too_and_what_was_stays() -> None:
    edits = established()
    for person, start, end in (("zahra", 5, 9), ("ali", 9, 15), ("zahra", 20, None)):
        edits += terms.appoint(edits, a_term(person, start, end), NOON, BY)
    edits += terms.without(edits, "zahra", day(7), NOON, BY)
    assert [held(edits, n) for n in (6, 7, 9, 25)] == ["zahra", None, "ali", None]
    assert terms.without(edits, "zahra", day(7), NOON, BY) == []


def test_the_edits_that_speak_of_a_person_are_those_that_gave_them_a_term_or_ended_it() -> None:
    edits = established()
    for person, start, end in (("zahra", 5, 9), ("ali", 9, 15)):
        edits += terms.appoint(edits, a_term(person, start, end), NOON, BY)
    edits += terms.vacate(edits, day(7), NOON, BY)
    edits += terms.vacate(edits, day(10), NOON, BY)
    assert terms.told_of(edits, "zahra") == [1, 3]
    assert terms.told_of(edits, "ali") == [2, 4]


numbers = st.integers(-2, DAYS)
people = st.sampled_from(["zahra", "ali", "maryam"])
asked = st.one_of(
    st.tuples(st.just("appoint"), people, numbers, st.one_of(st.none(), numbers)),
    st.tuples(st.just("vacate"), numbers), st.tuples(st.just("establish"), numbers, st.sampled_from(["n1", "n2"])),
    st.tuples(st.just("end"), numbers), st.tuples(st.just("without"), people, numbers))


def outcome(edits: list[Edit], what: str, *words: Any) -> list[Edit]:
    if what == "appoint":
        return terms.appoint(edits, a_term(*words), NOON, BY)
    if what == "vacate":
        return terms.vacate(edits, day(words[0]), NOON, BY)
    if what == "without":
        return terms.without(edits, words[0], day(words[1]), NOON, BY)
    values = SEAT | {"territory": words[1]} if what == "establish" else None
    return terms.revise(edits, Change("seats", "s", values, day(words[0]), OPEN), NOON, BY)


@given(st.lists(asked, max_size=12))
def test_any_sequence_keeps_one_person_or_none_on_every_day_and_takes_no_term_away(wanted: list[Any]) -> None:
    edits: list[Edit] = []
    for what, *words in wanted:
        before = [(held(edits, n), in_force(edits, day(n)) is not None) for n in range(-2, DAYS + 5)]
        try:
            edits = [*edits, *outcome(edits, what, *words)]
        except (Refused, Invalid):
            continue
        after = [(held(edits, n), in_force(edits, day(n)) is not None) for n in range(-2, DAYS + 5)]
        for n, ((was, stood), (now, stands)) in enumerate(zip(before, after, strict=True), -2):
            if what == "appoint" and now != was:
                assert was is None and stood and now == words[0]
            elif now != was:
                assert now is None and (what in ("vacate", "end", "without"))
            if what in ("appoint", "vacate", "without"):
                assert stands == stood, "a term makes and ends no seat"
            if what == "vacate" and now != was:
                assert n >= words[0]
    for n in range(-2, DAYS + 5):  # read as of a day is the replay of the edits up to the last that covers it
        replayed = None
        for edit in edits:
            if edit.valid_from <= day(n) < edit.valid_to:
                replayed = edit.values
        there = [p.values for p in periods(edits) if p.valid_from <= day(n) < p.valid_to]
        assert there == ([replayed] if replayed is not None else [])
        assert replayed is None or set(terms.TERM) <= set(replayed)
