"""An issue goes all its ways: solved, waiting for a hand, refused, not fixed, withdrawn."""
from collections.abc import Callable
from typing import Any

import pytest

from chassis.text import persian_digits
from tests.api import Json
from tests.e2e.province import AGENCY, PLACE, SECRETARY, Desk, Province
from tests.integration.waiting import eventually

Sit = Callable[[str], Desk]
HER_ADDRESS = "alborz-secretary@example.org"


def actions(issue: Json) -> list[str]:
    return [moved["action"] for moved in issue["timeline"]]


def comes(province: Province, address: str, issue: Json, words: str) -> None:
    """A letter about the issue, with these words in its subject, arrives at the mail server."""
    code = persian_digits(issue["tracking_code"])
    eventually(f"a letter to {address} says {words!r}",
               lambda: [letter["Subject"] for letter in province.postbox.to(address, code)],
               until=lambda seen: any(words in subject for subject in seen))


def finished(province: Province, issue: Json) -> str:
    """Its agency does its part over HTTP; returns the task."""
    task = f"{issue['id']}-1"
    assert province.move(issue["agency"], task, "accept").status == 200
    assert province.move(issue["agency"], task, "finish", text="برق وصل شد").status == 200
    return task


def over_the_queue(province: Province, desk: Desk, task: str, action: str, **more: str) -> str:
    told = desk.answers(task, action, **more)
    assert told["kind"] == "answer_taken" and told["task_id"] == task
    return str(told["state"])


def by_http(province: Province, desk: Desk, task: str, action: str, **more: str) -> str:
    answer = province.move(desk.agency, task, action, **more)
    assert answer.status == 200
    return str(answer.body["state"])


@pytest.mark.parametrize("answering", [over_the_queue, by_http])
def test_an_issue_reaches_its_agency_and_comes_back_closed(province: Province, desk: Sit, answering: Any) -> None:
    province.settled()
    before = [province.counted("neighbourhood", PLACE), province.counted("agency", AGENCY)]
    issue = province.file()
    assert (issue["status"], issue["agency"]) == ("routed", AGENCY)

    agency = desk(AGENCY)
    offered = agency.hears("task_offered", issue_id=issue["id"])
    assert (offered["text"], offered["tracking_code"]) == (issue["text"], issue["tracking_code"])
    assert offered["neighbourhood"] == PLACE and offered["state"] == "offered" and not offered["confidential"]
    assert issue["email"] not in str(offered) and "زهرا" not in str(offered)
    task = province.api(offered["links"]["self"], role="agency", subject=AGENCY)
    assert (task["id"], task["issue"]["text"]) == (offered["task_id"], issue["text"])

    statuses = [(answering(province, agency, task["id"], action, **more), province.seen_by_all(issue)["status"])
                for action, more in (("accept", {}), ("start", {}), ("finish", {"text": "فیوز عوض شد"}))]
    assert statuses == [("accepted", "in_progress"), ("in_progress", "in_progress"), ("done", "done")]
    comes(province, issue["email"], issue, "آیا مسئلهٔ شما درست شده است؟")

    confirmed = province.say(issue, "confirm", satisfaction=5, words="دست شما درد نکند")
    assert (confirmed.status, confirmed.body["status"], confirmed.body["closed_by"]) == (200, "closed", "filer")
    assert actions(province.seen_by_filer(issue)) == ["file", "offer", "accept", "start", "finish", "confirm"]

    def growth() -> list[Json]:
        after = [province.counted("neighbourhood", PLACE), province.counted("agency", AGENCY)]
        return [{name: now[name] - then[name] for name in ("filed", "open", "solved", "confirmed", "satisfaction_of")}
                for now, then in zip(after, before, strict=True)]

    once = {"filed": 1, "open": 0, "solved": 1, "confirmed": 1, "satisfaction_of": 1}
    eventually("the booklet counts it, once", growth, until=lambda seen: seen == [once, once])
    eventually("everybody was told, once", lambda: province.told(issue), until=lambda seen: seen == {
        "filer: filed": "sent", "seat: filed_nearby": "sent", "filer: done": "sent"})
    assert len(province.postbox.to(issue["email"])) == 2


def test_an_agency_that_reads_e_mail_is_told_by_letter(province: Province) -> None:
    issue = province.file(category="rubbish", neighbourhood="asara-paein")
    assert issue["agency"] == "asara-municipality"
    comes(province, "asara-municipality@example.org", issue, "کار تازه")
    assert f"agency.{issue['agency']}.tasks" not in {queue["name"] for queue in province.wire.management.queues()}


def test_what_no_rule_routes_waits_for_the_secretary_and_is_assigned_by_hand(province: Province, desk: Sit) -> None:
    issue = province.file(category="other")
    assert (issue["status"], issue["agency"]) == ("filed", None)
    comes(province, HER_ADDRESS, issue, "مسئله‌ای دستگاه ندارد")
    waiting = province.api.pages("/v1/issues?status=filed", **SECRETARY)
    assert issue["id"] in {each["id"] for each in waiting}

    unknown = province.assign(issue, "nobody-knows-it")
    assert (unknown.status, unknown.body["code"], unknown.body["errors"][0]["pointer"]) == (
        422, "unknown_agency", "/agency")
    assert province.assign(issue, AGENCY, reason="نزدیک‌ترین").body["status"] == "routed"
    assert desk(AGENCY).hears("task_offered", issue_id=issue["id"])["text"] == issue["text"]
    again = province.assign(issue, AGENCY)
    assert (again.status, again.body["code"]) == (409, "already_offered")
    assert actions(province.seen_by_filer(issue)) == ["file", "offer"]


def test_what_an_agency_refuses_goes_to_the_next_rule_and_then_to_the_secretary(province: Province, desk: Sit) -> None:
    issue = province.file(category="gas")
    for agency in ("alborz-gas", "alborz-water"):
        at = desk(agency)
        task = at.hears("task_offered", issue_id=issue["id"])["task_id"]
        assert province.seen_by_all(issue)["status"] == "routed"
        assert at.answers(task, "refuse", reason="در حوزهٔ ما نیست")["state"] == "refused"
    seen = province.seen_by_filer(issue)
    assert seen["status"] == "filed" and [task["state"] for task in seen["tasks"]] == ["refused", "refused"]
    assert len({task["due"] for task in seen["tasks"]}) == 1, "a refusal gives nobody more time"
    comes(province, HER_ADDRESS, issue, "کار را نپذیرفت")


def test_not_fixed_brings_the_work_back_and_is_counted(province: Province, desk: Sit) -> None:
    issue = province.file(neighbourhood="karaj-mesbah")
    task = finished(province, issue)
    wrong = province.say(issue, "not-fixed")
    assert (wrong.status, wrong.body["errors"][0]["pointer"]) == (422, "/reason")
    assert province.say(issue, "not-fixed", reason="دوباره قطع شد").body["status"] == "in_progress"
    changed = desk(AGENCY).hears("task_changed", task_id=task)
    assert changed["state"] == "in_progress"
    assert province.move(AGENCY, task, "finish", text="کابل عوض شد").status == 200
    assert province.say(issue, "confirm", satisfaction=3).body["status"] == "closed"
    assert province.seen_by_filer(issue)["times_not_fixed"] == 1
    eventually("it is counted", lambda: province.counted("neighbourhood", "karaj-mesbah"),
               until=lambda line: (line["not_fixed"], line["confirmed"]) == (1, 1))
    eventually("the manager was told", lambda: province.told(issue).get("seat: not_fixed_nearby"),
               until=lambda state: state == "sent")


def test_what_its_filer_withdraws_is_cancelled_and_its_agency_told(province: Province, desk: Sit) -> None:
    issue = province.file()
    agency = desk(AGENCY)
    task = agency.hears("task_offered", issue_id=issue["id"])["task_id"]
    withdrawn = province.say(issue, "withdraw", reason="خودمان درست کردیم")
    assert (withdrawn.status, withdrawn.body["status"]) == (200, "withdrawn")
    assert agency.hears("task_cancelled", task_id=task)["state"] == "cancelled"
    late = agency.answers(task, "accept")
    assert (late["kind"], late["code"]) == ("answer_refused", "issue_ended")
    assert province.say(issue, "withdraw").status == 409
    eventually("the manager was told", lambda: province.told(issue).get("seat: withdrawn"),
               until=lambda state: state == "sent")
