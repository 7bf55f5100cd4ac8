"""Open311 as others' clients use it: `georeport` drives it, every answer fits the standard, and it is the same issue."""
import csv
import io
import re
import urllib.request
from datetime import UTC, datetime, timedelta

import georeport
import pytest

from gateway.open311.requests import COLUMNS
from tests.e2e.open311 import COUNTY, GOOD, SERVICE, Partner, a_partner, update
from tests.e2e.province import AGENCY, CATEGORY, PLACE, Province

EMAIL, NAME, PHONE = "sara.rezaei@example.org", "Rezaeinia", "09121112233"


@pytest.fixture(scope="module")
def partner(province: Province) -> Partner:
    return a_partner(province)


@pytest.mark.parametrize("form", ["xml", "json"])
def test_discovery_services_and_definitions_fit_the_standard(partner: Partner, form: str) -> None:
    for path in ("/discovery", "/services", f"/services/{SERVICE}", f"/services/{CATEGORY}"):
        assert partner.get(f"{path}.{form}").status == 200
        assert partner.get(f"{path}.{form}", locale="en", jurisdiction_id=COUNTY).status == 200


def test_discovery_leads_to_the_endpoint(partner: Partner) -> None:
    [endpoint] = partner.get("/discovery.json").body["endpoints"]
    assert endpoint["url"] == f"{partner.address}/"
    with urllib.request.urlopen(f"{endpoint['url']}services.xml", timeout=20) as answer:
        assert answer.status == 200


def test_services_are_what_can_be_filed_in_the_language_that_is_asked_for(partner: Partner) -> None:
    fa, en = ({each["service_code"]: each for each in partner.get("/services.json", **query).body}
              for query in ({}, {"locale": "en"}))
    assert fa[SERVICE] == {
        "service_code": SERVICE, "service_name": "چراغ‌های معبر", "description": "خیابان و کوچه: چراغ‌های معبر",
        "metadata": True, "type": "realtime", "group": "خیابان و کوچه",
        "keywords": "چراغ‌های معبر, Street lamps, خیابان و کوچه, Streets and alleys"}
    assert (en[SERVICE]["service_name"], en[SERVICE]["group"]) == ("Street lamps", "Streets and alleys")
    assert fa[CATEGORY]["metadata"] is False and partner.get(f"/services/{CATEGORY}.json").body["attributes"] == []
    assert fa["addiction"]["type"] == "blackbox"


def test_questions_are_attributes_in_the_types_of_the_standard(partner: Partner) -> None:
    found = partner.get(f"/services/{SERVICE}.json", locale="en").body["attributes"]
    assert [(each["code"], each["datatype"], each["required"]) for each in found] == [
        ("pole", "text", True), ("lamps", "number", False), ("since", "datetime", False),
        ("danger", "singlevaluelist", False), ("kind", "singlevaluelist", False), ("where", "multivaluelist", False)]
    assert found[3]["values"] == [{"key": "true", "name": "Yes"}, {"key": "false", "name": "No"}]
    assert found[4]["values"] == [{"key": "led", "name": "LED"}, {"key": "old", "name": "Old"}]


def test_a_request_that_is_filed_here_is_the_same_issue_in_v1(partner: Partner, province: Province) -> None:
    told = partner.post("/requests.json", [
        ("api_key", partner.key()), ("service_code", SERVICE), ("lat", "35.8355"), ("long", "50.9649"),
        ("address_string", "خیابان بهار، پلاک ۴"), ("description", "چراغ\r\nخاموش است: ۳ < ۵"),
        ("email", EMAIL), ("first_name", "Sara"), ("last_name", NAME), ("phone", PHONE), ("device_id", "d1"),
        ("media_url", "https://example.org/1.jpg"), ("account_id", ""),
        ("attribute[pole]", "۱۲/آ"), ("attribute[lamps]", "۳"),
        ("attribute[since]", "2026-11-01T00:00:00+03:30"), ("attribute[danger]", "true"), ("attribute[kind]", "led"),
        ("attribute[where][]", "road"), ("attribute[where][]", "park")])
    assert told.status == 200, told.text
    code = told.body[0]["service_request_id"]
    issue = province.api(f"/v1/issues/{code}")
    assert issue["answers"] == {"pole": "۱۲/آ", "lamps": 3, "since": "2026-11-01", "danger": True, "kind": "led",
                                "where": ["road", "park"]}
    assert issue["text"] == "نشانی: خیابان بهار، پلاک ۴\nچراغ\nخاموش است: ۳ < ۵\nپیوند: https://example.org/1.jpg"
    assert issue["point"] == {"lon": 50.9649, "lat": 35.8355} and issue["category"] == SERVICE
    stored = province.mongo["mahalle_issues"]["issues"].find_one({"_id": issue["id"]}) or {}
    assert stored["contact"] == {"name": f"Sara {NAME}", "email": EMAIL, "phone": PHONE}
    secret = re.search("([a-z2-7]{4}-){3}[a-z2-7]{4}", told.body[0]["service_notice"])
    assert secret and province.api(f"/v1/issues/{code}", Issue_Secret=secret[0])["timeline"]
    found = partner.read(code, extensions="true")
    assert found["description"] == "چراغ\nخاموش است: ۳ < ۵\nپیوند: https://example.org/1.jpg"
    assert found["address"] == f"خیابان بهار، پلاک ۴, {issue['neighbourhood_name']}"
    assert (found["address_id"], found["lat"], found["long"]) == (issue["neighbourhood"], 35.8355, 50.9649)
    assert {each["code"]: each["value"] for each in found["attributes"]}["where"] == "road, park"


def test_an_issue_of_v1_is_a_request_here_and_its_life_is_told(partner: Partner, province: Province) -> None:
    issue = province.file()
    code, task = issue["tracking_code"], f"{issue['id']}-1"
    found = partner.read(code, locale="en")
    assert (found["status"], found["service_code"], found["address_id"]) == ("open", CATEGORY, PLACE)
    assert found["agency_responsible"] and found["expected_datetime"] and found["lat"] is None
    for action, words in (("accept", {}), ("start", {}), ("finish", {"text": "کابل عوض شد"})):
        assert province.move(AGENCY, task, action, **words).status == 200
    assert partner.read(code)["status"] == "open" and "کابل عوض شد" in partner.read(code)["status_notes"]
    assert province.say(issue, "confirm", satisfaction=5).status == 200
    assert partner.read(code)["status"] == "closed" and partner.read(code)["expected_datetime"] is None
    told = [each for each in partner.get("/servicerequestupdates.json").body if each["service_request_id"] == code]
    assert [each["status"] for each in told] == ["OPEN", "OPEN", "IN_PROGRESS", "FIXED", "CLOSED"]
    assert told[3]["description"] == "کابل عوض شد" and len({each["update_id"] for each in told}) == 5


@pytest.mark.parametrize(("address", "place"), [
    ("خیابان بهار، محلهٔ مهرویلا، کرج", PLACE), ("پلاک ۱, مهرویلا", PLACE), ("somewhere in Karaj", None),
    ("مهرویلا، مصباح", None), ("خیابان مهرویلا", None)])
def test_an_address_in_words_is_one_neighbourhood_or_refused(partner: Partner, address: str, place: str | None) -> None:
    told = partner.post("/requests.json", {"service_code": CATEGORY, "address_string": address, "description": "تاریک است"})
    if place is None:
        assert told.status == 400 and "address_string" in told.body[0]["description"]
    else:
        assert partner.read(told.body[0]["service_request_id"])["address_id"] == place


def test_what_is_sent_again_is_filed_once(partner: Partner, province: Province) -> None:
    form = GOOD | {"attribute[fixmystreet_id]": "4711"}
    before = province.stored()
    first, again = partner.file(**form), partner.file(**form)
    other = partner.post("/requests.json", form | {"api_key": partner.key(subject="another")}).body[0]
    keyed = [partner.post("/requests.xml", GOOD, **{"Idempotency-Key": '"open311-1"'}).text for _ in range(2)]
    assert first == again != other["service_request_id"] and keyed[0] == keyed[1]
    assert province.stored() == before + 3
    told = partner.post("/requests.json", form | {"description": "something else"})
    assert told.status == 400 and province.stored() == before + 3


def test_two_programs_with_keys_of_one_office_do_not_share_their_numbers(partner: Partner, province: Province) -> None:
    form = GOOD | {"attribute[fixmystreet_id]": "4712"}
    second = province.api("/v1/keys", {"name": "another city", "owner": "service:other", "role": "resident",
                                       "subject": "fixmystreet", "scopes": ["issues:file"]}, role="operator")["key"]
    told = partner.post("/requests.json", form | {"api_key": second})
    assert told.status == 200 and told.body[0]["service_request_id"] != partner.file(**form)
    assert partner.post("/requests.json", form | {"api_key": second}).text == told.text


def test_a_confidential_request_gets_no_id_and_is_in_no_answer(partner: Partner, province: Province) -> None:
    told = partner.post("/requests.json", GOOD | {"service_code": "addiction", "description": "کمک می‌خواهیم"}).body[0]
    code = re.search("[0-9]{4}-[0-9]{4}-[0-9]{3}", told["service_notice"])
    assert code and "service_request_id" not in told
    assert partner.get(f"/requests/{code[0]}.xml").status == partner.get(f"/tokens/{code[0]}.xml").status == 404
    key = partner.key("secretary", "alborz")
    for query in ({}, {"api_key": key}, {"service_code": "addiction"}, {"service_request_id": code[0], "api_key": key}):
        for path in ("/requests.xml", "/requests.json", "/bulk.csv", "/bulk.json", "/servicerequestupdates.json"):
            assert code[0] not in partner.get(path, **query).text


def test_nobodys_contact_is_in_any_answer(partner: Partner) -> None:
    partner.file(email=EMAIL, first_name="Sara", last_name=NAME, phone=PHONE)
    code = partner.file(email=EMAIL, last_name=NAME, phone=PHONE)
    for path in ("/requests.xml", "/requests.json", f"/requests/{code}.xml", "/bulk.csv", "/bulk.json",
                 "/servicerequestupdates.xml"):
        for query in ({}, {"extensions": "true", "api_key": partner.key("secretary", "alborz")}):
            told = partner.get(path, **query)
            assert told.status == 200 and not any(each in told.text for each in (EMAIL, NAME, PHONE))


def test_filters_narrow_the_list(partner: Partner, province: Province) -> None:
    start = datetime.now(UTC) - timedelta(minutes=2)
    here, there = partner.file(service_code="gas"), partner.file(service_code="gas", address_id="taleqan-golinak")
    closed = province.file(category="gas")
    province.say(closed, "withdraw")

    def found(**query: str) -> set[str]:
        return {each["service_request_id"] for each in partner.get("/requests.json", **query).body}

    gas, ids = {"service_code": "gas,no-such-thing"}, {here, there, closed["tracking_code"]}
    assert ids <= found() and ids <= found(**gas) and not ids & found(service_code="water-leak")
    assert ids & found(**gas, status="closed") == {closed["tracking_code"]} and ids & found(status="open") == {here, there}
    assert ids & found(status="open,closed") == ids == ids & found(status="")
    assert ids & found(**gas, jurisdiction_id=COUNTY) == ids - {there}
    window = {"start_date": f"{start:%Y-%m-%dT%H:%M:%SZ}",
              "end_date": f"{start + timedelta(hours=1):%Y-%m-%dT%H:%M:%S+00:00}"}
    assert ids <= found(**window) and not ids & found(end_date=window["start_date"])
    assert ids <= found(updated_after=window["start_date"]) and not ids & found(updated_before=window["start_date"])
    assert not ids & found(updated_after=window["start_date"], start_date=window["end_date"])
    assert found(service_request_id=f"{here}, {there}", status="closed", service_code="water-leak") == {here, there}
    assert found(service_request_id="1234-5678-901") == set()


def test_pages_show_every_request_once_and_lead_on(partner: Partner) -> None:
    there = [partner.file(service_code="water-leak", address_id="eshtehard-now") for _ in range(5)]
    query = {"jurisdiction_id": "eshtehard-county", "service_code": "water-leak"}
    pages = [[each["service_request_id"] for each in partner.get("/requests.json", **query, page=str(n), page_size="2").body]
             for n in (1, 2, 3, 4)]
    assert pages == [there[:2:-1], there[2:0:-1], there[:1], []]
    seen, told = [], partner.get("/requests.json", **query, page_size="2")
    while True:
        seen += [each["service_request_id"] for each in told.body]
        if "Link" not in told.headers:
            break
        told = partner.ask("GET", told.headers["Link"].partition(">")[0].removeprefix("</open311/v2"))
    assert seen == there[::-1]
    assert partner.get("/requests.json", page="21", page_size="50").status == 400


def test_bulk_is_a_file_that_reads_back(partner: Partner) -> None:
    formula, lines = partner.file(description="=HYPERLINK(1)"), partner.file(description='a "quoted", line\nanother')
    told = partner.get("/bulk.csv")
    assert told.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = {each["service_request_id"]: each for each in csv.DictReader(io.StringIO(told.text, newline=""))}
    assert tuple(rows[lines]) == COLUMNS and rows[lines]["description"] == 'a "quoted", line\nanother'
    assert rows[formula]["description"] == "'=HYPERLINK(1)"
    found = {each["service_request_id"]: each for each in partner.get("/bulk.json").body["requests"]}
    assert found[formula]["description"] == "=HYPERLINK(1)" and found.keys() >= rows.keys()


def test_an_independent_client_reads_all_of_it(partner: Partner) -> None:
    code, other = partner.file(), partner.file(service_code="gas")
    for form in ("json", "xml"):
        client = georeport.GeoReport(partner.address, jurisdiction="alborz", output_format=form)
        assert SERVICE in {each["service_code"] for each in client.get_service_list()}
        assert client.get_service_definition(SERVICE)["service_code"] == SERVICE
        found = client.get_service_requests(service_request_id=f"{code},{other}")
        assert {each["service_request_id"] for each in found} == {code, other}
        assert {code, other} <= {each["service_request_id"] for each in client.get_service_requests(
            service_code=f"{CATEGORY},gas", status="open")}
    one = georeport.GeoReport(partner.address, jurisdiction="alborz").get_service_request(code)
    assert (one[0] if isinstance(one, list) else one)["service_request_id"] == code


def test_an_id_is_its_own_token(partner: Partner) -> None:
    code = partner.file()
    assert partner.get(f"/tokens/{code}.json").body == [{"service_request_id": code, "token": code}]
    assert partner.get(f"/tokens/{code}.xml").status == 200
    assert partner.get("/tokens/123.json").status == 404


def test_updates_come_in_a_window_with_ids_that_stay(partner: Partner) -> None:
    code = partner.file()
    at = partner.read(code)["requested_datetime"]
    own = [each for each in partner.get("/servicerequestupdates.json", start_date=at, end_date=at).body
           if each["service_request_id"] == code]
    assert own and all(each["updated_datetime"] == at for each in own)
    assert own[0]["update_id"] == f"{code}-0"
    later = f"{datetime.fromisoformat(at) + timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}"
    assert own[0] not in partner.get("/servicerequestupdates.json", start_date=later).body
    assert partner.get("/servicerequestupdates.xml", jurisdiction_id=COUNTY).status == 200
    assert code not in partner.get("/servicerequestupdates.xml", jurisdiction_id="taleqan-county").text


def test_an_agency_reports_its_work_with_its_own_key_and_once(partner: Partner, province: Province) -> None:
    code = partner.file()
    key = {"api_key": partner.key("agency", AGENCY)}

    def state() -> str:
        return str(province.api(f"/v1/issues/{code}")["tasks"][0]["state"])

    for number, status, after in (("1", "INVESTIGATING", "accepted"), ("2", "IN_PROGRESS", "in_progress"),
                                  ("3", "FIXED", "done")):
        told = partner.post("/servicerequestupdates.json", update(code, number, status) | key)
        assert told.body == [{"update_id": number}]
        assert state() == after
    version = province.api(f"/v1/issues/{code}")["version"]
    for number, status in (("2", "IN_PROGRESS"), ("3", "FIXED")):  # late repetitions
        assert partner.post("/servicerequestupdates.xml", update(code, number, status) | key).status == 200
    assert province.api(f"/v1/issues/{code}")["version"] == version
    assert partner.read(code)["status_notes"].endswith("کابل عوض شد")
    assert partner.post("/servicerequestupdates.json", update(code, "4", "IN_PROGRESS") | key).status == 400
    straight = partner.file()
    assert partner.post("/servicerequestupdates.xml", update(straight, "9", "CLOSED") | key).status == 200
    assert partner.read(straight)["status"] == "open", "closing is the resident's word"
