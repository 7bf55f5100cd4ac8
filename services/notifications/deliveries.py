"""The queue of deliveries: taken oldest first under a lease, marked with what became of each.

A delivery belongs to the sender whose token it bears, until `next_at`. A sender that dies leaves it to the next one
when the lease ends; if it died after sending and before marking, that message is sent twice.
"""
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from pymongo import UpdateOne

from services.notifications.documents import Delivery

LEASE = timedelta(seconds=300)  # longer than any turn of a sender may take
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=15), timedelta(hours=1)  # between tries: doubled each time
GIVE_UP_AFTER = timedelta(days=3)  # of being told "later" by the other side


@dataclass(frozen=True)
class Outcome:
    """What became of one try: the state it is in now, through which channel, and the class of the error if any.

    `cursor`: it goes on at once from there, because there are more to spread it to.
    """

    delivery: dict[str, Any]
    state: str
    channel: str
    error: str | None = None
    cursor: str | None = None


def take(most: int, at: datetime) -> list[dict[str, Any]]:
    """Deliveries whose time has come, now ours alone until the lease ends."""
    collection = Delivery._get_collection()
    due = {"state": "queued", "next_at": {"$lte": at}}
    ids = [row["_id"] for row in collection.find(due, {"_id": 1}).hint("due").sort("next_at", 1).limit(most)]
    if not ids:
        return []
    token = str(uuid4())
    collection.update_many({"_id": {"$in": ids}, **due}, {"$set": {"next_at": at + LEASE, "taken": token}})
    return list(collection.find({"_id": {"$in": ids}, "taken": token}))


def mark(outcomes: Iterable[Outcome], at: datetime) -> None:
    """Writes what became of each, unless its lease has passed to another sender."""
    writes = [UpdateOne({"_id": outcome.delivery["_id"], "taken": outcome.delivery["taken"]}, _change(outcome, at))
              for outcome in outcomes]
    if writes:
        Delivery._get_collection().bulk_write(writes, ordered=False)


def _change(outcome: Outcome, at: datetime) -> dict[str, Any]:
    tries = outcome.delivery["tries"]
    values: dict[str, Any] = {"state": outcome.state, "channel": outcome.channel, "tries": tries + 1, "error": outcome.error}
    if outcome.state == "sent":
        values["sent_at"] = at
    if outcome.cursor:
        values |= {"next_at": at, "tries": 0, "cursor": outcome.cursor}
    elif outcome.state == "queued":
        values["next_at"] = at + pause(tries)
    return {"$set": values, "$unset": {"taken": ""}}


def pause(tries: int) -> timedelta:
    return min(FIRST_PAUSE * 2 ** min(tries, 10), LONGEST_PAUSE)


def too_old(delivery: dict[str, Any], at: datetime) -> bool:
    return bool(at - delivery["created_at"] > GIVE_UP_AFTER)
