"""The HTTP faults of stock nameko, mended once for the gateway and every service: each promise on real connections."""
import json
import re
import subprocess

import pytest

from tests.api import Answer, Api
from tests.integration import raw_http
from tests.integration.probing import Probe, probed_key
from tests.integration.processes import Process
from tests.integration.raw_http import request, send

PROBLEM = "application/problem+json"
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
FILED = {"category": "lighting", "text": "چراغ", "neighbourhood": "n1"}
JSON = "Content-Type: application/json"


@pytest.fixture
def api(url: str) -> Api:
    return Api(url, probed_key)


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


def test_a_service_that_stands_still_is_answered_for_in_time_and_asked_again_when_it_goes_on(api: Api, probe: Probe) -> None:
    with probe.asleep():
        answer = api.get("/v1/statistics?by=note")
    is_problem(answer, 503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert api.get("/v1/statistics?by=note").status == 200


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
    for known, challenge in (({}, "Bearer"), ({"Authorization": "Bearer mhl_nobody"}, 'Bearer error="invalid_token"')):
        answer = api.post("/v1/issues", FILED, **known)
        assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, challenge)


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
