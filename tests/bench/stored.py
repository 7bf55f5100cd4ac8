"""A great many issues that are there already, as the service itself would have left them, and their rows in the booklet.

Made by the real model and mapping out of the sample's filed ones, most of them closed, filed over the last year. They
are inserted without outboxes: everything was told long ago.
"""
import copy
import random
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

from pymongo.errors import BulkWriteError

from chassis.clock import now
from chassis.store import duplicates
from contracts.issues import IssueSnapshot, TaskSnapshot
from services.booklet.documents import row_of
from services.issues.codes import tracking_code
from services.issues.documents import IssueMapping
from services.issues.model import Actor, Assignee, Issue
from tests.bench.running import Bench

BATCH = 1000
SEED = 7
MOVES = ((), ("accept",), ("accept", "finish"), *((("accept", "finish", "confirm"),) * 5))  # drawn evenly
TASK = ("id", "agency", "state", "offered_at", "accept_by", "due", "accepted_at", "done_at")
TOLD = ("id", "version", "confidential", "status", "tracking_code", "category", "neighbourhood", "filed_at", "updated_at",
        "times_not_fixed", "satisfaction", "closed_at", "closed_by")
Document = dict[str, Any]
mapping = IssueMapping()


class Past:
    """Makes issues out of filed ones that were routed to an agency with a queue."""

    def __init__(self, filed: list[Document]) -> None:
        self._patterns = [mapping.aggregate(document) for document in filed]
        self._chance = random.Random(SEED)

    def filed(self, just_now: bool = False) -> Issue:
        """One that was filed and routed like one of the patterns; some time in the last year, or now."""
        key = str(uuid4())
        pattern = self._chance.choice(self._patterns)
        at = now() - timedelta(minutes=0 if just_now else self._chance.uniform(1, 365 * 24 * 60))
        issue = replace(copy.copy(pattern), id=key, version=0, tracking_code=tracking_code(key), filed_at=at, updated_at=at,
                        tasks=[], commands=[], recorded=[], moved=[])
        issue.file()
        issue.offer(Assignee(pattern.tasks[0].agency, queued=True), Actor("router"), at)
        return issue

    def lived(self) -> Issue:
        """One with a part of its life behind it; each move made it another version."""
        issue = self.filed()
        moves = self._chance.choice(MOVES)
        for hours, move in enumerate(moves, 1):
            at = issue.filed_at + timedelta(hours=hours)
            if move == "confirm":
                issue.confirm(self._chance.randint(1, 5), None, at)
            else:
                issue.move(issue.tasks[0].id, move, Actor("agency", issue.tasks[0].agency), at, text="انجام شد")
        issue.version = 1 + len(moves)
        return issue


def told_long_ago(issue: Issue) -> Document:
    return {"_id": issue.id, "version": issue.version, **mapping.state(issue), "timeline": issue.moved, "outbox": []}


def not_told_yet(issue: Issue) -> Document:
    """As it is just filed: its events wait in its outbox."""
    timeline, outbox = mapping.news(issue, 1)
    return {"_id": issue.id, "version": 1, **mapping.state(issue), "timeline": timeline, "outbox": outbox}


def row(issue: Issue) -> Document:
    """Its row in the booklet, by the booklet's own hand."""
    tasks = tuple(TaskSnapshot(**{name: getattr(task, name) for name in TASK}) for task in issue.tasks)
    return row_of(IssueSnapshot(**{name: getattr(issue, name) for name in TOLD}, place=tuple(issue.place), tasks=tasks))


def past_of(bench: Bench) -> Past:
    as_filed = {"tasks.0.queued": True, "version": 1}
    return Past(list(bench.ours.ground.store("issues", "issues").find(as_filed).limit(100)))


def fill(bench: Bench) -> None:
    """Stores as many as are missing to the wanted number."""
    ground, past, wanted = bench.ours.ground, past_of(bench), bench.settings.stored - bench.stored()
    told = bench.tell(f"storing {max(wanted, 0):,} issues")
    for done in range(0, wanted, BATCH):
        issues = [past.lived() for _ in range(min(BATCH, wanted - done))]
        stored = inserted(ground.store("issues", "issues"), issues)
        ground.store("booklet", "issues").insert_many([row(issue) for issue in stored], ordered=False)
        told(done / wanted)
    bench.say(f"{bench.stored():,} issues are stored")


def inserted(store: Any, issues: list[Issue]) -> list[Issue]:
    """Those that could be stored: among so many now and then two have the same tracking code, and the second is left out."""
    try:
        store.insert_many([told_long_ago(issue) for issue in issues], ordered=False)
    except BulkWriteError as error:
        refused = duplicates(error)
        return [issue for at, issue in enumerate(issues) if at not in refused]
    return issues
