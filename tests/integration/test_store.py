"""One document, one write: whoever writes at the same time, no decision is lost and none is made twice."""
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pymongo.errors import AutoReconnect, BulkWriteError, ExecutionTimeout, NetworkTimeout, PyMongoError, WTimeoutError

from chassis import store
from contracts.errors import NotFound, Problem, Unavailable
from services.issues.documents import issue_store
from tests.builders import a_routed_issue
from tests.integration.asked import Asked
from tests.integration.conftest import Connect
from tests.integration.tally import TallyDocument, a_tally, tally_store

WRITES = {"insert", "update", "findAndModify", "delete"}


@pytest.fixture
def tallies(database: Connect) -> Any:
    """The collection, with its unique index."""
    found = database("issues").tallies
    TallyDocument.ensure_indexes()
    return found


def marked(tallies: Any, identity: str = "t1") -> dict[str, Any]:
    """What a tally's document holds, by its four parts."""
    found = tallies.find_one({"_id": identity})
    return {"version": found["version"], "state": found["marks"], "timeline": [line["mark"] for line in found["timeline"]],
            "outbox": [entry["mark"] for entry in found["outbox"]]}


def writes(asked: Asked) -> list[Any]:
    """The writes that went to the database."""
    return [each.command for each in asked.commands if each.command_name in WRITES]


# What mongoengine itself does, so that nobody goes back to it.


def test_two_savers_of_mongoengine_lose_one_of_two_decisions(tallies: Any) -> None:
    tally_store().add([a_tally()])
    one, other = TallyDocument.objects.get(id="t1"), TallyDocument.objects.get(id="t1")
    one.marks = [*one.marks, "one"]
    one.save()
    other.marks = [*other.marks, "other"]
    other.save()
    assert marked(tallies)["state"] == ["first", "other"], "the decision of the first is gone, and nobody was told"


def test_a_saver_of_mongoengine_brings_published_events_back(tallies: Any) -> None:
    tally_store().add([a_tally()])
    saving = TallyDocument.objects.get(id="t1")
    tallies.update_one({"_id": "t1"}, {"$pull": {"outbox": {"mark": "first"}}})
    saving.outbox = [*saving.outbox, {"id": "e2", "mark": "second"}]
    saving.version += 1
    saving.save(save_condition={"version": 1})
    assert marked(tallies)["outbox"] == ["first", "second"], "what the relay took out will be published again"


# What the store does.


def test_a_decision_is_one_write_of_state_version_timeline_and_outbox(asked: Asked, tallies: Any) -> None:
    tally_store().add([a_tally()])
    tally_store().change({"_id": "t1"}, lambda tally: tally.mark("second"))
    concerns = [each["writeConcern"] for each in writes(asked)]
    assert [next(iter(each)) for each in writes(asked)] == ["insert", "update"]
    assert all(each["w"] == "majority" and each["j"] for each in concerns), "durable before it counts"
    both = ["first", "second"]
    assert marked(tallies) == {"version": 2, "state": both, "timeline": both, "outbox": both}


def test_a_change_leaves_alone_what_the_relay_took_out_meanwhile(tallies: Any) -> None:
    def decide(tally: Any) -> bool:
        tallies.update_one({"_id": "t1"}, {"$pull": {"outbox": {"mark": "first"}}})
        return bool(tally.mark("second"))

    tally_store().add([a_tally()])
    tally_store().change({"_id": "t1"}, decide)
    assert marked(tallies)["outbox"] == ["second"]


def test_who_was_slower_decides_again_on_what_the_faster_one_left(tallies: Any) -> None:
    seen: list[list[str]] = []

    def slow(tally: Any) -> bool:
        seen.append(list(tally.marks))
        if len(seen) == 1:
            tally_store().change({"_id": "t1"}, lambda other: other.mark("fast"))
        return bool(tally.mark("slow"))

    tally_store().add([a_tally()])
    changed = tally_store().change({"_id": "t1"}, slow)
    assert seen == [["first"], ["first", "fast"]]
    all_three = ["first", "fast", "slow"]
    assert marked(tallies) == {"version": 3, "state": all_three, "timeline": all_three, "outbox": all_three}
    assert (changed.version, changed.marks) == (3, all_three)


def test_who_is_always_slower_is_told_so_after_a_bounded_number_of_tries(
        tallies: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store.time, "sleep", lambda seconds: None)
    tries: list[int] = []

    def outrun(tally: Any) -> bool:
        tries.append(tally.version)
        tallies.update_one({"_id": "t1"}, {"$inc": {"version": 1}})
        return bool(tally.mark("never"))

    tally_store().add([a_tally()])
    with pytest.raises(Unavailable) as told:
        tally_store().change({"_id": "t1"}, outrun)
    assert (told.value.code, told.value.retry_after, len(tries)) == ("busy", 1, store.TRIES)
    assert marked(tallies)["state"] == ["first"]


def test_a_decision_that_raises_or_has_nothing_to_say_stores_nothing(asked: Asked, tallies: Any) -> None:
    tally_store().add([a_tally()])
    before = tallies.find_one()
    asked.commands.clear()

    def refuse(tally: Any) -> bool:
        tally.mark("refused")
        raise Problem("refused", "نه", "no")

    with pytest.raises(Problem, match="refused"):
        tally_store().change({"_id": "t1"}, refuse)
    tally_store().change({"_id": "t1"}, lambda tally: not tally.mark("nothing"))
    assert writes(asked) == [] and tallies.find_one() == before


def test_what_is_not_there_is_not_found_and_not_made(tallies: Any) -> None:
    with pytest.raises(NotFound):
        tally_store().change({"_id": "t1"}, lambda tally: tally.mark("first"))
    assert tallies.find_one() is None


def test_joined_filings_share_one_write_and_each_is_told_its_own_outcome(asked: Asked, database: Connect) -> None:
    issues, filing = database("issues").issues, issue_store()
    assert filing.add([a_routed_issue(id="known", tracking_code="00000000001")]) == [None]
    asked.commands.clear()
    joined = [a_routed_issue(id=identity, tracking_code=f"0000000000{digit}")
              for identity, digit in (("new1", 2), ("known", 3), ("new2", 1), ("new3", 4))]
    assert filing.add(joined) == [None, "_id_", "tracking_code_1", None]
    assert [next(iter(each)) for each in writes(asked)] == ["insert"]
    assert {issue["_id"]: issue["tracking_code"] for issue in issues.find()} == {
        "known": "00000000001", "new1": "00000000002", "new3": "00000000004"}
    assert [issue.version for issue in joined] == [1, 0, 0, 1]


def test_what_is_stored_wrongly_is_no_duplicate_and_what_nobody_confirmed_is_not_stored() -> None:
    def failed(code: int, unconfirmed: list[Any]) -> BulkWriteError:
        return BulkWriteError({"writeErrors": [{"index": 0, "code": code, "errmsg": "E11000 … index: code_1 dup key: …"}],
                               "writeConcernErrors": unconfirmed})

    assert store.duplicates(failed(11000, [])) == {0: "code_1"}
    with pytest.raises(BulkWriteError):
        store.duplicates(failed(121, []))
    with pytest.raises(Unavailable):
        store.duplicates(failed(11000, [{"code": 64, "errmsg": "waiting for replication timed out"}]))


@pytest.mark.parametrize("error", [AutoReconnect(), NetworkTimeout(), WTimeoutError("slow"), ExecutionTimeout("slow")])
def test_a_database_that_does_not_answer_is_unavailable_for_a_moment(error: PyMongoError) -> None:
    with pytest.raises(Unavailable) as told, store.answering():
        raise error
    assert told.value.retry_after


def test_fifty_at_once_on_three_of_them_lose_nothing_and_double_nothing(tallies: Any) -> None:
    tally_store().add([a_tally(f"t{number}") for number in range(3)])
    begin = threading.Barrier(50)

    def mark_each(name: int) -> None:
        begin.wait()
        for number in range(3):
            insist(f"t{number}", str(name))

    with ThreadPoolExecutor(50) as pool:
        list(pool.map(mark_each, range(50)))
    once = Counter([*map(str, range(50)), "first"])
    for number in range(3):
        found = marked(tallies, f"t{number}")
        assert found["version"] == 51
        assert Counter(found["state"]) == Counter(found["timeline"]) == Counter(found["outbox"]) == once
    assert len(tallies.distinct("outbox.id")) == 3 * 51


def insist(identity: str, name: str) -> None:
    """A caller that comes again when told to; each `busy` stored nothing."""
    while True:
        try:
            tally_store().change({"_id": identity}, lambda tally: tally.mark(name))
            return
        except Unavailable as told:
            assert told.code == "busy"
