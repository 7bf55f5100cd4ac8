"""What an agency has at the broker follows its record, not the order in which the events about it arrive."""
from typing import Any

from services.registry import use_cases
from tests.builders import KARAJ, a_recorded_agency
from tests.integration.conftest import Connect


def test_an_outdated_event_does_not_give_a_queue_back_to_an_agency_that_left_it(database: Connect) -> None:
    database("registry")
    use_cases.put([KARAJ, a_recorded_agency(code="a0", channel="queue")], "operator")
    use_cases.put([a_recorded_agency("2025-03-22", code="a0", channel="pull")], "operator")
    told: list[Any] = []
    use_cases.equip({"a0", "unknown"}, lambda code, queued: told.append((code, queued)))
    assert told == [("a0", False)]
