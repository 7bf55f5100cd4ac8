"""The sweeper on a real database: every due thing once, the oldest first, whoever else sweeps, dies or cannot be swept."""
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest

from contracts.errors import Unavailable
from contracts.registry_parts import Holiday
from services.issues import sweeping
from services.issues.documents import IssueDocument, issue_store
from services.issues.model import Issue
from services.issues.reshelve import reshelve
from services.issues.sweeping import AGAIN, LEASE, PAUSE, Sweeper
from tests.integration.conftest import Connect
from tests.integration.reference import calendar, category
from tests.integration.sweeps import FILED, HOUR, RECORDS, SECOND, Row, a_sweeper, file, steps, stored, tell

LATE = FILED + 7 * HOUR  # seven hours for accepting, by the clock on the wall: two steps of the ladder are due


@pytest.fixture
def issues(database: Connect) -> Any:
    """The collection; the registry is known."""
    found = database("issues").issues
    tell(*RECORDS)
    return found


def told(issue_id: str, kind: str) -> int:
    return sum(kind in entry["type"] for entry in stored(issue_id)["outbox"])


def test_what_is_due_is_done_once_and_what_is_not_is_left_alone(issues: Any) -> None:
    late, early = file(FILED, FILED + HOUR)
    sweeper = a_sweeper()
    assert sweeper.sweep(LATE) == 1 and sweeper.sweep(LATE) == 0
    assert (steps(late), steps(early)) == ([1, 2], [])
    assert (told(late, "task_escalated"), stored(late)["version"], stored(early)["version"]) == (2, 2, 1)
    assert stored(late)["next_due_at"] == stored(late)["tasks"][0]["due"] < LATE + 8 * HOUR and "lease" not in stored(late)


def test_the_oldest_come_first_however_many_there_are(issues: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "BATCH", 4)
    minutes = [7, 3, 11, 0, 5, 9, 1, 8]
    filed = dict(zip(minutes, file(*(FILED + minute * SECOND for minute in minutes)), strict=True))
    sweeper, at = a_sweeper(), LATE + HOUR
    assert sweeper.sweep(at) == 4
    assert [minute for minute in sorted(filed) if steps(filed[minute])] == [0, 1, 3, 5]
    assert sweeper.sweep(at) == 4 and sweeper.sweep(at) == 0
    assert all(steps(each) == [1, 2] for each in filed.values())


def test_several_sweepers_at_once_do_every_due_thing_once(issues: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "BATCH", 7)
    filed = file(*(FILED + number * SECOND for number in range(60)))
    together, at = threading.Barrier(4), LATE + HOUR

    def sweep_all() -> int:
        sweeper, taken = a_sweeper(), 0
        together.wait()
        for _ in range(40):
            taken += sweeper.sweep(at)
        return taken

    with ThreadPoolExecutor(4) as pool:
        taken = [each.result() for each in [pool.submit(sweep_all) for _ in range(4)]]
    assert sum(taken) == 60, "each is taken by one"
    assert all((steps(each), stored(each)["version"], told(each, "task_escalated")) == ([1, 2], 2, 2) for each in filed)


def test_two_that_hold_the_same_issue_still_do_it_once(issues: Any) -> None:
    """A sweeper that was held up longer than its lease."""
    [late] = file(FILED)
    slow = a_sweeper()
    taken = slow._take(LATE)
    assert a_sweeper().sweep(LATE + LEASE) == 1
    slow._look_at(taken[0], LATE, Issue.catch_up)
    assert (steps(late), stored(late)["version"]) == ([1, 2], 2)


def test_what_a_dead_sweeper_held_is_taken_again_after_its_lease(issues: Any) -> None:
    [late] = file(FILED)
    assert a_sweeper()._take(LATE) == [late], "and there it died"
    assert a_sweeper().sweep(LATE + LEASE - SECOND) == 0 and steps(late) == []
    assert a_sweeper().sweep(LATE + LEASE) == 1 and steps(late) == [1, 2]


def test_what_a_sweeper_did_before_it_died_is_not_done_again(issues: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed after the write, before the lease was given back."""
    [late] = file(FILED)
    sweeper = a_sweeper()

    def dies(issue_id: str, at: datetime, decide: Any) -> None:
        issue_store().change({"_id": issue_id}, lambda issue: bool(issue.catch_up(at)))
        raise SystemExit

    monkeypatch.setattr(sweeper, "_look_at", dies)
    with pytest.raises(SystemExit):
        sweeper.sweep(LATE)
    assert a_sweeper().sweep(LATE + LEASE) == 0 and steps(late) == [1, 2]


def broken(issue_id: str) -> None:
    """Nobody can reckon its deadline."""
    IssueDocument._get_collection().update_one({"_id": issue_id}, {"$set": {"tasks.0.offered_at": "یکشنبه"}})


def test_what_cannot_be_swept_holds_back_nothing_and_is_tried_again_later(issues: Any) -> None:
    filed = file(*(FILED + number * SECOND for number in range(5)))
    broken(filed[0])
    sweeper, at = a_sweeper(), LATE + HOUR
    assert sweeper.sweep(at) == 5 and sweeper.sweep(at) == 0
    assert [steps(each) for each in filed] == [[], *[[1, 2]] * 4]
    assert sweeper.sweep(at + PAUSE - SECOND) == 0 and sweeper.sweep(at + PAUSE) == 1


def test_what_others_change_all_the_time_is_left_for_later_too(issues: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = file(FILED, FILED + SECOND)
    sweeper = a_sweeper()
    change = sweeper._store.change

    def busy(query: Row, decide: Callable[[Issue], bool]) -> Issue:
        if query["_id"] == one:
            raise Unavailable("busy", "شلوغ", "busy")
        return change(query, decide)

    monkeypatch.setattr(sweeper._store, "change", busy)
    assert sweeper.sweep(LATE + HOUR) == 2
    assert (steps(one), steps(other)) == ([], [1, 2])


def test_a_day_without_a_sweeper_is_caught_up_in_order(issues: Any) -> None:
    [late] = file(FILED)
    a_sweeper().sweep(LATE + 24 * HOUR)
    assert steps(late) == [1, 2, 3, 4, 5]
    due = [entry["changes"]["was_due_at"][1] for entry in stored(late)["timeline"] if entry["action"] == "escalate"]
    assert due == sorted(due) and stored(late)["version"] == 2


# what the registry changes


def a_calendar(version: int, *holidays: str) -> Any:
    """Saturday to Wednesday, half past seven to half past two: seven hours from Tuesday noon are until Wednesday noon."""
    return calendar(version=version, holidays=tuple(Holiday(day, "تعطیل", "Holiday") for day in holidays))


@pytest.fixture
def working(issues: Any) -> list[str]:
    """Two issues in working time: the first with an agency, the second nobody's."""
    tell(a_calendar(1))
    return [*file(FILED), *file(FILED, category="strange")]


DUE, NEXT_DUE = FILED + 24 * HOUR, FILED + 4 * 24 * HOUR  # Wednesday noon; with that Wednesday off, Saturday noon


def test_a_changed_calendar_is_taken_over_before_anything_escalates(working: list[str]) -> None:
    tell(a_calendar(2, "2026-11-25"))
    sweeper = a_sweeper()
    assert sweeper.sweep(DUE) == 2 and sweeper.sweep(DUE) == 0, "and what is not due any more is not taken again and again"
    assert [steps(each) for each in working] == [[], []]
    assert [stored(each)["next_due_at"] for each in working] == [NEXT_DUE, NEXT_DUE]
    [moved] = [entry for entry in stored(working[0])["timeline"] if entry["action"] == "reschedule"]
    assert moved["changes"]["accept_by"] == ["2026-11-25T08:30:00.000Z", "2026-11-28T08:30:00.000Z"]
    assert sweeper.sweep(NEXT_DUE) == 2 and [steps(each) for each in working] == [[1, 2], [1, 2]]


def all_reckoned(sweeper: Sweeper, at: datetime) -> list[int]:
    """How many each round reckoned anew, until there was nothing."""
    rounds = [sweeper.reckon_anew(at)]
    while rounds[-1]:
        assert len(rounds) < 20, "it never ends"
        rounds.append(sweeper.reckon_anew(at))
    return rounds


def test_a_changed_calendar_moves_also_what_is_not_due_yet(working: list[str]) -> None:
    sweeper = a_sweeper()
    assert all_reckoned(sweeper, FILED) == [0]
    tell(a_calendar(2, "2026-11-25"))
    assert all_reckoned(sweeper, FILED) == [2, 0]
    assert [stored(each)["next_due_at"] for each in working] == [NEXT_DUE, NEXT_DUE]
    assert stored(working[0])["tasks"][0]["calendar_version"] == 2 and told(working[0], "task_rescheduled") == 1
    assert stored(working[1])["version"] == 1, "nothing happened to it"
    tell(a_calendar(3, "2026-11-25"))
    assert all_reckoned(a_sweeper(), FILED) == [2, 0]
    assert told(working[0], "task_rescheduled") == 1, "a version that moves nothing is told to nobody"


def test_a_changed_allowance_moves_what_is_open_and_an_ended_calendar_counts_no_more(working: list[str]) -> None:
    tell(category(version=2, accept_hours=1))
    assert all_reckoned(a_sweeper(), FILED) == [1, 0]
    assert stored(working[0])["next_due_at"] == FILED + HOUR
    tell(calendar(version=2, in_force=False))
    assert all_reckoned(a_sweeper(), FILED) == [2, 0]
    assert stored(working[1])["next_due_at"] == FILED + 7 * HOUR


def test_many_are_reckoned_a_few_at_a_time(issues: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "FEW", 4)
    tell(a_calendar(1))
    file(*[FILED] * 10)
    tell(a_calendar(2, "2026-11-25"))
    assert all_reckoned(a_sweeper(), FILED) == [4, 4, 2, 0]


def test_what_cannot_be_reckoned_anew_holds_back_no_other_and_ends(issues: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "FEW", 2)
    tell(a_calendar(1))
    filed = file(*[FILED] * 6)
    for each in filed[:3]:
        IssueDocument._get_collection().update_one({"_id": each}, {"$set": {"tasks.0.offered_at": "یکشنبه"}})
    tell(a_calendar(2, "2026-11-25"))
    rounds = all_reckoned(a_sweeper(), FILED)
    assert sum(rounds) == 6 and [stored(each)["next_due_at"] for each in filed[3:]] == [NEXT_DUE] * 3


def test_what_was_left_out_or_written_by_an_older_reading_is_reckoned_a_little_later(working: list[str]) -> None:
    sweeper = a_sweeper()
    assert sweeper.reckon_anew(FILED) == 0
    IssueDocument._get_collection().update_one({"_id": working[0]}, {"$set": {"reckoned_by": ["calendar:alborz@0"]}})
    assert sweeper.reckon_anew(FILED + AGAIN - SECOND) == 0 and sweeper.reckon_anew(FILED + AGAIN) == 1


# how it looks for them


@pytest.fixture
def profiled(database: Connect) -> Iterator[Callable[[], list[Row]]]:
    """What the database did since this fixture, by its own profile."""
    issues = database("issues")
    issues.command("profile", 2)
    yield lambda: list(issues["system.profile"].find({"ns": f"{issues.name}.issues"}))
    issues.command("profile", 0)


def test_the_sweeper_reads_what_is_due_and_nothing_else(
        issues: Any, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(a_calendar(1))
    file(*[FILED + 900 * HOUR] * 150)
    late = file(*[FILED] * 3, category="strange")
    done = request.getfixturevalue("profiled")
    sweeper = a_sweeper()
    assert sweeper.sweep(DUE) == 3 and all(steps(each) for each in late)
    tell(category(code="strange", path=("strange",), version=2, accept_hours=1))
    assert all_reckoned(sweeper, DUE) == [3, 0]
    plans = [(each["op"], each["planSummary"], each.get("docsExamined", 0)) for each in done() if "planSummary" in each]
    assert {op for op, _, _ in plans} >= {"query", "update"}
    assert not [plan for plan in plans if "COLLSCAN" in plan[1] or plan[2] > 3], plans
    assert any("next_due_at" in plan for _, plan, _ in plans) and any("reckoned_by" in plan for _, plan, _ in plans)


def test_what_an_older_release_wrote_falls_due_once_it_is_reshelved(issues: Any) -> None:
    """It knew of no timer, and of no time since which nobody has an issue."""
    routed, unrouted = *file(FILED), *file(FILED, category="strange")
    issues.update_many({}, {"$unset": {"next_due_at": 1, "reckoned_by": 1, "unrouted_at": 1, "shelves": 1}})
    assert a_sweeper().sweep(LATE) == 0
    assert (reshelve(), reshelve()) == (2, 0)
    assert a_sweeper().sweep(LATE) == 2
    assert issues.find_one({"_id": routed})["tasks"][0]["steps_accept"] == 2
    assert issues.find_one({"_id": unrouted})["steps_route"] == 2
