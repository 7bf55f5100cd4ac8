"""An agency's tasks as HTTP, and why a deadline falls on the day on which it falls."""
from typing import Any

from chassis.http_server import Call, http
from chassis.validation import load
from services.issues import reckoning
from services.issues.finding import lists
from services.issues.life.command import command_of, given
from services.issues.life.moves import AGENCY_ACTIONS
from services.issues.schemas import MoveSchema

ACTIONS = "<any({}):action>".format(",".join(f'"{action.replace("_", "-")}"' for action in AGENCY_ACTIONS))


class Working:
    issues: Any  # service.IssuesProvider, which imports this

    @http("GET", "/tasks", "tasks:read")
    def tasks(self, call: Call) -> dict[str, Any]:
        return lists.tasks_of(call.caller.subject, call.query)

    @http("GET", "/tasks/<task>", "tasks:read")
    def task(self, call: Call, task: str) -> dict[str, Any]:
        return lists.task_of(call.caller, task)

    @http("POST", f"/tasks/<task>/{ACTIONS}", "tasks:move")
    def answer(self, call: Call, task: str, action: str) -> dict[str, Any]:
        agency, said = call.caller.subject, load(MoveSchema(), call.json())
        command = command_of(call, action, task, given(said))
        self.issues.commands.answer(task, action.replace("-", "_"), agency, command, said)
        return lists.task_of(call.caller, task)

    @http("GET", "/issues/<ref>/tasks/<task>/deadline", "issues:read")
    def deadline(self, call: Call, ref: str, task: str) -> dict[str, Any]:
        return reckoning.why(ref, task, call.caller, call.headers.get("Issue-Secret"), self.issues.atlas.current())
