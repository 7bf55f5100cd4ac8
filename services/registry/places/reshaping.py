"""Territories merged, split, renamed and made targets on a day: what was stays readable, as of every day before.

Each is one set of changes: all of it comes into force by one write. A territory that ends says in `became`, in its values
of its last day, what it was merged or split into; all below it moves along. Rules, seats, agencies, headquarters and
calendars that name a territory which ended are changed by nobody but a secretary: the answer lists them in `left_behind`.
"""
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from chassis.clock import today
from chassis.store import answering
from chassis.validation import bad_field, load
from contracts.errors import Invalid, Refused, not_found
from services.registry.change_sets import told_before
from services.registry.ledger import switched_on, visible
from services.registry.model import OPEN, Change, Values, in_force, periods
from services.registry.registers import REGISTERS, SAME_CODE
from services.registry.schemas import BoundarySchema, TerritorySchema
from services.registry.use_cases import find, put, standing

Record = dict[str, Any]
AGREED = ("kind", "parent", "target", "contested_with", "supporting_agency", "sample")
MOST = 50  # territories that are merged into one, or that one is split into
TERRITORIES = REGISTERS["territories"]


def merge(codes: list[str], into: Record, day: str | None, by: str, reason: str | None = None) -> Record:
    """Several territories of one kind become `into` (a new code, or one of theirs) on a day, else today.

    Raises Refused where one is not in force, or `into` is the code of another; Invalid where they differ and it is not
    said what holds, and what `put` raises.
    """
    if told := told_before():
        return told | {"left_behind": _left_behind(told, {into["code"]: into})}
    day = day or today()
    old = {each: _standing_on(each, day) for each in dict.fromkeys(codes)}
    if len(old) < 2:
        raise bad_field("/codes", "too_few", "دست‌کم دو کد جدا بنویسید.", "Name at least two different codes.")
    if len({values["kind"] for values in old.values()}) > 1:
        raise bad_field("/codes", "kinds_differ", "همه باید از یک نوع باشند.", "They must be of one kind.")
    made = {into["code"]: _values(into, list(old.values()), "/into")}
    return _reshape(old, made, {into["code"]: into}, _below(old, day, lambda child: into["code"]), day, by, reason)


def split(code: str, into: list[Record], day: str | None, by: str, reason: str | None = None) -> Record:
    """A territory becomes several on a day, else today; one of them may keep its code. `takes` of each: the codes right
    below it that go to it; all must be named. Raises as `merge` does."""
    day, parts = day or today(), {part["code"]: part for part in into}
    if len(parts) < 2 or len(parts) < len(into):
        raise bad_field("/into", "too_few", "دست‌کم دو کد جدا بنویسید.", "Name at least two different codes.")
    if told := told_before():
        return told | {"left_behind": _left_behind(told, parts)}
    old = {code: _standing_on(code, day)}
    made = {each: _values(part, list(old.values()), f"/into/{number}") for number, (each, part) in enumerate(parts.items())}
    taken = {child: part["code"] for part in into for child in part.get("takes", ())}
    return _reshape(old, made, parts, _below(old, day, taken.get), day, by, reason)


def revalue(code: str, given: Record, day: str | None, until: str | None, by: str, reason: str | None = None) -> Record:
    """Renames a territory, makes it a target, or moves it: these values from a day (else today), until another one or
    for good; what else is planned for those days stays. Raises NotFound, Refused where it is not in force, or somebody else
    changed it meanwhile."""
    if told := told_before():
        return _as_of(told)
    day, end, version = day or today(), until or OPEN, _version(code)
    held = [period for period in periods(find(TERRITORIES, code) or _missing()) if period.valid_to > day
            and period.valid_from < end]
    if not held or held[0].valid_from > day:
        raise _not_in_force(code, day)
    put([Change("territories", code, period.values | given, max(day, period.valid_from),
                None if period.valid_to == end == OPEN else min(end, period.valid_to), version) for period in held],
        by, reason, {"code": code, "day": day})
    return _as_of({"code": code, "day": day})


def _as_of(told: Record) -> Record:
    return told | (in_force(find(TERRITORIES, told["code"]) or [], told["day"]) or {})


def _version(code: str) -> int:
    with answering():
        found = TERRITORIES.document._get_collection().find_one({"_id": code}, {"version": 1})
    return int(found["version"]) if found else 0


def _missing() -> Any:
    raise not_found()


def _not_in_force(code: str, day: str) -> Refused:
    return Refused("not_in_force", f"«{code}» در {day} برقرار نیست.", f"{code} is not in force on {day}.")


def _eve(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def _standing_on(code: str, day: str) -> Values:
    """The values of a territory that was there the day before and would be on that day."""
    edits = find(TERRITORIES, code) or _missing()
    values = in_force(edits, day)
    if values is None or in_force(edits, _eve(day)) is None:
        raise _not_in_force(code, day)
    return values


def _values(part: Record, old: list[Values], pointer: str) -> Values:
    """Of a territory that is made: as said, else as all of the old ones agree. Raises Invalid."""
    said = {key: value for key, value in part.items() if key not in ("code", "polygon", "takes")}
    differing = [key for key in AGREED if key not in said and any(each.get(key) != old[0].get(key) for each in old)]
    if differing:
        raise Invalid("say_which", "در این بخش‌ها یکی نیستند؛ بنویسید کدام باشد.", "They differ in this; say what holds.", [
            {"pointer": f"{pointer}/{key}", "fa": "بنویسید کدام باشد.", "en": "Say which."} for key in differing])
    found: Values = load(TerritorySchema(), {key: old[0].get(key) for key in AGREED if key in old[0]} | said)
    return found


def _below(old: dict[str, Values], day: str, to: Any) -> list[Change]:
    """Moves what lies right below to where it goes now. Raises Invalid where that is not said of one."""
    children = {child: values for each in old for child, values in standing(TERRITORIES, day, {"parent": each})}
    lost = [child for child in children if to(child) is None]
    if lost:
        raise Invalid("not_taken", "بنویسید هر زیرمجموعه به کدام می‌رود (takes).",
                      "Say of all that lies below where it goes (takes).", [
                          {"pointer": "/into", "fa": f"«{child}» به هیچ‌کدام نرفته است.", "en": f"Nobody takes {child}."}
                          for child in lost[:MOST]])
    return [Change("territories", child, _moved(values, to(child), old), day) for child, values in children.items()
            if _moved(values, to(child), old) != values]


def _moved(values: Values, parent: str, old: dict[str, Values]) -> Values:
    """Who was contested between two that are one now is contested no more. The path follows in `put`."""
    over = {"contested_with": None} if values.get("contested_with") in old else {}
    return values | {"parent": parent} | over


def _reshape(old: dict[str, Values], made: dict[str, Values], parts: dict[str, Record], below: list[Change], day: str,
             by: str, reason: str | None) -> Record:
    for each in made:
        if each not in old and find(TERRITORIES, each):
            raise Refused("code_taken", f"کد «{each}» از آنِ جای دیگری است. کد دیگری بنویسید.",
                          f"The code {each} belongs to another place. Choose another one.")
    ended = [each for each in old if each not in made]
    changes = [*(Change("territories", each, values, day) for each, values in made.items()), *below,
               *(change for each in ended for change in _ending(each, old[each], list(made), day)), *_boundaries(parts, day)]
    told = {"became": sorted(made), "ended": sorted(ended), "moved": sorted(change.code for change in below), "day": day}
    put(changes, by, reason, told)
    return told | {"left_behind": _left_behind(told, parts)}


def _left_behind(told: Record, parts: dict[str, Record]) -> list[Record]:
    return [*left_behind(told["ended"], told["day"]), *_unbounded(parts)]


def _ending(code: str, values: Values, became: list[str], day: str) -> Iterator[Change]:
    """The change of the last day says what it became; a boundary ends with its territory."""
    yield Change("territories", code, values | {"became": became}, _eve(day), day)
    yield Change("territories", code, None, day, OPEN)
    if in_force(find(REGISTERS["boundaries"], code) or [], day):
        yield Change("boundaries", code, None, day, OPEN)


def _boundaries(parts: dict[str, Record], day: str) -> list[Change]:
    return [Change("boundaries", each, load(BoundarySchema(), {"polygon": part["polygon"]}), day)
            for each, part in parts.items() if part.get("polygon")]


def _unbounded(parts: dict[str, Record]) -> Iterator[Record]:
    for each, part in parts.items():
        if not part.get("polygon"):
            yield {"register": "boundaries", "code": each, "value": "polygon"}


def left_behind(ended: list[str], day: str) -> list[Record]:
    """{register, code, value} of what names one of these territories on that day or later."""
    with answering():
        return [found for register, value in _naming() for found in _naming_one(register, value, set(ended), day)]


def _naming() -> Iterator[tuple[str, str]]:
    for register in REGISTERS.values():
        yield from ((register.name, value) for value, other in register.belongs_to.items() if other == "territories")
        if SAME_CODE.get(register.name) == "territories":
            yield register.name, "code"


def _naming_one(register: str, value: str, ended: set[str], day: str) -> Iterator[Record]:
    switched, field = switched_on(), "_id" if value == "code" else f"edits.values.{value}"
    for found in REGISTERS[register].document._get_collection().find(
            {field: {"$in": sorted(ended)}}, {"outbox": 0}).sort("_id", 1):
        if any(period.valid_to > day and (value == "code" or period.values.get(value) in ended)
               for period in periods(visible(found, switched))):
            yield {"register": register, "code": found["_id"], "value": value}
