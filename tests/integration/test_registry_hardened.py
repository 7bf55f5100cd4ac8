"""What must not end a process, lock a record for ever, or give somebody more than is theirs."""
from datetime import timedelta
from typing import Any

import pytest

from chassis.clock import now
from contracts.errors import Invalid, Problem, Refused
from services.registry import change_sets, ledger, use_cases
from services.registry.documents import Agency, ChangeSet, Territory, TerritoryBoundary
from services.registry.model import OPEN, Change, revise
from services.registry.schemas import NewAgencySchema
from tests.builders import KARAJ, a_recorded_agency, a_square, an_agency
from tests.integration.conftest import Connect

BY = "secretary:alborz"
CROSSING = {"type": "Polygon", "coordinates": [[[44, 35], [64, 35], [64, 36], [54, 35.1], [44, 36], [44, 35]]]}


@pytest.fixture
def registry(database: Connect) -> Connect:
    database("registry")
    use_cases.put([KARAJ, a_recorded_agency(code="a0")], BY)
    return database


def boundary(polygon: dict[str, Any], day: str = "2025-03-21", code: str = "karaj") -> Change:
    return Change("boundaries", code, {"polygon": polygon, "sample": False}, day)


@pytest.mark.parametrize("code", ["#", "*", "a.b", "A0", "a b", "کرج", "a" * 61, "a0\n"])
def test_what_is_no_code_becomes_no_record(registry: Connect, code: str) -> None:
    values = {name: value for name, value in an_agency().items() if name not in ("code", "email")}
    with pytest.raises(Invalid) as invalid:
        use_cases.change_record("agencies", code, values, BY)
    assert invalid.value.code == "bad_code"
    assert Agency._get_collection().count_documents({}) == 1


def test_who_was_halted_while_staging_and_wakes_after_the_set_was_withdrawn_locks_nothing(
        registry: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    real = change_sets._still_staging

    def halted(change_set: str) -> bool:
        change_sets.go_round(now() + timedelta(minutes=10), "2025-03-21")
        assert ChangeSet._get_collection().find_one({"_id": change_set}) is None
        real_stage = change_sets._staging("a0", 1, [], change_set)
        Agency._get_collection().bulk_write([real_stage])
        Agency._get_collection().update_one({"_id": "a0"}, {"$push": {"staged": {"change_set": change_set, "edit": {}}}})
        return real(change_set)

    monkeypatch.setattr(change_sets, "_still_staging", halted)
    with pytest.raises(Refused):
        use_cases.put([a_recorded_agency("2025-04-01", code="a0", channel="pull"), a_recorded_agency(code="a1")], BY)
    monkeypatch.undo()
    assert [each["_id"] for each in Agency._get_collection().find({"staged.0": {"$exists": True}})] == []
    assert use_cases.put([a_recorded_agency("2025-04-01", code="a0", channel="pull")], BY)


def test_what_a_set_left_behind_that_is_gone_is_cleaned_away_by_the_next_change(registry: Connect) -> None:
    Agency._get_collection().update_one({"_id": "a0"}, {"$set": {"staged": [{"change_set": "gone", "edit": {}}]}})
    assert use_cases.put([a_recorded_agency("2025-04-01", code="a0", channel="pull")], BY)
    Territory._get_collection().insert_one({"_id": "n9", "version": 0, "edits": [], "staged": [
        {"change_set": "gone", "edit": {}}]})
    assert use_cases.put([Change("territories", "n9", {**(KARAJ.values or {}), "kind": "neighbourhood", "parent": "karaj"},
                                 "2025-03-21")], BY)


@pytest.mark.parametrize("together", [False, True])
def test_a_shape_that_is_none_on_the_sphere_is_told_and_leaves_nothing(registry: Connect, together: bool) -> None:
    others = [a_recorded_agency(code="a5")] if together else []
    with pytest.raises(Problem) as problem:
        use_cases.put([boundary(CROSSING), *others], BY)
    assert (problem.value.status, problem.value.code) == (422, "no_shape")
    assert TerritoryBoundary._get_collection().count_documents({}) == 0
    assert Agency._get_collection().count_documents({"_id": "a5"}) == 0
    assert use_cases.put([boundary(a_square(50.9, 35.8)), *others], BY)


def test_a_record_without_room_for_another_edit_says_so(registry: Connect) -> None:
    use_cases.put([boundary(a_square(50.9, 35.8))], BY)
    TerritoryBoundary._get_collection().update_one({"_id": "karaj"}, {"$set": {"full": "x" * (16 * 1024 * 1024 - 3000)}})
    with pytest.raises(Refused) as refused:
        for number in range(20):
            use_cases.put([boundary(a_square(50.9 + number / 10, 35.8), f"2026-01-{number + 1:02d}")], BY)
    assert refused.value.code == "record_full"


def test_one_record_whose_day_cannot_be_told_holds_up_no_other(registry: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    due = {"$set": {"next_change": "2025-01-01"}}
    Agency._get_collection().update_one({"_id": "a0"}, due)
    Territory._get_collection().update_one({"_id": "karaj"}, due)
    real = ledger._write

    def failing(document: Any, found: Any, new: Any) -> bool:
        if found["_id"] == "karaj":
            raise Refused("record_full", "", "")
        return real(document, found, new)

    monkeypatch.setattr(ledger, "_write", failing)
    assert change_sets.go_round(now(), "2025-03-21") == 1


def test_of_two_agencies_with_one_code_the_second_is_refused_and_changes_no_address(
        registry: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    def body(**given: Any) -> dict[str, Any]:
        return NewAgencySchema().load(an_agency(code="a7", **given))  # type: ignore[no-any-return]

    real = use_cases.demand_known

    def meanwhile(changes: list[Change]) -> None:
        monkeypatch.setattr(use_cases, "demand_known", real)
        use_cases.register_agency(body(email="first@example.org"), BY)

    monkeypatch.setattr(use_cases, "demand_known", meanwhile)
    with pytest.raises(Refused) as refused:
        use_cases.register_agency(body(name_en="Another", email="second@example.org"), BY)
    assert refused.value.code == "code_taken"
    assert use_cases.contact("agency", "a7", "service:test", "test")["email"] == "first@example.org"


def test_for_ever_is_no_day_to_begin_on() -> None:
    with pytest.raises(Invalid) as invalid:
        revise([], a_recorded_agency(OPEN), now(), BY)
    assert invalid.value.code == "bad_validity"
