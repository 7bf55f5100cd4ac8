"""What of an issue is shown to whom, field by field; made by the functions of `schemas`, and of `cases` where it is one."""
from typing import Any

from marshmallow import fields, validate

from chassis.shown import (
    LinksSchema,
    Shown,
    a_code,
    a_count,
    a_moment,
    a_part,
    a_text,
    many,
    one_of,
    said,
    yes_no,
)
from services.issues.life.closing import CHECKERS, CLOSED_BY
from services.issues.life.moves import FOR_WHOM, PRIORITIES, STATUSES, TASK_STATES
from services.issues.life.moving import ASKS
from services.issues.schemas import GivenAnswer, PointSchema

ISSUE, TASK = "7f6d1c52-3a0c-5a3e-9a9c-000000000001", "7f6d1c52-3a0c-5a3e-9a9c-000000000001-1"
TRACKING = validate.Regexp(r"^[0-9]{4}-[0-9]{4}-[0-9]{3}$")
WHO = validate.Regexp(r"^[a-z_]+(:[^\s]+)?$")
LATER = "2026-12-08T08:30:00.000Z"


def an_issue_id(says: str = "The issue's id.", **options: Any) -> fields.Field[Any]:
    return a_text(says, ISSUE, **options)


def a_tracking_code() -> fields.Field[Any]:
    return a_text("What its filer was given; can be read out over a telephone.", "6202-0295-279", validate=TRACKING)


def given_answers() -> fields.Field[Any]:
    return said(fields.Dict, "What the filer answered to the category's questions, by the questions' codes.",
                {"pole": "۱۲", "dark": True}, keys=fields.String(), values=GivenAnswer())


class TaskSchema(Shown):
    """One agency's part of an issue, as everybody may know it."""

    id = a_text("The task's id.", TASK)
    agency = a_code("Whose it is; /v1/agencies lists them.", "karaj-municipality")
    state = one_of(TASK_STATES, "Where it stands.", "offered")
    lead = yes_no("Whether its agency answers for the whole issue.")
    offered_at = a_moment("When it was offered.")
    accept_by = a_moment("Until when it must be accepted.", "2026-11-25T08:30:00.000Z")
    due = a_moment("Until when it must be finished.", LATER)
    accepted_at = a_moment("When it was accepted.", null=True)
    done_at = a_moment("When the agency said that it is done.", LATER, null=True)
    stopped_at = a_moment("Since when its clock stands, because it waits or awaits funds.", null=True)
    accept_minutes = a_count("Working minutes from the offer to accepting.", 95, null=True)
    finish_minutes = a_count("Working minutes from the filing to finishing, without the time that its clock stood.", 1260,
                           null=True)
    extensions = a_count("How often its deadline was extended.", 0)
    escalations = a_count("How many steps of the escalation ladder it has cost.", 0)
    came_from = a_text("The task that was referred here.", TASK, null=True)
    vacant = yes_no("It was refused, and nobody has its part yet.")


class PublicTaskSchema(TaskSchema):
    """A task on an issue that everybody may read."""

    text = a_text("What its agency said when it finished.", "لامپ عوض شد", null=True)


class RequestSchema(Shown):
    """What an agency asks the secretary for."""

    what = one_of(ASKS.values(), "A later deadline, or to wait for funds.", "extend")
    reason = a_text("Why.", "قطعه در راه است", null=True)
    until = a_moment("Until when.", LATER, null=True)


class DeskTaskSchema(PublicTaskSchema):
    """A task as those read it who work on it or keep order."""

    reason = a_text("Why it is as it is: of the last move, or of the offer.", "جدول خیابان با شهرداری است", null=True)
    part = a_text("What of the issue is this agency's.", "جدول را تعمیر کنید", null=True)
    binding = yes_no("A headquarters decided: it can be neither refused nor referred.")
    referred_to = a_code("The agency that it was referred to.", "karaj-water", null=True)
    for_whom = one_of(FOR_WHOM, "Whom it waits for.", "filer", null=True)
    photograph = a_text("Where the photograph of the finished work is.", "https://example.org/after.jpg", null=True)
    review_at = a_moment("When it is looked at again while it waits.", LATER, null=True)
    request = a_part(RequestSchema, "What the agency asks the secretary for, until that is answered.", null=True)


class IssueKnownSchema(Shown):
    """An issue without its tasks."""

    id = an_issue_id()
    tracking_code = a_tracking_code()
    version = a_count("Counted up at every change; its ETag begins with it.", 7, least=1)
    status = one_of(STATUSES, "Follows from its tasks, and from what people decided of the whole.", "routed")
    confidential = yes_no("Whether only some may see it.")
    category = a_code("What it is about; /v1/categories lists them.", "street-lighting")
    category_name = a_text("The category's name when it was filed.", "روشنایی معابر")
    title = a_text("As it was filed, tidied.", "چراغ خاموش", null=True)
    text = a_text("What the filer wrote, tidied.", "چراغ کوچهٔ سوم از دیشب خاموش است")
    answers = given_answers()
    neighbourhood = a_code("Where it is; /v1/neighbourhoods lists them.", "karaj-mehrvilla")
    neighbourhood_name = a_text("The neighbourhood's name when it was filed.", "محلهٔ گلشهر")
    point = a_part(PointSchema, "Where exactly, if the filer said so.", null=True)
    priority = one_of(PRIORITIES, "Which deadlines it has.", "normal")
    filed_at = a_moment("When it was filed.")
    updated_at = a_moment("When it last changed.")
    closed_at = a_moment("When it ended.", LATER, null=True)
    closed_by = one_of(CLOSED_BY, "By whose word it was closed; `silence`: nobody said anything.", "filer", null=True)
    checked_by = one_of(CHECKERS, "Who looked whether it is really fixed.", "reporter", null=True)
    joined = a_count("How many others said \"me too\".", 3)
    duplicate_of = an_issue_id("The issue that it tells the same as, where it was marked so.", null=True)
    times_not_fixed = a_count("How often somebody said that it is not fixed.", 0)
    times_reopened = a_count("How often that was after it was closed.", 0)
    times_referred = a_count("How often an agency handed it on to another.", 0)
    headquarters = a_code("Which headquarters must decide between agencies, while it has not.", "alborz-hq", null=True)


class SatisfiedSchema(IssueKnownSchema):
    satisfaction = a_count("How satisfied its filer is.", 5, least=1, most=5, null=True)


class IssueSchema(SatisfiedSchema):
    """An issue as everybody may read it."""

    tasks = many(PublicTaskSchema, "Who has to do with it, in the order in which they were asked.")


class OriginalSchema(Shown):
    """What a duplicate is, in the end, a duplicate of."""

    id = an_issue_id()
    tracking_code = a_tracking_code()
    status = one_of(STATUSES, "The status of the original.", "in_progress")


def the_original() -> fields.Field[Any]:
    return a_part(OriginalSchema, "Of a duplicate only: the first one; null where it is hidden.", null=True, may_lack=True)


class ReadIssueSchema(IssueSchema):
    """An issue as everybody may read it; of a duplicate, with the first one."""

    original = the_original()


class MoveSchema(Shown):
    """An entry of an issue's story. `task`, `from` and `to` come together, where it is about a task."""

    at = a_moment("When.")
    by = a_text("Who, as a role and which one; `router` and `clock` are the platform itself.", "agency:karaj-municipality",
              validate=WHO)
    account = a_text("Which account or key of that office, for secretaries of the place alone.", "key:0123456789abcdef",
                     may_lack=True)
    action = a_text("What was done: `file`, `offer`, `accept`, `finish`, `confirm`, `escalate` and so on.", "finish",
                  validate=validate.Regexp("^[a-z_]+$"))
    status = one_of(STATUSES, "The issue's status after it.", "done")
    task = a_text("Which task.", TASK, may_lack=True)
    before = one_of(TASK_STATES, "The task's state before it; null of an offer.", "in_progress", null=True, may_lack=True,
                    data_key="from")
    to = one_of(TASK_STATES, "The task's state after it.", "done", may_lack=True)
    reason = a_text("Why, in the words of who did it.", "قطعه در راه است", may_lack=True)
    changes = said(fields.Dict, "What it changed: the name of a field, what that was and what it is.",
                   {"priority": ["normal", "high"]}, may_lack=True, keys=fields.String(),
                   values=fields.List(fields.Raw(allow_none=True), validate=validate.Length(equal=2)))



class OwnIssueSchema(ReadIssueSchema):
    """An issue as its filer reads it: as it was typed, with its whole story."""

    timeline = many(MoveSchema, "Everything that was done, the oldest first.")


class DeskIssueSchema(SatisfiedSchema):
    """An issue as a secretary or the neighbourhood's manager reads it: with its story, and what agencies ask for and why."""

    tasks = many(DeskTaskSchema, "Who has to do with it.")
    timeline = many(MoveSchema, "Everything that was done, the oldest first.")
    original = the_original()


class MaskedIssueSchema(Shown):
    """A confidential issue for who must route it and may not know what it is about."""

    id = an_issue_id()
    confidential = yes_no("Always.", validate=validate.Equal(True))
    status = one_of(STATUSES, "Where it stands.", "routed")
    version = a_count("Counted up at every change.", 7, least=1)
    neighbourhood = a_code("Where it is.", "karaj-mehrvilla")
    filed_at = a_moment("When it was filed.")
    tasks = many(TaskSchema, "Who has to do with it.")


class ChangedCaseSchema(Shown):
    """A confidential issue that was changed, for whoever changed it."""

    id = an_issue_id()
    confidential = yes_no("Always.", validate=validate.Equal(True))
    status = one_of(STATUSES, "Where it stands now.", "routed")
    version = a_count("Counted up at every change.", 7, least=1)


CHANGED = (IssueSchema, ChangedCaseSchema)  # what is answered to who changed an issue


class MaskedTaskSchema(TaskSchema):
    """A task of a confidential issue in its agency's list: only where to look."""

    issue_id = an_issue_id()
    confidential = yes_no("Whether its issue is.")
    links = a_part(LinksSchema, "Where to look.")


class AgencyTaskSchema(DeskTaskSchema):
    """A task as its agency reads it, with what it needs to start."""

    issue_id = an_issue_id()
    confidential = yes_no("Whether its issue is.")
    links = a_part(LinksSchema, "Where it is found again.")
    issue = a_part(IssueKnownSchema, "What it is about.")


class IssueIdSchema(Shown):
    """By which name an issue is kept."""

    id = an_issue_id()


class ReceiptSchema(Shown):
    """What whoever files is given. The same again for the same filing under the same Idempotency-Key."""

    id = an_issue_id()
    tracking_code = a_tracking_code()
    secret = a_text("With it, as `Issue-Secret`, one is the filer. Given here alone, kept by nobody.", "abcd-efgh-ijkl-mnop")
    status = one_of(("routed", "filed"), "Whether an agency has been offered it already.", "routed")
    version = a_count("Always 1: as it was filed.", 1, least=1)
    neighbourhood = a_code("Where it lies.", "karaj-mehrvilla")
    agency = a_code("To whom it was offered; null: the secretariat routes it by hand.", "karaj-municipality", null=True)
    filed_at = a_moment("When it was filed.")
    links = a_part(LinksSchema, "Where it is found again.")
