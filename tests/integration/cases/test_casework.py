"""Who assesses a case, makes an issue one, and finds those of their place."""
from datetime import timedelta
from typing import Any

import pytest

from chassis.caller import PUBLIC, Caller
from contracts.errors import NotAllowed, NotFound, Unauthenticated
from services.issues import use_cases
from services.issues.cases import casework, showing
from services.issues.finding import lists
from tests.builders import NOON, a_done_issue
from tests.integration.cases.builders import (
    AGENCY,
    ELSEWHERE,
    NEED,
    OPERATOR,
    SECRETARY,
    WORDS,
    WORKER,
    a_case,
    command,
    keep,
    stored_reads,
)
from tests.integration.conftest import Connect


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


def test_a_case_worker_finds_the_cases_of_their_place_masked(database: Connect) -> None:
    here = [a_case(id=f"i{n}", tracking_code=f"{n}", filed_at=NOON + timedelta(hours=n)).id for n in range(3)]
    a_case(id="far", tracking_code="9", place=["alborz", "fardis", "n7"], neighbourhood="n7")
    keep(a_done_issue(id="open", tracking_code="8"))
    first = lists.cases_of(WORKER, {"limit": "2", "status": "routed"})
    rest = lists.cases_of(WORKER, {"limit": "2", "status": "routed", "cursor": first["next_cursor"]})
    assert [each["id"] for each in (*first["items"], *rest["items"])] == here[::-1]
    assert WORDS not in str(first) and "lighting" not in str(first) and stored_reads() == []
    assert lists.cases_of(WORKER, {"status": "closed"})["items"] == [] == lists.cases_of(ELSEWHERE, {})["items"]
