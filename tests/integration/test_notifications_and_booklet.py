"""The two reading services as processes, between the real outbox, relay, broker and mail server."""
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from chassis.caller import Caller
from chassis.clock import now
from chassis.http_client import Client
from chassis.reemit import reemit
from contracts.errors import Malformed, NotAllowed
from services.booklet import use_cases
from services.issues.documents import issue_store
from services.issues.model import Actor, Assignee, Issue
from services.notifications.letters import names_for
from tests.builders import an_issue
from tests.integration.conftest import Connect
from tests.integration.processes import Process
from tests.integration.waiting import eventually
from tests.integration.wire import Wire
from tests.postbox import Postbox, a_postbox
from tests.told import NAMED, NEIGHBOURHOODS, a_told_done_issue, received

Running = Callable[..., Process]
SECRETARY, PUBLIC = Caller("secretary", "alborz"), Caller("public")
FILER = {"name": "زهرا", "email": "zahra@example.org"}


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    with a_postbox() as box:
        yield box


@pytest.fixture
def ask(environment: dict[str, str]) -> Callable[..., Any]:
    def get(service: str, path: str, caller: Caller = SECRETARY, **query: str) -> Any:
        client = Client(environment[f"MAHALLE_{service.upper()}_URL"], environment["MAHALLE_INTERNAL_SECRET"])
        return client.get(path, caller, query)

    return get


def filed(number: int, **given: Any) -> Issue:
    issue = an_issue(id=f"issue-{number}", filed_at=now(), updated_at=now(), tracking_code=f"{number:011d}", **given)
    issue.file()
    issue.offer(Assignee("a1", queued=False), Actor("router"), now())
    return issue


def done(issue: Issue) -> bool:
    by = Actor("agency", "a1")
    issue.move(issue.tasks[0].id, "accept", by, now())
    issue.move(issue.tasks[0].id, "finish", by, now(), text="شد")
    return True


def confirmed(issue: Issue) -> bool:
    issue.confirm(5, None, now())
    return True


def lived(many: int) -> None:
    """Issues in the store, all done, half of them confirmed, the last one confidential."""
    store = issue_store()
    store.add([filed(number, confidential=number == many - 1) for number in range(many)])
    for number in range(many):
        store.change({"_id": f"issue-{number}"}, done)
    for number in range(0, many, 2):
        store.change({"_id": f"issue-{number}"}, confirmed)


def numbers(ask: Callable[..., Any], by: str) -> tuple[Any, Any]:
    found = ask("booklet", "/statistics", PUBLIC, by=by)
    return found["items"], found["totals"]


def test_dropped_rows_come_back_with_the_same_numbers_when_told_again(
        database: Connect, wire: Wire, running: Running, province: Any, ask: Callable[..., Any]) -> None:
    database("issues")
    lived(41)
    running("relay")
    running("booklet")

    def settled() -> int:
        return int(numbers(ask, "neighbourhood")[1]["confirmed"])

    eventually("20 confirmed issues are counted", settled, until=lambda seen: seen == 20)
    eventually("the queues of the booklet are empty", lambda: wire.ready("booklet.issues"), until=lambda seen: seen == 0)
    before = [numbers(ask, by) for by in ("neighbourhood", "agency")]
    assert before[0][1]["filed"] == 40 and before[1][1]["solved"] == 40 and before[0][0][0]["sample"]
    database("booklet").drop_collection("issues")
    database("booklet").drop_collection("names")
    eventually("nothing is left", lambda: numbers(ask, "neighbourhood"), until=lambda seen: seen[0] == [])
    assert (reemit("issues"), reemit("registry") > 0) == (41, True)
    eventually("the same numbers are back", lambda: [numbers(ask, by) for by in ("neighbourhood", "agency")],
               until=lambda seen: seen == before)


def test_numbers_are_asked_with_filters_and_a_misspelt_one_is_refused(
        database: Connect, running: Running, ask: Callable[..., Any]) -> None:
    database("booklet")
    use_cases.keep_names([received(each) for each in NAMED])
    use_cases.keep_issues([received(a_told_done_issue(place=NEIGHBOURHOODS["n1"]))])
    running("booklet")
    query = {"by": "county", "category": "street", "territory": "alborz", "from": "2026-11-24", "to": "2026-11-25"}
    assert [(item["code"], item["solved"]) for item in ask("booklet", "/statistics", PUBLIC, **query)["items"]] == [
        ("east", 0), ("west", 1)]
    for wrong in ({"teritory": "alborz"}, {"territory": "albroz"}):
        with pytest.raises(Malformed):
            ask("booklet", "/statistics", PUBLIC, **query | wrong)


def test_a_letter_reaches_its_filer_once_although_the_service_died_and_the_events_came_twice(
        database: Connect, wire: Wire, running: Running, province: Any, postbox: Postbox, ask: Callable[..., Any]) -> None:
    database("issues")
    issue_store().add([filed(number, contact=FILER, neighbourhood="n1") for number in range(5)])
    stored = database("issues").issues
    told = {row["_id"]: row["outbox"] for row in stored.find()}
    smtp = postbox.variables
    running("relay")
    notifications = running("notifications", **smtp)

    def states(number: int = 0) -> dict[str, str]:
        found = ask("notifications", "/deliveries", issue=f"issue-{number}")["items"]
        return {item["template"]: item["state"] for item in found}

    waiting = eventually("letters wait while their owners are away", states, until=lambda seen: "filed" in seen)
    assert waiting["filed"] == "queued" and postbox.letters == []
    notifications.kill()
    running("issues")
    running("registry")
    for key, outbox in told.items():
        stored.update_one({"_id": key}, {"$push": {"outbox": {"$each": outbox}}})
    reemit("issues")
    notifications.start()
    database("notifications").deliveries.update_many({}, {"$set": {"next_at": now() - timedelta(seconds=1)}})
    eventually("every filer has a letter", lambda: [states(number).get("filed") for number in range(5)],
               until=lambda seen: seen == ["sent"] * 5)
    eventually("the outbox is empty", lambda: stored.count_documents({"outbox.0": {"$exists": True}}),
               until=lambda seen: seen == 0)
    eventually("every event was heard", lambda: wire.ready("notifications.issues"), until=lambda seen: seen == 0)
    notifications.stop()
    assert len(postbox.to("zahra@example.org")) == 5
    assert "zahra" not in notifications.log() and "زهرا" not in notifications.log()


def test_a_letter_can_name_place_category_and_agency(database: Connect, wire: Wire, running: Running, province: Any) -> None:
    database("notifications")
    running("relay")
    running("notifications")
    delivery = {"about": {"place": "n1", "category": "lighting", "agency": "a1"}}
    eventually("the names are known", lambda: sorted(names_for([delivery])),
               until=lambda seen: seen == ["agency:a1", "category:lighting", "territory:n1"])


def test_deliveries_are_for_the_secretariat_alone(
        database: Connect, running: Running, ask: Callable[..., Any]) -> None:
    running("notifications")
    assert ask("notifications", "/deliveries", issue="i") == {"items": []}
    with pytest.raises(NotAllowed):
        ask("notifications", "/deliveries", Caller("agency", "a1"), issue="i")
