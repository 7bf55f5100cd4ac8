"""Clients that send half, break off, come in crowds or never leave: they disturb nobody else."""
import resource
import socket
import struct
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from chassis import caller
from chassis.caller import Caller
from tests.integration import raw_http
from tests.integration.probing import Probe, a_probe
from tests.integration.raw_http import Answer, request, send
from tests.integration.waiting import eventually

WORKERS = 2
WAITING = 2 * WORKERS + 1  # who may wait for one of them
FILES = 60  # open files that a process may have


@pytest.fixture(scope="module")
def probe(vhost: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Probe]:
    """Two workers, whom a method may keep for a second; a body must be there after half a second."""
    with a_probe(vhost | {"MAHALLE_WORKERS": str(WORKERS)}, tmp_path_factory.mktemp("probe"),
                 "chassis.http_server.BODY_WITHIN=0.5", "chassis.http_server.WAIT_WITHIN=0.5") as probe:
        yield probe
        assert probe.process.ended() is None, probe.process.log()[-2000:]


@pytest.fixture
def signed(vhost: dict[str, str]) -> str:
    return f"{caller.HEADER}: {caller.sign(Caller('resident', 'app'), vhost['MAHALLE_INTERNAL_SECRET'])}"


def asked(probe: Probe, signed: str, deed: str = "note") -> Answer:
    return send(probe.url, request("GET", f"/statistics?by={deed}", signed))


def reset(line: socket.socket) -> None:
    """Ends a connection as a telephone does that falls into the water."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.close()


def half_requests(signed: str) -> list[bytes]:
    """As far as they come: a word, a header, a body, a chunk."""
    posted = request("POST", "/statistics", signed, "Content-Type: application/json", "Content-Length: 60000")
    chunky = request("POST", "/statistics", signed, "Content-Type: application/json", "Transfer-Encoding: chunked")
    return [b"", b"GE", b"GET /statistics HTTP/1.1\r\nHos",
            posted, posted + b"{", chunky, chunky + b"ffff\r\n{", chunky + b"zz"]


def test_half_requests_keep_no_worker(probe: Probe, signed: str) -> None:
    lines = [raw_http.connect(probe.url) for _ in range(5 * len(half_requests(signed)))]
    for line, half in zip(lines, half_requests(signed) * 5, strict=True):
        line.sendall(half)
    assert [asked(probe, signed).status for _ in range(5)] == [200] * 5
    for line in lines:
        line.close()


def test_connections_that_break_off_disturb_nobody(probe: Probe, signed: str) -> None:
    whole = [request("GET", "/statistics?by=note", signed), request("GET", "/statistics?by=be-slow", signed)]
    for sent in (half_requests(signed) + whole) * 3:
        line = raw_http.connect(probe.url)
        line.sendall(sent)
        reset(line)
        assert send(probe.url, request("GET", "/livez")).status == 200
    eventually("workers are free again", lambda: asked(probe, signed).status, until=lambda status: status == 200)


def test_a_body_that_does_not_come_is_given_up(probe: Probe, signed: str) -> None:
    for half in half_requests(signed)[3:]:
        answer = send(probe.url, half)
        assert (answer.status, answer.json()["code"], answer.headers["connection"]) == (400, "half_sent", "close")


def test_half_a_body_is_no_body_even_where_its_beginning_would_do(probe: Probe, signed: str) -> None:
    head = request("POST", "/statistics", signed, "Content-Type: application/json", "Content-Length: 40")
    with raw_http.connect(probe.url) as line:
        line.sendall(head + b'{"a": 1}')
        line.shutdown(socket.SHUT_WR)
        answer = raw_http.answer_on(line)
    assert (answer.status, answer.json()["code"]) == (400, "half_sent")


def test_a_full_house_says_so_at_once_while_health_is_answered(probe: Probe, signed: str) -> None:
    with ThreadPoolExecutor(40) as pool:
        crowd = [pool.submit(asked, probe, signed, "be-slow") for _ in range(40)]
        for path in ("/livez", "/readyz", "/metrics") * 3:
            assert send(probe.url, request("GET", path)).status == 200
        eventually("those who find no place are told", lambda: sum(each.done() for each in crowd),
                   until=lambda done: done >= 40 - WORKERS - WAITING)
        answers = [each.result() for each in crowd]
    refused = [answer for answer in answers if answer.json()["code"] == "busy"]
    assert {(answer.status, answer.headers["retry-after"]) for answer in refused} == {(503, "2")}
    assert len(refused) >= 40 - 2 * WORKERS, "who waits half a second for a worker is told as well"
    eventually("there is room again", lambda: asked(probe, signed).status, until=lambda status: status == 200)


def test_when_no_file_is_left_it_lives_and_serves_again_when_others_have_gone(probe: Probe, signed: str) -> None:
    pid = probe.process.child.pid if probe.process.child else 0
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (FILES, resource.prlimit(pid, resource.RLIMIT_NOFILE)[1]))
    lines = [raw_http.connect(probe.url) for _ in range(2 * FILES)]
    eventually("no more can be accepted", probe.process.log, until=lambda log: "no connection could be accepted" in log)
    for line in lines:
        line.close()
    eventually("it serves again", lambda: asked(probe, signed).status, until=lambda status: status == 200)
