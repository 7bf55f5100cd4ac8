"""While nothing fails, every event goes over the wire once: duplicates are harmless, but they are paid for."""
from collections.abc import Callable

from services.issues.documents import issue_store
from services.issues.model import Actor, Assignee
from tests.builders import NOON, an_issue
from tests.integration.conftest import Connect
from tests.integration.processes import Process
from tests.integration.waiting import eventually
from tests.integration.wire import Wire

MANY, AT_ONCE = 600, 20


def test_one_relay_publishes_each_event_once(database: Connect, wire: Wire, running: Callable[..., Process]) -> None:
    database("issues")
    running("relay", of=("issues",))
    store = issue_store()
    for first in range(0, MANY, AT_ONCE):
        issues = [an_issue(id=f"issue-{n}", tracking_code=f"{n:011d}") for n in range(first, first + AT_ONCE)]
        for issue in issues:
            issue.file()
            issue.offer(Assignee("a1", queued=False), Actor("router"), NOON)
        store.add(issues)
    stored = database("issues").issues
    eventually("the outbox is empty", lambda: stored.count_documents({"outbox.due": {"$exists": True}}),
               until=lambda left: left == 0)
    assert wire.ready("booklet.issues") == 2 * MANY
