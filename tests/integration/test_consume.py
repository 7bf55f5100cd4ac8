"""What stock nameko loses, loops on or dies of (test_stock_nameko.py), the chassis settles: under the same words."""
import json
from collections.abc import Iterator

import pytest

from tests.integration.probing import (
    DEAD,
    FILED,
    FIRST_RUNG,
    KEY,
    LAST_RUNG,
    WORK,
    Probe,
    at_rest,
    body_of,
    declared_again,
    the_clock_passes,
)
from tests.integration.waiting import eventually
from tests.integration.wire import Wire, headers

SECOND_RUNG = "booklet.issues.retry.30s"


@pytest.fixture
def probe(probe: Probe) -> Iterator[Probe]:
    yield from at_rest(probe)


def reason(wire: Wire, queue: str) -> str:
    """Why the only message of a queue lies there."""
    found = eventually(f"a message lies in {queue}", lambda: wire.take_all(queue))
    assert len(found) == 1
    return str((found[0][0].headers or {})["x-reason"])


def test_what_waits_is_handled_together(probe: Probe) -> None:
    probe.goes_on()
    with probe.asleep():
        told = probe.tell("note", 20)
        probe.has_taken_all()
    probe.does(told)
    assert max(together for event in told for together in probe.tries(event)) > 5


def test_a_handler_that_raises_loses_no_message_and_spoils_none_of_its_neighbours(probe: Probe, wire: Wire) -> None:
    with probe.asleep():
        before, failing, after = probe.tell("note", 5), probe.tell("fail"), probe.tell("note", 5)
    probe.does(before + after)
    assert reason(wire, FIRST_RUNG) == "RuntimeError"
    assert probe.tries(failing[0])[-1] == 1, "tried alone in the end"
    assert probe.did(failing) == 0 and probe.leftovers() == {}


def test_a_passing_trouble_is_tried_again_later_and_later_until_it_has_passed(probe: Probe, wire: Wire) -> None:
    told = probe.tell("fail-twice")
    the_clock_passes(wire, FIRST_RUNG)
    the_clock_passes(wire, SECOND_RUNG)
    probe.does(told)
    assert len(probe.tries(told[0])) == 3 and probe.leftovers() == {}


def test_the_last_rung_is_used_again_and_again_and_each_attempt_is_counted(probe: Probe, wire: Wire) -> None:
    probe.tell("fail")
    for attempt, rung in enumerate((FIRST_RUNG, SECOND_RUNG, LAST_RUNG, LAST_RUNG), 1):
        found = eventually(f"it waits in {rung}", lambda rung=rung: wire.take(rung))
        assert found and (found[0].headers or {})["x-attempt"] == attempt
        wire.publish("booklet.retries", rung, found[1], found[0].headers or {})
        the_clock_passes(wire, rung)
    assert reason(wire, LAST_RUNG) == "RuntimeError"


def test_the_broker_itself_brings_back_what_waited_long_enough(probe: Probe, wire: Wire) -> None:
    declared_again(wire, FIRST_RUNG, **{"x-message-ttl": 200})
    told = probe.tell("fail-twice")
    the_clock_passes(wire, SECOND_RUNG)
    probe.does(told)
    assert (probe.effect(told[0]) or {})["key"] == KEY, "under the key it was first published with"
    declared_again(wire, FIRST_RUNG)


def test_after_a_day_of_trying_it_is_a_dead_letter(probe: Probe, wire: Wire) -> None:
    probe.tell("fail")
    found = eventually("it waits", lambda: wire.take(FIRST_RUNG))
    assert found
    long_ago = (found[0].headers or {})["x-first-failed"] - 24 * 3600 - 1
    wire.publish("booklet.retries", WORK, found[1], (found[0].headers or {}) | {"x-first-failed": long_ago})
    assert reason(wire, DEAD) == "retried for a day: RuntimeError"


@pytest.mark.parametrize(("deed", "why"), [("fail-for-good", "it can never succeed"), ("be-refused", "Refused")])
def test_what_can_never_succeed_is_a_dead_letter_at_once(probe: Probe, wire: Wire, deed: str, why: str) -> None:
    told = probe.tell(deed)
    assert reason(wire, DEAD) == why
    assert probe.tries(told[0]) == [1]


@pytest.mark.parametrize(("deed", "why"), [
    ("be-slow", "TimeLimit"), ("time-out-within", "TimeLimit"), ("leave", "Left")])
def test_a_timeout_within_a_handler_leaks_no_place(probe: Probe, wire: Wire, deed: str, why: str) -> None:
    told = probe.tell(deed, 2)
    found = eventually("both will be tried again", lambda: wire.ready(FIRST_RUNG), until=lambda seen: seen == 2)
    assert found and {(properties.headers or {})["x-reason"] for properties, _ in wire.take_all(FIRST_RUNG)} == {why}
    assert probe.did(told) == 0


def test_what_was_settled_is_counted_by_outcome(probe: Probe, wire: Wire) -> None:
    def count(outcome: str) -> float:
        return probe.metric("mahalle_consumed_messages_total", queue=WORK, outcome=outcome)

    before = {outcome: count(outcome) for outcome in ("done", "retried", "dead")}
    probe.does(probe.tell("note", 3))
    probe.tell("fail", 2)
    probe.tell("be-refused")
    expected = {"done": 3, "retried": 2, "dead": 1}
    eventually("each is counted once", lambda: {outcome: count(outcome) - before[outcome] for outcome in before},
               until=lambda seen: seen == expected)


def test_the_trace_of_an_event_is_that_of_its_handling(probe: Probe, wire: Wire) -> None:
    trace = "00-6bf92f3577b34da6a3ce929d0e0e4738-00f067aa0ba902b7-01"
    given = headers(FILED, **{"ce-traceparent": trace})
    wire.publish("issues.events", KEY, body_of("note"), given)
    probe.does([given["ce-id"]])
    assert (probe.effect(given["ce-id"]) or {})["trace"] == trace
    assert trace in [json.loads(line).get("trace") for line in probe.process.log().splitlines() if given["ce-id"] in line]
