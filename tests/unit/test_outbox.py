"""Which events of a document may go, and when a refused one is tried again."""
from datetime import timedelta

from chassis.clock import now
from chassis.outbox import LONGEST_PAUSE, later, publishable
from tests.builders import NOON


def an_entry(identity: str, exchange: str, due_in: int = 0) -> dict:
    return {"id": identity, "exchange": exchange, "due": NOON + timedelta(seconds=due_in)}


def test_a_stuck_event_holds_back_only_later_ones_to_the_same_exchange() -> None:
    document = {"_id": "i", "outbox": [an_entry("1", "agencies.tasks", due_in=60), an_entry("2", "issues.events"),
                                       an_entry("3", "agencies.tasks"), an_entry("4", "issues.events")]}
    assert [entry["id"] for entry in publishable(document, NOON)] == ["2", "4"]


def test_pauses_grow_and_stay_bounded() -> None:
    pauses = [(later(tries) - now()).total_seconds() for tries in range(30)]
    assert pauses[0] < 3 and pauses[3] > pauses[0] * 4 and max(pauses) <= LONGEST_PAUSE
