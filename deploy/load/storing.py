"""Writes the copies: two processes, a thousand in one write, and the indexes of lists afterwards.

Kept up all the while, those indexes cost three times as long and grow to thrice the size, for what is inserted lies all
over them.
"""
import multiprocessing
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from pymongo import IndexModel, MongoClient
from pymongo.errors import BulkWriteError

from chassis.store import duplicates
from deploy.load.past import Document, Past
from deploy.load.patterns import Patterns
from deploy.local.errors import CannotStart
from services.issues.documents import IssueDocument

PROCESSES, BATCH = 2, 1000
KEPT = ("tracking_code", "tasks.id", "outbox.due", "next_due_at")  # by their first fields: what the platform needs meanwhile
Tell = Callable[[float], None]  # how much of it is over, 0 to 1


@dataclass(frozen=True)
class Stores:
    """Where the two databases are, by MongoDB's address and the names of the databases."""

    uri: str
    issues: str
    booklet: str

    def collections(self, client: Any) -> tuple[Any, Any]:
        return client[self.issues]["issues"], client[self.booklet]["issues"]


def store(stores: Stores, patterns: Patterns, count: int, tell: Tell) -> None:
    """Stores so many, but for the few that share a tracking code with another, and makes the indexes of lists."""
    client: MongoClient[Document] = MongoClient(stores.uri)
    issues, _ = stores.collections(client)
    drop(issues, models(kept=False))
    fork = multiprocessing.get_context("fork")
    done = fork.Value("q", 0)
    workers = [fork.Process(target=_work, args=(stores, patterns, count, part, done), daemon=True)
               for part in range(PROCESSES)]
    try:
        for worker in workers:
            worker.start()
        while any(worker.is_alive() for worker in workers):
            tell(done.value / count)
            time.sleep(0.5)
    finally:
        issues.create_indexes(models(kept=False))
        client.close()
    if any(worker.exitcode for worker in workers):
        raise CannotStart(f"only {done.value:,} could be stored: the database refused more, or a process was stopped.")


def _work(stores: Stores, patterns: Patterns, count: int, part: int, done: Any) -> None:
    client: MongoClient[Document] = MongoClient(stores.uri, w=1, journal=False)
    past = Past(patterns.ended, patterns.open, patterns.forgotten, patterns.places)
    for begin in range(part * BATCH, count, PROCESSES * BATCH):
        size = min(BATCH, count - begin)
        insert(*stores.collections(client), past.batch(begin / count, size))
        with done.get_lock():
            done.value += size


def insert(issues: Any, rows: Any, copies: list[tuple[Document, Document]]) -> None:
    """Issues and then their rows; of the issues that a tracking code already taken keeps out, no row."""
    refused: Iterable[int] = ()
    try:
        issues.insert_many([issue for issue, _ in copies], ordered=False)
    except BulkWriteError as error:
        refused = duplicates(error)
    rows.insert_many([row for at, (_, row) in enumerate(copies) if at not in refused], ordered=False)


def models(kept: bool) -> list[IndexModel]:
    """The declared indexes: those that are KEPT, or those that nothing but lists and searches needs."""
    return [IndexModel(spec["fields"], **{name: value for name, value in spec.items() if name not in ("fields", "cls")})
            for spec in IssueDocument._meta["index_specs"] if (spec["fields"][0][0] in KEPT) is kept]


def drop(issues: Any, declared: list[IndexModel]) -> None:
    there = issues.index_information()
    for model in declared:
        if model.document["name"] in there:
            issues.drop_index(model.document["name"])
