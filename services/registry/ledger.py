"""Writing dated records: a record's edit, version and event in one write; and telling it again when its day has come."""
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any

from pymongo import UpdateOne
from pymongo.errors import BulkWriteError, DocumentTooLarge, DuplicateKeyError, WriteError

from chassis.clock import now, today
from chassis.logs import get
from chassis.store import answering
from chassis.validation import bad_field
from contracts import envelope
from contracts.errors import Invalid, Refused, Unavailable
from services.registry import once
from services.registry.documents import FACTS, ChangeSet, edits_of
from services.registry.model import Edit, in_force, next_change

BATCH = 500
NO_SHAPE, TOO_LARGE = 16755, {10334, 17419}  # codes of MongoDB
log = get(__name__)
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

    Decided again where somebody else was faster; not at all where the same command was carried out before. Raises what
    `decide` and the command's `demand` raise, Unavailable while a set of changes is being staged that holds this record.
    """
    command = once.command()
    with answering():
        while True:
            found = _settled(document, code)
            edits = edits_of(found["edits"])
            if command.made(edits):
                return True
            command.demand(document._get_collection_name(), code, found["version"])
            new = decide(edits)
            if not new:
                return False
            if _write(document, found, list(map(command.signed, new))):
                return True


def _settled(document: Any, code: str) -> Stored:
    """The record as it stands, after its part of a set that is on was settled."""
    while True:
        found: Stored = document._get_collection().find_one({"_id": code}, {"outbox": 0}) or {
            "_id": code, "version": 0, "edits": []}
        if not found.get("staged"):
            return found
        change_set = found["staged"][0]["change_set"]
        state = (ChangeSet._get_collection().find_one({"_id": change_set}, {"state": 1}) or {"state": "gone"})["state"]
        if state == "staging":
            raise Unavailable("being_changed", "این مورد همین حالا در یک ورود گروهی است. کمی بعد دوباره تلاش کنید.",
                              "This record is part of an import that is under way. Try again in a moment.", retry_after=5)
        if state == "on":
            document._get_collection().bulk_write([settling(document, found)])
        elif state != "settled":
            unstage(document, change_set)


def unstage(document: Any, change_set: str) -> None:
    """Takes what a withdrawn set has staged out of a register."""
    records = document._get_collection()
    records.delete_many({"staged.change_set": change_set, "version": 0})
    records.update_many({"staged.change_set": change_set}, {"$pull": {"staged": {"change_set": change_set}}})


def _write(document: Any, found: Stored, new: Sequence[Edit]) -> bool:
    return written(document, found["_id"], found["version"], update_of(document, found, new))


def written(document: Any, code: str, version: int, update: dict[str, Any]) -> bool:
    """Whether the write was ours: False when somebody else was faster, or the record is being staged."""
    condition = {"_id": code, "version": version or {"$exists": False}, "staged.0": {"$exists": False}}
    try:
        done = document._get_collection().update_one(condition, update, upsert=not version)
    except DuplicateKeyError:
        return False
    except (WriteError, DocumentTooLarge) as error:
        raise refused(error) from error
    return bool(done.matched_count or done.upserted_id)


def refused(error: Exception) -> Exception:
    """What the database will not take, in words for whoever asked: a shape, or one edit too many."""
    codes = {each["code"] for each in error.details["writeErrors"]} if isinstance(error, BulkWriteError) else {
        getattr(error, "code", None)}
    if NO_SHAPE in codes:
        return bad_field("/polygon", "no_shape", "این شکل روی کرهٔ زمین بسته و بی‌تقاطع نیست. آن را بررسی کنید.",
                         "On the sphere this shape is not closed or crosses itself. Check it.")
    if codes & TOO_LARGE or isinstance(error, DocumentTooLarge):
        return Refused("record_full", "تاریخچهٔ این مورد جای ویرایش دیگری ندارد. شکل ساده‌تری بفرستید یا کد تازه‌ای بسازید.",
                       "This record's history has no room for another edit. Send a simpler shape, or make a new code.")
    return error


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
        try:
            told += _write(document, found, [])
        except (Invalid, Refused) as problem:  # nobody else's day may depend on it
            log.error("a record cannot be told that its day has come", code=found["_id"], problem=problem.code)
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


