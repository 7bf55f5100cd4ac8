"""Several people on one issue: what may be the same, joining in, writing to each other, and the secretary's marks."""
from typing import Any

from chassis.caller import demand
from chassis.http_server import Call
from gateway.asking import Asking
from gateway.http import idempotency_key, public


class Neighbours:
    ask: Asking

    @public("GET", "/v1/issues/similar")
    def similar(self, call: Call) -> Any:
        return self.ask.issues.get("/issues/similar", call.caller, call.query)

    @public("POST", "/v1/issues/<ref>/join")
    def join(self, call: Call, ref: str) -> tuple[int, Any]:
        demand(call.caller, "resident", "secretary")
        return 201, self._told(call, ref, "join")

    @public("POST", "/v1/issues/<ref>/leave")
    def leave(self, call: Call, ref: str) -> Any:
        return self._told(call, ref, "leave")

    @public("POST", "/v1/issues/<ref>/duplicate-of")
    def duplicate_of(self, call: Call, ref: str) -> Any:
        demand(call.caller, "secretary")
        return self._told(call, ref, "duplicate-of")

    @public("POST", "/v1/issues/<ref>/not-duplicate")
    def not_duplicate(self, call: Call, ref: str) -> Any:
        demand(call.caller, "secretary")
        return self._told(call, ref, "not-duplicate")

    @public("GET", "/v1/issues/<ref>/messages")
    def read_messages(self, call: Call, ref: str) -> Any:
        return self.ask.issues.get(f"/issues/{ref}/messages", call.caller, call.query, headers=_secret(call))

    @public("POST", "/v1/issues/<ref>/messages")
    def write_message(self, call: Call, ref: str) -> tuple[int, Any]:
        return 201, self._told(call, ref, "messages")

    def _told(self, call: Call, ref: str, what: str) -> Any:
        headers = _secret(call) | {"Idempotency-Key": idempotency_key(call)}
        return self.ask.issues.post(f"/issues/{ref}/{what}", call.caller, call.json(), headers=headers)


def _secret(call: Call) -> dict[str, str]:
    found = call.headers.get("Issue-Secret")
    return {"Issue-Secret": found} if found else {}
