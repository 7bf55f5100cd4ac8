"""GeoJSON (RFC 7946): each feature of a FeatureCollection is a row, its properties are cells, its geometry a shape.

The text is decoded feature by feature, twice: first for the columns (features need not have the same properties), then
for the rows. A `line` is the number of a feature, from 1.
"""
import json
from collections.abc import Iterator
from typing import Any

from services.registry.files.bad_rows import BadRow, bad, unreadable
from services.registry.files.rows import (
    GEOMETRIES,
    MAX_COLUMNS,
    MAX_LETTERS,
    SHAPES,
    Row,
    Rows,
    flaw_of,
    number_text,
    value_at,
)

WHITE = " \t\r\n"
WGS84 = ("CRS84", "EPSG::4326", "EPSG:4326")


def read(content: bytes) -> Rows:
    """Raises Invalid where the file is no FeatureCollection, not even in its beginning."""
    text = _text(content)
    columns: dict[str, Any] = {}
    other: dict[str, Any] = {}
    for _, feature in _features(text, other):
        if _is_feature(feature):
            columns |= dict.fromkeys(name for name in feature.get("properties") or () if name not in SHAPES)
            columns |= dict.fromkeys(_shape(feature))
    wrong = _whole(columns, other)
    return Rows(list(columns), iter(wrong) if wrong else _rows(list(columns), _features(text, {})))


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise unreadable("unknown_encoding") from error


def _whole(columns: dict[str, Any], other: dict[str, Any]) -> list[BadRow]:
    if other.get("type") != "FeatureCollection" and "broken" not in other:
        raise unreadable("not_a_collection")
    crs = other.get("crs")
    named = crs.get("properties", {}).get("name", "") if isinstance(crs, dict) else ""
    if crs is not None and not str(named).endswith(WGS84):
        return [bad("other_projection", 0, "crs", named or crs, crs=str(named or crs)[:60])]
    if len(columns) > MAX_COLUMNS:
        return [bad("too_many_cells", 0, n=len(columns), m=MAX_COLUMNS)]
    return []


def _rows(columns: list[str], features: Iterator[tuple[int, Any]]) -> Iterator[Row | BadRow]:
    for line, feature in features:
        if isinstance(feature, BadRow):
            yield feature
        elif not _is_feature(feature):
            yield bad("not_a_feature", line, None, type(feature).__name__)
        else:
            yield from _row(line, columns, feature)


def _is_feature(member: Any) -> bool:
    return isinstance(member, dict) and isinstance(member.get("properties", {}), dict | None)


def _row(line: int, columns: list[str], feature: dict[str, Any]) -> list[Row | BadRow]:
    """The row, or all that is bad in it."""
    properties = feature.get("properties") or {}
    cells: dict[str, Any] = dict.fromkeys(columns) | {name: _cell(value) for name, value in properties.items()}
    wrong = [bad(flaw, line, name, text, n=MAX_LETTERS)
             for name, text in cells.items() if text and (flaw := flaw_of(name, text))]
    wrong += [bad("duplicate_column", line, name) for name in SHAPES if name in properties]
    shape, geometry = _shape(feature), feature.get("geometry")
    if geometry is not None and not shape:
        wrong.append(bad("bad_geometry", line, "geometry", geometry.get("type") if isinstance(geometry, dict) else geometry))
    return [*wrong] or [Row(line, cells | shape)]


def _shape(feature: dict[str, Any]) -> dict[str, Any]:
    """{polygon or point: geometry}, empty where there is none that is known."""
    geometry = feature.get("geometry")
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    return {GEOMETRIES[kind]: geometry} if isinstance(kind, str) and kind in GEOMETRIES else {}


def _cell(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value) if isinstance(value, int) else number_text(value)
    return json.dumps(value, ensure_ascii=False)


def _features(text: str, other: dict[str, Any]) -> Iterator[tuple[int, Any]]:
    """(number, feature) one after the other; every other member of the collection goes into `other`.

    Ends with (number, BadRow) where the text is no JSON from there on.
    """
    line = 0
    try:
        for name, value in _members(text):
            if name is None:
                line += 1
                yield line, value
            else:
                other[name] = value
    except ValueError as error:
        other["broken"] = True
        yield line + 1, bad("bad_file_json", line + 1, None, "", why=str(error)[:100])


def _members(text: str) -> Iterator[tuple[str | None, Any]]:
    """(name, value) of each member of the collection, and (None, feature) of each feature. Raises ValueError."""
    at = _behind(text, 0, "{")
    while text[at - 1] != "}":
        name, at = value_at(text, _white(text, at))
        at = _white(text, _behind(text, at, ":"))
        if name == "features" and text[at:at + 1] == "[":
            at = _white(text, at + 1)
            at += text[at:at + 1] == "]"
            while text[at - 1] != "]":
                feature, at = value_at(text, _white(text, at))
                yield None, feature
                at = _behind(text, at, ",]")
        else:
            value, at = value_at(text, at)
            yield str(name), value
        at = _behind(text, at, ",}")


def _white(text: str, at: int) -> int:
    while text[at:at + 1] and text[at] in WHITE:
        at += 1
    return at


def _behind(text: str, at: int, marks: str) -> int:
    """Behind the next letter, which must be one of the marks. Raises ValueError."""
    at = _white(text, at)
    if not text[at:at + 1] or text[at] not in marks:
        raise ValueError(f"one of {marks} expected at letter {at}")
    return at + 1
