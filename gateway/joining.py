"""Joining callers who wait at the same moment, so that many cost little more than one.

Nobody waits for a batch to fill: a lone caller goes at once, and those who come while it is under way go together.
"""
from collections.abc import Callable
from typing import Any

import eventlet
from eventlet.event import Event

from chassis import logs
from contracts.errors import Problem, unavailable

MOST = 64  # items of one joined call
LANES = 2  # joined calls under way at once
log = logs.get(__name__)


class Joined:
    """Writes: each caller's item goes in the next joined call, and each gets its own outcome or Problem."""

    def __init__(self, send: Callable[[list[Any]], list[Any]]) -> None:
        self._send = send
        self._waiting: list[tuple[Any, Event]] = []
        self._lanes = 0

    def __call__(self, item: Any) -> Any:
        """The outcome of this item. Raises its Problem, or that of the whole call."""
        mine = item, Event()
        self._waiting.append(mine)
        if self._lanes < LANES:
            self._lanes += 1
            eventlet.spawn_n(self._run)
        try:
            outcome = mine[1].wait()
        finally:
            if mine in self._waiting:  # its caller was told that it took too long: it must not be done later
                self._waiting.remove(mine)
        if isinstance(outcome, Problem):
            raise outcome
        return outcome

    def _run(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                for (_, done), outcome in zip(batch, self._outcomes([item for item, _ in batch]), strict=True):
                    done.send(outcome)
        finally:
            self._lanes -= 1

    def _outcomes(self, items: list[Any]) -> list[Any]:
        try:
            outcomes = self._send(items)
        except Problem as problem:
            return [problem] * len(items)
        except Exception as error:  # whatever it is, no caller may be left waiting
            log.error("a joined call failed in a way nobody foresaw", exc_info=error)
            return [unavailable()] * len(items)
        return outcomes if len(outcomes) == len(items) else [unavailable()] * len(items)


class Shared:
    """Reads: callers who ask the same at the same moment share one answer, begun after the first of them asked."""

    def __init__(self) -> None:
        self._under_way: dict[Any, Event] = {}

    def __call__(self, key: Any, ask: Callable[[], Any]) -> Any:
        """The answer to `key`. Raises what asking raised."""
        under_way = self._under_way.get(key)
        answer = under_way.wait() if under_way else self._ask(key, ask)
        if isinstance(answer, Problem):
            raise answer
        return answer

    def _ask(self, key: Any, ask: Callable[[], Any]) -> Any:
        done = self._under_way[key] = Event()
        answer: Any = unavailable()
        try:
            answer = ask()
        except Problem as problem:
            answer = problem
        finally:
            del self._under_way[key]
            done.send(answer)
        return answer
