"""One-time codes for residents: six digits to a telephone or an e-mail address, kept as their mark, and sealed to be sent.

A new code takes the place of the one before. Nothing here knows or tells whether the address is anybody's. That there is one
to be sent is told by its id, in the same write; who sends it asks for the rest while it is good.
"""
import hmac
import json
import re
import secrets
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from environs import Env
from pymongo import ReturnDocument

from chassis.ring import Ring
from chassis.settings import stop_with
from chassis.store import answering
from chassis.text import fold
from chassis.validation import bad_field
from contracts import envelope
from contracts.errors import Invalid, TooMany, Unauthenticated, not_found
from contracts.registry import CodeRequested
from contracts.schema import instant
from services.registry.accounts.documents import OneTimeCode

GOOD, HOUR = timedelta(minutes=5), timedelta(hours=1)
TRIES = 5  # of one code
AN_HOUR = 5  # codes for one address
COUNTRY = "+98"  # of a number that names none
LETTER = r"[^@\s.,;:<>()\[\]\\\"\x00-\x1f\x7f]"  # of an e-mail address: none by which one mailbox has many spellings
WORDS = rf"{LETTER}{{1,64}}(\.{LETTER}{{1,64}}){{0,9}}"
EMAIL = re.compile(rf"(?=[^@]{{1,64}}@){WORDS}@{WORDS}\.{LETTER}{{2,60}}\Z")
SEPARATORS = re.compile(r"[\s().\-/\u2010-\u2015\u2212]")


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
    return digits


@cache
def countries() -> tuple[str, ...]:
    """Of MAHALLE_PHONE_COUNTRIES: how numbers begin that are sent codes. Exits 2 with one line where it is none."""
    found = tuple(each.strip() for each in Env().str("MAHALLE_PHONE_COUNTRIES", COUNTRY).split(","))
    if not all(re.fullmatch(r"\+[0-9]{0,4}", each) for each in found):
        stop_with("setting: MAHALLE_PHONE_COUNTRIES is a list like +98,+93; + alone is every country. See docs/settings.md.")
    return found


def demand_country(place: str) -> None:
    """Raises Invalid for a telephone of a country to which no codes go: texts abroad cost, and anybody may ask for one."""
    if place.startswith("+") and not place.startswith(countries()):
        raise bad_field("/address", "no_such_country", "به شماره‌های این کشور کد فرستاده نمی‌شود؛ نشانی ایمیل بنویسید.",
                        "No codes are sent to numbers of this country. Write an e-mail address.")


def request_code(ring: Ring, address: str, at: datetime, trace: str | None = None) -> str:
    """A new code, good for GOOD, is on its way; returns its id. Raises Invalid, TooMany."""
    place = spelled(address)
    demand_country(place)
    (mark, *older), code, asking = ring.marks("address", place), f"{secrets.randbelow(10**6):06d}", secrets.token_hex(16)
    fresh = {"asking": asking, "hash": ring.mark("code", place, code), "until": at + GOOD, "tries": 0,
             "sealed": ring.encrypt(json.dumps({"address": place, "code": code}))}
    with answering():
        found: dict[str, Any] = _codes().find_one_and_update(
            {"_id": mark}, _asking(fresh, told(asking, at, trace), at), upsert=True, return_document=ReturnDocument.AFTER)
        if older:
            _codes().delete_many({"_id": {"$in": older}})
    if found.get("asking") != asking:
        wait = int((found["asked"][0] + HOUR - at).total_seconds()) + 1
        raise TooMany("too_many_codes", "برای این نشانی کدهای زیادی خواسته شده است. بعداً دوباره تلاش کنید.",
                      "Too many codes were asked for at this address. Try again later.", retry_after=wait)
    return asking


def told(asking: str, at: datetime, trace: str | None = None) -> dict[str, Any]:
    """What the outbox holds until it is told."""
    return envelope.entry(CodeRequested(asking), aggregate=f"Code:{asking}", subject=asking, sequence=1, position=0, at=at,
                          trace=trace)


def _asking(fresh: dict[str, Any], entry: dict[str, Any], at: datetime) -> list[dict[str, Any]]:
    """One atomic update: the new code and its event, unless AN_HOUR of them were asked for within the hour; then nothing
    changes."""
    recent = {"$filter": {"input": {"$ifNull": ["$asked", []]}, "cond": {"$gt": ["$$this", at - HOUR]}}}
    room = {"$lt": [{"$size": "$asked"}, AN_HOUR]}
    taken = {name: {"$cond": ["$room", {"$literal": value}, f"${name}"]} for name, value in fresh.items()}
    more = {name: {"$cond": ["$room", {"$concatArrays": [{"$ifNull": [f"${name}", []]}, [{"$literal": value}]]}, f"${name}"]}
            for name, value in (("asked", at), ("outbox", entry))}
    return [{"$set": {"asked": recent, "expires": at + HOUR}}, {"$set": {"room": room}},
            {"$set": {**taken, **more, "version": {"$add": [{"$ifNull": ["$version", 0]}, 1]}}},  # it wakes the relay
            {"$unset": "room"}]


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


def check_code(ring: Ring, address: str, code: str, at: datetime) -> None:
    """Returns for the right code, once. Each try is counted before it is checked, TRIES at most.

    Raises Unauthenticated, the same for a wrong, old, used or never requested one; Invalid for what is no address.
    """
    place, typed = spelled(address), SEPARATORS.sub("", fold(code))
    with answering():
        found = _codes().find_one_and_update(
            {"_id": {"$in": ring.marks("address", place)}, "until": {"$gt": at}, "tries": {"$lt": TRIES}},
            {"$inc": {"tries": 1}}) or {}
        marks = ring.marks("code", place, typed)
        right = any(hmac.compare_digest(mark, found.get("hash") or "") for mark in marks)
        if not right or not _codes().update_one({"_id": found["_id"], "hash": found["hash"]},
                                                {"$unset": {"hash": 1, "until": 1, "sealed": 1}}).modified_count:
            raise Unauthenticated("code_refused", "این کد درست نیست، به کار رفته یا زمانش گذشته است. کد تازه‌ای بخواهید.",
                                  "This code is wrong, used or too old. Ask for a new one.")


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
