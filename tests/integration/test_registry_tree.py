"""Paths of places are right on every day, whatever is planned for the places above them, and whatever comes first."""
from collections.abc import Callable
from typing import Any

import pytest

from contracts.errors import Invalid, Refused
from services.registry import use_cases
from services.registry.documents import Territory
from services.registry.model import OPEN, Change
from services.registry.places import reshaping
from tests.integration.conftest import Connect
from tests.integration.registered import BRANCH, BY, PAST, place, values

KARAJ, FARDIS = ["alborz", "karaj", "mehrshahr"], ["alborz", "fardis", "mehrshahr"]
NOV, DEC, JAN, JUNE, LATE = "2098-11-01", "2098-12-01", "2099-01-01", "2099-06-01", "2099-12-01"


@pytest.fixture
def registry(database: Connect) -> Connect:
    database("registry")
    use_cases.put(BRANCH, BY)
    return database


def n2(day: str = PAST, until: str | None = None, **given: Any) -> Change:
    made = place("n2", "neighbourhood", "mehrshahr", day, **given)
    return Change("territories", "n2", made.values, day, until)


def moved(day: str, until: str | None = None, to: str = "fardis") -> Change:
    return Change("territories", "mehrshahr", place("mehrshahr", "city", to).values, day, until)


def paths(code: str, *days: str) -> list[list[str]]:
    return [values("territories", code, day)["path"] for day in days]


def test_a_place_that_begins_after_the_move_of_the_one_above_it_begins_below_where_that_is_then(registry: Connect) -> None:
    use_cases.put([n2(JUNE)], BY)
    use_cases.put([moved(DEC)], BY)
    assert paths("n2", JUNE, LATE) == [[*FARDIS, "n2"]] * 2


def test_a_place_made_before_the_planned_move_of_the_one_above_it_goes_along_on_that_day(registry: Connect) -> None:
    use_cases.put([moved(JAN)], BY)
    use_cases.put([n2()], BY)
    assert paths("n2", DEC, JAN) == [[*KARAJ, "n2"], [*FARDIS, "n2"]]


def test_a_place_can_be_changed_for_good_while_a_move_of_the_one_above_it_is_planned(registry: Connect) -> None:
    use_cases.put([moved(JAN)], BY)
    use_cases.put([place("n1", "neighbourhood", "mehrshahr", NOV, name_fa="نو")], BY)
    assert paths("n1", DEC, JAN) == [[*KARAJ, "n1"], [*FARDIS, "n1"]]
    assert [values("territories", "n1", day)["name_fa"] for day in (PAST, DEC, JAN)] == ["n1", "نو", "نو"]
    use_cases.put([place("n1", "neighbourhood", "karaj", NOV, name_fa="نو")], BY)
    assert paths("n1", DEC, JAN) == [["alborz", "karaj", "n1"]] * 2, "the move of another is no plan of its own"


def test_a_planned_change_of_its_own_is_not_overwritten_unasked(registry: Connect) -> None:
    use_cases.put([place("n1", "neighbourhood", "mehrshahr", JAN, name_fa="نو")], BY)
    with pytest.raises(Refused) as refused:
        use_cases.put([place("n1", "neighbourhood", "karaj", NOV)], BY)
    assert refused.value.code == "later_change_planned"
    use_cases.put([moved(DEC)], BY)
    assert not use_cases.put([place("n1", "neighbourhood", "mehrshahr", NOV)], BY), "the same again changes nothing"
    assert (paths("n1", LATE), values("territories", "n1", LATE)["name_fa"]) == ([[*FARDIS, "n1"]], "نو")


@pytest.mark.parametrize("until", [None, OPEN])
def test_what_is_planned_below_stays_when_the_place_above_moves(registry: Connect, until: str | None) -> None:
    reshaping.revalue("n1", {"target": True}, NOV, JAN, BY)
    reshaping.revalue("n1", {"name_fa": "نو"}, JUNE, None, BY)
    use_cases.put([moved(DEC, until)], BY)
    found = [values("territories", "n1", day) for day in (NOV, DEC, JAN, JUNE)]
    assert [(each["target"], each["name_fa"]) for each in found] == [
        (True, "n1"), (True, "n1"), (False, "n1"), (False, "نو")]
    assert [each["path"] for each in found] == [[*KARAJ, "n1"], *[[*FARDIS, "n1"]] * 3]


def test_who_changes_before_the_place_above_moves_keeps_the_old_path_until_then(registry: Connect) -> None:
    use_cases.put([moved(JAN), place("n1", "neighbourhood", "mehrshahr", NOV, name_fa="نو")], BY)
    assert paths("n1", NOV, DEC, JAN) == [[*KARAJ, "n1"], [*KARAJ, "n1"], [*FARDIS, "n1"]]


def test_a_move_for_a_while_takes_along_and_brings_back(registry: Connect) -> None:
    use_cases.put([moved(DEC, JUNE)], BY)
    assert paths("n1", NOV, DEC, JUNE) == [[*KARAJ, "n1"], [*FARDIS, "n1"], [*KARAJ, "n1"]]


def test_a_place_that_changes_for_a_while_and_lies_below_a_move_has_its_path_afterwards(registry: Connect) -> None:
    for_a_while = Change("territories", "n1", place("n1", "neighbourhood", "karaj").values, NOV, DEC)
    use_cases.put([moved(JAN), for_a_while], BY)
    assert paths("n1", NOV, DEC, JAN) == [["alborz", "karaj", "n1"], [*KARAJ, "n1"], [*FARDIS, "n1"]]


@pytest.mark.parametrize("rival_first", [True, False])
def test_two_moves_on_different_days_and_a_place_below_both_that_ends_between_them(
        registry: Connect, rival_first: bool) -> None:
    use_cases.put([n2(PAST, DEC)], BY)
    moves = [moved(JAN), place("karaj", "county", "other", NOV)]
    use_cases.put([place("other", "province", None), *(moves[::-1] if rival_first else moves)], BY)
    assert paths("n2", NOV) == [["other", "karaj", "mehrshahr", "n2"]]
    assert paths("n1", NOV, JAN) == [["other", "karaj", "mehrshahr", "n1"], [*FARDIS, "n1"]]
    history = use_cases.history("territories", "n2", {})["periods"]
    assert history[-1]["valid_to"] == DEC, "nothing comes back that ended"


@pytest.mark.parametrize(("move", "path"), [
    (lambda: place("fardis", "county", "other", JAN), ["n2"]),
    (lambda: moved(JAN), ["alborz", "fardis", "n2"])], ids=["the rival", "the place above"])
def test_a_contested_place_hangs_from_what_is_above_both_when_one_of_them_moves(
        registry: Connect, move: Callable[[], Change], path: list[str]) -> None:
    use_cases.put([place("other", "province", None), n2(contested_with="fardis"), place("z1", "zone", "n2")], BY)
    use_cases.put([move()], BY)
    assert paths("n2", DEC, JAN) == [["alborz", "n2"], path]
    assert paths("z1", DEC, JAN) == [["alborz", "n2", "z1"], [*path, "z1"]]


def test_two_places_that_contest_each_other_are_refused(registry: Connect) -> None:
    with pytest.raises(Invalid) as invalid:
        use_cases.put([n2(contested_with="n3"), place("n3", "neighbourhood", "karaj", contested_with="n2")], BY)
    assert (invalid.value.code, invalid.value.errors[0]["pointer"]) == ("circle", "/contested_with")


def test_a_circle_that_only_a_planned_move_would_close_is_refused(registry: Connect) -> None:
    def category(code: str, parent: str | None, day: str = PAST) -> Change:
        return Change("categories", code, {"name_fa": code, "name_en": code, "parent": parent}, day)

    use_cases.put([category("water", None), category("leak", None)], BY)
    use_cases.put([category("leak", "water", JAN)], BY)
    with pytest.raises(Invalid) as invalid:
        use_cases.put([category("water", "leak", NOV)], BY)
    assert invalid.value.code == "circle"


def test_a_tree_is_a_hundred_steps_deep_at_most(registry: Connect) -> None:
    def category(number: int) -> Change:
        return Change("categories", f"c{number}", {"name_fa": "ن", "name_en": "n",
                                                   "parent": f"c{number - 1}" if number else None}, PAST)

    use_cases.put([category(number) for number in range(100)], BY)
    for more in ([category(100)], [category(number) for number in range(120, -1, -1)]):
        with pytest.raises(Invalid) as invalid:
            use_cases.put(more, BY)
        assert invalid.value.code == "too_deep"


def test_an_ordinary_change_is_one_edit(registry: Connect) -> None:
    use_cases.put([place("n1", "neighbourhood", "mehrshahr", NOV, name_fa="نو")], BY)
    use_cases.put([moved(JAN)], BY)
    assert {code: len(Territory._get_collection().find_one({"_id": code})["edits"]) for code in ("n1", "mehrshahr")} == {
        "n1": 3, "mehrshahr": 2}
