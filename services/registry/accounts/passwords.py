"""Passwords: argon2id, which takes time and memory on purpose. Never call `hashed` or `fits` on the event loop.

Parameters: two and a half times the least that OWASP's Password Storage Cheat Sheet names (19 MiB, 2 passes); docs/adr/0027
has what they take. When they change here, each password is hashed anew at its owner's next signing in.
"""
import base64
import secrets
import unicodedata

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from chassis.text import DIGITS, LETTERS, fold, persian_digits
from chassis.validation import bad_field

PASSES, MEMORY, LANES = 3, 32 * 1024, 1  # MEMORY in KiB
SHORTEST, LONGEST = 12, 256  # characters
FEWEST = 5  # different ones
HASHER = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY, parallelism=LANES, type=Type.ID)


def hashed(password: str) -> str:
    """The encoded argon2id hash, its parameters and salt included."""
    return HASHER.hash(as_typed(password))


def fits(password: str, encoded: str) -> bool:
    """Whether this is the password; takes as long for a wrong one."""
    try:
        return HASHER.verify(encoded, as_typed(password))
    except (VerificationError, InvalidHashError):
        return False


def outdated(encoded: str) -> bool:
    """Whether it was hashed with other parameters than today's."""
    return HASHER.check_needs_rehash(encoded)


def nobodys() -> str:
    """A hash that no password fits, and that takes as long to refuse one as a real one."""
    salt, digest = (base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (16, 32))
    return f"$argon2id$v=19$m={MEMORY},t={PASSES},p={LANES}${salt}${digest}"


def as_typed(password: str) -> str:
    """One spelling for all keyboards: NFKC (as NIST SP 800-63B says), Persian letters and Latin digits."""
    return unicodedata.normalize("NFKC", password).translate(LETTERS).translate(DIGITS)


def demand_good(password: str, login: str) -> None:
    """Raises Invalid for a password that is short, monotonous, or holds the login name."""
    spelled = as_typed(password)
    if not SHORTEST <= len(spelled) <= LONGEST or len(set(spelled)) < FEWEST or fold(login) in fold(spelled):
        raise bad_field("/password", "weak_password", persian_digits(
                            f"گذرواژه دست‌کم {SHORTEST} نویسه، با {FEWEST} نویسهٔ متفاوت و بدون نام کاربری بنویسید؛ "
                            "چند واژهٔ پشت هم خوب است."),
                        f"Write a password of at least {SHORTEST} characters, {FEWEST} different ones, without the login "
                        "name; several words in a row are good.")
