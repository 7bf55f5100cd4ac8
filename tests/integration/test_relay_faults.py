"""Servers that die, block or stand still cost the relay time and duplicates, never an event, and it needs no hand."""
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from deploy.local.servers import Servers
from tests.integration.carrying import emptied, filed
from tests.integration.conftest import Connect
from tests.integration.processes import Process
from tests.integration.waiting import eventually
from tests.integration.wire import Wire

pytestmark = pytest.mark.breaks
Running = Callable[..., Process]


@pytest.fixture
def issues(database: Connect, wire: Wire) -> Any:
    return database("issues").issues


@pytest.fixture
def relay(issues: Any, running: Running) -> Iterator[Process]:
    """It has carried one issue, and is the same process at the end."""
    filed(queued=False)
    process = running("relay", of=("issues",))
    emptied(issues)
    yield process
    assert process.ended() is None


@contextmanager
def filing() -> Iterator[list[str]]:
    """Within, issues are filed without a pause; their ids."""
    stopping, made = threading.Event(), list[str]()

    def file() -> None:
        while not stopping.is_set():
            made.append(filed(queued=False).id)

    thread = threading.Thread(target=file)
    thread.start()
    try:
        yield made
    finally:
        stopping.set()
        thread.join()


def all_told(issues: Any, wire: Wire) -> None:
    """Every issue left its outbox, and both its facts were heard of."""
    emptied(issues)
    told = {properties.message_id for properties, _ in wire.take_all("booklet.issues")}
    assert len(told) == 2 * issues.count_documents({})


def test_a_broker_killed_under_a_publishing_relay_loses_nothing(
        relay: Process, issues: Any, wire: Wire, breakable: Servers) -> None:
    with filing() as made:
        eventually("events flow", lambda: wire.ready("booklet.issues"), until=lambda count: count > 20)
        wire.close()
        breakable.broker.kill()
        before = len(made)
        eventually("filing goes on", lambda: len(made), until=lambda count: count > before + 20)
        breakable.broker.start()
    all_told(issues, wire)
    assert "lost the broker" in relay.log()


def test_a_broker_short_of_memory_is_waited_for_without_hanging(
        relay: Process, issues: Any, wire: Wire, breakable: Servers) -> None:
    breakable.broker.control("set_vm_memory_high_watermark", "0.00001")
    try:
        filed(queued=False)
        eventually("it gave the blocked connection up", relay.log, until=lambda log: "lost the broker" in log)
        assert issues.count_documents({"outbox": {"$ne": []}}) == 1
    finally:
        breakable.broker.control("set_vm_memory_high_watermark", "0.4")
    all_told(issues, wire)


def test_a_database_that_stood_still_is_read_again(relay: Process, issues: Any, wire: Wire, breakable: Servers) -> None:
    breakable.mongo.pause()
    try:
        eventually("it noticed", relay.log, until=lambda log: "the database does not answer" in log)
    finally:
        breakable.mongo.resume()
    filed(queued=False)
    all_told(issues, wire)
