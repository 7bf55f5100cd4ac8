"""Whatever comes in wrong is answered with a clear problem, in the reader's language, and nothing of it is stored."""
import json
from typing import Any

import pytest

from tests.e2e.problems import is_a_problem
from tests.e2e.province import CATEGORY, PLACE, Province

GOOD = {"category": CATEGORY, "neighbourhood": PLACE, "text": "چراغ کوچه خاموش است"}
DEEP = b'{"category":' + b"[" * 5000 + b"]" * 5000 + b"}"

UNREADABLE: dict[str, tuple[bytes, int, str]] = {
    "malformed": (b'{"category": "gas",', 400, "malformed_json"),
    "an array": (b"[]", 400, "malformed_json"),
    "a number": (b"5", 400, "malformed_json"),
    "broken UTF-8": ('{"text": "چراغ'.encode()[:-1] + b'"}', 400, "malformed_json"),
    "half a surrogate": (b'{"text": "\\ud800"}', 400, "malformed_json"),
    "not a number": (b'{"point": {"lon": NaN, "lat": 35.8}}', 400, "malformed_json"),
    "nested deeply": (DEEP, 400, "malformed_json"),
    "100,000 letters": (json.dumps(GOOD | {"text": "م" * 100_000}, ensure_ascii=False).encode(), 413, "body_too_large"),
    "a file of 3 MB": (b"x" * 3_000_000, 413, "body_too_large"),
}
WRONG: dict[str, tuple[dict[str, Any], set[str]]] = {
    "nothing": ({}, {"/category", "/text"}),
    "wrong types": ({"category": 5, "text": ["a"], "neighbourhood": {}, "point": "here", "contact": 7, "title": True},
                    {"/category", "/text", "/neighbourhood", "/point", "/contact", "/title"}),
    "a field that is not known": (GOOD | {"colour": "red"}, {"/colour"}),
    "a category that is not known": (GOOD | {"category": "no-such-thing"}, {"/category"}),
    "a neighbourhood that is not known": (GOOD | {"neighbourhood": "no-such-place"}, {"/neighbourhood"}),
    "a city for a neighbourhood": (GOOD | {"neighbourhood": "karaj"}, {"/neighbourhood"}),
    "nowhere": ({"category": CATEGORY, "text": "x"}, {"/neighbourhood"}),
    "a point outside": ({"category": CATEGORY, "text": "x", "point": {"lon": 51.4, "lat": 35.7}}, {"/point"}),
    "a point off the globe": (GOOD | {"point": {"lon": 200, "lat": -91}}, {"/point/lon", "/point/lat"}),
    "half a point": (GOOD | {"point": {"lon": 50.9}}, {"/point/lat"}),
    "spaces": (GOOD | {"text": " \n "}, {"/text"}),
    "invisible marks": (GOOD | {"text": "\u200f\u200c\u200e"}, {"/text"}),
    "a NUL": (GOOD | {"text": "a\x00b"}, {"/text"}),
    "too long a text": (GOOD | {"text": "م" * 4001}, {"/text"}),
    "an address that is none": (GOOD | {"contact": {"email": "zahra"}}, {"/contact/email"}),
    "a neighbour whose address is none": (GOOD | {"on_behalf_of": {"email": "reza"}}, {"/on_behalf_of/email"}),
    "a neighbour who is none": (GOOD | {"on_behalf_of": "reza"}, {"/on_behalf_of"}),
    "a telephone number that is none": (GOOD | {"contact": {"phone": "call me"}}, {"/contact/phone"}),
}


@pytest.fixture(autouse=True)
def nothing_stored(province: Province) -> Any:
    before = province.stored()
    yield
    assert province.stored() == before


@pytest.mark.parametrize("case", UNREADABLE)
def test_a_body_that_cannot_be_read_is_refused(province: Province, case: str) -> None:
    raw, status, code = UNREADABLE[case]
    answer = province.api.post("/v1/issues", raw=raw, role="resident")
    is_a_problem(answer, status)
    assert answer.body["code"] == code


@pytest.mark.parametrize("language", ["fa", "en"])
@pytest.mark.parametrize("case", WRONG)
def test_every_wrong_field_is_pointed_at(province: Province, case: str, language: str) -> None:
    body, pointers = WRONG[case]
    answer = province.api.post("/v1/issues", body, role="resident", Accept_Language=language)
    is_a_problem(answer, 422, language)
    assert {each["pointer"] for each in answer.body["errors"]} == pointers


def test_a_body_that_is_not_json_is_refused(province: Province) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/xml"):
        answer = province.api.post("/v1/issues", raw=b"category=gas", role="resident", Content_Type=kind)
        is_a_problem(answer, 415)


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "k" * 201, '"'])
def test_an_idempotency_key_that_is_none_is_refused(province: Province, key: str) -> None:
    answer = province.api.post("/v1/issues", GOOD, role="resident", Idempotency_Key=key)
    is_a_problem(answer, 400)
    assert answer.body["code"] == "bad_idempotency_key"


def test_who_asks_must_be_known_and_may_do_only_what_is_theirs(province: Province) -> None:
    nobody = province.api.post("/v1/issues", GOOD)
    is_a_problem(nobody, 401)
    assert nobody.headers["WWW-Authenticate"] == "Bearer"
    is_a_problem(province.api.post("/v1/issues", GOOD, Authorization="Bearer resident.app." + "0" * 40), 401)
    is_a_problem(province.api.post("/v1/issues", GOOD, Authorization="Basic cm9vdA=="), 401)
    is_a_problem(province.api.post("/v1/issues", GOOD, role="agency", subject="alborz-gas"), 403)


@pytest.mark.parametrize("path", [
    "/v1/issues?limit=0", "/v1/issues?limit=9999", "/v1/issues?limit=ten", "/v1/issues?limit=۵", "/v1/issues?cursor=x",
    "/v1/issues?cursor=MTIz", "/v1/issues?status=open", "/v1/issues?q=%FF", "/v1/statistics?by=colour",
    "/v1/agencies?cursor=%F0%9F%92%A9", "/v1/agencies?limit=-1"])
def test_a_question_that_makes_no_sense_is_refused(province: Province, path: str) -> None:
    is_a_problem(province.api.get(path), 400)
    is_a_problem(province.api.get(path, Accept_Language="en"), 400, "en")


def test_a_question_that_never_ends_is_refused(province: Province) -> None:
    is_a_problem(province.api.get("/v1/issues?q=" + "x" * 5000), 413)


def test_an_address_or_a_method_that_is_not_there_is_a_problem_too(province: Province) -> None:
    for path in ("/", "/v1", "/v1/nothing", "/v1/issues/a/b/c", "/v2/issues", "/v1/issues/"):
        is_a_problem(province.api.get(path), 404)
    answer = province.api.ask("DELETE", "/v1/issues")
    is_a_problem(answer, 405)
    assert set(answer.headers["Allow"].split(", ")) >= {"GET", "POST"}


AGENCY = {"code": "new-agency", "name_fa": "تازه", "name_en": "New", "level": "city", "territory": "karaj",
          "channel": "pull"}


@pytest.mark.parametrize(("body", "pointers"), [
    ({}, {f"/{name}" for name in AGENCY}), (AGENCY | {"code": "Not A Code"}, {"/code"}),
    (AGENCY | {"level": "moon", "channel": "fax"}, {"/level", "/channel"}),
    (AGENCY | {"territory": "nowhere"}, {"/territory"}), (AGENCY | {"name_fa": " "}, {"/name_fa"}),
    (AGENCY | {"parent": "nobody"}, {"/parent"}), (AGENCY | {"committee": "none"}, {"/committee"}),
    (AGENCY | {"code": "new-agency\n"}, {"/code"}), (AGENCY | {"channel": "email"}, {"/email"})])
def test_an_agency_that_cannot_be_is_not_registered(province: Province, body: dict[str, Any], pointers: set[str]) -> None:
    answer = province.api.post("/v1/agencies", body, role="operator")  # who reaches also a place that is not there
    is_a_problem(answer, 422)
    assert {each["pointer"] for each in answer.body["errors"]} == pointers
    assert "new-agency" not in {each["code"] for each in province.api.pages("/v1/agencies")}
