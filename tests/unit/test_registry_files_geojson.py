"""Collections of features: rows with their shapes, and what is told of the rest."""
from typing import Any

import pytest

from services.registry.files.reading import read_rows
from tests.unit.files import SQUARE, a_feature, cells, of_geojson, told


def test_a_feature_is_a_row_with_its_shape_and_all_columns_of_the_file() -> None:
    point = {"type": "Point", "coordinates": [50.9, 35.8]}
    found = of_geojson(a_feature(SQUARE, code="a", n=12.0, yes=True), a_feature(point, name="=ب", more=[1]), a_feature())
    assert found.columns == ["code", "n", "yes", "polygon", "name", "more", "point"]
    given = cells(found)
    assert given[0] == dict.fromkeys(found.columns) | {"code": "a", "n": "12", "yes": "true", "polygon": SQUARE}
    assert given[1] == dict.fromkeys(found.columns) | {"name": "=ب", "more": "[1]", "point": point}


@pytest.mark.parametrize(("feature", "bad"), [
    ("x", (2, None, "not_a_feature")), ({"properties": 5}, (2, None, "not_a_feature")),
    (a_feature({"type": "LineString", "coordinates": []}), (2, "geometry", "bad_geometry")),
    (a_feature({"type": ["Point"]}), (2, "geometry", "bad_geometry")), (a_feature(a="x" * 10_001), (2, "a", "too_long")),
    (a_feature(a="\ud800"), (2, "a", "bad_letter")), (a_feature(polygon="x"), (2, "polygon", "duplicate_column"))])
def test_a_bad_feature_is_told_by_its_number_and_the_others_are_read(feature: Any, bad: tuple[int, str, str]) -> None:
    found = of_geojson(a_feature(a="1"), feature, a_feature(a="3"))
    assert [row.line for row in found] == [1, 3]
    assert told(found) == [bad]


def test_a_collection_without_features_is_told() -> None:
    assert told(of_geojson()) == [(0, None, "no_rows")]


def test_another_projection_is_told_and_wgs_84_is_not() -> None:
    for name, bad in (("EPSG::32639", [(0, "crs", "other_projection")]), ("urn:ogc:def:crs:OGC:1.3:CRS84", [])):
        assert told(of_geojson(a_feature(a="1"), crs={"type": "name", "properties": {"name": name}})) == bad


@pytest.mark.parametrize("broken", ['{"a": 1', "[" * 100_000, '{"properties": {"a": NaN}}',
                                    '{"properties": ' + "[" * 9 + "]" * 9 + "}", ""])
def test_json_that_breaks_off_is_told_where_and_what_stands_before_it_is_read(broken: str) -> None:
    start = '{"type": "FeatureCollection", "features": [{"properties": {"a": "1"}},'
    found = read_rows((start + broken).encode(), "a.geojson")
    assert [row.cells for row in found] == [{"a": "1"}]
    assert told(found) == [(2, None, "bad_file_json")]
