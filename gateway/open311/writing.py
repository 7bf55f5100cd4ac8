"""Answers in the formats of the standard: XML without a namespace, and JSON as the Spark convention makes it of that.

A list's element is named by ITEMS in XML and has no name in JSON. None is an empty element, and null.
"""
import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any
from xml.sax.saxutils import escape

import orjson
from werkzeug.wrappers import Response

TYPES = {"xml": "text/xml; charset=utf-8", "json": "application/json; charset=utf-8", "csv": "text/csv; charset=utf-8"}
ITEMS = {"services": "service", "groups": "group", "attributes": "attribute", "values": "value", "endpoints": "endpoint",
         "formats": "format", "service_requests": "request", "service_request_updates": "request_update", "notes": "note",
         "errors": "error"}
NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 has no way to write
RUNS = re.compile(r"(?:\A|[;\t\r\n]) *+(?=[=+\-@＝＋－＠])")  # behind it stands what a spreadsheet takes for a formula
Row = dict[str, Any]


def answer(form: str, name: str, found: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """`name`: the root element in XML."""
    body = orjson.dumps(found) if form == "json" else xml(name, found)
    return Response(body, status, headers, content_type=TYPES[form])


def xml(name: str, found: Any) -> bytes:
    """Names of elements are ours; texts are anybody's. A tree of the standard library takes three times as long."""
    return f'<?xml version="1.0" encoding="utf-8"?>\n{element(name, found)}'.encode()


def element(name: str, found: Any) -> str:
    if found is None or found == "":
        return f"<{name}/>"
    if isinstance(found, dict):
        inner = "".join(element(key, value) for key, value in found.items())
    elif isinstance(found, list):
        inner = "".join(element(ITEMS[name], each) for each in found)
    else:
        inner = escape(NO_XML.sub("", str(found).lower() if isinstance(found, bool) else str(found)))
    return f"<{name}>{inner}</{name}>"


def csv_of(columns: Sequence[str], rows: Iterable[Row]) -> bytes:
    """RFC 4180, with a header. What a spreadsheet would run as a formula gets an apostrophe in front, also within a text,
    where it begins a cell for who sets cells apart by semicolons, tabs or lines."""
    out = io.StringIO()
    written = csv.writer(out)
    written.writerow(columns)
    written.writerows([cell(row[column]) for column in columns] for row in rows)
    return out.getvalue().encode()


def cell(value: Any) -> Any:
    return RUNS.sub(lambda before: f"{before[0]}'", value) if isinstance(value, str) else value
