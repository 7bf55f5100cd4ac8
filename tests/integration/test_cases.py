"""Confidential issues on a real database: what lies there, who is shown what after it was written down, keys that change."""
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pymongo import monitoring
from pymongo.errors import AutoReconnect

from chassis.caller import PUBLIC, Caller
from chassis.clock import now
from chassis.paging import cursor_of
from chassis.relay import message_of
from chassis.ring import CASE_KEYS, Ring, Unreadable
from chassis.sealing import newest
from contracts.errors import Malformed, NotAllowed, NotFound, Problem, Refused, Unauthenticated, Unavailable
from services.issues import documents, rights, use_cases
from services.issues.atlas import Atlas
from services.issues.cases import casework, confidential, reads, rotate, showing
from services.issues.cases.reads import CaseRead
from services.issues.codes import hash_of
from services.issues.documents import OUTBOXES, Follower, IssueDocument, Message, issue_store
from services.issues.finding import lists
from services.issues.life.command import Command
from services.issues.model import Actor, Assignee, Issue
from services.issues.neighbours import messages
from services.issues.use_cases import Commands
from tests.builders import NOON, SECRET, a_done_issue, a_routed_issue
from tests.integration.conftest import Connect

WORDS = "کودکی زخمی در کوچهٔ بیستم"
PHONE = "09121234567"
WORKER, ELSEWHERE = Caller("case_worker", "karaj"), Caller("case_worker", "n2")
SECRETARY, OPERATOR, AGENCY = Caller("secretary", "alborz"), Caller("operator"), Caller("agency", "a1")
NEED = {"level": "high", "needs": ["shelter", "food"], "note": "شب بیرون می‌ماند"}


class Calls(monitoring.CommandListener):
    """What is asked of the database: the commands and their filters."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        self.asked.append((event.command_name, str(event.command.get(event.command_name))))

    def succeeded(self, event: Any) -> None: ...
    def failed(self, event: Any) -> None: ...


@pytest.fixture(scope="module")
def calls() -> Calls:
    listener = Calls()
    monitoring.register(listener)
    return listener


@pytest.fixture(autouse=True)
def stored(calls: Calls, database: Connect) -> Any:
    """The collection of issues, empty, with its indexes."""
    return database("issues").issues


@pytest.fixture
def work() -> casework.CaseWork:
    return casework.CaseWork(Commands(issue_store(), Atlas()))


def keep(issue: Issue) -> Issue:
    assert issue_store().add([issue]) == [None]
    return issue


def a_case(**given: Any) -> Issue:
    return keep(a_routed_issue(confidential=True, text=WORDS, contact={"phone": PHONE}, **given))


def command(number: int = 1) -> Command:
    return Command(f"c{number}", str(number))


def stored_reads() -> list[tuple[str, str]]:
    return [(each["by"], each["part"]) for each in CaseRead._get_collection().find().sort("_id", 1)]


def decide(issue: Issue, change: Callable[[Issue], None]) -> None:
    def once(found: Issue) -> bool:
        change(found)
        return True

    issue_store().change({"_id": issue.id}, once)


# at rest

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


def a_message_and_a_follower(issue: str) -> None:
    Message._get_collection().insert_one({
        "_id": f"{issue}:m", "issue": issue, "number": 1, "at": NOON, "by": "filer", "agency": None, "to": "public",
        "text": "نامهٔ همسایه", "asks": "x", "version": 1, "outbox": []})
    Follower._get_collection().insert_one({
        "_id": f"{issue}:f", "issue": issue, "at": NOON, "contact": {"email": "neighbour@example.org"}, "reachable": True,
        "secret_hash": "h", "asks": "x", "left_at": None})


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


# keys

OLD, NEW = "old " * 10, "new " * 10


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


# showing

def test_each_is_shown_what_is_theirs(stored: Any) -> None:
    case = a_case()
    whole = use_cases.look(case.id, WORKER, None)
    assert (whole["text"], whole["contact"], whole["tasks"][0]["agency"]) == (WORDS, {"phone": PHONE}, "a1")
    own = use_cases.look(case.id, PUBLIC, SECRET)
    assert own["text"] == WORDS and "contact" not in own and "assessment" not in own
    part = use_cases.look(case.id, AGENCY, None)
    assert [task["issue"]["text"] for task in part["tasks"]] == [WORDS] and PHONE not in str(part)
    masked = use_cases.look(case.id, SECRETARY, None)
    assert set(masked) == {"id", "confidential", "status", "version", "neighbourhood", "filed_at", "tasks"}
    assert WORDS not in str(masked) and "lighting" not in str(masked)


@pytest.mark.parametrize("caller", [PUBLIC, ELSEWHERE, Caller("agency", "a2"), Caller("resident", "app"), OPERATOR,
                                    Caller("neighbourhood_manager", "n1"), Caller("reporter", "n1"),
                                    Caller("service", "notifications")], ids=str)
def test_to_everybody_else_it_is_not_there_by_answer_and_by_what_is_asked_of_the_database(
        caller: Caller, calls: Calls, stored: Any) -> None:
    case = a_case()
    seen = []
    for ref in (case.id, "00000000-0000-0000-0000-000000000000"):
        for secret in (None, "wrong"):
            calls.asked.clear()
            with pytest.raises(NotFound) as told:
                use_cases.look(ref, caller, secret)
            seen.append((told.value.as_json(), list(calls.asked)))
    assert all(each == seen[0] for each in seen) and seen[0][1] == [("find", "issues")]
    assert stored_reads() == []


@pytest.mark.parametrize("caller", [PUBLIC, ELSEWHERE, Caller("secretary", "fardis"), Caller("neighbourhood_manager", "n1"),
                                    Caller("resident", "r1", "resident:r1")], ids=str)
def test_a_decision_on_what_is_hidden_asks_the_database_what_one_on_nothing_asks(caller: Caller, calls: Calls) -> None:
    case, commands, seen = a_case(), Commands(issue_store(), Atlas()), []
    for ref in (case.id, "00000000-0000-0000-0000-000000000000"):
        for decided in (lambda ref=ref: commands.as_filer(ref, caller, None, command(), lambda issue, at: None),
                        lambda ref=ref: commands.as_office(ref, caller, "issues:decide", command(), lambda issue, at: None)):
            calls.asked.clear()
            with pytest.raises(NotFound) as told:
                decided()
            seen.append((told.value.as_json(), list(calls.asked)))
    assert all(each == seen[0] for each in seen) and seen[0][1] == [("find", "issues")]


def test_a_showing_is_written_down_before_it_is_made_and_a_masked_one_is_none() -> None:
    case = a_case()
    use_cases.look(case.id, SECRETARY, None)
    assert stored_reads() == []
    use_cases.look(case.id, WORKER, None)
    use_cases.look(case.id, PUBLIC, SECRET)
    use_cases.look(case.tracking_code, AGENCY, None)
    showing.assessments(WORKER, use_cases.find(case.id))
    task = case.tasks[0].id
    showing.show_task(AGENCY, use_cases.find(case.id), task)
    assert stored_reads() == [("case_worker:karaj", "case"), ("filer", "own"), ("agency:a1", f"part:{task}"),
                              ("case_worker:karaj", "case:assessments"), ("agency:a1", f"part:{task}")]


def test_no_record_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    case = a_case()

    class Away:
        def insert_one(self, read: Any) -> None:
            raise AutoReconnect

    monkeypatch.setattr(CaseRead, "_get_collection", lambda: Away())
    monkeypatch.setattr(showing, "revealed", lambda found: pytest.fail("it was opened before it was written down"))
    for caller, secret in ((WORKER, None), (PUBLIC, SECRET), (AGENCY, None)):
        with pytest.raises(Unavailable):
            use_cases.look(case.id, caller, secret)
    with pytest.raises(Unavailable):
        showing.show_task(AGENCY, use_cases.find(case.id), case.tasks[0].id)


def test_of_an_issue_that_is_not_confidential_no_reading_is_written_down() -> None:
    issue = keep(a_done_issue())
    for caller, secret in ((PUBLIC, None), (PUBLIC, SECRET), (WORKER, None), (SECRETARY, None)):
        assert use_cases.look(issue.id, caller, secret)["text"] == "چراغ کوچه خاموش است"
    assert stored_reads() == []


def test_its_filers_address_is_given_to_nobody_who_sends_letters() -> None:
    case, issue = a_case(), keep(a_done_issue(id="i2", tracking_code="2", contact={"email": "a@example.org"}))
    asking = Caller("service", "notifications")
    assert use_cases.contact_of(issue.id, asking) == {"email": "a@example.org"}
    with pytest.raises(NotFound):
        use_cases.contact_of(case.id, asking)


# several agencies

def several(part: str | None) -> Issue:
    """Agency a1 by rule, a2 with this part; a1 has given a reason."""
    issue = a_routed_issue(confidential=True, text=WORDS, title="عنوان", point={"lon": 50.9, "lat": 35.8})
    issue.offer(Assignee("a2", queued=True), Actor("case_worker", "karaj"), NOON, "دلیل سپردن", lead=False, part=part)
    issue.move(issue.tasks[0].id, "accept", Actor("agency", "a1"), NOON)
    issue.move(issue.tasks[0].id, "finish", Actor("agency", "a1"), NOON, text="گفتهٔ دستگاه یک")
    return keep(issue)


def task_of(issue: Issue, agency: str) -> dict[str, Any]:
    task = next(task for task in issue.tasks if task.agency == agency)
    return showing.show_task(Caller("agency", agency), use_cases.find(issue.id), task.id)


def test_an_agency_with_a_part_reads_that_part_and_nothing_of_the_rest() -> None:
    seen = task_of(several("برای یک نفر غذای گرم"), "a2")
    assert seen["part"] == "برای یک نفر غذای گرم"
    hidden = (WORDS, "عنوان", "50.9", "lighting", "گفتهٔ دستگاه یک", "a1")
    assert [each for each in hidden if each in str(seen)] == []


def test_an_agency_without_a_part_reads_no_words_once_somebody_has_one() -> None:
    seen = task_of(several("برای یک نفر غذای گرم"), "a1")
    assert seen["text"] == "گفتهٔ دستگاه یک" and seen["part"] is None
    assert [each for each in (WORDS, "غذای گرم", "a2", "دلیل سپردن") if each in str(seen)] == []


def test_while_nobody_has_a_part_every_agency_reads_the_text_but_of_each_other_nothing() -> None:
    for agency, other in (("a1", "a2"), ("a2", "a1")):
        seen = task_of(several(None), agency)
        assert seen["issue"]["text"] == WORDS and other not in str(seen)
        IssueDocument._get_collection().delete_many({})


def test_no_agency_chooses_who_else_learns_of_a_case(work: casework.CaseWork) -> None:
    issue = several("برای یک نفر غذای گرم")
    task = next(task.id for task in issue.tasks if task.agency == "a2")
    with pytest.raises(Refused, match="case_not_referred"):
        decide(issue, lambda found: found.refer(task, Assignee("a3", False), Actor("agency", "a2"), NOON, "دلیل ارجاع"))
    found = issue_store().find(_id=issue.id)
    assert found and "a3" not in {task.agency for task in found.tasks}


# assessments and who decides

def test_assessments_are_kept_one_after_the_other_the_newest_first(work: casework.CaseWork) -> None:
    case = a_case()
    work.assess(case.id, WORKER, NEED, command(1))
    work.assess(case.tracking_code, Caller("case_worker", "n1"), NEED | {"level": "low", "needs": []}, command(2))
    work.assess(case.id, WORKER, NEED, command(1))  # asked again
    items = showing.assessments(WORKER, use_cases.find(case.id))["items"]
    assert [(each["level"], each["by"]) for each in items] == [("low", "case_worker:n1"), ("high", "case_worker:karaj")]


@pytest.mark.parametrize("caller", [ELSEWHERE, SECRETARY, AGENCY, OPERATOR, PUBLIC], ids=str)
def test_only_its_case_worker_assesses_or_reads_assessments(caller: Caller, stored: Any, work: casework.CaseWork) -> None:
    case = a_case()
    before = stored.find_one()
    for ask in (lambda: work.assess(case.id, caller, NEED, command()),
                lambda: showing.assessments(caller, use_cases.find(case.id)),
                lambda: work.assess("no-such-issue", WORKER, NEED, command())):
        with pytest.raises(NotFound):
            ask()
    assert stored.find_one() == before


def test_who_makes_an_issue_confidential_is_a_secretary_or_its_case_worker(stored: Any, work: casework.CaseWork) -> None:
    issue, case = keep(a_done_issue()), a_case(id="i2", tracking_code="2")
    for caller in (ELSEWHERE, Caller("secretary", "fardis"), AGENCY, OPERATOR, PUBLIC):
        with pytest.raises((NotAllowed, Unauthenticated)):
            work.make_confidential(issue.id, caller, "دلیل", command())
    for caller in (ELSEWHERE, Caller("secretary", "fardis")):
        with pytest.raises(NotFound):
            work.make_confidential(case.id, caller, "دلیل", command())
    assert not (stored.find_one({"_id": issue.id}) or {})["confidential"]


# who read

def test_who_read_a_case_is_told_page_by_page_the_newest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    times = (NOON + timedelta(milliseconds=n) for n in range(9))
    monkeypatch.setattr(reads, "now", lambda: next(times))
    case, other = a_case(), a_case(id="i2", tracking_code="2")
    for number in range(5):
        reads.note_read(case.id, f"agency:a{number}", "part:x")
    reads.note_read(other.id, "agency:a9", "part:x")
    first = reads.reads(WORKER, {"issue": case.id, "limit": "3"}, use_cases.find(case.id))
    rest = reads.reads(WORKER, {"issue": case.id, "cursor": first["next_cursor"]}, use_cases.find(case.id))
    assert [each["by"] for each in (*first["items"], *rest["items"])] == [f"agency:a{n}" for n in (4, 3, 2, 1, 0)]
    assert rest["next_cursor"] is None
    everything = reads.reads(OPERATOR, {}, None)["items"]
    assert len(everything) == 6 and set(everything[0]) == {"issue", "by", "account", "part", "at"}
    assert [each["issue"] for each in reads.reads(OPERATOR, {"by": "agency:a9"}, None)["items"]] == [other.id]


@pytest.mark.parametrize(("caller", "query", "problem"), [
    (WORKER, {}, Malformed), (WORKER, {"issue": "none"}, NotFound), (ELSEWHERE, {"issue": "case"}, NotFound),
    (WORKER, {"issue": "public"}, NotFound), (WORKER, {"issue": "case", "limit": "0"}, Malformed),
    (WORKER, {"issue": "case", "cursor": cursor_of("two", "parts")}, Malformed)])
def test_who_may_not_is_not_told_who_read(caller: Caller, query: dict[str, str], problem: type[Problem]) -> None:
    known = {"case": a_case().id, "public": keep(a_done_issue(id="i2", tracking_code="2")).id}
    asked = query | ({"issue": known.get(query["issue"], query["issue"])} if "issue" in query else {})
    with pytest.raises(problem):
        reads.reads(caller, asked, use_cases.find(asked["issue"]) if "issue" in asked else None)


def test_which_of_those_who_hold_an_office_read_a_case_is_told() -> None:
    case = a_case()
    for account in ("person:1", "key:2"):
        use_cases.look(case.id, replace(WORKER, account=account), None)
    told = reads.reads(OPERATOR, {"issue": case.id}, use_cases.find(case.id))["items"]
    assert [(each["by"], each["account"]) for each in told] == [(WORKER.id, "key:2"), (WORKER.id, "person:1")]


@pytest.mark.parametrize("wanted", [{"issue": "i"}, {"by": "agency:a1"}, {}])
def test_reads_are_found_by_index(wanted: dict[str, str]) -> None:
    reads.note_read("i", "agency:a1", "own")
    plan = str(CaseRead._get_collection().find(wanted).sort("_id", -1).explain()["queryPlanner"]["winningPlan"])
    assert "IXSCAN" in plan and "COLLSCAN" not in plan and "'SORT'" not in plan


def test_a_secret_is_compared_also_where_there_is_no_issue(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []

    def fits(secret: str | None, known: str) -> bool:
        compared.append(known)
        return False

    monkeypatch.setattr(rights, "fits", fits)
    for ref in (a_case().id, "none"):
        with pytest.raises(NotFound):
            use_cases.look(ref, PUBLIC, "wrong")
    assert compared == [hash_of(SECRET), ""]


SIGNED_IN = Caller("resident", "r1", "resident:r1")


def test_a_resident_who_has_signed_in_reads_the_case_they_filed_and_no_other(work: casework.CaseWork) -> None:
    mine, other = a_case(filed_by="resident:r1"), a_case(id="i2", tracking_code="2", filed_by="resident:r2")
    assert use_cases.look(mine.id, SIGNED_IN, None)["text"] == WORDS
    assert stored_reads() == [("filer", "own")]
    for caller, ref in ((SIGNED_IN, other.id), (Caller("resident", "r1", "key:7"), mine.id), (PUBLIC, mine.id)):
        with pytest.raises(NotFound):
            use_cases.look(ref, caller, None)
    commands = Commands(issue_store(), Atlas())
    with pytest.raises(NotFound):
        commands.as_filer(other.id, SIGNED_IN, None, command(1), lambda issue, at: issue.withdraw(None, at))
    assert commands.as_filer(
        mine.id, SIGNED_IN, None, command(2), lambda issue, at: issue.withdraw(None, at)).status == "withdrawn"


def test_its_filer_finds_a_case_whatever_key_sealed_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CASE_KEYS, OLD)
    case = a_case(filed_by="resident:r1")
    monkeypatch.setenv(CASE_KEYS, f"{NEW},{OLD}")
    assert use_cases.look(case.id, SIGNED_IN, None)["id"] == case.id
    assert rotate.rotate(confidential.ring()) == 1
    monkeypatch.setenv(CASE_KEYS, NEW)
    assert use_cases.look(case.id, SIGNED_IN, None)["id"] == case.id
    assert [each["id"] for each in lists.listed({"mine": "true"}, SIGNED_IN, Atlas())["items"]] == [case.id]


def test_times_of_reads_are_told_in_utc() -> None:
    case = a_case()
    reads.note_read(case.id, "filer", "own")
    told = reads.reads(OPERATOR, {"issue": case.id}, use_cases.find(case.id))["items"][0]["at"]
    assert told.endswith("Z") and NOON + timedelta(days=0)


# finding

def test_a_case_worker_finds_the_cases_of_their_place_masked(database: Connect) -> None:
    here = [a_case(id=f"i{n}", tracking_code=f"{n}", filed_at=NOON + timedelta(hours=n)).id for n in range(3)]
    a_case(id="far", tracking_code="9", place=["alborz", "fardis", "n7"], neighbourhood="n7")
    keep(a_done_issue(id="open", tracking_code="8"))
    first = lists.cases_of(WORKER, {"limit": "2", "status": "routed"})
    rest = lists.cases_of(WORKER, {"limit": "2", "status": "routed", "cursor": first["next_cursor"]})
    assert [each["id"] for each in (*first["items"], *rest["items"])] == here[::-1]
    assert WORDS not in str(first) and "lighting" not in str(first) and stored_reads() == []
    assert lists.cases_of(WORKER, {"status": "closed"})["items"] == [] == lists.cases_of(ELSEWHERE, {})["items"]
