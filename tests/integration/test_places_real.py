"""Real boundaries and real points: counties of Alborz and Tehran, regions of Tehran, health centres and neighbourhoods."""
import csv
import json
from pathlib import Path
from typing import Any

import pytest

from services.registry import use_cases
from services.registry.model import Change
from services.registry.places import locating
from tests.integration.conftest import Connect
from tests.integration.registered import BY, boundary, place

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
Record = dict[str, Any]


def shapes(name: str) -> list[Record]:
    found: list[Record] = json.loads((DATA / "boundaries" / name).read_text(encoding="utf-8"))["features"]
    return found


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / "neighbourhoods" / name).open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def bounded(code: str, kind: str, parent: str, feature: Record) -> list[Change]:
    named = {"name_fa": feature["properties"]["name"], "name_en": feature["properties"]["name:en"]}
    return [place(code, kind, parent, **named), boundary(code, feature["geometry"])]


def real_boundaries() -> list[Change]:
    """Two provinces side by side; Tehran's regions lie in a city of which no boundary is known."""
    changes = [place("alborz", "province", None), place("tehran", "province", None)]
    for province, file in (("alborz", "counties_alborz_IR-30.geojson"), ("tehran", "counties_tehran_IR-23.geojson")):
        for feature in shapes(file):
            code = feature["properties"]["name:en"].lower().replace(" ", "-").replace("'", "")
            changes += bounded(code, "county", province, feature)
    changes.append(place("tehran-city", "city", "tehran-county"))
    for feature in shapes("tehran_municipal_districts_1-22.geojson"):
        changes += bounded(f"region-{feature['properties']['district']}", "region", "tehran-city", feature)
    return changes


@pytest.fixture
def registry(database: Connect) -> Connect:
    if not DATA.exists():
        pytest.skip("the real boundaries are not here (../shared/data)")
    database("registry")
    use_cases.put(real_boundaries(), BY)
    return database


def test_real_points_lie_where_their_lists_say(registry: Connect) -> None:
    centres = rows("karaj_west_health_centres_points.csv")
    found = [locating.locate(float(row["lat"]), float(row["lon"])) for row in centres]
    assert [each["territory"]["name_fa"] for each in found] == ["شهرستان کرج"] * 49
    assert all(each["path"][0]["code"] == "alborz" for each in found)
    points = rows("tehran_neighbourhoods_points.csv")
    there = [locating.locate(float(row["lat"]), float(row["lon"]), "2025-01-01")["territory"] for row in points]
    regions = [f"region-{row['district']}" for row in points]
    assert sum(bool(each) and each["code"] == region for each, region in zip(there, regions, strict=True)) == 414


def test_the_middle_of_the_caspian_lies_nowhere(registry: Connect) -> None:
    found = locating.locate(41.8, 50.6)
    assert (found["inside"], found["nearest"]) == (False, None)
