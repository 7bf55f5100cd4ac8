"""What may not be told any more: issues that have become confidential after something was told of them.

Every event of a confidential issue marks it and forgets what its deliveries are about; what is still queued is not sent. An
older event that comes late finds the mark: it is looked for after the deliveries were put down, so that of two processes,
one with the old event and one with the new, the later always sees what the earlier did.
"""
from collections.abc import Iterable
from typing import Any

import mongoengine as me
from pymongo import UpdateOne

from chassis.clock import now
from services.notifications.documents import Delivery

FORGETTING: list[dict[str, Any]] = [
    {"$replaceWith": {"$mergeObjects": ["$$ROOT", {
        "about": {"issue": "$about.issue"},
        "state": {"$cond": [{"$eq": ["$state", "queued"]}, "skipped", "$state"]},
        "error": {"$cond": [{"$eq": ["$state", "queued"]}, "confidential", "$error"]}}]}},
    {"$unset": "taken"}]  # a sender that has it in hand does not mark it any more


class Hushed(me.Document):
    """An issue of which nothing is told. Kept for as long as events of it may come."""

    id = me.StringField(primary_key=True)
    meta = {"db_alias": "notifications", "collection": "hushed", "auto_create_index": False, "strict": False}


def hush(issues: Iterable[str]) -> None:
    """Marks these issues as confidential and forgets what was told of them. Idempotent."""
    ids = sorted(set(issues))
    if ids:
        Hushed._get_collection().bulk_write(
            [UpdateOne({"_id": each}, {"$setOnInsert": {"at": now()}}, upsert=True) for each in ids], ordered=False)
        _forget(ids)


def forget_what_is_hushed(issues: Iterable[str]) -> None:
    """After deliveries about these issues were put down: forgets those that should never have been."""
    about = sorted(set(issues))
    found = Hushed._get_collection().find({"_id": {"$in": about}}, {"_id": 1}) if about else ()
    if ids := [each["_id"] for each in found]:
        _forget(ids)


def _forget(ids: list[str]) -> None:
    """Of each delivery all but for whom it was, what kind of letter, when, and what became of it."""
    Delivery._get_collection().update_many({"about.issue": {"$in": ids}, "about.place": {"$exists": True}}, FORGETTING)
