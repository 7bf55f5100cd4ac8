"""The relay's side of the outboxes that lie in the aggregates' own documents.

Every entry has its own next time (`due`). What the broker confirmed is pulled by its id, which is free of races; what
it refused gets a later time, so that a stuck document holds back no other. Only the documents due are read, through
the sparse index on `outbox.due`.
"""
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pymongo import UpdateMany, UpdateOne

from chassis.clock import now

INDEX = "outbox.due_1"
FIRST_PAUSE, LONGEST_PAUSE = 2, 300  # seconds between tries of a refused event: doubled each time
STUCK_AFTER = 3  # tries

Snapshot = Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Outbox:
    """The outboxes of one collection. `snapshots`: by snapshot class, from (document, event's data) to plain JSON."""

    document: Any
    snapshots: dict[type, Snapshot] = field(default_factory=dict)

    @property
    def collection(self) -> Any:
        return self.document._get_collection()

    def due(self, limit: int) -> list[dict[str, Any]]:
        """Documents with entries whose time has come, oldest first as the index keeps them, without timelines."""
        query = {"outbox.due": {"$lte": now()}}
        return list(self.collection.find(query, {"timeline": 0}).hint(INDEX).limit(limit))

    def settle(self, confirmed: dict[Any, list[str]], refused: Iterable[tuple[Any, dict[str, Any]]]) -> None:
        """Pulls what was confirmed (document id → event ids), and gives each refused (document id, entry) a later time."""
        writes: list[Any] = [UpdateOne({"_id": key}, {"$pull": {"outbox": {"id": {"$in": ids}}}})
                             for key, ids in confirmed.items()]
        writes += [UpdateOne({"_id": key, "outbox.id": entry["id"]},
                             {"$set": {"outbox.$.due": later(entry["tries"]), "outbox.$.tries": entry["tries"] + 1}})
                   for key, entry in refused]
        if writes:
            # Majority, as the next read is: with less, that read would find what is pulled already, and publish it again.
            self.collection.bulk_write(writes, ordered=False)

    def waiting(self, limit: int = 0) -> int:
        """How many documents hold unpublished events; stops counting at `limit`."""
        options = {"limit": limit} if limit else {}
        return int(self.collection.count_documents({"outbox.due": {"$exists": True}}, hint=INDEX, **options))

    def oldest(self) -> datetime | None:
        """When the oldest unpublished event was due first, or None."""
        found = self.collection.find_one({"outbox.due": {"$exists": True}}, {"outbox.at": 1}, hint=INDEX)
        return min((entry["at"] for entry in found["outbox"]), default=None) if found else None

    def stuck(self) -> int:
        """How many documents hold an event that was refused STUCK_AFTER times or more."""
        query = {"outbox": {"$elemMatch": {"due": {"$exists": True}, "tries": {"$gte": STUCK_AFTER}}}}
        return int(self.collection.count_documents(query, hint=INDEX))

    def hurry(self) -> None:
        """Makes every waiting event due now, after an operator has mended what refused it."""
        query = {"outbox.due": {"$gt": now()}}
        self.collection.bulk_write([UpdateMany(query, {"$set": {"outbox.$[].due": now()}}, hint=INDEX)])


def later(tries: int) -> datetime:
    return now() + timedelta(seconds=min(FIRST_PAUSE * 2 ** min(tries, 10), LONGEST_PAUSE))


def publishable(document: dict[str, Any], at: datetime) -> list[dict[str, Any]]:
    """The entries that may go now: due, and none before them to the same exchange still waiting."""
    waiting: set[str] = set()
    found = []
    for entry in document["outbox"]:
        if entry["due"] > at or entry["exchange"] in waiting:
            waiting.add(entry["exchange"])
        else:
            found.append(entry)
    return found
