"""Registers as files: what is written here, `reading` reads back as the same cells.

A cell is a text, a number, a bool, a GeoJSON geometry or None; read back, all but geometries are text. A row in which
nothing is written comes back from GeoJSON only. Texts have no control characters but line ends and tabs. Each function
gives the file in pieces and asks for its rows one by one.
"""
import csv
import io
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from services.registry.files.bad_rows import unreadable
from services.registry.files.rows import SHAPES, escaped, number_text

PIECE = 1 << 16  # bytes, about
EXCEL_LETTERS = 32_767  # of one cell: Excel's own limit
Cells = Mapping[str, Any]


def write_csv(columns: Sequence[str], rows: Iterable[Cells]) -> Iterator[bytes]:
    """UTF-8 with a byte order mark, by which spreadsheets know it; RFC 4180 otherwise."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    text.write("\ufeff")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_text(row.get(column)) for column in columns])
        if text.tell() > PIECE:
            yield _taken(text)
    yield _taken(text)


def _taken(text: io.StringIO) -> bytes:
    piece = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return piece


def write_xlsx(columns: Sequence[str], rows: Iterable[Cells]) -> Iterator[bytes]:
    """One sheet, texts as texts. Raises Invalid for a text or polygon that is too long for a cell of Excel."""
    from xlsxwriter import Workbook

    with tempfile.TemporaryFile() as made:
        book = Workbook(made, {"constant_memory": True})
        sheet = book.add_worksheet()
        try:
            _fill(sheet, columns, rows)
        finally:
            book.close()
        made.seek(0)
        while piece := made.read(PIECE):
            yield piece


def _fill(sheet: Any, columns: Sequence[str], rows: Iterable[Cells]) -> None:
    for at, column in enumerate(columns):
        sheet.write_string(0, at, column)
    for line, row in enumerate(rows, 1):
        for at, column in enumerate(columns):
            value = row.get(column)
            if _is_exact(value):
                sheet.write_number(line, at, value)
            elif value is not None:
                _put_text(sheet, line, at, column, _text(value))


def _put_text(sheet: Any, line: int, at: int, column: str, text: str) -> None:
    if len(text.encode("utf-16-le")) // 2 > EXCEL_LETTERS:
        raise unreadable("cell_too_long_for_excel", column=column)
    sheet.write_string(line, at, text)


def _is_exact(value: Any) -> bool:
    """Whether a sheet keeps all its digits."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and abs(value) < 1e15 and float(f"{value:.15G}") == value


def write_geojson(columns: Sequence[str], rows: Iterable[Cells]) -> Iterator[bytes]:
    """A FeatureCollection; a feature's geometry is its `polygon` or its `point`. Raises ValueError for a row with both."""
    named = [column for column in columns if column not in SHAPES]
    yield b'{"type": "FeatureCollection", "features": [\n'
    for line, row in enumerate(rows):
        shapes = [row[name] for name in SHAPES if row.get(name)]
        if len(shapes) > 1:
            raise ValueError("a feature has one geometry")
        feature = {"type": "Feature", "properties": {name: row.get(name) for name in named},
                   "geometry": shapes[0] if shapes else None}
        yield (",\n" * (line > 0) + json.dumps(feature, ensure_ascii=False, allow_nan=False, separators=(",", ":"))).encode()
    yield b"\n]}\n"


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    if isinstance(value, bool):
        return "true" if value else "false"
    return number_text(value) if isinstance(value, float) else str(value) if isinstance(value, int) else escaped(value)
