"""An agency that lost what its queue held is told its open tasks again; nobody else hears of it."""
import json
from collections.abc import Callable

from services.issues.documents import issue_store
from services.issues.model import Actor, Assignee, Issue
from services.issues.retell import retell
from tests.builders import NOON, an_issue
from tests.integration.conftest import Connect
from tests.integration.processes import Process
from tests.integration.waiting import eventually
from tests.integration.wire import Wire

ONE, OTHER = "retold-1", "retold-2"


def routed(number: int, agency: str, *actions: str, queued: bool = True) -> Issue:
    issue = an_issue(id=f"issue-{number}", tracking_code=f"{number:011d}")
    issue.file()
    issue.offer(Assignee(agency, queued), Actor("router"), NOON)
    for action in actions:
        issue.move(issue.tasks[0].id, action, Actor("agency", agency), NOON, reason="دلیل", text="شد")
    return issue


def test_open_tasks_come_again_on_the_queue_of_their_agency_alone(
        database: Connect, wire: Wire, running: Callable[..., Process], registered_agency: Callable[..., object]) -> None:
    issues = database("issues").issues
    for agency in (ONE, OTHER):
        registered_agency(agency)
    issue_store().add([routed(1, ONE), routed(2, ONE, "accept"), routed(3, ONE, "accept", "finish"), routed(4, OTHER),
                       routed(5, ONE, "refuse"), routed(6, ONE, queued=False)])
    running("relay", of=("issues",))

    def left() -> int:
        return int(issues.count_documents({"outbox.due": {"$exists": True}}))

    eventually("everything was told", left, until=lambda count: count == 0)
    for queue in (f"agency.{ONE}.tasks", f"agency.{OTHER}.tasks", "booklet.issues", "notifications.issues"):
        wire.take_all(queue)
    assert retell([ONE], 1_000_000) == 2
    eventually("it was told again", left, until=lambda count: count == 0)
    told = {json.loads(body)["task_id"]: properties.headers["ce-type"]
            for properties, body in wire.take_all(f"agency.{ONE}.tasks")}
    assert told == {"issue-1-1": "mahalle.agencies.task_offered.v1", "issue-2-1": "mahalle.agencies.task_changed.v1"}
    assert not any(wire.ready(queue) for queue in (f"agency.{OTHER}.tasks", "booklet.issues", "notifications.issues"))
    assert retell([], 2_000_000) == 3
