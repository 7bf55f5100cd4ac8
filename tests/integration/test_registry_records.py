"""Dated records in a real database: changed in one write, together by one write, and told when their day has come."""
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from chassis.clock import now
from contracts.errors import Invalid, Problem, Refused, Unavailable
from services.registry import change_sets, ledger, use_cases
from services.registry.documents import OUTBOXES, Agency, ChangeSet, Territory
from services.registry.model import OPEN, Change
from services.registry.registers import register_of
from tests.builders import an_agency
from tests.integration.conftest import Connect
from tests.integration.registered import BRANCH, BY, DAY, LATER, PAST, at_once, place, stored, values


@pytest.fixture
def registry(database: Connect) -> Connect:
    database("registry")
    use_cases.put(BRANCH, BY)
    return database


def test_a_branch_is_stored_whole_with_its_paths_and_told(registry: Connect) -> None:
    assert values("territories", "n1")["path"] == ["alborz", "karaj", "mehrshahr", "n1"]
    found = stored(Territory, "n1")
    assert (found["version"], len(found["edits"]), found["staged"], len(found["outbox"])) == (1, 1, [], 1)
    assert [each["state"] for each in ChangeSet._get_collection().find()] == ["settled"]
    assert not use_cases.put(BRANCH, BY), "the same again changes nothing"
    assert stored(Territory, "n1")["version"] == 1


def test_as_of_a_day_before_it_there_is_nothing(registry: Connect) -> None:
    with pytest.raises(Problem) as missing:
        values("territories", "n1", "2020-01-01")
    assert missing.value.status == 404
    assert use_cases.listing("territories", {"as_of": "2020-01-01"})["items"] == []


def test_who_moves_takes_along_all_below_it_from_that_day_on(registry: Connect) -> None:
    use_cases.put([place("mehrshahr", "city", "fardis", DAY)], BY)
    assert values("territories", "n1")["path"] == ["alborz", "fardis", "mehrshahr", "n1"]
    assert values("territories", "n1", "2025-03-20")["path"] == ["alborz", "karaj", "mehrshahr", "n1"]
    listed = use_cases.listing("territories", {"path": "karaj", "as_of": LATER})["items"]
    assert [each["code"] for each in listed] == ["karaj"], "what was is found by no index of what is"


def test_a_contested_place_hangs_from_the_place_above_both(registry: Connect) -> None:
    use_cases.put([place("n1", "neighbourhood", "mehrshahr", DAY, contested_with="fardis")], BY)
    assert values("territories", "n1")["path"] == ["alborz", "n1"]


@pytest.mark.parametrize(("change", "code"), [
    (place("n2", "neighbourhood", "nowhere"), "unknown_parent"), (place("karaj", "county", "n1", DAY), "wrong_parent"),
    (place("n2", "neighbourhood", "karaj", "2020-01-01"), "unknown_parent")])
def test_a_parent_that_cannot_be_is_refused(registry: Connect, change: Change, code: str) -> None:
    with pytest.raises(Invalid) as invalid:
        use_cases.put([change], BY)
    assert invalid.value.code == code
    assert invalid.value.errors[0]["pointer"] == "/parent"


@pytest.mark.parametrize("together", [True, False])
def test_a_circle_of_categories_is_refused(registry: Connect, together: bool) -> None:
    def category(code: str, parent: str | None, day: str = PAST) -> Change:
        return Change("categories", code, {"name_fa": code, "name_en": code, "parent": parent}, day)

    use_cases.put([category("water", None), category("leak", "water"), category("pipe", "leak")], BY)
    circle = [category("water", "pipe", DAY), *([category("pipe", "leak", DAY)] if together else [])]
    with pytest.raises(Invalid) as invalid:
        use_cases.put(circle, BY)
    assert invalid.value.code == "circle"


def test_a_set_that_is_staged_shows_nothing_and_is_switched_on_by_one_write(
        registry: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    sets = ChangeSet._get_collection()

    def cut_off(change_set: str) -> None:
        seen.append((use_cases.find(register_of("territories"), "n9"), sets.find_one({"_id": change_set})["state"],
                     stored(Territory, "n9")["edits"]))

    monkeypatch.setattr(change_sets, "settle", cut_off)
    use_cases.put([place("n9", "neighbourhood", "karaj"), place("n8", "neighbourhood", "karaj")], BY)
    [(edits, state, settled)] = seen
    assert (len(edits), state, settled) == (1, "on", []), "visible at once, settled by nobody yet"
    listed = use_cases.listing("territories", {"parent": "karaj"})["items"]
    assert [each["code"] for each in listed] == ["mehrshahr", "n8", "n9"]
    monkeypatch.undo()
    change_sets.go_round(now(), DAY)
    assert (len(stored(Territory, "n9")["edits"]), stored(Territory, "n9")["staged"]) == (1, [])
    assert len(stored(Territory, "n9")["outbox"]) == 1


def test_a_set_cut_off_while_staging_leaves_nothing_behind(registry: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    real = change_sets._stage

    def die(staged: Any, change_set: str) -> None:
        real(staged, change_set)
        raise KeyboardInterrupt

    monkeypatch.setattr(change_sets, "_stage", die)
    with pytest.raises(KeyboardInterrupt):
        use_cases.put([place("n9", "neighbourhood", "karaj"), place("n1", "neighbourhood", "karaj", DAY)], BY)
    monkeypatch.undo()
    assert use_cases.find(register_of("territories"), "n9") is None
    assert values("territories", "n1")["parent"] == "mehrshahr"
    with pytest.raises(Unavailable):
        use_cases.put([place("n1", "neighbourhood", "karaj", DAY)], BY)
    change_sets.go_round(now(), DAY)
    assert stored(Territory, "n9"), "it may still be under way"
    change_sets.go_round(now() + timedelta(minutes=10), DAY)
    assert stored(Territory, "n9") is None and stored(Territory, "n1")["staged"] == []
    assert use_cases.put([place("n1", "neighbourhood", "karaj", DAY)], BY)
    assert ChangeSet._get_collection().count_documents({"state": {"$ne": "settled"}}) == 0


def test_a_set_is_refused_whole_where_somebody_else_was_faster(registry: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    real = change_sets._stage

    def meanwhile(staged: Any, change_set: str) -> None:
        use_cases.put([place("n1", "neighbourhood", "mehrshahr", DAY, name_fa="نو")], BY)
        real(staged, change_set)

    monkeypatch.setattr(change_sets, "_stage", meanwhile)
    with pytest.raises(Refused) as refused:
        use_cases.put([place("n8", "neighbourhood", "karaj"), place("n1", "neighbourhood", "karaj", DAY)], BY)
    assert refused.value.code == "changed_meanwhile"
    assert stored(Territory, "n8") is None and values("territories", "n1")["name_fa"] == "نو"


def test_what_is_dated_ahead_is_told_on_its_day_once(registry: Connect) -> None:
    use_cases.put([place("n1", "neighbourhood", "mehrshahr", LATER, name_fa="نو")], BY)
    assert stored(Territory, "n1")["next_change"] == LATER
    before = len(stored(Territory, "n1")["outbox"])
    change_sets.go_round(now(), "2099-03-20")
    assert len(stored(Territory, "n1")["outbox"]) == before
    Territory._get_collection().update_one({"_id": "n1"}, {"$set": {"next_change": "2025-01-01"}})  # as if its day had come
    assert change_sets.go_round(now(), DAY) == 1
    assert len(stored(Territory, "n1")["outbox"]) == before + 1
    assert change_sets.go_round(now(), DAY) == 0


def test_a_snapshot_says_what_is_in_force_and_keeps_the_name_of_what_has_ended(registry: Connect) -> None:
    [snapshot] = OUTBOXES[0].snapshots.values()

    def told() -> tuple[str, bool]:
        found = snapshot(stored(Territory, "n1"), {})
        return found["name_fa"], found["in_force"]

    use_cases.put([place("n1", "neighbourhood", "mehrshahr", LATER, name_fa="نو")], BY)
    assert told() == ("n1", True)
    use_cases.end_record("territories", "n1", {"valid_from": "2025-06-01"}, BY)
    assert told() == ("n1", False)


def test_changes_of_one_record_at_once_are_all_kept(registry: Connect) -> None:
    days = [f"2025-{month:02d}-01" for month in range(1, 9)]
    changes = [replace(place("n1", "neighbourhood", "mehrshahr", each, name_fa=each), valid_to=OPEN) for each in days]
    done = at_once(*(partial(use_cases.put, [change], BY) for change in changes))
    assert done == [True] * 8
    found = stored(Territory, "n1")
    assert (found["version"], len(found["edits"]), len({e["id"] for e in found["outbox"]})) == (9, 9, 9)


def test_what_names_something_unknown_is_refused_with_a_pointer(registry: Connect) -> None:
    agency = {k: v for k, v in an_agency(territory="nowhere", committee="none").items() if k not in ("code", "email")}
    with pytest.raises(Invalid) as invalid:
        use_cases.change_record("agencies", "a0", agency, BY)
    assert [error["pointer"] for error in invalid.value.errors] == ["/territory", "/committee"]
    assert stored(Agency, "a0") is None


def test_history_tells_every_edit_and_what_was_known_when(registry: Connect) -> None:
    before = now()
    use_cases.put([place("n1", "neighbourhood", "mehrshahr", DAY, name_fa="نو")], BY, "renamed")
    told = use_cases.history("territories", "n1", {})
    assert [(e["valid_from"], e["by"], e["reason"]) for e in told["edits"]] == [(PAST, BY, None), (DAY, BY, "renamed")]
    assert [(p["valid_from"], p["valid_to"]) for p in told["periods"]] == [(PAST, DAY), (DAY, None)]
    assert len(use_cases.history("territories", "n1", {"known_at": before.isoformat()})["edits"]) == 1


def test_pages_of_a_register_hold_each_record_once(registry: Connect) -> None:
    found, query = [], {"limit": "2"}
    while True:
        page = use_cases.listing("territories", query)
        found += [each["code"] for each in page["items"]]
        if not page["next_cursor"]:
            break
        query = {"limit": "2", "cursor": page["next_cursor"]}
    assert found == ["alborz", "fardis", "karaj", "mehrshahr", "n1"]


def test_restating_tells_every_record_again(registry: Connect) -> None:
    assert ledger.restate(77) == 5
    ids = [each["id"] for each in stored(Territory, "n1")["outbox"]]
    assert len(ids) == len(set(ids)) == 2
