"""What the columns of a register's file are, and the way between cells (text) and values, there and back.

    kind        value                     cell
    text        str                       as it stands
    code        str                       tidied, Latin digits, no spaces
    day         YYYY-MM-DD                either calendar (`days.day_of`)
    integer     int                       any kind of digits
    number      float                     any kind of digits, decimal point . or ٫
    yes_no      bool                      بله خیر yes no true false 1 0
    list        list of str               separated by ; or ؛, or a JSON list
    json        anything JSON has         JSON
    polygon     GeoJSON geometry          from GeoJSON the geometry, else JSON
    point       GeoJSON geometry          from GeoJSON the geometry, else JSON

An empty cell is None, whatever the kind. Whether a value is allowed in its record is the register's business.
"""
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chassis.text import DIGITS, fold, tidy
from contracts.errors import Invalid
from services.registry.days import day_of
from services.registry.files.bad_rows import HEADER, BadRow, bad, shortened
from services.registry.files.rows import SHAPES, Row, json_of

YES_NO = {fold(word): value for value, words in ((True, ("بله", "بلی", "آری", "yes", "true", "1")),
                                                 (False, ("خیر", "نه", "no", "false", "0"))) for word in words}
MARKS = str.maketrans({"٫": ".", "−": "-"}) | DIGITS


@dataclass(frozen=True)
class Column:
    """`required`: the file must have the column, and no cell of it may be empty."""

    name: str
    kind: str = "text"
    required: bool = False


def check_columns(columns: Sequence[Column], names: Sequence[str]) -> list[BadRow]:
    """What is wrong with the header of a file: columns that nobody knows, required ones that are missing."""
    known = [column.name for column in columns]
    unknown = [bad("unknown_column", HEADER, name, name, names="، ".join(known)) for name in names if name not in known]
    return unknown + [bad("missing_column", HEADER, column.name)
                      for column in columns if column.required and column.name not in names]


def cells_to_values(columns: Sequence[Column], row: Row) -> tuple[dict[str, Any], list[BadRow]]:
    """(value of every column that the file has, what is wrong). Cells of unknown columns are left out."""
    values: dict[str, Any] = {}
    wrong: list[BadRow] = []
    for column in columns:
        cell = row.cells.get(column.name)
        try:
            if cell is None and column.required:
                raise Wrong("required")
            if column.name in row.cells:
                values[column.name] = None if cell is None else KINDS[column.kind](cell)
        except Wrong as flaw:
            wrong.append(bad(flaw.code, row.line, column.name, cell))
        except Invalid as flaw:
            wrong.append(BadRow(row.line, column.name, flaw.code, shortened(cell), flaw.fa, flaw.en))
    return values, wrong


def values_to_cells(columns: Sequence[Column], values: Mapping[str, Any]) -> dict[str, Any]:
    """What `writing` writes, so that it is read back as the same values. A missing value is None."""
    return {column.name: _cell(column.kind, values.get(column.name)) for column in columns}


def _cell(kind: str, value: Any) -> Any:
    if value is None or kind in SHAPES:
        return value
    if kind == "list":
        plain = value and all(item == tidy(item) and item and not re.search("[;؛]", item) for item in value)
        return ";".join(value) if plain and value[0][0] != "[" else json.dumps(value, ensure_ascii=False)
    return json.dumps(value, ensure_ascii=False) if kind == "json" else value


class Wrong(Exception):
    """A cell that is not of its column's kind; `code` is one of the sentences of `bad_rows`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _code(cell: str) -> str:
    code = tidy(cell).translate(DIGITS)
    if not code or len(code) > 100 or " " in code or "\n" in code:
        raise Wrong("bad_code")
    return code


def _integer(cell: str) -> int:
    text = tidy(cell).translate(MARKS)
    if not re.fullmatch("[+-]?[0-9]{1,18}", text):
        raise Wrong("bad_integer")
    return int(text)


def _number(cell: str) -> float:
    text = tidy(cell).translate(MARKS)
    if not re.fullmatch(r"[+-]?[0-9]{1,300}(\.[0-9]{0,300})?([eE][+-]?[0-9]{1,3})?", text) or math.isinf(float(text)):
        raise Wrong("bad_number")
    return float(text)


def _yes_no(cell: str) -> bool:
    if (word := fold(cell[:20])) not in YES_NO:
        raise Wrong("bad_yes_no")
    return YES_NO[word]


def _list(cell: str) -> list[str]:
    items = _json(cell) if cell.startswith("[") else [tidy(item) for item in re.split("[;؛]", cell)]
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise Wrong("bad_list")
    if not cell.startswith("[") and not all(items):
        raise Wrong("bad_list")
    return items


def _json(cell: str) -> Any:
    try:
        return json_of(cell)
    except ValueError:
        raise Wrong("bad_json") from None


def _same(cell: Any) -> Any:
    return cell


KINDS: dict[str, Callable[[Any], Any]] = {
    "text": _same, "code": _code, "day": day_of, "integer": _integer, "number": _number, "yes_no": _yes_no, "list": _list,
    "json": _json, "polygon": _same, "point": _same}
