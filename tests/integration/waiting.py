"""Waiting with a probe that says what it waited for and what it saw last."""
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
PAUSE = 0.05  # seconds between looks
PATIENCE = 60.0  # seconds; a machine that does much besides needs many times what an idle one does


def eventually(what: str, probe: Callable[[], T], timeout: float = PATIENCE, until: Callable[[T], object] = bool) -> T:
    """What `probe` saw as soon as `until` likes it. Fails, saying what was waited for and what was seen last."""
    end = time.monotonic() + timeout
    while True:
        seen = probe()
        if until(seen):
            return seen
        if time.monotonic() > end:
            raise AssertionError(f"waited {timeout:g} s for: {what}; saw last: {seen!r}")
        time.sleep(PAUSE)


def stays(what: str, probe: Callable[[], T], seconds: float, until: Callable[[T], object] = bool) -> None:
    """Fails as soon as `until` dislikes what `probe` sees within these seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        seen = probe()
        assert until(seen), f"did not stay: {what}; saw: {seen!r}"
        time.sleep(PAUSE)
