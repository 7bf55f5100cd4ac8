"""Registers: who and where, as of any day; looking back; and, for secretaries and operators, changing them."""
from typing import Any

from chassis.caller import demand
from chassis.http_server import Call
from gateway.asking import Asking
from gateway.http import public

KEPT = "territories,boundaries,headquarters,agencies,committees,categories,rules,calendars,seats"
REGISTER = f"<any({KEPT}):register>"
STAFF = ("secretary", "operator")


class Registers:
    ask: Asking

    @public("GET", f"/v1/<any({KEPT},neighbourhoods):register>")
    def list_register(self, call: Call, register: str) -> Any:
        return self.ask.page(self.ask.registry, f"/{register}", call, f"/v1/{register}")

    @public("GET", f"/v1/{REGISTER}/<code>")
    def read_record(self, call: Call, register: str, code: str) -> Any:
        return self.ask.registry.get(f"/{register}/{code}", call.caller, call.query)

    @public("GET", f"/v1/{REGISTER}/<code>/history")
    def read_history(self, call: Call, register: str, code: str) -> Any:
        return self.ask.registry.get(f"/{register}/{code}/history", demand(call.caller, *STAFF), call.query)

    @public("PUT", f"/v1/{REGISTER}/<code>")
    def change_record(self, call: Call, register: str, code: str) -> Any:
        return self.ask.registry.put(f"/{register}/{code}", demand(call.caller, *STAFF), call.json())

    @public("POST", f"/v1/{REGISTER}/<code>/end")
    def end_record(self, call: Call, register: str, code: str) -> Any:
        return self.ask.registry.post(f"/{register}/{code}/end", demand(call.caller, *STAFF), call.json())

    @public("POST", "/v1/agencies")
    def register_agency(self, call: Call) -> tuple[int, Any]:
        by = demand(call.caller, "secretary")
        return 201, self.ask.registry.post("/agencies", by, call.json())
