"""What of a confidential issue is shown to whom, field by field; made by `disclosed`, `showing` and `reads`."""
from marshmallow import validate

from chassis.shown import (
    PAGING,
    Either,
    Shown,
    a_code,
    a_count,
    a_moment,
    a_part,
    a_text,
    asking,
    listing,
    many,
    one_of,
    page,
    yes_no,
)
from services.issues.cases.assessing import LEVELS, NEEDS
from services.issues.finding.queries import DESCRIBED
from services.issues.schemas import ContactSchema
from services.issues.shown import (
    WHO,
    AgencyTaskSchema,
    DeskIssueSchema,
    DeskTaskSchema,
    IssueKnownSchema,
    MaskedIssueSchema,
    MaskedTaskSchema,
    OwnIssueSchema,
    ReadIssueSchema,
    an_issue_id,
)

CASES, READS = ("status", *PAGING), ("issue", "by", *PAGING)  # what may be asked with


class AssessmentShownSchema(Shown):
    """How great the need is and what is needed, as somebody wrote it once."""

    at = a_moment("When it was written.")
    by = a_text("Who wrote it.", "case_worker:karaj", validate=WHO)
    level = one_of(LEVELS, "The risk.", "high")
    needs = many(one_of(NEEDS, "A need."), "What is needed.", ["shelter", "health"])
    note = a_text("In words.", "شب را بیرون می‌ماند", null=True)


class CaseIssueSchema(DeskIssueSchema):
    """A confidential issue as its case worker reads it: whole, with how its filer is reached."""

    contact = a_part(ContactSchema, "Where its filer is reached.", null=True)
    on_behalf_of = a_part(ContactSchema, "For whom it was filed.", null=True)
    assessment = a_part(AssessmentShownSchema, "The newest.", null=True)


class WordlessIssueSchema(Shown):
    """What an agency knows of a case that it may read nothing of, but what was written for it."""

    id = an_issue_id()
    version = a_count("Counted up at every change.", 7, least=1)
    filed_at = a_moment("When it was filed.")
    neighbourhood = a_code("Where it is.", "karaj-mehrvilla")
    neighbourhood_name = a_text("The neighbourhood's name when it was filed.", "محلهٔ گلشهر")


class PartTaskSchema(DeskTaskSchema, MaskedTaskSchema):
    """A task as its agency reads it, with what it may know of the issue."""

    issue = Either(IssueKnownSchema, WordlessIssueSchema, says="What it is about, as far as that is meant for this agency.")


class PartIssueSchema(Shown):
    """A confidential issue as an agency reads it that has a part in it: its own tasks alone."""

    id = an_issue_id()
    confidential = yes_no("Always.", validate=validate.Equal(True))
    version = a_count("Counted up at every change; its ETag begins with it.", 7, least=1)
    tasks = many(PartTaskSchema, "Its own.")


class CaseReadSchema(Shown):
    """Somebody was shown a part of a confidential issue."""

    issue = an_issue_id("Which issue.")
    by = a_text("Who, as a role and which one; `filer` by the secret or the account.", "case_worker:karaj", validate=WHO)
    account = a_text("Whose account or key it was; null of the filer, and where nobody knows.",
                     "person:3f0f6a3e-8f44-4b57-9a64-0c4a7c9d2a10", null=True)
    part = a_text("Which part of it; of an agency the tasks.", "case")
    at = a_moment("When.")


READ = (ReadIssueSchema, OwnIssueSchema, DeskIssueSchema, CaseIssueSchema, PartIssueSchema, MaskedIssueSchema)  # an issue
OWN_TASK = (AgencyTaskSchema, PartTaskSchema, MaskedTaskSchema)  # one of an agency's tasks, as it may read it
AssessmentsSchema = listing("AssessmentsSchema", AssessmentShownSchema)
CasesPageSchema = page("CasesPageSchema", MaskedIssueSchema)
CaseReadsPageSchema = page("CaseReadsPageSchema", CaseReadSchema)
CasesQuery = asking("CasesQuery", CASES, DESCRIBED)
CaseReadsQuery = asking("CaseReadsQuery", READS, DESCRIBED | {
    "issue": an_issue_id("Of this issue; a case worker must name one of theirs."),
    "by": a_text("Of this reader alone; for operators.", "case_worker:karaj")})
