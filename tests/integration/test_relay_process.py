"""The relay as a process: who it is at the broker, what it says, and that no thread of it dies unnoticed."""
import gc
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from chassis import settings
from chassis.clock import now
from deploy.local.folder import ROOT
from tests.integration.carrying import carrying, emptied, filed, stuck
from tests.integration.conftest import Connect
from tests.integration.line import Line
from tests.integration.processes import Process
from tests.integration.waiting import eventually
from tests.integration.wire import Wire

Running = Callable[..., Process]
MANY = 150  # issues, of two facts each


@pytest.fixture
def issues(database: Connect, wire: Wire) -> Any:
    """The stored issues; no agency has a queue, every queue is empty."""
    return database("issues").issues


@pytest.mark.parametrize("where", ["chassis.outbox:Outbox.due", "chassis.publisher:Publisher._send",
                                   "pymongo.database:Database.watch", "chassis.outbox:Outbox.depth"])
def test_a_thread_that_dies_ends_the_process_so_that_it_is_started_again(
        issues: Any, running: Running, where: str) -> None:
    filed(queued=False)
    process = running("relay", "tests.integration.failing", where, of=("issues",), ready=False)
    assert process.wait() == 1
    last = json.loads(process.log().splitlines()[-1])
    assert "a thread died" in last["event"] and "nobody foresaw this" in last["exception"]


def test_two_relays_at_once_cost_duplicates_only(issues: Any, wire: Wire, running: Running, database: Connect) -> None:
    for _ in range(MANY):
        filed(queued=False)
    events = {entry["id"] for issue in issues.find() for entry in issue["outbox"]}
    for _ in range(2):
        running("relay", of=("issues",), ready=False)
    running("booklet")
    emptied(issues)
    told = [properties.message_id for properties, _ in wire.take_all("notifications.issues")]
    assert set(told) == events and len(events) == 2 * MANY
    eventually("every issue has its row", lambda: database("booklet").issues.count_documents({"version": 1}),
               until=lambda count: count == MANY)
    eventually("the booklet has read all", lambda: wire.ready("booklet.issues"), until=lambda left: left == 0)
    assert wire.waiting("retry", "dead") == {}


def test_each_service_is_its_own_user_at_the_broker_in_one_process(
        issues: Any, wire: Wire, running: Running, database: Connect) -> None:
    database("registry")
    running("relay")
    eventually("each has its connection", lambda: users(wire), until=lambda seen: seen == ["issues", "registry"])


def users(wire: Wire) -> list[str]:
    """Whose connections are open in this vhost, the administrator's apart."""
    found = wire.management.call("GET", "/connections")
    return sorted(each["user"] for each in found if each.get("vhost") == wire.vhost and each["user"] != "admin")


def test_a_relay_of_one_service_needs_that_services_password_only(
        issues: Any, running: Running, environment: dict[str, str]) -> None:
    filed(queued=False)
    password = settings.read("relay").broker.password_of("issues")
    running("relay", of=("issues",), MAHALLE_BROKER_SECRET="", MAHALLE_BROKER_PASSWORD=password)
    emptied(issues)


def test_a_relay_that_the_broker_does_not_let_in_is_not_ready_and_says_so(issues: Any, running: Running) -> None:
    process = running("relay", of=("issues",), ready=False, MAHALLE_BROKER_SECRET="another")
    eventually("it says so", process.log, until=lambda log: "the broker does not let us in" in log)
    with pytest.raises(AssertionError, match=r"503 .*issues\.broker.*false"):
        eventually("it is ready", process._readiness, 2, until=lambda seen: seen == "ready")


def test_an_operator_sees_what_is_stuck_mends_it_and_has_it_tried_again(
        issues: Any, running: Running, environment: dict[str, str], registered_agency: Callable[..., Any],
        wire: Wire) -> None:
    issue = filed()
    issues.update_one({"_id": issue.id}, {"$set": {"outbox.2.tries": 2}})
    process = running("relay", of=("issues",))
    stuck(issues, issue.id, tries=3)
    gauge = 'mahalle_outbox_stuck_documents{service="issues"} 1.0'
    eventually("the alarm is up", process.metrics, until=lambda seen: gauge in seen)
    assert 'mahalle_published_events_total{outcome="unroutable",service="issues"} 1.0' in process.metrics()
    refusals = [json.loads(line) for line in process.log().splitlines() if "could not be delivered" in line]
    assert [(each["level"], each["outcome"], each["key"], each["tries"]) for each in refusals] == [
        ("error", "unroutable", "a1", 3)]
    registered_agency("a1")
    issues.update_one({"_id": issue.id}, {"$set": {"outbox.0.due": now() + timedelta(hours=1)}})
    done = subprocess.run([sys.executable, "-m", "chassis.hurry", "issues"], env=environment | {"PATH": "/usr/bin:/bin"},
                          cwd=ROOT, text=True, capture_output=True, timeout=60)
    assert done.stdout == "hurry: the events of 1 documents of issues are tried again now\n", done.stderr
    emptied(issues)
    assert wire.ready("agency.a1.tasks") == 1


def test_a_relay_ends_when_told_also_while_the_broker_is_away(issues: Any, wire: Wire, running: Running) -> None:
    with Line(wire.port) as line:
        process = running("relay", of=("issues",), MAHALLE_BROKER=f"127.0.0.1:{line.port}/{wire.vhost}")
        line.cut()
        eventually("it noticed", process.log, until=lambda log: "lost the broker" in log)
        assert process.stop(10) == 0


def test_a_connection_that_was_lost_leaves_nothing_open(issues: Any, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    with Line(wire.port) as line:
        monkeypatch.setenv("MAHALLE_BROKER", f"127.0.0.1:{line.port}/{wire.vhost}")
        with carrying("issues") as relay:
            for _ in range(3):
                eventually("it is connected", relay.publisher.connected.is_set)
                line.cut()
                eventually("it noticed", relay.publisher.connected.is_set, until=lambda connected: not connected)
                line.mend()
    gc.collect()  # what was left open is warned of now, and warnings are errors
