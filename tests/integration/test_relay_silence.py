"""A queue from which the broker confirms nothing, as one without a leader, holds back nobody but its own agency."""
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from chassis import outbox, relay
from deploy.local.servers import Servers
from tests.integration.carrying import carrying, emptied, filed, published, stuck, waiting
from tests.integration.conftest import Connect
from tests.integration.waiting import eventually
from tests.integration.wire import Wire

A1 = "agency.a1.tasks"


@pytest.fixture
def issues(database: Connect, wire: Wire, registered_agency: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    """The stored issues, two at a time, each batch waited for a second."""
    monkeypatch.setattr(relay, "BATCH", 2)
    monkeypatch.setattr(relay, "CONFIRM_WITHIN", 1.0)
    registered_agency("a1")
    return database("issues").issues


@contextmanager
def silent(servers: Servers, wire: Wire, queue: str) -> Iterator[None]:
    """The queue's process stands still: what is published to it is neither confirmed nor refused."""
    process = f"'{wire.vhost}_{queue}'"
    servers.broker.control("eval", f"sys:suspend({process}).")
    try:
        yield
    finally:
        servers.broker.control("eval", f"sys:resume({process}).")


def test_what_is_meant_for_a_silent_queue_has_its_own_next_time_and_others_pass(
        issues: Any, servers: Servers, wire: Wire) -> None:
    before = published("silent")
    with carrying("issues"), silent(servers, wire, A1):
        held = [filed() for _ in range(3)]
        other = filed(queued=False)
        eventually("another issue is told", lambda: waiting(issues, other.id), until=lambda left: left == [])
        assert published("silent") > before
        assert [stuck(issues, issue.id, tries=0)["key"] for issue in held] == ["a1"] * 3


def test_a_silent_queue_is_asked_again_only_when_its_time_has_come(
        issues: Any, servers: Servers, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "FIRST_PAUSE", 120)
    with carrying("issues"), silent(servers, wire, A1):
        stuck(issues, filed().id)
        before = published("silent")
        behind = [filed() for _ in range(4)]
        eventually("what came later rests as well", lambda: [stuck(issues, issue.id, tries=0) for issue in behind],
                   until=lambda left: all(entry["due"] > entry["at"] + timedelta(seconds=5) for entry in left))
        assert published("silent") == before


def test_a_silent_queue_that_speaks_again_is_told_without_a_hand(issues: Any, servers: Servers, wire: Wire) -> None:
    with carrying("issues"):
        with silent(servers, wire, A1):
            stuck(issues, filed().id)
            filed()
        emptied(issues)
    assert len({properties.message_id for properties, _ in wire.take_all(A1)}) == 2
