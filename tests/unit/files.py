"""Files as people send them, made for tests, and what was read and told of them."""
import io
import json
from datetime import datetime, time
from typing import Any

import xlsxwriter

from services.registry.files.reading import read_rows
from services.registry.files.rows import Rows

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
