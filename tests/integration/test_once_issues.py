"""What was done to an issue under a key is answered again, also when the issue has moved on and would refuse it now."""
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chassis.clock import now
from contracts.envelope import Received
from contracts.errors import Problem
from contracts.registry import AgencyChanged
from services.issues.atlas import learn
from services.issues.documents import Follower, Message
from services.issues.life.command import Command
from services.issues.use_cases import by_ref
from tests.integration.conftest import Connect
from tests.integration.meeting import BY, PUBLIC, SECRETARY, Meeting, refused, stored
from tests.integration.reference import agency


@pytest.fixture
def meeting(database: Connect) -> Meeting:
    database("issues")
    return Meeting()


def withdrawn(meeting: Meeting, issue: dict[str, Any]) -> None:
    meeting.does(issue["id"], lambda each: each.withdraw("x", now()))


def offers(meeting: Meeting, ref: str, key: str = "k") -> Any:
    said = {"agency": "other", "reason": "x", "part": "شیر", "binding": False}
    return meeting.commands.decide(by_ref(ref), Command(key, "other"), meeting.commands.offering(said, BY))


def refers(meeting: Meeting, task: str, key: str = "k") -> Any:
    return meeting.commands.answer(task, "refer", "abfa", Command(key, "refer"), {"agency": "other", "reason": "x"})


def ends(meeting: Meeting, code: str) -> None:
    over = agency(code, version=9, in_force=False)
    learn([Received("r9", AgencyChanged(code), over, code, 9, now())])


def test_a_message_and_a_joining_are_answered_again_after_the_issue_has_ended(meeting: Meeting) -> None:
    issue = meeting.files()
    written, joined = meeting.writes(issue["id"], PUBLIC, secret=issue["secret"], key="k"), meeting.joins(issue["id"], "k")
    withdrawn(meeting, issue)
    assert meeting.writes(issue["id"], PUBLIC, secret=issue["secret"], key="k") == written
    assert meeting.joins(issue["id"], "k") == joined
    assert refused(meeting.writes, issue["id"], PUBLIC, "دیگر", secret=issue["secret"], key="k") == "idempotency_key_reused"
    assert refused(lambda: meeting.writes(issue["id"], PUBLIC, secret=issue["secret"])) == "issue_ended"
    assert refused(lambda: meeting.joins(issue["id"])) == "issue_ended"


def test_a_mark_is_answered_again_after_the_original_has_ended(meeting: Meeting) -> None:
    original, issue = meeting.files(), meeting.files()
    meeting.marks(issue["id"], original["id"], "k")
    withdrawn(meeting, original)
    assert meeting.marks(issue["id"], original["id"], "k").duplicate_of == original["id"]
    assert refused(lambda: meeting.marks(meeting.files()["id"], original["id"])) == "original_ended"


def test_an_offer_and_a_referral_are_answered_again_after_the_agency_has_ended(meeting: Meeting) -> None:
    offered, referred = meeting.files(), meeting.files()
    offers(meeting, offered["id"])
    refers(meeting, f"{referred['id']}-1")
    before = [stored(each["id"])["version"] for each in (offered, referred)]
    ends(meeting, "other")
    offers(meeting, offered["id"])
    refers(meeting, f"{referred['id']}-1")
    assert [stored(each["id"])["version"] for each in (offered, referred)] == before
    assert refused(lambda: offers(meeting, meeting.files()["id"])) == "agency_not_in_force"
    assert refused(lambda: refers(meeting, f"{meeting.files()['id']}-1")) == "agency_not_in_force"


def at_once(deed: Callable[[], Any]) -> list[Any]:
    """What twenty who ask the same are answered; of those who are told to come again, nothing."""
    def once(_: int) -> Any:
        try:
            return deed()
        except Problem as problem:
            assert problem.status == 503, problem
            return None

    with ThreadPoolExecutor(20) as many:
        return [answer for answer in many.map(once, range(20)) if answer is not None]


def test_twenty_at_once_are_one_message_one_follower_one_offer_and_one_mark(meeting: Meeting) -> None:
    issue, original = meeting.files(), meeting.files()
    for deed in (lambda: meeting.writes(issue["id"], SECRETARY, key="k"), lambda: meeting.joins(issue["id"], "k")):
        answers = at_once(deed)
        assert answers and all(answer == answers[0] for answer in answers)
    assert Message._get_collection().count_documents({}) == Follower._get_collection().count_documents({}) == 1
    version = stored(issue["id"])["version"]
    assert at_once(lambda: offers(meeting, issue["id"])) and stored(issue["id"])["version"] == version + 1
    assert at_once(lambda: meeting.marks(issue["id"], original["id"], "m"))
    assert stored(issue["id"])["version"] == version + 2
