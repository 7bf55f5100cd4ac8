"""What the booklet publishes of the replayed issues: its own rows, in a MongoDB, counted by its own definitions.

Each request is a neighbourhood of its own, so that the booklet has a line for each. Its database is new, and dropped.
"""
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import mongoengine

from chassis import database, indexes, settings
from contracts.envelope import Received
from contracts.issues import IssueRestated, IssueSnapshot
from contracts.schema import schema_of
from deploy.local.errors import CannotStart
from services.booklet import reading, use_cases
from services.booklet.questions import Question
from services.issues.documents import IssueMapping, snapshot
from services.issues.model import Issue

AT_ONCE = 1000  # issues
SERVICE = "booklet"


@dataclass(frozen=True)
class Numbers:
    """`overdue`: the ids of the issues whose line has none on time. `published`: the total of all lines."""

    overdue: frozenset[str]
    published: dict[str, Any]


@contextmanager
def booklet() -> Iterator[None]:
    """A database of the booklet's, with its indexes, for as long as it is needed. Raises CannotStart."""
    found = replace(settings.read(SERVICE), database=f"replay-{secrets.token_hex(4)}")
    database.connect(SERVICE, found)
    try:
        if not database.answers(SERVICE):
            raise CannotStart("MongoDB does not answer. Use make replay, or set MONGO_URI.")
        try:
            indexes.make(SERVICE)
            yield
        finally:
            mongoengine.get_connection(SERVICE).drop_database(mongoengine.get_db(SERVICE).name)
    finally:
        mongoengine.disconnect(SERVICE)


def keep(issues: list[Issue], advance: Callable[[int], None] = lambda number: None) -> None:
    """Tells the booklet of every issue as it is now. `advance` is given how many more it knows."""
    for start in range(0, len(issues), AT_ONCE):
        told = [received(issue) for issue in issues[start:start + AT_ONCE]]
        use_cases.keep_issues(told)
        advance(len(told))


def received(issue: Issue) -> Received:
    """As the relay tells it and a reader reads it."""
    document = {"_id": issue.id, "version": issue.version, **IssueMapping().state(issue)}
    told: IssueSnapshot = schema_of(IssueSnapshot).load(snapshot(document, {}))
    return Received(issue.id, IssueRestated(issue.id), told, "", issue.version, issue.updated_at)


def numbers(at: datetime) -> Numbers:
    """As they are read at a moment."""
    question = Question("neighbourhood")
    stages = reading.stages(question, reading.narrowed(question, ()), at, {})
    lines, total = reading.lines(stages, lambda place: (place.rpartition("/")[2],))
    overdue = frozenset(code for code, line in lines.items() if line.published()["on_time_share"] == 0)
    return Numbers(overdue, total.published())
