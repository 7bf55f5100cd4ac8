"""Places as HTTP: where a point lies; and for secretaries and operators, territories merged, split and renamed."""
from typing import Any

from chassis.http_server import Call, http
from chassis.text import DIGITS
from chassis.validation import load
from contracts.errors import Malformed
from services.registry import places, reshaping, use_cases


def degrees(query: dict[str, str], name: str) -> float:
    """A number of the query, in any digits. Raises Malformed."""
    try:
        return float(query[name][:40].translate(DIGITS).replace("٫", "."))
    except (KeyError, ValueError) as error:
        raise Malformed("bad_point", "lat و lon را به درجه بفرستید؛ مانند lat=35.8&lon=50.9.",
                        "Send lat and lon in degrees, like lat=35.8&lon=50.9.") from error


class Places:
    @http("GET", "/locate", "registers:read")
    def locate(self, call: Call) -> dict[str, Any]:
        query = call.query
        return places.locate(degrees(query, "lat"), degrees(query, "lon"), use_cases.day_of(query))

    @http("POST", "/territories/merge", "registers:write")
    def merge(self, call: Call) -> dict[str, Any]:
        by, asked = call.caller, load(reshaping.MergeSchema(), call.json())
        return reshaping.merge(asked["codes"], asked["into"], asked.get("day"), by.id, asked.get("reason"))

    @http("POST", "/territories/<code>/split", "registers:write")
    def split(self, call: Call, code: str) -> dict[str, Any]:
        by, asked = call.caller, load(reshaping.SplitSchema(), call.json())
        return reshaping.split(code, asked["into"], asked.get("day"), by.id, asked.get("reason"))

    @http("POST", "/territories/<code>/rename", "registers:write")
    def rename(self, call: Call, code: str) -> dict[str, Any]:
        by, asked = call.caller, load(reshaping.RenameSchema(), call.json())
        names = {name: asked[name] for name in ("name_fa", "name_en")}
        return reshaping.revalue(code, names, asked.get("day"), None, by.id, asked.get("reason"))

    @http("POST", "/territories/<code>/target", "registers:write")
    def set_target(self, call: Call, code: str) -> dict[str, Any]:
        by, asked = call.caller, load(reshaping.TargetSchema(), call.json())
        return reshaping.revalue(code, {"target": asked["target"]}, asked.get("valid_from"), asked.get("valid_to"), by.id,
                                 asked.get("reason"))
