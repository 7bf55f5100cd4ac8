"""The relay's side of the outboxes that lie in the aggregates' own documents.

Every entry has its own next time (`due`). What the broker confirmed is pulled by its id, which is free of races; what
it refused gets a later time, and so does what waits behind it, so that a stuck document holds back no other. Only the
documents due are read, through the sparse index on `outbox.due`.
"""
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pymongo import UpdateOne

from chassis.clock import now

INDEX = "outbox.due_1"
FIRST_PAUSE, LONGEST_PAUSE = 2, 300  # seconds between tries of a refused event: doubled each time
STUCK_AFTER = 3  # tries

Entry = dict[str, Any]
Place = tuple[str, str]  # an exchange and a key
Snapshot = Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Depth:
    """Documents with unpublished events; those with one refused STUCK_AFTER times or more; when the oldest was told."""

    waiting: int = 0
    stuck: int = 0
    oldest: datetime | None = None


MEASURING: list[dict[str, Any]] = [
    {"$match": {"outbox.due": {"$exists": True}}},
    {"$project": {"at": {"$min": "$outbox.at"}, "tries": {"$max": "$outbox.tries"}}},
    {"$group": {"_id": None, "waiting": {"$sum": 1}, "oldest": {"$min": "$at"},
                "stuck": {"$sum": {"$cond": [{"$gte": ["$tries", STUCK_AFTER]}, 1, 0]}}}},
    {"$unset": "_id"}]


@dataclass(frozen=True)
class Outbox:
    """The outboxes of one collection. `snapshots`: by snapshot class, from (document, event's data) to plain JSON.

    `has_reader`: of an entry that the broker returned, whether somebody should read there now. Where not, it is done.
    `as_told`: an entry as it may be published of the document as it is now, which may have changed since.
    """

    document: Any
    snapshots: dict[type, Snapshot] = field(default_factory=dict)
    has_reader: Callable[[Entry], bool] = lambda entry: True
    as_told: Callable[[dict[str, Any], Entry], Entry] = lambda document, entry: entry

    @property
    def collection(self) -> Any:
        return self.document._get_collection()

    def due(self, limit: int) -> list[dict[str, Any]]:
        """Documents with entries whose time has come, oldest first as the index keeps them, without timelines."""
        query = {"outbox.due": {"$lte": now()}}
        return list(self.collection.find(query, {"timeline": 0}).hint(INDEX).limit(limit))

    def settle(self, confirmed: dict[Any, list[str]], refused: Iterable[tuple[Any, Entry]]) -> None:
        """Pulls what was confirmed (document id → event ids), and gives each refused (document id, entry) a later time."""
        # Majority, as the next read is: with less, that read would find what is pulled already, and publish it again.
        if confirmed:
            ids = [each for ids in confirmed.values() for each in ids]
            self.collection.update_many({"_id": {"$in": list(confirmed)}}, {"$pull": {"outbox": {"id": {"$in": ids}}}})
        writes = [_set(key, entry, due=later(entry["tries"]), tries=entry["tries"] + 1) for key, entry in refused]
        if writes:
            self.collection.bulk_write(writes, ordered=False)

    def postpone(self, held: Iterable[tuple[Any, Entry, datetime]]) -> None:
        """Gives each (document id, entry, time) that time, without counting it as a try."""
        writes = [_set(key, entry, due=until) for key, entry, until in held]
        if writes:
            self.collection.bulk_write(writes, ordered=False)

    def waiting(self, limit: int = 0) -> int:
        """How many documents hold unpublished events; stops counting at `limit`."""
        options = {"limit": limit} if limit else {}
        return int(self.collection.count_documents({"outbox.due": {"$exists": True}}, hint=INDEX, **options))

    def depth(self) -> Depth:
        """Counted in one pass over every document that holds unpublished events."""
        found = list(self.collection.aggregate(MEASURING, hint=INDEX))
        return Depth(**found[0]) if found else Depth()

    def hurry(self) -> int:
        """Makes every waiting event due now, after an operator has mended what refused it. Returns of how many documents."""
        query = {"outbox.due": {"$gt": now()}}
        return int(self.collection.update_many(query, {"$set": {"outbox.$[].due": now()}}, hint=INDEX).modified_count)


def later(tries: int) -> datetime:
    return now() + timedelta(seconds=min(FIRST_PAUSE * 2 ** min(tries, 10), LONGEST_PAUSE))


def _set(key: Any, entry: Entry, **values: Any) -> UpdateOne:
    return UpdateOne({"_id": key, "outbox.id": entry["id"]},
                     {"$set": {f"outbox.$.{name}": value for name, value in values.items()}})


def place_of(entry: Entry) -> Place:
    return entry["exchange"], entry["key"]


def sorted_out(document: dict[str, Any], at: datetime,
               silent: Mapping[Place, datetime]) -> tuple[list[Entry], list[tuple[Entry, datetime]]]:
    """The entries that may go now, and those that are due but must wait, with the time when their turn comes.

    What goes to one place keeps its order: an entry waits behind an earlier one that is not due, and for as long as
    its place is `silent`. Another agency's events need not wait.
    """
    waiting = {place: until for place, until in silent.items() if until > at}
    may_go, held = [], []
    for entry in document["outbox"]:
        place = place_of(entry)
        if entry["due"] > at:
            waiting[place] = max(entry["due"], waiting.get(place, at))
        elif place in waiting:
            held.append((entry, waiting[place]))
        else:
            may_go.append(entry)
    return may_go, held
