"""What may be asked of the lists of issues and tasks, parameter by parameter; `filters` says what goes with which sort."""
import re
from collections.abc import Iterable

from marshmallow import fields, validate

from chassis.shown import PAGING, Field, a_text, asking, one_of, said
from services.issues.finding import filters, lists
from services.issues.finding.nearest import FARTHEST, WITHIN
from services.issues.life.moves import PRIORITIES, STATUSES, TASK_STATES

PLACE = validate.Regexp(f"^{filters.PLACE.pattern}$")
HERE = validate.Regexp(r"^-?(180|(1[0-7][0-9]|[0-9]{1,2})(\.[0-9]+)?),-?(90|[1-8]?[0-9](\.[0-9]+)?)$")


def several(known: Iterable[str], says: str, example: str) -> Field:
    """One or several words, set apart by commas."""
    one = f"({'|'.join(map(re.escape, known))})"
    return a_text(f"{says} One or several, set apart by commas.", example,
                  validate=validate.Regexp(f"^{one}(,{one})*$"))


def span(name: str, what: str) -> dict[str, Field]:
    """The two parameters of a span of time."""
    example, metadata = "2026-03-21T11:30:00+03:30", {"format": "date-time"}
    return {f"{name}_from": a_text(f"{what} at this instant or later; with its offset.", example,
                                   metadata=metadata),
            f"{name}_to": a_text(f"{what} before this instant; with its offset.", example, metadata=metadata)}


DESCRIBED = {
    "status": several(STATUSES, "Where they stand.", "routed,in_progress"),
    "priority": several(PRIORITIES, "Which deadlines they have.", "urgent,high"),
    "territory": a_text("All that lie in this place of any level; its code.", "karaj", validate=PLACE),
    "neighbourhood": a_text("Of this neighbourhood; its code.", "karaj-mehrvilla", validate=PLACE),
    "category": a_text("Of this category and those below it; its code.", "street-lighting"),
    "category_only": a_text(f"Of these categories alone; codes, set apart by commas, {filters.MOST_CODES} at most.",
                            "street-lighting,road-surface"),
    "agency": a_text("In which this agency has, or had, a task; its code.", "karaj-municipality"),
    "q": a_text(f"Words that must all be there, however they are spelt; {filters.MAX_WORDS} at most.", "چراغ کوچه",
                validate=validate.Length(max=filters.LONGEST)),
    "code": a_text(f"Of these tracking codes, set apart by commas, {filters.MOST_CODES} at most.", "6202-0295-279"),
    "mine": one_of(("true",), "Those that the resident filed who has signed in, confidential ones too.", "true"),
    "near": a_text("The nearest to this point: longitude and latitude, WGS 84.", "50.96,35.83", validate=HERE),
    "within": said(fields.Integer, f"How far from it at most, in metres; {WITHIN} where it is not said.", 500,
                   validate=validate.Range(1, FARTHEST)),
    "overdue": one_of(("true",), "What is late now.", "true"),
    "sort": one_of(filters.BESIDES, "In which order; where it is not said, the first that takes what else is asked.", "due"),
    **span("filed", "Filed"), **span("due", "Due"), **span("updated", "Last changed"), **span("changed", "Changed"),
    **PAGING}
OF_TASKS = {"state": several(TASK_STATES, "Where they stand.", "offered,accepted"),
            "sort": one_of(lists.TASK_SORTS, "In which order: of the issues' filing, or of the deadlines.", "due")}

IssuesQuery = asking("IssuesQuery", filters.PARAMETERS, DESCRIBED)
TasksQuery = asking("TasksQuery", (*lists.TASK_FILTERS, *filters.BESIDES["due"], *filters.PAGING), DESCRIBED | OF_TASKS)
WorkListQuery = asking("WorkListQuery", ("territory", *PAGING), DESCRIBED)
UpdatesQuery = asking("UpdatesQuery", ("changed_from", "changed_to", "territory", *PAGING), DESCRIBED, ["changed_from"])
