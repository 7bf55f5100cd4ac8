"""API keys, until the registry keeps accounts: `<role>.<subject>.<mark>`, where the mark is an HMAC of the rest.

`python -m gateway.keys agency abfa-karaj` prints one. Nothing is stored, so a key is taken back only by changing
MAHALLE_KEY_SECRET, which takes back all of them.
"""
import hashlib
import hmac
import re
import sys

from chassis.caller import PUBLIC, Caller
from chassis.settings import required, stop_with
from contracts.errors import Unauthenticated

OF_ONE = ("agency", "neighbourhood_manager", "reporter", "case_worker")  # which agency, which place: a key names it
ROLES = ("resident", "secretary", "operator", *OF_ONE)
GRAMMAR = re.compile(rf"({'|'.join(ROLES)})\.([a-z0-9-]{{0,60}})\.([0-9a-f]{{40}})")


def make(role: str, subject: str, secret: str) -> str:
    mark = hmac.new(secret.encode(), f"{role}.{subject}".encode(), hashlib.sha256).hexdigest()[:40]
    return f"{role}.{subject}.{mark}"


def caller_of(authorization: str | None, secret: str) -> Caller:
    """Who sent this Authorization header; nobody known when it is absent. Raises Unauthenticated for a wrong one."""
    if not authorization:
        return PUBLIC
    scheme, _, key = authorization.partition(" ")
    found = GRAMMAR.fullmatch(key)
    if scheme.lower() == "bearer" and found and hmac.compare_digest(make(found[1], found[2], secret), found[0]):
        return Caller(found[1], found[2])
    raise Unauthenticated("wrong_key", "این کلید درست نیست. کلید تازه‌ای از دبیرخانه بگیرید.",
                          "This key is not right. Ask the secretariat for a new one.")


def main(words: list[str]) -> None:
    if not words or words[0] not in ROLES or (words[0] in OF_ONE and len(words) != 2):
        named = " | ".join(role + " CODE" * (role in OF_ONE) for role in ROLES)
        stop_with(f"keys: python -m gateway.keys {named}")
    print(make(words[0], words[1] if len(words) > 1 else words[0], required("MAHALLE_KEY_SECRET")))


if __name__ == "__main__":
    main(sys.argv[1:])
