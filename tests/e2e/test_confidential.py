"""Of a confidential issue nothing is to be seen but by its filer and the agency that must act."""
import json
from collections.abc import Callable
from typing import Any

import pytest
from mahalle_agency.desk import read_task

from chassis.text import persian_digits
from tests.api import Json
from tests.e2e.province import PLACE, SECRETARY, Desk, Province
from tests.integration.waiting import eventually

Sit = Callable[[str], Desk]
WORDS = "مردی در کوچهٔ بیستم به مواد دچار شده است"
AGENCY, CATEGORY = "karaj-welfare", "addiction"
ADDRESS = "confidential-filer@example.org"


@pytest.fixture(scope="module")
def lived(province: Province) -> tuple[Json, list[bytes]]:
    """A confidential issue that went all the way, and everything that was on the wire about it meanwhile."""
    tap = province.wire.connect()
    queue = tap.queue_declare("", exclusive=True).method.queue
    for exchange in ("issues.events", "agencies.tasks"):
        tap.queue_bind(queue, exchange, "#")
    issue = province.file(category=CATEGORY, text=WORDS, title="اعتیاد در محله",
                          contact={"name": "مریم کاظمی", "email": ADDRESS, "phone": "09121234567"})
    task = f"{issue['id']}-1"
    desk = province.desk(AGENCY)
    desk.hears("task_offered", issue_id=issue["id"])
    for action, more in (("accept", {}), ("finish", {"text": "به درمانگاه معرفی شد"})):
        assert desk.answers(task, action, **more)["kind"] == "answer_taken"
    assert province.say(issue, "confirm", satisfaction=4, words="سپاس زبرجد").status == 200
    wire: list[bytes] = []

    def all_told() -> int:
        while (message := tap.basic_get(queue, auto_ack=True))[0]:
            wire.append(json.dumps([message[1].headers, message[2].decode()], ensure_ascii=False).encode())
        return sum(issue["id"].encode() in each and b"confidential_issue_changed" in each for each in wire)

    eventually("each of its five decisions is told", all_told, until=lambda count: count >= 5)
    tap.connection.close()
    desk.close()
    return issue, [each for each in wire if issue["id"].encode() in each]


def hidden(issue: Json) -> list[str]:
    """What must be seen nowhere: its words, code, category, people."""
    code = issue["tracking_code"]
    return ["کوچهٔ بیستم", "اعتیاد در محله", code, code.replace("-", ""), persian_digits(code), "confidential-filer",
            "کاظمی", "09121234567", "به درمانگاه معرفی", "سپاس زبرجد"]


def test_only_its_filer_reads_it(province: Province, lived: tuple[Json, list[bytes]]) -> None:
    issue, _ = lived
    seen = province.seen_by_filer(issue)
    assert (seen["text"], seen["status"], seen["confidential"]) == (WORDS, "closed", True)
    unknown = province.api.get("/v1/issues/no-such-issue").body
    for ref in (issue["id"], issue["tracking_code"]):
        for who in ({}, {"role": "resident"}, {"role": "agency", "subject": "karaj-waste"}):
            answer = province.api.get(f"/v1/issues/{ref}", **who)
            assert (answer.status, answer.body["detail"]) == (404, unknown["detail"])


def test_no_list_shows_it_and_the_secretarys_only_masked(province: Province, lived: tuple[Json, list[bytes]]) -> None:
    issue, _ = lived
    for path in ("/v1/issues", f"/v1/issues?category={CATEGORY}", f"/v1/issues?agency={AGENCY}", "/v1/issues?q=بیستم"):
        assert issue["id"] not in str(province.api.pages(path))
    listed = province.api.pages(f"/v1/issues?neighbourhood={PLACE}", **SECRETARY)
    [masked] = [each for each in listed if each["id"] == issue["id"]]
    assert not [word for word in [*hidden(issue), CATEGORY] if word in json.dumps(masked, ensure_ascii=False)]
    assert issue["id"] not in str(province.api.pages("/v1/issues?q=بیستم", **SECRETARY))


def test_an_agencys_list_says_only_where_to_look(province: Province, lived: tuple[Json, list[bytes]]) -> None:
    issue, _ = lived
    as_agency: dict[str, Any] = {"role": "agency", "subject": AGENCY}
    listed = province.api.pages(f"/v1/agencies/{AGENCY}/tasks", **as_agency)
    [masked] = [each for each in listed if each["issue_id"] == issue["id"]]
    assert not [word for word in [*hidden(issue), CATEGORY] if word in json.dumps(masked, ensure_ascii=False)]
    whole = province.api(masked["links"]["self"], **as_agency)
    assert whole["issue"]["text"] == WORDS and ADDRESS not in str(whole)


def test_an_agency_that_gave_it_back_reads_no_word_of_it_any_more(province: Province) -> None:
    issue = province.file(category=CATEGORY, text=WORDS)
    task = f"{issue['id']}-1"
    refused = province.move(AGENCY, task, "refuse", reason="در حوزهٔ ما نیست")
    later = province.api.get(f"/v1/agencies/{AGENCY}/tasks/{task}", role="agency", subject=AGENCY)
    assert refused.body == later.body and (later.status, later.body["state"]) == (200, "refused")
    assert "بیستم" not in str(later.body) and "issue" not in later.body
    key = province.api.key_of("agency", AGENCY)
    shown = read_task(province.platform.address("gateway"), key, AGENCY, task)
    assert (shown.state, shown.confidential, shown.text) == ("refused", True, None)


def test_nothing_of_it_is_on_the_wire(lived: tuple[Json, list[bytes]]) -> None:
    issue, wire = lived
    said = b"".join(wire).decode()
    assert "task_offered" in said and "answer_taken" in said and "confidential_issue_changed" in said
    assert not [word for word in [*hidden(issue), CATEGORY] if word in said]
    assert "issue_filed" not in said and "task_finished" not in said, "not even what happened"


def test_nobody_is_written_to_about_it(province: Province, lived: tuple[Json, list[bytes]]) -> None:
    issue, _ = lived
    later = province.file(neighbourhood=PLACE)
    eventually("a later issue is told", lambda: province.told(later).get("filer: filed"), until=lambda seen: seen == "sent")
    assert province.told(issue) == {} and province.postbox.to(ADDRESS) == []


def test_no_published_number_counts_it(province: Province, lived: tuple[Json, list[bytes]]) -> None:
    row = province.mongo["mahalle_booklet"]["issues"].find_one({"_id": lived[0]["id"]})
    assert row is not None and set(row) == {"_id", "version", "confidential"}
    province.settled()
    before = numbers(province)
    province.file(category=CATEGORY)
    province.settled()
    assert numbers(province) == before
    province.file(category="social-security")
    province.settled()
    assert numbers(province) == (before[0] + 1, before[1] + 1), "what is not confidential is counted there"


def numbers(province: Province) -> tuple[int, int]:
    """How many were ever filed, everywhere and with AGENCY, by the published numbers."""
    totals = province.api("/v1/statistics?by=agency")["totals"]
    return totals["filed"], province.counted("agency", AGENCY)["filed"]


def test_no_log_holds_a_word_of_it(province: Province, lived: tuple[Json, list[bytes]]) -> None:
    logs = province.logs()
    assert all(f'"service": "{name}"' in logs for name in ("gateway", "issues", "notifications", "booklet", "relay"))
    assert not [word for word in [*hidden(lived[0]), lived[0]["secret"]] if word in logs]


def test_no_database_holds_a_word_of_it_but_the_code_by_which_it_is_found(
        province: Province, lived: tuple[Json, list[bytes]]) -> None:
    lying = everything_stored(province)
    code = lived[0]["tracking_code"]
    assert not [word for word in hidden(lived[0]) if word in lying and word not in (code, code.replace("-", ""))]
    assert lived[0]["id"] in lying


def everything_stored(province: Province) -> str:
    """Every document of every service."""
    databases = [province.mongo[name] for name in province.mongo.list_database_names() if name.startswith("mahalle_")]
    return "".join(str(document) for database in databases for name in database.list_collection_names()
                   for document in database[name].find())


WORKER: dict[str, Any] = {"role": "case_worker", "subject": "karaj"}
SAID = "زنی تنها پشت دیوار شکسته", "یادداشت زمرد", "یاقوت همسایه", "zohre@example.org", "joiner@example.org"


def test_one_that_is_made_confidential_later_is_forgotten_by_all_who_knew_it(province: Province) -> None:
    issue = province.file(text=SAID[0], contact={"email": SAID[3]})
    path = f"/v1/issues/{issue['id']}"
    eventually("it was told", lambda: province.told(issue).get("filer: filed"), until=lambda seen: seen == "sent")
    said = {"text": SAID[1], "to": "public"}
    assert province.api.post(f"{path}/messages", said, Issue_Secret=issue["secret"]).status == 201
    assert province.api.post(f"{path}/join", {"contact": {"email": SAID[4]}}, role="resident").status == 201
    assert province.api.post(f"{path}/confidential", {"reason": SAID[2]}, **SECRETARY).status == 200
    booklet, told = province.mongo["mahalle_booklet"]["issues"], province.mongo["mahalle_notifications"]["deliveries"]
    eventually("the booklet forgets", lambda: set(booklet.find_one({"_id": issue["id"]}) or {}),
               until=lambda seen: seen == {"_id", "version", "confidential"})
    eventually("so do the letters", lambda: [each["about"] for each in told.find({"about.issue": issue["id"]})],
               until=lambda seen: seen and all(about == {"issue": issue["id"]} for about in seen))
    assert not [word for word in SAID if word in everything_stored(province) + province.logs()]
    assert province.api.get(path).status == province.api.get(f"{path}/messages").status == 404
    assert issue["id"] not in str(province.api.pages("/v1/issues?q=دیوار"))
    assert province.seen_by_filer(issue)["timeline"][-1]["reason"] == SAID[2]


def test_who_read_a_case_is_known_to_its_case_worker_and_an_operator_alone(province: Province) -> None:
    issue = province.file(category=CATEGORY, text=WORDS)
    path, query = f"/v1/issues/{issue['id']}", f"/v1/case-reads?issue={issue['id']}"
    assert province.api(path, **WORKER)["text"] == WORDS and province.seen_by_filer(issue)["text"] == WORDS
    for who in (WORKER, {"role": "operator"}):
        assert [each["by"] for each in province.api(query, **who)["items"]] == ["filer", "case_worker:karaj"]
    statuses = [province.api.get(query, **who).status for who in (
        {}, SECRETARY, {"role": "agency", "subject": AGENCY}, {"role": "case_worker", "subject": "fardis"})]
    assert statuses == [401, 403, 403, 404]


@pytest.mark.parametrize(("action", "body"), [
    ("assessments", {}), ("assessments", {"level": "huge", "needs": []}), ("assessments", {"level": "low", "needs": ["x"]}),
    ("assessments", {"level": "low", "needs": [], "note": "  "}), ("assessments", {"level": 1, "needs": "food"}),
    ("assessments", {"level": "low", "needs": [], "note": "ن" * 1001}), ("assessments", {"سطح": "کم"}),
    ("confidential", {}), ("confidential", {"reason": "   "}), ("confidential", {"reason": 5}),
    ("confidential", {"reason": "ن" * 2001}), ("assign", {"agency": "nobody", "part": "x"}), ("assign", {"part": "x"})])
def test_what_is_wrong_is_told_in_both_languages_and_changes_nothing(province: Province, action: str, body: Json) -> None:
    issue = province.file(category=CATEGORY, text=WORDS)
    before = province.mongo["mahalle_issues"]["issues"].find_one({"_id": issue["id"]}, {"outbox": 0})
    told = [province.api.post(f"/v1/issues/{issue['id']}/{action}", body, Accept_Language=language, **WORKER)
            for language in ("fa", "en")]
    assert [each.status for each in told] == [422, 422] and told[0].body["code"] == told[1].body["code"]
    assert told[0].body["detail"] != told[1].body["detail"]
    assert province.mongo["mahalle_issues"]["issues"].find_one({"_id": issue["id"]}, {"outbox": 0}) == before
