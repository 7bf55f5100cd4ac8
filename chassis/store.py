"""One document, one write: state, `version`, timeline and unpublished events of an aggregate, in one atomic step.

A new document is inserted, never upserted. A change is conditional on the version that was read; when somebody else
was faster, the decision is made again on what they left, a bounded number of times. Only `$push` (here) and `$pull`
(the relay) touch `outbox`. mongoengine's `save()` is not used on purpose: it loses concurrent updates and brings
published events back.
"""
import random
import time
from collections.abc import Callable, Sequence
from typing import Any, Generic, Protocol, TypeVar

import mongoengine as me
from pymongo.errors import BulkWriteError, ConnectionFailure, ExecutionTimeout, WTimeoutError

from contracts.errors import Unavailable, not_found, unavailable

TRIES = 12
AWAY = (ConnectionFailure, WTimeoutError, ExecutionTimeout)  # the database does not answer; the outcome is unknown


class Stored(me.Document):
    """Base of documents with a version and an outbox. Found through the sparse index on `outbox.due`."""

    version = me.IntField()
    outbox = me.ListField(me.DictField())
    meta = {"abstract": True, "auto_create_index": False, "strict": False,
            "indexes": [{"fields": ["outbox.due"], "sparse": True}]}


class Aggregate(Protocol):
    """What the store needs of a model: who it is and which version was read (0 for a new one)."""

    id: str
    version: int


A = TypeVar("A", bound=Aggregate)


class Mapping(Protocol[A]):
    """Between an aggregate and its document. `news` gives the timeline entries and the outbox entries of a decision.

    A `state` that holds a `timeline` replaces the stored one, whole; else the new entries are added to it.
    """

    def state(self, aggregate: A) -> dict[str, Any]: ...
    def aggregate(self, document: dict[str, Any]) -> A: ...
    def news(self, aggregate: A, version: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]: ...


class Store(Generic[A]):
    """The aggregates of one collection. Raises Unavailable (503) when the database does not answer."""

    def __init__(self, document: Any, mapping: Mapping[A]) -> None:
        self._document = document
        self._mapping = mapping

    @property
    def _collection(self) -> Any:
        return self._document._get_collection()

    def find(self, **query: Any) -> A | None:
        """One aggregate, or None."""
        with answering():
            document = self._collection.find_one(query, {"outbox": 0})
        return self._mapping.aggregate(document) if document else None

    def add(self, aggregates: Sequence[A]) -> list[str | None]:
        """New aggregates in one `insert_many`. For each None, or the name of the unique index that refused it."""
        documents = [self._new(aggregate) for aggregate in aggregates]
        refused: dict[int, str] = {}
        with answering():
            try:
                self._collection.insert_many(documents, ordered=False)
            except BulkWriteError as error:
                refused = duplicates(error)
        for position, aggregate in enumerate(aggregates):
            if position not in refused:
                aggregate.version = 1
        return [refused.get(position) for position in range(len(documents))]

    def _new(self, aggregate: A) -> dict[str, Any]:
        timeline, outbox = self._mapping.news(aggregate, 1)
        return {"_id": aggregate.id, "version": 1, **self._mapping.state(aggregate), "timeline": timeline,
                "outbox": outbox}

    def change(self, query: dict[str, Any], decide: Callable[[A], bool]) -> A:
        """Loads, decides, saves. `decide` returns False when there is nothing to save.

        Raises what `decide` raises, NotFound where there is no such aggregate, and Unavailable when others were
        faster TRIES times in a row.
        """
        for attempt in range(TRIES):
            aggregate = self.find(**query)
            if aggregate is None:
                raise not_found()
            if not decide(aggregate) or self._save(aggregate):
                return aggregate
            time.sleep(random.uniform(0, 0.004 * 2 ** min(attempt, 6)))
        raise Unavailable("busy", "هم‌زمان چند نفر روی این مورد کار می‌کنند. دوباره تلاش کنید.",
                          "Several people are working on this at the moment. Try again.", retry_after=1)

    def _save(self, aggregate: A) -> bool:
        version = aggregate.version + 1
        timeline, outbox = self._mapping.news(aggregate, version)
        state = self._mapping.state(aggregate)
        told = {} if "timeline" in state else {"timeline": {"$each": timeline}}
        update = {"$set": state, "$inc": {"version": 1}, "$push": {**told, "outbox": {"$each": outbox}}}
        with answering():
            done = self._collection.update_one({"_id": aggregate.id, "version": version - 1}, update)
        if done.matched_count:
            aggregate.version = version
        return bool(done.matched_count)


def duplicates(error: BulkWriteError) -> dict[int, str]:
    """Position → name of the unique index, of an unordered insert. A write that nobody confirmed is Unavailable."""
    failures = error.details["writeErrors"]
    if error.details["writeConcernErrors"]:
        raise unavailable() from error
    if any(failure["code"] != 11000 for failure in failures):
        raise error
    return {failure["index"]: failure["errmsg"].partition("index: ")[2].partition(" ")[0] for failure in failures}


class answering:
    """Turns "the database does not answer" into Unavailable, once, for every query."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, AWAY):
            raise unavailable() from error
