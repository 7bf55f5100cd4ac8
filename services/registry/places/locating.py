"""Which place a point lies in, today or on another day: one query on the boundaries' index finds, a second one names.

The deepest place that holds the point answers. Where several of one rank hold it (a shared border, boundaries that lie
over each other) the one whose places above hold the point too goes first, then the first by code, and the others are
named in `also`. Edits of a set of changes that was switched on but is not settled yet (seconds) are not seen here.
"""
import math
from typing import Any

from chassis.clock import today
from chassis.store import answering
from contracts.errors import Invalid
from services.registry.documents import Territory, TerritoryBoundary, edits_of
from services.registry.geometry import contains
from services.registry.ledger import switched_on, visible
from services.registry.model import Edit, in_force
from services.registry.registers import REGISTERS
from services.registry.schemas import KINDS
from services.registry.use_cases import standing

NEIGHBOURHOOD = KINDS["neighbourhood"]
NEAR, FAR = 2_000, 50_000  # metres: where the nearest is looked for first; and beyond, nothing is near
NEAREST = 100  # boundaries that are looked at for the nearest
NAMED = ("kind", "name_fa", "name_en")
Place = dict[str, Any]


def locate(lat: float, lon: float, day: str | None = None) -> dict[str, Any]:
    """Where a point of WGS 84 lies, as of a day (else today), in these words:

    inside         whether any place holds it; if not, `note` says so in both languages
    territory      the deepest place that holds it; `path`: that place and all above it, from the province down
    neighbourhood  the one on the path, None where none is known there
    contested      whether another claims the place: `also` (hold the point too, same rank) and `contested_with` name
                   them, `decides` the headquarters above all of them
    nearest        outside all, the nearest neighbourhood (else place) within FAR; inside a place but in no neighbourhood,
                   the nearest one within NEAR; `distance` in metres

    Raises Invalid for a point that is none, or whose latitude and longitude are swapped.
    """
    demand_point(lat, lon)
    day = day or today()
    with answering():
        held = _holding(lat, lon, day)
        if not held and -90 <= lon <= 90 and (swapped := _holding(lon, lat, day)):
            raise _swapped(swapped[0])
        return {"lat": lat, "lon": lon, "as_of": day, "inside": bool(held),
                **(_answer(held, day) if held else _outside()), "nearest": _nearest(lat, lon, day, held)}


def demand_point(lat: float, lon: float) -> None:
    if not (math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180):
        wrong = "/lon" if math.isfinite(lat) and abs(lat) <= 90 else "/lat"
        fa = "lat عددی از ‎-90 تا 90 و lon عددی از ‎-180 تا 180 است (WGS 84، درجه)."
        en = "lat is a number from -90 to 90 and lon one from -180 to 180 (WGS 84, degrees)."
        raise Invalid("no_such_point", fa, en, [{"pointer": wrong, "fa": fa, "en": en}])


def _swapped(place: Place) -> Invalid:
    fa = f"جای lat و lon عوض شده است: برعکس آن در «{place['name_fa']}» است. آن‌ها را جابه‌جا بفرستید."
    en = f"lat and lon seem swapped: the other way round the point lies in {place['name_en']}. Exchange them."
    return Invalid("swapped", fa, en, [{"pointer": "/lat", "fa": fa, "en": en}])


def point_at(lat: float, lon: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [lon, lat]}


def holding_query(lat: float, lon: float, day: str) -> dict[str, Any]:
    """What is in force today stands at the top; what ever held lies in the edits, with an index of its own."""
    field = "polygon" if day == today() else "edits.values.polygon"
    return {field: {"$geoIntersects": {"$geometry": point_at(lat, lon)}}}


def _holding(lat: float, lon: float, day: str) -> list[Place]:
    """The places in force that hold the point, the deepest and best first."""
    as_it_was = day != today()
    found = TerritoryBoundary._get_collection().find(holding_query(lat, lon, day), {"edits": 1} if as_it_was else {"_id": 1})
    codes = [each["_id"] for each in found if not as_it_was or _held(edits_of(each["edits"]), lat, lon, day)]
    places = list(_places(codes, day).values())
    holding = {place["code"] for place in places}
    return sorted(places, key=lambda place: (-KINDS[place["kind"]], -len(holding & set(place["path"])), place["code"]))


def _held(edits: list[Edit], lat: float, lon: float, day: str) -> bool:
    """Whether the polygon of that day held a point which one of the polygons holds."""
    polygon = (in_force(edits, day) or {}).get("polygon")
    if polygon is None:
        return False
    others = any(edit.values and edit.values.get("polygon") not in (None, polygon) for edit in edits)
    return not others or contains(polygon, lon, lat)


def _places(codes: list[str], day: str) -> dict[str, Place]:
    """Those of these places that are in force, by code."""
    if not codes:
        return {}
    found = list(Territory._get_collection().find({"_id": {"$in": codes}}, {"edits": 1, "staged": 1}))
    switched = switched_on() if any(each.get("staged") for each in found) else set()
    held = {each["_id"]: in_force(visible(each, switched), day) for each in found}
    return {code: {"code": code, **values} for code, values in held.items() if values is not None}


def _answer(held: list[Place], day: str) -> dict[str, Any]:
    first, rivals = held[0], [each for each in held[1:] if KINDS[each["kind"]] == KINDS[held[0]["kind"]]]
    known = {each["code"]: each for each in held}
    known |= _places([code for code in first["path"] if code not in known], day)
    path = [known[code] for code in first["path"] if code in known]
    with_another = next((place["contested_with"] for place in path if place.get("contested_with")), None)
    other = _places([with_another], day).get(with_another) if with_another else None
    contested = bool(rivals or with_another)
    return {"territory": shown(first), "path": [shown(place) for place in path],
            "neighbourhood": next((shown(place) for place in path if place["kind"] == "neighbourhood"), None),
            "contested": contested, "also": [shown(rival) for rival in rivals],
            "contested_with": shown(other) if other else None,
            "decides": decides([place["path"] for place in [first, *rivals, *([other] if other else [])]], day)
            if contested else None, "note": None}


def _outside() -> dict[str, Any]:
    return {"territory": None, "path": [], "neighbourhood": None, "contested": False, "also": [], "contested_with": None,
            "decides": None, "note": {
                "fa": "این نقطه بیرون از همهٔ محدوده‌های ثبت‌شده است. نقطه را بررسی کنید یا محله را به نام انتخاب کنید.",
                "en": "This point lies outside every boundary we know. Check it, or choose the neighbourhood by name."}}


def shown(place: Place) -> dict[str, Any]:
    return {"code": place["code"], **{name: place[name] for name in NAMED}}


def decides(paths: list[list[str]], day: str) -> dict[str, Any] | None:
    """The headquarters of the deepest place above all of these that has one."""
    above = [codes[0] for codes in zip(*(path[:-1] for path in paths), strict=False) if len(set(codes)) == 1]
    for code in reversed(above):
        for found, values in standing(REGISTERS["headquarters"], day, {"territory": code}):
            return {"code": found, **{name: values[name] for name in ("level", "name_fa", "name_en")}, "territory": code}
    return None


def nearest_pipeline(lat: float, lon: float, within: int) -> list[dict[str, Any]]:
    near = {"near": point_at(lat, lon), "key": "polygon", "distanceField": "distance", "spherical": True,
            "maxDistance": within}
    return [{"$geoNear": near}, {"$limit": NEAREST}, {"$project": {"distance": 1}}]


def _nearest(lat: float, lon: float, day: str, held: list[Place]) -> dict[str, Any] | None:
    """As the boundaries are today; of another day nothing is near, because no index knows how near it was."""
    if day != today() or any(KINDS[place["kind"]] >= NEIGHBOURHOOD for place in held):
        return None
    ways = (_nearest_within(lat, lon, day, within, bool(held)) for within in ((NEAR,) if held else (NEAR, FAR)))
    return next((found for found in ways if found), None)


def _nearest_within(lat: float, lon: float, day: str, within: int, inside: bool) -> dict[str, Any] | None:
    near = TerritoryBoundary._get_collection().aggregate(nearest_pipeline(lat, lon, within))
    found = {each["_id"]: each["distance"] for each in near}
    places = [place for place in _places(list(found), day).values() if not inside or place["kind"] == "neighbourhood"]
    best = min(places, default=None, key=lambda place: (
        place["kind"] != "neighbourhood", found[place["code"]], -KINDS[place["kind"]], place["code"]))
    return {**shown(best), "distance": round(found[best["code"]])} if best else None
