"""Whatever `booklet` and `notifications` answer over HTTP is what their routes describe."""
from collections.abc import Callable
from typing import Any

import pytest

from chassis.caller import Caller
from services.booklet import use_cases as booklet
from services.booklet.questions import BY
from services.notifications import use_cases as notifications
from services.notifications.documents import STATES, Delivery
from tests.integration.conftest import Connect
from tests.integration.described import Described
from tests.integration.processes import Process
from tests.told import NAMED, NOON, a_told_done_issue, a_told_issue, a_told_task, received

Running = Callable[..., Process]
PUBLIC, SECRETARY = Caller("public"), Caller("secretary", "alborz")


def described(service: str, running: Running, environment: dict[str, str]) -> Described:
    running(service)
    return Described(service, environment[f"MAHALLE_{service.upper()}_URL"], environment["MAHALLE_INTERNAL_SECRET"])


def test_numbers_are_as_described_by_whatever_they_are_asked(
        database: Connect, running: Running, environment: dict[str, str]) -> None:
    database("booklet")
    place = ("alborz", "west", "n1")
    booklet.keep_names([received(each) for each in NAMED])
    booklet.keep_issues([received(each) for each in (
        a_told_issue(a_told_task(), id="open", place=place), a_told_issue(id="nobody", place=place),
        a_told_done_issue(id="done", place=place, status="closed", closed_by="filer", satisfaction=4, closed_at=NOON),
        *(a_told_issue(id=f"case-{number}", confidential=True) for number in range(6)))])
    asked = described("booklet", running, environment)
    asked.get("/statistics", PUBLIC, {"by": "neighbourhood", "territory": "west", "category": "street"})
    for by in BY:
        answer = asked.get("/statistics", PUBLIC, {"by": by})
        assert (answer["totals"]["filed"], answer["totals"]["confidential"]) == (2 if by == "agency" else 3, 5)
    narrow = {"by": "month", "category": "lighting", "territory": "west", "from": "2026-01-01", "to": "2027-01-01"}
    assert asked.get("/statistics", PUBLIC, narrow)["items"] and asked.get("/statistics", PUBLIC, {"agency": "a1"})["items"]
    assert asked.unseen() == set()
    asked.keep()
    for wrong in ("categori=water", "cursor=x", "From=2026-01-01"):
        with pytest.raises(AssertionError, match="unknown_parameter"):
            asked.tell("GET", f"/statistics?{wrong}", PUBLIC)


def test_deliveries_are_as_described_whatever_became_of_them(
        database: Connect, running: Running, environment: dict[str, str]) -> None:
    database("notifications")
    to: dict[str, Any] = {"issue": "i1"}
    notifications.put_down(notifications.delivery(f"e{number}", "filed", ("filer", "i1"), to, NOON, None)
                           for number in range(len(STATES)))
    for state, delivery in zip(STATES, Delivery._get_collection().find(), strict=True):
        became = {"channel": "log", "tries": 1, "error": "Later", "sent_at": NOON} if state != "queued" else {}
        Delivery._get_collection().update_one({"_id": delivery["_id"]}, {"$set": {
            "state": state, "next_at": NOON.replace(year=2099), **became}})
    asked = described("notifications", running, environment)
    found = asked.get("/deliveries", SECRETARY, {"issue": "i1"})["items"]
    assert {each["state"] for each in found} == set(STATES) and asked.unseen() == set()
    asked.keep()
