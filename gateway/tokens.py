"""Access tokens: JWTs that the registry signed (ES256), verified with the public keys that it publishes.

Verified tokens are remembered; whether its key is still good is asked at each use, whether it has expired by `credentials`.
"""
import time
from collections import deque
from collections.abc import Set
from functools import lru_cache
from typing import Any

import jwt

from chassis import logs
from chassis.caller import Caller
from chassis.http_client import Client
from contracts import policy
from contracts.errors import Problem, Unauthenticated, unavailable
from gateway.joining import Shared
from gateway.known import GATEWAY, Known

OURS = "mahalle"  # issuer and audience
TYPES = ("at+jwt", "application/at+jwt")  # RFC 9068
LONGEST = 4096  # characters of a token
REMEMBERED = 4096  # tokens
TIMES, WITHIN = 3, 15.0  # how often in so many seconds the keys are read for tokens whose key is not among them
log = logs.get(__name__)


def refused() -> Unauthenticated:
    return Unauthenticated("invalid_token", "این توکن یا کلید شناخته نیست یا زمانش گذشته است. دوباره وارد شوید.",
                           "This token or key is unknown, has expired or was ended. Refresh it or sign in again.")


class Tokens:
    """With the registry away the keys that were read last hold."""

    def __init__(self, registry: Client) -> None:
        self._registry, self._shared = registry, Shared()
        self._published: dict[str, Any] = {"keys": []}
        self._keys: dict[str, Any] = {}
        self._reads: deque[float] = deque(maxlen=TIMES)
        self._trouble: Problem | None = None
        self._verified = lru_cache(REMEMBERED)(self._verify)

    def known(self, token: str) -> Known:
        """Whose it is, until when. Raises Unauthenticated, Unavailable for one of a key that cannot be asked for now."""
        if len(token) > LONGEST:
            raise refused()
        try:
            kid, known = self._verified(token)
        except (jwt.InvalidTokenError, KeyError, TypeError, ValueError) as error:
            raise refused() from error
        if kid not in self._keys:
            raise refused()
        return known

    def keys(self) -> dict[str, Any]:
        """The registry's key set (RFC 7517) as it was read last. Raises Unavailable where it never was."""
        if not self._keys:
            self._shared("keys", self._ask)
        if not self._keys:
            raise self._trouble or unavailable()
        return self._published

    def follow(self, good: Set[str]) -> None:
        """Reads the keys again where others are good now; where they cannot be read, gives up those that are not."""
        if good != self._keys.keys():
            self._ask()
            if self._trouble:
                self._keys = {kid: key for kid, key in self._keys.items() if kid in good}

    def meet(self, token: str) -> None:
        """A token that the registry gave just now: reads the keys where that is not known which signed it."""
        if jwt.get_unverified_header(token).get("kid") not in self._keys:
            self._ask()

    def _ask(self) -> None:
        """Raises nothing: `_trouble` is why the keys could not be read."""
        self._reads.append(time.monotonic())
        self._trouble = None
        try:
            self._published = self._registry.get("/jwks", GATEWAY)
            self._keys = {key.key_id: key for key in jwt.PyJWKSet.from_dict(self._published).keys if key.key_id}
        except (Problem, jwt.PyJWTError) as error:
            self._trouble = error if isinstance(error, Problem) else unavailable()
            log.warning("the keys of access tokens could not be read", error=type(error).__name__)

    def _verify(self, token: str) -> tuple[str, Known]:
        """The key's id and who it is. Raises InvalidTokenError, KeyError where a claim is missing."""
        head = jwt.get_unverified_header(token)
        if str(head.get("typ")).lower() not in TYPES:
            raise jwt.InvalidTokenError
        claims = jwt.decode(token, self._key(head["kid"]), algorithms=["ES256"], audience=OURS, issuer=OURS,
                            options={"verify_iat": False})  # clocks differ, and it counts only where an account was shut
        role, place = claims["role"], claims.get("place") or ""
        if role == "public" or role not in policy.OUTSIDE:
            raise jwt.InvalidTokenError
        by = Caller(role, place, claims["sub"])
        return head["kid"], Known(by, float(claims["exp"]), claims["sid"], float(claims["iat"]))

    def _key(self, kid: str) -> Any:
        """Raises KeyError for one that is not published, Unavailable where that cannot be said."""
        room = len(self._reads) < TIMES or time.monotonic() - self._reads[0] >= WITHIN
        if kid not in self._keys and room:
            self._shared("keys", self._ask)
        if kid not in self._keys and self._trouble:
            raise self._trouble
        return self._keys[kid]
