"""Profiles as HTTP: read by all, entered by secretaries and operators; who entered what is told to them alone."""
from typing import Any

from chassis.caller import may
from chassis.http_server import Call, http
from chassis.text import DIGITS
from chassis.validation import load
from contracts.errors import Malformed
from services.registry.profiles import dated, use_cases
from services.registry.schemas import TermSchema
from services.registry.use_cases import day_of

KEPT = "<any(indicators,weightings,facilities):kind>"


def years_of(text: str) -> list[int]:
    """Years with commas between them, in any digits. Raises Malformed."""
    try:
        return [int(year) for year in text[:200].translate(DIGITS).split(",")]
    except ValueError as error:
        raise Malformed("bad_year", "سال را مانند 1404 بنویسید؛ چند سال را با ویرگول لاتین جدا کنید.",
                        "Write a year like 1404; put commas between several.") from error


class Profiles:
    @http("GET", f"/{KEPT}", "profiles:read")
    def list_kept(self, call: Call, kind: str) -> dict[str, Any]:
        return use_cases.listing(kind, day_of(call.query), call.query.get("neighbourhood"))

    @http("PUT", f"/{KEPT}/<code>", "profiles:write")
    def keep(self, call: Call, kind: str, code: str) -> dict[str, Any]:
        by = call.caller
        return use_cases.keep(kind, code, call.json(), by.id)

    @http("POST", f"/{KEPT}/<code>/end", "profiles:write")
    def end_kept(self, call: Call, kind: str, code: str) -> dict[str, Any]:
        by = call.caller
        dated.end(use_cases.KEPT[kind][0], code, load(TermSchema(), call.json()), by.id)
        return {"code": code}

    @http("GET", "/territories/<code>/profile", "profiles:read")
    def profile(self, call: Call, code: str) -> dict[str, Any]:
        return use_cases.profile(code, years_of(call.query.get("year", ""))[0], may(call.caller, "profiles:write"))

    @http("GET", "/territories/<code>/profile/compare", "profiles:read")
    def compare(self, call: Call, code: str) -> dict[str, Any]:
        return use_cases.compare(code, years_of(call.query.get("years", "")), may(call.caller, "profiles:write"))

    @http("GET", "/territories/<code>/profile/corrections", "profiles:write")
    def corrections(self, call: Call, code: str) -> dict[str, Any]:
        return use_cases.corrections(code, years_of(call.query.get("year", ""))[0], call.query.get("indicator", ""))

    @http("PUT", "/territories/<code>/profile", "profiles:write")
    def enter(self, call: Call, code: str) -> dict[str, Any]:
        by = call.caller
        return use_cases.enter(code, call.json(), by.id)

    @http("GET", "/deprivation", "profiles:read")
    def deprived(self, call: Call) -> dict[str, Any]:
        query = call.query
        return use_cases.deprived(query.get("province", ""), years_of(query.get("year", ""))[0],
                                  query.get("weighting", use_cases.USUAL))
