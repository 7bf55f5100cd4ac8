"""Checks of all changes of a file together: codes that are not there, people, trees, and where boundaries and points lie.

Each finds every bad row, not only the first.
"""
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from chassis.caller import Caller
from contracts.errors import Invalid
from services.registry.documents import Territory, edits_of
from services.registry.files.bad_rows import BadRow, shortened
from services.registry.imports import shapes
from services.registry.imports.asking import Asked, Asking
from services.registry.imports.reporting import flaws_of
from services.registry.ledger import batches
from services.registry.model import Change, Values, in_force
from services.registry.people.documents import STANDING, people
from services.registry.reach import by_operators, sides, theirs
from services.registry.registers import REGISTERS, unknown
from services.registry.tree import Tree

MANY = 10_000


def unknown_codes(asking: Asking) -> Iterator[BadRow]:
    """Codes in no register on a row's first day; one that stands in another row of the file, good or bad, is known."""
    own = {name for name, register in REGISTERS[asking.register].belongs_to.items() if register == asking.register}
    for change, pointer, code in unknown(list(asking.changes)):
        if isinstance(change, Asked) and not (pointer[1:] in own and code in asking.lines):
            yield BadRow(change.line, pointer[1:], "unknown_code", shortened(code),
                         f"«{code}» در {change.valid_from} در فهرست نیست. نخست آن را وارد کنید.",
                         f"{code} is not in the register on {change.valid_from}. Import it first.")


def unknown_people(changes: Sequence[Asked], within: str = "") -> Iterator[BadRow]:
    """People who are not entered, or (`within`) not by or for whoever has no other place."""
    named = sorted({change.values["person"] for change in changes if change.values and change.values.get("person")})
    standing = {each["_id"] for batch in batches(named, MANY)
                for each in people().find({"_id": {"$in": batch}, **STANDING}, {"_id": 1})}
    if within:
        standing &= theirs(Caller("secretary", within), "people:read", standing)
    for change in changes:
        person = (change.values or {}).get("person")
        if person and person not in standing:
            yield BadRow(change.line, "person", "unknown_person", person, "چنین شخصی ثبت نشده است. نخست او را ثبت کنید.",
                         "No such person is entered. Enter them first.")


class CheckedTree(Tree):
    """Goes on behind a flaw, as if the place were a root: who lies below a bad row is not blamed for it."""

    def __init__(self, register: Any, changes: list[Change]) -> None:
        self.flaws: dict[str, Invalid] = {}
        super().__init__(register, changes)

    def _new_path(self, code: str, day: str, below: tuple[str, ...]) -> list[str]:
        try:
            return super()._new_path(code, day, below)
        except Invalid as flaw:
            if code not in self._own:  # the row above that moved it is to blame
                raise
            self.flaws.setdefault(code, flaw)
            return [code]


def with_paths(asking: Asking) -> list[Change]:
    """The changes with paths and with what moves along; flaws of the tree go into the report."""
    register = REGISTERS[asking.register]
    if not register.tree:
        return list(asking.changes)
    tree = CheckedTree(register, list(asking.changes))
    made = tree.changes()
    lines = {change.code: change for change in asking.changes}
    for code, flaw in tree.flaws.items():
        if flaw.code != "unknown_parent" and code in lines:  # which unknown_codes tells
            for each in flaws_of(flaw, lines[code].line, "parent", lines[code].values or {}):
                asking.report.add(each)
    return made


def not_theirs(asking: Asking, within: str) -> Iterator[BadRow]:
    """Rows of records that lie, or would lie, out of the territory of whoever asks; empty: of somebody for everywhere."""
    outside = {change.code for change, path in (sides(asking.changes) if within else ()) if within not in path}
    for change in asking.changes:
        if change.code in outside or (asking.by.partition(":")[0] == "secretary" and by_operators(change)):
            yield BadRow(change.line, "code", "not_your_place", change.code,
                         "این مورد در محدودهٔ کار شما نیست. این سطر را بردارید یا از دبیرخانهٔ همان‌جا بخواهید.",
                         "This record is not in your area. Take this row out, or ask its own secretariat.")


def points_elsewhere(asking: Asking, changes: Sequence[Change]) -> Iterator[BadRow]:
    """Points outside the nearest known boundary above their place: the region that they claim."""
    known = shapes.Known()
    made = [(change, (change.values or {}).get("path", [])) for change in changes
            if isinstance(change, Asked) and change.point]
    for asked, path in [*made, *asking.placed]:
        nearest, shape = next(iter(known.all(path[:-1], asked.valid_from)), (None, None))
        if nearest is None:
            asking.report.unchecked_points += 1
        elif asked.point and not shapes.holds(shape, asked.point):
            lon, lat = asked.point
            yield BadRow(asked.line, "parent", "point_elsewhere", f"{lon}, {lat}",
                         f"نقطهٔ ({lon}، {lat}) بیرون از «{nearest}» است که این ردیف آن را جای بالاتر می‌داند.",
                         f"The point ({lon}, {lat}) lies outside {nearest}, which this row claims as the place above.")


def boundaries_elsewhere(changes: Sequence[Asked]) -> Iterator[BadRow]:
    """Boundaries of which most lies in no known boundary of the places above. One that does is enough: a city's regions
    reach into other counties than the one that the city belongs to, as regions 1 and 20 of Tehran do."""
    known = shapes.Known({change.code: change.values["polygon"] for change in changes if change.values})
    paths = dict(_paths(changes))
    for change in changes:
        above = known.all(paths.get(change.code, [])[:-1], change.valid_from)
        polygon = (change.values or {}).get("polygon")
        if above and polygon and not any(shapes.lies_in(polygon, shape) for _, shape in above):
            names = ", ".join(code for code, _ in above)
            yield BadRow(change.line, "polygon", "boundary_elsewhere", change.code,
                         f"بیشتر این محدوده بیرون از جاهای بالاتر آن است ({names}). کد و شکل را بررسی کنید.",
                         f"Most of this boundary lies outside the places above it ({names}). Check the code and the shape.")


def _paths(changes: Sequence[Asked]) -> Iterator[tuple[str, list[str]]]:
    days = {change.code: change.valid_from for change in changes}
    for batch in batches(sorted(days), MANY):
        for found in Territory._get_collection().find({"_id": {"$in": batch}}, {"edits": 1}):
            values: Values = in_force(edits_of(found["edits"]), days[found["_id"]]) or {}
            yield found["_id"], values.get("path", [])


def refused_by_index(details: Any, changes: Sequence[Change]) -> Iterator[BadRow]:
    """Polygons that look right on a plane and that the database's index on the sphere refuses."""
    lines = {change.code: change.line for change in changes if isinstance(change, Asked)}
    for error in details.get("writeErrors", ()):
        code = error.get("op", {}).get("q", {}).get("_id", "")
        yield BadRow(lines.get(code, 0), "polygon", "not_valid", code,
                     "این چندضلعی روی کره درست نیست: ضلعی از آن ضلع دیگری را قطع می‌کند. آن را ساده کنید.",
                     "This polygon is not valid on the sphere: its edges cross. Simplify it.")


def end_of_erased(changes: Sequence[Change]) -> list[str]:
    """People who were erased while their terms were being stored."""
    asked = [replace(change, line=0) for change in changes if isinstance(change, Asked)]
    return sorted({flaw.value for flaw in unknown_people(asked)})
