"""Who is asking. The gateway finds out and signs it; services believe nobody else.

A signed caller is a JWT (HS256) with the audience `mahalle`, valid for one minute.
"""
import time
from dataclasses import dataclass
from functools import lru_cache

import jwt

from contracts.errors import NotAllowed, Unauthenticated

HEADER = "X-Mahalle-Caller"
LIFETIME = 60  # seconds
SAME = 10  # seconds


@dataclass(frozen=True)
class Caller:
    """`role`: public, resident, agency, secretary, operator, neighbourhood_manager, reporter, case_worker, or `service` for
    the platform's own processes.

    `subject` is which of them: the agency's code, the service's name, of the last three roles the code of their place.
    """

    role: str
    subject: str = ""

    @property
    def id(self) -> str:
        return f"{self.role}:{self.subject}"


PUBLIC = Caller("public")
STAFF = ("secretary", "operator")  # the roles that keep registers, people and keys


def sign(caller: Caller, secret: str) -> str:
    """A token that is good for LIFETIME seconds, or up to SAME fewer: within SAME seconds it is the same one, so that
    neither side computes it again for each of hundreds of calls."""
    return _signed(caller, secret, int(time.time()) // SAME * SAME + LIFETIME)


@lru_cache(maxsize=1024)
def _signed(caller: Caller, secret: str, expires: int) -> str:
    claims = {"aud": "mahalle", "role": caller.role, "sub": caller.subject, "exp": expires}
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
    return Caller(str(claims["role"]), str(claims["sub"])), int(claims["exp"])


def demand(caller: Caller, *roles: str) -> Caller:
    """The caller, if it has one of the roles. Raises NotAllowed, or Unauthenticated where nobody is known."""
    if caller.role in roles:
        return caller
    if caller.role == "public":
        raise Unauthenticated("key_needed", "برای این کار کلید لازم است. آن را در سرآیند Authorization بفرستید.",
                              "This needs a key. Send it in the Authorization header as Bearer.")
    raise NotAllowed("not_allowed", "این کار با این کلید مجاز نیست. از دبیرخانه بپرسید.",
                     "This key does not allow it. Ask the secretariat.")
