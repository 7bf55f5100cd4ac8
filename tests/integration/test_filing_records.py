"""What the registry's dated records mean for who files: nothing ended takes an issue, and what was asked was answered."""
from collections.abc import Callable
from typing import Any

import pytest

from chassis.caller import Caller
from chassis.clock import now
from contracts import registry
from contracts.envelope import Received
from contracts.errors import Problem
from contracts.registry_parts import Closure, Holiday, Option, Question
from contracts.schema import instant
from services.issues.atlas import Atlas, learn
from services.issues.cases.confidential import revealed
from services.issues.documents import issue_store
from services.issues.filing import Desk, Filing
from services.issues.life.command import Command
from services.issues.model import Actor, Issue
from services.issues.reckoning import why
from services.issues.schemas import issue_json
from services.issues.use_cases import Commands, by_ref, find
from tests.builders import NOON, a_square
from tests.integration.conftest import Connect
from tests.integration.reference import Row, agency, calendar, category, place, rule

IN_N1 = {"lon": 50.905, "lat": 35.805}


QUESTIONS = (Question("where", "one", "کجا؟", "Where?", True, (
    Option("meter", "کنتور", "Meter"), Option("street", "کوچه", "Street"))),)
RECORDS = (place("alborz", kind="province"), place("karaj", "alborz", kind="county"), place("n1", "alborz", "karaj"),
           place("border", "alborz", contested_with="fardis"), agency("abfa"), agency("meters"), category(),
           rule("water", "karaj", "abfa"))


def tell(*snapshots: Any) -> None:
    learn([Received(f"e{n}", None, each, each.code, each.version, now()) for n, each in enumerate(snapshots)])


@pytest.fixture
def file(database: Connect) -> Callable[..., Any]:
    """Files something in category water, neighbourhood n1; the outcome, and a second time under the same key the same."""
    database("issues")
    tell(*RECORDS, registry.BoundarySnapshot("n1", 1, a_square(50.9, 35.8)),
         registry.BoundarySnapshot("karaj", 1, a_square(50.5, 35.5, 1.0)))
    desk = Desk(issue_store(), Atlas(), "secret")

    def file(key: str = "k", at: Any = NOON, caller: str = "resident:app", **body: Any) -> Any:
        asked = {"category": "water", "text": "آب می‌رود", "neighbourhood": "n1"} | body
        [outcome] = desk.file([Filing(caller, key, asked)], at)
        return outcome

    return file


def stored(receipt: Row) -> Row:
    return find(receipt["id"]) or {}


def problem(outcome: Any) -> tuple[str, list[str], str, str]:
    assert isinstance(outcome, Problem), outcome
    return outcome.code, [error["pointer"] for error in outcome.errors], outcome.fa, outcome.en


def test_a_secretary_files_in_their_place_alone_and_nobody_else_with_an_office(file: Callable[..., Any]) -> None:
    for caller in ("secretary:", "secretary:alborz", "secretary:n1"):
        assert stored(file(key=caller, caller=caller))["filed_by"] == caller
    for caller, code in (("secretary:fardis", "not_your_place"), ("agency:abfa", "not_allowed"),
                         ("operator:", "not_allowed")):
        assert problem(file(key=caller, caller=caller))[0] == code
    assert problem(file(key="point", caller="secretary:fardis", neighbourhood=None, point={"lon": 50.9, "lat": 35.8}))[
        0] == "not_your_place"


def test_a_category_that_has_ended_takes_no_issue_and_keeps_its_name(file: Callable[..., Any]) -> None:
    tell(category(version=2, in_force=False))
    code, pointers, fa, en = problem(file())
    assert (code, pointers) == ("category_not_in_force", ["/category"])
    assert "«آب» (water)" in fa and "/v1/categories" in fa and "water" in en and "/v1/categories" in en


def test_a_neighbourhood_that_was_merged_names_what_it_became(file: Callable[..., Any]) -> None:
    tell(place("n1", "alborz", "karaj", version=2, in_force=False, became=("n2",)), place("n2", "alborz", "karaj"))
    code, pointers, fa, en = problem(file())
    assert (code, pointers) == ("neighbourhood_not_in_force", ["/neighbourhood"])
    assert "«محلهٔ n2» (n2)" in fa and "it became n2" in en
    assert problem(file(neighbourhood=None, point=IN_N1))[:2] == ("outside", ["/point"]), "its polygon takes none either"
    assert file(neighbourhood="n2")["neighbourhood"] == "n2"


def test_a_neighbourhood_that_ended_without_a_successor_leads_to_the_list(file: Callable[..., Any]) -> None:
    tell(place("n1", "alborz", "karaj", version=2, in_force=False))
    assert "/v1/neighbourhoods" in problem(file())[2] and "/v1/neighbourhoods" in problem(file())[3]


def test_what_was_filed_before_the_end_is_answered_the_same_when_it_is_repeated(file: Callable[..., Any]) -> None:
    receipt = file()
    tell(place("n1", "alborz", "karaj", version=2, in_force=False), category(version=2, in_force=False))
    assert file() == receipt
    assert problem(file(text="چیز دیگر"))[0] == "category_not_in_force", "the same key with another request is no repetition"
    assert problem(file(key="another"))[0] == "category_not_in_force"


def test_so_is_a_confidential_one_though_what_was_asked_lies_sealed(file: Callable[..., Any]) -> None:
    tell(category(version=2, confidential=True))
    receipt = file()
    tell(category(version=3, confidential=True, in_force=False))
    assert file() == receipt
    assert problem(file(text="چیز دیگر"))[0] == "category_not_in_force"


def test_a_point_that_lies_in_wider_places_too_is_given_its_neighbourhood(file: Callable[..., Any]) -> None:
    assert file(neighbourhood=None, point=IN_N1)["neighbourhood"] == "n1"


def test_a_boundary_that_is_not_in_force_holds_no_point(file: Callable[..., Any]) -> None:
    tell(registry.BoundarySnapshot("n1", 2, a_square(50.9, 35.8), in_force=False))
    assert problem(file(neighbourhood=None, point=IN_N1))[0] == "outside"


def test_answers_choose_the_rule_and_are_kept_with_the_issue(file: Callable[..., Any]) -> None:
    tell(category(version=2, questions=QUESTIONS), rule("meters", "alborz", "meters", priority=1,
                                                                 answers={"where": ["meter"]}))
    receipt = file(answers={"where": "meter"})
    assert receipt["agency"] == "meters" and issue_json(stored(receipt))["answers"] == {"where": "meter"}
    assert file(key="k2", answers={"where": "street"})["agency"] == "abfa"
    assert problem(file(key="k3"))[:2] == ("bad_answers", ["/answers/where"])
    assert problem(file(key="k3", answers={"where": "roof", "how": 1}))[1] == ["/answers/where", "/answers/how"]


def test_answers_go_on_when_an_agency_refuses(file: Callable[..., Any]) -> None:
    tell(category(version=2, questions=QUESTIONS), rule("meters", "alborz", "meters", priority=11,
                                                                 answers={"where": ["meter"]}))
    receipt = file(answers={"where": "meter"})
    commands = Commands(issue_store(), Atlas())
    found = commands.answer(f"{receipt['id']}-1", "refuse", "abfa", Command("c", "x"), {"reason": "کار ما نیست"})
    assert [task.agency for task in found.tasks] == ["abfa", "meters"]


def test_no_event_of_a_confidential_issue_holds_its_answers(file: Callable[..., Any], database: Connect) -> None:
    tell(category(version=2, questions=QUESTIONS, confidential=True))
    file(answers={"where": "meter"})
    found = database("issues").issues.find_one() or {}
    assert revealed(found)["answers"] == {"where": "meter"}
    assert found["outbox"] and "meter" not in str(found), "neither does anything that lies open beside them"


def test_a_rule_an_agency_or_a_calendar_that_ended_has_no_part_in_a_filing(file: Callable[..., Any]) -> None:
    tell(rule("water", "karaj", "abfa", version=2, in_force=False), calendar(in_force=False))
    assert file()["agency"] is None
    tell(rule("water", "karaj", "abfa", version=3))
    assert stored(file(key="k2"))["tasks"][0]["calendar"] is None
    tell(agency("abfa", version=2, in_force=False))
    assert file(key="k3")["agency"] is None


def test_a_contested_neighbourhood_waits_for_the_headquarters_above_both_sides(
        file: Callable[..., Any], database: Connect) -> None:
    receipt = file(neighbourhood="border")
    assert (receipt["status"], receipt["agency"]) == ("filed", None)
    found = database("issues").issues.find_one() or {}
    assert [entry["type"] for entry in found["outbox"]] == ["mahalle.issues.issue_filed.v1"], "which tells the secretary"
    assert found["place"][0] == "alborz"


def test_a_deadline_is_reckoned_in_the_calendar_in_force_and_says_in_which(file: Callable[..., Any]) -> None:
    """NOON is a Tuesday, 12:00 in Tehran: 2:30 are left of it, Wednesday is a holiday, then it is Saturday."""
    tell(calendar(version=4, holidays=(Holiday("2026-11-25", "تعطیل", "Holiday"),)))
    [task] = stored(file())["tasks"]
    assert task["accept_by"].isoformat() == "2026-11-28T08:30:00+00:00"
    assert task["due"].isoformat() == "2026-11-29T08:30:00+00:00"
    assert (task["calendar"], task["calendar_version"], task["accept_hours"], task["finish_hours"]) == ("alborz", 4, 7, 14)
    tell(calendar(version=5))
    [task] = stored(file(key="k2"))["tasks"]
    assert (task["due"].isoformat(), task["calendar_version"]) == ("2026-11-28T08:30:00+00:00", 5)


def test_working_days_of_a_category_count_instead_of_its_hours_and_it_is_said_from_when(file: Callable[..., Any]) -> None:
    """Closed at eleven on that Tuesday: days count from Wednesday's opening at 07:30, 04:00 UTC."""
    closed_at_eleven = Closure("2026-11-24", "آلودگی هوا", "11:00")
    tell(calendar(closures=(closed_at_eleven,)), category(version=2, accept_days=1, finish_days=3))
    issue = stored(file())
    [task] = issue["tasks"]
    assert (task["accept_by"].isoformat(), task["due"].isoformat()) == (
        "2026-11-28T04:00:00+00:00", "2026-11-30T04:00:00+00:00")
    assert (issue["finish_days"], task["accept_days"], task["finish_days"], task["finish_hours"]) == (3, 1, 3, 14)
    said = why(issue["_id"], task["id"], Caller("secretary", "s"), None, Atlas().current())
    assert (said["counted_from"], said["finish_days"], said["due"]) == (
        "2026-11-25T04:00:00.000Z", 3, "2026-11-30T04:00:00.000Z")
    tell(calendar(version=2))  # reckoned by another version than is in force now: nobody says from when
    assert why(issue["_id"], task["id"], Caller("secretary", "s"), None, Atlas().current())["counted_from"] == instant(NOON)


def test_a_calendar_that_never_opens_is_told_to_who_minds_it_and_holds_no_filing_up(
        file: Callable[..., Any], capsys: pytest.CaptureFixture[str]) -> None:
    tell(calendar(weekend=(1, 2, 3, 4, 5, 6, 7)), calendar(code="karaj", time_zone="Asia/Karaj"))
    [task] = stored(file())["tasks"]
    assert (task["due"] - NOON).total_seconds() == 14 * 3600 and task["calendar"] is None
    said = capsys.readouterr()
    assert "it never opens" in said.out + said.err and "ZoneInfoNotFoundError" in said.out + said.err


def test_a_secretary_gives_nothing_to_an_agency_that_has_ended(file: Callable[..., Any]) -> None:
    tell(agency("meters", version=2, name_fa="کنتورها", in_force=False), calendar())
    receipt, commands = file(neighbourhood="border"), Commands(issue_store(), Atlas())

    def assign(code: str) -> Issue:
        said = {"agency": code, "reason": None, "part": None, "binding": False}
        return commands.decide(by_ref(receipt["id"]), Command(code, "x"), commands.offering(said, Actor("secretary", "s")))

    for code, told in (("meters", "agency_not_in_force"), ("nobody", "unknown_agency")):
        with pytest.raises(Problem, match=told) as refused:
            assign(code)
        assert refused.value.errors[0]["pointer"] == "/agency"
    found = assign("abfa")
    assert (found.tasks[0].agency, found.tasks[0].calendar) == ("abfa", "alborz")


def test_what_was_learnt_before_the_records_were_dated_is_read_as_in_force(
        file: Callable[..., Any], database: Connect) -> None:
    new = ("in_force", "became", "contested_with", "allowances", "questions", "answers", "others", "committee")
    database("issues").reference.update_many({}, {"$unset": dict.fromkeys(new, "")})
    assert file()["agency"] == "abfa"
