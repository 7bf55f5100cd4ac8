"""Polygons and points of files, held against where this platform's places lie and against the boundary above them."""
from functools import cache
from typing import Any

from environs import Env

from chassis.settings import stop_with
from services.registry.documents import TerritoryBoundary, edits_of
from services.registry.files.bad_rows import BadRow
from services.registry.geometry import Box, Flaw, check_point, check_polygon, mended
from services.registry.model import Values, in_force

IRAN = "44,25,63.5,40"
MOSTLY = 0.5  # of a boundary's area lies in one above: sources draw a common border differently


@cache
def region() -> Box:
    """Of MAHALLE_REGION: west, south, east, north in degrees. Exits 2 with one line where it is none."""
    given = Env().str("MAHALLE_REGION", IRAN)
    try:
        box = Box(*map(float, given.split(",")))
    except (TypeError, ValueError):
        box = Box(0, 0, 0, 0)
    if box.west < box.east and box.south < box.north:
        return box
    return stop_with(f"setting: MAHALLE_REGION={given} is no region; write west,south,east,north in degrees like {IRAN}. "
              "See docs/settings.md.")


def point_of(cells: Values, line: int) -> tuple[tuple[float, float] | None, list[BadRow]]:
    """(longitude, latitude) of a row, and what is wrong with it."""
    lon, lat = cells.get("lon"), cells.get("lat")
    if shape := cells.get("point"):
        lon, lat = _coordinates(shape)
    if lon is None and lat is None and not shape:
        return None, []
    if lon is None or lat is None:
        return None, [BadRow(line, "point" if shape else "lon" if lon is None else "lat", "bad_point", "",
                             "طول و عرض جغرافیایی را با هم بنویسید.", "Give longitude and latitude together.")]
    wrong = [_flaw(flaw, line, "point" if shape else "lon", f"{lon}, {lat}") for flaw in check_point(lon, lat, region())]
    return (None if wrong else (lon, lat)), wrong


def _coordinates(shape: Values) -> tuple[float | None, float | None]:
    found = shape.get("coordinates")
    if not isinstance(found, list) or len(found) < 2 or any(type(each) not in (int, float) for each in found[:2]):
        return None, None
    return float(found[0]), float(found[1])


def mended_polygon(polygon: Values, line: int) -> tuple[Values, list[BadRow]]:
    """The polygon as it may be kept, or what is wrong with it."""
    wrong = [_flaw(flaw, line, "polygon", str(polygon.get("type"))) for flaw in check_polygon(polygon, region())]
    return (polygon if wrong else mended(polygon)), wrong


def _flaw(flaw: Flaw, line: int, column: str, value: str) -> BadRow:
    shown = f"{flaw.at[0]:.6g}, {flaw.at[1]:.6g}" if flaw.at else value
    return BadRow(line, column, flaw.code, shown, flaw.fa, flaw.en)


class Known:
    """Boundaries by code, those that a file brings before those that are stored; each is read once."""

    def __init__(self, brought: dict[str, Values] | None = None) -> None:
        self._brought = brought or {}
        self._shapes: dict[tuple[str, str], Any] = {}

    def all(self, path: list[str], day: str) -> list[tuple[str, Any]]:
        """(code, shape) of those places of a path whose boundary is known on a day, the deepest first."""
        return [(code, shape) for code in reversed(path) if (shape := self._shape(code, day)) is not None]

    def _shape(self, code: str, day: str) -> Any:
        from shapely import prepare  # costs a process 20 MB that stay
        from shapely.geometry import shape

        if (code, day) not in self._shapes:
            polygon = self._brought.get(code) or _stored(code, day)
            made = self._shapes[code, day] = shape(polygon) if polygon else None
            prepare(made)
        return self._shapes[code, day]


def _stored(code: str, day: str) -> Any:
    found = TerritoryBoundary._get_collection().find_one({"_id": code}, {"edits": 1})
    return (in_force(edits_of(found["edits"]), day) or {}).get("polygon") if found else None


def holds(shape: Any, point: tuple[float, float]) -> bool:
    from shapely import intersects_xy

    return bool(intersects_xy(shape, *point))


def lies_in(polygon: Values, above: Any) -> bool:
    from shapely.geometry import shape

    own = shape(polygon)
    return bool(above.intersection(own).area >= MOSTLY * own.area)
