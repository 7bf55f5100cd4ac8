"""The keys that sign access tokens (ES256): a new one every NEW_EVERY, known to everybody before it signs and until nothing
that it signed is good any more.

Keys are numbered; of those that may sign, the highest number does. Of two processes that make the next number at once one
does. `python -m services.registry.accounts.signing new` lets a new key sign at once, `… retire KID` takes back one that was
stolen: it is published no more, and nothing signed by it is good.
"""
import hashlib
import json
import sys
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives import serialization as pem
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm
from jwt.utils import base64url_encode
from pymongo.errors import DuplicateKeyError

from chassis import database
from chassis.caller import Caller
from chassis.clock import now
from chassis.ring import CONTACT_KEYS, Ring
from chassis.sealing import opened, seal
from chassis.settings import stop_with
from chassis.store import answering
from contracts.errors import NotFound, not_found
from services.registry.accounts import audit
from services.registry.accounts.documents import SigningKey

NEW_EVERY, BEFORE_USE = timedelta(days=30), timedelta(hours=1)
AFTERWARDS = timedelta(minutes=15)  # that a key is published after the next began: tokens live a third of it, clocks differ
DESTROYED_AFTER = timedelta(days=1)  # likewise, that its private part is kept at all
ITSELF = Caller("service", "registry")  # by rounds and by command
Key = dict[str, Any]


def current(ring: Ring, at: datetime) -> Key:
    """The key that signs now; the very first is made, and signs, at once. Raises ring.Unreadable."""
    known = _known()
    return _signing(known, at) or _made(ring, known, at, at)


def private(ring: Ring, key: Key) -> ec.EllipticCurvePrivateKey:
    return _loaded(opened(ring, key)["pem"])


@lru_cache(maxsize=8)
def _loaded(text: str) -> Any:
    return pem.load_pem_private_key(text.encode(), None)


def published(at: datetime) -> list[Key]:
    """The public keys (RFC 7517) of all that sign, will sign, or have signed what may still be good."""
    return [found["public"] for found in _not_over(_known(), at, AFTERWARDS)]


def make_due(ring: Ring, at: datetime) -> None:
    """Makes the next key when the newest is NEW_EVERY old, and destroys those that are long over. By any number of
    processes at once."""
    known = _known()
    usable = _usable(known)
    if not usable or usable[-1]["made_at"] <= at - NEW_EVERY:
        _made(ring, known, at, at + BEFORE_USE if usable else at)
    keep = _not_over(known, at, DESTROYED_AFTER)
    if over := [found["_id"] for found in usable if found not in keep]:
        with answering():
            _keys().delete_many({"_id": {"$in": over}})


def renew(ring: Ring, at: datetime) -> str:
    """A new key that signs at once; returns its id. Gateways that do not know it yet ask for it."""
    while True:
        made = _made(ring, _known(), at, at)
        if made["signs_from"] <= at:
            return str(made["_id"])


def retire(ring: Ring, kid: str, at: datetime) -> None:
    """A stolen key: nothing that it signed is good, from now on. Another signs; done twice, nothing changes. Raises
    NotFound."""
    noted = audit.entry("signing_key_retired", at, f"signing-key:{kid}", ITSELF)
    with answering():
        done = _keys().update_one({"_id": kid, "stolen_at": None}, {
            "$set": {"stolen_at": at}, "$unset": {"sealed": 1, "key": 1}, "$push": {"audit": noted}})
        if not done.matched_count and not _keys().find_one({"_id": kid}):
            raise not_found()
    audit.settle(SigningKey, kid)
    current(ring, at)


def _known() -> list[Key]:
    """By number, those that were stolen as well."""
    with answering():
        return list(_keys().find().sort("number", 1))


def _usable(known: list[Key]) -> list[Key]:
    return [found for found in known if not found.get("stolen_at")]


def _signing(known: list[Key], at: datetime) -> Key | None:
    """The newest whose time has come; where all before it were stolen, the next signs before its time."""
    usable = _usable(known)
    ready = [found for found in usable if found["signs_from"] <= at]
    return ready[-1] if ready else usable[0] if usable else None


def _not_over(known: list[Key], at: datetime, after: timedelta) -> list[Key]:
    """All usable ones but those after whose successor began to sign this time has passed."""
    usable = _usable(known)
    begun = [found["number"] for found in usable if found["signs_from"] <= at - after]
    return [found for found in usable if found["number"] >= max(begun, default=0)]


def _made(ring: Ring, known: list[Key], at: datetime, signs_from: datetime) -> Key:
    """The next key after these; where another process was faster, that one's."""
    made = _new(ring, known[-1]["number"] + 1 if known else 1, at, signs_from)
    try:
        with answering():
            _keys().insert_one(made)
    except DuplicateKeyError:
        with answering():
            return dict(_keys().find_one({"number": made["number"]}))
    audit.settle(SigningKey, made["_id"])
    return made


def _new(ring: Ring, number: int, at: datetime, signs_from: datetime) -> Key:
    key = ec.generate_private_key(ec.SECP256R1())
    text = key.private_bytes(pem.Encoding.PEM, pem.PrivateFormat.PKCS8, pem.NoEncryption()).decode()
    point = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    kid = thumbprint(point)
    return {"_id": kid, "number": number, "made_at": at, "signs_from": signs_from, **seal(ring, {"pem": text}),
            "public": {**point, "kid": kid, "use": "sig", "alg": "ES256"},
            "audit": [audit.entry("signing_key_made", at, f"signing-key:{kid}", ITSELF)]}


def thumbprint(point: dict[str, Any]) -> str:
    """RFC 7638: the same key has the same id wherever it is met."""
    told = json.dumps({name: point[name] for name in ("crv", "kty", "x", "y")}, separators=(",", ":"), sort_keys=True)
    return base64url_encode(hashlib.sha256(told.encode()).digest()).decode()


def _keys() -> Any:
    return SigningKey._get_collection()


def main(words: list[str]) -> None:
    if words != ["new"] and (len(words) != 2 or words[0] != "retire"):
        stop_with("signing: python -m services.registry.accounts.signing new | retire KID")
    ring = Ring.from_settings(CONTACT_KEYS)
    database.connect_or_stop("signing", "registry")
    if words[0] == "retire":
        try:
            retire(ring, words[1], now())
        except NotFound:
            stop_with(f"signing: there is no key {words[1]}. /.well-known/jwks.json lists the ids (kid).", 1)
    print(f"signing: {renew(ring, now()) if words == ['new'] else current(ring, now())['_id']} signs from now on")


if __name__ == "__main__":
    main(sys.argv[1:])
