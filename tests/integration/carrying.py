"""A relay of one service inside the test's own process, and what lies in the outboxes it empties."""
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from prometheus_client import REGISTRY

from chassis import database, settings
from chassis.clock import now
from chassis.publisher import Publisher
from chassis.relay import Relay
from contracts.agencies import Answer
from services.issues.atlas import Atlas
from services.issues.documents import issue_store
from services.issues.model import Actor, Assignee, Issue
from services.issues.use_cases import Commands
from tests.builders import an_issue
from tests.integration.waiting import PATIENCE, eventually

OFFER = "mahalle.agencies.task_offered.v1"


@contextmanager
def carrying(service: str) -> Iterator[Relay]:
    """Within, the service's outboxes are emptied. Its documents must be connected."""
    publisher = Publisher(settings.read("relay").broker, service)
    relay = Relay(service, list(database.documents_of(service).OUTBOXES), publisher)
    publisher.start()
    relay.start()
    try:
        yield relay
    finally:
        relay.stopping.set()
        relay.wake.set()
        relay.join(PATIENCE)
        publisher.stop()
        publisher.join(PATIENCE)


def filed(queued: bool = True, **given: Any) -> Issue:
    """A stored issue, just filed and offered to agency a1, with two facts and, where it has a queue, its task to tell."""
    at = now()
    issue = an_issue(id=str(uuid4()), filed_at=at, updated_at=at, **given)
    issue.file()
    issue.offer(Assignee("a1", queued), Actor("router"), at)
    assert issue_store().add([issue]) == [None]
    return issue


def refused_answer() -> None:
    """An answer of agency a1 to a task that is not there, refused: to be told on its queue."""
    Commands(issue_store(), Atlas()).take(str(uuid4()), "a1", Answer("no-such-task", "accept"))


def waiting(collection: Any, identity: str) -> list[str]:
    """The types of the events in an outbox."""
    return [entry["type"] for entry in collection.find_one({"_id": identity})["outbox"]]


def stuck(collection: Any, identity: str, tries: int = 1) -> dict[str, Any]:
    """The one event that is left in an outbox, as soon as it was refused so often."""
    found: list[dict[str, Any]] = eventually(
        f"one event is left, refused {tries} times", lambda: collection.find_one({"_id": identity})["outbox"],
        until=lambda left: len(left) == 1 and left[0]["tries"] >= tries)
    return found[0]


def emptied(collection: Any, timeout: float = PATIENCE) -> None:
    eventually("every outbox is empty", lambda: collection.count_documents({"outbox": {"$ne": []}}), timeout,
               until=lambda count: count == 0)


def published(outcome: str, service: str = "issues") -> float:
    """How many events had this outcome in this process so far."""
    return REGISTRY.get_sample_value("mahalle_published_events_total", {"service": service, "outcome": outcome}) or 0.0
