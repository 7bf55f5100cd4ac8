"""The second factor: a code of six digits from a telephone (TOTP, RFC 6238, 30 s), or one of ten recovery codes."""
import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyotp

from chassis.ring import Ring
from chassis.text import fold

RECOVERY_CODES = 10
DRIFT = (0, -1, 1)  # steps of 30 s by which a telephone's clock may be wrong
SEPARATORS = re.compile(r"[\s.,_/\-\u2010-\u2015\u2212]")


@dataclass(frozen=True)
class Proof:
    """What a write demands of the account so that this proof counts, and what it then changes."""

    demands: dict[str, Any]
    sets: dict[str, Any]
    pulls: dict[str, Any]


def new_secret() -> str:
    """160 random bits in base32, as RFC 4226 recommends."""
    return pyotp.random_base32()


def address(secret: str, login: str) -> str:
    """otpauth://, which a telephone reads as a QR code."""
    return pyotp.TOTP(secret, name=login, issuer="Mahalle").provisioning_uri()


def spelled(typed: str) -> str:
    return SEPARATORS.sub("", fold(typed))


def step_of(secret: str, typed: str, at: datetime) -> int | None:
    """The step whose code this is, one before and one after now included; None for a wrong one, in the same time."""
    totp, code = pyotp.TOTP(secret), spelled(typed).encode()
    steps = [totp.timecode(at) + drift for drift in DRIFT]
    right = [step for step in steps if hmac.compare_digest(totp.generate_otp(step).encode(), code)]
    return right[0] if right else None


def new_recovery_codes() -> list[str]:
    """Of 80 bits each, so that a plain hash of them tells nothing."""
    letters = [base64.b32encode(secrets.token_bytes(10)).decode().lower() for _ in range(RECOVERY_CODES)]
    return ["-".join(each[i:i + 4] for i in range(0, 16, 4)) for each in letters]


def hash_of(recovery_code: str) -> str:
    return hashlib.sha256(spelled(recovery_code).encode()).hexdigest()


def proof_of(ring: Ring, account: dict[str, Any], sealed: str, code: str, at: datetime) -> Proof | None:
    """Proof by the second factor, None where it is wrong. An account that has none yet needs none; `sealed` is then another
    secret, for the same work."""
    step, recovery = step_of(ring.decrypt(sealed), code, at), hash_of(code)
    if account.get("totp") is None:
        return Proof({"totp": None}, {}, {})
    if step is not None:
        return Proof({"totp.secret": sealed, "totp.step": {"$lt": step}}, {"totp.step": step}, {})
    if recovery in account.get("recovery", ()):
        return Proof({"totp.secret": sealed, "recovery": recovery}, {}, {"recovery": recovery})
    return None
