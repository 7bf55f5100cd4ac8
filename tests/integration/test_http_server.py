"""The HTTP faults of stock nameko, mended once for the gateway and every service: each promise on real connections."""
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chassis import caller
from chassis.caller import Caller
from deploy.local.ports import free_ports
from gateway import keys
from tests.api import Answer, Api
from tests.integration import raw_http
from tests.integration.probing import Probe, a_probe
from tests.integration.processes import Process, run_of
from tests.integration.raw_http import chunked, request, send
from tests.integration.waiting import eventually

PROBLEM = "application/problem+json"
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
FILED = {"category": "lighting", "text": "چراغ", "neighbourhood": "n1"}
JSON = "Content-Type: application/json"


@pytest.fixture(scope="module")
def probe(vhost: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Probe]:
    with a_probe(vhost, tmp_path_factory.mktemp("probe")) as probe:
        yield probe


@pytest.fixture(scope="module")
def gateway(vhost: dict[str, str], probe: Probe, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """A real gateway. Behind it stands the probe as `booklet`, and nobody else."""
    nobody = {f"MAHALLE_{name}_URL": "http://127.0.0.1:1" for name in ("REGISTRY", "ISSUES", "NOTIFICATIONS")}
    process = Process(run_of("gateway"), vhost | nobody | {"MAHALLE_BOOKLET_URL": probe.url}, free_ports(1)[0],
                      tmp_path_factory.mktemp("gateway") / "gateway.log")
    yield process.start()
    pid = process.child.pid if process.child else 0
    assert process.ended() is None, f"{pid} has ended: {process.log()[-2000:]}"
    process.kill()


@pytest.fixture
def url(gateway: Process) -> str:
    return f"http://127.0.0.1:{gateway.port}"


@pytest.fixture
def api(url: str, vhost: dict[str, str]) -> Api:
    return Api(url, vhost["MAHALLE_KEY_SECRET"])


@pytest.fixture
def key(vhost: dict[str, str]) -> str:
    """The header of a resident's program."""
    return f"Authorization: Bearer {keys.make('resident', 'app', vhost['MAHALLE_KEY_SECRET'])}"


@pytest.fixture
def signed(vhost: dict[str, str]) -> str:
    """The header with which a service believes that the gateway asks."""
    return f"{caller.HEADER}: {caller.sign(Caller('resident', 'app'), vhost['MAHALLE_INTERNAL_SECRET'])}"


def is_problem(answer: Answer, status: int, code: str) -> None:
    assert (answer.status, answer.headers["Content-Type"], answer.body["code"], answer.body["status"]) == (
        status, PROBLEM, code, status)
    assert set(answer.body) >= {"type", "title", "detail"}


def test_an_error_nobody_foresaw_is_told_without_its_text_and_recorded_with_its_trace(
        api: Api, probe: Probe) -> None:
    answer = api.get("/v1/statistics?by=fail", traceparent=TRACE)
    is_problem(answer, 500, "internal")
    assert "trouble" not in json.dumps(answer.body)
    recorded = [json.loads(line) for line in probe.process.log().splitlines() if TRACE in line and "trouble" in line]
    assert recorded and all("example.org" not in json.dumps(line) for line in recorded)


@pytest.mark.parametrize("deed", ["time-out-within", "be-slow"])
def test_what_takes_too_long_is_answered_with_when_to_try_again(api: Api, deed: str) -> None:
    answer = api.get(f"/v1/statistics?by={deed}")
    is_problem(answer, 503, "time_limit")
    assert int(answer.headers["Retry-After"]) > 0


def test_a_request_cannot_end_the_process(api: Api, probe: Probe) -> None:
    is_problem(api.get("/v1/statistics?by=leave"), 500, "internal")
    assert api.get("/v1/statistics?by=note").status == 200 and probe.process.ended() is None


def test_a_service_that_is_down_is_answered_with_when_to_try_again(api: Api) -> None:
    for answer in (api.get("/v1/issues"), api.post("/v1/issues", FILED, role="resident")):
        is_problem(answer, 503, "unavailable")
        assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize("path", ["/", "/v1", "/v2/issues", "/v1/issues/a/b/c", "/v1/issues/%2e%2e/x", "/v1/%ff", "/v1/%00"])
def test_an_address_that_is_not_there_is_a_problem(url: str, path: str) -> None:
    answer = send(url, request("GET", path))
    assert (answer.status, answer.headers["content-type"], answer.json()["code"]) == (404, PROBLEM, "not_found")


def test_a_method_that_is_not_there_is_a_problem_that_names_those_that_are(api: Api) -> None:
    answer = api.ask("DELETE", "/v1/issues")
    is_problem(answer, 405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS, POST"


def test_options_names_the_methods_and_head_is_get_without_a_body(url: str) -> None:
    options = send(url, request("OPTIONS", "/v1/statistics", "Connection: close"))
    assert (options.status, options.headers["allow"], options.body) == (204, "GET, HEAD, OPTIONS", b"")
    got = send(url, request("GET", "/v1/statistics?by=note", "Connection: close"))
    with raw_http.connect(url) as line:
        line.sendall(request("HEAD", "/v1/statistics?by=note", "Connection: close"))
        head = raw_http.answer_on(line)
    assert head.status == 200 and head.body == b""
    assert head.headers["content-type"] == got.headers["content-type"]


@pytest.mark.parametrize(("language", "expected"), [
    ("", "fa"), ("fa", "fa"), ("en", "en"), ("en-GB,fa;q=0.5", "en"), ("de", "fa"), ("*", "fa"), ("\x00;q=x", "fa")])
def test_a_problem_is_told_in_persian_unless_english_is_preferred(url: str, language: str, expected: str) -> None:
    answer = send(url, request("GET", "/v1/nothing", *([f"Accept-Language: {language}"] if language else [])))
    assert answer.headers["content-language"] == expected
    assert bool(re.search("[آ-ی]", answer.json()["detail"])) == (expected == "fa")


def test_who_is_not_known_is_told_how_to_be(api: Api) -> None:
    for answer in (api.post("/v1/issues", FILED), api.post("/v1/issues", FILED, Authorization="Bearer resident.app.0")):
        assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_a_trace_is_carried_through_and_a_broken_one_is_replaced(api: Api, probe: Probe) -> None:
    carried = api.get("/v1/statistics?by=note", traceparent=TRACE)
    assert carried.headers["traceparent"] == carried.body["trace"] == TRACE
    assert TRACE in [json.loads(line).get("trace") for line in probe.process.log().splitlines() if '"asked"' in line]
    for broken in ("", "00-short-01", TRACE + "\u00e9", TRACE.upper()):
        replaced = api.get("/v1/statistics?by=note", traceparent=broken)
        assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", replaced.headers["traceparent"])
        assert replaced.headers["traceparent"] not in (TRACE, broken)


def test_an_error_carries_the_trace_too(api: Api) -> None:
    answer = api.post("/v1/issues", FILED, traceparent=TRACE)
    assert answer.status == 401 and answer.headers["traceparent"] == answer.body["trace"] == TRACE


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
    for kind in ("Content-Type: text/plain", "Content-Type: application/x-www-form-urlencoded", "X-None: 1"):
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
    ("&".join(f"a{n}=1" for n in range(60)), 400)])
def test_a_query_is_utf_8_and_bounded(url: str, query: str, status: int) -> None:
    assert send(url, request("GET", f"/v1/statistics?by=note&{query}")).status == status


def test_nothing_sent_can_write_a_header(url: str) -> None:
    evil = "x%0d%0aSet-Cookie:%20a=1"
    lines = (f"traceparent: {TRACE}\r\n Set-Cookie: a=1", "Issue-Secret: x\r\n\tSet-Cookie: a=1", f"Idempotency-Key: {evil}")
    for path in (f"/v1/issues/{evil}", f"/v1/statistics?by=note&cursor={evil}", f"/v1/{evil}"):
        answer = send(url, request("GET", path, *lines))
        assert answer.status in (200, 404, 503) and "set-cookie" not in answer.headers


def test_metrics_and_their_names_pass_the_rules_of_prometheus(gateway: Process, probe: Probe, api: Api, url: str) -> None:
    api.get("/v1/statistics?by=note")
    send(url, request("INVENTED", "/v1/statistics"))
    for process in (gateway, probe.process):
        told = process.metrics()
        assert "INVENTED" not in told, "anybody could fill the memory with methods of their own"
        for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", told, re.MULTILINE):
            assert name.endswith("_total") == (kind == "counter"), name
            assert not re.search(r"_(ms|milliseconds|minutes|hours|kb|mb|percent)(_|$)", name), name
        assert all(re.findall(rf"^# HELP {name} .+$", told, re.MULTILINE)
                   for name in re.findall(r"^# TYPE (mahalle_\S+)", told, re.MULTILINE))
        checked = promtool(told)
        assert checked is None or checked == "", checked


def promtool(told: str) -> str | None:
    """What Prometheus' own linter says; None where it is not installed."""
    try:
        done = subprocess.run(["promtool", "check", "metrics"], input=told, capture_output=True, text=True, timeout=30)
    except FileNotFoundError:
        return None
    return "\n".join(line for line in (done.stdout + done.stderr).splitlines() if line.startswith("mahalle_"))


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


@pytest.mark.parametrize(("lines", "status"), [
    ([f"h{number}: 1" for number in range(10_000)], 431), (["Huge: " + "x" * 500_000], 400),
    ([f"h{number}: {'x' * 7_000}" for number in range(50)], 400)])
def test_more_headers_than_anybody_needs_are_refused(url: str, lines: list[str], status: int) -> None:
    assert send(url, request("GET", "/v1/statistics?by=note", *lines)).status in (status, 0)


def test_a_giant_address_is_refused(url: str) -> None:
    assert send(url, request("GET", "/" + "x" * 100_000)).status in (414, 0)
