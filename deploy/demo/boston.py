"""Rows of Boston's 311 file (2011) as scripts. It is replayed as a mapping and never shown as Alborz's data.

    type                     a category of the platform, by `boston.json`; every other type is `other`, which no rule
                             routes, so that the secretary gives it to an agency by hand
    neighbourhood and ward   one of the sample's neighbourhoods, always the same one; where the city names none, the
                             coordinates, in squares of about a kilometre, take their place
    open_dt                  the order and the distances of arrivals, sped up
    closed_dt                the agency accepts and finishes after as long, sped up likewise; what the city closed after
                             its deadline is started in between. Never closed: accepted and left where the city set a
                             deadline, left unanswered where it set none
    closure_reason           refused where it says that another agency was meant; the resident says "not fixed" where it
                             says that nobody got in, and nothing where it only notes, rejects or merges the case; else
                             the resident confirms

The file holds no satisfaction: 5 is given for work on time and 3 for late work, by this module, which says so.
"""
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from deploy.demo.scripts import LONGEST, RATE, Script, Source
from deploy.replay.rows import Row, moment, read, spread

LABEL = "بازپخش داده‌های سال ۲۰۱۱ شهر بوستون؛ دادهٔ البرز نیست"
TITLE = "بازپخش بوستون"
TOLD = "replayed requests to the City of Boston (311, 2011) on the sample province; not data of Alborz"
SATISFIED, LESS = 5, 3
MOST_WORDS = 500  # characters of the city's closing words that are handed on
TABLE = json.loads(Path(__file__).with_name("boston.json").read_text(encoding="utf-8"))
CATEGORY = {kind: category for category, kinds in TABLE["categories"].items() for kind in kinds}


@dataclass(frozen=True)
class Pace:
    """How the file's time becomes ours: from `first` on, `factor` of our seconds for each of the city's."""

    first: datetime
    factor: float

    def after(self, row: Row) -> float:
        return (moment(row["open_dt"]) - self.first).total_seconds() * self.factor

    def takes(self, row: Row) -> float:
        if not row["closed_dt"]:
            return 0.0
        real = (moment(row["closed_dt"]) - moment(row["open_dt"])).total_seconds()
        return min(max(real, 0) * self.factor, LONGEST)


def source(file: Path, n: int, neighbourhoods: Sequence[str]) -> Source:
    """`n` rows spread evenly over the file, all where it has fewer, in the order in which they came. Raises CannotStart."""
    rows, unread = read(file)
    chosen = sorted(spread(rows, n), key=lambda row: row["open_dt"])
    pace = pace_of(chosen)
    scripts = tuple(script_of(number, row, pace, neighbourhoods) for number, row in enumerate(chosen))
    unmapped = sum(script.category == "other" for script in scripts)
    notes = (f"{len(scripts)} of {len(rows)} rows, spread evenly"
             + (f"; {unread} rows without readable times were left out" if unread else ""),
             f"{unmapped} of a type that the table does not map, filed as other",
             f"one of our seconds is {1 / pace.factor / 3600:.1f} h of the city's; no work takes more than {LONGEST:g} s"
             if pace.factor else "all rows came at the same moment",
             f"the file knows no satisfaction: {SATISFIED} stands for on time, {LESS} for late")
    return Source(LABEL, TOLD, scripts, notes)


def pace_of(rows: Sequence[Row]) -> Pace:
    """So that they arrive at RATE a second on average."""
    first, last = moment(rows[0]["open_dt"]), moment(rows[-1]["open_dt"])
    real = (last - first).total_seconds()
    return Pace(first, len(rows) / RATE / real if real else 0.0)


def script_of(number: int, row: Row, pace: Pace, neighbourhoods: Sequence[str]) -> Script:
    """One row."""
    steps, resident = answers(row)
    late, kind, where = row["ontime"] == "OVERDUE", row["type"][:150] or "Request", row["neighborhood"] or "Boston"
    words = " ".join(row["closure_reason"].split())[:MOST_WORDS] or "Closed by the city without a word."
    return Script(
        number, pace.after(row), CATEGORY.get(row["type"], "other"), place_of(row, neighbourhoods), f"{TITLE}: {kind}",
        f"{kind}: {where}, {row['open_dt']}", steps, takes=pace.takes(row), words=words, resident=resident,
        satisfaction=LESS if late else SATISFIED, reason=words, late=late if row["ontime"] else None)


def answers(row: Row) -> tuple[tuple[str, ...], str]:
    """What the agency does, and what the resident then says."""
    if not row["closed_dt"]:
        return (("accept",) if row["target_dt"] else ()), ""
    if says(row, "refused"):
        return ("refuse",), ""
    steps = ("accept", "start", "finish") if row["ontime"] == "OVERDUE" else ("accept", "finish")
    return steps, "not_fixed" if says(row, "not_fixed") else "" if says(row, "no_word") else "confirm"


def says(row: Row, what: str) -> bool:
    return any(phrase in row["closure_reason"] for phrase in TABLE[what])


def place_of(row: Row, neighbourhoods: Sequence[str]) -> str:
    """The same place of the city is always the same neighbourhood; crc32, because hash() differs from run to run."""
    square = f"{row['latitude'][:5]},{row['longitude'][:6]}"
    place = f"{row['neighborhood']}|{row['ward']}" if row["neighborhood"] else square
    return neighbourhoods[zlib.crc32(place.encode()) % len(neighbourhoods)]
