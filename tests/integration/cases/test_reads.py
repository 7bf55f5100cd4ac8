"""Who has read a case is told to those who may know, page by page, the newest first."""
from dataclasses import replace
from datetime import timedelta

import pytest

from chassis.caller import Caller
from chassis.paging import cursor_of
from contracts.errors import Malformed, NotFound, Problem
from services.issues import use_cases
from services.issues.cases import reads
from services.issues.cases.reads import CaseRead
from tests.builders import NOON, a_done_issue
from tests.integration.cases.builders import ELSEWHERE, OPERATOR, WORKER, a_case, keep


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


def test_times_of_reads_are_told_in_utc() -> None:
    case = a_case()
    reads.note_read(case.id, "filer", "own")
    told = reads.reads(OPERATOR, {"issue": case.id}, use_cases.find(case.id))["items"][0]["at"]
    assert told.endswith("Z")
