"""Copies of what other services told: one row per aggregate, replaced only by a newer version, in the database.

Duplicates, disorder and gaps cost nothing. An upsert that meets a duplicate key is tried once more, then it means
that something newer is there (taken at once for "newer", it left rows stale for ever in a trial).
"""
from collections.abc import Iterable
from typing import Any

from pymongo import ReplaceOne
from pymongo.errors import BulkWriteError

from chassis.store import duplicates

Row = dict[str, Any]  # with `_id` and `version`


def put_newer(collection: Any, rows: Iterable[Row]) -> int:
    """Replaces each row that is missing or not newer than ours; returns how many rows were sent."""
    newest: dict[Any, Row] = {}
    for row in rows:
        if row["_id"] not in newest or row["version"] >= newest[row["_id"]]["version"]:
            newest[row["_id"]] = row
    again = _put(collection, list(newest.values()))
    _put(collection, again)
    return len(newest)


def _put(collection: Any, rows: list[Row]) -> list[Row]:
    """The rows that met a duplicate key."""
    if not rows:
        return []
    writes = [ReplaceOne({"_id": row["_id"], "version": {"$lte": row["version"]}}, row, upsert=True) for row in rows]
    try:
        collection.bulk_write(writes, ordered=False)
    except BulkWriteError as error:
        return [rows[position] for position in duplicates(error)]
    return []
