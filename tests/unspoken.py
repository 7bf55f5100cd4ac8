"""Every secret that a test has sent or was given, so that in the end each can be looked for where none may be."""
from collections.abc import Iterator, Mapping
from typing import Any

NAMES = ("secret", "password", "access_token", "refresh_token", "key", "token", "recovery_codes")
HEADERS = ("authorization", "issue-secret")
SHORTEST = 12  # characters; what is shorter stands somewhere by accident
_said: set[str] = set()


def remember(headers: Mapping[str, str], body: Any) -> None:
    _said.update(value.removeprefix("Bearer ") for name, value in headers.items() if name.lower() in HEADERS)
    _said.update(within(body))


def within(body: Any) -> Iterator[str]:
    """The secrets of a body, at any depth."""
    if isinstance(body, dict):
        said = [value for name, value in body.items() if name in NAMES]
        yield from (text for value in said for text in (value if isinstance(value, list) else [value])
                    if isinstance(text, str))
    for each in body.values() if isinstance(body, dict) else body if isinstance(body, list) else ():
        yield from within(each)


def found_in(text: str, *more: str) -> list[str]:
    """The beginnings of those secrets, and of `more`, that stand in a text."""
    return [f"{secret[:8]}…" for secret in {*_said, *more} if len(secret) >= SHORTEST and secret in text]
