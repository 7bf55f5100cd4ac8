"""Many at the same moment on the same issues: no decision is lost, none is made twice, and who finishes wins."""
import random
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from chassis.clock import now
from contracts.errors import Problem
from services.issues.atlas import Atlas
from services.issues.documents import issue_store
from services.issues.life.command import Command
from services.issues.model import Actor, Issue
from services.issues.use_cases import Commands, by_ref, moving
from tests.integration.conftest import Connect
from tests.integration.sweeps import HOUR, RECORDS, a_sweeper, file, steps, stored, tell

WORKERS, ISSUES, TRIES = 50, 20, 8
SECRETARY = Actor("secretary", "alborz")
NEXT = {  # what the agency and the secretary may do of a task in one state
    "offered": ("accept",), "accepted": ("start", "wait", "ask_extension", "finish"),
    "in_progress": ("wait", "defer", "ask_deferral", "ask_extension", "finish"), "waiting": ("resume", "extend"),
    "awaiting_funds": ("resume",), "done": ("redo",)}
BY_SECRETARY = ("defer", "extend", "redo")
TOLD = {"accept": "task_accepted", "start": "task_started", "wait": "task_waiting", "ask_deferral": "task_asked",
        "ask_extension": "task_asked", "defer": "task_deferred", "extend": "task_extended", "resume": "task_resumed",
        "finish": "task_finished", "redo": "issue_not_fixed"}


@pytest.fixture(autouse=True)
def known(database: Connect) -> None:
    database("issues")
    tell(*RECORDS)


def commands() -> Commands:
    return Commands(issue_store(), Atlas())


def move(to: Commands, issue: str, action: str, key: str) -> None:
    """Of the issue's one task. Raises what the command raises."""
    task, until = f"{issue}-1", now() + timedelta(days=1000)
    said = {"reason": "دلیل", "text": "شرح", "for_whom": "other", "until": until + timedelta(seconds=hash(key) % 9999)}
    command = Command(key, action)
    if action in BY_SECRETARY:
        to.decide(by_ref(issue), command, lambda each, at: each.move(task, action, SECRETARY, at, **moving(said)))
    else:
        to.answer(task, action, "abfa", command, said)


class Worker:
    """Moves now this issue, now that one; what succeeded is counted, and asked for once more as a client does that heard
    no answer."""

    def __init__(self, number: int, issues: list[str], together: threading.Barrier) -> None:
        self.dice, self.number, self.issues, self.together = random.Random(number), number, issues, together
        self.done: Counter[tuple[str, str]] = Counter()
        self.unexpected: list[Exception] = []

    def work(self) -> None:
        to = commands()
        self.together.wait()
        for turn in range(TRIES):
            issue = self.dice.choice(self.issues)
            action = self.dice.choice(NEXT[stored(issue)["tasks"][0]["state"]])
            try:
                move(to, issue, action, key := f"w{self.number}-{turn}")
                self.done[issue, action] += 1
                move(to, issue, action, key)
            except Problem as problem:
                if problem.code not in ("move_forbidden", "busy", "too_many_stops", "not_later"):
                    self.unexpected.append(problem)
            except Exception as error:
                self.unexpected.append(error)


def test_fifty_workers_on_twenty_issues_lose_no_update_and_double_none() -> None:
    issues = file(*[now()] * ISSUES)
    before = {issue: stored(issue)["version"] for issue in issues}
    together = threading.Barrier(WORKERS)
    workers = [Worker(number, issues, together) for number in range(WORKERS)]
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(Worker.work, workers))
    assert [each.unexpected for each in workers if each.unexpected] == []
    done = sum((each.done for each in workers), Counter[tuple[str, str]]())
    assert sum(done.values()) > 2 * ISSUES, "they hardly moved anything"
    for issue in issues:
        mine = Counter({action: count for (of, action), count in done.items() if of == issue})
        assert what_happened(issue) == (before[issue] + sum(mine.values()), mine, in_events(mine))


def in_events(actions: Counter[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for action, count in actions.items():
        found[TOLD[action]] += count
    return found


def what_happened(issue: str) -> tuple[int, Counter[str], Counter[str]]:
    """The version, the moves in the timeline, and the facts in the outbox; each entry goes on where the last one ended."""
    found = stored(issue)
    moves = [entry for entry in found["timeline"] if entry["action"] not in ("file", "offer")]
    assert all(one["to"] == other["from"] for one, other in pairwise(moves))
    assert (moves[-1]["to"] if moves else "offered") == found["tasks"][0]["state"]
    facts = [entry for entry in found["outbox"] if entry["exchange"] == "issues.events"]
    assert len({entry["id"] for entry in found["outbox"]}) == len(found["outbox"])
    assert {entry["seq"] for entry in facts} == set(range(1, found["version"] + 1)), "each version has told something"
    kinds = Counter(entry["type"].split(".")[-2] for entry in facts)
    return found["version"], Counter(entry["action"] for entry in moves), kinds - Counter(["issue_filed", "task_offered"])


# a finish and an escalation at the same moment


def an_overdue_issue() -> str:
    """Accepted in time, and not finished: the ladder's first steps are due."""
    [issue] = file(now() - timedelta(days=2))
    issue_store().change({"_id": issue}, lambda each: each.move(  # type: ignore[func-returns-value]
        f"{issue}-1", "accept", Actor("agency", "abfa"), each.filed_at + HOUR) is None)
    return issue


def is_finished(issue: str) -> list[str]:
    """Fails unless the finish stands as it was said and nothing escalated after it; what happened since it was accepted."""
    found = stored(issue)
    actions = [entry["action"] for entry in found["timeline"]][3:]
    assert found["tasks"][0]["state"] == "done" and found["tasks"][0]["text"] == "شرح" and found["status"] == "done"
    assert actions[-1] == "finish" and set(actions[:-1]) <= {"escalate"} and found["version"] == 3 + bool(actions[:-1])
    assert found["tasks"][0]["steps_finish"] == len(actions) - 1 == len(steps(issue, "finish"))
    return actions


def test_a_finish_and_an_escalation_at_the_same_moment_the_finish_wins() -> None:
    sweeper, to = a_sweeper(), commands()
    together, seen = threading.Barrier(2), Counter[bool]()
    with ThreadPoolExecutor(2) as pool:
        for number in range(40):
            issue = an_overdue_issue()

            def at_once(deed: Callable[[], Any]) -> Any:
                together.wait()
                return deed()

            finishing = pool.submit(at_once, lambda: move(to, issue, "finish", f"f{number}"))  # noqa: B023
            sweeping = pool.submit(at_once, lambda: sweeper.sweep(now()))
            finishing.result()
            sweeping.result()
            seen[len(is_finished(issue)) > 1] += 1
            assert sweeper.sweep(now()) == 0, "nothing is due of what is done"
    assert sum(seen.values()) == 40


def interrupted(monkeypatch: pytest.MonkeyPatch, name: str, deed: Callable[[], Any]) -> list[str]:
    """A decision of the model (`name`) that was made, and before it is written somebody else does this, once."""
    decide, calls = getattr(Issue, name), []

    def made(issue: Issue, *args: Any, **given: Any) -> Any:
        found = decide(issue, *args, **given)
        calls.append(issue.status)
        if len(calls) == 1:
            deed()
        return found

    monkeypatch.setattr(Issue, name, made)
    return calls


def test_a_finish_between_the_sweepers_look_and_its_write_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    issue, to = an_overdue_issue(), commands()
    calls = interrupted(monkeypatch, "catch_up", lambda: move(to, issue, "finish", "f"))
    assert a_sweeper().sweep(now()) == 1
    assert calls == ["in_progress", "done"] and is_finished(issue) == ["finish"]


def test_an_escalation_between_the_finish_and_its_write_is_kept_and_the_finish_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    issue, to, sweeper = an_overdue_issue(), commands(), a_sweeper()
    calls = interrupted(monkeypatch, "move", lambda: sweeper.sweep(now()))
    move(to, issue, "finish", "f")
    assert len(calls) == 2 and is_finished(issue)[0] == "escalate"


def test_what_a_filer_closes_while_the_sweeper_looks_is_closed_by_the_filer(monkeypatch: pytest.MonkeyPatch) -> None:
    issue, to = an_overdue_issue(), commands()
    move(to, issue, "finish", "f")
    calls = interrupted(monkeypatch, "catch_up", lambda: to.decide(
        by_ref(issue), Command("c", "confirm"), lambda each, at: each.confirm(5, None, at)))
    assert a_sweeper().sweep(now() + timedelta(days=15)) == 1
    assert calls[-1] == "closed" and stored(issue)["closed_by"] == "filer"


def test_one_command_from_many_at_once_has_one_effect() -> None:
    [issue] = file(now())
    together = threading.Barrier(12)

    def accept(number: int) -> str:
        to = commands()
        together.wait()
        try:
            move(to, issue, "accept", "the same")
        except Problem as problem:
            return problem.code
        return "done"

    with ThreadPoolExecutor(12) as pool:
        outcomes = Counter(pool.map(accept, range(12)))
    assert set(outcomes) <= {"done", "busy"} and outcomes["done"]
    assert [entry["action"] for entry in stored(issue)["timeline"]] == ["file", "offer", "accept"]
