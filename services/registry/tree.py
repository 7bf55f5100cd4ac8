"""Trees of places and of categories: every record holds the path of codes from the root down to itself.

Who moves takes along all below it, in the same change. A contested place hangs straight from the place above both that
claim it, so that neither side's rules reach it.
"""
from dataclasses import replace
from typing import Any

from chassis.validation import bad_field
from services.registry.documents import edits_of
from services.registry.ledger import batches
from services.registry.model import Change, Edit, Values, in_force
from services.registry.registers import REGISTERS, Register
from services.registry.schemas import KINDS

MANY = 10_000  # codes of one query, which may not be longer than a document
Path = list[str]


def with_paths(changes: list[Change]) -> list[Change]:
    """The changes with their paths, and those of all below them that move along.

    Raises Invalid for a circle, a parent that is not there, and one of a kind that cannot be above.
    """
    for register in REGISTERS.values():
        if register.tree and any(c.register == register.name and c.values is not None for c in changes):
            changes = Tree(register, changes).changes()
    return changes


class Tree:
    """One register as it is stored, and as these changes make it."""

    def __init__(self, register: Register, changes: list[Change]) -> None:
        self._register, self._given = register, changes
        self._own = {c.code: c for c in changes if c.register == register.name and c.values is not None}
        above = {str(c.values[name]) for c in self._own.values() if c.values for name in ("parent", "contested_with")
                 if c.values.get(name)}
        self._stored: dict[str, list[Edit]] = {
            found["_id"]: edits_of(found["edits"]) for batch in batches(sorted({*self._own, *above}), MANY)
            for found in register.document._get_collection().find({"_id": {"$in": batch}}, {"edits": 1})}
        self._paths: dict[str, Path] = {}

    def changes(self) -> list[Change]:
        made = [replace(c, values={**c.values, "path": self._path(c.code, c.valid_from, ())})
                if c.values is not None and self._own.get(c.code) is c else c for c in self._given]
        return made + self._moved_along()

    def _path(self, code: str, day: str, below: tuple[str, ...]) -> Path:
        if code not in self._own:
            return list(self._demand(code, day)["path"])
        if code not in self._paths:
            self._paths[code] = self._new_path(code, day, below)
        return self._paths[code]

    def _new_path(self, code: str, day: str, below: tuple[str, ...]) -> Path:
        values = self._demand(code, day)
        above: Path = []
        if parent := values.get("parent"):
            _demand_kind(values, self._demand(parent, day))
            above = self._path(parent, day, (*below, code)) if parent not in (*below, code) else [code]
        if code in above:
            raise bad_field("/parent", "circle", f"«{code}» زیر خودش قرار گرفته است.", f"{code} would lie below itself.")
        if rival := values.get("contested_with"):
            above = _shared(above, self._path(rival, day, (*below, code)))
        return [*above, code]

    def _demand(self, code: str, day: str) -> Values:
        own = self._own.get(code)
        found = own.values if own else in_force(self._stored.get(code, []), day)
        if found is None:
            raise bad_field("/parent", "unknown_parent", f"«{code}» در آن روز در فهرست نیست.",
                            f"{code} is not in the register on {day}.")
        return found

    def _moved_along(self) -> list[Change]:
        """Changes of the records below those whose path is another now, where nothing else is said of them."""
        old = {code: (in_force(self._stored.get(code, []), own.valid_from) or {}).get("path")
               for code, own in self._own.items()}
        moved = [code for code, path in old.items() if path and path != self._paths[code]]
        below = {found["_id"]: edits_of(found["edits"]) for batch in batches(moved, MANY)
                 for found in self._register.document._get_collection().find(
                     {"edits.values.path": {"$in": batch}}, {"edits": 1}) if found["_id"] not in self._own}
        return [change for code, edits in below.items() for change in self._moved(code, edits, moved)]

    def _moved(self, code: str, edits: list[Edit], moved: list[str]) -> list[Change]:
        for nearest in reversed((in_force(edits, min(self._own[m].valid_from for m in moved)) or {"path": []})["path"]):
            if nearest in moved:
                own = self._own[nearest]
                held: dict[str, Any] = in_force(edits, own.valid_from) or {}
                path = [*self._paths[nearest], *held["path"][held["path"].index(nearest) + 1:]]
                return [Change(self._register.name, code, {**held, "path": path}, own.valid_from, own.valid_to)]
        return []


def _demand_kind(found: Values, parent: Values) -> None:
    if "kind" in found and KINDS[parent["kind"]] >= KINDS[found["kind"]]:
        raise bad_field("/parent", "wrong_parent", f"«{found['kind']}» زیر «{parent['kind']}» قرار نمی‌گیرد.",
                        f"A {found['kind']} does not lie below a {parent['kind']}.")


def _shared(one: Path, other: Path) -> Path:
    """What both paths begin with."""
    length = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[:length]
