"""Seats as HTTP: appointing and vacating for secretaries and operators, and for everybody how complete a team is."""
from typing import Any

from chassis.caller import demand, may, may_over
from chassis.clock import today
from chassis.http_server import Call, http
from chassis.paging import cursor_of
from chassis.validation import limit_of, load
from services.registry import shown, use_cases
from services.registry.once import once, once_read
from services.registry.people.use_cases import unknown_person
from services.registry.reach import demand_record, may_at, paths, theirs
from services.registry.seats import team
from services.registry.seats import use_cases as seats
from services.registry.seats.schemas import AppointSchema, TeamQuery, VacateSchema
from services.registry.seats.shown import TEAMS
from services.registry.seats.terms import bare

Record = dict[str, Any]
LARGEST = 500  # seats of one page
SEES = "people:read"  # the deed of whom is shown who sits in a seat


def demand_asking(register: str, call: Call) -> None:
    """Raises what `demand` does where somebody asks for a person's seats who may not read people."""
    if register == "seats" and "person" in call.query:
        demand(call.caller, SEES)


def shown_to(call: Call, seats_found: list[Record]) -> list[Record]:
    """Seats as this caller may see them: who sits there, in their place. Who asks for a person's seats gets no others."""
    if not may(call.caller, SEES):
        return [bare(seat) for seat in seats_found]
    at = paths("seats", [(seat["code"], seat) for seat in seats_found]) if not may_over(call.caller, SEES, ()) else None
    mine = [at is None or may_over(call.caller, SEES, at[number]) for number in range(len(seats_found))]
    return [seat if own else bare(seat) for seat, own in zip(seats_found, mine, strict=True)
            if own or "person" not in call.query]


def listed(call: Call) -> Record:
    """A page of seats. A person's are looked through before they are cut, or a cursor would tell of those elsewhere."""
    query, limit = call.query, limit_of(call.query, LARGEST)
    found = use_cases.listing("seats", query | ({"limit": str(LARGEST)} if "person" in query else {}))
    items = shown_to(call, found["items"])
    if len(items) > limit:
        return {"items": items[:limit], "next_cursor": cursor_of(items[limit - 1]["code"])}
    return found | {"items": items}


class Seats:
    @http("POST", "/seats/<code>/appoint", "seats:write", takes=AppointSchema, gives=shown.DATED["seats"])
    @once
    def appoint(self, call: Call, code: str) -> dict[str, Any]:
        """Give a seat to a person for a term. Answers the seat as it is on the first day.

        Refuses with invalid, unknown_person, bad_validity, not_found, seat_taken and seat_not_in_force.
        """
        by, asked = call.caller, load(AppointSchema(), call.json())
        demand_record(by, "seats:write", "seats", code)
        if str(asked["person"]) not in theirs(by, "people:read", [str(asked["person"])]):
            raise unknown_person()
        start = asked.get("valid_from") or today()
        seats.appoint(code, str(asked["person"]), start, asked["valid_to"], asked["how"], by.id, asked["reason"])
        return use_cases.look("seats", code, {"as_of": start})

    @http("POST", "/seats/<code>/vacate", "seats:write", takes=VacateSchema, gives=shown.DATED["seats"])
    @once_read
    def vacate(self, call: Call, code: str) -> dict[str, Any]:
        """End the term that runs on a day, from that day on. Answers the seat as it is then.

        Say with `If-Match` which version you have read: somebody else may sit there by now.

        Refuses with invalid, not_found, and seat_vacant where nobody holds it.
        """
        by, asked = call.caller, load(VacateSchema(), call.json())
        demand_record(by, "seats:write", "seats", code)
        day = asked.get("day") or today()
        seats.vacate(code, day, by.id, asked["reason"])
        return use_cases.look("seats", code, {"as_of": day})

    @http("GET", "/territories/<code>/team", "registers:read", asks=TeamQuery, gives=TEAMS)
    def team(self, call: Call, code: str) -> dict[str, Any]:
        """Whether a team is complete: the seats that are wanted, held and empty in a neighbourhood, a zone or an alley. Of a
        place above, a page of its neighbourhoods, summed up.

        Names and lapsing certificates are added for who may read people, and that is written down. Refuses with bad_day,
        bad_limit, bad_cursor, bad_within, not_found, and too_many_places.
        """
        return team.team(code, call.query, call.caller.who if may_at(call.caller, SEES, code) else None)
