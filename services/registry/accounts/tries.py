"""Tries at signing in, counted before they are checked and for unknown login names alike.

Counting and locking are one atomic write, so that any number of tries at the same moment get no more than FREE checks. A
locked name is refused without any work, whether there is such an account or not. A right sign-in forgets the tries before.
"""
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from pymongo import ReturnDocument

from chassis.caller import PUBLIC
from chassis.store import answering
from chassis.text import persian_digits
from contracts.errors import TooMany
from services.registry.accounts import audit
from services.registry.accounts.documents import Tries

FREE = 5  # tries before the first lock
FIRST, LONGEST = 30, 15 * 60  # seconds of a lock; each is twice the one before
KEPT = timedelta(days=1)


def take(mark: str, at: datetime, of: str = "") -> None:
    """Counts one try; a lock that it brings is written down of this account, which is empty where there is none. Raises
    TooMany while the name is locked."""
    with answering():
        before: dict[str, Any] = Tries._get_collection().find_one_and_update(
            {"_id": mark}, _counting(at, audit.entry("locked", at, of, PUBLIC)), upsert=True,
            return_document=ReturnDocument.BEFORE) or {}
    until = before.get("locked_until")
    if until and until > at:
        raise too_many(int((until - at).total_seconds()) + 1)


def forget(marks: Sequence[str]) -> None:
    with answering():
        Tries._get_collection().delete_many({"_id": {"$in": list(marks)}})


def lock_after(tries: int) -> int:
    """Seconds that a name is locked after so many tries. The same as `_counting` computes in the database."""
    return 0 if tries < FREE else min(LONGEST, FIRST * 2 ** (tries - FREE))


def _counting(at: datetime, noted: dict[str, Any]) -> list[dict[str, Any]]:
    """The update: a checked try counts and may lock, a refused one counts and changes no lock."""
    locked = {"$gt": ["$locked_until", at]}
    growth = {"$pow": [2, {"$min": [20, {"$subtract": ["$tries", FREE]}]}]}
    lock = {"$add": [at, {"$multiply": [1000, {"$min": [LONGEST, {"$multiply": [FIRST, growth]}]}]}]}
    unlocked = {"$or": ["$was_locked", {"$lt": ["$tries", FREE]}]}
    known = {"$ifNull": ["$audit", []]}
    return [
        {"$set": {"was_locked": locked, "expires": at + KEPT}},
        {"$set": {"tries": _more("$tries", {"$not": "$was_locked"}), "refused": _more("$refused", "$was_locked")}},
        {"$set": {"locked_until": {"$cond": [unlocked, "$locked_until", lock]},
                  "audit": {"$cond": [unlocked, known, {"$concatArrays": [known, [{"$literal": noted}]]}]}}},
        {"$unset": "was_locked"}]


def _more(count: str, when: Any) -> dict[str, Any]:
    return {"$add": [{"$ifNull": [count, 0]}, {"$cond": [when, 1, 0]}]}


def too_many(seconds: int) -> TooMany:
    return TooMany("too_many_tries", f"تلاش‌های نادرست زیاد بوده است. {persian_digits(str(seconds))} ثانیه بعد دوباره تلاش "
                   "کنید یا از دبیرخانه دعوت تازه بخواهید.",
                   f"There were too many tries. Try again in {seconds} seconds, or ask the secretariat for a new "
                   "invitation.", retry_after=seconds)
