"""Requests as no library sends them, at the running platform: each is told what is wrong, and nothing of it is stored."""
import json
import re
import socket
from collections.abc import Iterator

import pytest

from deploy.local.folder import ROOT
from tests.e2e.province import CATEGORY, PLACE, Province
from tests.integration import raw_http
from tests.integration.raw_http import chunked, request, send

GOOD = json.dumps({"category": CATEGORY, "neighbourhood": PLACE, "text": "چراغ کوچه خاموش است"}).encode()
JSON = "Content-Type: application/json"
WHOLE = f"Content-Length: {len(GOOD)}"
PIECES = "Transfer-Encoding: chunked"
BOMB = b"""<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY x SYSTEM "file:///etc/passwd">]><issue><category>gas</category><text>&b;&x;</text></issue>"""
OTHERS = {"asked_by": {"$ne": "service:notifications"}}  # what letters that are under way do not add to
PARSERS = r"xml\.(etree|dom|parsers|sax(?!\.saxutils))|lxml|expat|BeautifulSoup|xmltodict|html5lib"


@pytest.fixture(autouse=True)
def nothing_stored(province: Province) -> Iterator[None]:
    """Of anything, by any service that a filing could reach."""
    def stored() -> dict[str, int]:
        return {f"{service} {name}": found[name].count_documents(OTHERS) for service in ("issues", "registry")
                for found in [province.mongo[f"mahalle_{service}"]] for name in found.list_collection_names()}

    province.api.key_of("resident", "app")
    before = stored()
    yield
    assert stored() == before


Case = tuple[int, str, tuple[str, ...], bytes, str]  # status and code of the answer; headers, body and path of the request


def case(status: int, code: str, *lines: str, body: bytes = GOOD, path: str = "/v1/issues") -> Case:
    return status, code, lines, body, path


CASES = {
    "half a body whose beginning would do": case(400, "half_sent", JSON, f"Content-Length: {len(GOOD) + 9}"),
    "chunks that break off": case(400, "half_sent", JSON, PIECES, body=chunked(GOOD)[:-5]),
    "a chunk longer than it says": case(400, "half_sent", JSON, PIECES, body=b"2\r\n" + GOOD + b"\r\n0\r\n\r\n"),
    "a size of Python's": case(400, "half_sent", JSON, PIECES, body=b"0x" + chunked(GOOD)),
    "two lengths": case(400, "malformed_request", JSON, WHOLE, "Content-Length: 2"),
    "a length and chunks": case(400, "malformed_request", JSON, WHOLE, PIECES, body=chunked(GOOD)),
    "chunks and gzip": case(400, "unknown_encoding", JSON, "Transfer-Encoding: gzip, chunked", body=chunked(GOOD)),
    "a header that goes on": case(400, "malformed_request", JSON, WHOLE, "X-A: b\r\n c"),
    "a line within a header": case(400, "malformed_request", JSON, WHOLE, "X-Request-ID: a\rX: b"),
    "10,000 headers": case(431, "headers_too_large", JSON, WHOLE, *(f"h{number}: 1" for number in range(10_000))),
    "a giant header": case(431, "headers_too_large", JSON, WHOLE, "X: " + "x" * 70_000),
    "a giant address": case(414, "address_too_long", JSON, WHOLE, path="/v1/issues?x=" + "x" * 9_000),
    "a parameter twice": case(400, "repeated_parameter", JSON, WHOLE, path="/v1/issues?a=1&a=2"),
    "an escaped slash": case(404, "not_found", JSON, WHOLE, path="/v1%2fissues"),
    "a step up": case(404, "not_found", JSON, WHOLE, path="/v1/x/../issues"),
    "a NUL in the address": case(404, "not_found", JSON, WHOLE, path="/v1/issues%00"),
    "a bad escape": case(400, "malformed_address", JSON, WHOLE, path="/v1/issues%"),
    "another type": case(415, "not_json", "Content-Type: application/json-patch+json", WHOLE),
    "no type": case(415, "not_json", WHOLE),
    "a body that is compressed": case(400, "malformed_json", JSON, "Content-Encoding: gzip", "Content-Length: 9",
                                      body=b"\x1f\x8b" + b"x" * 7),
    "XML with entities": case(415, "not_json", "Content-Type: application/xml", f"Content-Length: {len(BOMB)}", body=BOMB),
    "XML that says it is JSON": case(400, "malformed_json", JSON, f"Content-Length: {len(BOMB)}", body=BOMB),
    "30 MB": case(413, "body_too_large", JSON, "Content-Length: 30000000", body=b'{"text": "' + b"x" * 6_000_000),
    "30 MB in chunks": case(413, "body_too_large", JSON, PIECES, body=chunked(*[b"x" * 65_536] * 460)),
    "a key with a line in it": case(400, "bad_idempotency_key", JSON, WHOLE, "Idempotency-Key: a%0d%0ab c"),
}


@pytest.mark.parametrize("name", CASES)
def test_what_cannot_be_taken_is_told_so_and_is_not_stored(province: Province, name: str) -> None:
    status, code, lines, body, path = CASES[name]
    url, key = province.api.address, f"Authorization: Bearer {province.api.key_of('resident', 'app')}"
    with raw_http.connect(url) as line:
        try:
            line.sendall(request("POST", path, key, *lines) + body)
            line.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it has heard enough
        answer = raw_http.answer_on(line)
    if name.startswith("30 MB") and not answer.status:
        return  # the connection ended while it was still sent, and nothing of the answer was read
    assert (answer.status, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert "root:" not in answer.body.decode() and "aaaaaaaaaa" not in answer.body.decode()
    assert send(url, request("GET", "/readyz")).status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "INVENTED"])
def test_a_method_that_an_address_does_not_take_changes_nothing(province: Province, method: str) -> None:
    for path in ("/v1/neighbourhoods", "/v1/statistics", "/openapi.json"):
        answer = send(province.api.address, request(method, path, JSON, "Content-Length: 2", "Connection: close") + b"{}")
        assert answer.status in (404, 405) and answer.headers["x-content-type-options"] == "nosniff"


def test_nothing_parses_xml_but_the_reader_of_workbooks_which_refuses_entities() -> None:
    imports = re.compile(rf"^\s*(?:import|from) (?:{PARSERS})", re.MULTILINE)
    sources = [path for folder in ("contracts", "chassis", "services", "gateway") for path in (ROOT / folder).rglob("*.py")]
    parse = [str(path.relative_to(ROOT)) for path in sources if imports.search(path.read_text(encoding="utf-8"))]
    assert parse == ["services/registry/files/excel.py"], "see tests/unit/test_registry_files_excel.py"
