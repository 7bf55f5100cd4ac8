"""Seats as HTTP: appointing and vacating for secretaries and operators, and for everybody how complete a team is."""
from typing import Any

from marshmallow import fields, validate

from chassis.caller import demand, may
from chassis.http_server import Call, http
from chassis.validation import Words, load
from services.registry import seats, team, use_cases
from services.registry.clock import today
from services.registry.schemas import Strict, one_of
from services.registry.terms import HOWS
from services.registry.values import Day

SEES = "people:read"  # the deed of whom is shown who sits in a seat


def sees_holders(register: str, call: Call) -> bool:
    """Whether who sits in a seat may be shown to this caller. Raises what `demand` does where another asks for somebody's
    seats."""
    if register == "seats" and "person" in call.query:
        demand(call.caller, SEES)
    return register != "seats" or may(call.caller, SEES)


class AppointSchema(Strict):
    person = fields.UUID(required=True)
    how = one_of(*HOWS, required=True)
    valid_from = Day()
    valid_to = Day(allow_none=True, load_default=None)
    reason = Words(validate=validate.Length(1, 1000), allow_none=True, load_default=None)


class VacateSchema(Strict):
    day = Day()
    reason = Words(validate=validate.Length(1, 1000), allow_none=True, load_default=None)


class Seats:
    @http("POST", "/seats/<code>/appoint", "seats:write")
    def appoint(self, call: Call, code: str) -> dict[str, Any]:
        by, asked = call.caller, load(AppointSchema(), call.json())
        start = asked.get("valid_from") or today()
        seats.appoint(code, str(asked["person"]), start, asked["valid_to"], asked["how"], by.id, asked["reason"])
        return use_cases.look("seats", code, {"as_of": start})

    @http("POST", "/seats/<code>/vacate", "seats:write")
    def vacate(self, call: Call, code: str) -> dict[str, Any]:
        by, asked = call.caller, load(VacateSchema(), call.json())
        day = asked.get("day") or today()
        seats.vacate(code, day, by.id, asked["reason"])
        return use_cases.look("seats", code, {"as_of": day})

    @http("GET", "/territories/<code>/team", "registers:read")
    def team(self, call: Call, code: str) -> dict[str, Any]:
        return team.team(code, call.query, call.caller.id if may(call.caller, SEES) else None)
