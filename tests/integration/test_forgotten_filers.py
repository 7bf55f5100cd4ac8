"""Whose account was erased filed and joined nothing: their issues stay, and nothing leads from them to anybody."""
from typing import Any

import pytest

from chassis.caller import Caller
from chassis.clock import now
from contracts.errors import Problem
from contracts.registry import PersonErased
from services.issues.cases.confidential import opened, ring
from services.issues.documents import DOCUMENTS, Follower
from services.issues.filing import Filing
from services.issues.forgetting import forget
from services.issues.use_cases import look
from tests.integration.conftest import Connect
from tests.integration.meeting import PUBLIC, Meeting, refused, stored, told, winning

ZAHRA, ALI = "4f1d9a2b-6a55-4a0e-9d6b-000000000001", "5f1d9a2b-6a55-4a0e-9d6b-000000000002"
EMAIL = {ZAHRA: "zahra@example.org", ALI: "ali@example.org"}
ERASED = PersonErased("3f0d1c7e-6a55-5a0e-9d6b-000000000001", (ZAHRA,))
Row = dict[str, Any]


@pytest.fixture
def meeting(database: Connect) -> Meeting:
    database("issues")
    return Meeting()


def caller(resident: str) -> Caller:
    return Caller("resident", resident, f"resident:{resident}")


def filed(meeting: Meeting, by: str, **given: Any) -> Row:
    body = {"category": "water", "text": "آب از جدول بیرون می‌زند", "neighbourhood": "n1", "contact": {"email": EMAIL[by]}}
    [receipt] = meeting.desk.file([Filing(caller(by).id, meeting.key(), body | given)], now())
    assert not isinstance(receipt, Problem), receipt
    return receipt


def kept() -> str:
    """All that is stored, and what the ring can read of it."""
    found = [each for document in DOCUMENTS for each in document._get_collection().find()]
    return repr(found) + repr([opened(each, ring()) for each in found if each.get("sealed")])


def test_what_somebody_filed_and_joined_stays_and_says_no_more_whose_it_was(meeting: Meeting) -> None:
    mine, case, theirs = filed(meeting, ZAHRA), filed(meeting, ZAHRA, category="child"), filed(meeting, ALI)
    meeting.joins(theirs["id"], contact={"email": EMAIL[ZAHRA]}, caller=caller(ZAHRA))
    meeting.joins(mine["id"], contact={"email": EMAIL[ALI]}, caller=caller(ALI))
    before = kept()
    assert all(each in before for each in (ZAHRA, EMAIL[ZAHRA], ALI, EMAIL[ALI]))
    for _ in range(2):
        forget(meeting.commands, ERASED)
        after = kept()
        assert ZAHRA not in after and EMAIL[ZAHRA] not in after
        assert after.count(ALI) == before.count(ALI) and after.count(EMAIL[ALI]) == before.count(EMAIL[ALI])
        assert [told(each["id"]).count("issue_restated") for each in (mine, theirs)] == [1, 0]
        assert told(case["id"]) == ["confidential_issue_changed"] * 2, "filed, and something else"
    assert stored(theirs["id"])["joined"] == 1, "they are counted still"
    assert look(mine["id"], PUBLIC, None)["text"] and look(case["id"], PUBLIC, case["secret"])["text"]
    assert refused(look, case["id"], caller(ZAHRA), None) == "not_found"
    for resident in (ZAHRA, ALI):
        assert refused(meeting.following.leave, theirs["id"], caller(resident), None, now()) == "not_found"


def test_who_joined_is_found_by_an_index(meeting: Meeting, database: Connect) -> None:
    asked = {"find": Follower._get_collection().name, "filter": {"by": f"resident:{ZAHRA}"}}
    assert "IXSCAN" in winning(database, asked)
