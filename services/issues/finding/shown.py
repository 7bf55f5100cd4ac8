"""Pages of lists, field by field; made by `lists` and `updates`."""
from chassis.shown import LinksSchema, Shown, a_count, a_moment, a_part, a_text, listing, many, one_of, page
from services.issues.finding.shelves import WAITS
from services.issues.finding.worklists import WORK_LISTS
from services.issues.life.moves import STATUSES
from services.issues.shown import AgencyTaskSchema, IssueSchema, MaskedIssueSchema, MaskedTaskSchema, a_tracking_code


class ListedIssueSchema(IssueSchema):
    """An issue in a list."""

    metres = a_count("How far away it is, where the nearest were asked for.", 120, may_lack=True)


class WaitingSchema(Shown):
    """Something in a work list."""

    waits = many(one_of(WAITS, "Why."), "Why it waits for whoever asks.", ["offered"])


class WaitingIssueSchema(ListedIssueSchema, WaitingSchema):
    """An issue in a work list."""


class WaitingMaskedIssueSchema(MaskedIssueSchema, WaitingSchema):
    """A confidential issue in a work list."""


class WaitingTaskSchema(AgencyTaskSchema, WaitingSchema):
    """A task in an agency's work list."""


class WaitingMaskedTaskSchema(MaskedTaskSchema, WaitingSchema):
    """A task of a confidential issue in an agency's work list."""


class TitleSchema(Shown):
    """What something is called."""

    fa = a_text("In Persian.", "در انتظار من")
    en = a_text("In English.", "Waiting for me")


class WorkListSchema(Shown):
    """A list of what there is to do."""

    name = one_of(WORK_LISTS, "Its name in the address.", "waiting")
    title = a_part(TitleSchema, "What it is called.")
    links = a_part(LinksSchema, "Where it is.")


class UpdateSchema(Shown):
    """A change of an issue's status."""

    tracking_code = a_tracking_code()
    number = a_count("Its place in the issue's story; it stays.", 3)
    at = a_moment("When.")
    status = one_of(STATUSES, "The status since then.", "done")
    text = a_text("What its agency said, where it finished.", "لامپ عوض شد", null=True)


IssuesPageSchema = page("IssuesPageSchema", ListedIssueSchema, MaskedIssueSchema)
TasksPageSchema = page("TasksPageSchema", AgencyTaskSchema, MaskedTaskSchema)
WorkListsSchema = listing("WorkListsSchema", WorkListSchema)
WorkPageSchema = page("WorkPageSchema", WaitingTaskSchema, WaitingMaskedTaskSchema, WaitingIssueSchema,
                      WaitingMaskedIssueSchema)
UpdatesPageSchema = page("UpdatesPageSchema", UpdateSchema)
