"""Profiles in a real database: entered by year, corrected without losing what was, compared, and made an index of."""
import threading
from typing import Any

import pytest

from contracts.errors import Invalid, NotFound
from services.registry import use_cases as registers
from services.registry.profiles import entries, use_cases
from services.registry.profiles.documents import ProfileEntry
from tests.integration.conftest import Connect
from tests.integration.registered import BY, TREE, place

Record = dict[str, Any]
SINCE = "2020-03-20"


def an_indicator(kind: str = "count", higher_is: str = "worse", **given: Any) -> Record:
    return {"name_fa": "شاخص", "name_en": "Indicator", "kind": kind, "higher_is": higher_is, "valid_from": SINCE} | given


@pytest.fixture
def registry(database: Connect) -> Connect:
    database("registry")
    registers.put([*TREE, place("n3", "neighbourhood", "fardis")], BY)
    use_cases.keep("indicators", "population", an_indicator(), BY)
    use_cases.keep("indicators", "poverty", an_indicator("share"), BY)
    use_cases.keep("indicators", "clinics", an_indicator(higher_is="better", most=50), BY)
    return database


def enter(code: str, year: int, by: str = BY, **values: float) -> int:
    body = {"year": year, "entries": [{"indicator": name, "value": value} for name, value in values.items()]}
    added: int = use_cases.enter(code, body, by)["added"]
    return added


def of(found: Record, indicator: str) -> Record:
    [row] = [each for each in found["indicators"] if each["indicator"] == indicator]
    return row


def test_a_profile_says_what_is_known_of_a_year_by_whom_and_what_is_missing(registry: Connect) -> None:
    assert enter("n1", 1404, population=5000, clinics=1) == 2
    found = use_cases.profile("n1", 1404)
    assert (found["missing"], found["as_of"], found["name_en"]) == (["poverty"], "2026-03-20", "n1")
    row = of(found, "population")
    assert (row["value"], row["by"], row["corrections"], row["name_fa"]) == (5000, BY, 0, "شاخص")
    assert use_cases.profile("n1", 1403)["indicators"] == [] == use_cases.profile("n2", 1404)["indicators"]
    assert "by" not in of(use_cases.profile("n1", 1404, told=False), "population")


def test_a_correction_is_a_new_entry_and_the_old_one_stays(registry: Connect) -> None:
    enter("n1", 1404, population=5000)
    assert enter("n1", 1404, population=5000) == 0, "the same again changes nothing"
    assert enter("n1", 1404, "operator:two", population=5100, clinics=2) == 2
    row = of(use_cases.profile("n1", 1404), "population")
    assert (row["value"], row["by"], row["corrections"]) == (5100, "operator:two", 1)
    history = use_cases.corrections("n1", 1404, "population")["items"]
    assert [(each["value"], each["by"]) for each in history] == [(5000, BY), (5100, "operator:two")]


def test_two_who_correct_at_once_are_both_kept_one_after_the_other(registry: Connect) -> None:
    threads = [threading.Thread(target=enter, args=("n1", 1404, f"operator:{n}"), kwargs={"population": 100 + n})
               for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = [each["number"] for each in ProfileEntry._get_collection().find().sort("number", 1)]
    assert numbers == [1, 2, 3, 4, 5, 6]


def test_where_one_figure_is_wrong_none_is_kept_and_each_is_named(registry: Connect) -> None:
    with pytest.raises(Invalid) as invalid:
        enter("n1", 1404, population=1.5, poverty=101, clinics=51, wells=1)
    assert [each["pointer"] for each in invalid.value.errors] == [
        "/entries/0/value", "/entries/1/value", "/entries/2/value", "/entries/3/indicator"]
    assert ProfileEntry._get_collection().count_documents({}) == 0


@pytest.mark.parametrize("code", ["karaj", "nowhere", "z1"])
def test_only_a_neighbourhood_of_that_year_has_a_profile(registry: Connect, code: str) -> None:
    with pytest.raises(NotFound):
        enter(code, 1404, population=1)
    with pytest.raises(NotFound):
        use_cases.profile("n1", 1399)


def test_years_are_compared_with_who_and_when_and_the_difference(registry: Connect) -> None:
    for year, people in ((1403, 5000), (1404, 5600), (1405, 5500)):
        enter("n1", year, population=people)
    enter("n1", 1404, clinics=1)
    found = use_cases.compare("n1", [1405, 1403, 1404])
    rows = of(found, "population")["years"]
    assert [(row["year"], row["value"], row["difference"]) for row in rows] == [
        (1403, 5000, None), (1404, 5600, 600), (1405, 5500, -100)]
    assert all(row["by"] == BY and row["at"] for row in rows)
    assert len(of(found, "clinics")["years"]) == 1
    with pytest.raises(Invalid):
        use_cases.compare("n1", list(range(1380, 1395)))


def test_facilities_are_shown_between_their_days(registry: Connect) -> None:
    clinic = {"name_fa": "درمانگاه", "name_en": "Clinic", "kind": "clinic", "neighbourhood": "n1", "lat": 35.8, "lon": 50.9}
    use_cases.keep("facilities", "f1", clinic | {"valid_from": "2024-05-01", "valid_to": "2026-01-01"}, BY)
    use_cases.keep("facilities", "f2", clinic | {"neighbourhood": "n2", "valid_from": "2024-05-01"}, BY)
    assert [each["code"] for each in use_cases.profile("n1", 1403)["facilities"]] == ["f1"]
    assert use_cases.profile("n1", 1404)["facilities"] == []
    with pytest.raises(Invalid):
        use_cases.keep("facilities", "f3", clinic | {"lat": 99}, BY)


def weigh(**more: Any) -> None:
    use_cases.keep("weightings", "deprivation", {
        "name_fa": "محرومیت", "name_en": "Deprivation", "valid_from": SINCE, "weights": [
            {"indicator": "poverty", "weight": 3}, {"indicator": "clinics", "weight": 1, "per": "population"}]} | more, BY)


def test_the_neighbourhoods_of_a_province_are_put_in_order_of_deprivation(registry: Connect) -> None:
    weigh()
    enter("n1", 1404, poverty=40, clinics=1, population=10_000)
    enter("n2", 1404, poverty=10, clinics=4, population=10_000)
    enter("n1", 1403, poverty=99)
    enter("q1", 1404, poverty=100)
    found = use_cases.deprived("alborz", 1404)
    assert [(each["neighbourhood"], each["index"], each["coverage"]) for each in found["items"]] == [
        ("n1", 1.0, 1.0), ("n2", 0.0, 1.0), ("n3", None, 0.0)]
    assert (found["compared"], found["items"][2]["missing"]) == (3, ["poverty", "clinics"])
    enter("n1", 1404, poverty=5)
    assert use_cases.deprived("alborz", 1404)["items"][0]["neighbourhood"] == "n2", "a correction counts"


def test_the_weights_of_the_year_hold(registry: Connect) -> None:
    weigh()
    weigh(valid_from="2025-03-21", weights=[{"indicator": "clinics", "weight": 1}])
    for year in (1403, 1404):
        enter("n1", year, poverty=40, clinics=9)
        enter("n2", year, poverty=10, clinics=1)
    assert [use_cases.deprived("alborz", year)["items"][0]["neighbourhood"] for year in (1403, 1404)] == ["n1", "n2"]


def test_weights_of_what_is_no_indicator_are_refused(registry: Connect) -> None:
    with pytest.raises(Invalid) as invalid:
        weigh(weights=[{"indicator": "wells", "weight": 1}])
    assert invalid.value.code == "unknown_indicator"
    with pytest.raises(NotFound):
        use_cases.deprived("alborz", 1404)


def test_a_year_of_figures_is_read_through_an_index(registry: Connect) -> None:
    enter("n1", 1404, population=1)
    plan = ProfileEntry._get_collection().find({"neighbourhood": {"$in": ["n1", "n2"]}, "year": 1404}).sort(
        [("neighbourhood", 1), ("year", 1), ("indicator", 1), ("number", 1)]).explain()
    chosen = str(plan["queryPlanner"]["winningPlan"])
    assert "IXSCAN" in chosen and "COLLSCAN" not in chosen
    assert entries.figures(["n1", "n2"], 1404, ["population"]) == {"n1": {"population": 1}, "n2": {}}
