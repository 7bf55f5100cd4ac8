"""Who may see what of an issue: one table, in which everybody who is not named sees nothing."""
from itertools import product
from typing import Any

import pytest

from chassis.caller import PUBLIC, Caller
from contracts.errors import NotAllowed, NotFound, Unauthenticated
from services.issues import rights
from services.issues.codes import hash_of
from services.issues.finding.shelves import EVERYWHERE, filers
from tests.builders import SECRET, an_issue

WORKERS = [Caller("case_worker", code) for code in ("alborz", "karaj", "n1")]
EVERYBODY = [PUBLIC, *(Caller(role, subject) for role, subject in product(
    ("resident", "operator", "neighbourhood_manager", "reporter", "service", "agency", "case_worker", "filer", ""),
    ("", "n2", "alborz2", "a3", "filer", "case_worker")))]


def a_case(confidential: bool = True, states: tuple[str, ...] = ("accepted",)) -> dict[str, Any]:
    return {"confidential": confidential, "place": ["alborz", "karaj", "n1"], "tasks": [
        {"id": f"t{number}", "agency": f"a{number}", "state": state} for number, state in enumerate(states, 1)]}


@pytest.mark.parametrize("caller", EVERYBODY, ids=str)
def test_who_is_not_named_sees_nothing_of_a_confidential_issue_and_is_told_that_there_is_none(caller: Caller) -> None:
    assert rights.sight(caller, a_case()) is None
    with pytest.raises(NotFound) as hidden:
        rights.demand_sight(caller, a_case())
    with pytest.raises(NotFound) as missing:
        rights.demand_sight(caller, None)
    assert hidden.value.as_json() == missing.value.as_json()


@pytest.mark.parametrize("caller", WORKERS, ids=str)
def test_a_case_worker_of_its_place_or_of_one_above_it_sees_the_case(caller: Caller) -> None:
    assert rights.sight(caller, a_case()) == rights.CASE


def test_the_filer_a_secretary_and_an_agency_see_what_is_theirs() -> None:
    case = a_case()
    assert rights.sight(PUBLIC, case, filer=True) == rights.OWN
    assert rights.sight(Caller("secretary", "alborz"), case) == rights.MASKED
    assert rights.sight(Caller("agency", "a1"), case) == rights.PART
    assert rights.sight(Caller("agency", "a2"), case) is None


@pytest.mark.parametrize("state", rights.GIVEN_BACK)
def test_an_agency_that_has_given_its_task_back_has_no_part_any_more(state: str) -> None:
    assert rights.sight(Caller("agency", "a1"), a_case(states=(state,))) is None
    again = a_case(states=(state, "offered"))
    again["tasks"][1]["agency"] = "a1"
    assert rights.sight(Caller("agency", "a1"), again) == rights.PART
    assert [task["id"] for task in rights.tasks_of(again, "a1")] == ["t2"]


@pytest.mark.parametrize("caller", [*EVERYBODY, *WORKERS, Caller("secretary"), Caller("agency", "a1")], ids=str)
def test_of_any_other_issue_everybody_sees_what_is_public(caller: Caller) -> None:
    assert rights.sight(caller, a_case(confidential=False)) == rights.OPEN
    assert rights.sight(caller, a_case(confidential=False), filer=True) == rights.OWN


def test_a_sight_that_is_not_the_one_asked_for_is_no_sight() -> None:
    secretary = Caller("secretary", "alborz")
    assert rights.demand_sight(secretary, a_case()) == rights.MASKED
    with pytest.raises(NotFound):
        rights.demand_sight(secretary, a_case(), rights.CASE, rights.PART)


ELSEWHERE = [Caller("secretary", "fardis"), Caller("secretary", "n2"), Caller("case_worker", "n2")]


def test_only_a_secretary_and_a_case_worker_of_its_place_may_make_an_issue_confidential() -> None:
    place = a_case()["place"]
    for caller in (Caller("secretary"), Caller("secretary", "alborz"), *WORKERS):
        rights.demand_hand(caller, "cases:hide", place, confidential=False)
        rights.demand_hand(caller, "cases:hide", place, confidential=True)
    for caller in (*EVERYBODY, *ELSEWHERE):
        with pytest.raises((NotAllowed, Unauthenticated)):
            rights.demand_hand(caller, "cases:hide", place, confidential=False)
        with pytest.raises(NotFound):
            rights.demand_hand(caller, "cases:hide", place, confidential=True)


HANDLESS = [Caller("operator"), Caller("neighbourhood_manager", "n1"), Caller("reporter", "n1")]


@pytest.mark.parametrize("caller", HANDLESS, ids=str)
def test_who_has_no_hand_in_cases_is_told_that_there_is_none(caller: Caller) -> None:
    for deed in ("deliveries:read", "issues:check", "issues:answer"):
        with pytest.raises(NotFound):
            rights.demand_hand(caller, deed, a_case()["place"], confidential=True)


@pytest.mark.parametrize("caller", ELSEWHERE, ids=str)
def test_a_secretary_or_case_worker_of_another_place_is_told_that_there_is_none(caller: Caller) -> None:
    assert rights.sight(caller, a_case()) is None
    assert not rights.keeps_order(caller, a_case(confidential=False))


@pytest.mark.parametrize(("role", "subject", "deed"), [
    ("case_worker", "karaj", "cases:read"), ("agency", "a1", "tasks:read"), ("secretary", "karaj", "issues:decide")])
def test_a_key_sees_of_a_case_what_it_is_for(role: str, subject: str, deed: str) -> None:
    assert rights.sight(Caller(role, subject, "key:7", frozenset({"issues:read", deed})), a_case())
    assert rights.sight(Caller(role, subject, "key:7", frozenset({"issues:read"})), a_case()) is None


SIGNED_IN = Caller("resident", "r1", "resident:r1")


def filed(by: str, confidential: bool) -> dict[str, Any]:
    return {"secret_hash": hash_of(SECRET), "shelves": filers(an_issue(filed_by=by, confidential=confidential))}


@pytest.mark.parametrize("confidential", [False, True])
def test_a_resident_who_has_signed_in_is_the_filer_of_what_they_filed(confidential: bool) -> None:
    mine, theirs = filed("resident:r1", confidential), filed("resident:r2", confidential)
    assert rights.is_filer(SIGNED_IN, None, mine) and not rights.is_filer(SIGNED_IN, None, theirs)
    assert rights.is_filer(SIGNED_IN, SECRET, theirs), "somebody else's, by its secret"
    assert not rights.is_filer(SIGNED_IN, None, None)
    others = [Caller("resident", "r1"), Caller("resident", "r1", "key:7"), Caller("agency", "r1", "resident:r1")]
    assert not any(rights.is_filer(caller, None, mine) for caller in (PUBLIC, *others))
    assert "r1" not in str(mine["shelves"]) or not confidential


@pytest.mark.parametrize("caller", [PUBLIC, SIGNED_IN], ids=str)
def test_a_wrong_secret_is_nobodys(caller: Caller) -> None:
    for issue in (filed("resident:r1", False), None):
        with pytest.raises(NotFound):
            rights.is_filer(caller, "wrong", issue)


def test_a_list_holds_confidential_issues_for_a_secretary_alone_and_never_by_what_they_are_about() -> None:
    for subject, place in (("alborz", "alborz"), ("", EVERYWHERE)):
        assert rights.listed_to(Caller("secretary", subject), by_what_it_is_about=False) == place
        assert rights.listed_to(Caller("secretary", subject), by_what_it_is_about=True) == ""
    for caller in (*EVERYBODY, *WORKERS, Caller("secretary", "alborz", "key:7", frozenset({"issues:read"}))):
        assert rights.listed_to(caller, by_what_it_is_about=False) == ""


def test_an_agency_reads_the_part_that_was_written_for_it_or_the_text_while_nobody_was_given_a_part() -> None:
    none, some = [{"part": None}, {"part": ""}], [{"part": "خانه‌ای امن"}, {"part": None}]
    assert [rights.words_for(task, none) for task in none] == ["text", "text"]
    assert [rights.words_for(task, some) for task in some] == ["part", None]
