"""Issues: filing, following, the filer's answers, and the secretary's hand."""
from typing import Any

from chassis.caller import STAFF, Caller, demand
from chassis.http_server import Call
from chassis.logs import TRACE
from gateway.asking import Asking
from gateway.http import idempotency_key, public

DECISIONS = '<any("confirm","not-fixed","withdraw","check","reject","prioritise","assign"):action>'
TASK_MOVES = "<any(cancel,defer,extend,decline,resume,redo):action>"


class Issues:
    ask: Asking

    @public("POST", "/v1/issues")
    def file(self, call: Call) -> tuple[int, Any, dict[str, str]]:
        by = demand(call.caller, "resident", "secretary")
        filed = self.ask.file({"caller": by.id, "key": idempotency_key(call), "body": call.json(), "trace": TRACE.get()})
        return 201, filed, {"Location": filed["links"]["self"]}

    @public("GET", "/v1/issues")
    def list_issues(self, call: Call) -> Any:
        return self.ask.page(self.ask.issues, "/issues", call, "/v1/issues")

    @public("GET", "/v1/worklists")
    def work_lists(self, call: Call) -> Any:
        return self.ask.hand_on(self.ask.issues, call)

    @public("GET", "/v1/worklists/<name>")
    def work_list(self, call: Call, name: str) -> Any:
        return self.ask.page(self.ask.issues, f"/worklists/{name}", call, f"/v1/worklists/{name}")

    @public("GET", "/v1/issues/<ref>")
    def read_issue(self, call: Call, ref: str) -> tuple[int, Any, dict[str, str]]:
        found = self.ask.hand_on(self.ask.issues, call)
        return 200, found, {"ETag": f'"v{found["version"]}"'}

    @public("POST", f"/v1/issues/<ref>/{DECISIONS}")
    def decide(self, call: Call, ref: str, action: str) -> Any:
        """A filer's secret says who it is; no API key is needed besides."""
        return self.ask.hand_on(self.ask.issues, call)

    @public("POST", f"/v1/issues/<ref>/tasks/<task>/{TASK_MOVES}")
    def move_task(self, call: Call, ref: str, task: str, action: str) -> Any:
        return self.ask.hand_on(self.ask.issues, call)

    @public("GET", "/v1/issues/<ref>/tasks/<task>/deadline")
    def deadline(self, call: Call, ref: str, task: str) -> Any:
        return self.ask.hand_on(self.ask.issues, call)

    @public("GET", "/v1/issues/<ref>/deliveries")
    def deliveries(self, call: Call, ref: str) -> Any:
        by = demand(call.caller, *STAFF)
        return self.ask.notifications.get("/deliveries", by, {"issue": self._id_of(ref, by)})

    def _id_of(self, ref: str, by: Caller) -> str:
        """Of an issue that this caller may see, masked or not. Raises NotFound."""
        return str(self.ask.issues.get(f"/issues/{ref}", by)["id"])
