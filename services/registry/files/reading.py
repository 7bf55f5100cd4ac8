"""The door for files that come in: which kind a file is, by its content first and its name second."""
from collections.abc import Callable
from pathlib import Path

from services.registry.files import csvs, excel, geojson
from services.registry.files.bad_rows import unreadable
from services.registry.files.rows import Rows

MAX_MEGABYTES = 50
MAX_BYTES = MAX_MEGABYTES * 1_000_000
BOOKS, COLLECTIONS, TABLES = (".xlsx", ".xlsm"), (".geojson", ".json"), (".csv", ".tsv", ".txt")


def read_rows(file: Path | bytes, name: str) -> Rows:
    """The rows of a CSV, an Excel book or a GeoJSON; `name` is what its sender calls it.

    Raises TooLarge, and Invalid where nothing of it can be read; everything smaller is one of `Rows.bad`.
    A sheet may turn out broken only while its rows are asked for, which then raises Invalid too.
    """
    content = _content(file)
    if not content.strip():
        raise unreadable("empty_file")
    return _reader(content, name.lower())(content)


def _content(file: Path | bytes) -> bytes:
    size = len(file) if isinstance(file, bytes) else file.stat().st_size
    if size > MAX_BYTES:
        raise unreadable("file_too_large", n=MAX_MEGABYTES)
    return file if isinstance(file, bytes) else file.read_bytes()


def _reader(content: bytes, name: str) -> Callable[[bytes], Rows]:
    start = content[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"PK\x03\x04") and excel.is_book(content):
        return excel.read
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise unreadable("old_excel")
    if start.startswith((b"PK", b"%PDF", b"<")) or name.endswith(BOOKS):
        raise unreadable("unknown_file")
    if start.startswith(b"{") and not name.endswith(TABLES):
        return geojson.read
    if name.endswith(COLLECTIONS):
        raise unreadable("not_a_collection")
    return csvs.read
