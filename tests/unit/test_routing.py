"""Which agency a problem belongs to."""
import pytest

from services.issues.routing import Map


def a_rule(category: str, territory: str, agency: str, priority: int = 10) -> dict:
    return {"code": f"{category}-{territory}-{agency}", "category": category, "territory": territory, "agency": agency,
            "priority": priority}


def a_map(*rules: dict) -> Map:
    made = Map(1)
    made.category = {"water": {"path": ["utilities", "water"]}}
    made.agency = {code: {"channel": "queue"} for code in ("abfa", "karaj", "other")}
    for rule in rules:
        made.rule.setdefault((rule["category"], rule["territory"]), []).append(rule)
    return made


PLACE = ["alborz", "karaj", "n1"]


@pytest.mark.parametrize(("rules", "wins"), [
    ([a_rule("water", "alborz", "abfa")], "abfa"),
    ([a_rule("water", "alborz", "abfa"), a_rule("water", "karaj", "karaj")], "karaj"),
    ([a_rule("utilities", "alborz", "abfa"), a_rule("water", "alborz", "karaj")], "karaj"),
    ([a_rule("water", "alborz", "abfa", 1), a_rule("water", "n1", "karaj", 2)], "abfa"),
])
def test_priority_first_then_the_more_precise_place_then_the_more_precise_category(rules: list, wins: str) -> None:
    found = a_map(*rules).route("water", PLACE)
    assert found is not None and found.agency == wins and found.queued


def test_who_refused_is_passed_over_and_where_no_rule_fits_nobody_is_chosen() -> None:
    known = a_map(a_rule("water", "alborz", "abfa", 1), a_rule("water", "karaj", "karaj", 2))
    second = known.route("water", PLACE, but_not={"abfa"})
    assert second is not None and second.agency == "karaj"
    assert known.route("water", PLACE, but_not={"abfa", "karaj"}) is None
    assert known.route("water", ["qazvin"]) is None


def test_a_rule_for_an_agency_that_is_not_known_yet_is_passed_over() -> None:
    assert a_map(a_rule("water", "alborz", "nobody")).route("water", PLACE) is None
