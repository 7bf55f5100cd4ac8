"""Answers that cost much are given again for a while; how many are kept and counted at once is bounded."""
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock

import pytest

from services.booklet.keeping import AT_ONCE, MOST, TIMES, Kept


class Watch:
    """A clock that moves when it is told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_answer_is_given_again_for_a_multiple_of_the_time_it_took() -> None:
    watch, counted = Watch(), list[float]()

    def count() -> int:
        watch.now += 2
        counted.append(watch.now)
        return len(counted)

    kept = Kept(watch)
    assert kept("agency", count) == 1
    watch.now += 2 * TIMES - 1
    assert kept("agency", count) == 1
    assert kept("neighbourhood", count) == 2
    watch.now += 1
    assert kept("agency", count) == 3


def test_an_error_is_not_kept() -> None:
    kept = Kept(Watch())
    with pytest.raises(ZeroDivisionError):
        kept("agency", lambda: 1 // 0)
    assert kept("agency", lambda: 7) == 7


def slowly(watch: Watch, answer: int) -> Callable[[], int]:
    def count() -> int:
        watch.now += 1
        return answer

    return count


def test_the_answer_that_was_asked_for_least_lately_gives_way() -> None:
    watch = Watch()
    kept = Kept(watch)
    kept("first", slowly(watch, 1))
    kept("second", slowly(watch, 1))
    watch.now = 0.0  # nothing grows old here
    for number in range(MOST - 1):
        assert kept("first", lambda: 2) == 1
        kept(number, slowly(watch, 1))
        watch.now = 0.0
    assert len(kept) == MOST
    assert (kept("first", lambda: 2), kept("second", lambda: 2)) == (1, 2)


def test_different_questions_are_not_all_counted_at_the_same_time() -> None:
    kept, busy, most, guard, enough = Kept(), 0, 0, Lock(), Event()

    def count() -> None:
        nonlocal busy, most
        with guard:
            busy += 1
            most = max(most, busy)
            if busy > AT_ONCE:
                enough.set()
        enough.wait(0.02)
        with guard:
            busy -= 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: kept(number, count), range(16)))
    assert most == AT_ONCE
