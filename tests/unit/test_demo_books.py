"""The demonstration's book, how long its checks wait, and what its report and its exit status say."""
import asyncio
import math
from collections import Counter
from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from deploy.demo.book import Book
from deploy.demo.checking import Check, Verdict, settled
from deploy.demo.report import STOPPED, Played, percentile, report
from deploy.demo.scripts import Script, Source
from tests.unit.demo_world import CONFIRMED, MARKER, QUEUED, World, offered, told


def test_the_same_message_again_is_no_double_and_is_counted() -> None:
    world = World()
    world.book.heard(QUEUED, offered(CONFIRMED), 9.0)
    assert world.sentences() == [] and world.book.repeated == 1
    assert world.book.case(CONFIRMED).offers[f"{CONFIRMED}-1"].at == 1.5


def test_an_outcome_told_in_two_messages_is_said() -> None:
    async def hear(world: World) -> None:
        for message in ("first", "second"):
            world.book.heard(QUEUED, told(CONFIRMED, "answer", message), 2.0)
        assert (await world.book.case(CONFIRMED).outcome("answer")).id == "first"

    world = World()
    asyncio.run(hear(world))
    assert [s for s in world.sentences() if "2 different messages told" in s]


def test_two_filings_that_became_one_issue_are_said() -> None:
    world = World()
    script = world.book.case(CONFIRMED).script
    assert script
    world.book.filed(replace(script, number=9), 2.0, world.book.case(CONFIRMED).receipt)
    assert world.book.troubles == ["issues 0 and 9 were filed as one"]


def test_a_message_may_come_before_the_receipt_and_others_issues_are_no_business_of_ours() -> None:
    book = Book(MARKER)
    book.heard(QUEUED, offered("early"), 1.0)
    book.heard(QUEUED, offered("of somebody else"), 1.0)
    assert (book.played, book.strangers) == ([], 2)
    case = book.filed(Script(0, 0, "lighting", "n1", None, "x", ()), 0.5, {"id": "early", "filed_at": "2026"})
    assert case.offered.is_set() and book.played == [case] and book.strangers == 1


def a_check(*seen: list[str]) -> Check:
    """Whose looks find this, one after the other."""
    answers = iter(seen)

    async def look() -> list[str]:
        return next(answers)

    return Check("c", "c", look, list)


def test_read_models_are_given_time_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.demo.checking.PAUSE", 0)
    assert asyncio.run(settled(a_check(["late"], ["late"], []), end=math.inf)) == []
    assert asyncio.run(settled(a_check(["late"]), end=0)) == ["late"]


@pytest.mark.parametrize(("verdict", "troubles", "status", "words"), [
    (Verdict({"c": []}), [], 0, "The books agree: 3 filed, 3 found again, 0 lost, 0 twice"),
    (Verdict({"c": ["issue 0 is lost"]}), [], 1, "The books do not agree: 1 disagreements"),
    (Verdict({"c": []}), ["issue 1: no answer"], 1, "issue 1: no answer"),
    (None, [], STOPPED, "Stopped before the books were checked"),
])
def test_the_exit_status_says_whether_the_books_agree(verdict: Verdict | None, troubles: list[str], status: int,
                                                      words: str) -> None:
    world, out = World(), StringIO()
    world.book.troubles += troubles
    run = Played(Source("l", "made-up data", ()), world.book, {}, frozenset({QUEUED}), Counter({"503": 2}), 9.0, verdict)
    assert report(Console(file=out, width=200), run) == status
    printed = out.getvalue()
    assert words in printed and "made-up data" in printed and "503: 2" in printed
    assert "500" in printed  # ms from sending to the queue, of the two that a queue brought


def test_a_percentile_is_a_value_that_occurred() -> None:
    assert [percentile([1, 2, 3, 4], part) for part in (50, 95, 99, 100)] == [2, 4, 4, 4]
    assert percentile([7], 50) == 7


def test_on_a_narrow_terminal_names_are_cut_and_numbers_are_not() -> None:
    world, out = World(), StringIO()
    run = Played(Source("l", "made-up data", ()), world.book, {QUEUED: "A very long name of an agency " * 5},
                 frozenset({QUEUED}), Counter(), 9.0, Verdict())
    report(Console(file=out, width=80), run)
    line = next(line for line in out.getvalue().splitlines() if QUEUED in line)
    assert "…" in line and line.split("│")[2:4] == [" queue ", "     2 "]
