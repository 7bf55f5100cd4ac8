"""As FixMyStreet and its adapter call us: what they take for granted beyond the standard's letter, point by point.

Its answers are read with the standard library alone; `Partner` holds each of them to the standard besides.
"""
import re
import xml.etree.ElementTree as ElementTree

import pytest

from tests.e2e.open311 import COUNTY, GOOD, SERVICE, Partner, Told, a_partner, update
from tests.e2e.province import AGENCY, CATEGORY, PLACE, Province

CODE = re.compile(r"[\w\-_]+", re.ASCII)  # what the adapter takes for a code of any kind
KEYS = ("address", "address_id", "zipcode", "lat", "long", "media_url")  # that it wants in every request, be they empty
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)", re.ASCII)
BOUNDARY = "xYzZY"
MULTIPART = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


@pytest.fixture(scope="module")
def partner(province: Province) -> Partner:
    return a_partner(province)


def rows(told: Told, name: str) -> list[dict[str, str]]:
    """The elements of that name in an answer in XML."""
    return [{each.tag: each.text or "" for each in row} for row in ElementTree.fromstring(told.text.encode()).iter(name)]


def parts(*texts: tuple[str, str], file: bytes | None = None) -> bytes:
    """A body in parts, as a browser or a library writes it; with a `file` of these bytes, or of none with no name."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="'
    found = "".join(f'{head}{name}"\r\n\r\n{text}\r\n' for name, text in texts).encode()
    if file is not None:
        named = "1.jpeg" if file else ""
        found += f'{head}photo1"; filename="{named}"\r\nContent-Type: image/jpeg\r\n\r\n'.encode() + file + b"\r\n"
    return found + f"--{BOUNDARY}--\r\n".encode()


def test_it_joins_the_endpoint_and_a_name_by_string(partner: Partner) -> None:
    endpoint = rows(partner.get("/discovery.xml"), "endpoint")[0]["url"]
    assert endpoint == f"{partner.address}/"
    for name in ("services.xml", "requests.xml", "servicerequestupdates.xml", f"services/{SERVICE}.xml"):
        assert partner.ask("GET", (endpoint + name).removeprefix(partner.address)).status == 200


@pytest.mark.parametrize("accept", [{}, {"Accept": "application/json"}, {"Accept": "text/html"}, {"Accept": "image/png"}])
def test_the_ending_says_the_format_whatever_is_accepted(partner: Partner, accept: dict[str, str]) -> None:
    for path in ("/services.xml", "/services.json", "/nothing.xml"):
        partner.ask("GET", path, headers=accept)  # which is judged by the ending


def test_key_and_jurisdiction_come_in_the_form_of_a_post_and_in_the_query_of_a_get(
        partner: Partner, province: Province) -> None:
    own = {"api_key": partner.key(), "jurisdiction_id": COUNTY}
    before = province.stored()
    [filed] = rows(partner.post("/requests.xml", GOOD | own), "request")
    [found] = rows(partner.get(f"/requests/{filed['service_request_id']}.xml", **own), "request")
    assert found["service_request_id"] == filed["service_request_id"] and province.stored() == before + 1
    assert partner.post("/requests.xml?api_key=wrong", GOOD | own).status == 400, "one key, in one of the two"
    assert partner.get("/services.xml", **own).status == 200


def test_its_line_ends_are_ours(partner: Partner) -> None:
    code = partner.file(description="title: چراغ\r\n\r\ndetail: خاموش است\rurl: https://example.org/report/1")
    assert partner.read(code)["description"] == "title: چراغ\n\ndetail: خاموش است\nurl: https://example.org/report/1"


def test_every_code_is_one_that_its_adapter_takes(partner: Partner) -> None:
    code = partner.file(service_code=SERVICE, **{"attribute[pole]": "1"})
    asked = {"services": ("service", "service_code"), f"services/{SERVICE}": ("attribute", "code"),
             f"requests/{code}": ("request", "service_request_id"), "requests": ("request", "address_id"),
             "servicerequestupdates": ("request_update", "update_id")}
    for path, (element, name) in asked.items():
        found = rows(partner.get(f"/{path}.xml"), element)
        assert found and all(CODE.fullmatch(row[name]) for row in found), path
    assert CODE.fullmatch(partner.key()) and CODE.fullmatch(COUNTY)


def test_a_definition_is_there_also_of_a_service_that_asks_nothing(partner: Partner) -> None:
    [service] = [row for row in rows(partner.get("/services.xml"), "service") if row["service_code"] == CATEGORY]
    told = partner.get(f"/services/{CATEGORY}.xml")
    assert (service["metadata"], told.status) == ("false", 200)
    assert ElementTree.fromstring(told.text.encode()).find("attributes") is not None and rows(told, "attribute") == []


def test_a_request_has_every_key_that_its_adapter_wants(partner: Partner, province: Province) -> None:
    bare, placed = province.file()["tracking_code"], partner.file(lat="35.8355", long="50.9649")
    for code in (bare, placed):
        [found] = rows(partner.get(f"/requests/{code}.xml"), "request")
        assert set(KEYS) <= found.keys() and found["media_url"] == "", "one picture would stop its adapter"
        assert all(MOMENT.fullmatch(found[name]) for name in ("requested_datetime", "updated_datetime"))
        assert set(KEYS) <= partner.read(code).keys()


def test_what_it_sends_again_after_a_time_out_is_one_and_needs_no_token(partner: Partner, province: Province) -> None:
    form = GOOD | {"attribute[fixmystreet_id]": "90210", "description": "title: چراغ\r\n\r\nurl: https://example.org/report/90210"}
    before = province.stored()
    told = [rows(partner.post("/requests.xml", form), "request")[0] for _ in range(3)]
    assert len({each["service_request_id"] for each in told}) == 1 and province.stored() == before + 1
    assert not any("token" in each for each in told)


@pytest.mark.parametrize(("method", "path", "form"), [
    ("GET", "/nothing.xml", None), ("GET", "/requests/1.xml", None), ("DELETE", "/requests.xml", None),
    ("POST", "/requests.xml", {"service_code": "no-such-thing"}), ("POST", "/requests.xml", GOOD | {"api_key": "wrong"}),
    ("POST", "/requests.xml", GOOD | {"description": "x" * 70_000}), ("POST", "/servicerequestupdates.xml", {})])
def test_every_error_has_a_code_and_a_description_that_it_can_log(
        partner: Partner, method: str, path: str, form: dict[str, str] | None) -> None:
    told = partner.ask(method, path) if form is None else partner.post(path, form)
    errors = rows(told, "error")
    assert errors and all(each["code"] == str(told.status) and each["description"] for each in errors)


def test_updates_are_told_in_its_window_and_by_their_own_ids(partner: Partner) -> None:
    code = partner.file()
    at = partner.read(code)["requested_datetime"]
    own = [row for row in rows(partner.get("/servicerequestupdates.xml", start_date=at, end_date=at, jurisdiction_id=COUNTY),
                               "request_update") if row["service_request_id"] == code]
    assert own and {"update_id", "status", "updated_datetime", "description", "media_url"} <= own[0].keys()
    assert all(row["updated_datetime"] == at and row["status"].isupper() for row in own)


def test_a_form_in_parts_is_read_as_every_other_form(partner: Partner, province: Province) -> None:
    texts = [("api_key", partner.key()), ("jurisdiction_id", COUNTY), ("service_code", SERVICE), ("address_id", PLACE),
             ("description", "چراغ\r\nخاموش است"), ("attribute[pole]", "۱۲"), ("attribute[where][]", "road"),
             ("attribute[where][]", "park"), ("attribute[fixmystreet_id]", "555")]
    told = [partner.post("/requests.xml", parts(*texts, file=b""), **MULTIPART) for _ in range(2)]
    assert [each.status for each in told] == [200, 200] and told[0].text == told[1].text
    code = rows(told[0], "request")[0]["service_request_id"]
    issue = province.api(f"/v1/issues/{code}")
    assert issue["text"] == "چراغ\nخاموش است" and issue["answers"] == {"pole": "۱۲", "where": ["road", "park"]}
    offered = partner.file()
    said = update(offered, "1", "INVESTIGATING") | {"api_key": partner.key("agency", AGENCY)}
    assert partner.post("/servicerequestupdates.xml", parts(*said.items()), **MULTIPART).status == 200
    assert province.api(f"/v1/issues/{offered}")["tasks"][0]["state"] == "accepted"


FILED = tuple(GOOD.items())


@pytest.mark.parametrize(("body", "words"), [
    (parts(*FILED, file=b"\xff\xd8\xff a picture"), "media_url: files are not taken"),
    (parts(*FILED, file=b"\xff\xd8" * 100_000), "media_url: files are not taken"),
    (parts(*FILED)[:-30], "Send the body as"), (b"", "Send the body as"), (b"\r" * 60_000, "Send the body as"),
    (parts(*FILED).replace(BOUNDARY.encode(), b"other"), "Send the body as"),
    (parts(*[("a", "1")] * 300), "Send the body as"), (parts(*FILED, *FILED), "sent more than once"),
    (parts(*FILED, ("first_name", "?")).replace(b"?", b"\xff\xfe"), "UTF-8")])
def test_a_form_in_parts_that_is_none_or_has_a_file_is_refused_and_nothing_stored(
        partner: Partner, province: Province, body: bytes, words: str) -> None:
    before = province.stored()
    told = partner.post(f"/requests.xml?locale=en&api_key={partner.key()}", body, **MULTIPART)
    assert told.status == 400 and words in told.text, told.text
    unbounded = {"Content-Type": "multipart/form-data"}
    assert partner.post(f"/requests.xml?api_key={partner.key()}", body, **unbounded).status == 400
    assert province.stored() == before
