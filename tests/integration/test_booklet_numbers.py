"""The booklet's numbers as they are asked for: what is in which line, what is refused, and what nobody learns."""
from datetime import datetime, timedelta
from typing import Any

import pytest

from chassis.clock import now
from contracts.errors import Malformed
from contracts.issues import IssueSnapshot
from services.booklet import use_cases
from services.booklet.documents import IssueRow
from services.booklet.questions import question
from tests.integration.conftest import Connect
from tests.told import (
    CATEGORIES,
    NAMED,
    a_told_agency,
    a_told_category,
    a_told_done_issue,
    a_told_issue,
    a_told_place,
    a_told_task,
    received,
)

Json = dict[str, Any]


@pytest.fixture(autouse=True)
def booklet(database: Connect) -> None:
    """An empty database of the booklet, with its indexes."""
    database("booklet")


def keep(*issues: IssueSnapshot) -> None:
    use_cases.keep_issues([received(issue) for issue in issues])


def name(*snapshots: Any) -> None:
    use_cases.keep_names([received(each) for each in snapshots])


def ask(**query: str) -> Json:
    return use_cases.statistics(question({name.rstrip("_"): value for name, value in query.items()}))


def lines(**query: str) -> dict[str, Json]:
    return {item["code"]: item for item in ask(**query)["items"]}


def ago(hours: float) -> datetime:
    return now() - timedelta(hours=hours)


def an_offered(due_ago: float, **given: Any) -> IssueSnapshot:
    """Offered to a1 with a deadline so many hours ago."""
    return a_told_issue(a_told_task(due=ago(due_ago)), **given)


def test_open_and_overdue_counts_against_and_open_in_time_does_not() -> None:
    keep(an_offered(1), an_offered(-1, id="i2"), a_told_done_issue(id="i3", status="closed", closed_by="filer"))
    for by, code in (("neighbourhood", "n1"), ("agency", "a1")):
        found = lines(by=by)[code]
        assert (found["open"], found["overdue"], found["on_time_of"], found["on_time_share"]) == (2, 1, 2, 0.5), by


def test_overdue_comes_with_time_although_nothing_is_told() -> None:
    keep(an_offered(-1))
    assert ask()["totals"]["overdue"] == 0
    IssueRow._get_collection().update_one({}, {"$set": {"late_from": ago(0.001)}})  # as if an hour had passed
    assert ask()["totals"]["overdue"] == 1


def test_a_clock_that_stands_makes_nothing_overdue_and_takes_nothing_back() -> None:
    stands = a_told_task(state="waiting", due=ago(5), stopped_at=ago(6))
    stood_still_too_late = a_told_task(state="awaiting_funds", due=ago(5), stopped_at=ago(4))
    keep(a_told_issue(stands, status="waiting"), a_told_issue(stood_still_too_late, id="i2", status="awaiting_funds"))
    for by in ("neighbourhood", "agency"):
        found = ask(by=by)["totals"]
        assert (found["waiting"], found["awaiting_funds"], found["overdue"]) == (1, 1, 1), by


def test_what_nobody_was_offered_is_overdue_by_its_category_s_allowance() -> None:
    name(*CATEGORIES)
    keep(a_told_issue(filed_at=ago(73)), a_told_issue(id="i2", filed_at=ago(71)),
         a_told_issue(id="i3", category="unknown", filed_at=ago(500)))
    assert lines()["n1"]["overdue"] == 1


def test_what_nobody_was_offered_is_overdue_by_its_category_s_days_where_it_has_them() -> None:
    name(*CATEGORIES, a_told_category("deeds", finish_hours=1, finish_days=2))
    keep(a_told_issue(category="deeds", filed_at=ago(49)), a_told_issue(id="i2", category="deeds", filed_at=ago(47)))
    assert lines()["n1"]["overdue"] == 1


def test_withdrawn_issues_are_filed_and_nothing_else() -> None:
    keep(a_told_issue(a_told_task(state="cancelled", due=ago(9)), status="withdrawn"))
    found = lines()["n1"]
    assert (found["filed"], found["open"], found["solved"], found["overdue"], found["on_time_of"]) == (1, 0, 0, 0, 0)


def test_confidential_issues_are_in_no_line_and_told_only_of_the_whole_and_in_steps() -> None:
    def confidential(many: int) -> list[IssueSnapshot]:
        return [an_offered(1, id=f"i{number}", confidential=True) for number in range(many)]

    name(*NAMED)
    keep(*confidential(4))
    found = ask()
    assert found["items"][0]["filed"] == 0 and "confidential" not in found["totals"] and found["totals"]["filed"] == 0
    keep(*confidential(9))
    assert ask(by="agency")["totals"]["confidential"] == 5
    keep(*confidential(10))
    assert ask(by="month")["totals"]["confidential"] == 10
    for narrow in ({"category": "water"},
                   {"territory": "alborz"}, {"agency": "a1"}, {"from_": "2020-01-01"}, {"to": "2100-01-01"}):
        assert "confidential" not in ask(**narrow)["totals"], narrow


def test_a_confidential_category_has_no_line_of_zeros() -> None:
    name(a_told_category("addiction", confidential=True), a_told_category("water"))
    keep(an_offered(1, category="addiction", confidential=True))
    assert set(lines(by="category")) == {"water"}


def test_becoming_confidential_makes_the_booklet_forget() -> None:
    keep(an_offered(1))
    keep(an_offered(1, version=2, confidential=True))
    assert IssueRow._get_collection().find_one({"_id": "i1"}) == {"_id": "i1", "version": 2, "confidential": True}
    assert ask()["totals"]["filed"] == 0


def test_an_older_state_never_replaces_a_newer_one_in_any_order() -> None:
    old, new = a_told_issue(), a_told_done_issue(version=3)
    for batch in ([new, old], [new], [old], [old, new, old]):
        keep(*batch)
        assert lines()["n1"]["solved"] == 1


def test_everybody_known_is_listed_by_name_and_nobody_else_s_kind() -> None:
    name(a_told_place("neighbourhood", "karaj", "n1", sample=True),
         a_told_place("neighbourhood", "karaj", "n2", in_force=False), a_told_place("city", "karaj"), a_told_agency("a1"))
    keep(a_told_issue(place=("karaj", "n9")))
    found = lines()
    assert set(found) == {"n1", "n9"}
    assert (found["n1"]["name_fa"], found["n1"]["filed"], found["n1"]["sample"]) == ("n1 fa", 0, True)
    assert (found["n9"]["name_fa"], found["n9"]["filed"]) == ("n9", 1)


def test_what_has_ended_keeps_its_name_where_it_has_numbers() -> None:
    name(a_told_place("neighbourhood", "alborz", "karaj", "n1", in_force=False))
    keep(a_told_issue())
    assert lines()["n1"]["name_fa"] == "n1 fa"


@pytest.mark.parametrize("register", ["category", "territory", "agency"])
def test_a_misspelt_code_is_refused_and_not_answered_with_zeros(register: str) -> None:
    name(*NAMED)
    with pytest.raises(Malformed) as refused:
        ask(**{register: "watre"})
    assert refused.value.code == f"unknown_{register}"


def test_too_many_lines_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(use_cases, "MOST", 3)
    name(*NAMED)
    with pytest.raises(Malformed) as refused:
        ask()
    assert refused.value.code == "too_many_lines"
    assert len(ask(territory="alborz")["items"]) == 3


def test_places_of_any_level_and_right_below_a_place() -> None:
    name(*NAMED)
    assert set(lines(by="territory")) == {"alborz", "qazvin"}
    assert set(lines(by="territory", territory="alborz")) == {"west", "east"}
    assert set(lines(by="county", territory="west")) == {"west"}
    assert set(lines(by="province", territory="west")) == set()
    assert set(lines(by="neighbourhood", territory="west")) == {"n1", "n2"}


def test_a_series_of_months_has_no_gap() -> None:
    keep(a_told_issue(filed_at=datetime.fromisoformat("2026-03-20T20:29:59Z")),  # the last second of 1404 in Tehran
         a_told_issue(id="i2", filed_at=datetime.fromisoformat("2026-05-30T09:00:00Z")))
    found = ask(by="month")["items"]
    assert [(item["code"], item["filed"]) for item in found] == [
        ("1404-12", 1), ("1405-01", 0), ("1405-02", 0), ("1405-03", 1)]
    assert (found[0]["name_fa"], found[0]["from"], found[0]["to"]) == ("اسفند ۱۴۰۴", "2026-02-20", "2026-03-21")
    assert [item["code"] for item in ask(by="month", from_="2026-01-21", to="2026-03-22")["items"]] == [
        "1404-11", "1404-12", "1405-01"]


def test_a_period_begins_at_local_midnight_and_its_last_day_is_not_in_it() -> None:
    midnight = datetime.fromisoformat("2026-11-23T20:30:00Z")  # in Tehran
    keep(*(a_told_issue(id=f"i{n}", filed_at=midnight + timedelta(milliseconds=n)) for n in (-1, 0)))
    assert ask(from_="2026-11-24")["totals"]["filed"] == ask(to="2026-11-24")["totals"]["filed"] == 1
    assert ask(from_="2026-11-23", to="2026-11-25")["totals"]["filed"] == 2
