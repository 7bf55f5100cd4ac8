"""CSV as people have it: UTF-8 with or without a byte order mark, UTF-16, Windows-1256; commas, semicolons or tabs.

Windows-1256 has no ی: a text from it is tidied, so that ي and ك become the Persian letters. Other texts stay as typed.
"""
import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator

from chassis.text import tidy
from services.registry.files.bad_rows import BadRow, bad, unreadable
from services.registry.files.rows import MAX_SHAPE_LETTERS, Row, Rows, header_of, row_of

CHUNK = 1 << 20  # bytes
MAX_LINE = 2_000_000  # letters
DELIMITERS = ",;\t"
WINDOWS = "cp1256"
ARABIC = re.compile("[\u0600-\u06ff\u200c-\u200f\u00a0«»]")  # what Persian text in Windows-1256 is made of, above ASCII
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class LineTooLong(Exception):
    """A line that is longer than MAX_LINE."""


def read(content: bytes) -> Rows:
    """Raises Invalid where its encoding is not known or it is empty."""
    encoding = encoding_of(content)
    # newline="" leaves line ends inside quotes alone; letters that cannot be decoded are found cell by cell
    errors = "replace" if encoding.startswith("utf-16") else "surrogateescape"
    lines = io.TextIOWrapper(io.BytesIO(content), encoding, errors, newline="")
    csv.field_size_limit(MAX_SHAPE_LETTERS)
    records = _records(lines, _delimiter(content, encoding, errors))
    header = next(records, None)
    if header is None:
        raise unreadable("empty_file")
    if isinstance(header, BadRow):
        return Rows([], iter([header]))
    columns, wrong = header_of(header[1], header[0])
    return Rows(columns, iter(wrong) if wrong else _rows(columns, records, encoding == WINDOWS))


def _rows(columns: list[str], records: Iterable[tuple[int, list[str]] | BadRow], mend: bool) -> Iterator[Row | BadRow]:
    for record in records:
        if isinstance(record, BadRow):
            yield record
            continue
        line, cells = record
        while len(cells) > len(columns) and not cells[-1]:
            cells.pop()
        if len(cells) != len(columns):
            code = "too_few_cells" if len(cells) < len(columns) else "too_many_cells"
            yield bad(code, line, None, cells[-1], n=len(cells), m=len(columns))
        else:
            yield from row_of(line, columns, [tidy(cell) for cell in cells] if mend else cells)


def _records(lines: Iterable[str], delimiter: str) -> Iterator[tuple[int, list[str]] | BadRow]:
    """(line on which it begins, cells) of every record that has something in it; ends at quotes that are not right."""
    reader, line = csv.reader(map(_bounded, lines), delimiter=delimiter, strict=True), 1
    try:
        for cells in reader:
            if any(cells):
                yield line, cells
            line = reader.line_num + 1
    except LineTooLong:
        yield bad("long_line", line, n=MAX_LINE)
    except csv.Error:
        yield bad("bad_quotes", line)


def _bounded(line: str) -> str:
    """Raises LineTooLong for a line that would make a list of millions of cells."""
    if len(line) > MAX_LINE:
        raise LineTooLong
    return line


def _delimiter(content: bytes, encoding: str, errors: str) -> str:
    """The one that makes most cells of the first line."""
    first = io.TextIOWrapper(io.BytesIO(content[:CHUNK]), encoding, "replace").readline().lstrip("\ufeff")
    return max(DELIMITERS, key=lambda mark: len(next(csv.reader([first], delimiter=mark), [])))


def encoding_of(content: bytes) -> str:
    """Raises Invalid for what is none of the encodings that are read."""
    for mark, name in MARKS:
        if content.startswith(mark):
            return name
    if guessed := _without_mark(content[:CHUNK]):
        return guessed
    bad_letters, good_letters = _above_ascii(content)
    if bad_letters <= good_letters:  # a few broken letters in UTF-8 are reported where they stand
        return "utf-8-sig"
    if not _is_windows(content):
        raise unreadable("unknown_encoding")
    return WINDOWS


def _without_mark(start: bytes) -> str | None:
    """UTF-16 by where the zero bytes of its commas, digits and line ends stand: at least one in a hundred bytes."""
    low, high = start[1::2].count(0), start[::2].count(0)
    if 100 * max(low, high) < len(start) or max(low, high) <= 4 * min(low, high):
        return None
    return "utf-16-le" if low > high else "utf-16-be"


def _above_ascii(content: bytes) -> tuple[int, int]:
    """How many letters above ASCII are no UTF-8, and how many are."""
    decoder, wrong, right = codecs.getincrementaldecoder("utf-8")("replace"), 0, 0
    for start in range(0, len(content), CHUNK):
        text = decoder.decode(content[start:start + CHUNK], start + CHUNK >= len(content))
        broken = text.count("\ufffd")
        wrong += broken
        right += len(text) - len(text.encode("ascii", "ignore")) - broken
    return wrong, right


def _is_windows(content: bytes) -> bool:
    """Whether nearly all its letters above ASCII are letters of Persian, read as Windows-1256."""
    text = content[:CHUNK].decode(WINDOWS)
    above = len(text) - len(text.encode("ascii", "ignore"))
    return above == 0 or len(ARABIC.findall(text)) >= 0.9 * above
