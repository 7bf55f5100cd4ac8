"""Whatever `issues` answers over HTTP is what its routes describe: every route, in every shape that it may have."""
from collections.abc import Callable
from typing import Any

import pytest

from chassis.caller import Caller
from chassis.clock import now
from contracts import registry
from contracts.envelope import Received
from contracts.registry import AgencyChanged
from contracts.registry_parts import Holiday, Option, Question
from services.issues.atlas import learn
from tests.builders import a_square
from tests.integration.conftest import Connect
from tests.integration.described import Described
from tests.integration.processes import Process
from tests.integration.reference import agency, calendar, category, place, rule

GATEWAY, PUBLIC, SECRETARY = Caller("service", "gateway"), Caller("public"), Caller("secretary", "alborz")
ABFA, OTHER = Caller("agency", "karaj-water"), Caller("agency", "karaj-city")
MANAGER, REPORTER, WORKER = (Caller(role, "golshahr") for role in ("neighbourhood_manager", "reporter", "case_worker"))
APP, OPERATOR = Caller("resident", "app"), Caller("operator")
LONG_AGO, LATER = "2026-01-01T00:00:00Z", "2027-06-01T08:00:00Z"
POINT = {"lon": 50.905, "lat": 35.805}
QUESTIONS = (Question("where", "many", "کجا؟", "Where?", True, (Option("meter", "کنتور", "Meter"),)),
             Question("much", "number", "چقدر؟", "How much?"), Question("dark", "yes_no", "تاریک؟", "Dark?"))
RECORDS: tuple[Any, ...] = (
    place("alborz", kind="province", name_fa="البرز"), place("karaj", "alborz", kind="county", name_fa="کرج"),
    place("golshahr", "alborz", "karaj", name_fa="گلشهر"), place("mehrvilla", "alborz", "karaj", name_fa="مهرویلا"),
    agency("karaj-water", committee="water-table", name_fa="آب و فاضلاب کرج", name_en="Karaj water"),
    agency("karaj-city", name_fa="شهرداری کرج", name_en="City of Karaj"),
    category(questions=QUESTIONS), category(code="leak", path=("water", "leak"), parent="water", finish_days=3),
    category(code="checked", path=("checked",), checked_by="reporter"), category(code="lonely", path=("lonely",)),
    category(code="child", path=("child",), confidential=True),
    rule("water", "karaj", "karaj-water", others=("karaj-city",), committee="water-table"),
    rule("water-2", "karaj", "karaj-city"),
    rule("few", "golshahr", "karaj-city", answers={"dark": [True]}, priority=5),
    rule("checked", "karaj", "karaj-water", category="checked"), rule("child", "karaj", "karaj-water", category="child"),
    calendar(holidays=(Holiday("2026-11-25", "تعطیل", "Holiday", True),)),
    registry.BoundarySnapshot("golshahr", 1, a_square(50.9, 35.8)))
ANSWERS = {"where": ["meter"], "much": 2.5, "dark": False}


@pytest.fixture
def asked(database: Connect, running: Callable[..., Process], environment: dict[str, str]) -> Described:
    """The running service, which knows a small county."""
    database("issues")
    learn([Received("r", AgencyChanged(each.code), each, each.code, each.version, now()) for each in RECORDS])
    running("issues")
    return Described("issues", environment["MAHALLE_ISSUES_URL"], environment["MAHALLE_INTERNAL_SECRET"])


def filed(asked: Described, kind: str = "water", **given: Any) -> dict[str, Any]:
    body = {"category": kind, "text": "آب از جدول بیرون می‌زند", "title": "نشت آب", "neighbourhood": "golshahr",
            "contact": {"name": "زهرا", "email": "zahra@example.org", "phone": "۰۹۱۲ ۱۱۱ ۲۲۳۳"}, "point": POINT} | given
    body |= {"answers": ANSWERS} if kind == "water" else {}
    sent = {"filings": [{"caller": "resident:app", "key": f"filing-{next(asked.keys)}", "body": body}]}
    [outcome] = asked.tell("POST", "/filings", GATEWAY, sent)["outcomes"]
    assert "issue" in outcome, outcome
    return asked.described("POST", "/filings", outcome["issue"])


def finished(asked: Described, issue: dict[str, Any], by: Caller = ABFA) -> str:
    """The task of an agency, done."""
    [task] = [each["id"] for each in asked.get(f"/issues/{issue['id']}", SECRETARY)["tasks"] if each["agency"] == by.subject]
    asked.post(f"/tasks/{task}/accept", by, {})
    asked.post(f"/tasks/{task}/finish", by, {"text": "لوله عوض شد", "photograph": "https://example.org/1.jpg"})
    return task


def moves_of_a_task(asked: Described) -> None:
    leak = filed(asked)
    ref, secret = leak["tracking_code"], {"Issue_Secret": leak["secret"]}
    [task, _] = [each["id"] for each in asked.get(f"/issues/{ref}", PUBLIC)["tasks"]]
    for action, said in (("accept", {}), ("ask-extension", {"reason": "قطعه در راه است", "until": LATER})):
        asked.post(f"/tasks/{task}/{action}", ABFA, said)
    asked.get("/worklists/waiting", SECRETARY)
    asked.post(f"/issues/{ref}/tasks/{task}/decline", SECRETARY, {"reason": "دیر است"}, If_Match="*")
    asked.get("/worklists/waiting", ABFA)
    asked.post(f"/issues/{ref}/tasks/{task}/extend", SECRETARY, {"reason": "بسیار خوب", "until": LATER}, If_Match="*")
    asked.post(f"/tasks/{task}/ask-deferral", ABFA, {"reason": "اعتبار نیست", "until": LATER})
    asked.post(f"/issues/{ref}/tasks/{task}/defer", SECRETARY, {}, If_Match="*")
    asked.get(f"/issues/{ref}/tasks/{task}/deadline", PUBLIC)
    asked.post(f"/issues/{ref}/tasks/{task}/resume", SECRETARY, {})
    asked.post(f"/tasks/{task}/wait", ABFA, {"reason": "کدام کوچه؟", "for_whom": "filer"})
    asked.get(f"/issues/{ref}/tasks/{task}/deadline", PUBLIC, **secret)
    asked.post(f"/issues/{ref}/messages", PUBLIC, {"text": "کوچهٔ دهم", "to": "parties"}, **secret)
    asked.post(f"/issues/{ref}/messages", ABFA, {"text": "می‌آییم", "to": "public"})
    assert len(asked.get(f"/issues/{ref}/messages", SECRETARY, {"limit": "1"})["items"]) == 1
    asked.post(f"/tasks/{task}/wait", ABFA, {"reason": "باران", "for_whom": "other", "until": LATER})
    asked.post(f"/tasks/{task}/resume", ABFA, {})
    asked.post(f"/tasks/{task}/finish", ABFA, {"text": "شد"})
    asked.post(f"/issues/{ref}/tasks/{task}/redo", SECRETARY, {"reason": "نشد"})
    asked.post(f"/issues/{ref}/tasks/{task}/cancel", SECRETARY, {"reason": "با دیگری"})
    asked.post(f"/issues/{ref}/withdraw", PUBLIC, {"reason": "گذشت"}, **secret)
    story = asked.get(f"/issues/{ref}", PUBLIC, **secret)["timeline"]
    assert {"offer", "extend", "defer", "withdraw"} <= {each["action"] for each in story}
    asked.get(f"/issues/{ref}", MANAGER)


def ways_to_end(asked: Described) -> None:
    pushed, checked, lonely, same = (filed(asked, kind) for kind in ("leak", "checked", "lonely", "water"))
    [task, _] = [each["id"] for each in asked.get(f"/issues/{pushed['id']}", PUBLIC)["tasks"]]
    asked.get(f"/issues/{pushed['id']}/tasks/{task}/deadline", PUBLIC)
    asked.post(f"/tasks/{task}/refuse", ABFA, {"reason": "کار ما نیست"})
    asked.post(f"/issues/{pushed['id']}/assign", SECRETARY, {"agency": "karaj-water", "part": "جدول", "reason": "کار شماست"})
    finished(asked, checked)
    for said, secret, by, code in (({}, {"Issue_Secret": checked["secret"]}, PUBLIC, "satisfaction_needed"),
                                   ({"words": "خوب"}, {}, MANAGER, "only_the_filers")):
        with pytest.raises(AssertionError, match=code):
            asked.post(f"/issues/{checked['id']}/confirm", by, said, **secret)
    asked.post(f"/issues/{checked['id']}/confirm", PUBLIC, {"satisfaction": 5}, Issue_Secret=checked["secret"])
    asked.get("/worklists/waiting", MANAGER)
    asked.post(f"/issues/{checked['id']}/check", REPORTER, {})
    assert asked.get(f"/issues/{checked['id']}", PUBLIC)["checked_by"] == "reporter"
    asked.post(f"/issues/{checked['id']}/not-fixed", PUBLIC, {"reason": "باز شد"}, Issue_Secret=checked["secret"])
    asked.post(f"/issues/{lonely['id']}/prioritise", SECRETARY, {"priority": "high", "reason": "مدرسه"}, If_Match="*")
    asked.post(f"/issues/{lonely['id']}/reject", SECRETARY, {"reason": "خصوصی است"}, If_Match="*")
    asked.get(f"/issues/{lonely['tracking_code']}/id", SECRETARY)
    joined = asked.post(f"/issues/{pushed['id']}/join", APP, {"contact": {"email": "reza@example.org"}})
    asked.post(f"/issues/{pushed['id']}/leave", PUBLIC, {}, Issue_Secret=joined["secret"])
    asked.post(f"/issues/{same['id']}/duplicate-of", SECRETARY, {"of": pushed["tracking_code"], "reason": "همان"})
    assert asked.get(f"/issues/{same['id']}", PUBLIC)["original"]["id"] == pushed["id"]
    asked.post(f"/issues/{same['id']}/not-duplicate", SECRETARY, {})


def a_case(asked: Described) -> None:
    case, later = filed(asked, "child"), filed(asked)
    ref, secret = case["id"], {"Issue_Secret": case["secret"]}
    task = asked.get(f"/issues/{ref}", ABFA)["tasks"][0]["id"]
    asked.get(f"/issues/{ref}", PUBLIC, **secret)
    asked.post(f"/issues/{ref}/assessments", WORKER, {"level": "high", "needs": ["food"], "note": "شب بیرون است"})
    asked.get(f"/issues/{ref}/assessments", WORKER)
    asked.post(f"/issues/{ref}/assign", WORKER, {"agency": "karaj-city", "part": "غذای گرم"})
    asked.post(f"/tasks/{task}/accept", ABFA, {})
    asked.get(f"/issues/{ref}/tasks/{task}/deadline", WORKER)
    assert "text" not in asked.get(f"/issues/{ref}", ABFA)["tasks"][0]["issue"]
    assert asked.get(f"/issues/{ref}", OTHER)["tasks"][0]["part"] == "غذای گرم"
    asked.post(f"/issues/{ref}/messages", WORKER, {"text": "سلام", "to": "parties"})
    asked.get(f"/issues/{ref}/messages", PUBLIC, **secret)
    for reader in (SECRETARY, WORKER):
        asked.get(f"/issues/{ref}", reader)
    [given_back] = [each["id"] for each in asked.get(f"/issues/{ref}", OTHER)["tasks"]]
    asked.post(f"/tasks/{given_back}/refuse", OTHER, {"reason": "جا نداریم"})
    asked.get(f"/tasks/{task}", ABFA), asked.get(f"/tasks/{given_back}", OTHER)
    asked.post(f"/issues/{later['id']}/confidential", SECRETARY, {"reason": "کودک را نشان می‌دهد"})
    asked.get("/cases", WORKER, {"status": "filed,routed,in_progress", "limit": "1"})
    asked.get("/case-reads", WORKER, {"issue": ref})
    assert asked.get("/case-reads", OPERATOR, {"limit": "3"})["next_cursor"]


def lists(asked: Described) -> None:
    for caller in (PUBLIC, SECRETARY, MANAGER):
        asked.get("/issues", caller)
    for query in ({"near": "50.905,35.805", "within": "500"}, {"overdue": "true"}, {"q": "جدول", "limit": "2"},
                  {"status": "filed,routed", "territory": "karaj", "category": "water", "filed_from": LONG_AGO}):
        assert asked.get("/issues", PUBLIC, query)["items"] or "overdue" in query
    for caller in (ABFA, SECRETARY, MANAGER):
        for each in asked.get("/worklists", caller)["items"]:
            asked.get(f"/worklists/{each['name']}", caller, {"limit": "5"})
    asked.get("/worklists/unrouted", SECRETARY, {"territory": "karaj"})
    for query in ({}, {"state": "done,accepted"}, {"sort": "due"}):
        asked.get("/tasks", ABFA, query)
    asked.get("/updates", PUBLIC, {"changed_from": LONG_AGO, "limit": "3"})
    asked.get("/issues/similar", PUBLIC, {"category": "water", "lon": "50.905", "lat": "35.805", "text": "نشت آب از جدول"})
    assert asked.get("/issues/similar", PUBLIC, {"category": "water", "neighbourhood": "golshahr"})["items"]


def routing(asked: Described) -> None:
    unsaved = {"code": "new", "category": "water", "territory": "golshahr", "agency": "karaj-city", "priority": 1,
               "answers": {"much": [2.5]}}
    asked.post("/routing/try", SECRETARY, {"category": "water", "point": POINT, "answers": ANSWERS, "rules": [unsaved]})
    assert asked.post("/routing/try", SECRETARY, {"category": "lonely", "neighbourhood": "golshahr"})["winner"] is None
    for part in ("holes", "overlaps"):
        assert asked.get("/routing/report", SECRETARY, {"part": part, "limit": "1"})["items"]


def test_every_route_answers_as_it_describes_in_every_shape_and_refuses_what_it_does_not_describe(asked: Described) -> None:
    for story in (moves_of_a_task, ways_to_end, a_case, lists, routing):
        story(asked)
    assert asked.unseen() == set()
    asked.keep()
    for path, caller in (("/issues", PUBLIC), ("/tasks", ABFA), ("/worklists", ABFA), ("/worklists/waiting", MANAGER),
                         ("/cases", WORKER), ("/case-reads", OPERATOR), ("/updates", PUBLIC), ("/issues/similar", PUBLIC),
                         ("/issues/none", PUBLIC), ("/issues/none/messages", PUBLIC), ("/routing/report", SECRETARY)):
        with pytest.raises(AssertionError, match="unknown_parameter"):
            asked.tell("GET", f"{path}?colour=red", caller)
    for asks, caller, problem in (("worklists/waiting?territory=0.5", MANAGER, "bad_territory"),
                                  ("issues/similar?category=none&neighbourhood=golshahr", PUBLIC, "unknown_category")):
        with pytest.raises(AssertionError, match=f'400 .*"{problem}"'):
            asked.tell("GET", f"/{asks}", caller)
