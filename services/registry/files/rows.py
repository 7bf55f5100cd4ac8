"""Rows of cells, as any of the files gives them, and the rules that hold for a cell wherever it stands.

A text that a spreadsheet would run (= + - @ at its beginning) is written with a ' before it, and so are the empty text
and a text that begins with ' itself; reading takes that ' away. An empty cell is None.
"""
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from chassis.text import tidy
from services.registry.files.bad_rows import HEADER, MOST_BAD, BadRow, bad

MAX_ROWS = 250_000
MAX_LETTERS = 10_000
MAX_SHAPE_LETTERS = 1_000_000  # of a cell that holds a polygon (20,000 vertices), or the days of a calendar (2,000)
MAX_COLUMNS = 200
LONGEST_NAME = 100  # letters of a column's name
MAX_DEPTH = 8
SHAPES = ("polygon", "point")
LONG = (*SHAPES, "holidays", "closures")
GEOMETRIES = {"Polygon": "polygon", "MultiPolygon": "polygon", "Point": "point"}
ESCAPED = re.compile(r"[\t\r]|\s*[=+\-@＝＋－＠']|\Z")
FORMULA = re.compile(r"[\t\r]|\s*[=+\-@＝＋－＠]")
PLAIN = frozenset("0123456789ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیآ")  # first letters with which nothing runs: asked first
NUMBER = re.compile(r"\s*[+-]?[0-9]+([.,][0-9]+)?([eE][+-]?[0-9]+)?\s*")
UNREADABLE = re.compile("[\ud800-\udfff\ufffd\x00]")


@dataclass(frozen=True)
class Row:
    """`cells`: column → text, or None where nothing is written; `polygon` and `point` hold a GeoJSON geometry."""

    line: int
    cells: dict[str, Any]


@dataclass
class Rows:
    """Rows are read while they are asked for, once; `bad` is complete when they have all been asked for.

    Of a bad row nothing is given. A file whose header is bad has no rows. Reading stops after MOST_BAD bad rows.
    """

    columns: list[str]
    found: Iterator["Row | BadRow"] = field(default_factory=lambda: iter(()))
    bad: list[BadRow] = field(default_factory=list)

    def __iter__(self) -> Iterator[Row]:
        given = 0
        for row in self.found:
            if isinstance(row, BadRow):
                self.bad.append(row)
            elif given == MAX_ROWS:
                self.bad.append(bad("too_many_rows", row.line, n=MAX_ROWS))
                return
            else:
                given += 1
                yield row
            if len(self.bad) >= MOST_BAD:
                self.bad.append(bad("too_many_bad_rows", row.line, n=len(self.bad)))
                return
        if not given and not self.bad:
            self.bad.append(bad("no_rows", 0))


def header_of(cells: list[str], line: int = HEADER) -> tuple[list[str], list[BadRow]]:
    """Tidied names, without the empty ones at the end, and what is wrong with them."""
    names = [tidy(cell) for cell in cells]
    while names and not names[-1]:
        names.pop()
    if len(names) > MAX_COLUMNS:
        return names[:MAX_COLUMNS], [bad("too_many_cells", line, n=len(names), m=MAX_COLUMNS)]
    wrong = [bad("column_without_name", line, None, n=n) for n, name in enumerate(names, 1) if not name]
    wrong += [bad("too_long", line, None, name, n=LONGEST_NAME) for name in names if len(name) > LONGEST_NAME]
    wrong += [bad("duplicate_column", line, name, name) for n, name in enumerate(names) if name and name in names[:n]]
    return names, wrong


def row_of(line: int, columns: list[str], texts: list[str], runs: bool = True) -> list[Row | BadRow]:
    """The row, or all that is bad in it. `runs`: whether a text that looks like a formula would be one."""
    cells: dict[str, Any] = {}
    wrong = []
    for column, text in zip(columns, texts, strict=True):
        code, cells[column] = _cell(column, text, runs)
        if code:
            wrong.append(bad(code, line, column, text, n=_longest(column)))
    return [*wrong] or [Row(line, cells)]


def _cell(column: str, text: str, runs: bool) -> tuple[str | None, Any]:
    """(what is wrong, the cell)."""
    if text == "":
        return None, None
    if flaw := flaw_of(column, text):
        return flaw, None
    if text[0] == "'" and ESCAPED.match(text, 1):
        text = text[1:]
    elif runs and text[0] not in PLAIN and FORMULA.match(text) and not NUMBER.fullmatch(text):
        return "formula", None
    return _shape(text) if column in SHAPES else (None, text)


def flaw_of(column: str, text: str) -> str | None:
    """What makes a text unfit for any cell."""
    if len(text) > MAX_LETTERS and len(text) > _longest(column):
        return "too_long"
    return "bad_letter" if UNREADABLE.search(text) else None


def _longest(column: str) -> int:
    return MAX_SHAPE_LETTERS if column in LONG else MAX_LETTERS


def escaped(text: str) -> str:
    """As it is written into a CSV or a sheet."""
    return "'" + text if ESCAPED.match(text) else text


def _shape(text: str) -> tuple[str | None, Any]:
    try:
        geometry = json_of(text)
    except ValueError:
        return "bad_json", None
    known = isinstance(geometry, dict) and geometry.get("type") in GEOMETRIES
    return (None, geometry) if known else ("bad_geometry", None)


def json_of(text: str) -> Any:
    """Strict JSON. Raises ValueError, also for NaN and for what is nested deeper than MAX_DEPTH."""
    found, end = value_at(text, len(text) - len(text.lstrip()))
    if text[end:].strip():
        raise ValueError("more than one value")
    return found


def value_at(text: str, at: int) -> tuple[Any, int]:
    """The JSON value that begins there, and where it ends. Raises ValueError."""
    try:
        found, end = DECODER.raw_decode(text, at)
    except RecursionError:
        raise ValueError("too deep") from None
    if deeper(found, MAX_DEPTH):
        raise ValueError("too deep")
    return found, end


def no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")


DECODER = json.JSONDecoder(parse_constant=no_number)


def deeper(value: Any, most: int) -> bool:
    """Whether lists and objects stand in each other more than `most` deep."""
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    if below is None:
        return False
    return most == 0 or any(deeper(inner, most - 1) for inner in below if isinstance(inner, dict | list))


def number_text(number: float) -> str:
    """12.0 → 12; the shortest text that is this number."""
    return str(int(number)) if float(number).is_integer() and abs(number) < 1e15 else repr(number)
