"""Which events of a document may go, and when a refused one is tried again."""
from datetime import timedelta

from chassis.clock import now
from chassis.outbox import LONGEST_PAUSE, later, sorted_out
from tests.builders import NOON


def an_entry(identity: str, exchange: str, due_in: int = 0, key: str = "a1") -> dict:
    return {"id": identity, "exchange": exchange, "key": key, "due": NOON + timedelta(seconds=due_in)}


def test_a_stuck_event_holds_back_only_later_ones_to_the_same_place_until_its_own_time() -> None:
    document = {"_id": "i", "outbox": [an_entry("1", "agencies.tasks", due_in=60), an_entry("2", "issues.events"),
                                       an_entry("3", "agencies.tasks"), an_entry("4", "agencies.tasks", key="a2"),
                                       an_entry("5", "agencies.tasks", due_in=30), an_entry("6", "issues.events")]}
    may_go, held = sorted_out(document, NOON, silent={})
    assert [entry["id"] for entry in may_go] == ["2", "4", "6"]
    assert [(entry["id"], until) for entry, until in held] == [("3", NOON + timedelta(seconds=60))]


def test_what_is_meant_for_a_silent_place_waits_for_as_long_as_the_place() -> None:
    document = {"_id": "i", "outbox": [an_entry("1", "agencies.tasks"), an_entry("2", "agencies.tasks", key="a2"),
                                       an_entry("3", "agencies.tasks", key="a3")]}
    silent = {("agencies.tasks", "a1"): NOON + timedelta(seconds=30), ("agencies.tasks", "a2"): NOON}
    may_go, held = sorted_out(document, NOON, silent)
    assert [entry["id"] for entry in may_go] == ["2", "3"]
    assert [(entry["id"], until) for entry, until in held] == [("1", NOON + timedelta(seconds=30))]


def test_pauses_grow_and_stay_bounded() -> None:
    pauses = [(later(tries) - now()).total_seconds() for tries in range(30)]
    assert pauses[0] < 3 and pauses[3] > pauses[0] * 4 and max(pauses) <= LONGEST_PAUSE
