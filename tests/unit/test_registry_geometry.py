"""What is wrong with a shape, and where."""
import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.geometry import MAX_VERTICES, Box, bounding_box, check_point, check_polygon, contains, mended

ROOT = Path(__file__).parents[2]
BOUNDARIES = ROOT.parent / "shared" / "data" / "boundaries"
REGION = Box(48.5, 34.8, 53.2, 36.9)
SQUARE = [[50.0, 35.0], [51.0, 35.0], [51.0, 36.0], [50.0, 36.0], [50.0, 35.0]]
DEGREES = st.integers(0, 50)
HOLE = [[50.4, 35.4], [50.6, 35.4], [50.6, 35.6], [50.4, 35.6], [50.4, 35.4]]


def a_polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings or [SQUARE])}


def moved(ring: list[list[float]], by: float) -> list[list[float]]:
    return [[x + by, y] for x, y in ring]


def codes(geometry: Any, region: Box | None = REGION) -> list[str]:
    found = check_polygon(geometry, region)
    assert all(flaw.fa and flaw.en and "{" not in flaw.fa + flaw.en for flaw in found)
    return [flaw.code for flaw in found]


@pytest.mark.parametrize("geometry", [
    a_polygon(), a_polygon(SQUARE, HOLE), {"type": "MultiPolygon", "coordinates": [[SQUARE], [moved(SQUARE, 1.5)]]},
    a_polygon(SQUARE[:-1]), a_polygon([SQUARE[0], *SQUARE]), a_polygon([[x, y, 1300.0] for x, y in SQUARE])])
def test_a_good_polygon_has_no_flaws_and_mending_it_twice_changes_nothing(geometry: dict[str, Any]) -> None:
    assert codes(geometry) == []
    assert mended(mended(geometry)) == mended(geometry)
    assert codes(mended(geometry)) == []


def test_mending_closes_rings_and_takes_out_repeated_points_and_heights() -> None:
    given = a_polygon([[50, 35, 9], [50, 35, 8], [51, 35], [51, 36], [51, 36], [50, 36]])
    assert mended(given) == a_polygon([[50, 35], [51, 35], [51, 36], [50, 36], [50, 35]])


def test_a_polygon_that_crosses_itself_is_told_with_the_place() -> None:
    found = check_polygon(a_polygon([[50.0, 35.0], [51.0, 36.0], [51.0, 35.0], [50.0, 36.0], [50.0, 35.0]]))
    assert [(flaw.code, flaw.at) for flaw in found] == [("crosses_itself", (50.5, 35.5))]
    assert "50.5" in found[0].fa and "35.5" in found[0].en


@pytest.mark.parametrize(("geometry", "code"), [
    (a_polygon([[50.0, 35.0], [51.0, 36.0], [50.5, 35.5], [50.0, 35.0]]), "no_area"),
    (a_polygon([[50.1, 35.1], [50.2, 35.3], [50.4, 35.7], [50.3, 35.5], [50.1, 35.1]]), "no_area"),
    (a_polygon([[50.0, 35.0], [51.0, 35.0], [50.0, 35.0]]), "too_few_points"), (a_polygon([[50.0, 35.0]]), "too_few_points"),
    (a_polygon(SQUARE, moved(HOLE, 2)), "hole_outside"),
    (a_polygon(SQUARE, HOLE, HOLE), "crosses_itself"),
    (a_polygon([[50.0, 35.0], [51.0, 35.0], [51.0, 36.0], [50.5, 35.0], [50.0, 36.0], [50.0, 35.0]]), "touches_itself"),
    ({"type": "MultiPolygon", "coordinates": [[SQUARE], [moved(SQUARE, 0.5)]]}, "crosses_itself"),
    ({"type": "MultiPolygon", "coordinates": [[SQUARE], [HOLE]]}, "parts_overlap"),
    (a_polygon([[y, x] for x, y in SQUARE]), "swapped"), (a_polygon(moved(SQUARE, 20)), "outside_region"),
    (a_polygon([[500_000, 3_960_000], [501_000, 3_960_000], [501_000, 3_961_000]]), "utm"),
    (a_polygon([[5_671_000, 4_270_000], [5_672_000, 4_270_000], [5_672_000, 4_271_000]]), "web_mercator"),
    (a_polygon([[-400.0, 35.0], *SQUARE]), "other_projection"),
    (a_polygon([[math.nan, 35.0], *SQUARE]), "not_finite"), (a_polygon([[50.0, math.inf], *SQUARE]), "not_finite"),
    (a_polygon([[50.0, 35.0]] * (MAX_VERTICES + 1)), "too_many_vertices")])
def test_each_flaw_is_told_by_name(geometry: dict[str, Any], code: str) -> None:
    assert codes(geometry) == [code]


@pytest.mark.parametrize("geometry", [
    None, "x", {}, {"type": "Polygon"}, {"type": "Polygon", "coordinates": []}, a_polygon([]), a_polygon(SQUARE, []),
    a_polygon([[50.0]]), a_polygon([["50", "35"]]), a_polygon([[True, False]]), a_polygon([[10**400, 1]]),
    a_polygon([50.0, 35.0]),
    {"type": "MultiPolygon", "coordinates": [SQUARE]}, {"type": "Point", "coordinates": [50.0, 35.0]}])
def test_what_has_not_the_form_of_a_polygon_is_told(geometry: Any) -> None:
    assert codes(geometry) == ["not_a_polygon"]


@pytest.mark.parametrize(("longitude", "latitude", "found"), [
    (50.9, 35.8, []), (35.8, 50.9, ["swapped"]), (10.0, 10.0, ["outside_region"]), (500_000.0, 3_960_000.0, ["utm"]),
    (5_671_000.0, 4_270_000.0, ["web_mercator"]), (181.0, 35.0, ["other_projection"]), (math.nan, 35.0, ["not_finite"])])
def test_a_point_is_told_what_is_wrong_with_it(longitude: float, latitude: float, found: list[str]) -> None:
    assert [flaw.code for flaw in check_point(longitude, latitude, REGION)] == found


def test_swapped_coordinates_beyond_90_degrees_are_recognised_too() -> None:
    assert [flaw.code for flaw in check_point(35.0, 139.0, Box(138.0, 34.0, 140.0, 36.0))] == ["swapped"]


def test_holes_and_other_parts_count_when_a_point_is_looked_for() -> None:
    shape = {"type": "MultiPolygon", "coordinates": [[SQUARE, HOLE], [moved(SQUARE, 2)]]}
    assert [contains(shape, x, 35.45) for x in (49.9, 50.1, 50.5, 50.9, 51.5, 52.5, 53.1)] == [
        False, True, False, True, False, True, False]
    assert bounding_box(shape) == Box(50.0, 35.0, 53.0, 36.0)


@given(st.lists(st.tuples(DEGREES, DEGREES), min_size=3, max_size=9), DEGREES, DEGREES)
def test_even_odd_finds_what_shapely_finds(corners: list[tuple[int, int]], x: int, y: int) -> None:
    import shapely

    ring = [*corners, corners[0]]
    if check_polygon(a_polygon([list(map(float, corner)) for corner in ring])):
        return
    inside = contains(a_polygon([list(corner) for corner in ring]), x + 0.5, y + 0.37)
    border = shapely.LinearRing(ring).distance(shapely.Point(x + 0.5, y + 0.37))
    assert border < 1e-9 or inside == shapely.Polygon(ring).contains(shapely.Point(x + 0.5, y + 0.37))


def test_shapely_is_not_imported_until_a_polygon_is_checked() -> None:
    script = "import sys; import services.registry.geometry as g; g.check_point(50, 35); sys.exit('shapely' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize("name", ["counties_alborz_IR-30", "counties_tehran_IR-23", "provinces_alborz_tehran_qazvin",
                                  "tehran_municipal_districts_1-22"])
def test_real_boundaries_have_no_flaws(name: str) -> None:
    if not BOUNDARIES.exists():
        pytest.skip("../shared/data is not here")
    features = json.loads((BOUNDARIES / f"{name}.geojson").read_text())["features"]
    assert [flaw for feature in features for flaw in check_polygon(feature["geometry"], REGION)] == []
