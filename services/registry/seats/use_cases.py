"""Seats as they are asked for: established, given to a person for a term, vacated; and who sits where.

Two appointments at once are decided one after the other on the same record, so that only one of them wins.
"""
from collections.abc import Collection
from typing import Any

from chassis.clock import now, today
from chassis.store import answering
from contracts.errors import not_found
from services.registry import ledger, use_cases
from services.registry.documents import Seat, edits_of
from services.registry.model import OPEN, Change, Edit, in_force, periods
from services.registry.people import use_cases as people
from services.registry.registers import REGISTERS
from services.registry.seats import terms
from services.registry.seats.terms import Term

ERASED = "erased"  # the reason that a term ended
Record = dict[str, Any]


def establish(code: str, values: Record, day: str, by: str, reason: str | None = None) -> bool:
    """A seat from a day on, vacant where it was none; whether anything changed. `values` are those of SeatSchema."""
    return use_cases.put([Change("seats", code, values, day)], by, reason)


def appoint(code: str, person: str, valid_from: str, valid_to: str | None, how: str, by: str,
            reason: str | None = None) -> bool:
    """Gives a person a term, until `valid_to` or as long as the seat is there; False where they have just this one already.

    Raises NotFound, Invalid for a person who is not entered or days that are none, Refused (`seat_taken`,
    `seat_not_in_force`).
    """
    people.demand_standing(person)
    term = Term(person, how, by, valid_from, valid_to)
    changed = _record(code, lambda edits: terms.appoint(edits, term, now(), by, reason))
    if not people.stands(person):  # erased between the two looks: whoever erases may have passed this seat already
        _record(code, lambda edits: terms.without(edits, person, valid_from, now(), by))
        people.demand_standing(person)
    return changed


def vacate(code: str, day: str, by: str, reason: str | None = None) -> bool:
    """Ends the term that runs on a day, from that day on. Raises NotFound, Refused (`seat_vacant`)."""
    return _record(code, lambda edits: terms.vacate(edits, day, now(), by, reason))


def end_terms(person: str, by: str) -> None:
    """Ends every term of a person today, those ahead as well, and forgets the reasons that were written of them.

    Done twice, the second time changes nothing. Raises Unavailable while one of the seats is part of a set that is staged.
    """
    with answering():
        codes = [found["_id"] for found in Seat._get_collection().find(_ever_held_by(person), {"_id": 1})]
    for code in codes:
        ledger.record(Seat, code, lambda edits: terms.without(edits, person, today(), now(), by, ERASED))
        _forget_reasons(code, person)


def holders_among(persons: Collection[str], day: str) -> list[str]:
    """Who of these holds a seat on this day or later."""
    if not persons:
        return []
    with answering():
        found = list(Seat._get_collection().find({"edits.values.person": {"$in": sorted(persons)}}, {"edits": 1}))
    held = {span.term["person"] for each in found for span in terms.spans(edits_of(each["edits"]), day, OPEN)}
    return sorted(held & set(persons))


def seats_of(person: str, day: str) -> list[Record]:
    """[{code, role, territory, agency, committee, headquarters, valid_from, valid_to}] held by a person on a day, by code;
    the seat as it is on that day.

    Days as YYYY-MM-DD; `valid_to` is the first day that is no longer of the term, model.OPEN where it has no end.
    """
    return [{"code": code, **held, **terms.bare(in_force(edits, day) or {})} for code, edits in _ever_held(person)
            for held in _held(edits, person) if held["valid_from"] <= day < held["valid_to"]]


def seats_from(person: str, day: str) -> list[Record]:
    """The same of all terms that run on a day or later, with what the seat is in the last part of each."""
    return [{"code": code, **held} for code, edits in _ever_held(person) for held in _held(edits, person)
            if day < held["valid_to"]]


def held_from(person: str, day: str) -> list[str]:
    """The codes of the seats that a person holds on a day or later."""
    return list(dict.fromkeys(seat["code"] for seat in seats_from(person, day)))


def _ever_held(person: str) -> list[tuple[str, list[Edit]]]:
    """(code, edits) of the seats that a person ever held, or will, by code."""
    with answering():
        switched = ledger.switched_on()
        found = list(Seat._get_collection().find(_ever_held_by(person, switched), {"outbox": 0}).sort("_id", 1))
    return [(each["_id"], ledger.visible(each, switched)) for each in found]


def _held(edits: list[Edit], person: str) -> list[Record]:
    """The terms of a person in one seat, each whole, with what the seat is in its last part."""
    found: list[Record] = []
    for period in periods(edits):
        if period.values.get("person") != person:
            continue
        start = period.valid_from
        if found and found[-1]["valid_to"] == start:
            start = found.pop()["valid_from"]
        found.append({**terms.bare(period.values), "valid_from": start, "valid_to": period.valid_to})
    return found


def _ever_held_by(person: str, switched: set[str] | None = None) -> Record:
    held: Record = {"edits.values.person": person}
    among_staged = {"staged": {"$elemMatch": {
        "edit.values.person": person, "change_set": {"$gt": ""} if switched is None else {"$in": sorted(switched)}}}}
    return {"$or": [held, among_staged]} if switched is None or switched else held


def _record(code: str, decide: ledger.Decide) -> bool:
    if use_cases.find(REGISTERS["seats"], code) is None:
        raise not_found()
    return ledger.record(Seat, code, decide)


def _forget_reasons(code: str, person: str) -> None:
    with answering():
        while found := Seat._get_collection().find_one({"_id": code}, {"edits": 1, "version": 1}):
            edits = edits_of(found["edits"])
            told = [n for n in terms.told_of(edits, person) if edits[n].reason not in (None, ERASED)]
            if not told or Seat._get_collection().update_one({"_id": code, "version": found["version"]}, {
                    "$set": {f"edits.{n}.reason": None for n in told}}).matched_count:
                return
