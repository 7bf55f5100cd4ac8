"""Agencies: their list of tasks and their moves. An agency sees and moves only its own."""
from typing import Any

from chassis.caller import Caller
from chassis.http_server import Call
from contracts.errors import not_found
from gateway.asking import Asking, handed_on
from gateway.http import idempotency_key, public

MOVES = '<any(accept,refuse,refer,start,wait,resume,"ask-deferral","ask-extension",finish):action>'


def own(call: Call, code: str) -> Caller:
    """The calling agency, if the address names it. Another's address is answered as if it were not there."""
    agency = call.caller
    if agency.subject != code:
        raise not_found()
    return agency


class Agencies:
    ask: Asking

    @public("GET", "/v1/agencies/<code>/tasks", "tasks:read", cost="listing")
    def list_tasks(self, call: Call, code: str) -> Any:
        own(call, code)
        return self.ask.page(self.ask.issues, "/tasks", call, f"/v1/agencies/{code}/tasks")

    @public("GET", "/v1/agencies/<code>/tasks/<task>", "tasks:read")
    def read_task(self, call: Call, code: str, task: str) -> Any:
        return self.ask.issues.get(f"/tasks/{task}", own(call, code))

    @public("POST", f"/v1/agencies/<code>/tasks/<task>/{MOVES}", "tasks:move")
    def move(self, call: Call, code: str, task: str, action: str) -> Any:
        return self.ask.issues.post(f"/tasks/{task}/{action}", own(call, code), call.json(),
                                    headers=handed_on(call) | {"Idempotency-Key": idempotency_key(call)})
