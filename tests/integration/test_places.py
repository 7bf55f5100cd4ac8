"""Where a point lies, in a real database: found by an index, named with its path; and outside all, told so."""
from typing import Any

import pytest

from chassis.clock import today
from contracts.errors import Invalid
from services.registry import use_cases
from services.registry.documents import TerritoryBoundary
from services.registry.places import locating
from tests.builders import a_square
from tests.integration.conftest import Connect
from tests.integration.registered import BY, DAY, LATER, SHAPES, TREE, boundary, codes, headquarters, place

LAT = 35.805  # in every square here


@pytest.fixture
def registry(database: Connect) -> Connect:
    database("registry")
    use_cases.put([*TREE, *SHAPES, headquarters("h-alborz", "province", "alborz"),
                   headquarters("h-karaj", "county", "karaj")], BY)
    return database


def test_a_point_is_named_by_its_neighbourhood_with_its_whole_path(registry: Connect) -> None:
    found = locating.locate(35.808, 50.918)
    assert (found["inside"], found["neighbourhood"]["code"], found["territory"]["code"]) == (True, "n1", "n1")
    assert codes(found["path"]) == ["alborz", "karaj", "n1"]
    assert (found["contested"], found["decides"], found["nearest"], found["note"]) == (False, None, None, None)


def test_the_deepest_place_answers_and_its_neighbourhood_with_it(registry: Connect) -> None:
    found = locating.locate(35.802, 50.912)
    assert (found["territory"]["kind"], found["neighbourhood"]["code"]) == ("zone", "n1")
    assert codes(found["path"]) == ["alborz", "karaj", "n1", "z1"]


def test_provinces_side_by_side_do_not_mix(registry: Connect) -> None:
    assert codes(locating.locate(36.205, 50.005)["path"]) == ["qazvin", "q1"]


def test_inside_a_county_but_in_no_neighbourhood_the_nearest_is_named(registry: Connect) -> None:
    found = locating.locate(LAT, 50.935)
    assert (found["inside"], found["territory"]["code"], found["neighbourhood"]) == (True, "karaj", None)
    assert found["nearest"]["code"] == "n2"
    assert 400 < found["nearest"]["distance"] < 500, "0.005 degrees of longitude at 35.8 degrees north are 452 m"
    assert locating.locate(35.75, 50.85)["nearest"] is None, "in the province, and no neighbourhood within two kilometres"


def test_outside_all_it_is_said_so_and_how_far_the_nearest_is(registry: Connect) -> None:
    found = locating.locate(36.23, 50.005)
    assert (found["inside"], found["territory"], found["path"]) == (False, None, [])
    assert found["note"]["fa"] and found["note"]["en"]
    assert found["nearest"]["code"] == "q1"
    assert 2200 < found["nearest"]["distance"] < 2250, "0.02 degrees of latitude"


def test_in_the_sea_nothing_is_near(registry: Connect) -> None:
    found = locating.locate(41.5, 51.0)
    assert (found["inside"], found["nearest"]) == (False, None)


def test_swapped_coordinates_are_told_apart_from_a_point_outside(registry: Connect) -> None:
    with pytest.raises(Invalid) as invalid:
        locating.locate(50.918, 35.808)
    assert invalid.value.code == "swapped"
    assert "n1" in invalid.value.fa and "n1" in invalid.value.en


def test_on_a_shared_border_the_first_code_answers_and_both_are_named(registry: Connect) -> None:
    for _ in range(2):
        found = locating.locate(LAT, 50.92)
        assert (found["neighbourhood"]["code"], codes(found["also"])) == ("n1", ["n2"])
    assert found["decides"]["code"] == "h-karaj", "the headquarters right above both"


def test_of_boundaries_over_each_other_the_one_whose_places_above_hold_it_goes_first(registry: Connect) -> None:
    use_cases.put([place("a0", "neighbourhood", "fardis"), boundary("a0", a_square(50.91, 35.8))], BY)
    found = locating.locate(35.808, 50.918)
    assert (found["neighbourhood"]["code"], codes(found["also"]), found["contested"]) == ("n1", ["a0"], True)
    assert found["decides"]["code"] == "h-alborz"


def test_a_contested_place_names_the_second_and_who_decides(registry: Connect) -> None:
    use_cases.put([place("n1", "neighbourhood", "karaj", DAY, contested_with="fardis")], BY)
    found = locating.locate(35.802, 50.912)
    assert codes(found["path"]) == ["alborz", "n1", "z1"]
    assert (found["contested"], found["contested_with"]["code"]) == (True, "fardis")
    assert (found["decides"]["code"], found["decides"]["territory"]) == ("h-alborz", "alborz")
    assert not locating.locate(35.802, 50.912, "2025-03-20")["contested"], "not yet on the day before"


def test_as_of_another_day_the_boundary_of_that_day_holds(registry: Connect) -> None:
    use_cases.put([boundary("n2", a_square(50.95, 35.8), DAY)], BY)
    assert locating.locate(LAT, 50.955)["neighbourhood"]["code"] == "n2"
    assert locating.locate(LAT, 50.955, "2025-03-20")["neighbourhood"] is None
    assert locating.locate(LAT, 50.925, "2025-03-20")["neighbourhood"]["code"] == "n2"
    assert locating.locate(LAT, 50.925)["neighbourhood"] is None
    assert not locating.locate(LAT, 50.925, "2020-01-01")["inside"]


def test_as_of_a_day_ahead_what_is_planned_holds_and_what_ends_does_not(registry: Connect) -> None:
    use_cases.end_record("territories", "z1", {"valid_from": LATER}, BY)
    use_cases.put([boundary("n2", a_square(50.95, 35.8), LATER)], BY)
    assert locating.locate(35.802, 50.912, LATER)["territory"]["code"] == "n1"
    assert locating.locate(LAT, 50.955, LATER)["neighbourhood"]["code"] == "n2"
    assert locating.locate(LAT, 50.955)["neighbourhood"] is None


def test_a_hole_of_that_day_holds_nobody(registry: Connect) -> None:
    holed = {"type": "Polygon", "coordinates": [*a_square(50.95, 35.8)["coordinates"],
                                                *a_square(50.953, 35.803, 0.004)["coordinates"]]}
    use_cases.put([boundary("n2", holed, DAY)], BY)
    assert locating.locate(LAT, 50.955, "2025-04-01")["neighbourhood"] is None
    assert locating.locate(35.801, 50.951, "2025-04-01")["neighbourhood"]["code"] == "n2"


def stages(plan: Any) -> set[str]:
    """The names of all stages of an explained plan that was chosen."""
    if isinstance(plan, list):
        return set().union(*map(stages, plan))
    if not isinstance(plan, dict):
        return set()
    below = (value for key, value in plan.items() if key not in ("rejectedPlans", "parsedQuery"))
    return set().union({str(plan["stage"])} if "stage" in plan else set(), *map(stages, below))


@pytest.mark.parametrize("day", [today(), "2025-03-20"])
def test_a_point_is_looked_up_by_an_index_alone(registry: Connect, day: str) -> None:
    plan = TerritoryBoundary._get_collection().find(locating.holding_query(LAT, 50.915, day)).explain()
    assert "IXSCAN" in stages(plan["queryPlanner"]) and "COLLSCAN" not in stages(plan)
    assert plan["executionStats"]["totalDocsExamined"] < len(SHAPES), "what lies far away is not read"


def test_the_nearest_is_looked_up_by_an_index_alone(registry: Connect) -> None:
    plan = registry("registry").command("explain", {
        "aggregate": "boundaries", "pipeline": locating.nearest_pipeline(LAT, 50.935, locating.FAR), "cursor": {}},
        verbosity="queryPlanner")
    assert "GEO_NEAR_2DSPHERE" in stages(plan) and "COLLSCAN" not in stages(plan)
