"""A water leak pushed between the water company and the municipality, until the headquarters above both decides."""
from collections.abc import Callable

from tests.api import Json
from tests.e2e.province import SECRETARY, Desk, Province
from tests.e2e.stories import a_category, actions, publishes

LEAK, PLACE, WATER, CITY = "street-leak", "karaj-derakhti", "alborz-water", "karaj-municipality"
TEXT = "آب از زیر جدول خیابان بیرون می‌زند و هر کس به دیگری حواله می‌دهد"


def waits(province: Province, issue: Json) -> list[str]:
    """Why it waits for the secretary."""
    items = province.api.pages(f"/v1/worklists/waiting?territory={PLACE}", **SECRETARY)
    return [why for item in items if item["id"] == issue["id"] for why in item["waits"]]


def test_a_leak_that_nobody_wants(province: Province, desk: Callable[[str], Desk]) -> None:
    a_category(province, LEAK, "water-leak")
    issue = province.file(category=LEAK, neighbourhood=PLACE, text=TEXT)
    first, second, third, decided = (f"{issue['id']}-{number}" for number in range(1, 5))
    water, city = desk(WATER), desk(CITY)
    assert issue["agency"] == WATER
    deadline = water.hears("task_offered", task_id=first)["due"]

    # referred, and referred back: no deadline begins anew, and the other must accept
    assert water.answers(first, "refer", reason="جدول خیابان با شهرداری است", agency=CITY)["state"] == "referred"
    there = city.hears("task_offered", task_id=second)
    assert (there["reason"], there["due"], there["binding"]) == ("جدول خیابان با شهرداری است", deadline, False)
    assert city.answers(second, "start")["code"] == "move_forbidden", "it must be accepted first"
    itself = city.answers(second, "refer", reason="کار ما نیست", agency=CITY)
    assert (itself["kind"], itself["code"]) == ("answer_refused", "referred_to_itself")
    assert city.answers(second, "refer", reason="لوله مال آبفاست", agency=WATER)["state"] == "referred"
    assert water.hears("task_offered", task_id=third)["due"] == deadline

    # once too often: nobody has it now, and the headquarters above both is to decide
    assert water.answers(third, "refer", reason="باز هم جدول است", agency=CITY)["state"] == "referred"
    assert waits(province, issue) == ["unrouted", "dispute"]
    assert province.stored(_id=issue["id"], **{"dispute.headquarters": "alborz-headquarters"}) == 1
    by_hand = province.assign(issue, CITY, reason="کار شماست")
    assert (by_hand.status, by_hand.body["code"]) == (409, "disputed")

    # it decides, and that binds
    verdict = province.assign(issue, WATER, reason="قرارگاه: شاه‌لوله است", binding=True)
    assert verdict.status == 200 and waits(province, issue) == []
    bound = water.hears("task_offered", task_id=decided)
    assert (bound["binding"], bound["reason"], bound["due"]) == (True, "قرارگاه: شاه‌لوله است", deadline)
    for action, more in (("refuse", {}), ("refer", {"agency": CITY})):
        said = water.answers(decided, action, reason="نمی‌پذیریم", **more)
        assert (said["kind"], said["code"]) == ("answer_refused", "binding")
    for action, state in (("accept", "accepted"), ("start", "in_progress"), ("finish", "done")):
        assert water.answers(decided, action, **({"text": "شاه‌لوله جوش خورد"} if state == "done" else {}))["state"] == state
    assert province.say(issue, "confirm", satisfaction=3).body["status"] == "closed"

    # every push is in the story, and in the numbers
    seen = province.seen_by_filer(issue)
    assert actions(seen) == ["file", *["offer", "refer"] * 3, "dispute", "offer", "accept", "start", "finish", "confirm"]
    publishes(province, "category", LEAK, {"filed": 1, "closed": 1, "referred_share": 1.0, "referred_of": 1,
                                           "on_time_share": 1.0, "satisfaction": 3.0})
    publishes(province, "agency", WATER, {"filed": 3, "solved": 1, "referred_share": 0.6667}, category=LEAK)
    publishes(province, "agency", CITY, {"filed": 1, "solved": 0, "referred_share": 1.0}, category=LEAK)
