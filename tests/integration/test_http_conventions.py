"""What every answer of the gateway has, whatever was asked: ids, protecting headers, CORS, compression, fields, a line."""
import gzip
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.service import Service
from tests.integration import raw_http
from tests.integration.probing import Probe, a_gateway, probed_key
from tests.integration.processes import Process
from tests.integration.raw_http import Answer, request, send

ORIGIN = "https://app.example.ir"
SETTINGS = {"MAHALLE_CORS_ORIGINS": f"{ORIGIN}, https://b.example.ir", "MAHALLE_PUBLIC_URL": "https://mahalle.example.ir"}
NOTE = "/v1/statistics?by=note"
KEY = f"Authorization: Bearer {probed_key('resident', 'app')}"
JSON = "Content-Type: application/json"
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
PROTECTING = {"x-content-type-options": "nosniff", "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
              "referrer-policy": "no-referrer", "cache-control": "no-store", "strict-transport-security": "max-age=31536000"}


@pytest.fixture(scope="module")
def gateway(probe: Probe, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    with a_gateway(probe, tmp_path_factory.mktemp("gateway"), **SETTINGS) as process:
        yield process


def lines(gateway: Process, request_id: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in gateway.log().splitlines() if request_id in line]
    return [line for line in found if line.get("request") == request_id]


def bodiless(url: str, method: str, path: str, *headers: str) -> Answer:
    with raw_http.connect(url) as line:
        line.sendall(request(method, path, "Connection: close", *headers))
        return raw_http.parsed(b"".join(iter(lambda: line.recv(65536), b"")))


@pytest.mark.parametrize(("method", "path", "status"), [
    ("GET", NOTE, 200), ("GET", "/v1/nothing", 404), ("GET", "/open311/v2/nothing.xml", 404), ("DELETE", "/v1/issues", 405),
    ("POST", "/v1/issues", 401), ("GET", "/v1/issues", 503), ("OPTIONS", "/v1/issues", 204), ("GET", "/v1/%2f", 404),
    ("GET", "/v1/keys", 401), ("GET", "/open311/v2/discovery.json", 200), ("GET", "/v1/%zz", 400)])
def test_every_answer_protects_who_reads_it_and_can_be_found_again(url: str, method: str, path: str, status: int) -> None:
    answer = bodiless(url, method, path)
    assert answer.status == status
    assert PROTECTING.items() <= answer.headers.items()
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])
    assert re.fullmatch("00-[0-9a-f]{32}-[0-9a-f]{16}-01", answer.headers["traceparent"])


def test_an_id_that_a_client_gives_comes_back_and_stands_in_problem_and_log(url: str, gateway: Process) -> None:
    for given in ("order-17:2026.11", "a" * 100):
        answer = send(url, request("POST", "/v1/issues", f"X-Request-ID: {given}", f"traceparent: {TRACE}"))
        assert answer.headers["x-request-id"] == answer.json()["request"] == given
        assert answer.headers["traceparent"] == answer.json()["trace"] == TRACE
        assert [line["trace"] for line in lines(gateway, given)] == [TRACE]


@pytest.mark.parametrize("given", ["", "a b", "a" * 101, "شناسه", "<script>", "a\"b", "a%0d%0ab", "x\x0b"])
def test_an_id_that_is_not_well_formed_is_replaced(url: str, given: str) -> None:
    answer = send(url, request("GET", "/v1/nothing").replace(b"Host:", b"X-Request-ID: " + given.encode() + b"\r\nHost:"))
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"]) and answer.json()["request"] != given


def test_a_page_of_an_origin_that_is_named_may_ask_and_read(url: str) -> None:
    asking = (f"Origin: {ORIGIN}", "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: content-type")
    preflight = bodiless(url, "OPTIONS", "/v1/issues", *asking).headers
    assert preflight["access-control-allow-origin"] == ORIGIN and "Origin" in preflight["vary"]
    assert preflight["access-control-allow-methods"] == "GET, HEAD, OPTIONS, POST"
    assert {"Authorization", "Idempotency-Key", "If-Match"} <= set(preflight["access-control-allow-headers"].split(", "))
    for path in (NOTE, "/v1/nothing"):
        answer = send(url, request("GET", path, f"Origin: {ORIGIN}"))
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        readable = set(answer.headers["access-control-expose-headers"].split(", "))
        assert {"ETag", "Link", "RateLimit", "X-Request-ID"} <= readable
        assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("origin", ["https://evil.example", f"{ORIGIN}.evil.example", "null", f"{ORIGIN}:444", "*", ""])
def test_no_other_origin_may_read_anything(url: str, origin: str) -> None:
    for method in ("GET", "OPTIONS"):
        answer = bodiless(url, method, NOTE, f"Origin: {origin}", "Access-Control-Request-Method: GET")
        assert not [name for name in answer.headers if name.startswith("access-control-")]
        assert "Origin" in answer.headers["vary"]


def addresses() -> dict[str, set[str]]:
    """From every address, with something in place of each variable, to its methods."""
    found: dict[str, set[str]] = {}
    for function in (getattr(Service, name) for name in dir(Service)):
        for entrypoint in getattr(function, "nameko_entrypoints", ()):
            one = re.sub(r"<any\(\"?([a-z0-9-]+)[^)]*\):\w+>", r"\1", entrypoint.url)
            found.setdefault(re.sub(r"<\w+>", "x1", one), set()).add(entrypoint.method)
    return found


def test_every_address_has_options_and_every_get_a_head(url: str) -> None:
    for path, methods in addresses().items():
        options = bodiless(url, "OPTIONS", path)
        allowed = set(options.headers["allow"].split(", "))
        assert (options.status, options.body) == (204, b"") and methods | {"OPTIONS"} <= allowed, path
        if "GET" in methods:
            got, head = send(url, request("GET", path)), bodiless(url, "HEAD", path)
            assert (head.status, head.body, "HEAD" in allowed) == (got.status, b"", True), path
            assert head.headers["content-type"] == got.headers["content-type"], path


def test_a_long_answer_is_compressed_for_who_asks_for_it(url: str) -> None:
    path = f"{NOTE}&words={'x' * 3000}"
    plain, packed = send(url, request("GET", path)), send(url, request("GET", path, "Accept-Encoding: gzip"))
    assert packed.headers["content-encoding"] == "gzip" and len(packed.body) < 500
    found, expected = json.loads(gzip.decompress(packed.body)), plain.json()
    assert found["words"] == expected["words"] and "content-encoding" not in plain.headers
    assert "Accept-Encoding" in plain.headers["vary"] and "Accept-Encoding" in packed.headers["vary"]


def test_only_the_fields_that_are_asked_for_come_and_no_service_hears_of_it(url: str) -> None:
    assert send(url, request("GET", f"{NOTE}&words=a&fields=words,caller")).json() == {"words": "a", "caller": "public:"}
    for wrong, code in (("colour", "unknown_field"), (",", "bad_fields"), ("caller,,words", "bad_fields"),
                        ("%ff", "malformed_query")):
        answer = send(url, request("GET", f"{NOTE}&fields={wrong}"))
        assert (answer.status, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize("query", ["by=note&by=note", "by=note&words=a&words=b", "by=note&fields=words&fields=caller",
                                   "b%79=note&by=note", "by=note&=&=", "by=note&words&words="])
def test_a_parameter_that_is_sent_twice_is_refused(url: str, query: str) -> None:
    answer = send(url, request("GET", f"/v1/statistics?{query}"))
    assert (answer.status, answer.json()["code"]) == (400, "repeated_parameter")


@pytest.mark.parametrize(("path", "status", "code"), [
    ("/v1/issues%2fx", 404, "not_found"), ("/v1%2Fstatistics", 404, "not_found"), ("/v1/../v1/statistics", 404, "not_found"),
    ("/v1/%2e%2E/statistics", 404, "not_found"), ("/v1/./statistics", 404, "not_found"), ("/v1/issues/..", 404, "not_found"),
    ("/v1/issues/x%00", 404, "not_found"), ("/v1/issues/x%5cy", 404, "not_found"), ("/v1\\statistics", 404, "not_found"),
    ("/v1/issues/%", 400, "malformed_address"), ("/v1/issues/%f", 400, "malformed_address"),
    ("/v1/issues/%u0041", 400, "malformed_address"), ("http://other.example/v1/statistics", 404, "not_found")])
def test_an_address_that_others_may_read_otherwise_is_none(url: str, path: str, status: int, code: str) -> None:
    answer = send(url, request("GET", path))
    assert (answer.status, answer.json()["code"]) == (status, code)


def test_every_attempt_to_change_something_leaves_a_line_without_what_was_said(url: str, gateway: Process) -> None:
    secret = "7f3a-a-secret-nobody-may-read"
    sent = (KEY, JSON, f"Issue-Secret: {secret}", f"Idempotency-Key: {secret}", "X-Request-ID: the-change")
    body = json.dumps({"category": "lighting", "text": secret}).encode()
    send(url, request("POST", f"/v1/issues?words={secret}", *sent, f"Content-Length: {len(body)}") + body)
    [line] = lines(gateway, "the-change")
    assert line.items() >= {
        "account": "key:resident", "role": "resident", "subject": "app", "deed": "issues:file", "method": "POST",
        "route": "/v1/issues", "status": 503, "code": "unavailable", "address": "127.0.0.0/24"}.items()
    assert secret not in gateway.log() and probed_key("resident", "app") not in gateway.log()


@pytest.mark.parametrize(("path", "headers", "status", "account"), [
    ("/v1/keys", [KEY], 403, "key:resident"), ("/v1/keys", [], 401, ""),
    ("/v1/issues", ["Authorization: Bearer mhl_nobody.of-ours"], 401, "")])
def test_what_is_refused_to_somebody_leaves_a_line_and_is_counted(
        url: str, gateway: Process, path: str, headers: list[str], status: int, account: str) -> None:
    name = f"refused-{status}-{len(headers)}-{path[4:]}"
    answer = send(url, request("GET", path, f"X-Request-ID: {name}", *headers))
    [line] = lines(gateway, name)
    assert (answer.status, line["status"], line["account"], line["event"]) == (status, status, account, "refused")
    assert line["code"] == answer.json()["code"] and line["route"].startswith("/v1/")
    assert f'mahalle_refused_requests_total{{reason="{line["code"]}",service="gateway"}}' in gateway.metrics()
    assert "nobody.of-ours" not in gateway.log()


def test_reading_what_is_open_leaves_no_line(url: str, gateway: Process) -> None:
    for path, name in ((NOTE, "just-reading"), ("/v1/nothing", "nowhere")):
        send(url, request("GET", path, f"X-Request-ID: {name}"))
        assert lines(gateway, name) == []
