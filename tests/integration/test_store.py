"""One document, one write: whoever writes at the same time, no decision is lost and none is made twice."""
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pymongo import monitoring

from chassis import store
from contracts.errors import NotFound, Problem, Unavailable
from tests.integration.conftest import Connect
from tests.integration.tally import TallyDocument, a_tally, tally_store

WRITES = {"insert", "update", "findAndModify", "delete"}


@pytest.fixture
def tallies(database: Connect) -> Iterator[Any]:
    """The collection, with its unique index."""
    found = database("issues").tallies
    TallyDocument.ensure_indexes()
    yield found
    TallyDocument._collection = None


def marked(tallies: Any, identity: str = "t1") -> dict[str, Any]:
    """What a tally's document holds, by its four parts."""
    found = tallies.find_one({"_id": identity})
    return {"version": found["version"], "state": found["marks"], "timeline": [line["mark"] for line in found["timeline"]],
            "outbox": [entry["mark"] for entry in found["outbox"]]}


class Writes(monitoring.CommandListener):
    """Counts the writes that go to the database, by command."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if event.command_name in WRITES:
            self.seen.append(event.command_name)

    def succeeded(self, event: Any) -> None: ...

    def failed(self, event: Any) -> None: ...


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> Writes:
    """Take it before `tallies`: clients that are made afterwards are listened to."""
    listener = Writes()
    monkeypatch.setattr(monitoring, "_LISTENERS", monitoring._Listeners([listener], [], [], [], []))
    return listener


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


def test_a_decision_is_one_write_of_state_version_timeline_and_outbox(writes: Writes, tallies: Any) -> None:
    writes.seen.clear()
    tally_store().add([a_tally()])
    tally_store().change({"_id": "t1"}, lambda tally: tally.mark("second"))
    assert writes.seen == ["insert", "update"]
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


def test_a_decision_that_raises_or_has_nothing_to_say_stores_nothing(writes: Writes, tallies: Any) -> None:
    tally_store().add([a_tally()])
    before = tallies.find_one()
    writes.seen.clear()

    def refuse(tally: Any) -> bool:
        tally.mark("refused")
        raise Problem("refused", "نه", "no")

    with pytest.raises(Problem, match="refused"):
        tally_store().change({"_id": "t1"}, refuse)
    tally_store().change({"_id": "t1"}, lambda tally: not tally.mark("nothing"))
    assert writes.seen == [] and tallies.find_one() == before


def test_what_is_not_there_is_not_found_and_not_made(tallies: Any) -> None:
    with pytest.raises(NotFound):
        tally_store().change({"_id": "t1"}, lambda tally: tally.mark("first"))
    assert tallies.find_one() is None


def test_joined_ones_share_one_write_and_each_is_told_its_own_outcome(writes: Writes, tallies: Any) -> None:
    tally_store().add([a_tally("known", code="c1")])
    writes.seen.clear()
    joined = [a_tally("new1"), a_tally("known", "again"), a_tally("new2", code="c1"), a_tally("new3")]
    assert tally_store().add(joined) == [None, "_id_", "code_1", None]
    assert writes.seen == ["insert"]
    assert {tally["_id"] for tally in tallies.find()} == {"known", "new1", "new3"}
    assert [tally.version for tally in joined] == [1, 0, 0, 1]
    assert marked(tallies, "known")["state"] == ["first"], "what was there stays as it was"


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
