"""Real divisions, boundaries and points come in with the counts that their provenance states, and what is wrong is told."""
from collections import Counter

import pytest

from services.registry.documents import Territory, TerritoryBoundary
from services.registry.imports.importing import import_file
from services.registry.imports.reporting import Report
from services.registry.places import locating
from tests import divisions
from tests.integration.conftest import Connect

pytestmark = pytest.mark.skipif(not divisions.DATA.exists(), reason=divisions.ABSENT)
BY, DAY = "secretary:alborz", "2024-03-20"
ALBORZ, TEHRAN = "5", "8"


def bring(register: str, content: bytes, name: str = "file.csv") -> Report:
    return import_file(content, name, register, DAY, BY)


def stored(report: Report) -> Report:
    assert report.stored and not report.errors, report.bad_rows[:5]
    return report


def kinds() -> Counter[str]:
    return Counter(found["edits"][0]["values"]["kind"] for found in Territory._get_collection().find())


@pytest.mark.parametrize(("source", "counts"), [
    ("ahmadazizi", {"province": 2, "county": 22, "district": 47, "rural_district": 100, "city": 103, "village": 1519}),
    ("typhoon", {"province": 2, "county": 22, "district": 47, "rural_district": 100, "city": 63, "region": 40})])
def test_divisions_of_alborz_and_tehran_come_in_whole(database: Connect, source: str, counts: dict[str, int]) -> None:
    database("registry")
    content = divisions.csv_of(getattr(divisions, source)({ALBORZ, TEHRAN}))
    assert stored(bring("territories", content)).new == sum(counts.values())
    assert kinds() == counts
    counties = Territory._get_collection().count_documents({"edits.values.kind": "county", "edits.values.parent": {
        "$in": [f"ir-ostan-{ALBORZ}", f"ir-p{ALBORZ}"]}})
    assert counties == 6, "the source of 1398-99 does not know Chaharbagh"
    again = bring("territories", content)
    assert (again.unchanged, again.new, again.changed, again.stored) == (sum(counts.values()), 0, 0, False)


def with_counties() -> None:
    """The two provinces and their counties with boundaries, in one file for each register."""
    names = {"alborz": "counties_alborz_IR-30.geojson", "tehran": "counties_tehran_IR-23.geojson"}
    rows, features = [], []
    for shape in divisions.shapes("provinces_alborz_tehran_qazvin.geojson"):
        code = shape["properties"]["name:en"].lower()
        rows.append(divisions.place(code, "province", None, shape["properties"]["name:fa"]))
        features.append(({"code": code}, shape["geometry"]))
    for province, file in names.items():
        for shape in divisions.shapes(file):
            code = shape["properties"]["name:en"].lower().replace(" ", "-").replace("'", "")
            rows.append(divisions.place(code, "county", province, shape["properties"]["name"]))
            features.append(({"code": code}, shape["geometry"]))
    stored(bring("territories", divisions.csv_of(rows)))
    assert stored(bring("boundaries", divisions.geojson_of(features), "counties.geojson")).new == 3 + 7 + 16


def with_regions() -> None:
    rows, features = [divisions.place("tehran-city", "city", "tehran-county", "تهران")], []
    for shape in divisions.shapes("tehran_municipal_districts_1-22.geojson"):
        code = f"tehran-{shape['properties']['district']}"
        rows.append(divisions.place(code, "region", "tehran-city", shape["properties"]["name"]))
        features.append(({"code": code}, shape["geometry"]))
    stored(bring("territories", divisions.csv_of(rows)))
    assert stored(bring("boundaries", divisions.geojson_of(features), "regions.geojson")).new == 22


def test_every_health_centre_of_karaj_lies_in_its_county(database: Connect) -> None:
    database("registry")
    with_counties()
    centres = divisions.table("neighbourhoods/karaj_west_health_centres_points.csv")
    found = [locating.locate(float(row["lat"]), float(row["lon"]), DAY)["territory"]["name_fa"] for row in centres]
    assert found == ["شهرستان کرج"] * 49


def test_neighbourhoods_outside_the_region_that_they_claim_are_reported_one_by_one(database: Connect) -> None:
    database("registry")
    with_counties()
    with_regions()
    points = divisions.table("neighbourhoods/tehran_neighbourhoods_points.csv")
    rows = [divisions.place(f"tehran-n{n}", "neighbourhood", f"tehran-{row['district']}", row["name"])
            | {"lat": row["lat"], "lon": row["lon"]} for n, row in enumerate(points)]
    before = Territory._get_collection().count_documents({})
    report = bring("territories", divisions.csv_of(rows))
    assert (report.rows, report.new, report.bad, report.errors, report.stored) == (475, 475, 61, 61, False)
    assert {(flaw.code, flaw.column) for flaw in report.bad_rows} == {("point_elsewhere", "parent")}
    first = report.bad_rows[0]
    assert rows[first.line - 2]["parent"] in first.en and rows[first.line - 2]["lat"] in first.en
    assert Territory._get_collection().count_documents({}) == before, "nothing of it came in"
    bad = {flaw.line for flaw in report.bad_rows}
    good = bring("territories", divisions.csv_of(row for line, row in enumerate(rows, 2) if line not in bad))
    assert stored(good).new == 414


def test_a_boundary_that_lies_elsewhere_than_the_place_above_is_a_bad_row(database: Connect) -> None:
    database("registry")
    with_counties()
    [karaj, fardis] = [shape["geometry"] for name in ("Karaj", "Fardis")
                       for shape in divisions.shapes("counties_alborz_IR-30.geojson")
                       if shape["properties"]["name:en"] == f"{name} County"]
    wrong = [({"code": "tehran-county"}, karaj), ({"code": "karaj-county"}, fardis)]
    report = bring("boundaries", divisions.geojson_of(wrong), "wrong.geojson")
    assert [(flaw.line, flaw.code) for flaw in report.bad_rows] == [(1, "boundary_elsewhere")]
    assert TerritoryBoundary._get_collection().count_documents({"edits.1": {"$exists": True}}) == 0
