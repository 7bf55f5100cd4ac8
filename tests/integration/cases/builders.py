"""Confidential issues as their tests make them: whose they are, what was said in them, and who was shown what."""
from collections.abc import Callable
from typing import Any

from chassis.caller import Caller
from services.issues.cases.reads import CaseRead
from services.issues.documents import Follower, Message, issue_store
from services.issues.life.command import Command
from services.issues.model import Issue
from tests.builders import NOON, a_routed_issue

WORDS = "کودکی زخمی در کوچهٔ بیستم"
PHONE = "09121234567"
WORKER, ELSEWHERE = Caller("case_worker", "karaj"), Caller("case_worker", "n2")
SECRETARY, OPERATOR, AGENCY = Caller("secretary", "alborz"), Caller("operator"), Caller("agency", "a1")
NEED = {"level": "high", "needs": ["shelter", "food"], "note": "شب بیرون می‌ماند"}
SIGNED_IN = Caller("resident", "r1", "resident:r1")
OLD, NEW = "old " * 10, "new " * 10


def keep(issue: Issue) -> Issue:
    assert issue_store().add([issue]) == [None]
    return issue


def a_case(**given: Any) -> Issue:
    return keep(a_routed_issue(confidential=True, text=WORDS, contact={"phone": PHONE}, **given))


def command(number: int = 1) -> Command:
    return Command(f"c{number}", str(number))


def stored_reads() -> list[tuple[str, str]]:
    return [(each["by"], each["part"]) for each in CaseRead._get_collection().find().sort("_id", 1)]


def decide(issue: Issue, change: Callable[[Issue], None]) -> None:
    def once(found: Issue) -> bool:
        change(found)
        return True

    issue_store().change({"_id": issue.id}, once)


def a_message_and_a_follower(issue: str) -> None:
    Message._get_collection().insert_one({
        "_id": f"{issue}:m", "issue": issue, "number": 1, "at": NOON, "by": "filer", "agency": None, "to": "public",
        "text": "نامهٔ همسایه", "asks": "x", "version": 1, "outbox": []})
    Follower._get_collection().insert_one({
        "_id": f"{issue}:f", "issue": issue, "at": NOON, "contact": {"email": "neighbour@example.org"}, "reachable": True,
        "secret_hash": "h", "asks": "x", "left_at": None})
