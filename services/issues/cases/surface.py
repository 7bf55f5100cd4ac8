"""Confidential issues as HTTP: for case workers, and for who must know who has read what."""
from typing import Any

from marshmallow import fields, validate

from chassis.http_server import Call, http
from chassis.validation import Words, load
from services.issues.cases import reads, showing
from services.issues.cases.assessing import LEVELS, NEEDS
from services.issues.finding import lists
from services.issues.life.command import command_of
from services.issues.schemas import Strict
from services.issues.use_cases import find, shown

NOTE = 1000  # characters
NEED = fields.String(validate=validate.OneOf(NEEDS))


class AssessmentSchema(Strict):
    level = fields.String(required=True, validate=validate.OneOf(LEVELS))
    needs = fields.List(NEED, required=True, validate=validate.Length(max=len(NEEDS)))
    note = Words(validate=validate.Length(1, NOTE), allow_none=True, load_default=None)


class ConfidentialSchema(Strict):
    reason = Words(required=True, validate=validate.Length(1, 2000))


class Cases:
    issues: Any  # service.IssuesProvider, which imports this

    @http("POST", "/issues/<ref>/confidential", "cases:hide")
    def make_confidential(self, call: Call, ref: str) -> dict[str, Any]:
        by, said = call.caller, load(ConfidentialSchema(), call.json())
        return shown(self.issues.casework.make_confidential(ref, by, said["reason"], command_of(call, "confidential", said)))

    @http("POST", "/issues/<ref>/assessments", "cases:assess")
    def assess(self, call: Call, ref: str) -> dict[str, Any]:
        by, said = call.caller, load(AssessmentSchema(), call.json())
        return shown(self.issues.casework.assess(ref, by, said, command_of(call, "assess", said)))

    @http("GET", "/issues/<ref>/assessments", "cases:read")
    def assessments(self, call: Call, ref: str) -> dict[str, Any]:
        return showing.assessments(call.caller, find(ref))

    @http("GET", "/cases", "cases:read")
    def cases(self, call: Call) -> dict[str, Any]:
        return lists.cases_of(call.caller, call.query)

    @http("GET", "/case-reads", "cases:audit")
    def reads(self, call: Call) -> dict[str, Any]:
        by, issue = call.caller, call.query.get("issue")
        return reads.reads(by, call.query, find(issue) if issue else None)
