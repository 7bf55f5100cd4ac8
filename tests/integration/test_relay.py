"""The relay takes out of an outbox what the broker confirmed, and nothing else; what is refused holds back no other."""
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from chassis import relay, settings, topology
from chassis.clock import now
from contracts import envelope
from contracts.agencies import TaskChangedForAgency
from contracts.registry import SeatChanged
from services.issues.documents import OUTBOXES, entry_of, issue_store
from services.issues.model import Actor, Recorded
from services.registry.model import OPEN, Edit
from tests.integration.carrying import OFFER, carrying, emptied, filed, published, refused_answer, stuck, waiting
from tests.integration.conftest import Connect
from tests.integration.waiting import eventually
from tests.integration.wire import Wire

Register = Callable[..., Any]
A1 = "agency.a1.tasks"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def issues(database: Connect, wire: Wire) -> Any:
    """The stored issues; no agency has a queue, every queue is empty."""
    return database("issues").issues


@pytest.fixture
def mended(wire: Wire) -> Iterator[None]:
    """Puts back what a test takes away from the topology."""
    yield
    assert topology.declare(settings.read("topology")) == []


# The way of what nobody refuses.


def test_what_is_confirmed_leaves_its_outbox_and_lies_in_every_readers_queue(
        issues: Any, wire: Wire, registered_agency: Register) -> None:
    registered_agency("a1")
    issue = filed()
    with carrying("issues"):
        emptied(issues)
    for queue, kinds in (("booklet.issues", ["issue_filed", "task_offered"]),
                         ("notifications.issues", ["issue_filed", "task_offered"]), (A1, ["task_offered"])):
        assert [properties.headers["ce-type"].split(".")[2] for properties, _ in wire.take_all(queue)] == kinds
    assert issues.find_one({"_id": issue.id})["version"] == 1


def test_a_message_is_persistent_and_a_cloudevent_that_its_contract_reads(issues: Any, wire: Wire) -> None:
    issue = filed(queued=False, trace=TRACE)
    with carrying("issues"):
        emptied(issues)
    properties, body = wire.take("booklet.issues") or pytest.fail("nothing came")
    assert (properties.delivery_mode, properties.content_type) == (2, "application/json")
    assert properties.message_id == properties.headers["ce-id"] == envelope.event_id(issue.id, 1, 0)
    received = envelope.read(properties.headers, body, properties.content_type)
    assert (received.subject, received.sequence, received.time, received.trace) == (issue.id, 1, issue.filed_at, TRACE)
    assert received.snapshot.tracking_code == issue.tracking_code


def test_the_snapshot_is_of_the_document_as_it_is_when_it_leaves(issues: Any, wire: Wire) -> None:
    issue = filed(queued=False)
    issue_store().change({"_id": issue.id}, lambda known: known.move(
        known.tasks[0].id, "accept", Actor("agency", "a1"), now()) or True)
    with carrying("issues"):
        emptied(issues)
    told = [envelope.read(properties.headers, body, properties.content_type)
            for properties, body in wire.take_all("booklet.issues")]
    assert [(each.sequence, each.snapshot.version, each.snapshot.status) for each in told] == [
        (1, 2, "in_progress"), (1, 2, "in_progress"), (2, 2, "in_progress")]


def test_what_needs_no_reader_is_done_when_nobody_is_bound(database: Connect, wire: Wire, mended: None) -> None:
    seats, before = database("registry").seats, published("unread", "registry")
    for queue, key in (("issues.registry", "#"), ("notifications.registry", "seat_changed.v1"),
                       ("registry.registry", "seat_changed.v1")):
        wire.channel.queue_unbind(queue, "registry.events", key)
    edit = vars(Edit("2025-03-21", OPEN, {"role": "reporter"}, now(), "operator"))
    seats.insert_one({"_id": "s1", "version": 1, "edits": [edit], "outbox": [
        envelope.entry(SeatChanged("s1"), aggregate="Seat:s1", subject="s1", sequence=1, position=0, at=now())]})
    with carrying("registry"):
        emptied(seats)
    assert published("unread", "registry") == before + 1
    assert wire.waiting() == {}


def test_the_poll_alone_finds_everything(issues: Any, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay.Relay, "_watch", lambda relay: None)
    with carrying("issues"):
        filed(queued=False)
        emptied(issues)


@pytest.mark.parametrize("collection", ["issues", "stray_answers"])
def test_the_alarm_clock_alone_wakes_the_relay_for_every_outbox(
        database: Connect, wire: Wire, registered_agency: Register, monkeypatch: pytest.MonkeyPatch,
        collection: str) -> None:
    registered_agency("a1")
    outbox = database("issues")[collection]
    monkeypatch.setattr(relay, "POLL", 600)

    def told_another() -> int:
        """What is told before the clock runs is carried with what comes after."""
        filed() if collection == "issues" else refused_answer()
        return int(outbox.count_documents({"outbox": []}))

    told_another()
    with carrying("issues"):
        emptied(outbox)  # by the sweep with which a relay begins
        eventually("another is emptied", told_another, until=lambda emptied: emptied > 1)


def test_what_one_sweep_does_not_read_is_carried_by_the_next_without_waiting(
        issues: Any, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay.Relay, "_watch", lambda relay: None)
    monkeypatch.setattr(relay, "POLL", 600)
    monkeypatch.setattr(relay, "BATCH", 2)
    for _ in range(5):
        filed(queued=False)
    with carrying("issues"):
        emptied(issues)


def test_the_alarm_clock_hears_what_is_filed_or_decided_but_not_the_relays_own_pulls(issues: Any, wire: Wire) -> None:
    with issues.watch(relay.WAKING, max_await_time_ms=200) as stream:
        issue = filed(queued=False)
        assert stream.try_next()
        OUTBOXES[0].settle({issue.id: [envelope.event_id(issue.id, 1, 0)]}, [])
        assert stream.try_next() is None and len(waiting(issues, issue.id)) == 1
        issue_store().change({"_id": issue.id}, lambda known: known.withdraw(None, now()) or True)
        assert stream.try_next()


# What the broker refuses.


def test_what_must_be_read_and_has_no_reader_stays_and_alarms_and_comes_later_while_others_pass(
        issues: Any, wire: Wire, registered_agency: Register) -> None:
    issue, before = filed(), published("unroutable")
    with carrying("issues"):
        first = stuck(issues, issue.id)
        assert first["type"] == OFFER and OUTBOXES[0].depth().stuck == 0
        assert wire.ready("booklet.issues") == 2, "the facts have passed"
        third = stuck(issues, issue.id, tries=3)
        assert third["due"] - first["due"] > timedelta(seconds=2 + 4), "each pause is longer"
        assert published("unroutable") >= before + 3
        assert (OUTBOXES[0].depth().stuck, OUTBOXES[0].depth().waiting) == (1, 1), "somebody is called"
        registered_agency("a1")
        assert OUTBOXES[0].hurry() == 1
        emptied(issues)
    assert wire.ready(A1) == 1


def test_what_was_refused_comes_by_itself_when_its_time_has_come(
        issues: Any, wire: Wire, registered_agency: Register) -> None:
    issue = filed()
    with carrying("issues"):
        stuck(issues, issue.id)
        registered_agency("a1")
        emptied(issues)
    assert wire.ready(A1) == 1


def test_what_a_full_queue_refuses_stays_and_passes_when_there_is_room(
        issues: Any, wire: Wire, registered_agency: Register) -> None:
    registered_agency("a1")
    policy = f"/policies/{wire.vhost}/full"
    wire.management.call("PUT", policy, {"pattern": f"^{A1}$", "definition": {"max-length": 1}, "apply-to": "queues"})
    try:
        eventually("the queue is full", lambda: fill(wire), until=lambda refused: refused)
        issue, before = filed(), published("nacked")
        with carrying("issues"):
            assert stuck(issues, issue.id)["type"] == OFFER
            assert published("nacked") > before and wire.ready("booklet.issues") == 2
            wire.channel.queue_purge(A1)
            OUTBOXES[0].hurry()
            emptied(issues)
        assert wire.ready(A1) == 1
    finally:
        wire.management.call("DELETE", policy)


def fill(wire: Wire) -> bool:
    """Whether the queue refused one more message."""
    try:
        wire.publish("agencies.tasks", "a1", b"{}")
    except Exception as error:
        return type(error).__name__ == "NackError"
    return False


def test_an_exchange_that_is_gone_spoils_nobody_elses_events(
        issues: Any, wire: Wire, registered_agency: Register, mended: None) -> None:
    wire.channel.exchange_delete("agencies.tasks")
    issue, before = filed(), published("refused")
    with carrying("issues"):
        assert stuck(issues, issue.id)["type"] == OFFER
        assert published("refused") > before and wire.ready("booklet.issues") == 2
        assert topology.declare(settings.read("topology")) == []
        registered_agency("a1")
        OUTBOXES[0].hurry()
        emptied(issues)
    assert wire.ready(A1) == 1


def test_an_exchange_that_is_forbidden_spoils_nobody_elses_events(
        issues: Any, wire: Wire, registered_agency: Register, mended: None) -> None:
    registered_agency("a1")
    wire.management.permit("issues", "^$", r"^issues\..*$", "^$")
    issue = filed()
    with carrying("issues"):
        assert stuck(issues, issue.id)["type"] == OFFER
        assert wire.ready("booklet.issues") == 2 and wire.ready(A1) == 0
        wire.management.permit("issues", *topology.permissions_of("issues"))
        OUTBOXES[0].hurry()
        emptied(issues)
    assert wire.ready(A1) == 1


# What no message can be made of, and what waits behind it.


@pytest.mark.parametrize(("what", "value"), [
    ("outbox.2.type", "mahalle.agencies.task_offered.v9"),
    ("outbox.2.data.task_id", "not a task of this issue"),
    ("outbox.2.key", "k" * 300),
    ("outbox.2.exchange", None),
])
def test_an_event_that_no_message_can_be_made_of_stops_no_other(issues: Any, wire: Wire, what: str, value: Any) -> None:
    broken, before = filed(), published("broken")
    issues.update_one({"_id": broken.id}, {"$set": {what: value}})
    issue = filed(queued=False)
    with carrying("issues"):
        entry = stuck(issues, broken.id)
        assert entry["due"] > entry["at"] and published("broken") > before
        eventually("the other is told", lambda: waiting(issues, issue.id), until=lambda left: left == [])


def test_an_event_of_a_newer_version_passes_once_the_relay_knows_it(issues: Any, wire: Wire) -> None:
    issue = filed(queued=False)
    issues.update_one({"_id": issue.id}, {"$set": {"outbox.0.type": "mahalle.issues.issue_filed.v9"}})
    with carrying("issues"):
        stuck(issues, issue.id)
        issues.update_one({"_id": issue.id}, {"$set": {"outbox.0.type": "mahalle.issues.issue_filed.v1"}})
        OUTBOXES[0].hurry()
        emptied(issues)
    assert wire.ready("booklet.issues") == 2


def test_what_waits_behind_stuck_events_hides_no_other_document(
        issues: Any, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "BATCH", 3)
    at = now()
    for _ in range(4):
        hold_back(issues, at)
    issue = filed(queued=False)
    with carrying("issues"):
        eventually("the document that is not stuck is read", lambda: waiting(issues, issue.id),
                   until=lambda left: left == [])


def hold_back(issues: Any, at: Any) -> None:
    """An issue whose first message to a1 is stuck for five minutes; a second one, due long since, waits behind it."""
    issue = filed()
    task = issue.tasks[0].id
    first = entry_of(Recorded(TaskChangedForAgency(task), task, "a1"), issue.id, 1, 0, at)
    behind = entry_of(Recorded(TaskChangedForAgency(task), task, "a1"), issue.id, 2, 0, at - timedelta(hours=1))
    issues.update_one({"_id": issue.id}, {"$set": {"outbox": [
        first | {"due": at + timedelta(minutes=5), "tries": 9}, behind]}})
