"""What is personal, at rest: one ciphertext for all of it, and under `key` the mark of the key that wrote it.

The mark tells which documents the newest key has not written yet, and nothing else. Nothing personal is kept beside it, not
as a hash or an index either: equal names would look equal, and names are few enough to try them all.
"""
from collections.abc import Mapping
from typing import Any

import orjson
from pymongo.errors import BulkWriteError

from chassis.ring import Ring
from chassis.store import answering, duplicates


def seal(ring: Ring, values: Mapping[str, Any]) -> dict[str, Any]:
    """The two fields of a document that hold these values."""
    return {"sealed": ring.encrypt(orjson.dumps(values).decode()), "key": newest(ring)}


def opened(ring: Ring, document: Mapping[str, Any]) -> dict[str, Any]:
    """The values, empty where the document holds none. Raises ring.Unreadable where their key was taken out."""
    return dict(orjson.loads(ring.decrypt(document["sealed"]))) if document.get("sealed") else {}


def insert_missing(collection: Any, documents: list[dict[str, Any]]) -> set[str]:
    """Inserts those whose id is not taken, and returns the ids that are: somebody was faster, or it was erased."""
    try:
        if documents:
            collection.insert_many(documents, ordered=False)
    except BulkWriteError as error:
        return {documents[position]["_id"] for position in duplicates(error)}
    return set()


def newest(ring: Ring) -> str:
    """What `key` says when the ring's first key wrote."""
    return ring.mark("key")


def rewritten(collection: Any, ring: Ring) -> int:
    """Writes anew with the first key what another one wrote, document by document; cut off, it goes on where it stopped.

    How many those were. What somebody changes meanwhile is the first key's already. Needs an index on `key`. Raises
    ring.Unreadable where a key that wrote one was taken out too early.
    """
    key, count = newest(ring), 0
    with answering():
        for found in collection.find({"key": {"$exists": True, "$ne": key}}, {"sealed": 1}).batch_size(200):
            count += collection.update_one({"_id": found["_id"], "sealed": found["sealed"]}, {
                "$set": {"sealed": ring.rotate(found["sealed"]), "key": key}}).modified_count
    return count
