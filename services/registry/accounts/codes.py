"""One-time codes for residents: six digits to a telephone or an e-mail address, kept as their mark, and sealed to be sent.

While a code is good no other is sent to its address: whoever asks, its owner has it. Nothing here knows or tells whether the
address is anybody's. That there is one to be sent is told by its id, in the same write; who sends it asks for the rest while
it is good.
"""
import hmac
import json
import re
import secrets
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from pymongo.errors import DuplicateKeyError

from chassis import metrics
from chassis.ring import Ring
from chassis.store import answering
from chassis.text import fold
from chassis.validation import bad_field
from contracts import envelope
from contracts.errors import Invalid, Unauthenticated, not_found
from contracts.registry import CodeRequested
from contracts.schema import instant
from services.registry.accounts import allowance
from services.registry.accounts.allowance import COUNTRY
from services.registry.accounts.documents import OneTimeCode

GOOD, LEFT = timedelta(minutes=5), timedelta(minutes=1)
TRIES, ALL_TRIES = 5, 20  # of one code: from one network, from all
LETTER = r"[^@\s.,;:<>()\[\]\\\"\x00-\x1f\x7f]"  # of an e-mail address: none by which one mailbox has many spellings
WORDS = rf"{LETTER}{{1,64}}(\.{LETTER}{{1,64}}){{0,9}}"
EMAIL = re.compile(rf"(?=[^@]{{1,64}}@){WORDS}@{WORDS}\.{LETTER}{{2,60}}\Z")
SEPARATORS = re.compile(r"[\s().\-/\u2010-\u2015\u2212]")
MOBILE = r"\+989[0-9]{9}"  # of COUNTRY; no other of its numbers gets a text


def spelled(address: str) -> str:
    """One spelling of an address: +989121234567, or an e-mail address in small Latin letters. Raises Invalid for neither."""
    if EMAIL.match(address.strip()):
        return re.sub("[A-Z]", lambda letter: letter[0].lower(), address.strip())
    digits = re.sub(r"^00", "+", SEPARATORS.sub("", fold(address)))
    if digits.startswith(COUNTRY) or not digits.startswith("+"):  # some write +98 (0)912…
        digits = COUNTRY + digits.removeprefix(COUNTRY).lstrip("0")
    if not re.fullmatch(r"\+[1-9][0-9]{7,14}", digits):
        raise bad_field("/address", "bad_address", "شماره تلفن یا نشانی ایمیل درست بنویسید.",
                        "Write a telephone number or an e-mail address.")
    if digits.startswith(COUNTRY) and not re.fullmatch(MOBILE, digits):
        raise bad_field("/address", "bad_address", "شمارهٔ تلفن همراه را مانند ۰۹۱۲۱۲۳۴۵۶۷ بنویسید؛ به تلفن ثابت کد نمی‌رسد.",
                        "Write a mobile number, such as 09121234567; no code reaches a landline.")
    return digits


def request_code(ring: Ring, address: str, at: datetime, trace: str | None = None, network: str = "") -> str | None:
    """A new code, good for GOOD, is on its way; returns its id. None while the one before is good for LEFT yet: that lies
    where the new one would go, and nothing is sent. `network`: whose request it is. Raises Invalid, TooMany."""
    place = spelled(address)
    allowance.demand_country(place)
    (mark, *older), by = ring.marks("address", place), ring.mark("network", network)
    while True:
        with answering():
            found = _codes().find_one({"_id": mark}, {"sealed": 0}) or {}
        if found.get("until", at) > at + LEFT:
            metrics.CODES.labels("registry", "still_good").inc()
            return None
        sent = [each for each in found.get("sent", ()) if each["at"] > at - allowance.DAY]
        allowance.demand_room(sent, by, at)
        allowance.take(by, place, at)
        asking = secrets.token_hex(16)
        fresh = _fresh(ring, place, asking, at) | {"sent": [*sent, {"at": at, "by": by}]}
        if _sent(found, mark, fresh, told(asking, at, trace)):
            break
        allowance.undo(by, place, at)  # somebody else was faster
    metrics.CODES.labels("registry", "sent").inc()
    if older:
        with answering():
            _codes().delete_many({"_id": {"$in": older}})
    return asking


def _fresh(ring: Ring, place: str, asking: str, at: datetime) -> dict[str, Any]:
    code = f"{secrets.randbelow(10**6):06d}"
    return {"asking": asking, "hash": ring.mark("code", place, code), "until": at + GOOD, "tried": [],
            "expires": at + allowance.DAY, "sealed": ring.encrypt(json.dumps({"address": place, "code": code}))}


def _sent(found: dict[str, Any], mark: str, values: dict[str, Any], entry: dict[str, Any]) -> bool:
    """The new code and its event in one write, if the address stands as found."""
    with suppress(DuplicateKeyError), answering():
        done = _codes().update_one(
            {"_id": mark, "version": found.get("version", {"$exists": False})},
            {"$set": values, "$push": {"outbox": entry}, "$inc": {"version": 1}}, upsert=not found)
        return bool(done.matched_count or done.upserted_id)
    return False


def told(asking: str, at: datetime, trace: str | None = None) -> dict[str, Any]:
    """What the outbox holds until it is told."""
    return envelope.entry(CodeRequested(asking), aggregate=f"Code:{asking}", subject=asking, sequence=1, position=0, at=at,
                          trace=trace)


def letter(ring: Ring, asking: str, at: datetime) -> dict[str, Any]:
    """{address, code, until} of a code that is good and not yet used, for whoever sends it. Raises NotFound."""
    with answering():
        found = _codes().find_one({"asking": asking, "until": {"$gt": at}, "sealed": {"$exists": True}})
    if found is None:
        raise not_found()
    return {**json.loads(ring.decrypt(found["sealed"])), "until": instant(found["until"])}


def forget_lapsed(at: datetime) -> None:
    """What can be read of codes that are good no more."""
    with answering():
        _codes().update_many({"until": {"$lte": at}}, {"$unset": {"hash": 1, "until": 1, "sealed": 1}})


def check_code(ring: Ring, address: str, code: str, at: datetime, network: str = "") -> None:
    """Returns for the right code, once. Each try is counted before it is checked: TRIES at most from one `network`, so that
    a stranger uses up nobody else's, and ALL_TRIES from all.

    Raises Unauthenticated, the same for a wrong, old, used or never requested one; Invalid for what is no address.
    """
    place, typed, by = spelled(address), SEPARATORS.sub("", fold(code)), ring.mark("network", network)
    mine = {"$filter": {"input": "$tried", "cond": {"$eq": ["$$this", by]}}}
    room = {"$and": [{"$lt": [{"$size": "$tried"}, ALL_TRIES]}, {"$lt": [{"$size": mine}, TRIES]}]}
    with answering():
        found = _codes().find_one_and_update(
            {"_id": {"$in": ring.marks("address", place)}, "until": {"$gt": at}, "$expr": room},
            {"$push": {"tried": by}}) or {}
    marks = ring.marks("code", place, typed)
    right = any(hmac.compare_digest(mark, found.get("hash") or "") for mark in marks)
    if not right or not _used(found):
        raise Unauthenticated("code_refused", "این کد درست نیست، به کار رفته یا زمانش گذشته است. پنج دقیقه بعد کد تازه‌ای "
                              "بخواهید.", "This code is wrong, used or too old. Ask for a new one five minutes later.")
    allowance.give_back(found["sent"][-1]["by"], found["sent"][-1]["at"])


def _used(found: dict[str, Any]) -> bool:
    """Whether it was now. What was sent to an address counts against no network once its owner has come."""
    with answering():
        return bool(_codes().update_one({"_id": found["_id"], "hash": found["hash"]}, {
            "$unset": {"hash": 1, "until": 1, "sealed": 1}, "$set": {"sent.$[].by": ""}}).modified_count)


def forget(ring: Ring, addresses: Iterable[str | None]) -> None:
    """The codes of these addresses; one that is no address never had any."""
    marks: list[str] = []
    for address in filter(None, addresses):
        with suppress(Invalid):
            marks += ring.marks("address", spelled(address))
    with answering():
        _codes().delete_many({"_id": {"$in": marks}})


def _codes() -> Any:
    return OneTimeCode._get_collection()
