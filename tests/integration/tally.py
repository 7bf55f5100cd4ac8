"""A small aggregate of the tests' own, so that the store is tried without the rules of any service."""
from dataclasses import dataclass, field
from typing import Any

import mongoengine as me

from chassis.clock import now
from chassis.store import Store, Stored
from contracts.envelope import event_id


class TallyDocument(Stored):
    id = me.StringField(primary_key=True)
    code = me.StringField()
    marks = me.ListField(me.StringField())
    meta = {"db_alias": "issues", "collection": "tallies", "indexes": [{"fields": ["code"], "unique": True}]}


@dataclass
class Tally:
    """Who made a mark. Each decision adds one mark, one line of the timeline and one event."""

    id: str
    code: str
    marks: list[str] = field(default_factory=list)
    version: int = 0
    new: list[str] = field(default_factory=list)

    def mark(self, name: str) -> bool:
        self.marks.append(name)
        self.new.append(name)
        return True


class TallyMapping:
    def state(self, tally: Tally) -> dict[str, Any]:
        return {"code": tally.code, "marks": tally.marks}

    def aggregate(self, document: dict[str, Any]) -> Tally:
        return Tally(document["_id"], document["code"], document["marks"], document["version"])

    def news(self, tally: Tally, version: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        entries = [{"id": event_id(tally.id, version, position), "due": now(), "mark": name}
                   for position, name in enumerate(tally.new)]
        return [{"mark": name} for name in tally.new], entries


def tally_store() -> Store[Tally]:
    return Store(TallyDocument, TallyMapping())


def a_tally(identity: str = "t1", *marks: str, code: str | None = None) -> Tally:
    """A new tally with its first marks."""
    tally = Tally(identity, code or f"code-{identity}")
    for name in marks or ("first",):
        tally.mark(name)
    return tally
