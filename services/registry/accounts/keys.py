"""API keys of programs: `mhl_<id>_<secret>`. The secret is 256 random bits and kept as SHA-256, which needs no slow hash.

Rotating is a second key beside the first: both are good until the first is revoked or ends.
"""
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chassis.caller import Caller
from chassis.clock import now
from chassis.paging import cursor_of, key_of
from chassis.sealing import insert_missing
from chassis.store import answering
from chassis.validation import bad_field, limit_of, parameter
from contracts.errors import Unauthenticated, not_found
from contracts.schema import instant
from services.registry import once
from services.registry.accounts import audit
from services.registry.accounts.documents import Account, ApiKey
from services.registry.accounts.giving import PlacesOf, demand_giving, demand_right, may_give, scopes_of
from services.registry.accounts.rights import SeatsOf, allow, day_of, rights_of
from services.registry.accounts.schemas import KeysQuery

KEY = re.compile(r"mhl_([0-9a-f]{16})_([A-Za-z0-9_-]{43})\Z")
ORDINARY, LONGEST = timedelta(days=365), timedelta(days=731)
OWNER = KeysQuery().fields["owner"]
NOTED_EVERY = timedelta(minutes=1)
IsOver = Callable[[str], bool]  # of an agency's code
COMMAND = Caller("operator", "command")  # whoever runs a command of the platform
SHOWN = ("name", "owner", "role", "subject", "scopes")
TIMES = ("valid_from", "valid_to", "revoked_at", "last_used", "made_at")


@dataclass(frozen=True)
class Keyholder:
    """Who asks with a key, for what, until when the key is good."""

    key: str
    role: str
    subject: str
    scopes: tuple[str, ...]
    until: datetime


def give_key(role: str, subject: str = "", scopes: Iterable[str] | None = None) -> str:
    """The text of a new key, as an operator gives it, with all scopes of the role unless some are named. The registry's
    database must be connected. Raises Invalid."""
    asked = {"name": f"{role} by command", "owner": f"agency:{subject}" if role == "agency" else f"service:{role}",
             "role": role, "subject": subject, "scopes": list(scopes_of(role) if scopes is None else scopes)}
    return str(make_key(asked, COMMAND, now(), lambda role, subject: ())["key"])


def make_key(asked: dict[str, Any], by: Caller, at: datetime, places_of: PlacesOf) -> dict[str, Any]:
    """A new key, whose text is in this answer only, and in that to the same command again.

    Raises NotAllowed for one that is not the asker's to give, Invalid for scopes that are not its role's and for times.
    """
    demand_right(asked["role"], asked["subject"], asked["scopes"])
    demand_giving(by, asked["role"], asked["subject"], places_of, asked["scopes"])
    begins = max(asked.get("valid_from") or at, at)
    ends = asked.get("valid_to") or begins + ORDINARY
    if not begins < ends <= at + LONGEST:
        raise bad_field("/valid_to", "bad_term", f"پایان کلید باید پس از آغاز آن و حداکثر {LONGEST.days} روز دیگر باشد.",
                        f"A key ends after it begins and within {LONGEST.days} days.")
    code, secret = once.command().secret("key").hex()[:16], once.command().token("secret of a key")
    kept = {name: asked[name] for name in SHOWN} | {
        "_id": code, "hash": _hash(secret), "valid_from": begins, "valid_to": ends, "made_at": at, "by": by.id,
        "audit": [audit.entry("key_made", at, f"key:{code}", by, f"{asked['role']}:{asked['subject']}")]}
    with answering():
        if insert_missing(_keys(), [kept]):
            kept = _keys().find_one({"_id": code}) or kept
    audit.settle(ApiKey, code)
    return key_json(kept) | {"key": f"mhl_{code}_{secret}"}


def list_keys(query: dict[str, str], by: Caller, places_of: PlacesOf) -> dict[str, Any]:
    """Keys by id that are `by`'s to give, without their secrets, with `limit` and `cursor`; `owner` narrows. A page may be
    short. Raises Malformed."""
    limit, owner = limit_of(query), parameter(OWNER, query, "owner")
    [after] = key_of(query["cursor"]) if "cursor" in query else [""]
    wanted = {"_id": {"$gt": after}, **({"owner": owner} if owner else {})}
    with answering():
        found = list(_keys().find(wanted, {"hash": 0}).sort("_id", 1).limit(limit + 1))
    theirs = {each: may_give(by, *each, places_of) for each in {(key["role"], key["subject"]) for key in found}}
    return {"items": [key_json(key) for key in found[:limit] if theirs[key["role"], key["subject"]]],
            "next_cursor": cursor_of(found[limit - 1]["_id"]) if len(found) > limit else None}


def revoke(code: str, by: Caller, at: datetime, places_of: PlacesOf) -> dict[str, Any]:
    """Ends a key at once; again changes nothing. Raises NotFound, NotAllowed as for giving it."""
    with answering():
        found = _keys().find_one({"_id": code}, {"hash": 0})
        if found is None:
            raise not_found()
        demand_giving(by, found["role"], found["subject"], places_of)
        noted = audit.entry("key_revoked", at, f"key:{code}", by)
        _keys().update_one({"_id": code, "revoked_at": None}, {
            "$set": {"revoked_at": at, "revoked_by": by.id}, "$push": {"audit": noted}})
        audit.settle(ApiKey, code)
        found = _keys().find_one({"_id": code}, {"hash": 0})
    return key_json(found or {})


def check_key(text: str, at: datetime, seats_of: SeatsOf, is_over: IsOver = lambda agency: False) -> Keyholder:
    """Who asks with this key. A person's key is good while their account is open and their seats allow its role, an agency's
    while that is not over.

    Raises Unauthenticated, the same for everything that can be wrong.
    """
    parts = KEY.match(text)
    code, secret = parts.groups() if parts else ("", "")
    with answering():
        found = _keys().find_one({"_id": code}) or {}
    if not hmac.compare_digest(_hash(secret), found.get("hash", "")) or not _good(found, at, seats_of, is_over):
        raise Unauthenticated("key_refused", "این کلید شناخته نیست، پس گرفته شده یا زمانش گذشته است. کلید تازه‌ای بخواهید.",
                              "This key is unknown, revoked or out of its time. Ask for a new one.")
    _note(found, at)
    return Keyholder(code, found["role"], found["subject"], tuple(found["scopes"]), found["valid_to"])


def of_owner(owner: str) -> list[str]:
    """The ids of their keys."""
    with answering():
        return [found["_id"] for found in _keys().find({"owner": owner}, {"_id": 1})]


def forget_owner(owner: str) -> None:
    with answering():
        _keys().delete_many({"owner": owner})


def _good(found: dict[str, Any], at: datetime, seats_of: SeatsOf, is_over: IsOver) -> bool:
    if found.get("revoked_at") or not found["valid_from"] <= at < found["valid_to"]:
        return False
    if found["role"] == "agency" and is_over(found["subject"]):
        return False
    kind, _, person = found["owner"].partition(":")
    return kind != "person" or (_open(person) and allow(
        rights_of(person, day_of(at), seats_of), found["role"], found["subject"]))


def _open(person: str) -> bool:
    with answering():
        return Account._get_collection().count_documents({"_id": person, "disabled_at": None}, limit=1) == 1


def _note(found: dict[str, Any], at: datetime) -> None:
    """`last_used`, once in NOTED_EVERY for all processes together."""
    before = at - NOTED_EVERY
    if not found.get("last_used") or found["last_used"] <= before:
        with answering():
            _keys().update_one({"_id": found["_id"], "$or": [{"last_used": None}, {"last_used": {"$lte": before}}]},
                               {"$set": {"last_used": at}})


def key_json(found: dict[str, Any]) -> dict[str, Any]:
    return {"id": found["_id"], **{name: found[name] for name in SHOWN},
            **{name: instant(found[name]) if found.get(name) else None for name in TIMES}}


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _keys() -> Any:
    return ApiKey._get_collection()
