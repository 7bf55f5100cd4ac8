"""Hashing runs beside the event loop: the loop goes on, and no more passwords are hashed at once than there is room for."""
import ast
import inspect
from typing import Any

import eventlet
from eventlet import tpool
from eventlet.event import Event
from eventlet.patcher import original

from contracts.errors import Unavailable
from services.registry.accounts import passwords, surface, use_cases

threads: Any = original("threading")  # of the machine, also where eventlet has put its own in their place


def test_the_loop_goes_on_while_a_function_runs_aside() -> None:
    """What runs aside waits for a heartbeat of the loop: on the loop it would wait in vain."""
    beat = threads.Event()
    eventlet.spawn_after(0, beat.set)
    assert surface.Aside()(beat.wait, 10)
    assert surface.Aside()(threads.get_ident) != threads.get_ident()


def test_no_more_run_at_once_than_there_is_room_for(monkeypatch: Any) -> None:
    running, most = [0], [0]

    def execute(function: Any, *given: Any) -> None:
        running[0] += 1
        most[0] = max(most[0], running[0])
        for _ in range(3):
            eventlet.sleep(0)  # everybody else has a turn
        running[0] -= 1

    monkeypatch.setattr(tpool, "execute", execute)
    aside = surface.Aside()
    for thread in [eventlet.spawn(aside, print) for _ in range(8)]:
        thread.wait()
    assert most == [surface.AT_ONCE]


def test_who_finds_many_waiting_is_told_so_at_once_and_the_others_have_their_turn() -> None:
    """Else a crowd that signs in would hold every worker of the service, and with it keys, sessions and registers."""
    aside, go, asked = surface.Aside(), threads.Event(), surface.AT_ONCE + surface.WAITING + 5
    done: list[Any] = []

    def ask() -> None:
        try:
            done.append(aside(go.wait, 10))
        except Unavailable as problem:
            done.append(problem.code)

    waiting = [eventlet.spawn(ask) for _ in range(asked)]
    eventlet.sleep(0)
    assert done == ["busy"] * 5
    go.set()
    for each in waiting:
        each.wait()
    assert done == ["busy"] * 5 + [True] * (asked - 5)


def test_a_thread_whose_caller_has_gone_keeps_its_place(monkeypatch: Any) -> None:
    """Else threads pile up behind a crowd that was told to go, and nobody else is answered until all of them are through."""
    running, most, go = [0], [0], Event()

    def execute(function: Any, *given: Any) -> None:
        running[0] += 1
        most[0] = max(most[0], running[0])
        go.wait()
        running[0] -= 1

    def impatient() -> None:
        with eventlet.Timeout(0.001, False):
            aside(print)

    monkeypatch.setattr(tpool, "execute", execute)
    aside = surface.Aside()
    for thread in [eventlet.spawn(impatient) for _ in range(8)]:
        thread.wait()
    assert running == most == [surface.AT_ONCE]
    go.send()
    aside(print)
    assert running == [0] and most == [surface.AT_ONCE]


def test_what_goes_wrong_aside_is_raised_where_it_was_asked_for() -> None:
    def fails() -> None:
        raise KeyError("x")

    for _ in range(surface.AT_ONCE + 1):  # and leaves room for the next
        try:
            surface.Aside()(fails)
        except KeyError:
            continue
        raise AssertionError("nothing was raised")


def test_no_password_is_hashed_but_aside() -> None:
    """`hashed` and `fits` are never called in the use cases, only handed to `run`."""
    tree = ast.parse(inspect.getsource(use_cases))
    called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    handed = {ast.unparse(node.args[0]) for node in ast.walk(tree)
              if isinstance(node, ast.Call) and ast.unparse(node.func) == "self._run"}
    assert handed == {"passwords.hashed", "passwords.fits"} and not called & handed


def test_the_service_hashes_in_threads_of_tpool(monkeypatch: Any) -> None:
    asked: list[Any] = []
    execute = tpool.execute

    def noted(function: Any, *given: Any) -> Any:
        asked.append(function)
        return execute(function, *given)

    monkeypatch.setattr(tpool, "execute", noted)
    encoded = surface.Aside()(passwords.hashed, "several words in a row")
    assert surface.Aside()(passwords.fits, "several words in a row", encoded)
    assert asked == [passwords.hashed, passwords.fits]
