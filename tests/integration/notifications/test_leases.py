"""Deliveries under leases: whoever sends at the same time or dies, each goes once, the oldest first."""
import threading
from datetime import datetime, timedelta
from typing import Any

import pytest

from chassis.clock import now
from services.notifications import deliveries, use_cases
from services.notifications.documents import Delivery
from services.notifications.sender import Sender
from tests.builders import a_routed_issue
from tests.integration.notifications.letters import (
    FILER,
    Remembering,
    a_sender,
    delivery,
    heard,
    hurry,
    note_one,
    send_all,
    states,
)


def test_several_senders_at_once_never_send_one_twice() -> None:
    batch = [event for n in range(100) for event in heard(a_routed_issue(contact=FILER, id=f"i{n}"))[:1]]
    use_cases.note(batch)
    channel = Remembering(at_once=7)
    threads = [threading.Thread(target=send_until_nothing_is_queued, args=(a_sender(channel),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(channel.sent) == len(set(channel.sent)) == 100 and states() == {"sent": 100}


def send_until_nothing_is_queued(sender: Sender) -> None:
    while states()["queued"]:
        sender.turn()


def test_what_a_dead_sender_had_taken_is_sent_when_its_lease_ends_and_not_before() -> None:
    note_one()
    assert len(deliveries.take(5, now())) == 1  # and then it died
    channel = Remembering()
    send_all(a_sender(channel))
    assert channel.sent == []
    hurry()
    send_all(a_sender(channel))
    assert len(channel.sent) == 1 and states() == {"sent": 1}


def test_a_sender_whose_lease_has_passed_on_writes_nothing() -> None:
    key = note_one()
    mine = deliveries.take(1, now())[0]
    hurry()
    theirs = deliveries.take(1, now())[0]
    deliveries.mark([deliveries.Outcome(theirs, "sent", "smtp")], now())
    deliveries.mark([deliveries.Outcome(mine, "failed", "smtp", "SMTPDataError 550")], now())
    assert (delivery(key)["state"], delivery(key)["error"]) == ("sent", None)


def test_the_oldest_goes_first() -> None:
    keys = [note_one() for _ in range(3)]
    for key, minutes in zip(keys, (1, 3, 2), strict=True):
        at: datetime = now() - timedelta(minutes=minutes)
        Delivery._get_collection().update_one({"_id": key}, {"$set": {"next_at": at}})
    channel = Remembering()
    send_all(a_sender(channel))
    assert channel.sent == [keys[1], keys[2], keys[0]]


@pytest.mark.parametrize("spoilt", [{"template": "no_such_letter"}, {"about": {}}])
def test_a_delivery_that_can_never_be_written_fails_and_keeps_nobody_waiting(spoilt: dict[str, Any]) -> None:
    bad, good = note_one(), note_one()
    Delivery._get_collection().update_one({"_id": bad}, {"$set": spoilt})
    send_all(a_sender(Remembering(at_once=10)))
    assert (delivery(bad)["state"], delivery(good)["state"]) == ("failed", "sent")
