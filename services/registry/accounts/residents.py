"""Residents who sign in by a code: an id for each address, whether it is a telephone's or an e-mail's, and nothing else.

The address lies under its marks, of every key of the ring, and sealed, so that it can be marked anew when the ring is
rotated. Two who come at once with the same address are one: no mark is there twice.
"""
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import uuid4

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from chassis.ring import Ring
from chassis.sealing import newest, opened, seal
from chassis.store import answering
from contracts.errors import Invalid
from services.registry.accounts.codes import spelled
from services.registry.accounts.documents import Resident


def resident_of(ring: Ring, address: str, at: datetime) -> str:
    """The id of whose address this is, a new one where they come for the first time. Raises Invalid for what is none."""
    place = spelled(address)
    marks, sealed = ring.marks("address", place), seal(ring, {"address": place})
    change = {"$set": {"marks": marks, "last_at": at, **sealed}, "$setOnInsert": {"_id": str(uuid4()), "made_at": at}}
    with answering():
        while True:
            with suppress(DuplicateKeyError):
                return str(_residents().find_one_and_update(
                    {"marks": {"$in": marks}}, change, {"_id": 1}, upsert=True, return_document=ReturnDocument.AFTER)["_id"])


def stands(resident: str) -> bool:
    with answering():
        return _residents().count_documents({"_id": resident}, limit=1) == 1


def of_addresses(ring: Ring, addresses: Iterable[str | None]) -> list[str]:
    """The ids of whoever signed in by one of these."""
    marks: list[str] = []
    for address in filter(None, addresses):
        with suppress(Invalid):
            marks += ring.marks("address", spelled(address))
    with answering():
        return [found["_id"] for found in _residents().find({"marks": {"$in": marks}}, {"_id": 1})]


def forget(residents: Iterable[str]) -> None:
    with answering():
        _residents().delete_many({"_id": {"$in": list(residents)}})


def mark_anew(ring: Ring) -> int:
    """Seals and marks with the ring's keys what the first has not written yet; returns how many. Cut off, it goes on where
    it stopped."""
    count = 0
    with answering():
        for found in _residents().find({"key": {"$ne": newest(ring)}}).batch_size(200):
            values = opened(ring, found)
            count += _residents().update_one({"_id": found["_id"], "sealed": found["sealed"]}, {
                "$set": {"marks": ring.marks("address", values["address"]), **seal(ring, values)}}).modified_count
    return count


def _residents() -> Any:
    return Resident._get_collection()
