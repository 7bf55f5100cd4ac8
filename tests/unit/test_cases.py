"""A confidential issue in the database: everything that was said in it is sealed, whatever it is, and comes back whole."""
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.ring import CASE_KEYS, Unreadable
from contracts import issues
from services.issues.cases import confidential
from services.issues.cases.assessing import MOST, assess
from services.issues.documents import IssueMapping, Recorded, Task, entry_of
from services.issues.model import Actor, Issue
from tests.builders import NOON, a_done_issue, a_routed_issue

MAPPING = IssueMapping()
SECRETS = ("کودک زخمی در کوچهٔ بیستم", "عنوان پنهان", "پاسخ پنهان", "مریم کاظمی", "دلیل پنهان", "به درمانگاه رفت",
           "یادداشت نیاز", "پنجاه و یک ممیز نه", "گفتهٔ دستگاه", "علت مهلت", "علت درخواست", "برای خیریه", "همسایهٔ دیوار")
WORKER = Actor("case_worker", "karaj")


def a_case(**given: Any) -> Issue:
    """With a word of SECRETS in every place where somebody may have written one."""
    text, title, answer, name, *_ = SECRETS
    issue = a_routed_issue(confidential=True, text=text, title=title, answers={"q": answer}, contact={"name": name},
                           **given)
    task = issue.tasks[0]
    issue.move(task.id, "accept", Actor("agency", "a1"), NOON + timedelta(hours=1))
    task.reason, task.text, task.part = SECRETS[4], SECRETS[5], SECRETS[11]
    task.stops = [{"start": NOON, "end": None, "kind": "waiting", "reason": SECRETS[8], "for_whom": "filer"}]
    task.extensions = [{"at": NOON, "to": NOON + timedelta(days=1), "reason": SECRETS[9], "by": "secretary:s"}]
    task.request = {"what": "extend", "reason": SECRETS[10], "until": NOON + timedelta(days=2), "at": NOON}
    issue.words, issue.point = SECRETS[7], {"lon": 50.123456, "lat": 35.654321}
    issue.on_behalf_of = {"name": SECRETS[12]}
    assess(issue, "high", ["food"], SECRETS[6], WORKER, NOON + timedelta(hours=3))
    issue.moved.append({"at": NOON, "by": "agency:a1", "action": "wait", "status": "waiting", "reason": SECRETS[4]})
    return issue


def document_of(issue: Issue) -> dict[str, Any]:
    moves, entries = MAPPING.news(issue, 1)
    return {"_id": issue.id, "version": 1, "timeline": moves, **MAPPING.state(issue), "outbox": entries}


def test_nothing_that_was_said_lies_readable_in_the_document_its_timeline_or_its_events() -> None:
    document = document_of(a_case())
    lying = repr(document)
    assert [secret for secret in (*SECRETS, "50.123456", "35.654321", "high", "food") if secret in lying] == []


def test_the_model_gets_everything_back_as_it_was() -> None:
    issue = a_case()
    found = MAPPING.aggregate(document_of(issue))
    known = {"moved", "recorded", "version", "past"}
    assert {k: v for k, v in vars(found).items() if k not in known} == {
        k: v for k, v in vars(issue).items() if k not in known}


def test_its_story_comes_back_with_its_words_and_its_times() -> None:
    issue = a_case()
    document = document_of(issue)
    assert confidential.revealed_moves(document["timeline"]) == issue.moved


@settings(deadline=None)  # a ring is made of the settings each time
@given(text=st.text(min_size=1, max_size=50), name=st.text(min_size=1, max_size=20))
def test_whatever_a_field_holds_is_sealed_unless_it_is_named_as_plain(text: str, name: str) -> None:
    state = {"tasks": [], "confidential": True, f"new {name}": f"said {text} so"}
    lies = confidential.concealed(state)
    assert lies[f"new {name}"] is None and f"said {text} so" not in repr(lies)
    assert confidential.revealed({"_id": "i", **lies})[f"new {name}"] == f"said {text} so"


def test_of_every_field_it_is_decided_whether_it_is_sealed() -> None:
    """A new field is sealed, and so found by no index and woken by no timer, until somebody adds it to one of these."""
    state = MAPPING.state(a_routed_issue())
    sealed = {"text", "title", "shown", "found_by", "answers", "point", "contact", "on_behalf_of", "satisfaction", "words",
              "assessments", "commands", "request_hash", "filed_by"}
    assert set(state) - confidential.PLAIN == sealed
    words = {"reason", "text", "part", "photograph", "request", "stops", "extensions"}
    assert set(Task.__dataclass_fields__) - confidential.TASK_PLAIN == words


def test_where_a_clock_stood_and_what_is_asked_for_lies_readable_without_the_reason() -> None:
    task = document_of(a_case())["tasks"][0]
    assert task["stops"][0]["start"] == NOON and task["stops"][0]["reason"] is None
    assert task["request"]["what"] == "extend" and task["request"]["reason"] is None


def test_an_issue_that_is_not_confidential_lies_as_ever() -> None:
    document = document_of(a_done_issue())
    assert "sealed" not in document and "key" not in document and document["text"] == "چراغ کوچه خاموش است"
    assert all("sealed" not in move for move in document["timeline"])


def test_becoming_confidential_seals_what_was_there_before_and_keeps_its_order() -> None:
    before = document_of(a_done_issue(text=SECRETS[0]))
    before["timeline"].append({"at": NOON, "by": "secretary:s", "action": "extend", "status": "done", "reason": SECRETS[4]})
    issue = MAPPING.aggregate(before)
    issue.make_confidential(SECRETS[9], WORKER, NOON + timedelta(days=1))
    state = MAPPING.state(issue)
    assert [secret for secret in SECRETS if secret in repr(state)] == [] and state["found_by"] == []
    story = confidential.revealed_moves(state["timeline"])
    assert story == [*before["timeline"], *issue.moved] and state[confidential.BESIDE]
    again = MAPPING.aggregate({"_id": issue.id, "version": 2, **state})
    assert "timeline" not in MAPPING.state(again), "from then on entries are added, as of any issue"


def test_a_key_that_was_taken_out_makes_it_unreadable_and_not_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    document = document_of(a_case())
    monkeypatch.setenv(CASE_KEYS, "another key " * 4)
    with pytest.raises(Unreadable):
        MAPPING.aggregate(document)


def test_what_was_told_before_it_became_confidential_is_published_as_a_change_alone() -> None:
    issue = a_done_issue()
    entries = MAPPING.news(issue, 1)[1]
    told = [confidential.as_told({"_id": issue.id, "confidential": True}, entry) for entry in entries]
    facts = [entry for entry in told if entry["exchange"] == "issues.events"]
    assert {(each["type"], each["key"]) for each in facts} == {
        ("mahalle.issues.confidential_issue_changed.v1", "confidential_issue_changed.v1")}
    assert all(each["data"] == {"issue_id": issue.id} for each in facts)
    assert [each["id"] for each in told] == [each["id"] for each in entries]
    assert [each for each in told if each not in facts] == [each for each in entries if each["exchange"] == "agencies.tasks"]


def test_a_message_that_was_sealed_before_it_was_told_of_is_a_change_alone() -> None:
    told = entry_of(Recorded(issues.MessagePosted("i", "i:m", "agency", "parties", "a1"), "i"), "i:m", 1, 0, NOON)
    assert confidential.as_told_beside({"issue": "i", "text": "نامه"}, told) == told
    assert confidential.as_told_beside({"issue": "i", "text": None}, told)["data"] == {"issue_id": "i"}


def test_of_any_other_issue_and_of_a_restatement_what_was_decided_is_published() -> None:
    issue = a_done_issue()
    entries = MAPPING.news(issue, 1)[1]
    assert [confidential.as_told({"_id": issue.id, "confidential": False}, each) for each in entries] == entries
    restated = {**entries[0], "type": "mahalle.issues.issue_restated.v1"}
    assert confidential.as_told({"_id": issue.id, "confidential": True}, restated) == restated


def test_an_assessment_is_added_and_none_is_changed() -> None:
    issue = a_routed_issue(confidential=True)
    assess(issue, "high", ["shelter"], None, WORKER, NOON)
    first = dict(issue.assessments[0])
    assess(issue, "low", [], "بهتر است", WORKER, NOON + timedelta(days=1))
    assert [each["level"] for each in issue.assessments] == ["high", "low"] and issue.assessments[0] == first
    assert [move["action"] for move in issue.moved[-2:]] == ["assess", "assess"]
    assert isinstance(issue.recorded[-1].happened, issues.ConfidentialIssueChanged)


def test_only_a_confidential_issue_is_assessed_and_not_without_end() -> None:
    public, full = a_routed_issue(), a_routed_issue(confidential=True)
    full.assessments = [{}] * MOST
    for issue, code in ((public, "not_confidential"), (full, "assessments_full")):
        before = len(issue.moved)
        with pytest.raises(Exception, match=code):
            assess(issue, "high", [], None, WORKER, NOON)
        assert len(issue.moved) == before and len(issue.assessments) in (0, MOST)


def test_the_story_of_an_assessment_does_not_tell_what_it_found() -> None:
    issue = a_routed_issue(confidential=True)
    assess(issue, "high", ["food"], SECRETS[6], WORKER, NOON)
    assert set(issue.moved[-1]) == {"at", "by", "action", "status"}
    assert entry_of(issue.recorded[-1], issue.id, 2, 0, NOON)["data"] == {"issue_id": issue.id}


def test_the_story_of_a_case_that_an_earlier_version_left_open_is_sealed_by_the_first_change() -> None:
    """Else the rotation, which looks for what has no ciphertext, would never come to it."""
    old = document_of(a_routed_issue(text="متن")) | {
        "confidential": True, "timeline": [{"at": NOON, "by": "secretary:s", "action": "offer", "reason": SECRETS[4]}]}
    issue = MAPPING.aggregate(old)
    issue.move(issue.tasks[0].id, "accept", Actor("agency", "a1"), NOON)
    state = MAPPING.state(issue)
    assert SECRETS[4] not in repr(state)
    assert [move["action"] for move in state["timeline"]] == ["offer", "accept"]
