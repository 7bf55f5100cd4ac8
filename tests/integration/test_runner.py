"""The runner: processes end when told, whatever surrounds them, and say in one line why they cannot start."""
import json
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from chassis import caller
from chassis.caller import Caller
from deploy.local.ports import free_ports
from deploy.local.servers import Servers
from tests.integration.line import Line
from tests.integration.probing import WORK, a_probe
from tests.integration.processes import SERVICES, Process
from tests.integration.raw_http import request, send
from tests.integration.waiting import eventually
from tests.integration.wire import Wire

Running = Callable[..., Process]
NOWHERE = "127.0.0.1:1/mahalle"


def sleeps(process: Process) -> bool:
    assert process.child
    return Path(f"/proc/{process.child.pid}/stat").read_text().rpartition(") ")[2].startswith("S")


def events(process: Process) -> list[str]:
    """What its log says happened; every line of it must be JSON and name the service."""
    return [line["event"] for line in map(json.loads, process.log().splitlines()) if line["service"]]


def test_an_idle_process_stops_as_soon_as_it_is_told(running: Running) -> None:
    gateway = running("gateway")
    eventually("it has nothing to do", lambda: sleeps(gateway))
    assert gateway.stop(25) == 0
    assert (events(gateway)[0], events(gateway)[-1]) == ("serving", "stopped")


def test_sigterm_is_obeyed_while_the_broker_is_away(vhost: dict[str, str], tmp_path: Path) -> None:
    address, _, name = vhost["MAHALLE_BROKER"].partition("/")
    with Line(int(address.rpartition(":")[2])) as line, Wire(vhost) as wire, a_probe(
            vhost | {"MAHALLE_BROKER": f"127.0.0.1:{line.port}/{name}"}, tmp_path, wire=wire) as probe:
        line.cut()
        eventually("it noticed", probe.process.log, until=lambda log: "the broker is away" in log)
        assert probe.process.stop() == 0


@pytest.mark.breaks
def test_sigterm_is_obeyed_while_a_silent_broker_keeps_a_message_from_being_parked(
        breakable: Servers, breakable_vhost: dict[str, str], tmp_path: Path) -> None:
    with a_probe(breakable_vhost | {"MAHALLE_GRACE": "2"}, tmp_path) as probe:
        probe.goes_on()
        with probe.asleep():
            probe.tell("fail")
            probe.has_taken_all()
            breakable.broker.pause()
        try:
            eventually("it is being parked", probe.process.log, until=lambda log: "will be tried again" in log)
            assert probe.process.stop() == 0
        finally:
            breakable.broker.resume()
        assert events(probe.process)[-1] == "did not stop in time, and ends without"
        eventually("the message is still there", lambda: probe.wire.ready(WORK), until=lambda count: count == 1)


def test_a_request_under_way_is_answered_before_the_process_ends(vhost: dict[str, str], tmp_path: Path) -> None:
    signed = f"{caller.HEADER}: {caller.sign(Caller('resident', 'app'), vhost['MAHALLE_INTERNAL_SECRET'])}"
    with a_probe(vhost, tmp_path) as probe, ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(send, probe.url, request("GET", "/statistics?by=take-a-while", signed))
        eventually("it is at work", probe.process.log, until=lambda log: '"asked"' in log)
        assert probe.process.stop() == 0
        assert under_way.result().status == 200


def one_line(process: Process, status: int, *words: str) -> None:
    assert process.wait() == status
    told = process.log().splitlines()
    assert len(told) == 1 and all(word in told[0] for word in words), told


def test_a_taken_port_is_one_line_and_exit_1_also_when_another_of_its_kind_has_it(
        running: Running, environment: dict[str, str], tmp_path: Path) -> None:
    first = running("booklet")
    second = Process(first.words, environment, first.port, tmp_path / "second.log").start(ready=False)
    one_line(second, 1, f"cannot listen on 127.0.0.1:{first.port}", "Stop what listens there, or set MAHALLE_BIND")
    assert first.ended() is None


@pytest.mark.parametrize(("name", "missing"), [
    ("gateway", "MAHALLE_INTERNAL_SECRET"), ("issues", "MAHALLE_FILER_SECRET")])
def test_a_forgotten_secret_is_one_line_and_exit_2(running: Running, name: str, missing: str) -> None:
    one_line(running(name, ready=False, **{missing: ""}), 2, missing)


def test_a_process_that_there_is_not_is_one_line_and_exit_2(environment: dict[str, str], tmp_path: Path) -> None:
    process = Process(["chassis.run", "nothing"], environment, free_ports(1)[0], tmp_path / "log").start(ready=False)
    one_line(process, 2, "gateway | registry | issues")


@pytest.mark.parametrize("name", ["gateway", *SERVICES])
def test_without_the_broker_every_process_is_alive_ready_and_measured(running: Running, name: str) -> None:
    process = running(name, MAHALLE_BROKER=NOWHERE)
    url = f"http://127.0.0.1:{process.inside}"
    for path, kind, expected in (("/livez", "application/json", "ok"), ("/readyz", "application/json", "ok"),
                                 ("/metrics", "text/plain", "mahalle_")):
        answer = send(url, request("GET", path))
        assert answer.status == 200 and answer.headers["content-type"].startswith(kind)
        assert expected in answer.body.decode()
        assert send(url, request("HEAD", path, "Connection: close")).status == 200
    assert process.stop() == 0
    assert "serving" in events(process)


def test_a_stranger_is_told_that_the_gateway_lives_and_not_how_it_is(running: Running) -> None:
    gateway = running("gateway")
    url = f"http://127.0.0.1:{gateway.port}"
    for path in ("/livez", "/readyz"):
        assert send(url, request("GET", path)).json() == {"status": "ok"}
    for path in ("/metrics", "/metrics?x=1", "//metrics", "/metrics/", "/livez/../metrics"):
        answer = send(url, request("GET", path))
        assert answer.status in (400, 404) and b"mahalle_http" not in answer.body


def test_a_taken_port_for_what_is_told_inside_is_one_line_and_exit_1(
        running: Running, environment: dict[str, str], tmp_path: Path) -> None:
    first = running("gateway")
    second = Process(first.words, environment, free_ports(1)[0], tmp_path / "second.log")
    one_line(second.start(ready=False, MAHALLE_BIND=f"127.0.0.1:{first.inside}"), 1,
             f"cannot listen on 127.0.0.1:{first.inside}", "MAHALLE_BIND")


def test_the_relay_is_ready_only_with_the_broker_and_alive_without(running: Running) -> None:
    relay = running("relay", MAHALLE_BROKER=NOWHERE, ready=False)
    url = f"http://127.0.0.1:{relay.port}"

    def asked(path: str) -> Any:
        try:
            return send(url, request("GET", path)).status
        except OSError as error:
            return str(error)

    eventually("it is alive", lambda: asked("/livez"), until=lambda status: status == 200)
    assert (asked("/readyz"), asked("/metrics"), asked("/nothing")) == (503, 200, 404)
    relay.send(signal.SIGTERM)
    assert relay.wait() == 0


def test_without_its_database_a_service_is_alive_and_not_ready(
        running: Running, environment: dict[str, str]) -> None:
    issues = running("issues", ready=False, MONGO_URI="mongodb://127.0.0.1:1/?directConnection=true")
    url = f"http://127.0.0.1:{issues.port}"
    eventually("it serves", issues.log, until=lambda log: '"serving"' in log)
    assert send(url, request("GET", "/livez")).status == 200
    unready = send(url, request("GET", "/readyz"))
    assert (unready.status, unready.json()) == (503, {"status": "not ready", "database": False})
    assert issues.stop() == 0
