"""Addresses of agencies and people, apart from their records and encrypted; and who was given one, when, about whom and why.

`give` is the one way out. The record of a read is written before the address leaves, never holds the address, and is kept
for KEPT. An erased address leaves an empty document behind, so that no write that was late brings it back.
"""
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import mongoengine as me
from pymongo.errors import DuplicateKeyError

from chassis.clock import now
from chassis.paging import newest_first
from chassis.ring import CONTACT_KEYS, Ring
from chassis.sealing import insert_missing, opened, seal
from chassis.store import answering
from contracts.errors import Malformed, not_found
from contracts.schema import instant

KEPT = timedelta(days=365)  # a read is remembered
LONGEST = 200  # characters of a reason
KINDS = ("agency", "person", "team")  # of whom an address or names are shown
Address = dict[str, Any]  # telephone, email


class Contact(me.Document):
    """`<kind>:<code>` of an agency or a person; `sealed` holds the address; `erased`: there will be none any more."""

    id = me.StringField(primary_key=True)
    key = me.StringField()
    meta = {"db_alias": "registry", "collection": "contacts", "auto_create_index": False, "strict": False,
            "indexes": [{"fields": ["key"]}]}


class ContactRead(me.Document):
    """Who asked about whom, when and why. Ids begin with the time (UTC), so they sort by it."""

    id = me.StringField(primary_key=True)
    kind = me.StringField()
    code = me.StringField()
    at = me.DateTimeField()
    meta = {"db_alias": "registry", "collection": "contact_reads", "auto_create_index": False, "strict": False, "indexes": [
        {"fields": ["at"], "expireAfterSeconds": int(KEPT.total_seconds())}, {"fields": ["code", "id"]}]}


DOCUMENTS = [Contact, ContactRead]


def give(kind: str, code: str, asked_by: str, why: str, via: str | None = None) -> Address:
    """The address of an agency or a person, empty where none is known; whoever asked is remembered first.

    `via` is the seat, or the place's team, by which a person was meant. Raises Malformed where no reason is given, or a
    long one.
    """
    note_read(kind, [code], asked_by, why, via)
    return address_of(kind, code)


def note_read(kind: str, codes: list[str], asked_by: str, why: str | None, via: str | None = None) -> None:
    """Remembers that somebody was shown what is personal of these. Raises Malformed as `give` does."""
    if not why or not why.strip() or len(why) > LONGEST:
        raise Malformed("reason_needed", f"بنویسید برای چه لازم است (why)، حداکثر {LONGEST} نویسه.",
                        f"Say what it is needed for (why), in {LONGEST} characters at most.")
    at = now()
    read = {"kind": kind, "asked_by": asked_by, "why": why, "at": at, **({"via": via} if via else {})}
    reads = [{"_id": f"{at:%Y-%m-%dT%H:%M:%S.%f}-{secrets.token_hex(6)}", "code": code, **read} for code in codes]
    if reads:
        with answering():
            ContactRead._get_collection().insert_many(reads)


def address_of(kind: str, code: str) -> Address:
    """For the registry's own deeds; whoever hands it to somebody uses `give`."""
    with answering():
        found = Contact._get_collection().find_one({"_id": f"{kind}:{code}"}) or {}
    return opened(Ring.from_settings(CONTACT_KEYS), found)


def enter(kind: str, addresses: dict[str, Address]) -> None:
    """Keeps the addresses of those that have none yet, by code. Of who was erased none is kept."""
    ring = Ring.from_settings(CONTACT_KEYS)
    given = {f"{kind}:{code}": address for code, address in addresses.items() if address}
    with answering():
        there = {found["_id"] for found in Contact._get_collection().find({"_id": {"$in": sorted(given)}}, {"_id": 1})}
        insert_missing(Contact._get_collection(), [
            {"_id": key, **seal(ring, address)} for key, address in given.items() if key not in there])


def keep(kind: str, code: str, address: Address) -> None:
    """Raises NotFound where it was erased."""
    change(kind, code, lambda _: address)


def change(kind: str, code: str, alter: Callable[[Address], Address]) -> None:
    """Keeps what `alter` makes of the address, without what is empty; decided again where somebody else was faster.

    Raises NotFound where it was erased.
    """
    ring, key = Ring.from_settings(CONTACT_KEYS), {"_id": f"{kind}:{code}"}
    with answering():
        while True:
            found = Contact._get_collection().find_one(key) or {}
            if found.get("erased"):
                raise not_found()
            known = opened(ring, found)
            altered = {name: value for name, value in alter(known).items() if value}
            if altered == known or _written(key, found.get("sealed"), seal(ring, altered)):
                return


def _written(key: dict[str, Any], before: str | None, values: dict[str, Any]) -> bool:
    condition = key | {"sealed": before or {"$exists": False}, "erased": {"$exists": False}}
    try:
        done = Contact._get_collection().update_one(condition, {"$set": values}, upsert=not before)
    except DuplicateKeyError:
        return False
    return bool(done.matched_count or done.upserted_id)


def forget(kind: str, code: str) -> None:
    """Removes the address for good, and what was written as the reason of reading it. Cut off, it is done again."""
    with answering():
        Contact._get_collection().update_one(
            {"_id": f"{kind}:{code}"}, {"$set": {"erased": True}, "$unset": {"sealed": 1, "key": 1}}, upsert=True)
        ContactRead._get_collection().update_many({"code": code, "kind": kind}, {"$unset": {"why": 1}})


def reads(query: dict[str, str]) -> dict[str, Any]:
    """Who was given or shown what, newest first; of one `code` where given. With `limit` and `cursor`."""
    wanted: dict[str, Any] = {"code": query["code"]} if "code" in query else {}
    return newest_first(ContactRead._get_collection(), wanted, query, _shown)


def _shown(read: dict[str, Any]) -> dict[str, Any]:
    return {**{name: read.get(name) for name in ("kind", "code", "via", "asked_by", "why")}, "at": instant(read["at"])}
