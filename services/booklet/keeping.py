"""Answers that cost much are given again for a while, so that asking often cannot keep the database busy.

What counting costs is in docs/numbers.md.
"""
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock, Semaphore
from typing import Any

TIMES = 10  # an answer is given for so many times the time that it took: one question takes a tenth of a core at most
MOST = 200  # answers that are kept; the one that was asked for least lately gives way
AT_ONCE = 2  # counted at the same time, whatever is asked: many different questions keep no more cores busy than this


@dataclass
class Entry:
    lock: Any = field(default_factory=Lock)
    good_until: float = 0.0
    answer: Any = None


class Kept:
    """One answer per key. Callers who come while one is counted wait for it. Errors are not kept."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._entries: OrderedDict[Hashable, Entry] = OrderedDict()
        self._guard, self._counting = Lock(), Semaphore(AT_ONCE)

    def __len__(self) -> int:
        return len(self._entries)

    def __call__(self, key: Hashable, count: Callable[[], Any]) -> Any:
        entry = self._entry(key)
        with entry.lock:
            if self._clock() >= entry.good_until:
                with self._counting:
                    began = self._clock()
                    entry.answer = count()
                    ended = self._clock()
                entry.good_until = ended + TIMES * (ended - began)
            return entry.answer

    def _entry(self, key: Hashable) -> Entry:
        """Who waits on an entry that gave way meanwhile still gets its answer."""
        with self._guard:
            entry = self._entries.setdefault(key, Entry())
            self._entries.move_to_end(key)
            while len(self._entries) > MOST:
                self._entries.popitem(last=False)
            return entry
