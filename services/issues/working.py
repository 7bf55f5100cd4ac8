"""An agency's tasks as HTTP, and why a deadline falls on the day on which it falls."""
from typing import Any

from chassis.http_server import Call, http
from chassis.validation import load
from services.issues import reckoning
from services.issues.cases.shown import OWN_TASK
from services.issues.explained import DeadlineSchema
from services.issues.finding import lists
from services.issues.finding.queries import TasksQuery
from services.issues.finding.shown import TasksPageSchema
from services.issues.life.command import command_of, given
from services.issues.life.moves import AGENCY, AGENCY_ACTIONS
from services.issues.said import BY_AGENCY, not_taken
from services.issues.schemas import MoveSchema

ACTIONS = "<any({}):action>".format(",".join(f'"{action.replace("_", "-")}"' for action in AGENCY_ACTIONS))


class Working:
    issues: Any  # service.IssuesProvider, which imports this

    @http("GET", "/tasks", "tasks:read", asks=TasksQuery, gives=TasksPageSchema)
    def tasks(self, call: Call) -> dict[str, Any]:
        """The tasks of the calling agency. Of a confidential issue only where to look; what it is about, the task
        itself says.
        """
        return lists.tasks_of(call.caller.subject, call.query)

    @http("GET", "/tasks/<task>", "tasks:read", asks=(), gives=OWN_TASK)
    def task(self, call: Call, task: str) -> dict[str, Any]:
        """Read one of the calling agency's tasks, with what it needs to start. Of a confidential issue what is meant
        for this agency, and nothing any more once it has given the task back. 404 for another agency's.
        """
        return lists.task_of(call.caller, task)

    @http("POST", f"/tasks/<task>/{ACTIONS}", "tasks:move",
          takes=BY_AGENCY, gives=OWN_TASK)
    def answer(self, call: Call, task: str, action: str) -> dict[str, Any]:
        """Move a task on, as its agency. What is refused goes to the next agency that a rule names; what is referred,
        to the one that is named, which must accept it. A field that this move does not take is refused: nothing that is
        said is dropped unread.

        409 `move_forbidden` from a state where it is not possible, `binding`, `issue_ended`; 422 `…_needed`,
        `bad_for_whom`, `date_in_the_past`, `unknown_agency`, `referred_to_itself`.
        """
        move = action.replace("-", "_")
        agency, said = call.caller.subject, load(MoveSchema(exclude=not_taken(move, AGENCY)), call.json())
        command = command_of(call, action, task, given(said))
        self.issues.commands.answer(task, move, agency, command, said)
        return lists.task_of(call.caller, task)

    @http("GET", "/issues/<ref>/tasks/<task>/deadline", "issues:read", asks=(), gives=DeadlineSchema)
    def deadline(self, call: Call, ref: str, task: str) -> dict[str, Any]:
        """Why a deadline falls on the day on which it falls: the hours or days and the calendar by which it was
        reckoned, day by day, the times in which the clock stood, and what was extended. 404 where the task may not be
        seen.
        """
        return reckoning.why(ref, task, call.caller, call.headers.get("Issue-Secret"), self.issues.atlas.current())
