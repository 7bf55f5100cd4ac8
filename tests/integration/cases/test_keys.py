"""Keys of cases that change: all is written anew and found whatever key sealed it; without its key nothing is shown."""
from typing import Any

import pytest

from chassis.caller import PUBLIC
from chassis.ring import CASE_KEYS, Ring, Unreadable
from chassis.sealing import newest
from services.issues import documents, use_cases
from services.issues.atlas import Atlas
from services.issues.cases import casework, confidential, rotate
from services.issues.documents import Message
from services.issues.finding import lists
from services.issues.model import Actor
from tests.builders import NOON, SECRET, a_done_issue
from tests.integration.cases.builders import (
    NEED,
    NEW,
    OLD,
    PHONE,
    SECRETARY,
    SIGNED_IN,
    WORDS,
    WORKER,
    a_case,
    a_message_and_a_follower,
    command,
    decide,
    keep,
)
from tests.integration.conftest import Connect


def test_rotation_leaves_nothing_that_the_old_key_wrote_and_goes_on_where_it_was_cut_off(
        stored: Any, work: casework.CaseWork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CASE_KEYS, OLD)
    ids = [(case := a_case(id=f"i{n}", tracking_code=f"{n}")).id for n in range(5)]
    decide(case, lambda issue: issue.move("i4-1", "cancel", Actor("secretary", "s"), NOON, "دلیل"))
    keep(a_done_issue())
    monkeypatch.setenv(CASE_KEYS, f"{NEW},{OLD}")
    work.assess(ids[4], WORKER, NEED, command())  # its state is the new key's now, its older entries are not
    real, turns = Ring.rotate, iter(range(2))

    def dies(ring: Ring, sealed: str) -> str:
        if next(turns, None) is None:
            raise SystemExit
        return real(ring, sealed)

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(Ring, "rotate", dies)
        rotate.rotate(confidential.ring())
    left = stored.count_documents(rotate.not_of(newest(confidential.ring())))
    assert 0 < left < 5 and rotate.rotate(confidential.ring()) == left
    assert rotate.rotate(confidential.ring()) == 0
    monkeypatch.setenv(CASE_KEYS, NEW)
    for each in ids:
        assert use_cases.look(each, PUBLIC, SECRET)["text"] == WORDS


def test_rotation_and_a_decision_at_the_same_moment_lose_neither(
        stored: Any, work: casework.CaseWork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CASE_KEYS, OLD)
    case = a_case()
    decide(case, lambda issue: issue.move(issue.tasks[0].id, "cancel", Actor("secretary", "s"), NOON, "دلیل"))
    monkeypatch.setenv(CASE_KEYS, f"{NEW},{OLD}")
    real, faster = Ring.rotate, [lambda: work.assess(case.id, WORKER, NEED, command())]

    def meanwhile(ring: Ring, sealed: str) -> str:
        if faster:
            faster.pop()()
        return real(ring, sealed)

    monkeypatch.setattr(Ring, "rotate", meanwhile)
    rotate.rotate(confidential.ring())
    monkeypatch.setenv(CASE_KEYS, NEW)
    found = use_cases.look(case.id, WORKER, None)
    assert found["assessment"]["level"] == "high" and [each["action"] for each in found["timeline"]] == [
        "file", "offer", "cancel", "assess"]


def test_what_an_earlier_version_left_in_the_clear_is_sealed(
        database: Connect, work: casework.CaseWork, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(documents, "stored", lambda issue, state: state)
        patch.setattr(documents, "concealed_moves", list)
        case = a_case()
        decide(case, lambda issue: issue.move(issue.tasks[0].id, "cancel", Actor("secretary", "s"), NOON, "دلیل پنهان"))
    found = database("issues").issues
    assert WORDS in str(found.find_one()) and rotate.rotate(confidential.ring()) == 1
    assert not any(word in str(found.find_one()) for word in (WORDS, PHONE, "دلیل پنهان"))
    whole = use_cases.look(case.id, WORKER, None)
    assert whole["text"] == WORDS and whole["timeline"][-1]["reason"] == "دلیل پنهان"
    assert rotate.rotate(confidential.ring()) == 0


def test_messages_of_confidential_issues_are_rotated_too(work: casework.CaseWork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CASE_KEYS, OLD)
    issue = keep(a_done_issue())
    a_message_and_a_follower(issue.id)
    work.make_confidential(issue.id, SECRETARY, "دلیل", command())
    monkeypatch.setenv(CASE_KEYS, f"{NEW},{OLD}")
    assert rotate.rotate(confidential.ring()) == 2
    monkeypatch.setenv(CASE_KEYS, NEW)
    assert confidential.opened(Message._get_collection().find_one() or {}, confidential.ring()) == {"text": "نامهٔ همسایه"}


def test_what_another_key_wrote_is_found_by_index(stored: Any) -> None:
    plan = str(stored.find(rotate.not_of("x")).explain()["queryPlanner"]["winningPlan"])
    assert "IXSCAN" in plan and "COLLSCAN" not in plan


def test_without_the_key_nothing_is_answered_and_nothing_changed(
        stored: Any, work: casework.CaseWork, monkeypatch: pytest.MonkeyPatch) -> None:
    case = a_case()
    before = stored.find_one()
    monkeypatch.setenv(CASE_KEYS, NEW)
    for ask in (lambda: use_cases.look(case.id, WORKER, None), lambda: work.assess(case.id, WORKER, NEED, command()),
                lambda: rotate.rotate(confidential.ring())):
        with pytest.raises(Unreadable):
            ask()
    assert stored.find_one() == before


def test_its_filer_finds_a_case_whatever_key_sealed_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CASE_KEYS, OLD)
    case = a_case(filed_by="resident:r1")
    monkeypatch.setenv(CASE_KEYS, f"{NEW},{OLD}")
    assert use_cases.look(case.id, SIGNED_IN, None)["id"] == case.id
    assert rotate.rotate(confidential.ring()) == 1
    monkeypatch.setenv(CASE_KEYS, NEW)
    assert use_cases.look(case.id, SIGNED_IN, None)["id"] == case.id
    assert [each["id"] for each in lists.listed({"mine": "true"}, SIGNED_IN, Atlas())["items"]] == [case.id]
