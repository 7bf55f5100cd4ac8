"""A file of the shape of Boston's 311 file, and its requests. Nothing of it is data of Alborz.

Its times are the city's local time without a zone; what is read twice in autumn is taken as the first.
"""
import csv
import gzip
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

from deploy.local.errors import CannotStart

COLUMNS = ("case_enquiry_id", "open_dt", "target_dt", "closed_dt", "ontime", "closure_reason", "type", "neighborhood",
           "ward", "latitude", "longitude")
ZONE = ZoneInfo("America/New_York")
YEARS = range(1970, 2101)  # in which requests and their deadlines lie
Row = dict[str, str]


@dataclass(frozen=True)
class Request:
    """A row with a deadline and the city's verdict on it. Times are UTC; `overdue` is the city's flag."""

    kind: str
    opened: datetime
    target: datetime
    closed: datetime | None
    overdue: bool


def requests_of(rows: Iterable[Row]) -> list[Request]:
    """In the order in which they came: the rows that have a deadline and a flag, and times at which they could happen."""
    found = [request_of(row) for row in rows if row["target_dt"] and row["ontime"] in ("ONTIME", "OVERDUE")]
    return sorted((each for each in found if each), key=lambda each: each.opened)


def request_of(row: Row) -> Request | None:
    """None where a time cannot be read or lies in no year of YEARS, or where it was closed before it was opened."""
    try:
        opened, target = instant(row["open_dt"]), instant(row["target_dt"])
        closed = instant(row["closed_dt"]) if row["closed_dt"] else None
    except ValueError:
        return None
    if closed and closed < opened:
        return None
    return Request(row["type"] or "request", opened, target, closed, row["ontime"] == "OVERDUE")


def instant(text: str) -> datetime:
    """Raises ValueError."""
    found = moment(text)
    if found.year not in YEARS:
        raise ValueError(f"no time of a request: {text[:20]}")
    return found.replace(tzinfo=ZONE).astimezone(UTC)


def read(file: Path) -> tuple[list[Row], int]:
    """The rows, stripped, and how many could not be read. Raises CannotStart for a file that is not of this shape."""
    try:
        with opened(file) as lines:
            reader = csv.DictReader(lines)
            if missing := set(COLUMNS) - set(reader.fieldnames or ()):
                raise CannotStart(f"{file} lacks the columns {', '.join(sorted(missing))}; it should be of the shape of "
                                  "Boston's 311 file, as .csv or .csv.gz.")
            found = [{name: (row[name] or "").strip() for name in COLUMNS} for row in reader]
    except (OSError, EOFError, zlib.error, csv.Error) as error:
        raise CannotStart(f"{file} cannot be read ({error}). Give a .csv or .csv.gz file.") from error
    rows = [row for row in found if readable(row)]
    if not rows:
        raise CannotStart(f"{file} holds no row with a readable open_dt.")
    return rows, len(found) - len(rows)


def opened(file: Path) -> IO[str]:
    if file.suffix == ".gz":
        return gzip.open(file, "rt", encoding="utf-8", errors="replace", newline="")
    return file.open(encoding="utf-8", errors="replace", newline="")


def readable(row: Row) -> bool:
    try:
        return bool(moment(row["open_dt"])) and (not row["closed_dt"] or bool(moment(row["closed_dt"])))
    except ValueError:
        return False


def moment(text: str) -> datetime:
    """The city's local time. Raises ValueError."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S")


def spread(rows: Sequence[Row], n: int) -> Iterator[Row]:
    count = min(n, len(rows))
    return (rows[index * len(rows) // count] for index in range(count))
