"""Of what the registry keeps a secretary reaches what lies in their place, whatever it is and whichever side it moves to."""
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from chassis.caller import Caller
from contracts.errors import NotAllowed, NotFound, Problem
from services.registry import contacts, reach, use_cases
from services.registry.accounts.rights import AS_AGENCY
from services.registry.imports import exporting, jobs
from services.registry.imports.importing import import_file
from services.registry.model import OPEN, Change
from services.registry.people import use_cases as people
from services.registry.registers import REGISTERS
from services.registry.seats import use_cases as seats
from tests.builders import a_recorded_agency
from tests.divisions import csv_of
from tests.divisions import place as row
from tests.integration.conftest import Connect
from tests.integration.registered import BY, LATER, PAST, SHAPES, TREE, headquarters, place

KARAJ, WHOLE, OPERATOR = Caller("secretary", "karaj"), Caller("secretary"), Caller("operator")
DEED = "registers:write"
NAMES: dict[str, Any] = {"name_fa": "نام", "name_en": "Name", "sample": False}
SEAT: dict[str, Any] = {"role": "reporter", "territory": None, "agency": None, "committee": None, "headquarters": None,
                        "sample": False}
CATEGORY = NAMES | {"parent": None, "path": ["water"]}
RULE: dict[str, Any] = {"category": "water", "territory": "karaj", "agency": "a-karaj", "priority": 1, "others": [],
                        "committee": None, "answers": {}, "sample": False}
COMMITTEE: dict[str, Any] = NAMES | {"subject": "آب", "members": []}
HERE = (("territories", "karaj"), ("territories", "n1"), ("boundaries", "n1"), ("headquarters", "h-karaj"),
        ("agencies", "a-karaj"), ("committees", "c-karaj"), ("rules", "r-karaj"), ("calendars", "karaj"), ("seats", "s-n1"),
        ("seats", "s-agency"), ("seats", "s-committee"), ("seats", "s-headquarters"))
ELSEWHERE = (("territories", "alborz"), ("territories", "fardis"), ("territories", "q1"), ("boundaries", "q1"),
             ("headquarters", "h-alborz"), ("agencies", "a-fardis"), ("committees", "c-alborz"), ("committees", "c-nowhere"),
             ("rules", "r-alborz"), ("categories", "water"), ("calendars", "alborz"), ("seats", "s-fardis"),
             ("seats", "s-above"), ("seats", "s-operator"))


@pytest.fixture(autouse=True)
def registry(database: Connect) -> Connect:
    """Of each register something in Karaj, and something that is not."""
    database("registry")
    use_cases.put([*TREE, *SHAPES, headquarters("h-alborz", "province", "alborz"),
                   headquarters("h-karaj", "county", "karaj"),
                   a_recorded_agency(PAST, code="a-karaj", territory="karaj"),
                   a_recorded_agency(PAST, code="a-fardis", territory="fardis"),
                   Change("committees", "c-karaj", COMMITTEE | {"headquarters": "h-karaj"}, PAST),
                   Change("committees", "c-alborz", COMMITTEE | {"headquarters": "h-alborz"}, PAST),
                   Change("committees", "c-nowhere", COMMITTEE | {"headquarters": None}, PAST),
                   Change("categories", "water", CATEGORY, PAST), Change("rules", "r-karaj", RULE, PAST),
                   Change("rules", "r-alborz", RULE | {"territory": "alborz"}, PAST),
                   *(Change("calendars", code, {"weekend": [5]}, PAST) for code in ("karaj", "alborz")),
                   *(Change("seats", code, SEAT | where, PAST) for code, where in (
                       ("s-n1", {"territory": "n1"}), ("s-agency", {"agency": "a-karaj"}),
                       ("s-committee", {"committee": "c-karaj"}), ("s-headquarters", {"headquarters": "h-karaj"}),
                       ("s-fardis", {"territory": "fardis"}), ("s-above", {"headquarters": "h-alborz"}),
                       ("s-operator", {"territory": "n1", "role": "operator"}),
                       ("s-cases", {"territory": "n1", "role": "case_worker"}),
                       ("s-clinic", {"agency": "a-karaj", "role": "case_worker"})))], BY)
    return database


def refused(deed: Callable[..., Any], *given: Any) -> str:
    with pytest.raises((NotAllowed, NotFound)) as problem:
        deed(*given)
    return problem.value.code


def test_what_lies_in_their_place_is_theirs() -> None:
    for register, code in HERE:
        reach.demand_record(KARAJ, DEED, register, code)


def test_what_lies_elsewhere_or_nowhere_is_not() -> None:
    for register, code in ELSEWHERE:
        told = "not_allowed" if code == "s-operator" else "not_your_place"
        assert refused(reach.demand_record, KARAJ, DEED, register, code) == told, code
        reach.demand_record(OPERATOR, DEED, register, code)
        if code != "s-operator":
            reach.demand_record(WHOLE, DEED, register, code)
    with pytest.raises(Problem) as problem:
        reach.demand_record(KARAJ, DEED, "categories", "water")
    assert problem.value.fa and problem.value.en


def changed(register: str, code: str, **given: Any) -> Change:
    """A record as it stands, with other values from a later day on."""
    stands = use_cases.find(REGISTERS[register], code) or []
    values = next((edit.values for edit in stands if edit.values), {}) or {}
    return Change(register, code, values | given, LATER)


def test_a_record_is_moved_only_from_their_place_into_it() -> None:
    for change in (changed("agencies", "a-karaj", territory="n1"),
                   changed("seats", "s-agency", agency=None, territory="n2"),
                   changed("territories", "n1", name_fa="نو"), changed("territories", "karaj", name_fa="نو"),
                   place("n9", "neighbourhood", "karaj"), place("z1", "zone", "n2"),
                   Change("rules", "new", RULE | {"territory": "n1"}, LATER)):
        reach.demand_changes(KARAJ, DEED, [change])
    for change in (changed("agencies", "a-karaj", territory="fardis"), changed("agencies", "a-fardis", territory="karaj"),
                   changed("seats", "s-n1", territory="alborz"), changed("headquarters", "h-karaj", territory="alborz"),
                   changed("territories", "n1", parent="fardis"), changed("territories", "karaj", parent="qazvin"),
                   changed("territories", "n1", contested_with="fardis"), place("n9", "neighbourhood", "fardis"),
                   place("tehran", "province", None), Change("rules", "new", RULE | {"territory": "alborz"}, LATER),
                   Change("categories", "new", CATEGORY, LATER),
                   Change("seats", "new", SEAT | {"agency": "no-such"}, LATER)):
        assert refused(reach.demand_changes, KARAJ, DEED, [change]) == "not_your_place", change


def test_what_a_record_will_be_counts_as_what_it_is() -> None:
    use_cases.put([changed("agencies", "a-karaj", territory="fardis")], BY)
    assert refused(reach.demand_record, KARAJ, DEED, "agencies", "a-karaj") == "not_your_place"


def test_nobody_but_an_operator_makes_or_seats_case_workers() -> None:
    for code, asked in (("s-cases", None), ("s-cases", SEAT | {"territory": "n1"}), ("s-n1", SEAT | {"territory": "n1",
                        "role": "case_worker"}), ("s-new", SEAT | {"territory": "n1", "role": "case_worker"})):
        change = Change("seats", code, asked, PAST)
        assert refused(reach.demand_changes, KARAJ, DEED, [change]) == "not_allowed", code
        reach.demand_changes(OPERATOR, DEED, [change])


def test_nobody_but_an_operator_seats_who_speaks_for_an_agency() -> None:
    """Whoever does reads the agency's part of a case, which is hidden from secretaries."""
    seat = SEAT | {"agency": "a-karaj"}
    for role in AS_AGENCY:
        for change in (Change("seats", "s-clinic", None, PAST), Change("seats", "s-agency", seat | {"role": role}, PAST),
                       Change("seats", "s-new", seat | {"role": role}, PAST)):
            assert refused(reach.demand_changes, KARAJ, "seats:write", [change]) == "not_allowed"
            reach.demand_changes(OPERATOR, "seats:write", [change])
    reach.demand_record(KARAJ, "seats:write", "seats", "s-agency")  # an honour


def test_nobody_but_an_operator_makes_operators() -> None:
    for caller in (KARAJ, WHOLE):
        for seat in (Change("seats", "new", SEAT | {"territory": "n1", "role": "operator"}, PAST),
                     changed("seats", "s-operator", role="reporter"), changed("seats", "s-n1", role="operator")):
            assert refused(reach.demand_changes, caller, DEED, [seat]) == "not_allowed"


def test_territories_are_reshaped_within_their_place() -> None:
    into = NAMES | {"code": "n5"}
    reach.demand_reshaping(KARAJ, ["n1", "n2"], [into])
    reach.demand_reshaping(KARAJ, ["n1"], [into, into | {"code": "n6", "parent": "karaj"}])
    for codes, part in ((["n1", "q1"], into), (["karaj"], into), (["n1"], into | {"parent": "fardis"}),
                        (["n1"], into | {"contested_with": "fardis"})):
        assert refused(reach.demand_reshaping, KARAJ, codes, [part]) == "not_your_place"


def a_person(by: str = BY) -> str:
    return str(people.add({"name_fa": "زهرا احمدی"}, by)["id"])


def test_a_secretary_knows_the_people_of_their_seats_and_those_they_entered() -> None:
    entered, below, held, once, elsewhere, nobody = (a_person(by) for by in (
        KARAJ.id, "secretary:n1", "load", "load", "load", BY))
    seats.appoint("s-n1", once, PAST, "2025-01-01", "elected", BY)
    seats.appoint("s-n1", held, "2025-01-01", None, "elected", BY)
    seats.appoint("s-fardis", elsewhere, PAST, None, "elected", BY)
    everybody = [entered, below, held, once, elsewhere, nobody]
    assert reach.theirs(KARAJ, "people:read", everybody) == {entered, below, held, once}
    assert reach.theirs(WHOLE, "people:read", everybody) == set(everybody)
    assert refused(reach.demand_person, KARAJ, "people:read", elsewhere) == "not_found"
    found = people.search("زهرا", "x", KARAJ.id, 20, among=partial(reach.theirs, KARAJ, "people:read"))
    assert {each["id"] for each in found["items"]} == {entered, below, held, once}
    assert elsewhere not in str(contacts.reads({}))
    for person in (held, elsewhere):
        people.look(person, OPERATOR.id, "why")
    assert {each["code"] for each in reach.told(KARAJ, "people:audit", contacts.reads({})["items"])} >= {held}
    assert elsewhere not in str(reach.told(KARAJ, "people:audit", contacts.reads({})["items"]))


def report(register: str, rows: bytes, by: Caller = KARAJ) -> list[tuple[int, str]]:
    found = import_file(rows, "f.csv", register, LATER, by.id, dry_run=True, within=by.subject)
    return [(flaw["line"], flaw["code"]) for flaw in found.as_json()["bad_rows"]]


def test_a_file_is_imported_where_every_row_lies_in_their_place() -> None:
    good = [row("n7", "neighbourhood", "karaj", "هفت"), row("z7", "zone", "n7", "هفت")]
    assert report("territories", csv_of(good)) == []
    mixed = csv_of([*good, row("n8", "neighbourhood", "fardis", "هشت"), row("n2", "neighbourhood", "fardis", "دو")])
    assert report("territories", mixed) == [(4, "not_your_place"), (5, "not_your_place")]
    assert report("territories", mixed, WHOLE) == []


def test_a_file_makes_no_operators_and_seats_nobody_unknown_there() -> None:
    stranger = a_person()
    rows = csv_of([{"code": "s-new", "role": "operator", "territory": "n1"}])
    assert report("seats", rows) == report("seats", rows, WHOLE) == [(2, "not_your_place")]
    seated = csv_of([{"code": "s-n1", "role": "reporter", "territory": "n1", "person": stranger, "how": "elected"}])
    assert report("seats", seated) == [(2, "unknown_person")]
    assert report("seats", seated, WHOLE) == []


def test_an_export_holds_what_lies_in_their_place() -> None:
    def codes(register: str, within: str) -> set[str]:
        return {str(cells["code"]) for cells in exporting.rows(register, LATER, within)}

    assert codes("territories", "karaj") == {"karaj", "n1", "n2", "z1"}
    assert codes("seats", "karaj") == {
        "s-n1", "s-agency", "s-committee", "s-headquarters", "s-operator", "s-cases", "s-clinic"}
    assert codes("seats", "") > codes("seats", "karaj") and codes("categories", "karaj") == set()


def test_an_import_is_looked_at_by_who_asked_for_it_and_from_everywhere() -> None:
    jobs.begin("job", register="territories", dry_run=True, by=KARAJ.id)
    for caller in (KARAJ, OPERATOR, WHOLE):
        jobs.demand_own("job", caller)
    assert refused(jobs.demand_own, "job", Caller("secretary", "alborz")) == refused(jobs.demand_own, "none", KARAJ)


def test_an_ended_record_is_still_theirs_alone() -> None:
    use_cases.put([Change("agencies", "a-fardis", None, PAST, OPEN)], BY)
    assert refused(reach.demand_record, KARAJ, "registers:history", "agencies", "a-fardis") == "not_your_place"
    reach.demand_record(KARAJ, "registers:history", "agencies", "no-such")  # told by whoever is asked for it


def test_a_place_that_would_lie_below_itself_is_the_business_of_whoever_puts_it() -> None:
    names = {"name_fa": "یک", "name_en": "one", "kind": "neighbourhood"}
    reach.demand_put(KARAJ, "territories", "n1", names | {"parent": "n1"})
    assert refused(reach.demand_put, KARAJ, "territories", "new", names | {"parent": "new"}) == "not_your_place"
    circle = [row("n1", "neighbourhood", "z1", "یک"), row("z1", "zone", "n1", "یک")]
    assert {code for _, code in report("territories", csv_of(circle))} <= {"circle", "wrong_parent"}
