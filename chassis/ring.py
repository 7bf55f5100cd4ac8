"""A ring of keys with which a service keeps what must not be readable at rest: the first writes, all read.

A new key goes to the end of the ring's setting in every process first, then to the front; when what lies there has been
rotated, the old one is taken out. Ciphertexts are Fernet's (AES-128-CBC with HMAC-SHA256), so no other end than ours is
needed to read them; marks are HMAC-SHA256, for finding what must not be readable.
"""
import base64
import hashlib
import hmac
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from chassis.settings import required, stop_with

CONTACT_KEYS, CASE_KEYS = "MAHALLE_CONTACT_KEYS", "MAHALLE_CASE_KEYS"  # people's details, confidential issues
SHORTEST = 32  # characters of a key: random ones, as `Fernet.generate_key` or a secret of set-up gives them


class Unreadable(ValueError):
    """None of the ring's keys fits: the one that wrote it was taken out too early, or it is not ours."""


class Ring:
    """`keys`, newest first. The keys that are used are derived from them, one for encrypting and one for marks."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(key, b"encrypt"))) for key in keys])
        self._marking = [_derived(key, b"mark") for key in keys]

    @classmethod
    def from_settings(cls, name: str) -> "Ring":
        """Of this setting, separated by commas. Exits 2 with one line where it is missing or one is short."""
        keys = [key.strip() for key in required(name).split(",") if key.strip()]
        if not keys or any(len(key) < SHORTEST for key in keys):
            stop_with(f"setting: each key of {name} has at least {SHORTEST} random characters. See docs/settings.md.")
        return cls(keys)

    def encrypt(self, text: str) -> str:
        """ASCII, different each time."""
        return self._fernet.encrypt(text.encode()).decode()

    def decrypt(self, sealed: str) -> str:
        """Raises Unreadable."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise Unreadable("no key of the ring reads this") from error

    def rotate(self, sealed: str) -> str:
        """The same text, written by the first key. Raises Unreadable."""
        try:
            return self._fernet.rotate(sealed.encode()).decode()
        except InvalidToken as error:
            raise Unreadable("no key of the ring reads this") from error

    def mark(self, *texts: str) -> str:
        """64 hex, the same for the same texts: under it something is kept that must not be readable."""
        return self.marks(*texts)[0]

    def marks(self, *texts: str) -> list[str]:
        """The mark under every key, the first key's first: what something may still be kept under."""
        told = "\x1f".join(texts).encode()
        return [hmac.new(key, told, hashlib.sha256).hexdigest() for key in self._marking]


def _derived(key: str, purpose: bytes) -> bytes:
    return hmac.new(key.encode(), purpose, hashlib.sha256).digest()
