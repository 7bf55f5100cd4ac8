"""Who gets a delivery of what was heard, once each, in a real MongoDB; and what is told of it."""
from collections import Counter

import pytest

from contracts.errors import Malformed
from contracts.registry import SeatSnapshot
from services.notifications import use_cases
from services.notifications.channels.log import Log
from services.notifications.documents import Delivery
from tests.builders import a_routed_issue
from tests.integration.asked import Asked
from tests.integration.notifications.letters import (
    FILER,
    Remembering,
    a_registry,
    a_sender,
    heard,
    known,
    send_all,
    states,
)


def test_filing_makes_one_delivery_for_each_who_is_to_know() -> None:
    a_registry()
    use_cases.note(heard(a_routed_issue(contact=FILER)))
    found = {(row["template"], row["to"]["kind"], row["to"]["ref"]) for row in Delivery._get_collection().find()}
    assert found == {("filed", "filer", a_routed_issue().id), ("filed_nearby", "seat", "n1-manager"),
                     ("task_offered", "agency", "a1")}


@pytest.mark.parametrize("channel", ["queue", "pull"])
def test_an_agency_that_takes_its_tasks_otherwise_gets_no_letter(channel: str) -> None:
    a_registry(channel)
    use_cases.note(heard(a_routed_issue()))
    assert not Delivery._get_collection().find_one({"to.kind": "agency"})


def test_an_empty_seat_gets_no_letter_and_a_new_holder_does() -> None:
    a_registry()
    known(SeatSnapshot("n1-manager", 2, "neighbourhood_manager", "n1", person=None))
    use_cases.note(heard(a_routed_issue()))
    assert not Delivery._get_collection().find_one({"to.kind": "seat"})
    known(SeatSnapshot("n1-manager", 3, "neighbourhood_manager", "n1", person="p9"))
    use_cases.note(heard(a_routed_issue()))
    assert Delivery._get_collection().find_one({"to.kind": "seat"})


def test_the_same_event_again_and_again_makes_one_delivery() -> None:
    a_registry()
    batch = heard(a_routed_issue(contact=FILER))
    use_cases.note(batch + batch)
    send_all(a_sender(Log()))
    before = list(Delivery._get_collection().find())
    use_cases.note(batch)
    assert list(Delivery._get_collection().find()) == before and states() == {"sent": 3}


def test_a_batch_costs_three_calls_to_the_database(asked: Asked) -> None:
    a_registry()
    batch = [event for number in range(32) for event in heard(a_routed_issue(contact=FILER, id=f"i{number}"))]
    assert len(batch) == 64
    asked.commands.clear()
    use_cases.note(batch)
    assert Counter(asked.names) == {"find": 2, "insert": 1} and sum(states().values()) == 96


# showing

def test_an_issue_s_deliveries_are_listed_with_their_states() -> None:
    a_registry()
    use_cases.note(heard(a_routed_issue(contact=FILER)))
    use_cases.note(heard(a_routed_issue(id="other")))
    send_all(a_sender(Remembering(at_once=2)))
    found = use_cases.listing(a_routed_issue().id)["items"]
    assert [item["state"] for item in found] == ["sent"] * 3
    assert {item["to"]["kind"] for item in found} == {"filer", "seat", "agency"}


def test_deliveries_are_listed_of_one_issue_only() -> None:
    with pytest.raises(Malformed):
        use_cases.listing(None)


def test_deliveries_are_kept_for_half_a_year() -> None:
    indexes = Delivery._get_collection().index_information()
    assert [index["expireAfterSeconds"] for index in indexes.values() if "expireAfterSeconds" in index] == [180 * 86400]
