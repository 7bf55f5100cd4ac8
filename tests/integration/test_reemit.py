"""Everything can be told again: copies that were lost come back the same, nothing happens twice, nobody is notified."""
from collections.abc import Callable
from typing import Any

import pytest

from chassis.reemit import reemit
from contracts.envelope import Received, read
from contracts.issues import IssueRestated, IssueSnapshot
from services.booklet import use_cases as booklet
from services.booklet.documents import IssueRow, Named
from services.issues import atlas
from services.issues.documents import Boundary, Reference, issue_store
from services.issues.model import Actor
from services.notifications import use_cases as notifications
from services.notifications.documents import Known
from tests.builders import NOON
from tests.integration.carrying import carrying, emptied, filed, waiting
from tests.integration.conftest import Connect
from tests.integration.wire import Wire

READERS: dict[str, Callable[[list[Received]], None]] = {
    "booklet.issues": booklet.keep_issues, "booklet.registry": booklet.keep_names, "issues.registry": atlas.learn,
    "notifications.registry": notifications.learn}
COPIES = (IssueRow, Named, Reference, Boundary, Known)


@pytest.fixture
def issues(database: Connect, wire: Wire) -> Any:
    """The stored issues; every other service's documents are connected too."""
    for service in ("registry", "booklet", "notifications"):
        database(service)
    return database("issues").issues


def told(wire: Wire, queue: str) -> list[Received]:
    return [read(properties.headers, body, properties.content_type) for properties, body in wire.take_all(queue)]


def carried(database: Connect) -> None:
    """Everything that lies in an outbox is told."""
    with carrying("issues"), carrying("registry"):
        emptied(database("issues").issues)
        for register in ("territories", "boundaries", "agencies", "categories", "rules", "seats"):
            emptied(database("registry")[register])


def learnt(wire: Wire) -> dict[str, list[dict[str, Any]]]:
    """What the copies hold when every reader has read what waits for it."""
    for queue, reader in READERS.items():
        reader(told(wire, queue))
    return {copy.__name__: [row for row in copy._get_collection().find().sort("_id", 1) if says_something(copy, row)]
            for copy in COPIES}


def says_something(copy: Any, row: dict[str, Any]) -> bool:
    """A place without a boundary may have a row that says so, or none; how often something was learnt is no content."""
    return row["_id"] != "revision" and (copy is not Boundary or "polygon" in row)


def test_copies_that_were_lost_come_back_with_the_same_content(
        issues: Any, database: Connect, wire: Wire, province: Any) -> None:
    for confidential in (False, False, True):
        filed(queued=False, confidential=confidential)
    carried(database)
    before = learnt(wire)
    assert len(before["IssueRow"]) == 3 and all(before.values())
    for copy in COPIES:
        copy._get_collection().drop()
    reemit("issues")
    reemit("registry")
    carried(database)
    assert learnt(wire) == before


def test_what_is_told_again_is_the_state_of_now_once_per_issue_and_to_no_agency_and_no_letter(
        issues: Any, database: Connect, wire: Wire, registered_agency: Callable[..., Any]) -> None:
    registered_agency("a1")
    issue, hidden = filed(), filed(confidential=True)
    issue_store().change({"_id": issue.id}, lambda known: known.withdraw(None, NOON) or True)
    carried(database)
    wire.clear()
    registered_agency("a1")
    assert reemit("issues") == 2
    carried(database)
    found = {received.subject: received for received in told(wire, "booklet.issues")}
    assert {type(received.happened) for received in found.values()} == {IssueRestated}
    assert (found[issue.id].snapshot.version, found[issue.id].snapshot.status) == (2, "withdrawn")
    assert found[hidden.id].snapshot == IssueSnapshot(hidden.id, 1, confidential=True)
    assert wire.ready("agency.a1.tasks") == 0 and wire.waiting() == {}


def test_a_decision_made_meanwhile_is_not_disturbed(issues: Any) -> None:
    issue = filed(queued=False)

    def decide(known: Any) -> bool:
        reemit("issues")
        return known.move(known.tasks[0].id, "accept", Actor("agency", "a1"), NOON) or True

    issue_store().change({"_id": issue.id}, decide)
    assert issues.find_one()["version"] == 2
    assert [kind.split(".")[2] for kind in waiting(issues, issue.id)] == [
        "issue_filed", "task_offered", "issue_restated", "task_accepted"]
