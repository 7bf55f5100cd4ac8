"""Which agency a problem belongs to, and why."""
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.issues.life.terms import Terms
from services.issues.routing import FITS, LISTED, VERDICTS, Map, answered
from tests.unit.small_map import KARAJ, Row, a_calendar, a_category, a_map, a_place, a_rule, an_agency, sent

PLACE = KARAJ
TWO = (a_rule("water", "alborz", "abfa", 1), a_rule("water", "karaj", "karaj", 2))


def chosen(known: Map, **given: Any) -> str | None:
    found = sent(known, "water", PLACE, **given)
    return found.agency if found else None


@pytest.mark.parametrize(("rules", "wins"), [
    ([a_rule("water", "alborz", "abfa")], "abfa"),
    ([a_rule("water", "alborz", "abfa"), a_rule("water", "karaj", "karaj")], "karaj"),
    ([a_rule("utilities", "alborz", "abfa"), a_rule("water", "alborz", "karaj")], "karaj"),
    ([a_rule("water", "alborz", "abfa", 1), a_rule("water", "n1", "karaj", 2)], "abfa"),
])
def test_priority_first_then_the_more_precise_place_then_the_more_precise_category(rules: list[Row], wins: str) -> None:
    found = sent(a_map(*rules), "water", PLACE)
    assert found is not None and found.agency == wins and found.queued


def test_who_refused_is_passed_over_and_where_no_rule_fits_nobody_is_chosen() -> None:
    known = a_map(*TWO)
    assert chosen(known, but_not={"abfa"}) == "karaj"
    assert chosen(known, but_not={"abfa", "karaj"}) is None
    assert sent(known, "water", ["qazvin"]) is None


def test_a_rule_for_an_agency_that_is_not_known_yet_is_passed_over() -> None:
    assert chosen(a_map(a_rule("water", "alborz", "nobody"))) is None


def test_a_rule_or_an_agency_that_is_not_in_force_gets_nothing() -> None:
    assert chosen(a_map(TWO[0] | {"in_force": False}, TWO[1])) == "karaj"
    assert chosen(a_map(*TWO, agency=[an_agency("abfa", in_force=False)])) == "karaj"


def test_a_category_of_which_nothing_was_heard_routes_nowhere_and_breaks_nothing() -> None:
    assert sent(a_map(*TWO), "unheard-of", PLACE) is None


@pytest.mark.parametrize(("given", "wins"), [
    ({"where": "meter"}, "abfa"), ({"where": "street"}, "karaj"), ({}, "karaj"), ({"where": ["street", "meter"]}, "abfa"),
    ({"where": "meter", "deep": True}, "abfa")])
def test_a_rule_with_answers_fits_only_where_one_of_them_was_given(given: Row, wins: str) -> None:
    known = a_map(a_rule("water", "alborz", "abfa", 1, answers={"where": ["meter", "pipe"]}), TWO[1])
    assert chosen(known, answers=given) == wins


def test_every_question_that_a_rule_names_must_fit() -> None:
    known = a_map(a_rule("water", "alborz", "abfa", answers={"where": ["meter"], "deep": [True]}))
    assert chosen(known, answers={"where": "meter"}) is None
    assert chosen(known, answers={"where": "meter", "deep": True}) == "abfa"


@pytest.mark.parametrize(("given", "wanted", "fits"), [
    (True, [1], False), (1, [True], False), (2, [2.0], True), ("كوچه‌ي ١", ["کوچهی 1"], True), (None, [None], False),
    ([], ["a"], False), ("1", [1], False), ("a", "a", True)])
def test_an_answer_is_compared_as_what_it_is(given: Any, wanted: Any, fits: bool) -> None:
    assert answered(given, wanted) is fits


def test_a_contested_neighbourhood_is_reached_by_neither_side_but_by_what_holds_for_both() -> None:
    """Its path goes straight from the place above both."""
    contested = a_place("border", "alborz", contested_with="fardis")
    sides = [a_rule("water", side, "karaj", 0) for side in ("karaj", "fardis")]
    assert sent(a_map(*sides, territory=[contested]), "water", contested["path"]) is None
    found = sent(a_map(*sides, TWO[0], territory=[contested]), "water", contested["path"])
    assert found and found.agency == "abfa"


def test_an_agency_is_given_the_hours_of_its_level_in_the_nearest_calendar() -> None:
    category = a_category("water", "utilities", allowances=[
        {"level": "county", "priority": None, "accept_hours": 4, "finish_hours": 40}])
    known = a_map(TWO[0], category=[category], calendar=[a_calendar("alborz"), a_calendar("karaj")])
    found = sent(known, "water", PLACE)
    assert found and found.terms == Terms(4, 40, known.calendar["karaj"])
    elsewhere = sent(known, "water", ["alborz", "fardis", "n9"])
    assert elsewhere and elsewhere.terms and elsewhere.terms.calendar is known.calendar["alborz"]
    assert known.calendar_of(["tehran"]) is None


@pytest.mark.parametrize(("agency", "queued"), [
    ({"channel": "queue"}, True), ({"channel": "pull"}, False), ({"channel": "queue", "in_force": False}, False)])
def test_an_agency_has_a_queue_while_its_record_says_so(agency: Row, queued: bool) -> None:
    assert a_map(agency=[an_agency("abfa", **agency)]).assignee("abfa", "water", PLACE).queued is queued


def test_what_a_neighbourhood_became_is_followed_to_what_is_in_force_now() -> None:
    known = a_map(territory=[
        a_place("old", "alborz", in_force=False, became=["mid", "n2", "unheard-of"]), a_place("n2", "alborz"),
        a_place("mid", "alborz", in_force=False, became=["old", "n3", "n2"]), a_place("n3", "alborz")])
    assert known.successors("old") == ["n2", "n3"]
    assert known.successors("n1") == []


def test_a_point_in_a_zone_or_in_wider_places_lies_in_its_neighbourhood() -> None:
    known = a_map(territory=[a_place("z1", *PLACE, kind="zone"), a_place("gone", "alborz", in_force=False)])
    assert known.neighbourhood_of(["alborz", "z1", "karaj"]) == "n1"
    assert known.neighbourhood_of(["gone", "alborz", "unheard-of"]) is None


def test_the_nearest_headquarters_in_force_is_found_up_the_path() -> None:
    known = a_map(headquarters=[{"code": "h1", "territory": "alborz", "in_force": True},
                                {"code": "h2", "territory": "karaj", "in_force": False}])
    assert (known.headquarters_above(PLACE) or {})["code"] == "h1"
    assert known.headquarters_above(["qazvin"]) is None


def verdicts(known: Map, **given: Any) -> dict[str, str]:
    return {each.rule["code"]: each.verdict for each in known.explain("water", PLACE, **given).considered}


def test_every_rule_is_told_why_it_does_not_fit() -> None:
    known = a_map(
        a_rule("water", "n1", "abfa"), a_rule("water", "qazvin", "abfa"), a_rule("light", "n1", "abfa"),
        a_rule("light", "qazvin", "abfa"), a_rule("water", "n1", "karaj", answers={"where": ["meter"]}),
        a_rule("water", "alborz", "abfa", in_force=False), a_rule("water", "n1", "nobody"),
        a_rule("water", "n1", "ended"), a_rule("water", "n1", "other"), agency=[an_agency("ended", in_force=False)])
    found = verdicts(known, but_not={"other"})
    assert found == {
        "water-n1-abfa": FITS, "water-qazvin-abfa": "territory", "light-n1-abfa": "category", "water-n1-karaj": "answers",
        "water-alborz-abfa": "rule_not_in_force", "water-n1-nobody": "agency_unknown",
        "water-n1-ended": "agency_not_in_force", "water-n1-other": "refused_earlier"}
    assert set(found.values()) == set(VERDICTS)


def test_the_rules_are_told_in_the_order_in_which_they_are_asked_and_no_more_than_a_page() -> None:
    many = [a_rule("water", f"elsewhere-{n}", "abfa", 0) for n in range(LISTED)]
    found = a_map(*many, *TWO, a_rule("water", "n1", "other", 2)).explain("water", PLACE)
    assert [each.rule["agency"] for each in found.considered[:3]] == ["abfa", "other", "karaj"]
    assert (len(found.considered), found.left_out) == (LISTED, 3)


CODES = st.sampled_from(["water", "utilities", "light"]), st.sampled_from(["alborz", "karaj", "n1", "qazvin"])
RULES = st.builds(lambda category, territory, agency, **more: a_rule(category, territory, agency, **more), *CODES,
                  st.sampled_from(["abfa", "karaj", "other", "nobody"]), priority=st.integers(0, 2),
                  answers=st.sampled_from([{}, {"where": ["meter"]}, {"where": ["street"]}]), in_force=st.booleans())


@given(st.lists(RULES, max_size=12, unique_by=lambda rule: rule["code"]), st.sampled_from([{}, {"where": "meter"}]),
       st.sets(st.sampled_from(["abfa", "karaj"])))
def test_the_explanation_and_the_decision_are_the_same(rules: list[Row], answers: Row, refused: set[str]) -> None:
    known = a_map(*rules)
    found = known.explain("water", PLACE, answers, refused)
    assert (found.winner or {}).get("agency") == chosen(known, answers=answers, but_not=refused)


def test_unsaved_rules_stand_in_the_place_of_those_of_the_same_code_and_the_map_stays_as_it_was() -> None:
    known = a_map(*TWO)
    tried = known.with_rules([TWO[0] | {"territory": "qazvin"}, a_rule("water", "n1", "other", 3)])
    assert (chosen(tried), chosen(tried, but_not={"karaj"}), chosen(known)) == ("karaj", "other", "abfa")
