"""Copies of lives: another id, another neighbourhood with a point in it, and whole weeks and some seconds later or earlier.

Whole weeks, so that weekdays and office hours stay what they were.
"""
import copy
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from contracts.issues import IssueSnapshot
from contracts.schema import schema_of
from services.booklet.days import month_at
from services.booklet.documents import row_of
from services.issues.codes import tracking_code
from services.issues.documents import IssueMapping, snapshot
from services.issues.finding.shelves import derived
from services.issues.model import Issue

WEEK = timedelta(days=7)
MANY = 52  # weeks that the past is long
LATE = 3  # weeks, the last ones, with what is open
OPEN_LATELY, OPEN_EVER = 0.6, 0.005  # shares of what is open: of the last weeks, of all before
Document = dict[str, Any]
mapping = IssueMapping()


@dataclass(frozen=True)
class Place:
    """A neighbourhood; `box` is west, south, east, north of it, in degrees (None: no boundary is known)."""

    code: str
    name: str
    path: list[str]
    box: tuple[float, float, float, float] | None = None


class Pattern:
    """An issue as it would be stored, and its row."""

    def __init__(self, issue: Issue) -> None:
        self.issue = issue
        self.document: Document = {"_id": issue.id, "version": issue.version, **mapping.state(issue),
                                   "timeline": issue.moved, "outbox": []}
        self.row: Document = row_of(schema_of(IssueSnapshot).load(snapshot(self.document, {})))


class Past:
    """Makes copies, the oldest first."""

    def __init__(self, ended: Sequence[Pattern], open_ones: Sequence[Pattern], forgotten: Sequence[Pattern],
                 places: Sequence[Place]) -> None:
        self._ended, self._open, self._forgotten, self._places = ended, open_ones, forgotten, places
        self._chance = random.Random()  # another one each time: ids must be new

    def batch(self, begin: float, count: int) -> list[tuple[Document, Document]]:
        """So many issues with their rows, of a time within the past: 0 is its beginning, 1 is now."""
        weeks = int((1 - begin) * MANY)
        return [self._copy(*self._drawn(weeks)) for _ in range(count)]

    def _drawn(self, weeks: int) -> tuple[Pattern, timedelta]:
        """A pattern, and how much earlier its copy lives. What is open keeps its time, so that it is as late as it was."""
        if weeks < LATE and self._chance.random() < OPEN_LATELY:
            return self._chance.choice(self._open), timedelta()
        if self._chance.random() < OPEN_EVER:
            return self._chance.choice(self._forgotten), timedelta()
        return self._chance.choice(self._ended), weeks * WEEK

    def _copy(self, pattern: Pattern, earlier: timedelta) -> tuple[Document, Document]:
        key, place = str(UUID(int=self._chance.getrandbits(128), version=4)), self._chance.choice(self._places)
        shift = timedelta(seconds=self._chance.randrange(600)) - earlier
        found = moved(pattern.document, pattern.issue.id, key, shift)
        here = copy.copy(pattern.issue)
        here.neighbourhood, here.place = place.code, place.path
        found |= {"tracking_code": tracking_code(key), "neighbourhood": place.code, "neighbourhood_name": place.name,
                  "place": place.path, "point": self._point(place), **derived(here), "due_at": found["due_at"]}
        row = moved(pattern.row, pattern.issue.id, key, shift)
        row |= {"place": place.path, "area": "/".join(place.path), "month": month_at(found["filed_at"])}
        return found, row

    def _point(self, place: Place) -> dict[str, float] | None:
        if place.box is None:
            return None
        west, south, east, north = place.box
        return {"lon": self._chance.uniform(west, east), "lat": self._chance.uniform(south, north)}


def moved(value: Any, old: str, new: str, shift: timedelta) -> Any:
    """The same with another id wherever the id stands, alone or before a task's number, and every time shifted."""
    if isinstance(value, str):
        return new + value[len(old):] if value.startswith(old) else value
    if isinstance(value, datetime):
        return value + shift
    if isinstance(value, dict):
        return {name: moved(each, old, new, shift) for name, each in value.items()}
    return [moved(each, old, new, shift) for each in value] if isinstance(value, list | tuple) else value
