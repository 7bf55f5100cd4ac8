"""Whatever comes in wrong to Open311 is answered with 400, 403 or 404 in the body of the standard; nothing is stored."""
from typing import Any

import pytest

from tests.e2e.open311 import GOOD, SERVICE, Partner, a_partner, update
from tests.e2e.province import AGENCY, Province


@pytest.fixture(scope="module")
def partner(province: Province) -> Partner:
    return a_partner(province)


BAD: dict[str, tuple[Any, int, str]] = {
    "no service": (GOOD | {"service_code": ""}, 400, "service_code"),
    "unknown service": (GOOD | {"service_code": "no-such-thing"}, 404, "service_code"),
    "nowhere": (GOOD | {"address_id": ""}, 400, "address_string"),
    "half a point": (GOOD | {"address_id": "", "lat": "35.8"}, 400, "long"),
    "half a point and an address": (GOOD | {"lat": "35.8"}, 400, "long"),
    "no number": (GOOD | {"lat": "abc", "long": "50.9"}, 400, "lat"),
    "not a number": (GOOD | {"lat": "nan", "long": "50.9"}, 400, "lat"),
    "off the globe": (GOOD | {"lat": "95", "long": "50.9"}, 400, "lat"),
    "outside": (GOOD | {"address_id": "", "lat": "35.7", "long": "51.4"}, 400, "lat"),
    "unknown place": (GOOD | {"address_id": "karaj"}, 400, "address_id"),
    "too long": (GOOD | {"description": "م" * 4001}, 400, "description"),
    "5,000 characters": (GOOD | {"description": "م" * 5000}, 400, "description"),
    "too long together": (GOOD | {"description": "م" * 4000, "address_string": "کوچه"}, 400, "address_string"),
    "HTML": (GOOD | {"description": "a <b>lamp</b>"}, 400, "HTML"),
    "a script": (GOOD | {"description": "<SCRIPT src=x>"}, 400, "HTML"),
    "a NUL": (GOOD | {"description": "a\x00b"}, 400, "description"),
    "spaces and marks": (GOOD | {"description": "\u200f\u200c"}, 400, "description"),
    "no address": (GOOD | {"email": "sara"}, 400, "email"),
    "no telephone": (GOOD | {"phone": "call me"}, 400, "phone"),
    "a link that is none": (GOOD | {"media_url": "javascript:alert(1)"}, 400, "media_url"),
    "no key": (GOOD | {"api_key": ""}, 403, "api_key"),
    "a wrong key": (GOOD | {"api_key": "resident.x.0000"}, 403, ""),
    "unknown jurisdiction": (GOOD | {"jurisdiction_id": "tehran"}, 404, "jurisdiction_id"),
    "a city for a jurisdiction": (GOOD | {"jurisdiction_id": "karaj"}, 404, "jurisdiction_id"),
    "another jurisdiction": (GOOD | {"jurisdiction_id": "taleqan-county"}, 400, "jurisdiction_id"),
    "a point in another jurisdiction": (
        GOOD | {"address_id": "", "lat": "35.8355", "long": "50.9649", "jurisdiction_id": "taleqan-county"}, 400,
        "jurisdiction_id"),
    "an unknown attribute": (GOOD | {"attribute[colour]": "red"}, 400, "attribute[colour]"),
    "an attribute that is none": (GOOD | {"attribute[": "red"}, 400, "attribute"),
    "a missing attribute": (GOOD | {"service_code": SERVICE}, 400, "attribute[pole]"),
    "wrong attributes": (GOOD | {"service_code": SERVICE, "attribute[pole]": "1", "attribute[lamps]": "many"}, 400,
                         "attribute[lamps]"),
    "no choice": (GOOD | {"service_code": SERVICE, "attribute[pole]": "1", "attribute[kind]": "gas"}, 400,
                  "attribute[kind]"),
    "a bad key of repetition": (GOOD | {"attribute[fixmystreet_id][]": "1", "attribute[fixmystreet_id]": "2"}, 400,
                                "fixmystreet_id"),
    "twice": (b"service_code=gas&service_code=water&description=x", 400, "service_code"),
    "broken UTF-8": (b"service_code=gas&description=%ff%fe", 400, ""),
    "raw bytes": (b"service_code=gas&description=\xff", 400, ""),
    "too many": (b"&".join(b"a%d=1" % n for n in range(300)), 400, ""),
    "too large": (b"description=" + b"x" * 70_000, 400, ""),
}
BOMB = b"""<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">
<!ENTITY x SYSTEM "file:///etc/passwd">]><service_requests><request>&b;&x;</request></service_requests>"""


@pytest.mark.parametrize("form", ["xml", "json"])
@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_told_in_the_bodies_of_the_standard_and_not_stored(
        partner: Partner, province: Province, name: str, form: str) -> None:
    body, status, words = BAD[name]
    if isinstance(body, bytes):
        body += f"&api_key={partner.key()}".encode()
    before = province.stored()
    told = partner.post(f"/requests.{form}?locale=en", body)
    assert told.status == status, told.text
    assert words in told.text and province.stored() == before
    assert "Traceback" not in told.text and "mongo" not in told.text.lower()


@pytest.mark.parametrize("kind", ["text/xml", "application/json", "multipart/form-data; boundary=x", ""])
def test_a_body_that_is_no_form_is_not_read_whatever_is_in_it(partner: Partner, province: Province, kind: str) -> None:
    before = province.stored()
    told = partner.post("/requests.xml", BOMB, **{"Content-Type": kind or "text/plain"})
    assert (told.status, province.stored()) == (400, before)
    assert "root:" not in told.text and "aaaaaaaaaa" not in told.text


@pytest.mark.parametrize("query", [
    {"page": "-1"}, {"page": "0"}, {"page_size": "201"}, {"page": "x"}, {"page": "1", "cursor": "!!"}, {"cursor": "abc"},
    {"status": "done"}, {"start_date": "2026-11-01T00:00:00"}, {"start_date": "2026-11-01"}, {"end_date": "yesterday"},
    {"start_date": "2026-11-01T00:00:00Z", "end_date": "2026-10-01T00:00:00Z"},
    {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-04-02T00:00:01Z"}, {"start_date": "9999-12-31T23:59:59-14:00"},
    {"updated_after": "2026-11-01"}, {"service_request_id": ",".join(f"c{n}" for n in range(101))},
    {"service_code": ",".join(f"c{n}" for n in range(101))}])
@pytest.mark.parametrize("path", ["/requests.xml", "/bulk.json"])
def test_a_bad_filter_is_refused(partner: Partner, path: str, query: dict[str, str]) -> None:
    assert partner.get(path, **query).status == 400


def test_ninety_days_are_a_span_and_a_wrong_key_is_refused_when_reading_too(partner: Partner) -> None:
    assert partner.get("/requests.xml", start_date="2026-01-01T00:00:00Z", end_date="2026-04-01T00:00:00Z").status == 200
    assert partner.get("/requests.xml", start_date="2026-11-01T00:00:00+03:30").status == 200
    assert partner.get("/requests.xml", api_key="nonsense").status == 403
    assert partner.get("/requests.xml", jurisdiction_id="nowhere").status == 404


@pytest.mark.parametrize(("method", "path", "status"), [
    ("GET", "/nothing.xml", 404), ("GET", "/nothing.json", 404), ("GET", "/services", 404), ("GET", "/services.yaml", 404),
    ("GET", "/requests/1.xml", 404), ("GET", "/services/no-such.json", 404), ("DELETE", "/requests.xml", 405),
    ("PUT", "/services.json", 405), ("POST", "/services.xml", 405), ("GET", "/requests/a,b.json", 404), ("GET", "", 404)])
def test_whatever_is_not_there_is_told_in_the_bodies_of_the_standard(partner: Partner, method: str, path: str,
                                                                     status: int) -> None:
    told = partner.ask(method, path, b"" if method in ("POST", "PUT") else None)
    assert told.status == status


@pytest.mark.parametrize(("form", "key", "status"), [
    ({}, ("resident", "fixmystreet"), 403), ({}, ("agency", "alborz-gas"), 403), ({}, None, 403),
    ({"status": "UNCHANGED"}, ("agency", AGENCY), 400), ({"status": ""}, ("agency", AGENCY), 400),
    ({"update_id": ""}, ("agency", AGENCY), 400), ({"description": ""}, ("agency", AGENCY), 400),
    ({"description": "x" * 2001}, ("agency", AGENCY), 400), ({"updated_datetime": "yesterday"}, ("agency", AGENCY), 400),
    ({"service_request_id": "1234-5678-901"}, ("agency", AGENCY), 404)])
def test_an_update_that_is_not_the_agencys_or_not_right_changes_nothing(
        partner: Partner, province: Province, form: dict[str, str], key: tuple[str, str] | None, status: int) -> None:
    code = partner.file()
    version = province.api(f"/v1/issues/{code}")["version"]
    told = partner.post("/servicerequestupdates.json",
                        update(code, "1", "FIXED") | {"api_key": partner.key(*key) if key else ""} | form)
    assert told.status == status, told.text
    assert province.api(f"/v1/issues/{code}")["version"] == version
