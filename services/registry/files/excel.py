"""Excel books (.xlsx): calamine reads the values; before it, the XML of the sheets is looked through as a stream.

The look finds what calamine does not show (formulas) and what would fill the memory (a value in a cell far away makes a
grid of everything before it; a ZIP that unpacks to more than it says). Only the one filled sheet is read.
"""
import io
import posixpath
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import time
from functools import lru_cache
from itertools import chain, count, islice
from typing import Any
from xml.etree import ElementTree
from xml.parsers import expat

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from services.registry.files.bad_rows import MOST_BAD, BadRow, bad, unreadable
from services.registry.files.rows import MAX_COLUMNS, MAX_ROWS, Row, Rows, header_of, number_text, row_of

MAX_PARTS = 1000
MAX_UNPACKED = 400_000_000  # bytes, all parts
MAX_STRINGS = 100_000_000  # bytes, of the part that calamine holds in memory beside the cells
MAX_CELLS = 5_000_000
MOST_MERGED = 1000  # rows of one range that are passed over
MAX_SHEETS = 100
MAX_INDEX = 5_000_000  # bytes, of the parts that say which sheets there are
BROKEN = (zipfile.BadZipFile, zlib.error, expat.ExpatError, ElementTree.ParseError, LookupError, EOFError, OSError,
          NotImplementedError, RuntimeError, ValueError)
WORKBOOK, RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"


@dataclass
class Look:
    """What one sheet holds besides values (formulas, errors, merged cells: `spoiled` rows), and how far it reaches."""

    wrong: list[BadRow] = field(default_factory=list)
    spoiled: set[int] = field(default_factory=set)
    rows: int = 0
    columns: int = 0
    cell: str = ""
    row: str = ""
    reached: str = ""
    seen: set[str] = field(default_factory=set)

    def element(self, tag: str, attributes: dict[str, str]) -> None:
        """Takes each element as it begins. Raises TooLarge for a grid that is too large."""
        name = tag.rpartition(":")[2] if ":" in tag else tag
        if name == "c":
            self.cell = attributes["r"]
            if "t" in attributes and attributes["t"] == "e":
                self._note("error_in_cell", self.cell)
        elif name in ("v", "is"):
            self._reach()
        elif name == "row":
            self.row = attributes.get("r", "")
        elif name == "f":
            self._reach()
            self._note("formula_in_cell", self.cell)
        elif name == "mergeCell":
            self._note("merged_cells", attributes["ref"])

    def _note(self, code: str, where: str) -> None:
        if len(self.wrong) < MOST_BAD:
            first, last = position(where)[0], position(where.rpartition(":")[2])[0]
            self.spoiled.update(range(first, min(last, first + MOST_MERGED) + 1))
            self.wrong.append(bad(code, first, letters(where), where, cell=where))

    def _reach(self) -> None:
        if self.row == self.reached and self.cell[:-len(self.row)] in self.seen and self.cell.endswith(self.row):
            return  # a column that was seen before, in a row that was: nearly every cell of a large sheet
        row, column = position(self.cell)
        self.reached = str(row)
        self.seen.add(letters(self.cell))
        self.rows, self.columns = max(self.rows, row), max(self.columns, column)
        if row > MAX_ROWS + 1 or column > MAX_COLUMNS or self.rows * self.columns > MAX_CELLS:
            raise unreadable("unpacks_too_large")


def is_book(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            return WORKBOOK in book.namelist()
    except BROKEN:
        return False


def read(content: bytes) -> Rows:
    """Raises TooLarge for what unpacks to too much, Invalid for what cannot be opened or is empty."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            demand_small(book)
            looks = {name: _look(book, part) for name, part in sheets_of(book).items()}
    except BROKEN as error:
        raise unreadable("broken_excel") from error
    filled = [name for name, look in looks.items() if look.rows]
    if not filled:
        raise unreadable("empty_file")
    if len(filled) > 1:
        return Rows([], iter([bad("several_sheets", 0, names="، ".join(filled[:5]))]))
    return _read_sheet(content, filled[0], looks[filled[0]])


def demand_small(book: zipfile.ZipFile) -> None:
    """Raises TooLarge, and BadZipFile where a part is not what the book says of it."""
    parts = book.infolist()
    strings = sum(part.file_size for part in parts if posixpath.basename(part.filename).lower() == "sharedstrings.xml")
    index = sum(book.getinfo(name).file_size for name in (WORKBOOK, RELATIONS))
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise unreadable("unpacks_too_large")
    if strings > MAX_STRINGS or index > MAX_INDEX:
        raise unreadable("unpacks_too_large")
    if {part.compress_type for part in parts} - {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} or book.testzip():
        raise zipfile.BadZipFile


def sheets_of(book: zipfile.ZipFile) -> dict[str, str]:
    """Name → part. Raises ValueError where one part is two sheets, which would be read again and again."""
    found = list(islice(_sheets(book), MAX_SHEETS + 1))
    if len(found) > MAX_SHEETS:
        raise unreadable("unpacks_too_large")
    if len({part for _, part in found}) < len(found):
        raise ValueError("one part is two sheets")
    return dict(found)


def _sheets(book: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """(name, part) of each worksheet in their order."""
    parts = {link.get("Id"): link.get("Target", "") for link in ElementTree.fromstring(book.read(RELATIONS))}
    for sheet in ElementTree.fromstring(book.read(WORKBOOK)).iter():
        if _local(sheet.tag) == "sheet":
            link = next(value for name, value in sheet.attrib.items() if _local(name) == "id")
            yield sheet.get("name", ""), posixpath.normpath(posixpath.join("/xl", parts[link]))[1:]


def _local(name: str) -> str:
    return name.rpartition("}")[2].rpartition(":")[2]


def _look(book: zipfile.ZipFile, part: str) -> Look:
    """Raises TooLarge for a grid that is too large; ExpatError, KeyError and ValueError for what is no sheet."""
    look, parser = Look(), expat.ParserCreate()
    parser.StartElementHandler = look.element
    parser.StartDoctypeDeclHandler = _refuse_doctype
    with book.open(part) as sheet:
        parser.ParseFile(sheet)
    return look


def _refuse_doctype(*_: Any) -> None:
    raise ValueError("DOCTYPE")


def position(cell: str) -> tuple[int, int]:
    """(row, column) of a cell or of the first cell of a range, both from 1. Raises ValueError."""
    name = letters(cell)
    return int(cell.partition(":")[0][len(name):]), _number(name)


def letters(cell: str) -> str:
    return cell.partition(":")[0].rstrip("0123456789")


@lru_cache(1000)
def _number(name: str) -> int:
    """A is 1, AA is 27."""
    return sum((ord(letter) - 64) * 26 ** place for place, letter in enumerate(reversed(name)))


def _read_sheet(content: bytes, name: str, look: Look) -> Rows:
    sheet = _calm(lambda: CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name(name))
    records = _records(sheet)
    line, header = next(records, (0, []))
    columns, wrong = header_of([text_of(cell) for cell in header], line)
    if wrong or line in look.spoiled or not columns:
        return Rows(columns, iter(look.wrong + wrong))
    return Rows(columns, chain(look.wrong, _rows(columns, (at for at in records if at[0] not in look.spoiled))))


def _records(sheet: CalamineSheet) -> Iterator[tuple[int, list[Any]]]:
    """(row, values) of every row that has something in it."""
    found = sheet.iter_rows()
    for row in count(1):
        values = _calm(lambda: next(found, None))
        if values is None:
            return
        if any(value != "" for value in values):
            yield row, values


def _calm(read: Callable[[], Any]) -> Any:
    """What calamine reads. Raises Invalid where it cannot, also where it panics, as on a time of day of many years."""
    try:
        return read()
    except (CalamineError, ValueError, OSError) as error:
        raise unreadable("broken_excel") from error
    except BaseException as error:  # Rust's panic is no Exception, and its class cannot be imported
        if type(error).__name__ != "PanicException":
            raise
        raise unreadable("broken_excel") from None


def _rows(columns: list[str], records: Iterator[tuple[int, list[Any]]]) -> Iterator[Row | BadRow]:
    width = len(columns)
    for line, values in records:
        beyond = [value for value in values[width:] if value != ""]
        long = [bad("long_number", line, column, number_text(value)) for column, value in zip(columns, values, strict=False)
                if isinstance(value, float) and abs(value) >= 1e15]
        if beyond:
            yield bad("too_many_cells", line, None, text_of(beyond[0]), n=len(values), m=width)
        elif long:
            yield from long
        else:
            texts = [text_of(value) for value in values[:width]]
            yield from row_of(line, columns, texts + [""] * (width - len(texts)), runs=False)


def text_of(value: Any) -> str:
    """A cell as it would be typed: 12.0 → 12, a day as 2025-03-21, a time of day as 08:30."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, time):
        return value.isoformat("seconds" if value.second else "minutes")
    return str(value)  # a text; a day, which str writes as YYYY-MM-DD, with HH:MM:SS where it has a time; an amount of hours
