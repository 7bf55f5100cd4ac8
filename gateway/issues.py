"""Issues: filing, following, the filer's answers, and the secretary's hand."""
from typing import Any

from chassis.http_server import Call
from gateway.asking import Asking
from gateway.http import idempotency_key, public

DECISIONS = {"confirm": "issues:answer", "not-fixed": "issues:answer", "withdraw": "issues:answer", "check": "issues:check",
             "reject": "issues:decide", "prioritise": "issues:decide", "assign": "issues:assign"}
TASK_MOVES = "<any(cancel,defer,extend,decline,resume,redo):action>"


class Issues:
    ask: Asking

    @public("POST", "/v1/issues", "issues:file")
    def file(self, call: Call) -> tuple[int, Any, dict[str, str]]:
        filed = self.ask.file(call.caller, idempotency_key(call), call.json())
        return 201, filed, {"Location": filed["links"]["self"]}

    @public("GET", "/v1/issues", "issues:read", cost="listing")
    def list_issues(self, call: Call) -> Any:
        return self.ask.page(self.ask.issues, "/issues", call, "/v1/issues")

    @public("GET", "/v1/worklists", "issues:worklists", cost="listing")
    def work_lists(self, call: Call) -> Any:
        return self.ask.hand_on(self.ask.issues, call)

    @public("GET", "/v1/worklists/<name>", "issues:worklists", cost="listing")
    def work_list(self, call: Call, name: str) -> Any:
        return self.ask.page(self.ask.issues, f"/worklists/{name}", call, f"/v1/worklists/{name}")

    @public("GET", "/v1/issues/<ref>", "issues:read")
    def read_issue(self, call: Call, ref: str) -> Any:
        return self.ask.hand_on(self.ask.issues, call)

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

    @public("GET", "/v1/issues/<ref>/deliveries", "deliveries:read", asks=())
    def deliveries(self, call: Call, ref: str) -> Any:
        """`issues` says whether the caller may, and which it is."""
        found = self.ask.issues.get(f"/issues/{ref}/id", call.caller)
        return self.ask.notifications.get("/deliveries", call.caller, {"issue": found["id"]})
