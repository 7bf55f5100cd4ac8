"""Marking an issue as a duplicate of another, and taking that back: by a secretary's hand.

Its followers follow the root at once, because they are asked for through it; only the root's number is written, after the
mark.
"""
from datetime import datetime
from typing import Any

from marshmallow import fields, validate

from chassis.validation import Words, load
from services.issues.atlas import Atlas
from services.issues.filing import route
from services.issues.life.command import Command
from services.issues.life.task import Actor
from services.issues.model import Issue
from services.issues.neighbours.duplicates import demand_original, is_circle, named, own_duplicate, root_of
from services.issues.neighbours.following import Following
from services.issues.schemas import Strict
from services.issues.use_cases import Commands


class DuplicateSchema(Strict):
    """`of`: the original's id or tracking code."""

    of = fields.String(required=True, validate=validate.Length(1, 60))
    reason = Words(validate=validate.Length(1, 2000), allow_none=True, load_default=None)


class NotDuplicateSchema(Strict):
    reason = Words(validate=validate.Length(1, 2000), allow_none=True, load_default=None)


class Marking:
    def __init__(self, commands: Commands, following: Following, atlas: Atlas) -> None:
        self._commands, self._following, self._atlas = commands, following, atlas

    def mark(self, ref: str, body: dict[str, Any], by: Actor, command: Command) -> Issue:
        """Raises NotFound, also of a confidential issue; Invalid, Refused where the original is none or it has ended."""
        said, issue = load(DuplicateSchema(), body), named(ref)
        root = demand_original(issue, said["of"])["_id"]
        changed = self._commands.decide({"_id": issue["_id"]}, command, lambda issue, at: issue.mark_duplicate(
            root, by, at, said["reason"]))
        if is_circle(issue["_id"]):
            self._commands.change({"_id": issue["_id"]}, lambda issue, at: _unmarked(issue, by, at))
            raise own_duplicate()
        self._following.recount(root)
        return changed

    def unmark(self, ref: str, body: dict[str, Any], by: Actor, command: Command) -> Issue:
        """It is routed anew where no agency has it. Raises NotFound, Refused where it is not marked."""
        said, issue, known = load(NotDuplicateSchema(), body), named(ref), self._atlas.current()
        root = root_of(issue)["_id"]

        def decide(issue: Issue, at: datetime) -> None:
            issue.unmark_duplicate(by, at, said["reason"])
            if issue.status == "filed":
                route(issue, known, at)

        changed = self._commands.decide({"_id": issue["_id"]}, command, decide)
        for each in {root, issue["_id"]}:
            self._following.recount(each)
        return changed


def _unmarked(issue: Issue, by: Actor, at: datetime) -> bool:
    if issue.duplicate_of is None:
        return False
    issue.unmark_duplicate(by, at)
    return True
