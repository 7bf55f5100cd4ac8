"""Marking an issue as a duplicate of another, and taking that back: by a secretary's hand.

Its followers follow the root at once, because they are asked for through it; only the root's number is written, after the
mark.
"""
from datetime import datetime
from typing import Any

from chassis.caller import Caller, demand_over
from chassis.validation import load
from services.issues.atlas import Atlas
from services.issues.filing import route
from services.issues.life.command import Command
from services.issues.life.task import Actor
from services.issues.model import Issue
from services.issues.neighbours.duplicates import demand_original, is_circle, named, own_duplicate, root_of
from services.issues.neighbours.following import Following
from services.issues.schemas import MAY_LACK, Strict, code_of, words_of
from services.issues.use_cases import Commands


class DuplicateSchema(Strict):
    """Of what it is a duplicate."""

    of = code_of("The original's id or tracking code.", "6202-0295-279", required=True)
    reason = words_of("Why.", "همان خرابی تیر ۱۲ است", **MAY_LACK)


class NotDuplicateSchema(Strict):
    """Why it is none, if one likes."""

    reason = words_of("Why.", "آن یکی در کوچهٔ دیگری است", **MAY_LACK)


class Marking:
    def __init__(self, commands: Commands, following: Following, atlas: Atlas) -> None:
        self._commands, self._following, self._atlas = commands, following, atlas

    def mark(self, ref: str, body: dict[str, Any], caller: Caller, command: Command) -> Issue:
        """Raises NotFound, also of a confidential issue; NotAllowed where it is not their place (that of the original may be
        another's); Invalid, Refused where the original is none or it has ended."""
        issue, by = self._theirs(ref, caller)
        said = load(DuplicateSchema(), body)
        done = self._commands.has_done(issue["_id"], command)
        root = (root_of(issue) if done else demand_original(issue, said["of"]))["_id"]
        changed = self._commands.decide({"_id": issue["_id"]}, command, lambda issue, at: issue.mark_duplicate(
            root, by, at, said["reason"]))
        if is_circle(issue["_id"]):
            self._commands.change({"_id": issue["_id"]}, lambda issue, at: _unmarked(issue, by, at))
            raise own_duplicate()
        self._following.recount(root)
        return changed

    def unmark(self, ref: str, body: dict[str, Any], caller: Caller, command: Command) -> Issue:
        """It is routed anew where no agency has it. Raises NotFound, NotAllowed, Refused where it is not marked."""
        issue, by = self._theirs(ref, caller)
        said, known = load(NotDuplicateSchema(), body), self._atlas.current()
        root = root_of(issue)["_id"]

        def decide(issue: Issue, at: datetime) -> None:
            issue.unmark_duplicate(by, at, said["reason"])
            if issue.status == "filed":
                route(issue, known, at)

        changed = self._commands.decide({"_id": issue["_id"]}, command, decide)
        for each in {root, issue["_id"]}:
            self._following.recount(each)
        return changed

    def _theirs(self, ref: str, caller: Caller) -> tuple[dict[str, Any], Actor]:
        issue = named(ref)
        demand_over(caller, "issues:decide", issue["place"])
        return issue, Actor(caller.role, caller.subject)


def _unmarked(issue: Issue, by: Actor, at: datetime) -> bool:
    if issue.duplicate_of is None:
        return False
    issue.unmark_duplicate(by, at)
    return True
