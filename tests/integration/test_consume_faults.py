"""A consumer while the broker, its connection, its queue or its own process goes away: nothing lost, nothing acked away."""
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.broker import NODE
from deploy.local.servers import Servers
from tests.integration.line import Line
from tests.integration.probing import DEAD, FIRST_RUNG, WORK, Probe, a_probe, at_rest, declared_again
from tests.integration.waiting import eventually
from tests.integration.wire import Wire

PREFETCH = 128


@pytest.fixture(scope="module")
def line(vhost: dict[str, str]) -> Iterator[Line]:
    with Line(int(vhost["MAHALLE_BROKER"].partition("/")[0].rpartition(":")[2])) as line:
        yield line


@pytest.fixture(scope="module")
def running(vhost: dict[str, str], line: Line, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Probe]:
    """Its broker is at the end of a line; it notices silence after four seconds."""
    through = vhost | {"MAHALLE_BROKER": f"127.0.0.1:{line.port}/{vhost['MAHALLE_BROKER'].partition('/')[2]}"}
    with Wire(vhost) as wire, a_probe(through, tmp_path_factory.mktemp("probe"), "chassis.connection.HEARTBEAT=2",
                                      "chassis.consume.TICK=0.2", "chassis.consume.RENEW=1", wire=wire) as probe:
        yield probe


@pytest.fixture
def probe(running: Probe) -> Iterator[Probe]:
    yield from at_rest(running)


def test_when_the_broker_was_away_it_takes_messages_again(probe: Probe, line: Line) -> None:
    line.cut()
    told = probe.tell("note", 3)
    eventually("it noticed", probe.process.log, until=lambda log: "the broker is away" in log)
    line.mend()
    probe.does(told)


def test_a_broker_that_falls_silent_is_given_up_and_called_again(probe: Probe, line: Line) -> None:
    def given_up() -> int:
        return probe.process.log().count("the broker is away")

    line.stall()
    try:
        told, before = probe.tell("note", 3), given_up()
        eventually("the silence is noticed", given_up, until=lambda count: count > before)
    finally:
        line.cut()
        line.mend()
    probe.does(told)


def test_connections_closed_under_a_batch_bring_it_again_with_effect_once(probe: Probe, wire: Wire) -> None:
    told = probe.tell("take-a-while")
    eventually("it is at work", lambda: probe.tries(told[0]))
    told += probe.tell("note", 5)
    assert close_connections(wire) > 0
    probe.does(told)
    assert probe.leftovers() == {}


def close_connections(wire: Wire) -> int:
    """Those of the probe's user, as soon as the broker's management knows them; how many they were."""
    def found() -> list[str]:
        return [each["name"] for each in wire.management.call("GET", f"/vhosts/{wire.vhost}/connections")
                if each.get("user") == "booklet"]

    names = eventually("the broker's management sees the connections", found)
    for name in names:
        wire.management.call("DELETE", f"/connections/{name.replace(' ', '%20').replace('>', '%3E')}")
    return len(names)


def test_while_its_queue_is_gone_it_looks_for_it_until_it_is_there(probe: Probe, wire: Wire) -> None:
    wire.channel.queue_delete(WORK)
    eventually("it misses it", probe.process.log, until=lambda log: "Cancelled" in log and "NotFound" in log)
    declared_again(wire, WORK)
    probe.does(probe.tell("note", 3))


def test_a_queue_deleted_and_declared_again_at_once_is_consumed_again(probe: Probe, wire: Wire) -> None:
    declared_again(wire, WORK)
    probe.does(probe.tell("note", 3))


def test_without_its_retry_queue_a_failed_message_stays_until_there_is_one(probe: Probe, wire: Wire) -> None:
    wire.channel.queue_delete(FIRST_RUNG)
    probe.tell("fail")
    eventually("it could not be parked", probe.process.log, until=lambda log: "could not be parked yet" in log)
    probe.holds(1)
    declared_again(wire, FIRST_RUNG)
    assert eventually("it waits on the ladder", lambda: wire.take(FIRST_RUNG))


def test_losing_full_hands_again_and_again_makes_no_dead_letter_of_a_healthy_message(probe: Probe, line: Line) -> None:
    with probe.asleep():
        slow = probe.tell("take-longer", exchange="registry.events")
        told = slow + probe.tell("note", PREFETCH + 20, exchange="registry.events")
    for time in range(1, 7):
        eventually(f"it is at work for time {time}", lambda time=time: len(probe.tries(slow[0])) >= time)
        if time % 3 == 0:
            probe.process.kill()
            probe.process.start(ready=False)
        else:
            line.cut()
            line.mend()
    probe.does(told)
    assert probe.leftovers() == {}


def test_told_to_stop_it_settles_the_batch_under_way_and_no_other(probe: Probe, wire: Wire) -> None:
    at_work = probe.tell("take-a-while")
    eventually("it is at work", lambda: probe.tries(at_work[0]))
    with probe.asleep():
        later = probe.tell("note", 3)
        probe.process.send(signal.SIGTERM)
    assert probe.process.wait() == 0
    assert probe.did(at_work) == 1 and len(probe.tries(at_work[0])) == 1
    eventually("the others wait", lambda: wire.ready(WORK), until=lambda count: count == len(later) - probe.did(later))
    probe.process.start()
    probe.does(later)
    assert probe.tries(at_work[0]) == [1], "it did not come again"


@pytest.fixture
def blocked_probe(breakable: Servers, breakable_vhost: dict[str, str], tmp_path: Path) -> Iterator[Probe]:
    """Its broker may be blocked and stopped; messages stay on the first rung."""
    with a_probe(breakable_vhost, tmp_path, "chassis.parking.SEND_WITHIN=1") as probe:
        declared_again(probe.wire, FIRST_RUNG, **{"x-message-ttl": 600_000})
        yield probe
        declared_again(probe.wire, FIRST_RUNG)


def control(servers: Servers, *words: str) -> None:
    """rabbitmqctl of these servers' own node."""
    subprocess.run(["/usr/lib/rabbitmq/bin/rabbitmqctl", "-n", NODE, *words], check=True, capture_output=True, timeout=60,
                   env={**os.environ, **servers.broker._environment()})


@pytest.mark.breaks
def test_under_a_memory_alarm_nothing_is_acknowledged_before_its_one_copy_is_confirmed(
        blocked_probe: Probe, breakable: Servers) -> None:
    probe = blocked_probe
    with probe.asleep():
        told, failing, refused = probe.tell("note"), probe.tell("fail"), probe.tell("be-refused")
        control(breakable, "set_vm_memory_high_watermark", "0.00001")
    try:
        eventually("the broker does not confirm", probe.process.log, until=lambda log: log.count("not confirmed") > 2)
        probe.holds(2)
    finally:
        control(breakable, "set_vm_memory_high_watermark", "0.4")
    probe.goes_on()
    assert probe.did(told) == 1 and probe.did(failing + refused) == 0
    assert probe.leftovers() == {FIRST_RUNG: 1, DEAD: 1}


@pytest.mark.breaks
def test_a_broker_that_stood_still_while_messages_were_parked_leaves_none_unsettled(
        blocked_probe: Probe, breakable: Servers) -> None:
    probe = blocked_probe
    told = probe.tell("take-a-while")
    eventually("it is at work", lambda: probe.tries(told[0]))
    with probe.asleep():
        probe.tell("fail", 3)
        probe.has_taken_all()
        breakable.broker.pause()
    try:
        eventually("none can be parked", probe.process.log, until=lambda log: "could not be parked yet" in log)
    finally:
        breakable.broker.resume()
    eventually("all are on the ladder", probe.leftovers, until=lambda seen: seen == {FIRST_RUNG: 3})
    probe.goes_on()
