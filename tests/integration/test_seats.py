"""Seats in a real database: two who are appointed at once cannot both win, and no other door overwrites a term."""
import subprocess
import sys
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from chassis.clock import today
from contracts.errors import Invalid, NotFound, Refused
from services.registry import change_sets, use_cases
from services.registry.documents import Seat
from services.registry.model import OPEN, Change
from services.registry.people import erasing
from services.registry.people import use_cases as people
from services.registry.registers import register_of
from services.registry.seats import terms
from services.registry.seats import use_cases as seats
from tests.builders import a_recorded_agency
from tests.integration.conftest import Connect
from tests.integration.registered import BRANCH, BY, DAY, LATER, PAST, SEAT, at_once

APPOINTING = """
import sys
from chassis import database, settings
from contracts.errors import Problem
from services.registry import ledger
from services.registry.seats import use_cases as seats

def write(*given):
    ledger._write = real
    print("ready", flush=True)
    sys.stdin.readline()
    return real(*given)

database.connect("registry", settings.read("registry"))
real, ledger._write = ledger._write, write
try:
    print(seats.appoint("manager-n1", sys.argv[1], "2025-03-21", None, "elected", "secretary:x"), flush=True)
except Problem as problem:
    print(problem.code, flush=True)
"""


@pytest.fixture
def registry(database: Connect) -> Connect:
    database("registry")
    use_cases.put(BRANCH, BY)
    seats.establish("manager-n1", SEAT, PAST, BY)
    return database


def a_person(name: str = "زهرا احمدی") -> str:
    return str(people.add({"name_fa": name}, BY)["id"])


def holder(day: str = DAY, seat: str = "manager-n1") -> str | None:
    person: str | None = use_cases.look("seats", seat, {"as_of": day})["person"]
    return person


def test_a_seat_is_vacant_given_and_vacant_again(registry: Connect) -> None:
    person = a_person()
    assert holder() is None
    assert seats.appoint("manager-n1", person, DAY, "2026-03-21", "elected", BY, "the vote of Farvardin")
    assert [holder(day) for day in ("2025-03-20", DAY, "2026-03-20", "2026-03-21")] == [None, person, person, None]
    assert not seats.appoint("manager-n1", person, DAY, "2026-03-21", "elected", BY), "the same again changes nothing"
    seats.vacate("manager-n1", "2025-06-01", BY)
    assert [holder(day) for day in (DAY, "2025-06-01", LATER)] == [person, None, None]
    told = use_cases.history("seats", "manager-n1", {})
    assert [(e["valid_from"], e["reason"]) for e in told["edits"]] == [
        (PAST, None), (DAY, "the vote of Farvardin"), ("2025-06-01", None)]


def test_a_person_nobody_entered_and_a_seat_nobody_established_are_refused(registry: Connect) -> None:
    with pytest.raises(Invalid) as invalid:
        seats.appoint("manager-n1", str(uuid4()), DAY, None, "elected", BY)
    assert invalid.value.errors[0]["pointer"] == "/person"
    with pytest.raises(NotFound):
        seats.appoint("manager-n9", a_person(), DAY, None, "elected", BY)
    with pytest.raises(NotFound):
        seats.vacate("manager-n9", DAY, BY)


def test_of_many_who_are_appointed_at_once_one_wins(registry: Connect) -> None:
    persons = [a_person(f"شخص {n}") for n in range(8)]
    done = at_once(*(partial(seats.appoint, "manager-n1", each, DAY, None, "elected", BY) for each in persons))
    assert sorted(map(str, done)) == ["True", *["seat_taken"] * 7]
    found = Seat._get_collection().find_one({"_id": "manager-n1"})
    assert (found["version"], len(found["edits"])) == (2, 2) and holder() in persons


def test_of_two_processes_that_appoint_at_once_one_wins(registry: Connect) -> None:
    """Each says when it is ready to write, so that both write on the same version of the seat."""
    program = [sys.executable, "-c", APPOINTING]
    started = [subprocess.Popen([*program, a_person(name)], text=True, stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE) for name in ("زهرا", "علی")]
    try:
        assert [each.stdout.readline() for each in started if each.stdout] == ["ready\n"] * 2
        for each in started:
            assert each.stdin
            each.stdin.write("\n")
            each.stdin.flush()
        assert sorted(each.communicate(timeout=60)[0].strip() for each in started) == ["True", "seat_taken"]
    finally:
        for each in started:
            each.kill()
            each.wait(10)
    assert Seat._get_collection().find_one({"_id": "manager-n1"})["version"] == 2


@pytest.mark.parametrize("together", [True, False])
def test_a_change_by_another_door_overwrites_no_term(registry: Connect, together: bool) -> None:
    """An import puts many records together, PUT one alone."""
    person = a_person()
    seats.appoint("manager-n1", person, DAY, "2099-01-01", "elected", BY)
    moved = Change("seats", "manager-n1", SEAT | {"territory": "mehrshahr"}, "2025-06-01", OPEN)
    others = [a_recorded_agency(code="a0", territory="karaj")] if together else []
    assert use_cases.put([moved, *others], BY)
    assert [holder(day) for day in (DAY, "2025-06-01", "2098-12-31", LATER)] == [person, person, person, None]
    assert use_cases.look("seats", "manager-n1", {"as_of": LATER})["territory"] == "mehrshahr"
    assert not use_cases.put([moved, *others], BY)


@pytest.mark.parametrize("person", [None, "3f0d1c7e-6a55-5a0e-9d6b-000000000001"])
def test_the_door_of_all_registers_takes_no_person(registry: Connect, person: str | None) -> None:
    with pytest.raises(Invalid):
        use_cases.change_record("seats", "manager-n1", SEAT | {"person": person}, BY)


def test_a_set_with_a_term_on_days_that_are_taken_is_refused_whole(registry: Connect) -> None:
    seats.appoint("manager-n1", a_person(), DAY, None, "elected", BY)
    values = SEAT | {"person": a_person("علی"), "how": "elected", "appointed_by": BY}
    with pytest.raises(Refused) as refused:
        use_cases.put([a_recorded_agency(code="a0", territory="karaj"), Change("seats", "manager-n1", values, LATER)], BY)
    assert refused.value.code == "seat_taken" and use_cases.find(register_of("agencies"), "a0") is None


def test_who_is_erased_while_being_appointed_holds_nothing(registry: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    person, real = a_person(), terms.appoint

    def erased_meanwhile(*given: Any) -> Any:
        monkeypatch.setattr(terms, "appoint", real)
        erasing.erase(person, BY)
        return real(*given)

    monkeypatch.setattr(terms, "appoint", erased_meanwhile)
    with pytest.raises(Invalid) as invalid:
        seats.appoint("manager-n1", person, DAY, None, "elected", BY)
    assert invalid.value.code == "unknown_person" and holder() is None


def test_a_persons_seats_on_a_day_are_whole_terms(registry: Connect) -> None:
    person = a_person()
    seats.establish("reporter-n1", SEAT | {"role": "reporter"}, PAST, BY)
    seats.appoint("manager-n1", person, DAY, "2026-03-21", "elected", BY)
    seats.appoint("reporter-n1", person, DAY, None, "volunteered", BY)
    use_cases.put([Change("seats", "manager-n1", SEAT | {"territory": "mehrshahr"}, "2025-06-01", OPEN)], BY)
    place = {"agency": None, "committee": None, "headquarters": None, "sample": False}
    manager = {"code": "manager-n1", "role": "neighbourhood_manager", "valid_from": DAY, "valid_to": "2026-03-21", **place}
    reporter = {"code": "reporter-n1", "role": "reporter", "territory": "n1", "valid_from": DAY, "valid_to": OPEN, **place}
    assert seats.seats_of(person, "2026-03-20") == [manager | {"territory": "mehrshahr"}, reporter]
    assert seats.seats_of(person, "2026-03-21") == [reporter]
    assert seats.seats_of(person, "2025-03-20") == seats.seats_of(a_person("علی"), DAY) == []


def test_seats_given_by_a_set_that_is_on_are_seen_before_it_is_settled(
        registry: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    person, seen = a_person(), []
    monkeypatch.setattr(change_sets, "settle", lambda change_set: seen.append(seats.seats_of(person, today())))
    values = SEAT | {"person": person, "how": "elected", "appointed_by": BY}
    use_cases.put([a_recorded_agency(code="a0", territory="karaj"), Change("seats", "manager-n1", values, DAY)], BY)
    assert [[each["code"] for each in found] for found in seen] == [["manager-n1"]]


