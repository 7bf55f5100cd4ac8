"""Access tokens: who somebody is and as whom they ask, signed for LIFETIME, and never beyond the right it speaks for.

A JWT (ES256, RFC 9068's `at+jwt`) with `sub` the account, `sid` the session, `role` and `place` the caller. `iat` has
milliseconds, because a session that began in the second in which all before it were ended is good.
"""
import secrets
from datetime import datetime, timedelta

import jwt

from chassis.ring import Ring
from services.registry.accounts import signing
from services.registry.accounts.rights import Right, ends_at

LIFETIME = timedelta(minutes=5)
ISSUER = AUDIENCE = "mahalle"


def access_token(ring: Ring, account: str, session: str, right: Right, at: datetime) -> tuple[str, int]:
    """The token, and how many whole seconds it is good for."""
    key, until = signing.current(ring, at), ends_at(right, at + LIFETIME)
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": account, "sid": session, "role": right.role, "place": right.place,
              "iat": at.timestamp(), "exp": int(until.timestamp()), "jti": secrets.token_hex(16)}
    text = jwt.encode(claims, signing.private(ring, key), "ES256", {"typ": "at+jwt", "kid": key["_id"]})
    return text, max(0, int((until - at).total_seconds()))
