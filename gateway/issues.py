"""Issues: filing, following, the filer's answers, and the secretary's hand."""
from typing import Any

from chassis.caller import Caller
from chassis.http_server import Call
from chassis.logs import TRACE
from gateway.asking import Asking
from gateway.http import idempotency_key, public

DECISIONS = {"confirm": "issues:answer", "not-fixed": "issues:answer", "withdraw": "issues:answer", "check": "issues:check",
             "reject": "issues:decide", "prioritise": "issues:decide", "assign": "issues:assign"}
TASK_MOVES = "<any(cancel,defer,extend,decline,resume,redo):action>"


class Issues:
    ask: Asking

    @public("POST", "/v1/issues", "issues:file")
    def file(self, call: Call) -> tuple[int, Any, dict[str, str]]:
        by = call.caller
        filed = self.ask.file({"caller": by.id, "key": idempotency_key(call), "body": call.json(), "trace": TRACE.get()})
        return 201, filed, {"Location": filed["links"]["self"]}

    @public("GET", "/v1/issues", "issues:read")
    def list_issues(self, call: Call) -> Any:
        return self.ask.page(self.ask.issues, "/issues", call, "/v1/issues")

    @public("GET", "/v1/worklists", "issues:worklists")
    def work_lists(self, call: Call) -> Any:
        return self.ask.hand_on(self.ask.issues, call)

    @public("GET", "/v1/worklists/<name>", "issues:worklists")
    def work_list(self, call: Call, name: str) -> Any:
        return self.ask.page(self.ask.issues, f"/worklists/{name}", call, f"/v1/worklists/{name}")

    @public("GET", "/v1/issues/<ref>", "issues:read")
    def read_issue(self, call: Call, ref: str) -> tuple[int, Any, dict[str, str]]:
        found = self.ask.hand_on(self.ask.issues, call)
        return 200, found, {"ETag": f'"v{found["version"]}"'}

    def decide(self, call: Call, ref: str) -> Any:
        """A filer's secret says who it is; no API key is needed besides."""
        return self.ask.hand_on(self.ask.issues, call)

    for _decision, _deed in DECISIONS.items():
        decide = public("POST", f"/v1/issues/<ref>/{_decision}", _deed)(decide)

    @public("POST", f"/v1/issues/<ref>/tasks/<task>/{TASK_MOVES}", "issues:decide")
    def move_task(self, call: Call, ref: str, task: str, action: str) -> Any:
        return self.ask.hand_on(self.ask.issues, call)

    @public("GET", "/v1/issues/<ref>/tasks/<task>/deadline", "issues:read")
    def deadline(self, call: Call, ref: str, task: str) -> Any:
        return self.ask.hand_on(self.ask.issues, call)

    @public("GET", "/v1/issues/<ref>/deliveries", "deliveries:read")
    def deliveries(self, call: Call, ref: str) -> Any:
        by = call.caller
        return self.ask.notifications.get("/deliveries", by, {"issue": self._id_of(ref, by)})

    def _id_of(self, ref: str, by: Caller) -> str:
        """Of an issue that this caller may see, masked or not. Raises NotFound."""
        return str(self.ask.issues.get(f"/issues/{ref}", by)["id"])
