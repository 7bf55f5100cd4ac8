"""Files that people send: what is read, and what is told of what is not."""
import codecs
import csv
import io
import json
import zipfile
from datetime import datetime, time
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.errors import Invalid, Problem, TooLarge
from services.registry.files import excel, reading, rows
from services.registry.files.reading import read_rows
from services.registry.files.rows import Rows

DATA = Path(__file__).parents[3] / "shared" / "data"
SQUARE = {"type": "Polygon", "coordinates": [[[50.0, 35.0], [51.0, 35.0], [51.0, 36.0], [50.0, 36.0], [50.0, 35.0]]]}


def of_csv(text: str | bytes) -> Rows:
    return read_rows(text.encode() if isinstance(text, str) else text, "places.csv")


def of_sheet(*cells: tuple[str, Any], merge: str = "", more: dict[str, str] | None = None) -> Rows:
    return read_rows(a_book(*cells, merge=merge, more=more), "places.xlsx")


def a_book(*cells: tuple[str, Any], merge: str = "", more: dict[str, str] | None = None) -> bytes:
    """A book with these cells; `more`: what stands in A1 of further sheets."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as book:
        sheet = book.add_worksheet()
        shown = {kind: book.add_format({"num_format": how}) for kind, how in ((datetime, "yyyy-mm-dd"), (time, "hh:mm"))}
        for where, value in cells:
            sheet.write(where, value, *([shown[type(value)]] if type(value) in shown else []))
        if merge:
            sheet.merge_range(merge, "یکی")
        for name, value in (more or {}).items():
            book.add_worksheet(name).write("A1", value)
    return made.getvalue()


def of_geojson(*features: Any, **more: Any) -> Rows:
    return read_rows(json.dumps({"type": "FeatureCollection", "features": features} | more).encode(), "places.geojson")


def a_feature(geometry: Any = None, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def told(found: Rows) -> list[tuple[int, str | None, str]]:
    """(line, column, code) of every bad row, once all rows were asked for."""
    list(found)
    assert all(row.fa and row.en and "{" not in row.fa + row.en for row in found.bad)
    return [(row.line, row.column, row.code) for row in found.bad]


def cells(found: Rows) -> list[dict[str, Any]]:
    given = [row.cells for row in found]
    assert found.bad == []
    return given


# CSV

@pytest.mark.parametrize(("mark", "encoding"), [
    (b"", "utf-8"), (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"", "utf-16-le"), (b"", "utf-16-be")])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_every_encoding_and_delimiter_gives_the_same_row(mark: bytes, encoding: str, delimiter: str) -> None:
    text = delimiter.join(["code", "name"]) + "\r\n" + delimiter.join(["007", '"آق\u200cتپه ""بالا"""']) + "\r\n"
    assert cells(of_csv(mark + text.encode(encoding))) == [{"code": "007", "name": 'آق\u200cتپه "بالا"'}]


def test_windows_1256_is_recognised_and_its_arabic_letters_become_persian_ones() -> None:
    typed = "code,name\n1,شهرك ولي عصر پايين\n2,گوهردشت (رجايي\u200cشهر)\n"
    names = [row["name"] for row in cells(of_csv(typed.encode("cp1256")))]
    assert names == ["شهرک ولی عصر پایین", "گوهردشت (رجایی\u200cشهر)"]


def test_a_utf_8_text_stays_as_typed() -> None:
    assert cells(of_csv("name\nكوچه  ي\n")) == [{"name": "كوچه  ي"}]


def test_a_broken_letter_in_utf_8_is_told_by_its_cell_and_the_rest_is_read() -> None:
    content = "code,name\n1,شهر\n2,".encode() + b"\xd8" + ",\n3,محله\n".encode()
    found = of_csv(content.replace(b"\xd8,\n", b"\xd8\n"))
    assert [row.cells["code"] for row in found] == ["1", "3"]
    assert told(found) == [(3, "name", "bad_letter")]


def test_a_nul_in_a_cell_is_told_and_makes_no_other_encoding_of_the_file() -> None:
    assert told(of_csv("code,name\n" + "1,محلهٔ یک\n" * 20 + "2,\x00\n")) == [(22, "name", "bad_letter")]


def test_what_is_no_persian_text_in_any_encoding_is_refused() -> None:
    with pytest.raises(Invalid, match="unknown_encoding"):
        of_csv("name\nÄÖÜäöü ßß éèê\n".encode("latin-1"))


def test_rows_with_other_than_the_right_number_of_cells_are_told_and_empty_cells_beyond_are_not() -> None:
    found = of_csv("a,b\n1\n1,2,3\n1,2,,\n")
    assert [row.line for row in found] == [4]
    assert told(found) == [(2, None, "too_few_cells"), (3, None, "too_many_cells")]


def test_a_line_is_counted_where_its_row_begins() -> None:
    found = of_csv('a,b\n"one\ntwo",2\n\n;,=1+1\n')
    assert [row.line for row in found] == [2]
    assert told(found) == [(5, "b", "formula")]


@pytest.mark.parametrize(("header", "bad"), [
    ("a,,c", (1, None, "column_without_name")), ("a,b,a ", (1, "a", "duplicate_column"))])
def test_a_bad_header_is_told_and_no_row_is_read(header: str, bad: tuple[int, str, str]) -> None:
    found = of_csv(header + "\n1,2,3\n")
    assert list(found) == []
    assert told(found) == [bad]


def test_a_header_of_too_many_or_too_long_names_is_told() -> None:
    assert told(of_csv("a," * 201 + "b\n1\n")) == [(1, None, "too_many_cells")]
    assert told(of_csv("a," + "b" * 101 + "\n1,2\n")) == [(1, None, "too_long")]


def test_a_line_without_end_is_told_before_it_fills_the_memory() -> None:
    assert told(of_csv("a,b\n" + "," * 2_000_001 + "\n")) == [(2, None, "long_line")]


def test_a_table_that_begins_with_a_brace_is_a_table_by_its_name() -> None:
    assert cells(of_csv("{a\n1\n")) == [{"{a": "1"}]


def test_a_quote_that_is_never_closed_is_told_where_it_begins() -> None:
    assert told(of_csv('a,b\n1,2\n3,"4\n5,6\n')) == [(3, None, "bad_quotes")]


@pytest.mark.parametrize("text", ["=HYPERLINK(\"http://x\")", "+cmd|x", "-1+1", "@SUM(A1)", "\t=1", " =1", "＝1"])
def test_a_formula_in_a_csv_is_refused(text: str) -> None:
    written = io.StringIO()
    csv.writer(written).writerows([["a"], [text]])
    assert told(of_csv(written.getvalue())) == [(2, "a", "formula")]


@pytest.mark.parametrize("text", ["-5", "+98.5", "-1,5", "a=b", "آ=1", "'tis", "{a"])
def test_numbers_and_texts_with_signs_inside_are_no_formulas(text: str) -> None:
    assert cells(of_csv(f'a\n"{text}"\n')) == [{"a": text}]


def test_a_cell_that_is_too_long_is_told_and_shown_shortened() -> None:
    found = of_csv("a,b\n1," + "ا" * 10_001 + "\n")
    assert told(found) == [(2, "b", "too_long")]
    assert len(found.bad[0].value) == 60


def test_a_polygon_in_a_cell_is_a_shape() -> None:
    written = io.StringIO()
    csv.writer(written).writerows([["code", "polygon"], ["a", json.dumps(SQUARE)], ["b", "{"], ["c", '{"type": "Line"}']])
    found = of_csv(written.getvalue())
    assert [row.cells for row in found] == [{"code": "a", "polygon": SQUARE}]
    assert told(found) == [(3, "polygon", "bad_json"), (4, "polygon", "bad_geometry")]


# whole files

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


# Excel

def test_numbers_days_and_times_are_text_without_surprises() -> None:
    found = of_sheet(("A1", "a"), ("B1", "b"), ("C1", "c"), ("A2", "007"), ("B2", 12.0), ("C2", datetime(2025, 3, 21)),
                     ("A3", time(8, 30)), ("B3", True), ("C3", datetime(2025, 3, 21, 10, 5)), ("A5", -0.5))
    assert [(row.line, list(row.cells.values())) for row in found] == [
        (2, ["007", "12", "2025-03-21"]), (3, ["08:30", "true", "2025-03-21 10:05:00"]), (5, ["-0.5", None, None])]


def test_formulas_and_merged_cells_are_told_by_cell_and_the_other_rows_are_read() -> None:
    found = of_sheet(("A1", "a"), ("B1", "b"), ("A2", "1"), ("B2", "=1+1"), ("A5", "x"), merge="A3:B4")
    assert [row.line for row in found] == [5]
    assert [(row.line, row.value, row.code) for row in found.bad] == [
        (2, "B2", "formula_in_cell"), (3, "A3:B4", "merged_cells")]
    assert "A3:B4" in found.bad[1].fa
    assert "B2" in found.bad[0].en


def test_a_merged_header_is_told_and_no_row_is_read() -> None:
    assert told(of_sheet(("A2", "x"), ("B2", "y"), merge="A1:B1")) == [
        (1, "A", "merged_cells")]


def test_a_text_that_looks_like_a_formula_is_a_text_in_a_sheet() -> None:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"strings_to_formulas": False}) as book:
        book.add_worksheet().write_column("A1", ["a", "=1+1"])
    assert cells(read_rows(made.getvalue(), "a.xlsx")) == [{"a": "=1+1"}]


def test_a_number_whose_last_digits_a_spreadsheet_loses_is_told() -> None:
    assert told(of_sheet(("A1", "code"), ("A2", 2601040004237418))) == [(2, "code", "long_number")]


def test_a_book_with_several_filled_sheets_is_told_and_empty_ones_do_not_count() -> None:
    assert told(of_sheet(("A1", "a"), ("A2", "1"), more={"دوم": "x"})) == [(0, None, "several_sheets")]
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as book:
        book.add_worksheet()
        book.add_worksheet("پر").write_column("A1", ["a", "1"])
    assert cells(read_rows(made.getvalue(), "a.xlsx")) == [{"a": "1"}]


@pytest.mark.parametrize("far", ["XFD1048576", "XFD1", "A1048576", "Z150000"])
def test_a_value_in_a_cell_far_away_is_refused_before_it_fills_the_memory(far: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel, "CalamineWorkbook", None)
    monkeypatch.setattr(excel, "MAX_CELLS", 3_000_000)
    with pytest.raises(TooLarge, match="unpacks_too_large"):
        of_sheet(("A1", "a"), (far, "x"))


def test_a_cell_that_says_another_row_than_it_stands_in_is_measured_by_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    book = changed(a_book(("A1", "a"), ("A200000", "x"), ("B200000", "y")), "xl/worksheets/sheet1.xml",
                   '"B200000"', '"A999999"')
    monkeypatch.setattr(excel, "CalamineWorkbook", None)
    with pytest.raises(TooLarge, match="unpacks_too_large"):
        read_rows(book, "a.xlsx")


@pytest.mark.parametrize("limit", ["MAX_PARTS", "MAX_UNPACKED", "MAX_STRINGS", "MAX_INDEX", "MAX_SHEETS"])
def test_each_limit_of_a_book_holds(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel, limit, 0)
    with pytest.raises(TooLarge, match="unpacks_too_large"):
        of_sheet(("A1", "a"), ("A2", "1"))


def test_a_part_that_is_not_what_the_book_says_of_it_is_refused() -> None:
    book = bytearray(changed(a_book(("A1", "abcdef"), ("A2", "1")), "xl/sharedStrings.xml", "abcdef", "abcdef"))
    book[book.index(b"abcdef")] ^= 1
    with pytest.raises(Invalid, match="broken_excel"):
        read_rows(bytes(book), "a.xlsx")


def test_a_cell_beside_the_columns_is_told() -> None:
    assert told(of_sheet(("A1", "a"), ("A2", "1"), ("C2", "note"))) == [(2, None, "too_many_cells")]


def test_a_format_in_a_cell_far_away_is_no_value() -> None:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as book:
        sheet = book.add_worksheet()
        sheet.write_column("A1", ["a", "1"])
        sheet.write_blank("XFD1048576", None, book.add_format({"bold": True}))
    assert cells(read_rows(made.getvalue(), "a.xlsx")) == [{"a": "1"}]


def test_a_zip_bomb_is_refused_unopened(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = a_bomb()
    monkeypatch.setattr(excel, "CalamineWorkbook", None)
    monkeypatch.setattr(zipfile.ZipFile, "open", None)
    with pytest.raises(TooLarge, match="unpacks_too_large"):
        read_rows(bomb, "a.xlsx")


def a_bomb() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr(excel.WORKBOOK, "")
        book.writestr(excel.RELATIONS, "")
        with book.open("xl/worksheets/sheet1.xml", "w") as part:
            for _ in range(41):
                part.write(bytes(10_000_000))
    return made.getvalue()


def changed(content: bytes, part: str, before: str, after: str) -> bytes:
    """The book with one of its parts changed."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            if name == part:
                assert before.encode() in text
                text = text.replace(before.encode(), after.encode())
            new.writestr(name, text)
    return made.getvalue()


@pytest.mark.parametrize(("before", "after"), [
    ("<worksheet ", "<!DOCTYPE a [<!ENTITY b 'c'>]><worksheet "), ("</worksheet>", ""), ('r="A1"', 'r="1A"'),
    ('r="A1"', "")])
def test_a_book_whose_inside_is_not_right_is_refused(before: str, after: str) -> None:
    book = changed(a_book(("A1", "a"), ("A2", "1")), "xl/worksheets/sheet1.xml", before, after)
    with pytest.raises(Invalid, match="broken_excel"):
        read_rows(book, "a.xlsx")


def test_an_error_of_a_calculation_is_told() -> None:
    book = changed(a_book(("A1", "a"), ("A2", 1), ("A3", 2)), "xl/worksheets/sheet1.xml",
                   '<c r="A2"><v>1', '<c r="A2" t="e"><v>#REF!')
    found = read_rows(book, "a.xlsx")
    assert [row.cells for row in found] == [{"a": "2"}]
    assert told(found) == [(2, "A", "error_in_cell")]


def test_a_number_on_which_the_reader_panics_is_a_broken_book() -> None:
    book = changed(a_book(("A1", "a"), ("A2", time(8, 30))), "xl/worksheets/sheet1.xml", "<v>0.3", "<v>-11666666666667.3")
    with pytest.raises(Invalid, match="broken_excel"):
        list(read_rows(book, "a.xlsx"))


def test_one_part_that_is_named_as_two_sheets_is_refused() -> None:
    book = a_book(("A1", "a"), ("A2", "1"))
    named = changed(book, excel.WORKBOOK, "</sheets>", '<sheet name="again" sheetId="2" r:id="rId1"/></sheets>')
    with pytest.raises(Invalid, match="broken_excel"):
        read_rows(named, "a.xlsx")


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


# GeoJSON

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


# files of other people

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
