"""What an agency has at the broker follows its record, not the order in which the events about it arrive."""
from typing import Any

from services.registry import use_cases
from services.registry.documents import Agency
from tests.builders import an_agency
from tests.integration.conftest import Connect


def test_an_outdated_event_does_not_give_a_queue_back_to_an_agency_that_left_it(database: Connect) -> None:
    database("registry")
    values = {name: value for name, value in an_agency(channel="queue").items() if name != "code"}
    use_cases.put(Agency, "a0", values)
    use_cases.put(Agency, "a0", values | {"channel": "pull"})
    told: list[Any] = []
    use_cases.equip({"a0", "unknown"}, lambda code, queued: told.append((code, queued)))
    assert told == [("a0", False)]
