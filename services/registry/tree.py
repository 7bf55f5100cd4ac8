"""Trees of places and of categories: every record holds the path of codes from the root down to itself, right on every day.

Who moves takes along all below it, in the same change, on the days on which it moves; what else is planned for those days
stays. A contested place hangs straight from the place above both that claim it, so that neither side's rules reach it.
"""
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from chassis.clock import now
from chassis.validation import bad_field
from services.registry.documents import edits_of
from services.registry.ledger import batches
from services.registry.model import OPEN, Change, Edit, Values, demand_order, in_force, next_change, shown_on
from services.registry.registers import REGISTERS, Register
from services.registry.schemas import KINDS

MANY = 10_000  # codes of one query, which may not be longer than a document
DEEPEST = 100  # steps of a tree
ABOVE = ("parent", "contested_with")  # the values that a path follows from
Path = list[str]


def with_paths(changes: list[Change]) -> list[Change]:
    """The changes with their paths, and those of all below them that move along.

    A change during which the path changes becomes several, each saying until when. Raises Invalid for a circle, more than
    DEEPEST steps, a parent that is not there, one of a kind that cannot be above, and days in the wrong order.
    """
    for register in REGISTERS.values():
        if register.tree and any(c.register == register.name and c.values is not None for c in changes):
            changes = Tree(register, changes).changes()
    return changes


@dataclass(frozen=True)
class Piece:
    """Days on which one edit holds and the path is the same."""

    valid_from: str
    valid_to: str
    edit: Edit
    path: Path

    @property
    def values(self) -> Values:
        return {**(self.edit.values or {}), "path": self.path}


class Tree:
    """One register as it is stored, and as these changes make it.

    Only records whose path may become another are recomputed, from `_edits` with the changes replayed; of all others that
    are named, the path is taken as it is stored.
    """

    def __init__(self, register: Register, changes: list[Change]) -> None:
        self._register, self._given = register, changes
        mine = [change for change in changes if change.register == register.name]
        self._since = min((change.valid_from for change in mine), default=OPEN)
        self._first = {(change.code, change.valid_from) for change in mine if change.values is not None}
        self._own = {change.code for change in mine}
        self._stored = self._find({"_id": batch} for batch in _in(self._own))
        self._edits = {code: list(self._stored.get(code, ())) for code in self._own}
        self._made: dict[int, Edit] = {}  # by the place of the change among those given
        self._replay()
        self._add_below()
        self._known = self._find({"_id": batch} for batch in _in({
            name for edits in self._edits.values() for name in _above(edits)} - set(self._edits)))
        self._paths: dict[tuple[str, str], Path] = {}

    def _find(self, queries: Iterable[Values]) -> dict[str, list[Edit]]:
        return {found["_id"]: edits_of(found["edits"]) for query in queries
                for found in self._register.document._get_collection().find(query, {"edits": 1})}

    def _replay(self) -> None:
        for place, change in enumerate(self._given):
            if change.register == self._register.name:
                demand_order(change)
                if not self._says_nothing_new(change):
                    self._made[place] = Edit(change.valid_from, change.valid_to or OPEN, change.values, now(), "")
                    self._edits[change.code].append(self._made[place])

    def _says_nothing_new(self, change: Change) -> bool:
        held = in_force(self._edits[change.code], change.valid_from)
        return change.valid_to is None and held is not None and change.values is not None and (
            _bare(held) == _bare(change.values))

    def _add_below(self) -> None:
        """All whose path follows from that of a record that moves."""
        new = {code for code in self._own if self._moves(code)}
        while new:
            found = self._find({"$or": [{f"edits.values.{name}": batch} for name in ("path", *ABOVE)
                                        if name in ("path", *self._register.belongs_to)]} for batch in _in(new))
            new = set(found) - set(self._edits)
            self._edits |= {code: found[code] for code in new}

    def _moves(self, code: str) -> bool:
        old, made = self._stored.get(code), self._edits[code]
        return old is not None and any(values is not None and _place(values) != _place(in_force(old, day) or {})
                                       for day in _days(made) for values in [in_force(made, day)])

    def changes(self) -> list[Change]:
        return [*self._carried_out(), *self._moved_along()]

    def _carried_out(self) -> Iterator[Change]:
        seen: dict[str, list[Edit]] = {}
        for place, change in enumerate(self._given):
            if change.register != self._register.name:
                yield change
                continue
            known = seen.setdefault(change.code, list(self._stored.get(change.code, ())))
            yield from [change] if change.values is None else self._with_paths(change, self._made.get(place), known)
            known += [self._made[place]] if place in self._made else []

    def _with_paths(self, change: Change, made: Edit | None, known: list[Edit]) -> list[Change]:
        """One change as it is to be made of a record of which these edits were known before it."""
        values = _bare(change.values or {})
        if made is None or (change.valid_to is None and _planned(known, change.valid_from)):  # which `revise` refuses
            held = in_force(known, change.valid_from) or {}
            return [replace(change, values={**values, "path": self._path(change.code, change.valid_from)
                                            if made else held.get("path")})]
        pieces = [piece for piece in self._pieces(change.code) if piece.edit is made]
        if [(piece.valid_from, piece.valid_to) for piece in pieces] == [(made.valid_from, made.valid_to)]:
            until = OPEN if change.valid_to is None and next_change(known, change.valid_from) != OPEN else change.valid_to
            return [replace(change, values=pieces[0].values, valid_to=until)]
        return [replace(change, values=piece.values, valid_from=piece.valid_from, valid_to=piece.valid_to)
                for piece in pieces]

    def _moved_along(self) -> Iterator[Change]:
        """Changes of records on days of which nothing is said, where the path is another now."""
        own = {id(edit) for edit in self._made.values()}
        for code in self._edits:
            for piece in self._pieces(code):
                if id(piece.edit) not in own and piece.path != (piece.edit.values or {}).get("path"):
                    yield Change(self._register.name, code, piece.values, piece.valid_from, piece.valid_to)

    def _pieces(self, code: str) -> list[Piece]:
        """The days on which a record is in force, from the first of these changes on."""
        edits, found = self._edits[code], list[Piece]()
        for start, end in pairwise(sorted({self._since, *self._cuts(code)})):
            edit = next((each for each in reversed(edits) if each.valid_from <= start < each.valid_to), None)
            if start < self._since or edit is None or edit.values is None:
                continue
            piece = Piece(start, end, edit, self._path(code, start))
            if found and found[-1].valid_to == start and found[-1].edit is edit and found[-1].path == piece.path:
                piece = replace(found.pop(), valid_to=end)
            found.append(piece)
        return found

    def _cuts(self, code: str) -> set[str]:
        """Days on which a record or one above it begins to say something else."""
        seen, new = {code}, {code}
        for _ in range(DEEPEST):
            new = {name for each in new for name in _above(self._edits.get(each, ()))} - seen
            if not new:
                break
            seen |= new
        return {day for each in seen for day in _days(self._edits.get(each) or self._known.get(each) or [])}

    def _path(self, code: str, day: str, below: tuple[str, ...] = ()) -> Path:
        if code not in self._edits:
            return list(self._said(code, day)["path"])
        if (code, day) not in self._paths:
            self._paths[code, day] = self._new_path(code, day, below)
        return self._paths[code, day]

    def _new_path(self, code: str, day: str, below: tuple[str, ...]) -> Path:
        values, below = self._said(code, day), (*below, code)
        _demand_no_more(below)
        above: Path = []
        if parent := values.get("parent"):
            _demand_no_circle(parent, below, "parent")
            if (code, day) in self._first:
                _demand_kind(values, self._said(parent, day))
            above = self._path(parent, day, below)
        if rival := values.get("contested_with"):
            _demand_no_circle(rival, below, "contested_with")
            above = _shared(above, self._path(rival, day, below))
        _demand_no_more((*above, code))
        return [*above, code]

    def _said(self, code: str, day: str) -> Values:
        """The values of a day; of a record that is not in force then, its last ones, or what it will be first."""
        found, _ = shown_on(self._edits.get(code) or self._known.get(code) or [], day)
        if not found:
            raise bad_field("/parent", "unknown_parent", f"«{code}» در آن روز در فهرست نیست.",
                            f"{code} is not in the register on {day}.")
        return found


def _in(codes: Iterable[str]) -> Iterator[Values]:
    return ({"$in": batch} for batch in batches(sorted(codes), MANY))


def _above(edits: Sequence[Edit]) -> set[str]:
    return {str(edit.values[name]) for edit in edits if edit.values for name in ABOVE if edit.values.get(name)}


def _place(values: Values) -> list[str | None]:
    return [values.get(name) for name in ABOVE]


def _bare(values: Values) -> Values:
    return {name: value for name, value in values.items() if name != "path"}


def _days(edits: Sequence[Edit]) -> set[str]:
    return {day for edit in edits for day in (edit.valid_from, edit.valid_to)}


def _planned(edits: Sequence[Edit], day: str) -> bool:
    """Whether a record says something else on a later day, its path aside."""
    return next_change([replace(edit, values=edit.values and _bare(edit.values)) for edit in edits], day) != OPEN


def _demand_no_circle(code: str, below: tuple[str, ...], pointer: str) -> None:
    if code in below and pointer == "parent":
        raise bad_field("/parent", "circle", f"«{below[-1]}» زیر خودش قرار گرفته است.",
                        f"{below[-1]} would lie below itself.")
    if code in below:
        raise bad_field("/contested_with", "circle", f"«{below[-1]}» و «{code}» یکدیگر را نشان می‌دهند. فقط در یکی بنویسید.",
                        f"{below[-1]} and {code} name each other. Say it of one of them only.")


def _demand_no_more(steps: Sequence[str]) -> None:
    if len(steps) > DEEPEST:
        raise bad_field("/parent", "too_deep", f"بیش از {DEEPEST} پله تا ریشه هست. آن را بالاتر بگذارید.",
                        f"More than {DEEPEST} steps to the root. Put it higher up.")


def _demand_kind(found: Values, parent: Values) -> None:
    if "kind" in found and KINDS[parent["kind"]] >= KINDS[found["kind"]]:
        raise bad_field("/parent", "wrong_parent", f"«{found['kind']}» زیر «{parent['kind']}» قرار نمی‌گیرد.",
                        f"A {found['kind']} does not lie below a {parent['kind']}.")


def _shared(one: Path, other: Path) -> Path:
    """What both paths begin with."""
    length = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[:length]
