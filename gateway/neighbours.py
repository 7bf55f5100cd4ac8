"""Several people on one issue: what may be the same, joining in, writing to each other, and the secretary's marks."""
from typing import Any

from chassis.http_server import Call
from gateway.asking import Asking
from gateway.http import public


class Neighbours:
    ask: Asking

    @public("GET", "/v1/issues/similar", "issues:read", cost="listing")
    def similar(self, call: Call) -> Any:
        return self.ask.hand_on(self.ask.issues, call)

    @public("POST", "/v1/issues/<ref>/join", "issues:join", status=201)
    def join(self, call: Call, ref: str) -> tuple[int, Any]:
        return 201, self.ask.hand_on(self.ask.issues, call)

    @public("POST", "/v1/issues/<ref>/leave", "issues:answer")
    def leave(self, call: Call, ref: str) -> Any:
        return self.ask.hand_on(self.ask.issues, call)

    @public("POST", "/v1/issues/<ref>/duplicate-of", "issues:decide")
    def duplicate_of(self, call: Call, ref: str) -> Any:
        return self.ask.hand_on(self.ask.issues, call)

    @public("POST", "/v1/issues/<ref>/not-duplicate", "issues:decide")
    def not_duplicate(self, call: Call, ref: str) -> Any:
        return self.ask.hand_on(self.ask.issues, call)

    @public("GET", "/v1/issues/<ref>/messages", "messages:read", cost="listing")
    def read_messages(self, call: Call, ref: str) -> Any:
        return self.ask.hand_on(self.ask.issues, call)

    @public("POST", "/v1/issues/<ref>/messages", "messages:write")
    def write_message(self, call: Call, ref: str) -> tuple[int, Any]:
        return 201, self.ask.hand_on(self.ask.issues, call)
