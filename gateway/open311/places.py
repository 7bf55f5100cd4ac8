"""Where something is, from what the standard lets a client say: a point, a neighbourhood's code, an address in words."""
import re
from collections import defaultdict
from typing import Any

from chassis.text import fold
from contracts.errors import Malformed
from gateway.open311.params import Params, wrong

PARTS = re.compile(r"[,،;؛\n]+")
MOST = 500  # characters of an address
PREFIXES = ("محله ", "شهر ", "شهرستان ", "استان ")  # before a name, folded, as one writes them
Row = dict[str, Any]


class Places:
    """The places in force, found by their names."""

    def __init__(self, territories: dict[str, Row]) -> None:
        self._known = territories
        self._named: dict[str, set[str]] = defaultdict(set)
        for code, place in territories.items():
            for name in (place["name_fa"], place["name_en"]):
                self._named[fold(name)].add(code)
                if place["kind"] != "neighbourhood":  # the number of a house is no neighbourhood of a number
                    self._named[bare(name)].add(code)

    def where(self, params: Params) -> Row:
        """The `point` or `neighbourhood` of a filing, or both. Raises Malformed where nothing says it for certain."""
        point, code, address = point_of(params), params.one("address_id"), address_of(params)
        if code and self._known.get(code, {}).get("kind") != "neighbourhood":
            raise wrong("address_id", "کد هیچ محله‌ای نیست؛ /v1/neighbourhoods فهرست آن‌هاست.",
                        "it is no neighbourhood's code; /v1/neighbourhoods lists them.")
        if not (point or code or address):
            raise Malformed("missing_parameter", "یکی از این‌ها را بنویسید: lat و long، address_id، address_string.",
                            "write one of these: lat and long, address_id, address_string.")
        if not point and not code:
            code = self.in_words(address)
        return ({"point": point} if point else {}) | ({"neighbourhood": code} if code else {})

    def in_words(self, address: str) -> str:
        """The one neighbourhood that a part of the address names, in the places that other parts name. Raises Malformed."""
        parts = {spelt(part) for part in PARTS.split(address) for spelt in (fold, bare)}
        named = set().union(*(self._named.get(part, set()) for part in parts))
        found = [code for code in named if self._known[code]["kind"] == "neighbourhood"]
        best = max((self._above(code, named) for code in found), default=0)
        found = [code for code in found if self._above(code, named) == best]
        if len(found) != 1:
            raise wrong("address_string",
                        "محله در نشانی پیدا نشد. نام محله و شهر را با ویرگول جدا کنید، یا lat و long بفرستید.",
                        "it names no single neighbourhood. Set it and the city apart by commas, or send lat and long.")
        return found[0]

    def _above(self, code: str, named: set[str]) -> int:
        """How many of the places above it are named too."""
        return len(named & set(self._known[code]["path"][:-1]))

    def is_in(self, code: str, jurisdiction: str | None) -> bool:
        return jurisdiction is None or jurisdiction in self._known.get(code, {"path": ()})["path"]


def bare(name: str) -> str:
    """Without the word that says what kind of place it is."""
    found = fold(name)
    return next((found.removeprefix(prefix) for prefix in PREFIXES if found.startswith(prefix)), found)


def address_of(params: Params) -> str:
    """On one line. Raises Malformed."""
    found = " ".join(params.one("address_string").split())
    if len(found) > MOST:
        raise wrong("address_string", f"حداکثر {MOST} نویسه بنویسید.", f"it must be {MOST} characters at most.")
    return found


def point_of(params: Params) -> dict[str, float] | None:
    """Degrees of WGS 84. Raises Malformed for half a point, or one that is none."""
    given = {"lat": params.one("lat"), "lon": params.one("long")}
    if not any(given.values()):
        return None
    try:
        point = {name: float(value) for name, value in given.items()}
    except ValueError:
        point = {"lat": 999.0, "lon": 999.0}
    if not (abs(point["lat"]) <= 90 and abs(point["lon"]) <= 180):
        raise Malformed("bad_point", "lat, long: هر دو را به درجه (WGS 84) بفرستید؛ مانند lat=35.83&long=50.96.",
                        "lat, long: send both in degrees (WGS 84), such as lat=35.83&long=50.96.")
    return point
