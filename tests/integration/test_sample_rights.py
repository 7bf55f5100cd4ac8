"""The sample province as `make up` loads it: a county's secretary keeps all that lies in the county, and nothing else."""
import json
from pathlib import Path
from typing import Any

import pytest

from chassis.caller import Caller
from contracts.errors import NotAllowed
from services.registry import reach, use_cases
from services.registry.accounts.giving import may_give
from services.registry.accounts.places import places_above
from services.registry.load import load, person_of
from services.registry.registers import REGISTERS
from services.registry.schemas import TermSchema
from services.registry.seats import use_cases as seats
from tests.integration.conftest import Connect

FOLDER = Path(__file__).parents[2] / "deploy" / "sample" / "alborz"
COUNTY, NEXT = "karaj-county", "fardis-county"
KARAJ, PROVINCE = Caller("secretary", COUNTY), Caller("secretary", "alborz")
DEED = "registers:write"
Record = dict[str, Any]


def read(name: str) -> list[Record]:
    found: list[Record] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found


PLACES = {place["code"]: place for place in read("territories")}
HEADQUARTERS = {each["code"]: each["territory"] for each in read("headquarters")}
AGENCIES = {each["code"]: each["territory"] for each in read("agencies")}
COMMITTEES = {each["code"]: HEADQUARTERS[each["headquarters"]] for each in read("committees")}
BY_OPERATORS = {each["code"] for each in read("people") if each.get("agency")}  # the seats of who speaks for an agency


def above(code: str | None) -> list[str]:
    """The place and all above it, as the files say it."""
    return [code, *above(PLACES[code]["parent"])] if code else []


def lie() -> dict[tuple[str, str], list[str]]:
    """Of every record of the sample the places in which it lies."""
    people = {each["code"]: each.get("territory") or AGENCIES.get(each.get("agency")) for each in read("people")}
    where = {"territories": {code: code for code in PLACES}, "headquarters": HEADQUARTERS, "agencies": AGENCIES,
             "committees": COMMITTEES, "rules": {each["code"]: each["territory"] for each in read("rules")},
             "calendars": {each["code"]: each["code"] for each in read("calendars")},
             "categories": dict.fromkeys((each["code"] for each in read("categories")), None), "seats": people}
    return {(register, code): above(place) for register, codes in where.items() for code, place in codes.items()}


@pytest.fixture
def sample(database: Connect) -> dict[tuple[str, str], list[str]]:
    database("registry")
    assert load(FOLDER)
    return lie()


def may(caller: Caller, register: str, code: str) -> bool:
    try:
        reach.demand_record(caller, DEED, register, code)
    except NotAllowed as problem:
        assert problem.code == ("not_allowed" if code in BY_OPERATORS else "not_your_place"), (register, code)
        return False
    return True


def test_a_countys_secretary_of_the_sample_keeps_what_lies_in_the_county_and_gives_its_keys(sample: Any) -> None:
    wrong = [(register, code) for (register, code), places in sample.items()
             if may(KARAJ, register, code) != (COUNTY in places and code not in BY_OPERATORS)]
    assert not wrong
    mine = {register for (register, code), places in sample.items() if COUNTY in places}
    assert mine == {"territories", "headquarters", "agencies", "rules", "seats"}
    kept = [key for key, places in sample.items() if places and key[1] not in BY_OPERATORS]
    assert all(may(PROVINCE, *key) for key in kept), "the province's keeps it all"
    assert may(PROVINCE, "committees", "utilities") and not may(PROVINCE, "categories", "power-cut")

    for each in mine:
        register, code = next(key for key in kept if key[0] == each and COUNTY in sample[key])
        shown = use_cases.look(register, code, {})
        said = {name: value for name, value in shown.items() if name in REGISTERS[register].schema.fields}
        reach.demand_put(KARAJ, register, code, said | dict.fromkeys(TermSchema().fields.keys() & {"reason"}, "همان"))

    people = {person_of(each): sample["seats", each["code"]] for each in read("people")}
    assert reach.theirs(KARAJ, "people:read", list(people)) == {
        person for person, places in people.items() if COUNTY in places}
    assert not any(may_give(KARAJ, "agency", agency, places_above) for agency in AGENCIES)
    for place in (COUNTY, NEXT, "karaj-mehrvilla", "alborz"):
        for role in ("secretary", "neighbourhood_manager", "reporter"):
            assert may_give(KARAJ, role, place, places_above) == (COUNTY in above(place)), (role, place)
    assert not may_give(KARAJ, "case_worker", COUNTY, places_above) and not may_give(KARAJ, "operator", "", places_above)
    assert seats.seats_of(person_of({"code": "karaj-county-secretary"}), "2026-11-26")[0]["territory"] == COUNTY
