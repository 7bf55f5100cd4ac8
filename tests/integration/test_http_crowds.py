"""Crowds, and clients that take their time with what they send or take: they are shown out, and nobody else waits."""
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from chassis import caller
from chassis.caller import Caller
from tests.integration import raw_http
from tests.integration.probing import Probe, a_gateway, a_probe, probed_key
from tests.integration.processes import Process
from tests.integration.raw_http import Answer, request, send
from tests.integration.waiting import eventually

MOST = 40  # connections that the probe takes in all
EACH = 20  # that the gateway takes from one address
WORKERS = 2  # of the gateway
WAITING = 2 * WORKERS + 1  # who may wait for one of them
NOTE = request("GET", "/v1/statistics?by=note")
HELD = 3.0  # seconds for which a method holds a worker


@pytest.fixture(scope="module")
def probe(vhost: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Probe]:
    """A head must be there after half a second, and an answer be taken after one."""
    limits = [f"chassis.protocol.{limit}" for limit in ("HEAD_WITHIN=0.5", "TAKEN_WITHIN=1", "HEARD_WITHIN=0.5")]
    with a_probe(vhost | {"MAHALLE_CONNECTIONS": str(MOST)}, tmp_path_factory.mktemp("probe"), *limits) as probe:
        yield probe
        assert probe.process.ended() is None, probe.process.log()[-2000:]


@pytest.fixture(scope="module")
def gateway(probe: Probe, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    with a_gateway(probe, tmp_path_factory.mktemp("gateway"), MAHALLE_CONNECTIONS_EACH=str(EACH),
                   MAHALLE_WORKERS=str(WORKERS), MAHALLE_CONNECTIONS="2000") as process:
        yield process


@pytest.fixture
def signed(vhost: dict[str, str]) -> str:
    return f"{caller.HEADER}: {caller.sign(Caller('resident', 'app'), vhost['MAHALLE_INTERNAL_SECRET'])}"


@pytest.fixture
def lines() -> Iterator[list[socket.socket]]:
    """Connections that the test opens; they end with it."""
    found: list[socket.socket] = []
    yield found
    for line in found:
        line.close()


def everything(line: socket.socket) -> bytes:
    try:
        return b"".join(iter(lambda: line.recv(65536), b""))
    except OSError:
        return b""


@pytest.mark.parametrize("begin", [b"G", b"GET /statistics HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: localhost\r\n"])
def test_a_head_that_comes_a_letter_at_a_time_is_given_up(probe: Probe, lines: list[socket.socket], begin: bytes) -> None:
    lines.append(raw_http.connect(probe.url))
    lines[0].sendall(begin)
    end = time.monotonic() + 20
    lines[0].settimeout(0.1)
    told = b""
    while not told and time.monotonic() < end:
        try:
            lines[0].sendall(b"x")
            told = lines[0].recv(65536)
        except TimeoutError:
            continue
    assert told.startswith(b"HTTP/1.1 408 ") and b'"too_slow"' in told
    assert probe.metric("mahalle_refused_requests_total", reason="too_slow") >= 1


def test_whoever_says_nothing_makes_room_for_who_does(probe: Probe, signed: str, lines: list[socket.socket]) -> None:
    lines += [raw_http.connect(probe.url) for _ in range(3 * MOST)]
    asked = [send(probe.url, request("GET", "/statistics?by=note", signed)).status for _ in range(MOST)]
    assert asked == [200] * MOST
    assert probe.metric("mahalle_http_connections") <= MOST + 1
    assert everything(lines[0]) == b"", "who has waited longest is shown out"


def test_an_answer_that_nobody_takes_is_given_up(probe: Probe, signed: str, lines: list[socket.socket]) -> None:
    before = probe.metric("mahalle_refused_requests_total", reason="answer_not_taken")
    line = socket.socket()
    lines.append(line)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.connect(("127.0.0.1", probe.process.port))
    line.settimeout(1)
    body = b'{"a": "' + b"x" * 60_000 + b'"}'
    whole = request("POST", "/statistics", "Content-Type: application/json", signed, f"Content-Length: {len(body)}") + body
    try:
        for _ in range(500):
            line.sendall(whole)
    except OSError:
        pass  # it reads no more: it is busy writing
    eventually("it is given up", lambda: probe.metric("mahalle_refused_requests_total", reason="answer_not_taken"),
               until=lambda count: count > before)
    assert send(probe.url, request("GET", "/statistics?by=note", signed)).status == 200


def test_from_one_address_only_so_many_connections_are_taken(url: str, gateway: Process, lines: list[socket.socket]) -> None:
    lines += [raw_http.connect(url) for _ in range(EACH)]
    refused = send(url, b"")
    assert (refused.status, refused.json()["code"], refused.headers["connection"]) == (503, "too_many_connections", "close")
    assert int(refused.headers["retry-after"]) > 0
    with socket.create_connection(("127.0.0.1", gateway.port), 30, ("127.0.0.2", 0)) as other:
        other.sendall(NOTE)
        assert raw_http.answer_on(other).status == 200, "another address has its own"
    lines.pop().close()
    eventually("one that left makes room", lambda: send(url, NOTE).status, until=lambda status: status == 200)


def answered_quickly(gateway: Process) -> float:
    """How many have been within a second, which is less than anybody waits for a worker."""
    bucket = 'mahalle_http_request_duration_seconds_bucket{le="1.0",route="/v1/statistics"'
    return next((float(line.split()[1]) for line in gateway.metrics().splitlines() if line.startswith(bucket)), 0.0)


def test_all_workers_held_is_said_at_once_while_health_is_answered(url: str, gateway: Process, probe: Probe) -> None:
    before, inside = answered_quickly(gateway), f"http://127.0.0.1:{gateway.inside}"
    with probe.asleep(), ThreadPoolExecutor(EACH) as pool:
        crowd = [pool.submit(send, url, NOTE) for _ in range(EACH - 3)]
        for at, path in ((url, "/livez"), (url, "/readyz"), (inside, "/livez"), (inside, "/metrics")):
            assert send(at, request("GET", path)).status == 200
        first = eventually("those who find no place are told", lambda: [each for each in crowd if each.done()])
        told: list[Answer] = [each.result() for each in first]
        statuses = [each.result().status for each in crowd]
    assert statuses == [503] * len(crowd) and answered_quickly(gateway) - before >= len(crowd) - WORKERS - WAITING
    assert {(each.status, each.json()["code"], each.headers["retry-after"]) for each in told} == {(503, "busy", "2")}
    eventually("there is room again", lambda: send(url, NOTE).status, until=lambda status: status == 200)


def test_five_hundred_who_send_half_keep_nobody_from_being_answered(
        probe: Probe, tmp_path_factory: pytest.TempPathFactory, lines: list[socket.socket]) -> None:
    key = f"Authorization: Bearer {probed_key('resident')}"
    halves = [b"", b"GET /v1/iss", NOTE[:-2], request("POST", "/v1/issues", key, "Content-Length: 60000") + b"{"]
    with a_gateway(probe, tmp_path_factory.mktemp("crowded"), MAHALLE_WORKERS="5", MAHALLE_CONNECTIONS="2000") as crowded:
        url = f"http://127.0.0.1:{crowded.port}"
        for number in range(500):
            lines.append(raw_http.connect(url))
            lines[-1].sendall(halves[number % len(halves)])
        assert [send(url, NOTE).status for _ in range(50)] == [200] * 50
        assert crowded.log().count("half_sent") == 0, "they are not even gone"
