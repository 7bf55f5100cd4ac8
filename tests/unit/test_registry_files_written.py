"""What is written is read back as the same; and cells become values of their kinds, or are told."""
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from contracts.errors import Invalid
from services.registry.files.bad_rows import BadRow
from services.registry.files.columns import Column, cells_to_values, check_columns, values_to_cells
from services.registry.files.reading import read_rows
from services.registry.files.rows import MAX_LETTERS, Row
from services.registry.files.writing import write_csv, write_geojson, write_xlsx

Write = Callable[[Sequence[str], Iterable[Mapping[str, Any]]], Iterator[bytes]]
WRITERS: dict[str, Write] = {"a.csv": write_csv, "a.xlsx": write_xlsx, "a.geojson": write_geojson}
LETTERS = st.characters(exclude_categories=["Cs", "Cc", "Cn"], exclude_characters="\ufffd\ufffe\uffff")
PIECES = st.sampled_from(["=", "+", "-", "@", "'", '"', "\n", "\r\n", "\t", ",", ";", "\u200c", "۱۲", "ي", " ", "007",
                          "_x0041_"])
TEXTS = st.lists(PIECES | LETTERS, max_size=12).map("".join)
POLYGON = {"type": "Polygon", "coordinates": [[[50.123456789, 35.0], [51.0, 35.0], [51.0, 36.0], [50.123456789, 35.0]]]}
COLUMNS = (Column("code", "code", required=True), Column("name"), Column("since", "day"), Column("count", "integer"),
           Column("share", "number"), Column("target", "yes_no"), Column("members", "list"), Column("answers", "json"),
           Column("polygon", "polygon"))
NAMES = [column.name for column in COLUMNS]
JSON = st.recursive(st.none() | st.booleans() | st.integers(-2**53, 2**53) | TEXTS, lambda inner: st.lists(inner, max_size=3)
                    | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=5)
VALUES = st.fixed_dictionaries({
    "code": st.from_regex("[a-z0-9]{1,5}(-[0-9]{1,3})?", fullmatch=True), "name": st.none() | TEXTS,
    "since": st.none() | st.dates(date(1900, 1, 1), date(2200, 12, 31)).map(str),
    "count": st.none() | st.integers(-10**18 + 1, 10**18 - 1), "target": st.none() | st.booleans(),
    "share": st.none() | st.floats(allow_nan=False, allow_infinity=False),
    "members": st.none() | st.lists(TEXTS, max_size=3),
    "answers": st.none() | JSON.filter(lambda value: value is not None), "polygon": st.none() | st.just(POLYGON)})


def back(name: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> list[Row]:
    found = read_rows(b"".join(WRITERS[name](columns, rows)), name)
    given = list(found)
    assert found.bad == []
    return given


@pytest.mark.parametrize("name", WRITERS)
@settings(max_examples=60)
@given(texts=st.lists(st.tuples(st.none() | TEXTS, st.none() | TEXTS), min_size=1, max_size=5))
@example(texts=[("=1+1", "'=1+1"), ("'", ""), ("''", None), (None, " =x"), ("-5", "+98912"), ("\t", "  "), ("\u200c", "ـ")])
def test_every_text_is_read_back_as_it_was_written(name: str, texts: list[tuple[str | None, str | None]]) -> None:
    rows = [{"code": "x", "one": one, "other": other} for one, other in texts]
    assert [row.cells for row in back(name, ["code", "one", "other"], rows)] == rows


@pytest.mark.parametrize("name", WRITERS)
@settings(max_examples=60)
@given(values=st.lists(VALUES, min_size=1, max_size=4))
def test_values_of_every_kind_are_read_back_as_they_were_exported(name: str, values: list[dict[str, Any]]) -> None:
    found = back(name, NAMES, [values_to_cells(COLUMNS, row) for row in values])
    assert [cells_to_values(COLUMNS, Row(row.line, dict.fromkeys(NAMES) | row.cells)) for row in found] == [
        (row, []) for row in values]


def test_a_written_csv_begins_with_the_mark_by_which_spreadsheets_know_utf_8() -> None:
    assert next(write_csv(["نام"], [])).startswith("\ufeffنام".encode())


def test_no_text_of_a_written_csv_is_run_by_a_spreadsheet() -> None:
    written = b"".join(write_csv(["a"], [{"a": text} for text in ("=1", "+1", "-1", "@a", "\t=1", " =1", "'=1")])).decode()
    assert [line.strip('"')[0] for line in written.splitlines()[1:]] == ["'"] * 7


def test_numbers_are_numbers_in_a_sheet_and_those_it_would_spoil_are_texts() -> None:
    values = [1, -2.5, 2601040004237418, 0.1 + 0.2, True]
    assert [row.cells["a"] for row in back("a.xlsx", ["a"], [{"a": value} for value in values])] == [
        "1", "-2.5", "2601040004237418", "0.30000000000000004", "true"]


def test_a_text_too_long_for_a_cell_of_excel_is_refused_and_not_cut() -> None:
    with pytest.raises(Invalid, match="cell_too_long_for_excel"):
        list(write_xlsx(["polygon"], [{"polygon": {"a": "x" * 32_767}}]))


def test_a_feature_with_two_shapes_is_refused_and_not_halved() -> None:
    with pytest.raises(ValueError, match="one geometry"):
        list(write_geojson(["polygon", "point"], [{"polygon": POLYGON, "point": {"type": "Point"}}]))


def test_rows_are_asked_for_while_the_file_is_given() -> None:
    asked: list[int] = []
    rows = ({"a": asked.append(n) or "x" * MAX_LETTERS} for n in range(100))  # type: ignore[func-returns-value]
    next(write_csv(["a"], rows))
    assert len(asked) < 10


# columns

def test_unknown_and_missing_columns_are_told_once_in_the_header() -> None:
    found = check_columns(COLUMNS, ["name", "colour", "count"])
    assert [(bad.line, bad.column, bad.code) for bad in found] == [
        (1, "colour", "unknown_column"), (1, "code", "missing_column")]
    assert "members" in found[0].en


def values_of(**cells: Any) -> tuple[dict[str, Any], list[BadRow]]:
    return cells_to_values(COLUMNS, Row(7, {"code": "a", **cells}))


@pytest.mark.parametrize(("column", "cell", "value"), [
    ("code", " ۰۰۷ ", "007"), ("name", " كوچه ", " كوچه "), ("since", "۱۴۰۴/۰۱/۰۱", "2025-03-21"), ("count", "-۱۲", -12),
    ("share", "۳۵٫۵", 35.5), ("share", "1e3", 1000.0), ("target", "بلي", True), ("target", "خیر", False),
    ("target", "0", False), ("members", "الف; ب؛پ", ["الف", "ب", "پ"]), ("members", "[]", []),
    ("answers", '{"a": [1]}', {"a": [1]}),
    ("name", None, None)])
def test_a_cell_becomes_a_value_of_its_kind(column: str, cell: str | None, value: Any) -> None:
    values, bad = values_of(**{column: cell})
    assert (values[column], bad) == (value, [])
    assert type(values[column]) is type(value)


@pytest.mark.parametrize(("column", "cell", "code"), [
    ("code", "a b", "bad_code"), ("code", None, "required"), ("code", "x" * 101, "bad_code"),
    ("since", "1404/12/30", "no_such_day"), ("since", "دیروز", "bad_day"), ("target", "شاید", "bad_yes_no"),
    ("count", "1.5", "bad_integer"), ("count", "9" * 19, "bad_integer"), ("count", "²", "bad_integer"),
    ("share", "1,5", "bad_number"), ("share", "nan", "bad_number"), ("share", "1e999", "bad_number"),
    ("members", "a;;b", "bad_list"), ("members", "[1]", "bad_list"),
    ("answers", "{", "bad_json"), ("answers", "[NaN]", "bad_json"),
    ("answers", "[" * 9 + "]" * 9, "bad_json"), ("answers", "1 2", "bad_json")])
def test_a_cell_that_is_not_of_its_kind_is_told_by_line_column_and_reason(column: str, cell: str | None, code: str) -> None:
    values, bad = values_of(**{column: cell})
    assert [(row.line, row.column, row.code) for row in bad] == [(7, column, code)]
    assert bad[0].fa and bad[0].en
    assert column not in values


def test_every_bad_cell_of_a_row_is_told() -> None:
    assert len(values_of(count="x", share="y", since="z")[1]) == 3


def test_json_of_an_export_is_readable_persian() -> None:
    assert values_to_cells(COLUMNS, {"answers": {"سؤال": "بله"}})["answers"] == '{"سؤال": "بله"}'
