"""Tables as text: in every encoding and with every delimiter, and what is told of the rest."""
import codecs
import csv
import io
import json

import pytest

from contracts.errors import Invalid
from tests.unit.files import SQUARE, cells, of_csv, told


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
