"""Callers who wait at the same moment go together; whatever becomes of one, no other is left waiting."""
from collections.abc import Callable, Iterator
from typing import Any

import eventlet
import pytest
from eventlet.event import Event

from contracts.errors import Refused, Unavailable
from gateway.joining import LANES, MOST, Joined, Shared


@pytest.fixture(autouse=True)
def bounded() -> Iterator[None]:
    """Nobody waits for ever."""
    with eventlet.Timeout(10):
        yield


class Service:
    """Answers a joined call when it is let to. Remembers the calls."""

    def __init__(self) -> None:
        self.calls: list[list[Any]] = []
        self.open = Event()
        self.answer: Callable[[list[Any]], list[Any]] = lambda items: [f"done {item}" for item in items]

    def __call__(self, items: list[Any]) -> list[Any]:
        self.calls.append(items)
        self.open.wait()
        return self.answer(items)


def calling(joined: Joined, *items: Any) -> list[Any]:
    """Callers, one after the other, each at its own item and as far as it gets."""
    callers = []
    for item in items:
        callers.append(eventlet.spawn(joined, item))
        eventlet.sleep(0)  # it asks
        eventlet.sleep(0)  # its call goes out
    return callers


def outcome(caller: Any) -> Any:
    try:
        return caller.wait()
    except Exception as error:
        return type(error)


def test_who_comes_alone_goes_at_once() -> None:
    service = Service()
    service.open.send()
    assert Joined(service)("a") == "done a"
    assert service.calls == [["a"]]


def test_who_comes_while_calls_are_under_way_goes_with_the_others() -> None:
    service = Service()
    joined = Joined(service)
    callers = calling(joined, *range(LANES)) + calling(joined, *range(LANES, LANES + MOST + 5))
    assert len(service.calls) == LANES, "nobody waits for a batch to fill, and no more than that are under way"
    service.open.send()
    assert [outcome(caller) for caller in callers] == [f"done {n}" for n in range(LANES + MOST + 5)]
    assert [len(call) for call in service.calls] == [1] * LANES + [MOST, 5]


def test_each_gets_its_own_outcome_or_problem() -> None:
    service = Service()
    service.answer = lambda items: [Refused("no", "نه", "No") if item == 3 else item for item in items]
    joined = Joined(service)
    callers = calling(joined, *range(6))
    service.open.send()
    assert [outcome(caller) for caller in callers] == [0, 1, 2, Refused, 4, 5]


def failing(items: list[Any]) -> list[Any]:
    raise Unavailable("away", "نیست", "Away")


def breaking(items: list[Any]) -> list[Any]:
    raise KeyError("nobody foresaw this")


def forgetting(items: list[Any]) -> list[Any]:
    return items[1:]


@pytest.mark.parametrize("wrong", [failing, breaking, forgetting])
def test_a_call_that_fails_fails_each_of_its_callers_and_no_other(wrong: Callable[[list[Any]], list[Any]]) -> None:
    service = Service()
    joined = Joined(service)
    service.answer = lambda items: wrong(items) if "bad" in items else items
    alone = calling(joined, *range(LANES))
    together = calling(joined, "bad", "neighbour")
    service.open.send()
    assert [outcome(caller) for caller in together] == [Unavailable, Unavailable]
    assert [outcome(caller) for caller in alone] == list(range(LANES))
    assert joined("later") == "later"


def limited(joined: Joined, item: Any) -> Any:
    with eventlet.Timeout(0.01, Unavailable("time_limit", "دیر شد", "Too late")):
        return joined(item)


def test_what_a_caller_gave_up_before_it_was_sent_is_never_sent() -> None:
    service = Service()
    joined = Joined(service)
    busy = calling(joined, *range(LANES))
    given_up = eventlet.spawn(limited, joined, "given up")
    patient = calling(joined, "patient")
    assert outcome(given_up) is Unavailable
    service.open.send()
    assert [outcome(caller) for caller in busy + patient] == ["done 0", "done 1", "done patient"]
    assert ["given up" in call for call in service.calls] == [False] * (LANES + 1)


def test_a_caller_that_gives_up_while_it_is_asked_for_harms_no_neighbour() -> None:
    service = Service()
    joined = Joined(service)
    first = calling(joined, "first")
    given_up = eventlet.spawn(limited, joined, "given up")
    killed = calling(joined, "killed")[0]
    killed.kill()
    assert outcome(given_up) is Unavailable
    service.open.send()
    assert outcome(first[0]) == "done first"
    assert [joined(n) for n in range(3)] == ["done 0", "done 1", "done 2"], "its lane is free again"
    assert joined._lanes == 0 and joined._waiting == []


def test_all_callers_may_give_up_and_the_next_one_goes_at_once() -> None:
    service = Service()
    joined = Joined(service)
    assert [outcome(eventlet.spawn(limited, joined, n)) for n in range(LANES + 3)] == [Unavailable] * (LANES + 3)
    service.open.send()
    assert joined("next") == "done next"
    assert service.calls == [[0], [1], ["next"]]


def asking(shared: Shared, key: str, ask: Callable[[], Any], count: int = 1) -> list[Any]:
    callers = [eventlet.spawn(shared, key, ask) for _ in range(count)]
    eventlet.sleep(0)
    return callers


def test_who_asks_the_same_at_the_same_moment_shares_one_answer_and_later_ones_ask_anew() -> None:
    shared, opened, asked = Shared(), Event(), []

    def ask() -> int:
        asked.append(1)
        opened.wait()
        return len(asked)

    same, other = asking(shared, "a", ask, 5), asking(shared, "b", ask)
    opened.send()
    assert [outcome(caller) for caller in same + other] == [2] * 6
    assert len(asked) == 2
    assert shared("a", ask) == 3


@pytest.mark.parametrize(("trouble", "told"), [(Refused("no", "نه", "No"), Refused), (KeyError("unforeseen"), Unavailable)])
def test_a_question_that_fails_fails_all_who_share_it_and_no_later_one(trouble: Exception, told: type[Exception]) -> None:
    shared, opened = Shared(), Event()

    def ask() -> None:
        opened.wait()
        raise trouble

    callers = asking(shared, "a", ask, 3)
    opened.send()
    assert [outcome(caller) for caller in callers] == [type(trouble), told, told]
    assert shared("a", lambda: "well") == "well"


def test_who_shares_the_question_of_one_that_is_killed_is_not_left_waiting() -> None:
    shared = Shared()
    asker, *others = asking(shared, "a", Event().wait, 3)
    asker.kill()
    assert [outcome(caller) for caller in others] == [Unavailable, Unavailable]
    assert shared("a", lambda: "well") == "well"
