"""The registers: for each its document, what a record may say, what it may be listed by, and whom it names."""
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from marshmallow import Schema, fields, validate

from contracts.errors import Invalid, not_found
from services.registry import documents, queries, schemas
from services.registry.calendars.schemas import CalendarSchema
from services.registry.documents import edits_of
from services.registry.ledger import batches
from services.registry.meaning import WORDS, means
from services.registry.model import Change, Edit, in_force, revise
from services.registry.seats import terms

MOST = 50  # bad references that one answer names
MANY = 10_000  # codes of one query, which may not be longer than a document


def _one_edit(edits: Sequence[Edit], *change: Any) -> list[Edit]:
    edit = revise(edits, *change)
    return [edit] if edit else []


@dataclass(frozen=True)
class Register:
    """`belongs_to`: value → the register in which its code, or each of its codes, must be in force on the first day.

    `tree`: its records have a `parent` of the same register, and the `path` of codes from the root down to themselves.
    `revise`: from (edits, change, at, by, reason) to the edits that carry the change out, whatever door it comes from.
    """

    name: str
    document: Any
    schema: Schema
    filters: tuple[str, ...] = ()
    belongs_to: dict[str, str] = field(default_factory=dict)
    tree: bool = False
    revise: Callable[..., list[Edit]] = _one_edit

    @cached_property
    def change(self) -> type[Schema]:
        """The schema of a body that puts a record from a day on."""
        said = type(self.schema)
        return type(f"{said.__name__.removesuffix('Schema')}Change", (said, schemas.TermSchema), {})

    @cached_property
    def asks(self) -> type[Schema]:
        """The schema of the query of its list; its filters are checked by it."""
        return type(f"{self.name.title()}Query", (queries.ListQuery,), {name: self._filter(name) for name in self.filters})

    @cached_property
    def narrowing(self) -> dict[str, fields.Field[Any]]:
        """The filters of its list."""
        asked = self.asks().fields
        return {name: asked[name] for name in self.filters}

    def _filter(self, name: str) -> fields.Field[Any]:
        found, example = self.schema.fields.get(name), WORDS[name][1]
        if isinstance(example, list):
            return schemas.code(**means(f"Only those whose `{name}` hold this.", example[0]))
        said = means(f"Only those whose `{name}` is this.", example)
        choice = next((each for each in getattr(found, "validators", ()) if isinstance(each, validate.OneOf)), None)
        return fields.UUID(**said) if name == "person" else schemas.one_of(*choice.choices, **said) if choice else (
            schemas.code(**said))


REGISTERS: dict[str, Register] = {register.name: register for register in (
    Register("territories", documents.Territory, schemas.TerritorySchema(), ("kind", "parent", "path"),
             {"parent": "territories", "contested_with": "territories", "supporting_agency": "agencies"}, tree=True),
    Register("boundaries", documents.TerritoryBoundary, schemas.BoundarySchema(), (), {}),
    Register("headquarters", documents.Headquarters, schemas.HeadquartersSchema(), ("territory", "parent"),
             {"territory": "territories", "parent": "headquarters"}),
    Register("agencies", documents.Agency, schemas.AgencySchema(), ("territory", "level", "committee"),
             {"territory": "territories", "parent": "agencies", "committee": "committees"}),
    Register("committees", documents.Committee, schemas.CommitteeSchema(), ("headquarters", "members"),
             {"headquarters": "headquarters", "members": "agencies"}),
    Register("categories", documents.Category, schemas.CategorySchema(), ("parent", "path"),
             {"parent": "categories"}, tree=True),
    Register("rules", documents.Rule, schemas.RuleSchema(), ("category", "territory", "agency"),
             {"category": "categories", "territory": "territories", "agency": "agencies", "others": "agencies",
              "committee": "committees"}),
    Register("calendars", documents.Calendar, CalendarSchema(), (), {}),
    Register("seats", documents.Seat, schemas.SeatSchema(),
             ("role", "territory", "agency", "committee", "headquarters", "person"),
             {"territory": "territories", "agency": "agencies", "committee": "committees", "headquarters": "headquarters"},
             revise=terms.revise))}
SAME_CODE = {"boundaries": "territories", "calendars": "territories"}  # their code is that of a record over there
CHANGES = {name: register.change for name, register in REGISTERS.items()}
LISTS = {name: register.asks for name, register in REGISTERS.items()}
NEIGHBOURHOODS = REGISTERS["territories"].asks(exclude=["kind"])  # how their list may be asked for


def register_of(name: str) -> Register:
    """Raises NotFound for a register that is none."""
    if name not in REGISTERS:
        raise not_found()
    return REGISTERS[name]


def named_by(change: Change) -> list[tuple[str, str, str]]:
    """(pointer, register, code) of every record that a change relies on."""
    if change.values is None:
        return []
    found = [("/code", SAME_CODE[change.register], change.code)] if change.register in SAME_CODE else []
    for name, register in REGISTERS[change.register].belongs_to.items():
        given = change.values.get(name)
        for code in given if isinstance(given, list) else [given] if given else []:
            found.append((f"/{name}", register, code))
    return found


def unknown(changes: list[Change]) -> list[tuple[Change, str, str]]:
    """(change, pointer, code) of what is named and not in force on the change's first day, itself or by these changes."""
    wanted: dict[str, set[str]] = {}
    for change in changes:
        for _, register, code in named_by(change):
            wanted.setdefault(register, set()).add(code)
    made = {(c.register, c.code) for c in changes if c.values is not None}
    stored = {(name, found["_id"]): edits_of(found["edits"]) for name, codes in wanted.items()
              for batch in batches(sorted(codes), MANY) for found in REGISTERS[name].document._get_collection().find(
                  {"_id": {"$in": batch}}, {"edits.values.polygon": 0, "outbox": 0})}
    return [(change, pointer, code) for change in changes for pointer, register, code in named_by(change)
            if (register, code) not in made
            and in_force(stored.get((register, code), []), change.valid_from) is None]


def demand_known(changes: list[Change]) -> None:
    """Raises Invalid where a change names what is not there, with one entry for each."""
    missing = unknown(changes)
    if missing:
        raise Invalid(f"unknown_{missing[0][1][1:]}", "کدهایی در فهرست‌ها نیست؛ نام آن‌ها در errors آمده است.",
                      "Some codes are in no register on that day; errors names them.", [
                          {"pointer": pointer, "fa": f"«{code}» در آن روز در فهرست نیست.",
                           "en": f"{code} is not in the register on {change.valid_from}."}
                          for change, pointer, code in missing[:MOST]])


