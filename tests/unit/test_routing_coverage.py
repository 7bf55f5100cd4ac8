"""What the rules leave open, and where two of them say different things."""
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.errors import Malformed
from services.issues.coverage import report
from services.issues.routing import Map
from tests.unit.small_map import Row, a_category, a_map, a_place, a_question, a_rule, an_agency, sent

SEVERAL = a_category("water", "utilities", questions=[
    a_question("seen", "many", "mud", "ice"), a_question("where", "one", "a", "b")])
PLACES = [a_place("n1", "alborz", "karaj"), a_place("n2", "alborz", "karaj"), a_place("n3", "alborz"),
          a_place("gone", "alborz", in_force=False)]


def pages(known: Map, part: str, limit: int = 200) -> list[Row]:
    """All rows, page by page."""
    found, query = [], {"part": part, "limit": str(limit)}
    while True:
        page = report(known, query)
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        assert len(page["items"]) == limit
        query["cursor"] = page["next_cursor"]


def holes(known: Map) -> list[tuple[str, str, list[str]]]:
    return [(each["category"], each["neighbourhood"], each["if_answered"]) for each in pages(known, "holes")]


def test_a_hole_is_a_category_that_is_routed_nowhere_in_a_neighbourhood_in_force() -> None:
    categories = [a_category("light"), a_category("old", in_force=False), a_category("gas", "utilities", in_force=False)]
    known = a_map(a_rule("utilities", "karaj", "abfa"), a_rule("light", "n3", "abfa"), territory=PLACES, category=categories)
    assert holes(known) == [("light", "n1", []), ("light", "n2", []), ("water", "n3", [])]
    assert report(known, {})["holes"] == 3


@pytest.mark.parametrize("rule", [
    a_rule("water", "alborz", "abfa", in_force=False), a_rule("water", "alborz", "ended"),
    a_rule("water", "alborz", "nobody")])
def test_a_rule_that_gives_nothing_to_anybody_covers_nothing(rule: Row) -> None:
    assert holes(a_map(rule, agency=[an_agency("ended", in_force=False)])) == [("water", "n1", [])]


def test_a_hole_that_some_answers_fill_says_by_which_rules() -> None:
    rule = a_rule("utilities", "karaj", "abfa", answers={"where": ["a"]})
    assert holes(a_map(rule)) == [("water", "n1", [rule["code"]])]


@pytest.mark.parametrize(("more", "overlap"), [
    ({}, True), ({"agency": "abfa"}, False), ({"priority": 11}, False), ({"territory": "karaj"}, False),
    ({"category": "utilities"}, False), ({"in_force": False}, False), ({"answers": {"where": ["a"]}}, True),
    ({"answers": {"where": ["b"]}}, False), ({"answers": {"where": ["b", "a"]}}, True),
    ({"answers": {"seen": ["ice"]}}, True)])
def test_two_rules_overlap_where_their_codes_alone_decide(more: Row, overlap: bool) -> None:
    answers = {"where": ["a"], "seen": ["mud"]} if more.get("answers") else {}
    one = a_rule("water", "alborz", "abfa", code="one", answers=answers)
    other = a_rule("water", "alborz", "karaj", code="other") | more
    known = a_map(one, other, category=[SEVERAL])
    assert [each["rules"] for each in pages(known, "overlaps")] == ([["one", "other"]] if overlap else [])
    assert report(known, {})["overlaps"] == overlap


def test_pages_follow_each_other_without_a_gap() -> None:
    known = a_map(*(a_rule("water", place, agency, code=f"{n}-{place}-{agency}") for place in ("alborz", "karaj")
                    for agency in ("abfa", "karaj") for n in range(3)),
                  territory=PLACES, category=[a_category(f"c{n}") for n in range(4)])
    for part, count in (("holes", 12), ("overlaps", 18)):
        whole = pages(known, part)
        assert len(whole) == count == report(known, {})[part]
        for limit in (1, 2, 5, count):
            assert pages(known, part, limit) == whole


@pytest.mark.parametrize("query", [
    {"part": "x"}, {"limit": "0"}, {"limit": "201"}, {"cursor": "x"}, {"cursor": "YQ=="}, {"cursor": "é"}])
def test_a_page_that_is_not_there_is_refused(query: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        report(a_map(), query)


RULES = st.builds(lambda category, territory, **more: a_rule(category, territory, "abfa", **more),
                  st.sampled_from(["utilities", "water", "light"]),
                  st.sampled_from(["alborz", "karaj", "n1", "n2", "n3", "gone"]),
                  in_force=st.booleans(), answers=st.sampled_from([{}, {"where": ["a"]}]))


@settings(deadline=None)
@given(st.lists(RULES, max_size=6))
def test_the_holes_are_just_what_is_routed_nowhere_when_nothing_is_answered(rules: list[Any]) -> None:
    known = a_map(*rules, territory=PLACES, category=[a_category("light")])
    assert [(category, place) for category, place, _ in holes(known)] == [
        (category, place) for category in ("light", "water") for place in ("n1", "n2", "n3")
        if sent(known, category, known.territory[place]["path"]) is None]


def test_a_report_is_of_ones_own_place() -> None:
    known = a_map(a_rule("utilities", "karaj", "abfa"), a_rule("light", "n3", "abfa"), a_rule("light", "n3", "other"),
                  territory=PLACES, category=[a_category("light")], agency=[an_agency("other")])
    here, whole = report(known, {}, "karaj"), report(known, {})
    assert {each["neighbourhood"] for each in here["items"]} == {"n1", "n2"}
    assert (here["holes"], here["overlaps"]) == (2, 0) != (whole["holes"], whole["overlaps"])
    assert report(known, {}, "n3")["overlaps"] == whole["overlaps"] == 1
    assert report(known, {}, "elsewhere")["items"] == []
