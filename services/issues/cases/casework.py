"""What is decided of confidential issues beside their tasks: assessing the need, and making one confidential that was not.

Whether somebody may, is asked before the issue is opened, with the same query whoever asks.
"""
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from chassis.caller import Caller
from chassis.store import answering
from contracts.errors import not_found
from services.issues.cases import confidential
from services.issues.cases.assessing import assess
from services.issues.documents import Follower, IssueDocument
from services.issues.life.command import Command
from services.issues.life.task import Actor
from services.issues.model import Issue
from services.issues.neighbours import messages
from services.issues.use_cases import Commands, named

Row = dict[str, Any]
AFTERWARDS = timedelta(minutes=1)  # longer than any request lasts
MOST_AT_ONCE = 100  # issues of which a round hides what lies beside them


class CaseWork:
    def __init__(self, commands: Commands) -> None:
        self._commands = commands

    def assess(self, ref: str, by: Caller, said: Mapping[str, Any], command: Command) -> Issue:
        """Raises NotFound where it is no case of theirs, Refused."""
        actor = Actor(by.role, by.subject)
        return self._commands.decide({"_id": case_of(ref, by)}, command, lambda issue, at: assess(
            issue, said["level"], said["needs"], said["note"], actor, at))

    def make_confidential(self, ref: str, by: Caller, reason: str, command: Command) -> Issue:
        """From this write on it lies sealed; then what lies beside it is hidden. Raises NotFound, NotAllowed, Refused."""
        found = named(ref, by, "cases:hide")
        actor = Actor(by.role, by.subject)
        issue = self._commands.decide({"_id": found["_id"]}, command, lambda issue, at: issue.make_confidential(
            reason, actor, at))
        hide_beside(issue.id)
        return issue


def case_of(ref: str, by: Caller) -> str:
    """The id of a confidential issue whose case worker this is. Raises NotFound."""
    found = named(ref, by, "cases:assess")
    if not found["confidential"]:
        raise not_found()
    return str(found["_id"])


def hide_beside(issue_id: str) -> None:
    """Of an issue that has become confidential: seals its messages, and forgets how to reach who joined it. Idempotent."""
    messages.conceal(issue_id)
    with answering():
        Follower._get_collection().update_many({"issue": issue_id}, {
            "$set": {"reachable": False}, "$unset": {"contact": 1, "by": 1}})


def hide_what_was_left(at: datetime) -> int:
    """Hides once more, AFTERWARDS, what somebody wrote who had read just before that the issue was open, and what was cut
    off; returns of how many issues."""
    query = {confidential.BESIDE: {"$lte": at - AFTERWARDS}}
    with answering():
        found = [each["_id"] for each in IssueDocument._get_collection().find(query, {"_id": 1}).limit(MOST_AT_ONCE)]
    for issue_id in found:
        hide_beside(issue_id)
        with answering():
            IssueDocument._get_collection().update_one({"_id": issue_id}, {"$unset": {confidential.BESIDE: 1}})
    return len(found)
