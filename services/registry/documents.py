"""Documents of `registry`: one per record, with its edits, version and outbox; and the snapshots that the relay adds.

Names and addresses of people are in none of them: they lie apart (`contacts`), and can be erased.
"""
from dataclasses import fields
from typing import Any

import mongoengine as me

from chassis.clock import today
from chassis.outbox import Outbox
from chassis.store import Stored
from contracts import registry as told
from services.registry.accounts import documents as accounts
from services.registry.contacts import DOCUMENTS as CONTACTS
from services.registry.imports import documents as imports
from services.registry.model import Edit, shown_on
from services.registry.once import Remembered
from services.registry.people import documents as people
from services.registry.profiles import documents as profiles

EDIT = tuple(f.name for f in fields(Edit))


def meta(collection: str, *filters: str, more: tuple[Any, ...] = ()) -> dict[str, Any]:
    """`filters` are the values by which the register may be listed."""
    return {"db_alias": "registry", "collection": collection, "indexes": [
        *({"fields": [f"edits.values.{name}", "_id"]} for name in filters),
        {"fields": ["next_change"]}, {"fields": ["staged.change_set"], "sparse": True}, *more]}


class Record(Stored):
    """A dated record. `edits` as the model's Edit; `staged`: edits of a change set that is not settled yet;
    `next_change`: the day on which it must be told again. `CURRENT` values stand at the top as well, as of that telling."""

    code = me.StringField(primary_key=True)
    edits = me.ListField(me.DictField())
    staged = me.ListField(me.DictField())
    next_change = me.StringField()
    meta = {"abstract": True}
    CURRENT: tuple[str, ...] = ()


class Territory(Record):
    """A place on the tree."""

    meta = meta("territories", "kind", "parent", "path", more=({"fields": ["edits.values.contested_with"], "sparse": True},))


class TerritoryBoundary(Record):  # mongoengine knows classes by their bare names, and issues has a Boundary
    """The polygon of the territory of the same code."""

    polygon = me.DictField()
    meta = meta("boundaries", more=tuple({"fields": [(f"{where}polygon", "2dsphere")], "sparse": True} for where in (
        "", "edits.values.", "staged.edit.values.")))  # today's; any day's; and what it refuses is refused while staging
    CURRENT = ("polygon",)


class Headquarters(Record):
    meta = meta("headquarters", "territory", "parent")


class Agency(Record):
    meta = meta("agencies", "territory", "level", "committee")


class Committee(Record):
    meta = meta("committees", "headquarters", "members")


class Category(Record):
    meta = meta("categories", "parent", "path")


class Rule(Record):
    meta = meta("rules", "category", "territory", "agency")


class Calendar(Record):
    """The working time of the territory of the same code."""

    meta = meta("calendars")


class Seat(Record):
    """A role at a place, agency, committee or headquarters; its terms are its edits, the person an id."""

    meta = meta("seats", "role", "territory", "agency", "committee", "headquarters", "person")


class ChangeSet(me.Document):
    """Edits of many records that come into force by one write: `staging` → `on` → `settled`, or `withdrawn`.

    `command`: who asked for it over HTTP, once; `told`: what whoever asked was told.
    """

    id = me.StringField(primary_key=True)
    state = me.StringField()
    at = me.DateTimeField()
    command = me.StringField()
    meta = {"db_alias": "registry", "collection": "change_sets", "auto_create_index": False, "strict": False,
            "indexes": [{"fields": ["state", "at"]}, {"fields": ["command"], "unique": True, "sparse": True}]}


def edits_of(found: list[dict[str, Any]]) -> list[Edit]:
    return [Edit(**{name: edit[name] for name in EDIT if name in edit}) for edit in found]


def snapshot_of(cls: Any) -> Any:
    """From a stored record to the JSON of its snapshot: the fields that the contract names, and no other."""
    names = [f.name for f in fields(cls) if f.name not in ("code", "version", "in_force")]

    def snapshot(document: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
        values, held = shown_on(edits_of(document["edits"]), today())
        return {"code": document["_id"], "version": document["version"], "in_force": held,
                **{name: values[name] for name in names if name in values}}

    return snapshot


FACTS: dict[Any, tuple[Any, Any]] = {
    Territory: (told.TerritoryChanged, told.TerritorySnapshot),
    TerritoryBoundary: (told.BoundaryChanged, told.BoundarySnapshot),
    Headquarters: (told.HeadquartersChanged, told.HeadquartersSnapshot), Agency: (told.AgencyChanged, told.AgencySnapshot),
    Committee: (told.CommitteeChanged, told.CommitteeSnapshot), Category: (told.CategoryChanged, told.CategorySnapshot),
    Rule: (told.RuleChanged, told.RuleSnapshot), Calendar: (told.CalendarChanged, told.CalendarSnapshot),
    Seat: (told.SeatChanged, told.SeatSnapshot)}
DOCUMENTS = [*FACTS, ChangeSet, Remembered, *CONTACTS, *people.DOCUMENTS, *profiles.DOCUMENTS, *accounts.DOCUMENTS,
             *imports.DOCUMENTS]
OUTBOXES = [*(Outbox(document, {cls: snapshot_of(cls)}) for document, (_, cls) in FACTS.items()),
            *people.OUTBOXES, *accounts.OUTBOXES]
