"""API keys, as the registry judges them: who asks with a key is remembered for a while, and so is that one was refused.

What was remembered of a key before something is told of it (it was revoked, its owner's account was shut or opened again)
counts for nothing, and it is judged anew.
"""
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import Any

from eventlet.semaphore import Semaphore

from chassis.caller import Caller
from chassis.http_client import Client
from chassis.http_server import full
from contracts.errors import Problem, Unauthenticated
from gateway.joining import Shared
from gateway.known import GATEWAY, Known

BEGINS = "mhl_"
FRESH, KEPT = 60.0, 900.0  # seconds that a good key is believed: with the registry there, and with it away
REFUSED_FOR = 30.0  # seconds
REMEMBERED = 4096  # keys, good ones and refused ones each
LONGEST = 200  # characters of a key
AT_ONCE, WAIT = 8, 2.0  # keys that are asked about at once, and seconds that one more waits for its turn
AWAY = 5.0  # seconds after a failure in which nobody known is asked about again


@dataclass
class Held:
    """What the registry said, None where it refused, and when it was asked (monotonic seconds)."""

    known: Known | None
    at: float

    @property
    def age(self) -> float:
        return time.monotonic() - self.at


class Remembered(OrderedDict[bytes, Held]):
    """The REMEMBERED that were asked for last."""

    def find(self, mark: bytes) -> Held | None:
        if mark in self:
            self.move_to_end(mark)
        return self.get(mark)

    def keep(self, mark: bytes, held: Held) -> Held:
        self[mark] = held
        self.move_to_end(mark)
        if len(self) > REMEMBERED:
            self.popitem(last=False)
        return held


def refused() -> Unauthenticated:
    """As the registry says it."""
    return Unauthenticated("key_refused", "این کلید شناخته نیست، پس گرفته شده یا زمانش گذشته است. کلید تازه‌ای بخواهید.",
                           "This key is unknown, revoked or out of its time. Ask for a new one.")


class Keys:
    """`told`: from a key's id to when something was told of it last, in monotonic seconds; -inf for nothing."""

    def __init__(self, registry: Client, told: Callable[[str], float] = lambda id: -inf) -> None:
        self._told = told
        self._registry, self._shared, self._room = registry, Shared(), Semaphore(AT_ONCE)
        self._good, self._refused = Remembered(), Remembered()  # apart: guesses push no good key out
        self._failed = -AWAY

    def known(self, key: str) -> Known:
        """Whose it is. Raises Unauthenticated for what is no good key, Unavailable where that cannot be said."""
        if len(key) > LONGEST:
            raise refused()
        mark, told = hashlib.sha256(key.encode()).digest(), self._told(key.removeprefix(BEGINS).partition("_")[0])
        held = self._good.find(mark)
        if held and held.at <= told:
            held = None
        if held is None or held.age >= self._trust():
            held = self._judged(key, mark, held, told)
        if held.known is None:
            raise refused()
        return held.known

    def _trust(self) -> float:
        return KEPT if time.monotonic() - self._failed < AWAY else FRESH

    def _judged(self, key: str, mark: bytes, held: Held | None, told: float) -> Held:
        before = self._refused.find(mark)
        if before and before.age < REFUSED_FOR and before.at > told:
            return before
        try:
            found: Held = self._shared(mark, lambda: self._ask(key))
        except Problem:
            if held is None or held.age >= KEPT:
                raise
            self._failed = time.monotonic()
            return held
        if found.known:
            return self._good.keep(mark, found)
        self._good.pop(mark, None)
        return self._refused.keep(mark, found)

    def _ask(self, key: str) -> Held:
        """Raises the Problem of a registry that does not say."""
        if not self._room.acquire(timeout=WAIT):
            raise full()
        at = time.monotonic()
        try:
            found: dict[str, Any] = self._registry.post("/keys/check", GATEWAY, {"key": key})
        except Problem as problem:
            if problem.status >= 500:
                raise
            return Held(None, at)
        finally:
            self._room.release()
        by = Caller(found["role"], found["subject"], found["account"], frozenset(found["scopes"]))
        return Held(Known(by, datetime.fromisoformat(found["until"]).timestamp()), at)
