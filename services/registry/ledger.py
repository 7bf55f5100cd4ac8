"""Writing dated records: a record's edit, version and event in one write; and telling it again when its day has come."""
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any

from pymongo import UpdateOne
from pymongo.errors import DuplicateKeyError

from chassis.clock import now
from chassis.store import answering
from contracts import envelope
from contracts.errors import Unavailable
from services.registry.clock import today
from services.registry.documents import FACTS, ChangeSet, edits_of
from services.registry.model import Edit, in_force, next_change

BATCH = 500
Stored = dict[str, Any]
Decide = Callable[[list[Edit]], list[Edit]]


def visible(document: Stored, switched: set[str]) -> list[Edit]:
    """A record's edits with those of sets that are switched on and not settled yet."""
    staged = [each["edit"] for each in document.get("staged", ()) if each["change_set"] in switched]
    return edits_of([*document["edits"], *staged])


def switched_on() -> set[str]:
    """The sets that are visible and not settled yet."""
    return {found["_id"] for found in ChangeSet._get_collection().find({"state": "on"}, {"_id": 1})}


def record(document: Any, code: str, decide: Decide) -> bool:
    """Adds the edits that `decide` makes of the record's edits, with its event, in one write; whether there were any.

    Decided again where somebody else was faster. Raises what `decide` raises, Unavailable while a set of changes is
    being staged that holds this record.
    """
    with answering():
        while True:
            found = _settled(document, code)
            new = decide(edits_of(found["edits"]))
            if not new:
                return False
            if _write(document, found, new):
                return True


def _settled(document: Any, code: str) -> Stored:
    """The record as it stands, after its part of a set that is on was settled."""
    while True:
        found: Stored = document._get_collection().find_one({"_id": code}, {"outbox": 0}) or {
            "_id": code, "version": 0, "edits": []}
        if not found.get("staged"):
            return found
        if found["staged"][0]["change_set"] not in switched_on():
            raise Unavailable("being_changed", "این مورد همین حالا در یک ورود گروهی است. کمی بعد دوباره تلاش کنید.",
                              "This record is part of an import that is under way. Try again in a moment.", retry_after=5)
        document._get_collection().bulk_write([settling(document, found)])


def _write(document: Any, found: Stored, new: Sequence[Edit]) -> bool:
    """Whether the write was ours: False when somebody else was faster, or the record is being staged."""
    version = found["version"]
    condition = {"_id": found["_id"], "version": version or {"$exists": False}, "staged.0": {"$exists": False}}
    try:
        done = document._get_collection().update_one(condition, update_of(document, found, new), upsert=not version)
    except DuplicateKeyError:
        return False
    return bool(done.matched_count or done.upserted_id)


def update_of(document: Any, found: Stored, new: Sequence[Edit]) -> dict[str, Any]:
    edits, version = [*edits_of(found["edits"]), *new], found["version"] + 1
    update: dict[str, Any] = {"$set": {"version": version, **_as_of(document, edits, today())}, "$push": {
        "outbox": entry(document, found["_id"], version)}}
    if new:
        update["$push"]["edits"] = {"$each": [vars(edit) for edit in new]}
    return update


def settling(document: Any, found: Stored) -> UpdateOne:
    """Makes a record's staged edits its own, if it is still as found."""
    update = update_of(document, found, edits_of([each["edit"] for each in found["staged"]]))
    update["$set"]["staged"] = []
    return UpdateOne({"_id": found["_id"], "version": found["version"],
                      "staged.0.change_set": found["staged"][0]["change_set"]}, update)


def _as_of(document: Any, edits: list[Edit], day: str) -> dict[str, Any]:
    """What stands at the top of a document, besides its edits."""
    values = in_force(edits, day) or {}
    return {"next_change": next_change(edits, day), **{name: values.get(name) for name in document.CURRENT}}


def entry(document: Any, code: str, version: int, position: int = 0) -> dict[str, Any]:
    kind = FACTS[document][0]
    return envelope.entry(kind(code), aggregate=f"{document._get_collection_name()}:{code}", subject=code, sequence=version,
                          position=position, at=now())


def tell_begun(document: Any, day: str) -> int:
    """Tells again every record of which other values hold since this day or an earlier one."""
    told = 0
    for found in document._get_collection().find({"next_change": {"$lte": day}}, {"outbox": 0}).batch_size(BATCH):
        told += _write(document, found, [])
    return told


def restate(position: int) -> int:
    """Puts every record's fact into its outbox again, for readers that start anew. Returns how many records."""
    count = 0
    for document in FACTS:
        for found in document._get_collection().find({"version": {"$gt": 0}}, {"version": 1}).batch_size(BATCH):
            document._get_collection().update_one(
                {"_id": found["_id"]}, {"$push": {"outbox": entry(document, found["_id"], found["version"], position)}})
            count += 1
    return count


def batches(items: Iterable[Any], size: int) -> Iterable[list[Any]]:
    """The items in lists of that size at most."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


