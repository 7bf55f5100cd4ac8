"""Forgetting a person: what they sign in with, and whoever signs in by one of their addresses.

Gateways are told first, by ids that say nothing once the rest is gone; the account goes last. Cut off, it is done again.
"""
from collections.abc import Iterable

from chassis.clock import now
from chassis.ring import Ring
from chassis.store import answering
from services.registry.accounts import codes, ended, keys, residents, sessions, tries
from services.registry.accounts.documents import Account


def forget(ring: Ring, person: str, addresses: Iterable[str | None] = ()) -> None:
    """Removes a person's keys, sessions, tries and account, and the codes and residents of their addresses."""
    theirs, owner = list(addresses), f"person:{person}"
    known = residents.of_addresses(ring, theirs)
    accounts = [owner, *(f"resident:{each}" for each in known)]
    ended.remember("account", dict.fromkeys(accounts, now()))
    ended.remember("key", dict.fromkeys(keys.of_owner(owner), now()))
    keys.forget_owner(owner)
    codes.forget(ring, theirs)
    for account in accounts:
        sessions.forget(account)
    residents.forget(known)  # after their sessions, which nobody would find again
    with answering():
        if found := Account._get_collection().find_one({"_id": person}, {"login_folded": 1}):
            tries.forget(ring.marks("login", found["login_folded"]))
        Account._get_collection().delete_one({"_id": person})
