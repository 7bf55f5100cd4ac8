"""What has ended lately, for gateways, which ask every few seconds: sessions, accounts and keys that are good no more,
before they would have ended by themselves.

An item is told again for OVERLAP after it was asked for, because a write may be seen a little after the time that it bears.
What is erased leaves its id here for REMEMBERED, written before it goes.
"""
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from chassis.store import answering
from contracts.schema import instant
from services.registry.accounts import signing
from services.registry.accounts.documents import Account, ApiKey, Ended, Session

REMEMBERED = timedelta(hours=1)
FARTHEST = timedelta(minutes=30)  # back; access tokens live for minutes, and so does what a gateway remembers of keys
OVERLAP = timedelta(seconds=30)
Ids = Iterable[tuple[str, datetime]]


def ended(since: datetime | None, at: datetime) -> dict[str, Any]:
    """Since that moment, FARTHEST back at most, and `now`, to be asked with the next time. Of an account all is over that
    began before the item's `at`. `signing_keys`: the ids of the public keys as of now."""
    start = max(since or at - FARTHEST, at - FARTHEST) - OVERLAP
    with answering():
        items = [{"kind": kind, "id": code, "at": instant(when)} for kind, found in _found(start) for code, when in found]
    return {"items": items, "now": instant(at), "signing_keys": [each["kid"] for each in signing.published(at)]}


def remember(kind: str, ids: Iterable[str], at: datetime) -> None:
    """Before what bears these ids is erased. Done twice, it is there once."""
    with answering():
        for code in ids:
            Ended._get_collection().update_one(
                {"_id": f"{kind}:{code}"}, {"$set": {"at": at, "expires": at + REMEMBERED}}, upsert=True)


def _found(start: datetime) -> list[tuple[str, Ids]]:
    since = {"$gte": start}
    accounts = list(Account._get_collection().find({"sessions_from": since}, {"sessions_from": 1, "disabled_at": 1}))
    shut = {f"person:{found['_id']}": found["sessions_from"] for found in accounts if found.get("disabled_at")}
    return [
        ("session", [(found["_id"], found["ended_at"]) for found in
                     Session._get_collection().find({"ended_at": since}, {"ended_at": 1})]),
        ("account", [(f"person:{found['_id']}", found["sessions_from"]) for found in accounts]),
        ("key", [(found["_id"], found["revoked_at"]) for found in
                 ApiKey._get_collection().find({"revoked_at": since}, {"revoked_at": 1})]),
        ("key", [(found["_id"], shut[found["owner"]]) for found in
                 ApiKey._get_collection().find({"owner": {"$in": sorted(shut)}}, {"owner": 1})]),
        *((kind, [(code, found["at"])]) for found in Ended._get_collection().find({"at": since})
          for kind, _, code in [found["_id"].partition(":")])]
