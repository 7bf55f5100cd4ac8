"""Calendars as HTTP: closures and holidays one by one, and which calendar holds for a place."""
from typing import Any

from chassis.caller import STAFF, demand
from chassis.http_server import Call, http
from chassis.validation import load
from services.registry.calendars import closures
from services.registry.calendars.schemas import ClosureSchema, HolidaySchema
from services.registry.use_cases import day_of


class Calendars:
    @http("GET", "/territories/<code>/calendar")
    def calendar_of(self, call: Call, code: str) -> dict[str, Any]:
        day = day_of(call.query)
        return {"territory": code, "as_of": day, "calendar": closures.calendar_of(code, day)}

    @http("POST", "/calendars/<code>/closures")
    def close(self, call: Call, code: str) -> dict[str, Any]:
        by = demand(call.caller, *STAFF)
        return closures.close(code, load(ClosureSchema(), call.json()), by.id)

    @http("DELETE", "/calendars/<code>/closures/<day>")
    def reopen(self, call: Call, code: str, day: str) -> dict[str, Any]:
        by = demand(call.caller, *STAFF)
        return closures.reopen(code, day, call.query.get("starts"), by.id)

    @http("POST", "/calendars/<code>/holidays")
    def keep_holiday(self, call: Call, code: str) -> dict[str, Any]:
        by = demand(call.caller, *STAFF)
        return closures.keep_holiday(code, load(HolidaySchema(), call.json()), by.id)

    @http("DELETE", "/calendars/<code>/holidays/<day>")
    def drop_holiday(self, call: Call, code: str, day: str) -> dict[str, Any]:
        by = demand(call.caller, *STAFF)
        return closures.drop_holiday(code, day, by.id)
