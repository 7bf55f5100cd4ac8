"""The conversation on an issue, in a real MongoDB: who reads and writes what, each once, and a task that waited goes on."""
import threading
from typing import Any

import pytest

from chassis.caller import Caller
from chassis.clock import now
from contracts.errors import Unavailable
from services.issues.documents import OUTBOXES, IssueDocument, Message
from services.issues.life.command import Command
from services.issues.life.task import Actor
from services.issues.model import Issue
from services.issues.neighbours import messages
from services.issues.neighbours.messages import MessageSchema, conceal, read
from services.issues.use_cases import Commands
from tests.integration.conftest import Connect
from tests.integration.meeting import ABFA, BY, MANAGER, PUBLIC, SECRETARY, Meeting, refused, stored, winning

OUTSIDERS = (PUBLIC, Caller("agency", "other"), Caller("neighbourhood_manager", "n2"), Caller("resident", "app"))
AGENCY = Actor("agency", "abfa")


@pytest.fixture
def meeting(database: Connect) -> Meeting:
    database("issues")
    return Meeting()


def texts(ref: str, asking: Caller, secret: str | None = None, **query: str) -> list[str]:
    return [each["text"] for each in read(ref, asking, secret, query)["items"]]


def kept() -> list[dict[str, Any]]:
    return list(Message._get_collection().find())


def test_parties_read_everything_and_everybody_else_what_is_public(meeting: Meeting) -> None:
    issue = meeting.files()
    for number, (asking, secret) in enumerate(((PUBLIC, issue["secret"]), (MANAGER, None), (ABFA, None), (SECRETARY, None))):
        meeting.writes(issue["tracking_code"], asking, f"public {number}", secret=secret)
        meeting.writes(issue["id"], asking, f"parties {number}", "parties", secret)
    whole = [f"{to} {number}" for number in range(4) for to in ("public", "parties")]
    for asking, secret in ((PUBLIC, issue["secret"]), (MANAGER, None), (ABFA, None), (SECRETARY, None)):
        assert texts(issue["id"], asking, secret) == whole
    for asking in OUTSIDERS:
        assert texts(issue["id"], asking) == [f"public {number}" for number in range(4)]
    assert [each["by"] for each in read(issue["id"], PUBLIC, None, {})["items"]] == [
        "filer", "neighbourhood_manager", "agency", "secretary"]


def test_who_has_no_part_does_not_write(meeting: Meeting) -> None:
    issue = meeting.files()
    codes = [refused(meeting.writes, issue["id"], asking) for asking in OUTSIDERS]
    assert codes == ["secret_or_key_needed", "not_a_party", "not_your_place", "not_a_party"]
    assert refused(lambda: meeting.writes(issue["id"], PUBLIC, secret="wrong")) == "not_found"
    assert refused(lambda: meeting.writes("none", SECRETARY)) == refused(lambda: texts("none", PUBLIC)) == "not_found"
    assert kept() == []


def test_an_agency_that_gave_its_task_back_has_no_part_any_more(meeting: Meeting) -> None:
    issue = meeting.files()
    meeting.writes(issue["id"], ABFA, "ours", "parties")
    meeting.does(issue["id"], lambda found: found.move(found.tasks[0].id, "refuse", AGENCY, now(), "کار ما نیست"))
    assert refused(lambda: meeting.writes(issue["id"], ABFA)) == "not_a_party" and texts(issue["id"], ABFA) == []


def test_a_message_is_kept_as_typed_shown_tidied_and_told_without_its_words(meeting: Meeting) -> None:
    issue = meeting.files()
    shown = meeting.writes(issue["id"], ABFA, "كي  مي‌آييد؟", "parties")
    [row] = kept()
    assert row["text"] == "كي  مي‌آييد؟" and shown["text"] == "کی می‌آیید؟" and shown["agency"] == "abfa"
    [entry] = row["outbox"]
    assert entry["data"] == {"issue_id": issue["id"], "message_id": row["_id"], "by": "agency", "to": "parties",
                             "agency": "abfa"}
    outbox = next(each for each in OUTBOXES if each.document is Message)
    [snapshot] = outbox.snapshots.values()
    assert snapshot(row, entry["data"])["id"] == issue["id"] and entry["subject"] == issue["id"]


def test_the_same_key_is_one_message_and_with_other_words_refused(meeting: Meeting) -> None:
    issue = meeting.files()
    first = meeting.writes(issue["id"], SECRETARY, "one", key="k")
    assert meeting.writes(issue["id"], SECRETARY, "one", key="k") == first
    assert refused(lambda: meeting.writes(issue["id"], SECRETARY, "two", key="k")) == "idempotency_key_reused"
    meeting.writes(issue["id"], ABFA, "one", key="k")
    assert texts(issue["id"], PUBLIC) == ["one", "one"]


def test_many_who_write_at_once_get_a_number_each(meeting: Meeting) -> None:
    issue = meeting.files()

    def write(number: int) -> None:
        for again in range(20):
            try:
                meeting.writes(issue["id"], SECRETARY, str(number), key=f"k{number}")
                return
            except Unavailable:  # others were faster, too often in a row
                assert again < 19

    threads = [threading.Thread(target=write, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(row["number"] for row in kept()) == list(range(1, 13))
    assert sorted(texts(issue["id"], PUBLIC), key=int) == [str(number) for number in range(12)]


def test_pages_give_every_message_once_the_oldest_first(meeting: Meeting) -> None:
    issue = meeting.files()
    for number in range(7):
        meeting.writes(issue["id"], SECRETARY, str(number), "public" if number % 2 else "parties")
    found, query = list[str](), {"limit": "2"}
    while True:
        page = read(issue["id"], PUBLIC, None, query)
        found += [each["text"] for each in page["items"]]
        if not page["next_cursor"]:
            break
        query["cursor"] = page["next_cursor"]
    assert found == ["1", "3", "5"]
    assert refused(lambda: read(issue["id"], PUBLIC, None, {"cursor": "?"})) == "bad_cursor"
    assert refused(lambda: read(issue["id"], PUBLIC, None, {"limit": "0"})) == "bad_limit"


def test_an_issue_holds_so_many_messages_and_no_more(meeting: Meeting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "MOST", 3)
    issue = meeting.files()
    for number in range(3):
        meeting.writes(issue["id"], SECRETARY, key=f"k{number}")
    assert refused(lambda: meeting.writes(issue["id"], SECRETARY)) == "conversation_full"
    assert meeting.writes(issue["id"], SECRETARY, key="k1")["number"] == 2


@pytest.mark.parametrize("body", [
    {}, {"text": "x"}, {"to": "public"}, {"text": "", "to": "public"}, {"text": "   ", "to": "public"},
    {"text": "x" * 2001, "to": "public"}, {"text": 5, "to": "public"}, {"text": "x\x00", "to": "public"},
    {"text": "x", "to": "all"}, {"text": "x", "to": None}, {"text": "x", "to": "public", "by": "me"}])
def test_a_bad_message_is_refused_and_nothing_is_kept(meeting: Meeting, body: dict[str, Any]) -> None:
    issue = meeting.files()
    assert refused(lambda: meeting.conversation.post(issue["id"], SECRETARY, None, "k", body, now())) == "invalid"
    assert kept() == []


@pytest.mark.parametrize("text", ["x" * 2000, "سلام", "Where is it? 🚰", "مرحبا كيف"])
def test_words_of_any_language_up_to_the_limit_are_taken(text: str) -> None:
    assert MessageSchema().load({"text": text, "to": "parties"})["text"] == text


def test_what_was_withdrawn_has_no_conversation_and_what_was_closed_has(meeting: Meeting) -> None:
    over, closed = meeting.files(), meeting.files()
    meeting.does(over["id"], lambda issue: issue.withdraw(None, now()))
    IssueDocument._get_collection().update_one({"_id": closed["id"]}, {"$set": {"ending": "closed", "closed_at": now()}})
    assert refused(lambda: meeting.writes(over["id"], SECRETARY)) == "issue_ended"
    assert meeting.writes(closed["id"], SECRETARY)["number"] == 1


# a task that waits for the filer

def waits(issue: Issue, for_whom: str = "filer") -> None:
    task = issue.tasks[0]
    if task.state == "offered":
        issue.move(task.id, "accept", AGENCY, now())
    issue.move(task.id, "wait", AGENCY, now(), "کدام کوچه؟", for_whom=for_whom)


def state(issue: dict[str, Any]) -> str:
    return str(stored(issue["id"])["tasks"][0]["state"])


def test_the_filers_message_lets_a_task_that_waited_for_them_go_on(meeting: Meeting) -> None:
    issue = meeting.files()
    meeting.does(issue["id"], waits)
    meeting.writes(issue["id"], SECRETARY)
    assert state(issue) == "waiting"
    meeting.writes(issue["id"], PUBLIC, "کوچهٔ سوم", "parties", issue["secret"])
    assert state(issue) == "in_progress"


def test_what_waits_for_somebody_else_waits_on(meeting: Meeting) -> None:
    issue = meeting.files()
    meeting.does(issue["id"], lambda found: waits(found, "other"))
    version = stored(issue["id"])["version"]
    meeting.writes(issue["id"], PUBLIC, secret=issue["secret"])
    assert state(issue) == "waiting" and stored(issue["id"])["version"] == version


def test_the_same_request_finishes_what_a_dead_process_had_begun_and_does_it_once(
        meeting: Meeting, monkeypatch: pytest.MonkeyPatch) -> None:
    issue = meeting.files()
    meeting.does(issue["id"], waits)

    def dies(*given: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(Commands, "change", dies)
        meeting.writes(issue["id"], PUBLIC, secret=issue["secret"], key="k")
    assert state(issue) == "waiting" and len(kept()) == 1
    for _ in range(2):
        meeting.writes(issue["id"], PUBLIC, secret=issue["secret"], key="k")
        assert state(issue) == "in_progress" and len(kept()) == 1
    meeting.does(issue["id"], waits)
    meeting.writes(issue["id"], PUBLIC, secret=issue["secret"], key="k")  # an old message answers no new question
    assert state(issue) == "waiting"


# confidential issues

@pytest.fixture
def case(meeting: Meeting) -> dict[str, Any]:
    """A confidential issue with a task of ABFA."""
    filed = meeting.files(category="child")
    said = {"agency": "abfa", "reason": None, "part": None, "binding": False}
    meeting.commands.decide({"_id": filed["id"]}, Command("c", "a"), meeting.commands.offering(said, BY))
    return filed


def test_of_a_confidential_issue_only_those_who_see_it_read_and_write(meeting: Meeting, case: dict[str, Any]) -> None:
    meeting.writes(case["id"], PUBLIC, "راز", "parties", case["secret"])
    meeting.writes(case["id"], ABFA, "می‌آییم", "parties")
    meeting.writes(case["id"], Caller("case_worker", "karaj"), "بررسی شد", "parties")
    assert texts(case["id"], PUBLIC, case["secret"]) == texts(case["id"], ABFA) == ["راز", "می‌آییم", "بررسی شد"]
    for asking in (*OUTSIDERS, MANAGER):
        assert refused(texts, case["id"], asking) == "not_found"
        assert refused(meeting.writes, case["id"], asking, to="parties") == "not_found"
    assert refused(lambda: meeting.writes(case["id"], ABFA)) == "confidential_not_public"


def test_a_secretary_who_sees_a_case_masked_reads_no_word_of_it(meeting: Meeting, case: dict[str, Any]) -> None:
    meeting.writes(case["id"], ABFA, "راز", "parties")
    assert texts(case["id"], SECRETARY) == []
    assert refused(lambda: meeting.writes(case["id"], SECRETARY, to="parties")) == "not_a_party"


def test_words_of_a_case_lie_sealed_tell_nothing_and_each_read_is_remembered(
        meeting: Meeting, case: dict[str, Any], database: Connect) -> None:
    meeting.writes(case["id"], ABFA, "رازی بزرگ", "parties")
    [row] = kept()
    assert "راز" not in str(row) and row["text"] is None and row["sealed"] and row["key"]
    assert [entry["data"] for entry in row["outbox"]] == [{"issue_id": case["id"]}]
    before = database("issues").case_reads.count_documents({"issue": case["id"]})
    texts(case["id"], ABFA)
    assert database("issues").case_reads.count_documents({"issue": case["id"]}) == before + 1


def test_what_was_written_before_an_issue_became_confidential_is_sealed(meeting: Meeting) -> None:
    issue = meeting.files()
    meeting.writes(issue["id"], ABFA, "رازی بزرگ")
    for _ in range(2):
        conceal(issue["id"])
        assert "راز" not in str(kept())
    IssueDocument._get_collection().update_one({"_id": issue["id"]}, {"$set": {"confidential": True}})
    assert texts(issue["id"], ABFA) == ["رازی بزرگ"] and refused(lambda: texts(issue["id"], PUBLIC)) == "not_found"
    assert texts(issue["id"], SECRETARY) == []


def test_a_conversation_is_read_by_an_index(meeting: Meeting, database: Connect) -> None:
    wanted = {"issue": "i", "number": {"$gt": 0}, "to": "public"}
    plan = winning(database, {"find": "messages", "filter": wanted, "sort": {"number": 1}})
    assert "COLLSCAN" not in plan and "'SORT'" not in plan
