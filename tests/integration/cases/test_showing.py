"""Who is shown what of a confidential issue, after it was written down; to everybody else it is not there."""
from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from chassis.caller import PUBLIC, Caller
from contracts.errors import NotFound, Unavailable
from services.issues import rights, use_cases
from services.issues.atlas import Atlas
from services.issues.cases import casework, showing
from services.issues.cases.reads import CaseRead
from services.issues.codes import hash_of
from services.issues.documents import issue_store
from services.issues.use_cases import Commands
from tests.builders import SECRET, a_done_issue
from tests.integration.asked import Asked
from tests.integration.cases.builders import (
    AGENCY,
    ELSEWHERE,
    OPERATOR,
    PHONE,
    SECRETARY,
    SIGNED_IN,
    WORDS,
    WORKER,
    a_case,
    command,
    keep,
    stored_reads,
)


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
        caller: Caller, asked: Asked, stored: Any) -> None:
    case = a_case()
    seen = []
    for ref in (case.id, "00000000-0000-0000-0000-000000000000"):
        for secret in (None, "wrong"):
            asked.commands.clear()
            with pytest.raises(NotFound) as told:
                use_cases.look(ref, caller, secret)
            seen.append((told.value.as_json(), asked.of))
    assert all(each == seen[0] for each in seen) and seen[0][1] == [("find", "issues")]
    assert stored_reads() == []


@pytest.mark.parametrize("caller", [PUBLIC, ELSEWHERE, Caller("secretary", "fardis"), Caller("neighbourhood_manager", "n1"),
                                    Caller("resident", "r1", "resident:r1")], ids=str)
def test_a_decision_on_what_is_hidden_asks_the_database_what_one_on_nothing_asks(caller: Caller, asked: Asked) -> None:
    case, commands, seen = a_case(), Commands(issue_store(), Atlas()), []
    secret = "wrong" if caller == PUBLIC else None
    for ref in (case.id, "00000000-0000-0000-0000-000000000000"):
        for decided in (lambda ref=ref: commands.as_filer(ref, caller, secret, command(), lambda issue, at: None),
                        lambda ref=ref: commands.as_office(ref, caller, "issues:decide", command(), lambda issue, at: None)):
            asked.commands.clear()
            with pytest.raises(NotFound) as told:
                decided()
            seen.append((told.value.as_json(), asked.of))
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
