"""Points and polygons as they come in files: what is wrong with them, in words, and where.

Shapes are GeoJSON geometries in WGS 84, longitude before latitude. `mended` puts right what has only one right form (a ring
that is not closed, a point twice in a row, heights); everything else is reported and nothing is guessed. Shapely is
imported only where a polygon is checked: it costs a process 20 MB that stay.
"""
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

MAX_VERTICES = 20_000
MERCATOR = 20_037_508.35  # metres: the edge of Web Mercator
UTM_EAST, UTM_NORTH = (100_000, 900_000), (0, 10_000_000)  # metres: what a zone of UTM reaches
WHERE = re.compile(r"\[(\S+) (\S+)\]")
Ring = list[list[float]]


class Box(NamedTuple):
    """Degrees of WGS 84."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, longitude: float, latitude: float) -> bool:
        return self.west <= longitude <= self.east and self.south <= latitude <= self.north


@dataclass(frozen=True)
class Flaw:
    """`at`: (longitude, latitude) of the place of the flaw, where there is one."""

    code: str
    fa: str
    en: str
    at: tuple[float, float] | None = None


SENTENCES: dict[str, tuple[str, str]] = {
    "not_a_polygon": ("این شکل یک Polygon یا MultiPolygon درست GeoJSON نیست.",
                      "This is no valid GeoJSON Polygon or MultiPolygon."),
    "not_finite": ("یکی از مختصات عدد نیست.", "A coordinate is no finite number."),
    "too_many_vertices": ("این شکل بیش از ۲۰٬۰۰۰ رأس دارد. آن را ساده کنید.",
                          "More than 20,000 vertices. Simplify the shape."),
    "too_few_points": ("حلقهٔ چندضلعی دست‌کم سه نقطهٔ جدا لازم دارد.",
                       "A ring of a polygon needs at least three different points."),
    "no_area": ("این چندضلعی مساحت ندارد: همهٔ نقطه‌هایش روی یک خط است.",
                "This polygon has no area: its points lie on one line."),
    "crosses_itself": ("مرز این چندضلعی در ({lon}، {lat}) خودش را قطع می‌کند.",
                       "The polygon crosses itself at ({lon}, {lat})."),
    "touches_itself": ("یک حلقهٔ مرز در ({lon}، {lat}) به خودش می‌رسد.", "A ring touches itself at ({lon}, {lat})."),
    "hole_outside": ("سوراخ نزدیک ({lon}، {lat}) بیرون از چندضلعی است.",
                     "The hole near ({lon}, {lat}) lies outside its polygon."),
    "parts_overlap": ("بخش‌ها یا سوراخ‌های این شکل در ({lon}، {lat}) روی هم افتاده‌اند.",
                      "Parts or holes of this shape lie over each other at ({lon}, {lat})."),
    "not_valid": ("این چندضلعی در ({lon}، {lat}) درست نیست.", "This polygon is not valid at ({lon}, {lat})."),
    "utm": ("مختصات ({lon}، {lat}) به متر و در دستگاه UTM است. آن را به WGS 84 (EPSG:4326) برگردانید.",
            "({lon}, {lat}) are metres of UTM. Convert them to WGS 84 (EPSG:4326)."),
    "web_mercator": ("مختصات ({lon}، {lat}) در دستگاه Web Mercator است. آن را به WGS 84 (EPSG:4326) برگردانید.",
                     "({lon}, {lat}) are in Web Mercator. Convert them to WGS 84 (EPSG:4326)."),
    "other_projection": ("({lon}، {lat}) طول و عرض جغرافیایی نیست. آن را به WGS 84 (EPSG:4326) برگردانید.",
                         "({lon}, {lat}) are no longitude and latitude. Convert them to WGS 84 (EPSG:4326)."),
    "swapped": ("به نظر می‌رسد جای طول و عرض جغرافیایی ({lon}، {lat}) عوض شده است. نخست طول را بنویسید.",
                "Longitude and latitude seem swapped in ({lon}, {lat}). Write the longitude first."),
    "outside_region": ("({lon}، {lat}) بیرون از محدودهٔ این سامانه است.",
                       "({lon}, {lat}) lies outside the region of this platform."),
}
EXPLAINED = (("Too few points", "too_few_points"), ("Ring Self-intersection", "touches_itself"), ("Self-intersection",
             "crosses_itself"), ("Hole lies outside", "hole_outside"), ("Nested", "parts_overlap"))  # GEOS's words


def check_point(longitude: float, latitude: float, region: Box | None = None) -> list[Flaw]:
    """What is wrong with a point; `region`: where it is expected, by which swapped coordinates are recognised."""
    if not (math.isfinite(longitude) and math.isfinite(latitude)):
        return [flaw("not_finite")]
    if abs(longitude) > 180 or abs(latitude) > 90:
        at_swap = region and region.holds(latitude, longitude)
        return [flaw("swapped" if at_swap else _projection(longitude, latitude), longitude, latitude)]
    if region is None or region.holds(longitude, latitude):
        return []
    return [flaw("swapped" if region.holds(latitude, longitude) else "outside_region", longitude, latitude)]


def check_polygon(geometry: Any, region: Box | None = None) -> list[Flaw]:
    """What is wrong with a Polygon or MultiPolygon, that `mended` would not put right. Empty: it may be kept, mended.

    With a region, a shape wholly outside it is a flaw, and recognised as swapped where it is.
    """
    if not _is_polygon(geometry):
        return [flaw("not_a_polygon")]
    points = list(_points(geometry))
    if len(points) > MAX_VERTICES:
        return [flaw("too_many_vertices")]
    if any(not math.isfinite(number) for point in points for number in point[:2]):
        return [flaw("not_finite")]
    beyond = next((point for point in points if abs(point[0]) > 180 or abs(point[1]) > 90), None)
    if beyond:
        return check_point(beyond[0], beyond[1], region)
    whole = mended(geometry)
    return _check_place(whole, region) or _check_rings(whole) or _check_shape(whole)


def _check_place(geometry: dict[str, Any], region: Box | None) -> list[Flaw]:
    if region is None or _meet(bounding_box(geometry), region):
        return []
    longitude, latitude = next(_points(geometry))
    return check_point(longitude, latitude, region)


def _check_rings(geometry: dict[str, Any]) -> list[Flaw]:
    for ring in (ring for polygon in _polygons(geometry) for ring in polygon):
        if len({tuple(point) for point in ring}) < 3:
            return [flaw("too_few_points")]
        (west, south), (east, north) = map(min, zip(*ring, strict=True)), map(max, zip(*ring, strict=True))
        wide, high = east - west, north - south
        far = max(ring, key=lambda point: math.dist(point, ring[0]))
        if all(abs(_turn(ring[0], far, point)) <= 1e-12 * max(wide, high) for point in ring):
            return [flaw("no_area", *ring[0])]
    return []


def _check_shape(geometry: dict[str, Any]) -> list[Flaw]:
    from shapely import is_valid_reason
    from shapely.geometry import shape

    reason = str(is_valid_reason(shape(geometry)))
    if reason == "Valid Geometry":
        return []
    code = next((code for words, code in EXPLAINED if reason.startswith(words)), "not_valid")
    found = WHERE.search(reason)
    where = [float(number) for number in found.groups()] if found else next(_points(geometry))
    return [flaw(code, *where)]


def mended(geometry: dict[str, Any]) -> dict[str, Any]:
    """The same Polygon or MultiPolygon: rings closed, no point twice in a row, no heights."""
    polygons = [[_mended_ring(ring) for ring in polygon] for polygon in _polygons(geometry)]
    return {"type": geometry["type"], "coordinates": polygons if geometry["type"] == "MultiPolygon" else polygons[0]}


def _mended_ring(ring: Ring) -> Ring:
    flat = [point[:2] for point in ring]
    kept = flat[:1] + [after for before, after in pairwise(flat) if after != before]
    return kept if kept[0] == kept[-1] and len(kept) > 1 else kept + kept[:1]


def contains(geometry: dict[str, Any], longitude: float, latitude: float) -> bool:
    """Whether a point lies in a Polygon or MultiPolygon, holes left out; on the border it may be either."""
    inside = False
    for ring in (ring for polygon in _polygons(geometry) for ring in polygon):
        for (x, y, *_), (u, v, *_) in pairwise(ring):
            if (y > latitude) != (v > latitude) and longitude < (u - x) * (latitude - y) / (v - y) + x:
                inside = not inside
    return inside


def bounding_box(geometry: dict[str, Any]) -> Box:
    """Of a Polygon or MultiPolygon."""
    longitudes, latitudes = zip(*(point[:2] for point in _points(geometry)), strict=True)
    return Box(min(longitudes), min(latitudes), max(longitudes), max(latitudes))


def flaw(code: str, longitude: float | None = None, latitude: float | None = None) -> Flaw:
    fa, en = SENTENCES[code]
    at = None if longitude is None or latitude is None else (longitude, latitude)
    lon, lat = (f"{number:.10g}" for number in at) if at else ("", "")
    return Flaw(code, fa.format(lon=lon, lat=lat), en.format(lon=lon, lat=lat), at)


def _projection(x: float, y: float) -> str:
    """Which it most likely is. In Iran northings of Web Mercator and UTM overlap; eastings (4.9 million up) do not."""
    if UTM_EAST[0] <= x <= UTM_EAST[1] and UTM_NORTH[0] <= y <= UTM_NORTH[1]:
        return "utm"
    return "web_mercator" if abs(x) <= MERCATOR and abs(y) <= MERCATOR and min(abs(x), abs(y)) > 1000 else "other_projection"


def _meet(one: Box, other: Box) -> bool:
    return one.west <= other.east and other.west <= one.east and one.south <= other.north and other.south <= one.north


def _turn(a: list[float], b: list[float], c: list[float]) -> float:
    """How far c lies from the line from a to b."""
    return ((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])) / math.dist(a, b)


def _polygons(geometry: dict[str, Any]) -> list[list[Ring]]:
    found: list[list[Ring]] = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return found


def _points(geometry: dict[str, Any]) -> Iterator[list[float]]:
    return (point for polygon in _polygons(geometry) for ring in polygon for point in ring)


def _is_polygon(geometry: Any) -> bool:
    """Whether it has the form of one: lists of lists of points, of which none is empty."""
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        return False
    if not isinstance(geometry.get("coordinates"), list):
        return False
    return _filled(_polygons(geometry)) and all(
        _filled(polygon) and all(_filled(ring) and all(map(_is_point, ring)) for ring in polygon)
        for polygon in _polygons(geometry))


def _filled(value: Any) -> bool:
    return isinstance(value, list) and bool(value)


def _is_point(value: Any) -> bool:
    return isinstance(value, list) and 2 <= len(value) <= 4 and all(map(_is_number, value))


def _is_number(value: Any) -> bool:
    return type(value) is float or (type(value) is int and abs(value) < 1 << 60)  # a longer one is no float any more
