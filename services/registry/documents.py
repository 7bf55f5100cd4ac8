"""Documents of `registry`: one per record, with version and outbox, and the snapshots that the relay adds.

Records have no rules of their own yet, so documents and use cases are enough. Addresses of people and agencies stand
in `contact` and are never part of a snapshot.
"""
from dataclasses import fields
from typing import Any

import mongoengine as me

from chassis.outbox import Outbox
from chassis.store import Stored
from contracts import registry as told


def meta(collection: str, *indexes: Any) -> dict[str, Any]:
    return {"db_alias": "registry", "collection": collection,
            "indexes": list(indexes)}


class Territory(Stored):
    """A place on the tree; `polygon` where one is known."""

    code = me.StringField(primary_key=True)
    kind = me.StringField()
    polygon = me.PolygonField(auto_index=False)
    meta = meta("territories", {"fields": ["kind", "code"]}, {"fields": [("polygon", "2dsphere")], "sparse": True})


class Agency(Stored):
    code = me.StringField(primary_key=True)
    meta = meta("agencies")


class Committee(Stored):
    """A body of agencies with a subject. Nobody needs to hear of it yet."""

    code = me.StringField(primary_key=True)
    meta = meta("committees")


class Category(Stored):
    code = me.StringField(primary_key=True)
    meta = meta("categories")


class Rule(Stored):
    code = me.StringField(primary_key=True)
    meta = meta("rules")


class Seat(Stored):
    """A role at a place or an agency, with the name and address of who sits there."""

    code = me.StringField(primary_key=True)
    role = me.StringField()
    territory = me.StringField()
    agency = me.StringField()
    meta = meta("seats", {"fields": ["role", "territory"]}, {"fields": ["role", "agency"]})


def snapshot_of(cls: Any) -> Any:
    """From a stored record to the JSON of its snapshot: the fields that the contract names, and no other."""
    names = [f.name for f in fields(cls) if f.name != "code"]
    return lambda document, data: {"code": document["_id"], **{n: document[n] for n in names if n in document}}


DOCUMENTS = [Territory, Agency, Committee, Category, Rule, Seat]
OUTBOXES = [Outbox(document, {cls: snapshot_of(cls) for cls in snapshots}) for document, snapshots in (
    (Territory, (told.TerritorySnapshot, told.BoundarySnapshot)), (Agency, (told.AgencySnapshot,)),
    (Category, (told.CategorySnapshot,)), (Rule, (told.RuleSnapshot,)), (Seat, (told.SeatSnapshot,)))]
FACTS: dict[Any, tuple[Any, ...]] = {
    Territory: (told.TerritoryChanged, told.BoundaryChanged), Agency: (told.AgencyChanged,), Committee: (),
    Category: (told.CategoryChanged,), Rule: (told.RuleChanged,), Seat: (told.SeatChanged,)}
