"""What can be asked of `registry` of any register: change a record, list, look, look back."""
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from marshmallow import ValidationError
from pymongo.errors import BulkWriteError

from chassis.clock import now, today
from chassis.paging import cursor_of, key_of
from chassis.store import answering
from chassis.validation import bad_field, limit_of, load, parameter
from contracts.errors import Malformed, Refused, not_found
from contracts.schema import instant
from services.registry import change_sets, contacts, ledger, once
from services.registry.documents import Agency, TerritoryBoundary, edits_of
from services.registry.ledger import restate as restate  # what chassis.reemit asks for
from services.registry.model import OPEN, Change, Edit, in_force, is_day, periods
from services.registry.people import use_cases as people
from services.registry.registers import REGISTERS, Register, demand_known, register_of
from services.registry.schemas import CODE
from services.registry.shapes import with_shapes
from services.registry.tree import with_paths

Record = dict[str, Any]


def put(changes: list[Change], by: str, reason: str | None = None, told: Record | None = None) -> bool:
    """Carries out changes, all or none; whether anything changed. Their values are checked already, one by one; `told` as of
    change_sets.record_together.

    Raises Invalid where they name what is not there, Refused where the domain forbids it.
    """
    for change in changes:
        demand_code(change.code)
    with answering():
        demand_known(changes)
        changes = with_paths(with_shapes(changes))
        if len(changes) > 1 or any(change.read_version is not None for change in changes):
            return _together(changes, by, reason, told)
        return any(ledger.record(REGISTERS[change.register].document, change.code, _revising(change, by, reason))
                   for change in changes)


def demand_code(code: str) -> None:
    """Raises Invalid for what is no code: it becomes a key at the broker, where `#` would mean everybody."""
    try:
        CODE(code)
    except ValidationError as error:
        raise bad_field("/code", "bad_code", "کد از حرف‌های کوچک لاتین، رقم و خط تیره است؛ حداکثر ۶۰ نویسه.",
                        "A code is made of small Latin letters, digits and hyphens, 60 at most.") from error


def _together(changes: list[Change], by: str, reason: str | None, told: Record | None) -> bool:
    try:
        return change_sets.record_together(changes, by, reason, told=told) is not None
    except BulkWriteError as error:
        raise ledger.refused(error) from error


def _revising(change: Change, by: str, reason: str | None) -> ledger.Decide:
    return lambda edits: REGISTERS[change.register].revise(edits, change, now(), by, reason)


def change_record(name: str, code: str, body: Record, by: str) -> Record:
    """Puts a record's values from `valid_from` (else today) on. Returns the record as of that day."""
    register = register_of(name)
    values = load(register.change(), body)
    start, end, reason = (values.pop(term, None) for term in ("valid_from", "valid_to", "reason"))
    change = Change(name, code, values, start or today(), end)
    put([change], by, reason)
    return look(name, code, {"as_of": change.valid_from})


def end_record(name: str, code: str, body: Record, by: str) -> Record:
    """Ends a record on a day (else today): from then on it is not in force. Raises NotFound, Refused where it is not."""
    register, day = register_of(name), body.get("valid_from") or today()
    found = find(register, code)
    if found is None:
        raise not_found()
    if not once.command().made(found):
        if in_force(found, day) is None:
            raise Refused("not_in_force", f"این مورد در {day} برقرار نیست.", f"This record is not in force on {day}.")
        put([Change(name, code, None, day, OPEN)], by, body.get("reason"))
    return history(name, code, {})


def find(register: Register, code: str) -> list[Edit] | None:
    """A record's edits as they are visible now, or None where there is no such record."""
    return versioned(register, code)[1] or None


def versioned(register: Register, code: str) -> tuple[int, list[Edit]]:
    """A record's version and its edits as they are visible now; 0 and none where there is no such record."""
    with answering():
        found = register.document._get_collection().find_one({"_id": code}, {"outbox": 0})
        if not found:
            return 0, []
        edits = ledger.visible(found, ledger.switched_on() if found.get("staged") else set())
    return found["version"] + (len(edits) > len(found["edits"])), edits  # a set that is on becomes one version more


def day_of(query: dict[str, str]) -> str:
    """`as_of` of a query, today where none is given. Raises Malformed."""
    day = query.get("as_of", today())
    if not is_day(day):
        raise Malformed("bad_day", "as_of باید روزی مانند 2025-03-21 باشد.", "as_of must be a day like 2025-03-21.")
    return day


def look(name: str, code: str, query: dict[str, str]) -> Record:
    """One record as of a day. Raises NotFound where it is not in force then."""
    register, day = register_of(name), day_of(query)
    version, edits = versioned(register, code)
    found = next((p for p in periods(edits) if p.valid_from <= day < p.valid_to), None)
    if found is None:
        raise not_found()
    return {"code": code, "version": version, "valid_from": found.valid_from, "valid_to": _until(found.valid_to),
            **found.values}


def _until(day: str) -> str | None:
    return None if day == OPEN else day


def history(name: str, code: str, query: dict[str, str]) -> Record:
    """Every edit of a record, oldest first, and the periods they make; `known_at` an instant: as it was known then."""
    version, edits = versioned(register_of(name), code)
    if not edits:
        raise not_found()
    if "known_at" in query:
        edits = [edit for edit in edits if edit.at <= _instant(query["known_at"])]
    return {"code": code, "version": version, "edits": [_edit_json(edit) for edit in edits], "periods": [
        {"valid_from": p.valid_from, "valid_to": _until(p.valid_to), "values": p.values} for p in periods(edits)]}


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is None:
            raise ValueError(text)
    except ValueError as error:
        raise Malformed("bad_instant", "known_at باید زمانی مانند 2025-03-21T08:00:00Z باشد.",
                        "known_at must be a time like 2025-03-21T08:00:00Z.") from error
    return found


def _edit_json(edit: Edit) -> Record:
    shown = {name: value for name, value in vars(edit).items() if name != "command"}
    return shown | {"at": instant(edit.at), "valid_to": _until(edit.valid_to)}


def listing(name: str, query: dict[str, str], narrow: Record | None = None) -> Record:
    """A register as of a day, by code, with cursor; narrowed by the register's own filters."""
    register, day, limit = register_of(name), day_of(query), limit_of(query, 500)
    wanted = {name: str(parameter(field, query, name)) for name, field in register.narrowing.items() if name in query}
    wanted |= narrow or {}
    found: list[Record] = []
    [after] = key_of(query["cursor"]) if "cursor" in query else [""]
    for code, values in standing(register, day, wanted, after):
        found.append({"code": code, **values})
        if len(found) > limit:
            break
    more = cursor_of(found[limit - 1]["code"]) if len(found) > limit else None
    return {"items": found[:limit], "next_cursor": more}


def standing(register: Register, day: str, wanted: Record, after: str = "") -> Iterator[tuple[str, Record]]:
    """(code, values) of the records in force on a day, by code; `wanted`: the values they must have, or hold in a list; of
    several values one of them."""
    covering = {"valid_from": {"$lte": day}, "valid_to": {"$gt": day}, **{
        f"values.{k}": {"$in": v} if isinstance(v, list) else v for k, v in wanted.items()}}
    with answering():
        switched = ledger.switched_on()
        ways: list[Record] = [{"edits": {"$elemMatch": covering}}]
        if switched:
            ways.append({"staged.change_set": {"$in": sorted(switched)}})
        query = {"_id": {"$gt": after}, **({"$or": ways} if len(ways) > 1 else ways[0])}
        for found in register.document._get_collection().find(query, {"outbox": 0}).sort("_id", 1).batch_size(200):
            values = in_force(ledger.visible(found, switched), day)
            if values is not None and all(_has(values.get(key), value) for key, value in wanted.items()):
                yield found["_id"], values


def _has(given: Any, wanted: Any) -> bool:
    if isinstance(wanted, list):
        return not set(wanted).isdisjoint(given if isinstance(given, list) else [given])
    return wanted in given if isinstance(given, list) else given == wanted


def neighbourhoods(query: dict[str, str]) -> Record:
    """The neighbourhoods as of a day, each with its polygon where one is known."""
    found = listing("territories", query, {"kind": "neighbourhood"})
    day, codes = day_of(query), [place["code"] for place in found["items"]]
    with answering():
        known = {each["_id"]: in_force(edits_of(each["edits"]), day) for each in TerritoryBoundary._get_collection().find(
            {"_id": {"$in": codes}}, {"edits": 1})}
    for place in found["items"]:
        place["polygon"] = (known.get(place["code"]) or {}).get("polygon")
    return found


def register_agency(body: Record, by: str) -> Record:
    """A new agency. Its queue and broker user follow from the event.

    Raises Refused for a code that is taken, Invalid where it belongs to what is not there.
    """
    code, address = body.pop("code"), {"email": body.pop("email", None)}
    change = Change("agencies", code, body, today())
    demand_known([change])

    def decide(edits: list[Edit]) -> list[Edit]:
        if in_force(edits, today()) not in (None, body):
            raise Refused("code_taken", "این کد از آنِ دستگاه دیگری است.", "This code belongs to another agency.")
        return _revising(change, by, None)(edits)

    ledger.record(Agency, code, decide)
    contacts.keep("agency", code, address)
    return look("agencies", code, {})


def contact(kind: str, code: str, asked_by: str, why: str) -> Record:
    """The address of an agency, a person, or who sits in a seat today; who asked is remembered. Raises NotFound,
    Malformed."""
    if (kind == "person" and people.stands(code)) or (kind == "agency" and find(REGISTERS["agencies"], code)):
        return contacts.give(kind, code, asked_by, why)
    held = in_force(find(REGISTERS["seats"], code) or [], today()) if kind == "seat" else None
    if held is None:
        raise not_found()
    return contacts.give("person", held["person"], asked_by, why, f"seat:{code}") if held.get("person") else {}


Broker = Callable[[str, bool], None]  # makes (or with False removes) an agency's queue and user


def equip(codes: set[str], broker: Broker) -> None:
    """Gives each agency its end of the wire as its record says now: an event that was late on its way may be outdated.

    Idempotent; raises what the broker's management does.
    """
    for code in codes:
        if edits := find(REGISTERS["agencies"], code):
            values = in_force(edits, today())
            broker(code, values is not None and values["channel"] == "queue")
