"""A street child found in the field: a case worker, four agencies and a charity, each with its part and no word more."""
import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.api import Json
from tests.e2e.province import SECRETARY, Desk, Province
from tests.e2e.stories import actions
from tests.integration.waiting import eventually

CATEGORY, PLACE, BY_RULE, CHARITY = "street-children", "karaj-kianmehr", "karaj-welfare", "karaj-childrens-charity"
WORKER: dict[str, Any] = {"role": "case_worker", "subject": "karaj-county"}
FOUND = "پسری ده‌ساله به نام یونس پشت میدان بار در کارتن می‌خوابد و سرفه می‌کند"
PARTS = {BY_RULE: "سرپناه شبانه برای یک کودک، با مددکار همراه", "alborz-health": "معاینهٔ ریهٔ یک کودک در درمانگاه میدان",
         "alborz-education": "نام‌نویسی یک کودک ده‌ساله بدون شناسنامه", "alborz-relief-committee": "کفش و لباس زمستانی",
         CHARITY: "هر شب یک وعده غذای گرم در سرپناه"}
PEOPLE = "مریم کاظمی", "finder@example.org", "یونس"
NOTES = "پدر و مادرش را گم کرده است", "در سرپناه است و بهتر شده"


@pytest.fixture(scope="module")
def case(province: Province) -> Json:
    """Found, assessed, and given to five, each with a part that the case worker wrote for it."""
    charity = {"code": CHARITY, "name_fa": "خیریهٔ کودکان کرج", "name_en": "Karaj Children's Charity", "level": "city",
               "territory": "karaj", "channel": "queue"}
    province.api("/v1/agencies", charity, **SECRETARY)
    issue = province.file(category=CATEGORY, neighbourhood=PLACE, text=FOUND,
                          contact={"name": PEOPLE[0], "email": PEOPLE[1]})
    path = f"/v1/issues/{issue['id']}"
    first = {"level": "high", "needs": ["shelter", "health", "education", "clothing", "food"], "note": NOTES[0]}
    assert province.api.post(f"{path}/assessments", first, **WORKER).status == 201
    cancelled = province.api.post(f"{path}/tasks/{issue['id']}-1/cancel", {"reason": "سهم هر دستگاه جدا نوشته می‌شود"},
                                  **SECRETARY)
    assert cancelled.status == 200
    for agency, part in PARTS.items():
        give = partial(province.api.post, f"{path}/assign", {"agency": agency, "part": part}, **WORKER)
        eventually(f"{agency} is given its part", give, until=lambda answer: answer.status == 200)
    return issue | {"of": {agency: f"{issue['id']}-{number}" for number, agency in enumerate(PARTS, 2)}}


def words_but(agency: str) -> list[str]:
    """Every word of the case that is not this agency's part."""
    return [FOUND, *PEOPLE, *NOTES, *(part for other, part in PARTS.items() if other != agency)]


def said_in(found: Any, words: list[str]) -> list[str]:
    seen = json.dumps(found, ensure_ascii=False)
    return [word for word in words if word in seen]


def reads(province: Province, agency: str, task: str) -> Json:
    return province.api(f"/v1/agencies/{agency}/tasks/{task}", role="agency", subject=agency)


def test_each_agency_sees_its_own_part_and_no_word_more(province: Province, case: Json) -> None:
    for agency, task in case["of"].items():
        seen = reads(province, agency, task)
        assert (seen["part"], said_in(seen, words_but(agency))) == (PARTS[agency], [])
        assert {each["id"] for each in province.api.pages(f"/v1/agencies/{agency}/tasks?state=offered", role="agency",
                                                          subject=agency) if each["issue_id"] == case["id"]} == {task}
        others = [other for name, other in case["of"].items() if name != agency]
        assert [province.api.get(f"/v1/agencies/{agency}/tasks/{other}", role="agency", subject=agency).status
                for other in others] == [404] * 4


def test_over_the_queue_each_is_told_only_where_to_look(province: Province, case: Json, desk: Callable[[str], Desk]) -> None:
    offered = desk("alborz-health").hears("task_offered", task_id=case["of"]["alborz-health"])
    assert offered["confidential"] and said_in(offered, [*words_but(""), CATEGORY]) == []


@pytest.mark.parametrize("who", [{}, {"role": "resident"}, {"role": "agency", "subject": "karaj-waste"},
                                 {"role": "case_worker", "subject": "fardis-county"},
                                 {"role": "neighbourhood_manager", "subject": PLACE}], ids=str)
def test_to_whom_it_is_no_case_it_is_not_there(province: Province, case: Json, who: Json) -> None:
    for path in ("", "/assessments", "/messages"):
        answer = province.api.get(f"/v1/issues/{case['id']}{path}", **who)
        assert answer.status in (401, 403, 404) and said_in(answer.body, words_but("")) == []
    for path in ("/v1/issues?q=یونس", f"/v1/issues?neighbourhood={PLACE}", f"/v1/issues?category={CATEGORY}"):
        assert case["id"] not in str(province.api.pages(path, **who))


def test_its_case_worker_sees_all_of_it_and_a_secretary_that_it_is_there(province: Province, case: Json) -> None:
    whole = province.api(f"/v1/issues/{case['id']}", **WORKER)
    assert said_in(whole, words_but("")) == [word for word in words_but("") if word != NOTES[1]]
    masked = province.api(f"/v1/issues/{case['id']}", **SECRETARY)
    assert said_in(masked, [*words_but(""), CATEGORY]) == [] and len(masked["tasks"]) == 6


def test_it_closes_only_when_all_have_done_their_part(province: Province, case: Json) -> None:
    path = f"/v1/issues/{case['id']}"
    for agency, task in case["of"].items():
        assert province.say(case, "confirm", satisfaction=5).body["code"] == "not_done_yet"
        for action, more in (("accept", {}), ("finish", {"text": f"سهم {agency} انجام شد"})):
            assert province.move(agency, task, action, **more).status == 200
    assert province.api.post(f"{path}/assessments", {"level": "low", "needs": [], "note": NOTES[1]}, **WORKER).status == 201
    told = province.api(f"{path}/assessments", **WORKER)["items"]
    assert [(each["level"], each["note"]) for each in told] == [("low", NOTES[1]), ("high", NOTES[0])]
    assert province.seen_by_filer(case)["status"] == "done"
    assert province.say(case, "confirm", satisfaction=5).body["status"] == "closed"
    assert actions(province.seen_by_filer(case)) == [
        "file", "offer", "assess", "cancel", *["offer"] * 5, *["accept", "finish"] * 5, "assess", "confirm"]


def test_every_read_is_written_down(province: Province, case: Json) -> None:
    for agency, task in case["of"].items():
        reads(province, agency, task)
    seen = {(each["by"], each["part"]) for each in province.api.pages(f"/v1/case-reads?issue={case['id']}", **WORKER)}
    assert {(f"agency:{agency}", f"part:{task}") for agency, task in case["of"].items()} <= seen
    assert ("case_worker:karaj-county", "case") in seen
    assert province.api.get(f"/v1/case-reads?issue={case['id']}", role="agency", subject=BY_RULE).status == 403


def test_it_is_in_no_number_no_letter_and_no_log(province: Province, case: Json) -> None:
    row = eventually("the booklet has its newest version", lambda: province.mongo["mahalle_booklet"]["issues"].find_one(
        {"_id": case["id"], "version": province.seen_by_filer(case)["version"]}))
    assert row and set(row) == {"_id", "version", "confidential"}
    for by, code in (("category", CATEGORY), ("agency", CHARITY), ("neighbourhood", PLACE)):
        lines = province.api(f"/v1/statistics?by={by}")["items"]
        field = {"agency": "tasks.agency"}.get(by, by)
        public = province.mongo["mahalle_issues"]["issues"].count_documents({"confidential": False, field: code})
        assert sum(line["filed"] for line in lines if line["code"] == code) == public
    assert province.api("/v1/statistics")["totals"].get("confidential", 0) % 5 == 0, "told in steps, or not at all"
    assert province.told(case) == {} and said_in(province.logs(), [*words_but(""), *PARTS.values()]) == []
