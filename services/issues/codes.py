"""Tracking codes that can be read out over a telephone, and the filers' secrets.

A tracking code is ten digits and a check digit by Damm's quasigroup (H. M. Damm, 2004: every wrong digit and every
swap of neighbours is noticed), written `1234-5678-901`. A secret is 16 letters of 32 (80 bits); only its hash is kept,
and it is made anew from the issue's id when the same filing is repeated.
"""
import base64
import hashlib
import hmac
import re
from typing import Any

import orjson

from chassis.text import fold

DAMM = ("0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
        "3674209581", "5869720134", "8945362017", "9438617205", "2581436790")
CODE = re.compile("[0-9]{11}")
SEPARATORS = re.compile(r"[\s.,_/\-\u2010-\u2015\u2212]")  # a keyboard makes of a hyphen what it likes


def check_digit(digits: str) -> str:
    state = 0
    for digit in digits:
        state = int(DAMM[state][int(digit)])
    return str(state)


def tracking_code(issue_id: str, salt: int = 0) -> str:
    """Always the same for the same issue and salt; the next salt when the code is taken (1 in 10,000 at a million)."""
    number = int.from_bytes(hashlib.sha256(f"{issue_id}:{salt}".encode()).digest()[:8], "big") % 10**10
    digits = f"{number:010d}"
    return digits + check_digit(digits)


def fingerprint(asked: Any) -> str:
    """The same for the same JSON, whatever the order of its keys: tells a repeated request from another one."""
    return hashlib.sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)).hexdigest()


def spoken(code: str) -> str:
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"


def read_code(typed: str) -> str | None:
    """The code in what somebody typed, with any digits and separators; None when it cannot be one."""
    digits = SEPARATORS.sub("", fold(typed))
    return digits if CODE.fullmatch(digits) and check_digit(digits[:-1]) == digits[-1] else None


def secret_of(issue_id: str, key: str) -> str:
    found = hmac.new(key.encode(), issue_id.encode(), hashlib.sha256).digest()[:10]
    letters = base64.b32encode(found).decode().lower()
    return "-".join(letters[i:i + 4] for i in range(0, 16, 4))


def hash_of(secret: str) -> str:
    return hashlib.sha256(SEPARATORS.sub("", fold(secret)).encode()).hexdigest()


def fits(secret: str | None, secret_hash: str) -> bool:
    """Compared in constant time, so that the time of an answer tells nothing."""
    return hmac.compare_digest(hash_of(secret or ""), secret_hash)
