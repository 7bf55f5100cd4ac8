"""Territories merged, split, renamed, moved and made targets, in a real database: all at once, with their history."""
from typing import Any

import pytest

from contracts.errors import Invalid, Problem, Refused
from services.registry import change_sets, use_cases
from services.registry.documents import OUTBOXES, ChangeSet, Territory
from services.registry.model import Change
from services.registry.places import locating, reshaping
from tests.builders import a_recorded_agency, a_square
from tests.integration.conftest import Connect
from tests.integration.registered import BY, DAY, LATER, PAST, SHAPES, TREE, boundary, codes, place, stored, values

EVE = "2025-03-20"
RULE = Change("rules", "r1", {"category": "water", "territory": "n2", "agency": "a0", "priority": 1, "others": []}, PAST)
SEAT = Change("seats", "s1", {"role": "reporter", "territory": "n2", "agency": None, "committee": None,
                              "headquarters": None}, PAST)
WATER = Change("categories", "water", {"name_fa": "آب", "name_en": "Water", "parent": None, "confidential": False,
                                       "accept_hours": 1, "finish_hours": 2}, PAST)
CALENDAR = Change("calendars", "n2", {"time_zone": "Asia/Tehran", "weekend": [5], "office_hours": []}, PAST)
NEW = {"code": "n3", "name_fa": "محلهٔ سه", "name_en": "Three"}
Record = dict[str, Any]


@pytest.fixture
def registry(database: Connect) -> Connect:
    database("registry")
    use_cases.put([*TREE, *SHAPES, place("alley1", "alley", "z1"), WATER, a_recorded_agency(PAST, territory="karaj"), RULE,
                   SEAT, CALENDAR], BY)
    return database


def told(code: str) -> Record:
    [snapshot] = OUTBOXES[0].snapshots.values()
    found: Record = snapshot(stored(Territory, code), {})
    return found


def gone(code: str, day: str = DAY) -> bool:
    with pytest.raises(Problem) as missing:
        values("territories", code, day)
    return missing.value.status == 404


def test_two_become_one_and_what_was_stays_readable(registry: Connect) -> None:
    done = reshaping.merge(["n1", "n2"], NEW | {"polygon": a_square(50.91, 35.8, 0.02)}, DAY, BY)
    assert (done["became"], done["ended"], done["moved"]) == (["n3"], ["n1", "n2"], ["z1"])
    assert gone("n1") and gone("n2") and values("territories", "n3", DAY)["parent"] == "karaj"
    assert values("territories", "n1", EVE)["became"] == ["n3"]
    assert (told("n1")["in_force"], told("n1")["became"], told("n1")["name_fa"]) == (False, ["n3"], "n1")
    assert values("territories", "alley1", DAY)["path"] == ["alborz", "karaj", "n3", "z1", "alley1"]
    assert values("territories", "alley1", EVE)["path"] == ["alborz", "karaj", "n1", "z1", "alley1"]
    assert locating.locate(35.808, 50.925)["neighbourhood"]["code"] == "n3"
    assert locating.locate(35.808, 50.925, EVE)["neighbourhood"]["code"] == "n2"


def test_a_merger_comes_into_force_by_one_write(registry: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    sets = ChangeSet._get_collection().count_documents({})

    def killed(change_set: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(change_sets, "_stage", lambda staged, change_set: killed(change_set))
    with pytest.raises(KeyboardInterrupt):
        reshaping.merge(["n1", "n2"], NEW, DAY, BY)
    assert values("territories", "n1", DAY) and use_cases.find(reshaping.TERRITORIES, "n3") is None
    monkeypatch.undo()
    reshaping.merge(["n1", "n2"], NEW, DAY, BY, "decided by the council")
    assert ChangeSet._get_collection().count_documents({}) == sets + 2, "one that was cut off, one that is all of it"
    assert {edit["reason"] for edit in use_cases.history("territories", "n3", {})["edits"]} == {"decided by the council"}


def test_who_names_a_place_that_ended_is_listed_never_changed(registry: Connect) -> None:
    done = reshaping.merge(["n1", "n2"], NEW, DAY, BY)
    assert [(each["register"], each["code"], each["value"]) for each in done["left_behind"]] == [
        ("rules", "r1", "territory"), ("calendars", "n2", "code"), ("seats", "s1", "territory"),
        ("boundaries", "n3", "polygon")]
    assert values("rules", "r1", LATER)["territory"] == "n2"
    assert locating.locate(35.808, 50.918)["territory"]["code"] == "karaj", "a boundary ends with its place"


def test_one_may_take_in_another_under_its_own_code(registry: Connect) -> None:
    done = reshaping.merge(["n1", "n2"], NEW | {"code": "n1"}, DAY, BY)
    assert (done["ended"], done["moved"]) == (["n2"], [])
    assert (values("territories", "n1", DAY)["name_en"], values("territories", "n1", EVE)["name_en"]) == ("Three", "n1")
    assert values("territories", "n2", EVE)["became"] == ["n1"]


def test_what_they_differ_in_must_be_said(registry: Connect) -> None:
    use_cases.put([place("n5", "neighbourhood", "fardis", target=True)], BY)
    with pytest.raises(Invalid) as invalid:
        reshaping.merge(["n1", "n5"], NEW, DAY, BY)
    assert [each["pointer"] for each in invalid.value.errors] == ["/into/parent", "/into/target"]
    reshaping.merge(["n1", "n5"], NEW | {"parent": "fardis", "target": True}, DAY, BY)
    assert values("territories", "alley1", DAY)["path"] == ["alborz", "fardis", "n3", "z1", "alley1"]


def test_who_lay_contested_between_two_that_are_one_now_is_contested_no_more(registry: Connect) -> None:
    use_cases.put([place("n5", "neighbourhood", "karaj", contested_with="fardis")], BY)
    reshaping.merge(["karaj", "fardis"], NEW | {"code": "both"}, DAY, BY)
    found = values("territories", "n5", DAY)
    assert (found["contested_with"], found["path"]) == (None, ["alborz", "both", "n5"])


@pytest.mark.parametrize(("named", "into", "code"), [
    (["n1", "n1"], NEW, "too_few"), (["n1", "z1"], NEW, "kinds_differ"), (["n1", "nowhere"], NEW, "not_found"),
    (["n1", "n2"], NEW | {"code": "z1"}, "code_taken"), (["n1", "n9"], NEW, "not_in_force"),
    (["n1", "n2"], NEW | {"polygon": {"type": "Polygon", "coordinates": []}}, "not_a_polygon"),
    (["n1", "n2"], NEW | {"polygon": {"type": "Polygon", "coordinates": [
        [[50.9, 35.8], [50.91, 35.81], [50.91, 35.8], [50.9, 35.81], [50.9, 35.8]]]}}, "crosses_itself")])
def test_a_merger_that_cannot_be_changes_nothing(registry: Connect, named: list[str], into: Record, code: str) -> None:
    use_cases.put([place("n9", "neighbourhood", "karaj", DAY)], BY)
    with pytest.raises(Problem) as problem:
        reshaping.merge(named, into, DAY, BY)
    assert problem.value.code == code
    assert values("territories", "n1", LATER)["name_fa"] == "n1" and use_cases.find(reshaping.TERRITORIES, "n3") is None


def test_one_becomes_several_and_each_takes_what_it_is_told(registry: Connect) -> None:
    east = NEW | {"code": "n1-east", "takes": ["z1"], "polygon": a_square(50.91, 35.8, 0.005)}
    done = reshaping.split("n1", [east, NEW | {"code": "n1-west"}], DAY, BY)
    assert (done["became"], done["ended"], done["moved"]) == (["n1-east", "n1-west"], ["n1"], ["z1"])
    assert values("territories", "n1", EVE)["became"] == ["n1-east", "n1-west"]
    assert values("territories", "alley1", DAY)["path"] == ["alborz", "karaj", "n1-east", "z1", "alley1"]
    assert codes(locating.locate(35.802, 50.912)["path"]) == ["alborz", "karaj", "n1-east", "z1"]


def test_nothing_below_is_left_hanging_by_a_split(registry: Connect) -> None:
    with pytest.raises(Invalid) as invalid:
        reshaping.split("n1", [NEW, NEW | {"code": "n4"}], DAY, BY)
    assert invalid.value.code == "not_taken" and "z1" in invalid.value.errors[0]["en"]


def test_one_may_keep_its_code_when_another_is_split_off(registry: Connect) -> None:
    done = reshaping.split("n1", [NEW | {"code": "n1", "takes": ["z1"]}, NEW], DAY, BY)
    assert (done["ended"], done["moved"]) == ([], [])
    assert told("n1")["in_force"] and not told("n1").get("became")


def test_a_new_name_holds_from_its_day_and_what_is_planned_stays(registry: Connect) -> None:
    use_cases.put([place("n1", "neighbourhood", "karaj", LATER, target=True)], BY)
    reshaping.revalue("n1", {"name_fa": "نو", "name_en": "New"}, DAY, None, BY)
    assert [(values("territories", "n1", day)["name_en"], values("territories", "n1", day)["target"])
            for day in (EVE, DAY, LATER)] == [("n1", False), ("New", False), ("New", True)]


def test_a_target_is_one_between_its_days(registry: Connect) -> None:
    reshaping.revalue("n1", {"target": True}, DAY, "2026-03-21", BY)
    assert [values("territories", "n1", day)["target"] for day in (EVE, DAY, "2026-03-20", "2026-03-21")] == [
        False, True, True, False]


def test_who_moves_takes_along_what_lies_below(registry: Connect) -> None:
    reshaping.revalue("n1", {"parent": "fardis"}, DAY, None, BY)
    assert values("territories", "alley1", DAY)["path"] == ["alborz", "fardis", "n1", "z1", "alley1"]
    assert values("territories", "alley1", EVE)["path"] == ["alborz", "karaj", "n1", "z1", "alley1"]


def test_what_is_not_in_force_cannot_be_renamed(registry: Connect) -> None:
    with pytest.raises(Refused) as refused:
        reshaping.revalue("n1", {"name_fa": "نو"}, "2020-01-01", None, BY)
    assert refused.value.code == "not_in_force"


def test_a_boundary_of_another_day_may_be_asked_of_a_place_split_later(registry: Connect) -> None:
    reshaping.split("n1", [NEW | {"takes": ["z1"]}, NEW | {"code": "n4"}], LATER, BY)
    assert locating.locate(35.808, 50.918)["neighbourhood"]["code"] == "n1"
    assert locating.locate(35.808, 50.918, LATER)["neighbourhood"] is None
    use_cases.put([boundary("n4", a_square(50.91, 35.8), LATER)], BY)
    assert locating.locate(35.808, 50.918, LATER)["neighbourhood"]["code"] == "n4"


def test_what_was_said_after_it_was_looked_at_is_not_taken_back(registry: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    real = use_cases.put

    def meanwhile(*given: Any) -> bool:
        monkeypatch.setattr(reshaping, "put", real)
        reshaping.revalue("n1", {"target": True}, DAY, None, BY)
        return real(*given)

    monkeypatch.setattr(reshaping, "put", meanwhile)
    with pytest.raises(Refused) as refused:
        reshaping.revalue("n1", {"name_fa": "نو"}, DAY, None, BY)
    assert refused.value.code == "changed_meanwhile" and values("territories", "n1", DAY)["target"] is True
    reshaping.revalue("n1", {"name_fa": "نو"}, DAY, None, BY)
    assert [values("territories", "n1", DAY)[name] for name in ("target", "name_fa")] == [True, "نو"]
