"""Calendars as HTTP: closures and holidays one by one, and which calendar holds for a place."""
from typing import Any

from chassis.http_server import Call, http
from chassis.validation import load
from services.registry import reach, shown
from services.registry.calendars import closures
from services.registry.calendars.schemas import ClosureSchema, HolidaySchema, ReopenQuery
from services.registry.once import once
from services.registry.queries import AsOfQuery, EmptySchema
from services.registry.use_cases import day_of

CALENDAR = shown.DATED["calendars"]


class Calendars:
    @http("GET", "/territories/<code>/calendar", "registers:read", asks=AsOfQuery, gives=shown.CALENDAR_OF)
    def calendar_of(self, call: Call, code: str) -> dict[str, Any]:
        """The calendar of working time that holds at a place on a day: its own, or the nearest above it; null where there is
        none on the whole path.

        Refuses with bad_day and not_found.
        """
        day = day_of(call.query)
        return {"territory": code, "as_of": day, "calendar": closures.calendar_of(code, day)}

    @http("POST", "/calendars/<code>/closures", "registers:write", takes=ClosureSchema, gives=CALENDAR)
    @once
    def close(self, call: Call, code: str) -> dict[str, Any]:
        """Close a day, or a part of it. Deadlines are counted anew; what was said of the same beginning before is replaced;
        answers the calendar.

        Refuses with invalid, calendar_full, and no_calendar where the place has none of its own.
        """
        by = reach.demand_place(call.caller, "registers:write", code)
        return closures.close(code, load(ClosureSchema(), call.json()), by.id)

    @http("DELETE", "/calendars/<code>/closures/<day>", "registers:write", asks=ReopenQuery, gives=CALENDAR)
    @once
    def reopen(self, call: Call, code: str, day: str) -> dict[str, Any]:
        """Take a closure back. Answers the calendar.

        Refuses with no_calendar, and not_found where nothing is closed then.
        """
        by = reach.demand_place(call.caller, "registers:write", code)
        return closures.reopen(code, day, call.query.get("starts"), by.id)

    @http("POST", "/calendars/<code>/holidays", "registers:write", takes=HolidaySchema, gives=CALENDAR)
    @once
    def keep_holiday(self, call: Call, code: str) -> dict[str, Any]:
        """Add a holiday, or say it anew. Answers the calendar.

        Refuses with invalid, calendar_full and no_calendar.
        """
        by = reach.demand_place(call.caller, "registers:write", code)
        return closures.keep_holiday(code, load(HolidaySchema(), call.json()), by.id)

    @http("DELETE", "/calendars/<code>/holidays/<day>", "registers:write", asks=EmptySchema, gives=CALENDAR)
    @once
    def drop_holiday(self, call: Call, code: str, day: str) -> dict[str, Any]:
        """Take a holiday away, as when the moon was sighted on another day. Answers the calendar.

        Refuses with no_calendar, and not_found where there is none on that day.
        """
        by = reach.demand_place(call.caller, "registers:write", code)
        return closures.drop_holiday(code, day, by.id)
