"""Books of sheets: what is read, what is told by its cell, and what is refused before it fills the memory."""
import io
import zipfile
from datetime import datetime, time

import pytest
import xlsxwriter

from contracts.errors import Invalid, TooLarge
from services.registry.files import excel
from services.registry.files.reading import read_rows
from tests.unit.files import a_book, cells, of_sheet, told


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
