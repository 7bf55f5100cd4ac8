"""Confidential issues as HTTP: for case workers, and for who must know who has read what."""
from typing import Any

from marshmallow import fields, validate

from chassis.http_server import Call, http
from chassis.shown import about
from chassis.validation import load
from services.issues.cases import reads, showing
from services.issues.cases.assessing import LEVELS, NEEDS
from services.issues.cases.shown import AssessmentsSchema, CaseReadsPageSchema, CaseReadsQuery, CasesPageSchema, CasesQuery
from services.issues.finding import lists
from services.issues.life.command import command_of
from services.issues.schemas import Strict, words_of
from services.issues.shown import ChangedCaseSchema
from services.issues.use_cases import find, shown

NOTE = 1000  # characters
NEED = fields.String(validate=validate.OneOf(NEEDS), metadata=about("A need.", "shelter"))


class AssessmentSchema(Strict):
    """How great the need is, and what is needed."""

    level = fields.String(required=True, validate=validate.OneOf(LEVELS), metadata=about("The risk.", "high"))
    needs = fields.List(NEED, required=True, validate=validate.Length(max=len(NEEDS)), metadata=about("What is needed."))
    note = words_of("In words.", "شب را بیرون می‌ماند", NOTE, allow_none=True, load_default=None)


class ConfidentialSchema(Strict):
    """Why an issue becomes confidential."""

    reason = words_of("Why.", "کودک را نشان می‌دهد", required=True)


class Cases:
    issues: Any  # service.IssuesProvider, which imports this

    @http("POST", "/issues/<ref>/confidential", "cases:hide", takes=ConfidentialSchema, gives=ChangedCaseSchema)
    def make_confidential(self, call: Call, ref: str) -> dict[str, Any]:
        """Make an issue confidential. It cannot be undone; what was said in it is sealed and forgotten elsewhere.

        409 `confidential_already`; 403 `not_your_place`.
        """
        by, said = call.caller, load(ConfidentialSchema(), call.json())
        return shown(self.issues.casework.make_confidential(ref, by, said["reason"], command_of(call, "confidential", said)))

    @http("POST", "/issues/<ref>/assessments", "cases:assess", takes=AssessmentSchema, gives=ChangedCaseSchema)
    def assess(self, call: Call, ref: str) -> dict[str, Any]:
        """Assess what a case needs. Earlier assessments stay; the newest is the current one. 409 `assessments_full`;
        404 where it is no case of the caller's place.
        """
        by, said = call.caller, load(AssessmentSchema(), call.json())
        return shown(self.issues.casework.assess(ref, by, said, command_of(call, "assess", said)))

    @http("GET", "/issues/<ref>/assessments", "cases:read", asks=(), gives=AssessmentsSchema)
    def assessments(self, call: Call, ref: str) -> dict[str, Any]:
        """Every assessment of a case, the newest first. Reading them is written down. 404 where it is no case of one's
        place.
        """
        return showing.assessments(call.caller, find(ref))

    @http("GET", "/cases", "cases:read", asks=CasesQuery, gives=CasesPageSchema)
    def cases(self, call: Call) -> dict[str, Any]:
        """The cases of the caller's place, the newest first. They are listed masked; what they are about, each itself
        says.
        """
        return lists.cases_of(call.caller, call.query)

    @http("GET", "/case-reads", "cases:audit", asks=CaseReadsQuery, gives=CaseReadsPageSchema)
    def reads(self, call: Call) -> dict[str, Any]:
        """Who was shown what of which case, the newest first. A case worker names one of theirs: 400 `issue_needed`,
        404.
        """
        by, issue = call.caller, call.query.get("issue")
        return reads.reads(by, call.query, find(issue) if issue else None)
