"""Whose place a record lies in, and who may therefore touch it.

A record lies in a territory: itself, or the one that it names, or the one in which lies what it hangs on. What lies in none,
such as a category, is the whole platform's. Of a change both sides count: where the record lies from today on, and where it
would lie. People have no place: a secretary's are those who hold or held a seat in theirs, and those who were entered there.
"""
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from chassis.caller import Caller, demand_over, may, may_over, not_allowed
from chassis.clock import today
from chassis.store import answering
from chassis.validation import load
from contracts import policy
from contracts.errors import not_found
from services.registry.accounts.rights import AS_AGENCY
from services.registry.documents import Seat, edits_of
from services.registry.ledger import batches, switched_on, visible
from services.registry.model import Change, Edit, Values, periods, shown_on
from services.registry.people.documents import people
from services.registry.registers import REGISTERS, SAME_CODE, register_of
from services.registry.schemas import TermSchema

MANY = 1000  # records of one query
NOWHERE = ("categories",)  # registers of the whole platform
LIES_IN = {"headquarters": ("territory",), "agencies": ("territory",), "committees": ("headquarters",),
           "rules": ("territory",), "seats": ("territory", "agency", "committee", "headquarters")}
REGISTER_OF = {"territory": "territories", "agency": "agencies", "committee": "committees", "headquarters": "headquarters"}
MOVED_BY = ("parent", "contested_with")  # the values from which a territory's path follows
Path = Sequence[str]
Key = tuple[str, str]  # register and code
Made = Mapping[Key, Values]  # what a set of changes makes, without paths


def paths(register: str, records: Sequence[tuple[str, Values]], made: Made | None = None) -> list[Path]:
    """Of each (code, values) of a register the path of the territory in which it lies; empty where in none. Of a circle,
    which whoever puts it refuses, places lie where they stand."""
    made, steps = made or {}, [(register, code, values) for code, values in records]
    been: list[set[Key]] = [set() for _ in steps]
    while above := {key for step in steps if (key := _above(*step))}:
        known, standing = _known(above, made), _known(above & set().union(*been), {})
        for trail, (place, step) in zip(been, enumerate(steps), strict=True):
            if key := _above(*step):
                steps[place] = (*key, standing[key] if key in trail else known[key])
                trail.add(key)
    return [values.get("path", ()) if register == "territories" else () for register, _, values in steps]


def _above(register: str, code: str, values: Values) -> Key | None:
    """What a record hangs on: of a territory whose path is not known yet, the one above it."""
    if register in SAME_CODE:
        return SAME_CODE[register], code
    if register == "territories":
        return ("territories", values["parent"]) if "path" not in values and values.get("parent") else None
    name = next((name for name in LIES_IN.get(register, ()) if values.get(name)), None)
    return (REGISTER_OF[name], str(values[name])) if name else None


def _known(keys: Collection[Key], made: Made) -> dict[Key, Values]:
    """The values of these records as they are made, else as they stand; none of one that is not there."""
    found = {key: made.get(key, {"path": ()}) for key in keys}
    for register in {register for register, _ in keys}:
        stored = _stored(register, [code for name, code in keys if name == register and (name, code) not in made])
        found |= {(register, code): shown_on(edits, today())[0] for code, edits in stored.items()}
    return found


def _stored(register: str, codes: Iterable[str]) -> dict[str, list[Edit]]:
    with answering():
        switched = switched_on()
        return {found["_id"]: visible(found, switched) for batch in batches(sorted(set(codes)), MANY)
                for found in REGISTERS[register].document._get_collection().find(
                    {"_id": {"$in": batch}}, {"outbox": 0, "edits.values.polygon": 0})}


def sides(changes: Sequence[Change]) -> Iterator[tuple[Change, Path]]:
    """Each change with every path that its record lies at from today on, and that it is put to. Nothing of a record that is
    not there and is not made."""
    made = {(change.register, change.code): _bare(change.values) for change in changes if change.values is not None}
    for register in dict.fromkeys(change.register for change in changes):
        mine = [change for change in changes if change.register == register]
        stored = _stored(register, [change.code for change in mine])
        found = [(change, side) for change in mine for side in _sides(change, stored.get(change.code, []))]
        yield from zip([change for change, _ in found], paths(register, [side for _, side in found], made), strict=True)


def _sides(change: Change, edits: list[Edit]) -> Iterator[tuple[str, Values]]:
    stands = [period.values for period in periods(edits) if period.valid_to > today()]
    stands = stands or ([shown_on(edits, today())[0]] if edits else [])
    yield from ((change.code, values) for values in stands)
    if change.values is None:
        return
    if change.register != "territories":
        yield change.code, change.values
    elif not stands or any(stood.get(name) != change.values.get(name) for stood in stands for name in MOVED_BY):
        yield change.code, _bare(change.values)
        if rival := change.values.get("contested_with"):
            yield change.code, {"parent": rival}


def _bare(values: Values) -> Values:
    return {name: value for name, value in values.items() if name != "path"}


def demand_changes(caller: Caller, deed: str, changes: Sequence[Change]) -> None:
    """Raises as `demand_over` does where one side of a change is not the caller's place; NotAllowed for anybody but an
    operator who touches a seat that an operator fills."""
    if caller.role != "operator" and any(map(by_operators, changes)):
        raise not_allowed()
    if not may_over(caller, deed, ()):
        for _, path in sides(changes):
            demand_over(caller, deed, path)


def by_operators(change: Change) -> bool:
    """Whether it is of a seat that gives the rights of an operator, a case worker or an agency, or would."""
    if change.register != "seats":
        return False
    said = [edit.values for edit in _stored("seats", [change.code]).get(change.code, [])]
    return any(values and (values.get("role") in policy.BY_OPERATORS or (
        values.get("agency") and values.get("role") in AS_AGENCY)) for values in [*said, change.values])


def demand_record(caller: Caller, deed: str, register: str, code: str) -> None:
    """The same of a record as it stands. One that is not there passes: that is told by whoever is asked for it."""
    demand_changes(caller, deed, [Change(register, code, None, today())])


def demand_put(caller: Caller, register: str, code: str, body: Mapping[str, Any]) -> None:
    """The same of values that somebody sends for a record. Raises NotFound for what is no register, Invalid."""
    demand_record(caller, "registers:write", register, code)
    said = {name: value for name, value in body.items() if name not in TermSchema().fields}
    values = load(register_of(register).schema, said)
    demand_changes(caller, "registers:write", [Change(register, code, values, today())])


def demand_reshaping(caller: Caller, codes: Sequence[str], into: Sequence[Values]) -> None:
    """The same of territories that become others; where it is not said below what, these lie where the first of them did."""
    first = shown_on(_stored("territories", codes).get(codes[0], []), today())[0]
    said = [Change("territories", part["code"], {name: part.get(name, first.get(name)) for name in MOVED_BY}, today())
            for part in into]
    demand_changes(caller, "registers:write", [*(Change("territories", code, None, today()) for code in codes), *said])


def demand_places(caller: Caller, deed: str, territories: Collection[str]) -> None:
    """The same of what lies in all of these; where in none, it is the whole platform's."""
    if not may_over(caller, deed, ()):
        for path in paths("boundaries", [(code, {}) for code in territories]) or [()]:
            demand_over(caller, deed, path)


def demand_place(caller: Caller, deed: str, territory: str) -> Caller:
    """The caller, as `demand_over`."""
    demand_places(caller, deed, [territory])
    return caller


def may_at(caller: Caller, deed: str, territory: str) -> bool:
    """Whether the caller may do this at a place."""
    return may(caller, deed) and (
        may_over(caller, deed, ()) or may_over(caller, deed, paths("boundaries", [(territory, {})])[0]))


def theirs(caller: Caller, deed: str, persons: Collection[str]) -> set[str]:
    """Who of these people the caller may do this of."""
    if may_over(caller, deed, ()):
        return set(persons)
    with answering():
        found = list(Seat._get_collection().find({"edits.values.person": {"$in": sorted(persons)}}, {"edits": 1}))
        added = {each["_id"]: each.get("added_by", "") for each in people().find(
            {"_id": {"$in": sorted(persons)}}, {"added_by": 1})}
    held = [(each["_id"], edit.values) for each in found for edit in edits_of(each["edits"])
            if edit.values and edit.values.get("person") in persons]
    there = paths("seats", held)
    within = paths("boundaries", [(by.removeprefix("secretary:"), {}) for by in added.values()])
    return {values["person"] for (_, values), path in zip(held, there, strict=True) if may_over(caller, deed, path)} | {
        person for person, path in zip(added, within, strict=True) if may_over(caller, deed, path)}


def demand_person(caller: Caller, deed: str, person: str) -> Caller:
    """The caller. Raises NotFound for somebody who is not theirs, as for nobody."""
    if person not in theirs(caller, deed, [person]):
        raise not_found()
    return caller


def told(caller: Caller, deed: str, reads: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of the records of who was shown what those about people, agencies and places of the caller's."""
    known = {kind: [read["code"] for read in reads if read["kind"] == kind] for kind in ("person", "agency", "team")}
    within = {"person": theirs(caller, deed, known["person"])}
    for kind, register in (("agency", "agencies"), ("team", "territories")):
        codes = sorted(set(known[kind]))
        stands = [(code, values) for (_, code), values in _known({(register, code) for code in codes}, {}).items()]
        within[kind] = {code for (code, _), path in zip(stands, paths(register, stands), strict=True)
                        if may_over(caller, deed, path)}
    return [read for read in reads if read["code"] in within[read["kind"]]]
