"""Who is asking. The gateway finds out and signs it; services believe nobody else.

A signed caller is a JWT (HS256) with the audience `mahalle`, valid for one minute.
"""
import time
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jwt

from contracts import policy
from contracts.errors import NotAllowed, Unauthenticated

HEADER = "X-Mahalle-Caller"
LIFETIME = 60  # seconds
SAME = 10  # seconds


@dataclass(frozen=True)
class Caller:
    """`role`: one of `policy.ROLES`, `service` for the platform's own processes.

    `subject` is which of them: the agency's code, the service's name, a resident's number, of roles `policy.OF_A_PLACE` the
    code of their territory. `account`: who it is, `person:<id>`, `resident:<id>` or `key:<id>`, for what is written down;
    empty where nobody knows. `scopes`: the deeds that an API key is for; None where all that the role may.
    """

    role: str
    subject: str = ""
    account: str = ""
    scopes: frozenset[str] | None = None

    @property
    def id(self) -> str:
        return f"{self.role}:{self.subject}"

    @property
    def who(self) -> str:
        """The office and who holds it, for what is written down of them."""
        return f"{self.id} {self.account}" if self.account and self.account != self.id else self.id

    @property
    def owner(self) -> str:
        """Whose an Idempotency-Key is: two who hold the same office may well choose the same."""
        return f"{self.id}|{self.account}" if self.account else self.id


PUBLIC = Caller("public")


def sign(caller: Caller, secret: str) -> str:
    """A token that is good for LIFETIME seconds, or up to SAME fewer: within SAME seconds it is the same one, so that
    neither side computes it again for each of hundreds of calls."""
    return _signed(caller, secret, int(time.time()) // SAME * SAME + LIFETIME)


@lru_cache(maxsize=1024)
def _signed(caller: Caller, secret: str, expires: int) -> str:
    claims: dict[str, Any] = {"aud": "mahalle", "role": caller.role, "sub": caller.subject, "exp": expires}
    if caller.account:
        claims["account"] = caller.account
    if caller.scopes is not None:
        claims["scopes"] = sorted(caller.scopes)
    return jwt.encode(claims, secret, algorithm="HS256")


def verify(token: str | None, secret: str) -> Caller:
    """The caller in a token of ours. Raises Unauthenticated for any other, expired or missing one."""
    try:
        caller, expires = _verified(token or "", secret)
        if expires <= time.time():
            raise jwt.ExpiredSignatureError
        return caller
    except (jwt.InvalidTokenError, KeyError) as error:
        raise Unauthenticated("unsigned_call", "این درخواست از درگاه نیامده است.",
                              "This call does not come from the gateway. Ask the gateway instead.") from error


@lru_cache(maxsize=1024)
def _verified(token: str, secret: str) -> tuple[Caller, int]:
    """Who is in it and when it expires. Only what was right is remembered; whether it still is, the clock says."""
    claims = jwt.decode(token, secret, algorithms=["HS256"], audience="mahalle", options={"require": ["exp"]})
    scopes = claims.get("scopes")
    return Caller(str(claims["role"]), str(claims["sub"]), str(claims.get("account", "")),
                  None if scopes is None else frozenset(scopes)), int(claims["exp"])


def may(caller: Caller, deed: str) -> bool:
    """Whether the caller may do this at all."""
    return policy.allowed(caller.role, deed) and policy.covers(caller.scopes, deed)


def demand(caller: Caller, deed: str) -> Caller:
    """The caller, if it may do this at all. Raises NotAllowed, or Unauthenticated where nobody is known."""
    if may(caller, deed):
        return caller
    if policy.allowed(caller.role, deed):
        raise NotAllowed("out_of_scope", f"این کلید برای «{deed}» نیست. کلیدی با این دامنه بخواهید.",
                         f"This key is not for {deed}. Ask for one with this scope.")
    if caller.role == "public":
        raise Unauthenticated("key_needed", "برای این کار وارد شوید یا کلیدی در سرآیند Authorization بفرستید.",
                              "Sign in for this, or send a key in the Authorization header as Bearer.")
    raise not_allowed()


def may_over(caller: Caller, deed: str, places: Collection[str]) -> bool:
    """Whether the caller may do this to a thing that lies here: `places` are the codes of its territory and all above it."""
    return may(caller, deed) and policy.reaches(caller.role, caller.subject, deed, places)


def demand_over(caller: Caller, deed: str, places: Collection[str]) -> Caller:
    """The caller, if `may_over`. Raises as `demand`, and NotAllowed where it is none of theirs."""
    if may_over(demand(caller, deed), deed, places):
        return caller
    raise NotAllowed("not_your_place", "اینجا در محدودهٔ کار شما نیست. از دبیرخانهٔ همان‌جا یا راهبر سامانه بخواهید.",
                     "This is not in your area. Ask the secretariat whose it is, or an operator.")


def not_allowed() -> NotAllowed:
    return NotAllowed("not_allowed", "این کار با این نقش مجاز نیست. از دبیرخانه یا راهبر سامانه بپرسید.",
                      "This role does not allow it. Ask the secretariat or an operator.")
