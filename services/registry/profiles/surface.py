"""Profiles as HTTP: read by all, entered by secretaries and operators; who entered what is told to them alone."""
import re
from typing import Any

from chassis.caller import Caller
from chassis.http_server import Call, http
from chassis.text import DIGITS
from chassis.validation import load, parameter
from contracts.errors import Malformed
from services.registry.once import once, once_read
from services.registry.profiles import dated, schemas, shown, use_cases
from services.registry.queries import AsOfQuery
from services.registry.reach import demand_place, demand_places, may_at
from services.registry.schemas import RecordEndSchema
from services.registry.use_cases import day_of

KEPT = "<any(indicators,weightings,facilities):kind>"


NEAR, INDICATOR = schemas.FacilitiesQuery().fields["neighbourhood"], schemas.CorrectionsQuery().fields["indicator"]


def years_of(text: str) -> list[int]:
    """Years with commas between them, in any digits. Raises Malformed."""
    years = text.translate(DIGITS).split(",")
    if not all(re.fullmatch("[0-9]{4}", year) for year in years):
        raise Malformed("bad_year", "سال را مانند 1404 بنویسید؛ چند سال را با ویرگول لاتین جدا کنید.",
                        "Write a year like 1404; put commas between several.")
    return list(map(int, years))


def year_in(query: dict[str, str]) -> int:
    """Raises Malformed."""
    year, *more = years_of(query.get("year", ""))
    if more:
        raise Malformed("bad_year", "تنها یک سال بنویسید؛ مانند 1404.", "Name one year, like 1404.")
    return year


def demand_over_kept(by: Caller, kind: str, neighbourhoods: set[str]) -> None:
    """Raises NotAllowed where a facility is not in the caller's place, and of what is counted and weighed, which is the
    whole platform's. A facility that is not there passes: that is told by whoever is asked for it."""
    if neighbourhoods or kind != "facilities":
        demand_places(by, "profiles:write", neighbourhoods)


class Profiles:
    @http("GET", f"/{KEPT}", "profiles:read", asks=schemas.LISTS, gives=shown.LISTS)
    def list_kept(self, call: Call, kind: str) -> dict[str, Any]:
        """The indicators, weightings or facilities that are in force on a day, by code.

        Refuses with bad_day, and of facilities with bad_neighbourhood.
        """
        day, near = day_of(call.query), parameter(NEAR, call.query, "neighbourhood") if kind == "facilities" else None
        return use_cases.listing(kind, day, near)

    @http("GET", f"/{KEPT}/<code>", "profiles:read", asks=AsOfQuery, gives=shown.ITEMS)
    def look_kept(self, call: Call, kind: str, code: str) -> dict[str, Any]:
        """One indicator, weighting or facility as it is on a day.

        Refuses with bad_day and not_found.
        """
        return use_cases.look_kept(kind, code, day_of(call.query))

    @http("PUT", f"/{KEPT}/<code>", "profiles:write", takes=schemas.KEPT, gives=shown.CHANGED)
    @once
    def keep(self, call: Call, kind: str, code: str) -> dict[str, Any]:
        """Put what an indicator, a weighting or a facility says from a day on; a code that is new makes a new one.

        Refuses with invalid, bad_code, bad_validity, later_change_planned; a weighting with unknown_indicator; a facility
        with not_found where there is no such neighbourhood, and no_such_point.
        """
        by, body = call.caller, call.json()
        demand_over_kept(by, kind, use_cases.neighbourhoods_of(kind, code, body))
        return use_cases.keep(kind, code, body, by.id)

    @http("POST", f"/{KEPT}/<code>/end", "profiles:write", takes=RecordEndSchema, gives=shown.EndedCode)
    @once_read
    def end_kept(self, call: Call, kind: str, code: str) -> dict[str, Any]:
        """End an indicator, a weighting or a facility on a day. What was entered stays.

        Say with `If-Match` which version you have read.

        Refuses with invalid, and not_found where it is not in force on that day.
        """
        by = call.caller
        demand_over_kept(by, kind, use_cases.neighbourhoods_of(kind, code))
        dated.end(use_cases.KEPT[kind][0], code, load(RecordEndSchema(), call.json()), by.id)
        return {"code": code}

    @http("GET", "/territories/<code>/profile", "profiles:read", asks=schemas.YearQuery, gives=shown.Profile)
    def profile(self, call: Call, code: str) -> dict[str, Any]:
        """A neighbourhood in a year: its figures, which are missing, and what there is in it.

        By whom a figure was entered is told to who may enter some there. Refuses with bad_year, year_ahead and not_found.
        """
        return use_cases.profile(code, year_in(call.query), may_at(call.caller, "profiles:write", code))

    @http("GET", "/territories/<code>/profile/compare", "profiles:read", asks=schemas.YearsQuery, gives=shown.Comparison)
    def compare(self, call: Call, code: str) -> dict[str, Any]:
        """A neighbourhood's figures over several years, each with its difference from the one before.

        Refuses with bad_year, bad_years, year_ahead and not_found.
        """
        return use_cases.compare(code, years_of(call.query.get("years", "")), may_at(call.caller, "profiles:write", code))

    @http("GET", "/territories/<code>/profile/corrections", "profiles:write",
          asks=schemas.CorrectionsQuery, gives=shown.Corrections)
    def corrections(self, call: Call, code: str) -> dict[str, Any]:
        """Every entry of one figure, oldest first; the last one counts.

        Refuses with bad_year and bad_indicator.
        """
        demand_place(call.caller, "profiles:write", code)
        return use_cases.corrections(code, year_in(call.query), parameter(INDICATOR, call.query, "indicator"))

    @http("PUT", "/territories/<code>/profile", "profiles:write", takes=schemas.EntriesSchema, gives=shown.Entered)
    @once
    def enter(self, call: Call, code: str) -> dict[str, Any]:
        """Enter figures of a year, all or none. What was said already is not entered again; a figure that is entered anew
        corrects the one before.

        Refuses with invalid, bad_entries, year_ahead, not_found, and changed_meanwhile.
        """
        by = demand_place(call.caller, "profiles:write", code)
        return use_cases.enter(code, call.json(), by.id)

    @http("GET", "/deprivation", "profiles:read", asks=schemas.DeprivationQuery, gives=shown.Deprivation)
    def deprived(self, call: Call) -> dict[str, Any]:
        """How deprived the neighbourhoods of a place are beside each other in a year, the most deprived first.

        Refuses with bad_year, year_ahead, too_many_neighbourhoods, and not_found where there is no such place or weighting.
        """
        query = call.query
        return use_cases.deprived(query.get("province", ""), year_in(query),
                                  query.get("weighting", use_cases.USUAL))
