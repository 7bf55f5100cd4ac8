"""What is sent, as the server sees it: whole or in chunks, too large, broken, or no HTTP at all. On real connections."""
import json
import re
import socket
from pathlib import Path
from typing import Any

import pytest

from chassis import caller
from chassis.caller import Caller
from tests.integration import raw_http
from tests.integration.probing import Probe, probed_key
from tests.integration.processes import Process
from tests.integration.raw_http import chunked, request, send
from tests.integration.waiting import eventually

JSON = "Content-Type: application/json"
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture
def key() -> str:
    """The header of a resident's program."""
    return f"Authorization: Bearer {probed_key('resident')}"


@pytest.fixture
def signed(vhost: dict[str, str]) -> str:
    """The header with which a service believes that the gateway asks."""
    return f"{caller.HEADER}: {caller.sign(Caller('resident', 'app'), vhost['MAHALLE_INTERNAL_SECRET'])}"


BODIES: dict[str, tuple[bytes, int, str]] = {
    "broken": (b'{"text": "x"', 400, "malformed_json"),
    "broken UTF-8": (b'{"text": "\xff"}', 400, "malformed_json"),
    "half a letter": (rb'{"text": "\ud800"}', 400, "malformed_json"),
    "not a number": (b'{"text": NaN}', 400, "malformed_json"),
    "an array": (b'["text"]', 400, "malformed_json"),
    "a number": (b"1", 400, "malformed_json"),
    "null": (b"null", 400, "malformed_json"),
    "nested too deeply to be written again": (b'{"a":' * 300 + b"1" + b"}" * 300, 400, "malformed_json"),
    "nested deeper": (b'{"a":' * 6_000 + b"1" + b"}" * 6_000, 400, "malformed_json"),
    "a hundred thousand letters": (json.dumps({"text": "آ" * 100_000}, ensure_ascii=False).encode(), 413, "body_too_large"),
    "30 MB": (b'{"text": "' + b"x" * 30_000_000 + b'"}', 413, "body_too_large"),
}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("way", ["whole", "chunked"])
def test_a_body_that_cannot_be_taken_is_refused_before_any_service_is_asked(url: str, key: str, name: str, way: str) -> None:
    body, status, code = BODIES[name]
    sent = body if way == "whole" else chunked(*(body[at:at + 50_000] for at in range(0, len(body), 50_000)))
    length = f"Content-Length: {len(body)}" if way == "whole" else "Transfer-Encoding: chunked"
    answer = send(url, request("POST", "/v1/issues", JSON, key, length) + sent)
    if name == "30 MB" and not answer.status:
        return  # the connection was closed while it was still sent: nothing of the answer was read
    assert (answer.status, answer.json()["code"]) == (status, code)


def test_a_body_of_another_type_is_refused(url: str, key: str) -> None:
    for kind in ("Content-Type: text/plain", "Content-Type: application/x-www-form-urlencoded", "X-None: 1",
                 "Content-Type: multipart/form-data", "Content-Type: message/rfc822", "Content-Type: application/xml",
                 "Content-Type: application/json-patch+json", "Content-Type: \xff"):
        answer = send(url, request("POST", "/v1/issues", kind, key, "Content-Length: 2") + b"{}")
        assert (answer.status, answer.json()["code"]) == (415, "not_json")


def test_a_chunked_body_is_read_whole_and_of_a_key_given_twice_the_last_counts(probe: Probe, signed: str) -> None:
    body = json.dumps({"a": "آ" * 10_000}).encode()[:-1] + b', "b": 1, "b": 2}'
    pieces = [body[at:at + 997] for at in range(0, len(body), 997)]
    answer = send(probe.url, request("POST", "/statistics", JSON, signed, "Transfer-Encoding: chunked") + chunked(*pieces))
    assert answer.status == 200 and answer.json() == {"a": "آ" * 10_000, "b": 2}


def test_a_large_body_costs_no_memory(url: str, key: str, gateway: Process) -> None:
    def resident() -> int:
        status = Path(f"/proc/{gateway.child.pid if gateway.child else 0}/status").read_text()
        return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0])

    before = resident()
    for _ in range(3):
        send(url, request("POST", "/v1/issues", JSON, key, "Content-Length: 30000000") + b"x" * 30_000_000)
    assert resident() - before < 15_000, "kB"


@pytest.mark.parametrize(("query", "status"), [
    ("words=%D8%A2%D8%A8", 200), ("words=%00", 200), ("words=%ff", 400), ("words=\xff", 400), ("words=" + "x" * 5_000, 413),
    ("words=" + "," * 3_000, 413),
    ("&".join(f"a{n}=1" for n in range(60)), 400)])
def test_a_query_is_utf_8_and_bounded(url: str, query: str, status: int) -> None:
    assert send(url, request("GET", f"/v1/statistics?by=note&{query}")).status == status


def test_nothing_sent_can_write_a_header(url: str) -> None:
    evil = "x%0d%0aSet-Cookie:%20a=1"
    folded = (f"traceparent: {TRACE}\r\n Set-Cookie: a=1", "Issue-Secret: x\r\n\tSet-Cookie: a=1",
              "X-Request-ID: x\rSet-Cookie: a=1")
    for path in (f"/v1/issues/{evil}", f"/v1/statistics?by=note&cursor={evil}", f"/v1/{evil}"):
        for line, statuses in ((f"Idempotency-Key: {evil}", (200, 404, 503)), *((each, (400,)) for each in folded)):
            answer = send(url, request("GET", path, line, f"X-Request-ID: {evil}", f"Origin: {evil}"))
            assert answer.status in statuses and "set-cookie" not in answer.headers


def test_who_has_no_key_is_answered_without_a_worker_for_the_body(url: str) -> None:
    """A body is not even awaited from somebody who may not send one."""
    with raw_http.connect(url) as line:
        line.sendall(request("POST", "/v1/issues", JSON, "Authorization: Bearer none", "Content-Length: 60000"))
        line.settimeout(60)
        line.sendall(b"x" * 60_000)
        assert raw_http.answer_on(line).status == 401


def test_a_wrong_way_to_end_a_body_is_refused_and_what_follows_is_no_request(url: str, key: str) -> None:
    hidden = request("GET", "/v1/statistics?by=note")
    for lines in (("Transfer-Encoding: gzip, chunked",), ("Transfer-Encoding: chunked", "Content-Length: 3"),
                  ("Content-Length: -1",), ("Content-Length: x",)):
        with raw_http.connect(url) as line:
            line.sendall(request("POST", "/v1/issues", JSON, key, *lines) + hidden)
            assert raw_http.answer_on(line).status == 400
            assert b"HTTP/1.1 200" not in everything(line)


def everything(line: Any) -> bytes:
    try:
        return b"".join(iter(lambda: line.recv(65536), b""))
    except OSError:
        return b""


def test_what_is_no_http_is_refused_without_being_repeated(url: str, gateway: Process) -> None:
    for garbage in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"somebody-in-n1", b"GET / HTTP/9.9",
                    b"GET / somebody-in-n1 HTTP/1.1"):
        answer = send(url, garbage + b"\r\n\r\n")
        assert answer.status in (0, 400, 505) and b"somebody" not in answer.body
    eventually("it serves on", lambda: send(url, request("GET", "/livez")).status, until=lambda status: status == 200)
    assert all(json.loads(line) for line in gateway.log().splitlines()) and "somebody" not in gateway.log()


@pytest.mark.parametrize("lines", [
    [f"h{number}: 1" for number in range(10_000)], ["Huge: " + "x" * 500_000],
    [f"h{number}: {'x' * 7_000}" for number in range(50)]], ids=["ten thousand", "a giant", "many large ones"])
def test_more_headers_than_anybody_needs_are_refused(url: str, lines: list[str]) -> None:
    answer = send(url, request("GET", "/v1/statistics?by=note", *lines))
    assert (answer.status, answer.json()["code"], answer.headers["content-type"], answer.headers["connection"]) == (
        431, "headers_too_large", "application/problem+json", "close")


def test_a_giant_address_is_refused(url: str) -> None:
    for size in (8_192, 100_000, 5_000_000):
        answer = send(url, request("GET", "/" + "x" * size))
        assert (answer.status, answer.json()["code"]) == (414, "address_too_long")


HEADS = {
    "two lengths": b"Content-Length: 2\r\nContent-Length: 3\r\n", "the same length twice": b"Content-Length: 2\r\n" * 2,
    "a length with a sign": b"Content-Length: +2\r\n", "a length of Python's": b"Content-Length: 1_0\r\n",
    "a length and chunks": b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
    "chunks twice": b"Transfer-Encoding: chunked\r\n" * 2, "a space before the colon": b"Content-Length : 2\r\n",
    "a header without a name": b": 2\r\n", "no header at all": b"somebody-in-n1\r\n", "a fold": b"X: a\r\n b\r\n",
    "a carriage return within": b"X: a\rContent-Length: 2\r\n", "a NUL": b"X: a\x00b\r\n", "two hosts": b"Host: other\r\n",
    "a bare line feed": b"X: a\nContent-Length: 0\r\n", "a bare line feed at the end": b"Content-Length: 0\r\n\n"}


@pytest.mark.parametrize("name", HEADS)
def test_a_head_that_a_proxy_might_read_otherwise_is_refused_and_what_follows_is_no_request(url: str, name: str) -> None:
    hidden = request("GET", "/v1/statistics?by=note")
    with raw_http.connect(url) as line:
        line.sendall(b"POST /v1/issues HTTP/1.1\r\nHost: localhost\r\n" + HEADS[name] + b"\r\n" + hidden)
        told = everything(line)
    assert told.startswith(b"HTTP/1.1 400 ") and told.count(b"HTTP/1.1") == 1 and b"somebody" not in told


LINES = {
    "a vertical tab": b"GET\x0b/livez HTTP/1.1", "two spaces": b"GET  /livez HTTP/1.1", "a tab": b"GET /livez\tHTTP/1.1",
    "a blank behind": b"GET /livez HTTP/1.1 ", "a blank before": b" GET /livez HTTP/1.1", "no version": b"GET /livez",
    "two slashes": b"GET //livez HTTP/1.1", "no method": b"G@T /livez HTTP/1.1"}


@pytest.mark.parametrize("name", LINES)
def test_a_request_line_that_a_proxy_might_read_otherwise_is_refused(url: str, name: str) -> None:
    for end in (b"\r\n", b"\n"):
        assert send(url, LINES[name] + end + b"Host: localhost\r\n\r\n").status == 400
    assert send(url, b"GET /livez HTTP/1.1\nHost: localhost\r\n\r\n").status == 400


def test_a_byte_that_is_no_ascii_is_part_of_the_address(url: str) -> None:
    """Some of them are blanks for Python: who has an address barred at a proxy bars it with them too."""
    for byte in (b"\x85", b"\xa0"):
        assert send(url, b"GET /livez" + byte + b" HTTP/1.1\r\nHost: localhost\r\n\r\n").status == 404
    words = "مدرسه نزدیک پارک"
    typed = f"GET /v1/statistics?by=note&words={words.replace(' ', '+')} HTTP/1.1\r\nHost: localhost\r\n\r\n"
    assert send(url, typed.encode()).json()["words"] == words


def test_half_a_head_is_no_request(url: str, key: str) -> None:
    whole = request("GET", "/livez", "Accept: */*", key)
    for end in range(len(whole) - 2, whole.index(b"\r\n") + 2, -7):
        with raw_http.connect(url) as line:
            line.sendall(whole[:end])
            line.shutdown(socket.SHUT_WR)
            assert raw_http.answer_on(line).status in (0, 400), whole[:end]


def test_chunks_in_http_1_0_are_refused_and_what_follows_is_no_request(url: str, key: str) -> None:
    head = request("POST", "/v1/issues", JSON, key, "Transfer-Encoding: chunked", "Connection: keep-alive")
    with raw_http.connect(url) as line:
        line.sendall(head.replace(b"HTTP/1.1", b"HTTP/1.0") + chunked(b"{}") + request("GET", "/v1/statistics?by=note"))
        told = everything(line)
    assert told.startswith(b"HTTP/1.1 400 ") and told.count(b"HTTP/1.1") == 1


REST = b"\r\n{}\r\n0\r\n\r\n"  # behind a size
CHUNKS = {
    "no size": REST, "a size of Python's": b"0x2" + REST, "a sign": b"+2" + REST, "a negative one": b"-2" + REST,
    "an underscore": b"0_2" + REST, "too much": b"1" + REST, "too little": b"3" + REST, "bare line feeds": b"2\n{}\n0\n\n",
    "a giant size": b"f" * 40 + REST, "a giant extension": b"2;" + b"x" * 5_000 + REST,
    "endless trailers": b"0\r\n" + b"a: b\r\n" * 5_000,
    "a trailer as long as what is read at once": b"0\r\na:" + b"x" * 1_022 + b"\r\n"}


@pytest.mark.parametrize("name", CHUNKS)
def test_chunks_that_are_none_are_refused_and_what_follows_is_no_request(url: str, key: str, name: str) -> None:
    hidden = request("GET", "/v1/statistics?by=note")
    with raw_http.connect(url) as line:
        line.sendall(request("POST", "/v1/issues", JSON, key, "Transfer-Encoding: chunked") + CHUNKS[name] + hidden)
        told = everything(line)
    assert told.startswith(b"HTTP/1.1 400 ") and b'"half_sent"' in told and told.count(b"HTTP/1.1") == 1


def test_chunks_may_have_extensions_trailers_and_any_size(probe: Probe, signed: str) -> None:
    sent = b'01;a="b"\r\n{\r\n3 ;c\r\n"a"\r\n3\r\n:1}\r\n000\r\nTrailer: x\r\n\r\n'
    with raw_http.connect(probe.url) as line:
        whole = request("POST", "/statistics", JSON, signed, "Transfer-Encoding: chunked") + sent
        line.sendall(whole + request("GET", "/statistics?by=note", signed, "Connection: close"))
        told = everything(line)
    assert told.count(b"HTTP/1.1 200 OK") == 2 and b'{"a":1}' in told and b'"caller":"resident:app"' in told


def test_requests_that_are_sent_at_once_are_answered_one_after_the_other(url: str) -> None:
    paths = [f"/v1/statistics?by=note&words={number}" for number in range(20)]
    sent = b"\r\n".join(request("GET", path) for path in paths)
    with raw_http.connect(url) as line:
        line.sendall(sent[:-5])
        line.sendall(sent[-5:] + request("GET", "/v1/nothing", "Connection: close"))
        told = everything(line)
    assert re.findall(rb'"words":"(\d+)"', told) == [b"%d" % number for number in range(20)] and b'"not_found"' in told


def test_who_waits_for_leave_to_send_a_body_gets_it_only_where_it_will_be_read(url: str, key: str) -> None:
    body = b'{"category": "gas"}'
    lines = (JSON, key, f"Content-Length: {len(body)}", "Expect: 100-continue", "Connection: close")
    head = request("POST", "/v1/issues", *lines)
    with raw_http.connect(url) as line:
        line.sendall(head)
        assert line.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        line.sendall(body)
        assert everything(line).startswith(b"HTTP/1.1 503 ")
    with raw_http.connect(url) as line:
        line.sendall(head.replace(key.encode(), b"X-None: 1").replace(b"Connection: close\r\n", b""))
        told = everything(line)
    assert told.startswith(b"HTTP/1.1 401 ") and b"100 Continue" not in told
