"""Calendars as HTTP: closures and holidays one by one, and which calendar holds for a place."""
from typing import Any

from chassis.http_server import Call, http
from chassis.validation import load
from services.registry.calendars import closures
from services.registry.calendars.schemas import ClosureSchema, HolidaySchema
from services.registry.use_cases import day_of


class Calendars:
    @http("GET", "/territories/<code>/calendar", "registers:read")
    def calendar_of(self, call: Call, code: str) -> dict[str, Any]:
        day = day_of(call.query)
        return {"territory": code, "as_of": day, "calendar": closures.calendar_of(code, day)}

    @http("POST", "/calendars/<code>/closures", "registers:write")
    def close(self, call: Call, code: str) -> dict[str, Any]:
        by = call.caller
        return closures.close(code, load(ClosureSchema(), call.json()), by.id)

    @http("DELETE", "/calendars/<code>/closures/<day>", "registers:write")
    def reopen(self, call: Call, code: str, day: str) -> dict[str, Any]:
        by = call.caller
        return closures.reopen(code, day, call.query.get("starts"), by.id)

    @http("POST", "/calendars/<code>/holidays", "registers:write")
    def keep_holiday(self, call: Call, code: str) -> dict[str, Any]:
        by = call.caller
        return closures.keep_holiday(code, load(HolidaySchema(), call.json()), by.id)

    @http("DELETE", "/calendars/<code>/holidays/<day>", "registers:write")
    def drop_holiday(self, call: Call, code: str, day: str) -> dict[str, Any]:
        by = call.caller
        return closures.drop_holiday(code, day, by.id)
