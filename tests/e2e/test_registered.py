"""An agency that is registered while everything runs has its queue, its rights and its tasks, without a restart."""
from collections.abc import Callable

from tests.api import Json
from tests.e2e.province import SECRETARY, Desk, Province
from tests.integration.waiting import eventually

Sit = Callable[[str], Desk]
NEW: Json = {"code": "karaj-cycling", "name_fa": "سازمان دوچرخهٔ کرج", "name_en": "Karaj cycling office", "level": "city",
             "territory": "karaj", "channel": "queue", "committee": None, "parent": "karaj-municipality", "email": None}


def users(province: Province) -> set[str]:
    return {each["user"] for each in province.wire.management.call("GET", "/topic-permissions")}


def test_an_agency_registered_while_everything_runs_gets_its_tasks(province: Province, desk: Sit) -> None:
    answer = province.api.post("/v1/agencies", NEW, **SECRETARY)
    assert (answer.status, answer.body["code"], answer.body["sample"]) == (201, NEW["code"], False)
    again = province.api.post("/v1/agencies", NEW, **SECRETARY)
    assert (again.status, again.body) == (201, answer.body), "twice is once"
    other = province.api.post("/v1/agencies", NEW | {"territory": "fardis"}, **SECRETARY)
    assert (other.status, other.body["code"]) == (409, "code_taken")
    assert province.api.post("/v1/agencies", NEW, role="resident").status == 403

    issue = province.file(category="other")
    eventually("it may be assigned", lambda: province.assign(issue, NEW["code"]).status, until=lambda status: status == 200)
    eventually("it has its rights", lambda: users(province), until=lambda seen: f"agency.{NEW['code']}" in seen)
    agency = desk(NEW["code"])
    offered = agency.hears("task_offered", issue_id=issue["id"])
    assert offered["text"] == issue["text"]
    assert agency.answers(offered["task_id"], "accept")["state"] == "accepted"
    assert NEW["code"] in {each["code"] for each in province.api.pages("/v1/agencies")}
    eventually("it is counted", lambda: province.counted("agency", NEW["code"])["open"], until=lambda seen: seen == 1)


def test_an_agency_that_pulls_needs_nothing_at_the_broker(province: Province) -> None:
    code = "karaj-libraries-desk"
    province.api("/v1/agencies", NEW | {"code": code, "channel": "pull"}, **SECRETARY)
    issue = province.file(category="other")
    eventually("it may be assigned", lambda: province.assign(issue, code).status, until=lambda status: status == 200)
    [task] = province.api.pages(f"/v1/agencies/{code}/tasks?state=offered", role="agency", subject=code)
    assert task["issue_id"] == issue["id"] and task["issue"]["text"] == issue["text"]
    assert province.move(code, task["id"], "accept").body["state"] == "accepted"
    assert province.api.pages(f"/v1/agencies/{code}/tasks?state=offered", role="agency", subject=code) == []
    assert f"agency.{code}" not in users(province)
