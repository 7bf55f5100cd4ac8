"""Places as HTTP: where a point lies; and for secretaries and operators, territories merged, split and renamed."""
import re
from typing import Any

from chassis.http_server import Call, http
from chassis.text import DIGITS
from chassis.validation import load
from contracts.errors import Malformed
from services.registry import reach, use_cases
from services.registry.once import once, once_read
from services.registry.places import locating, reshaping, schemas, shown

DEGREES = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{0,20})?(e[+-]?[0-9]{1,3})?", re.IGNORECASE)


def degrees(query: dict[str, str], name: str) -> float:
    """A number of the query, in any digits. Raises Malformed."""
    written = query.get(name, "")[:40].strip().translate(DIGITS).replace("٫", ".")
    if not DEGREES.fullmatch(written):
        raise Malformed("bad_point", "lat و lon را به درجه بفرستید؛ مانند lat=35.8&lon=50.9.",
                        "Send lat and lon in degrees, like lat=35.8&lon=50.9.")
    return float(written)


class Places:
    @http("GET", "/locate", "registers:read", asks=schemas.LocateQuery, gives=shown.Located)
    def locate(self, call: Call) -> dict[str, Any]:
        """Where a point lies: the deepest place that holds it, its neighbourhood, who else claims it, and what is nearest.

        Refuses with bad_point, bad_day, no_such_point, and swapped where latitude and longitude seem exchanged.
        """
        query = call.query
        return locating.locate(degrees(query, "lat"), degrees(query, "lon"), use_cases.day_of(query))

    @http("POST", "/territories/merge", "registers:write", takes=schemas.MergeSchema, gives=shown.Reshaped)
    @once
    def merge(self, call: Call) -> dict[str, Any]:
        """Make one territory of several of a kind, from a day on. All below them moves along, by one write; answers what was
        changed, and what still names a territory that ended.

        Refuses with invalid, too_few, kinds_differ, say_which, not_found, not_in_force, code_taken and unknown_<field>.
        """
        by, asked = call.caller, load(schemas.MergeSchema(), call.json())
        reach.demand_reshaping(by, asked["codes"], [asked["into"]])
        return reshaping.merge(asked["codes"], asked["into"], asked.get("day"), by.id, asked.get("reason"))

    @http("POST", "/territories/<code>/split", "registers:write", takes=schemas.SplitSchema, gives=shown.Reshaped)
    @once
    def split(self, call: Call, code: str) -> dict[str, Any]:
        """Make several territories of one, from a day on. `takes` of each says which places right below it go there; answers
        what was changed, and what still names the territory that ended.

        Refuses with invalid, too_few, not_taken, not_found, not_in_force, code_taken and unknown_<field>.
        """
        by, asked = call.caller, load(schemas.SplitSchema(), call.json())
        reach.demand_reshaping(by, [code], asked["into"])
        return reshaping.split(code, asked["into"], asked.get("day"), by.id, asked.get("reason"))

    @http("POST", "/territories/<code>/rename", "registers:write", takes=schemas.RenameSchema, gives=shown.Revalued)
    @once_read
    def rename(self, call: Call, code: str) -> dict[str, Any]:
        """Give a territory another name from a day on. The day before, it still has the old one; answers it as of that day.

        Say with `If-Match` which version you have read.

        Refuses with invalid, not_found and not_in_force.
        """
        by, asked = call.caller, load(schemas.RenameSchema(), call.json())
        reach.demand_record(by, "registers:write", "territories", code)
        names = {name: asked[name] for name in ("name_fa", "name_en")}
        return reshaping.revalue(code, names, asked.get("day"), None, by.id, asked.get("reason"))

    @http("POST", "/territories/<code>/target", "registers:write", takes=schemas.TargetSchema, gives=shown.Revalued)
    @once_read
    def set_target(self, call: Call, code: str) -> dict[str, Any]:
        """Make a territory one of those that the headquarters works for, or no more. From a day on, for good or until
        another; answers it as of that day. Say with `If-Match` which version you have read.

        Refuses with invalid, not_found and not_in_force.
        """
        by, asked = call.caller, load(schemas.TargetSchema(), call.json())
        reach.demand_record(by, "registers:write", "territories", code)
        return reshaping.revalue(code, {"target": asked["target"]}, asked.get("valid_from"), asked.get("valid_to"), by.id,
                                 asked.get("reason"))
