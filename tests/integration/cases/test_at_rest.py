"""What lies in the database of a confidential issue, from when it is one: nothing that anybody said."""
from typing import Any

import pytest

from chassis.caller import PUBLIC
from chassis.clock import now
from chassis.relay import message_of
from contracts.errors import NotFound, Refused
from services.issues import use_cases
from services.issues.cases import casework, confidential
from services.issues.documents import OUTBOXES, Follower, Message, issue_store
from services.issues.model import Actor
from services.issues.neighbours import messages
from tests.builders import NOON, SECRET, a_done_issue, a_routed_issue
from tests.integration.cases.builders import (
    NEED,
    PHONE,
    SECRETARY,
    WORDS,
    WORKER,
    a_case,
    a_message_and_a_follower,
    command,
    decide,
    keep,
)
from tests.integration.conftest import Connect


def test_nothing_that_was_said_lies_in_the_database_whatever_happens_to_it(
        database: Connect, work: casework.CaseWork) -> None:
    case = a_case()
    decide(case, lambda issue: issue.move(issue.tasks[0].id, "accept", Actor("agency", "a1"), NOON))
    decide(case, lambda issue: issue.move(issue.tasks[0].id, "finish", Actor("agency", "a1"), NOON, text="به مددسرا رفت"))
    decide(case, lambda issue: issue.not_fixed("هنوز بیرون است", NOON))
    work.assess(case.id, WORKER, NEED, command())
    lying = "".join(str(list(database("issues")[name].find())) for name in database("issues").list_collection_names())
    said = (WORDS, "کوچهٔ بیستم", PHONE, "مددسرا", "هنوز بیرون است", "شب بیرون", "shelter", "high")
    assert [each for each in said if each in lying] == []
    found = issue_store().find(_id=case.id)
    assert found and (found.text, found.tasks[0].text, found.assessments[0]["level"]) == (WORDS, "به مددسرا رفت", "high")
    story = use_cases.look(case.id, PUBLIC, SECRET)["timeline"]
    assert [each.get("reason") for each in story if each["action"] == "redo"] == ["هنوز بیرون است"]


def test_an_issue_that_becomes_confidential_leaves_nothing_readable_behind(
        database: Connect, work: casework.CaseWork) -> None:
    issue = keep(a_done_issue(text=WORDS, contact={"phone": PHONE}))
    decide(issue, lambda found: found.not_fixed("هنوز بیرون است", NOON))
    a_message_and_a_follower(issue.id)
    assert WORDS in str(list(database("issues").issues.find()))
    work.make_confidential(issue.id, WORKER, "کودک را نشان می‌دهد", command())
    lying = "".join(str(list(database("issues")[name].find())) for name in database("issues").list_collection_names())
    said = (WORDS, PHONE, "لامپ عوض شد", "هنوز بیرون", "کودک را", "نامهٔ همسایه", "neighbour@example.org")
    assert [each for each in said if each in lying] == []
    found = database("issues").issues.find_one() or {}
    assert found["found_by"] == []
    assert [move["action"] for move in found["timeline"]][-1] == "make_confidential"
    with pytest.raises(NotFound):
        use_cases.look(issue.id, PUBLIC, None)


def test_what_a_process_that_died_left_open_beside_it_is_hidden_by_the_next_round(
        stored: Any, work: casework.CaseWork, monkeypatch: pytest.MonkeyPatch) -> None:
    issue = keep(a_done_issue())
    a_message_and_a_follower(issue.id)

    def dies(issue_id: str) -> None:
        raise SystemExit

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(messages, "conceal", dies)
        work.make_confidential(issue.id, SECRETARY, "دلیل", command())
    assert (stored.find_one() or {})[confidential.BESIDE]
    assert casework.hide_what_was_left(now()) == 0, "who read before that it was open may still be writing"
    later = now() + 2 * casework.AFTERWARDS
    assert casework.hide_what_was_left(later) == 1 and casework.hide_what_was_left(later) == 0
    assert (Message._get_collection().find_one() or {})["text"] is None
    assert "contact" not in (Follower._get_collection().find_one() or {})


def test_what_was_left_open_is_found_by_an_index(stored: Any) -> None:
    assert "IXSCAN" in str(stored.find({confidential.BESIDE: True}, {"_id": 1}).explain()["queryPlanner"]["winningPlan"])


def test_a_repeated_command_makes_it_confidential_once(stored: Any, work: casework.CaseWork) -> None:
    issue = keep(a_done_issue())
    for _ in range(2):
        work.make_confidential(issue.id, SECRETARY, "دلیل", command())
    assert [move["action"] for move in (stored.find_one() or {})["timeline"]].count("make_confidential") == 1
    with pytest.raises(Refused):
        work.make_confidential(issue.id, SECRETARY, "دلیل", command(2))


def test_what_lay_unpublished_is_published_masked(stored: Any, work: casework.CaseWork) -> None:
    issue = keep(a_done_issue(text=WORDS))
    work.make_confidential(issue.id, SECRETARY, "دلیل محرمانه", command())
    document = stored.find_one({"_id": issue.id}, {"timeline": 0})
    told = [message_of(document, entry, OUTBOXES[0]) for entry in document["outbox"]]
    assert len(told) > 4 and not any(word in each.body.decode() for each in told for word in (WORDS, "دلیل", "lighting"))
    facts = {(each.key, each.headers["ce-type"]) for each in told if each.exchange == "issues.events"}
    assert facts == {("confidential_issue_changed.v1", "mahalle.issues.confidential_issue_changed.v1")}


def test_each_agency_with_an_open_task_hears_masked_that_it_changed(stored: Any, work: casework.CaseWork) -> None:
    issue = keep(a_routed_issue(text=WORDS))
    work.make_confidential(issue.id, SECRETARY, "دلیل", command())
    document = stored.find_one({"_id": issue.id}, {"timeline": 0})
    last = [message_of(document, entry, OUTBOXES[0]) for entry in document["outbox"] if entry["key"] == "a1"][-1]
    assert last.headers["ce-type"] == "mahalle.agencies.task_changed.v1" and WORDS not in last.body.decode()
