"""What has ended lately, for gateways, which ask every few seconds: sessions and accounts of which all is over that began
before, and keys that are to be judged anew: revoked, or of an account that was shut or opened again.

An item is told again for OVERLAP after it was asked for, because a write may be seen a little after the time that it bears.
What is erased leaves its id here for REMEMBERED, written before it goes; and whose rights became others, an id and when.
"""
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from chassis.clock import now
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


def remember(kind: str, ids: Mapping[str, datetime]) -> None:
    """Ids and the moments from before which nothing of them is good. Of what is erased, before it is. Done twice it is there
    once, with the later moment."""
    noted = now()
    with answering():
        for code, at in ids.items():
            Ended._get_collection().update_one({"_id": f"{kind}:{code}"}, {
                "$max": {"at": at}, "$set": {"noted": noted, "expires": noted + REMEMBERED}}, upsert=True)


def _found(start: datetime) -> list[tuple[str, Ids]]:
    since = {"$gte": start}
    accounts = {f"person:{found['_id']}": found["sessions_from"] for found in
                Account._get_collection().find({"sessions_from": since}, {"sessions_from": 1})}
    return [
        ("session", [(found["_id"], found["ended_at"]) for found in
                     Session._get_collection().find({"ended_at": since}, {"ended_at": 1})]),
        ("account", accounts.items()),
        ("key", [(found["_id"], found["revoked_at"]) for found in
                 ApiKey._get_collection().find({"revoked_at": since}, {"revoked_at": 1})]),
        ("key", [(found["_id"], accounts[found["owner"]]) for found in
                 ApiKey._get_collection().find({"owner": {"$in": sorted(accounts)}}, {"owner": 1})]),
        *((kind, [(code, found["at"])]) for found in Ended._get_collection().find({"noted": since})
          for kind, _, code in [found["_id"].partition(":")])]
