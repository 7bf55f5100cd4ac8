"""Registers: neighbourhoods, agencies and categories, and registering an agency while everything runs."""
from typing import Any

from chassis.caller import demand
from chassis.http_server import Call
from gateway.asking import Asking
from gateway.http import public


class Registers:
    ask: Asking

    @public("GET", "/v1/<any(neighbourhoods,agencies,categories):register>")
    def list_register(self, call: Call, register: str) -> Any:
        return self.ask.page(self.ask.registry, f"/{register}", call, f"/v1/{register}")

    @public("POST", "/v1/agencies")
    def register_agency(self, call: Call) -> tuple[int, Any]:
        by = demand(call.caller, "secretary")
        return 201, self.ask.registry.post("/agencies", by, call.json())
