"""Confidential issues: making one confidential, assessing what is needed, and who has read what."""
from typing import Any

from chassis.http_server import Call
from gateway.asking import Asking
from gateway.http import public


class Cases:
    ask: Asking

    @public("POST", "/v1/issues/<ref>/confidential", "cases:hide")
    def make_confidential(self, call: Call, ref: str) -> Any:
        return self.ask.hand_on(self.ask.issues, call)

    @public("POST", "/v1/issues/<ref>/assessments", "cases:assess", status=201)
    def assess(self, call: Call, ref: str) -> tuple[int, Any]:
        return 201, self.ask.hand_on(self.ask.issues, call)

    @public("GET", "/v1/issues/<ref>/assessments", "cases:read")
    def assessments(self, call: Call, ref: str) -> Any:
        return self.ask.hand_on(self.ask.issues, call)

    @public("GET", "/v1/cases", "cases:read", cost="listing")
    def cases(self, call: Call) -> Any:
        return self.ask.page(self.ask.issues, "/cases", call, "/v1/cases")

    @public("GET", "/v1/case-reads", "cases:audit", cost="listing")
    def reads(self, call: Call) -> Any:
        return self.ask.page(self.ask.issues, "/case-reads", call, "/v1/case-reads")
