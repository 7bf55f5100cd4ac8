"""Answers that cost much are given again for a while, so that asking often cannot keep the database busy.

Counting a million rows takes MongoDB about 1.7 s on one core, a thousand some milliseconds.
"""
import time
from collections import defaultdict
from collections.abc import Callable
from threading import Lock
from typing import Any

TIMES = 10  # an answer is given for so many times the time that it took: counting takes a tenth of one core at most


class Kept:
    """One answer per key. Callers who come while one is counted wait for it. Errors are not kept."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._locks: dict[str, Lock] = defaultdict(Lock)
        self._answers: dict[str, tuple[float, Any]] = {}

    def __call__(self, key: str, count: Callable[[], Any]) -> Any:
        with self._locks[key]:
            good_until, answer = self._answers.get(key, (0.0, None))
            began = self._clock()
            if began >= good_until:
                answer = count()
                ended = self._clock()
                self._answers[key] = ended + TIMES * (ended - began), answer
            return answer
