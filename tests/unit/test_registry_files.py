"""Files that people send, whatever they are: what is read whole, and what is told of what is not."""
import json
from datetime import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.errors import Invalid, Problem, TooLarge
from services.registry.files import reading, rows
from services.registry.files.reading import read_rows
from tests.unit.files import SQUARE, a_book, a_feature, cells, of_csv, told

DATA = Path(__file__).parents[3] / "shared" / "data"


@pytest.mark.parametrize(("content", "name", "code"), [
    (b"", "a.csv", "empty_file"), (b" \n\n", "a.csv", "empty_file"), (b"%PDF-1.4", "a.csv", "unknown_file"),
    (b"<html>", "a.xls", "unknown_file"), (b"\xd0\xcf\x11\xe0...", "a.xls", "old_excel"), (b"a,b", "a.xlsx", "unknown_file"),
    (b"PK\x03\x04nothing", "a.zip", "unknown_file"), (bytes(range(256)), "a.csv", "unknown_encoding"),
    (b"a,b", "a.geojson", "not_a_collection"),
    (b'{"type": "Feature"}', "a.geojson", "not_a_collection")])
def test_a_file_that_cannot_be_read_at_all_is_refused_with_its_reason(content: bytes, name: str, code: str) -> None:
    with pytest.raises(Invalid, match=code):
        read_rows(content, name)


def test_a_header_alone_is_told() -> None:
    assert told(of_csv("a,b\n")) == [(0, None, "no_rows")]


def test_a_file_over_the_limit_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(reading, "MAX_BYTES", 10)
    (tmp_path / "large.csv").write_text("a\n" + "1\n" * 10)
    with pytest.raises(TooLarge, match="file_too_large"):
        read_rows(tmp_path / "large.csv", "large.csv")


def test_reading_stops_at_the_most_rows_and_at_the_most_bad_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MAX_ROWS", 3)
    monkeypatch.setattr(rows, "MOST_BAD", 2)
    found = of_csv("a\n" + "1\n" * 5)
    assert len(list(found)) == 3
    assert told(found) == [(5, None, "too_many_rows")]
    assert told(of_csv("a\n" + "1,2\n" * 5))[2:] == [(3, None, "too_many_bad_rows")]


@settings(max_examples=200, deadline=None)
@given(name=st.sampled_from(["a.xlsx", "a.csv", "a.geojson"]), at=st.integers(0, 10_000), put=st.binary(max_size=4),
       cut=st.booleans())
def test_a_damaged_file_ends_in_rows_and_problems_only(name: str, at: int, put: bytes, cut: bool) -> None:
    whole = WHOLE[name]
    at %= len(whole)
    content = whole[:at] + put + (b"" if cut else whole[at + len(put):])
    try:
        told(read_rows(content, name))
    except Problem as problem:
        assert problem.status in (413, 422)


WHOLE = {"a.xlsx": a_book(("A1", "کد"), ("B1", "نام"), ("A2", "007"), ("B2", 12.5), ("A3", time(8, 30)), merge="A5:B6"),
         "a.csv": 'کد,"نام"\r\n۱,"یک ""دو"""\r\n'.encode(),
         "a.geojson": json.dumps({"type": "FeatureCollection", "features": [a_feature(SQUARE, a="1")]}).encode()}


@pytest.mark.parametrize(("file", "count", "column"), [
    ("admin/ahmadazizi_v3/ostan.csv", 31, "amar_code"), ("admin/ahmadazizi_v3/shahrestan.csv", 448, "amar_code"),
    ("admin/ahmadazizi_v3/bakhsh.csv", 1099, "ostan"), ("admin/ahmadazizi_v3/dehestan.csv", 2637, "ostan"),
    ("admin/ahmadazizi_v3/shahr.csv", 1554, "ostan"), ("admin/ahmadazizi_v3/abadi_alborz_tehran_qazvin.csv", 2671, "diag"),
    ("admin/typhoon/cities.csv", 1354, "short_code"), ("neighbourhoods/karaj_neighbourhood_names.csv", 109, "list"),
    ("neighbourhoods/tehran_neighbourhoods_points.csv", 475, "lat"),
    ("boundaries/counties_alborz_IR-30.geojson", 7, "polygon"),
    ("boundaries/counties_tehran_IR-23.geojson", 16, "polygon"),
    ("boundaries/tehran_municipal_districts_1-22.geojson", 22, "polygon")])
def test_real_files_are_read_whole(file: str, count: int, column: str) -> None:
    if not DATA.exists():
        pytest.skip("../shared/data is not here")
    found = read_rows(DATA / file, file)
    assert column in found.columns
    assert len(cells(found)) == count
