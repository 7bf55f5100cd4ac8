"""A team as of a day: what is wanted, held and empty in a neighbourhood's zones and alleys, and whose certificates lapse."""
from typing import Any

import pytest

from contracts.errors import Malformed, NotFound
from services.registry import contacts, use_cases
from services.registry.documents import Territory
from services.registry.people import erasing
from services.registry.people import use_cases as people
from services.registry.seats import team
from services.registry.seats import use_cases as seats
from tests.integration.asked import Asked
from tests.integration.conftest import Connect
from tests.integration.registered import BRANCH, BY, PAST, SEAT, place

DAY, LATER = "2025-03-21", "2099-03-21"
ASKED: dict[str, str] = {"as_of": DAY}
PLACES = [place("z1", "zone", "n1"), place("k1", "alley", "z1"), place("k2", "alley", "n1"),
          place("n2", "neighbourhood", "karaj"), place("k9", "alley", "n2")]


@pytest.fixture
def persons(database: Connect) -> list[str]:
    """n1 has a zone and two alleys; zahra manages it and keeps k1, ali helps women for a year only, k2 has an empty seat."""
    database("registry")
    use_cases.put([*BRANCH, *PLACES], BY)
    found = [str(people.add({"name_fa": name}, BY)["id"]) for name in ("زهرا", "علی")]
    for code, role, where in (("m", "neighbourhood_manager", "n1"), ("w", "women_helper", "n1"), ("a1", "alley_mayor", "k1"),
                              ("a2", "alley_mayor", "k2"), ("s", "secretary", "karaj"), ("c", "clerk", "n1")):
        seats.establish(code, SEAT | {"role": role, "territory": where}, PAST, BY)
    for code, person, end in (("m", found[0], None), ("a1", found[0], None), ("w", found[1], "2026-03-21")):
        seats.appoint(code, person, "2025-01-01", end, "volunteered", BY)
    return found


def empty(found: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    return sorted((each["territory"], each["role"], each["seat"]) for each in found["empty"])


def test_empty_are_seats_nobody_holds_and_wanted_roles_without_a_seat(persons: list[str]) -> None:
    found = team.team("n1", ASKED)
    assert (found["wanted"], found["held"]) == (5, 3)
    assert empty(found) == [("k2", "alley_mayor", "a2"), ("n1", "reporter", None)]
    assert [(each["code"], each["kind"], each["parent"], each["wanted"], each["held"]) for each in found["places"]] == [
        ("k1", "alley", "z1", 1, 1), ("k2", "alley", "n1", 1, 0), ("n1", "neighbourhood", "mehrshahr", 3, 2),
        ("z1", "zone", "n1", 0, 0)]
    assert [(each["name_fa"], each["name_en"], each["kind"]) for each in found["empty"]] == [
        ("k2", "k2", "alley"), ("n1", "n1", "neighbourhood")]


def test_a_team_is_as_of_a_day(persons: list[str]) -> None:
    assert (team.team("n1", {"as_of": "2024-06-01"})["held"], team.team("n1", {"as_of": LATER})["held"]) == (0, 2)
    assert ("n1", "women_helper", "w") in empty(team.team("n1", {"as_of": LATER}))
    with pytest.raises(NotFound):
        team.team("n1", {"as_of": "2020-01-01"})


def test_two_seats_of_one_role_are_both_wanted(persons: list[str]) -> None:
    seats.establish("w2", SEAT | {"role": "women_helper"}, PAST, BY)
    found = team.team("n1", ASKED)
    assert found["wanted"] == 6 and ("n1", "women_helper", "w2") in empty(found)


def test_a_zone_and_an_alley_have_teams_of_their_own(persons: list[str]) -> None:
    assert (team.team("z1", ASKED)["wanted"], team.team("z1", ASKED)["held"]) == (1, 1)
    assert empty(team.team("k2", ASKED)) == [("k2", "alley_mayor", "a2")]


def test_the_public_sees_no_person_and_staff_see_who_it_is_and_are_remembered(persons: list[str]) -> None:
    public, staff = team.team("n1", ASKED), team.team("n1", ASKED, BY)
    assert not [each for each in (*persons, "زهرا", "علی") if each in str(public)]
    assert sorted((each["seat"], each["person"], each["name_fa"]) for each in staff["held_by"]) == [
        ("a1", persons[0], "زهرا"), ("m", persons[0], "زهرا"), ("w", persons[1], "علی")]
    assert len(contacts.reads({})["items"]) == 3, "the place and each of the persons once"


def test_a_team_is_read_of_each_who_was_shown_and_no_reason_holds_what_was_written(persons: list[str]) -> None:
    gone = str(people.add({"name_fa": "رضا"}, BY)["id"])
    team.team("n1", ASKED | {"why": "زهرا"}, BY)
    for code, found in (("n1", ("team", None)), *((each, ("person", "team:n1")) for each in persons)):
        [read] = contacts.reads({"code": code})["items"]
        assert (read["kind"], read["via"], read["asked_by"], read["why"]) == (*found, BY, "team")
    assert contacts.reads({"code": gone})["items"] == [], "who was not shown was not read"
    erasing.erase(persons[0], BY)
    team.team("n1", ASKED, BY)
    [read] = contacts.reads({"code": persons[0]})["items"]
    assert (read["why"], read["via"], read["asked_by"]) == (None, "team:n1", BY)
    assert len(contacts.reads({"code": persons[1]})["items"]) == 2


def test_certificates_that_expired_or_will_within_the_days_asked_for(persons: list[str]) -> None:
    for name, expires in (("کمک‌های اولیه", "2025-01-01"), ("ایمنی", "2025-04-10"), ("گفت‌وگو", "2025-09-01")):
        people.certify(persons[0], {"name": name, "given": "2020-01-01", "expires": expires}, BY)

    def lapsing(**query: str) -> list[tuple[str, str]]:
        return sorted((each["name"], each["state"]) for each in team.team("n1", ASKED | query, BY)["certificates"])

    assert lapsing() == [("ایمنی", "expiring"), ("کمک‌های اولیه", "expired")]
    assert lapsing(within="0") == [("کمک‌های اولیه", "expired")]
    assert len(lapsing(within="365")) == 3
    with pytest.raises(Malformed):
        lapsing(within="-1")


def test_a_place_above_counts_for_each_neighbourhood_by_pages_without_names(persons: list[str]) -> None:
    found = team.team("alborz", ASKED, BY)
    assert [(each["code"], each["wanted"], each["held"], each["empty"]) for each in found["items"]] == [
        ("n1", 5, 3, {"alley_mayor": 1, "reporter": 1}),
        ("n2", 4, 0, {"alley_mayor": 1, "neighbourhood_manager": 1, "reporter": 1, "women_helper": 1})]
    assert not [each for each in (*persons, "زهرا") if each in str(found)]
    page = team.team("karaj", ASKED | {"limit": "1"})
    rest = team.team("karaj", ASKED | {"limit": "1", "cursor": page["next_cursor"]})
    assert [each["code"] for each in (*page["items"], *rest["items"])] == ["n1", "n2"] and rest["next_cursor"] is None
    assert team.team("fardis", ASKED)["items"] == []
    with pytest.raises(Malformed):
        team.team("alborz", ASKED | {"limit": "101"})


def test_two_hundred_alleys_among_thousands_cost_as_many_queries_as_two_and_none_reads_the_others(
        persons: list[str], asked: Asked) -> None:
    few = asked_for(asked)
    use_cases.put([place(f"x{n}", "alley", "n1") for n in range(200)], BY)
    others = Territory._get_collection().find_one({"_id": "k9"})
    Territory._get_collection().insert_many([others | {"_id": f"y{n}"} for n in range(3000)])
    assert asked_for(asked) == few and few.count("seats") == few.count("people") == 1
    assert team.team("n1", ASKED)["wanted"] == 205
    for find in [each for each in finds(asked) if each["find"] in ("territories", "seats") and "edits" in each["filter"]]:
        told = Territory._get_db().command("explain", {k: find[k] for k in ("find", "filter", "projection", "sort")},
                                                 verbosity="executionStats")["executionStats"]
        assert told["totalDocsExamined"] <= 210, find["find"]


def asked_for(asked: Asked) -> list[str]:
    asked.commands.clear()
    team.team("n1", ASKED, BY)
    return [each["find"] for each in finds(asked)]


def finds(asked: Asked) -> list[Any]:
    return [each.command for each in asked.commands if each.command_name == "find"]
