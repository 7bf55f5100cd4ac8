"""Changes of many records that come into force together, by one write: imports, mergers, moves of a branch.

A set is staged beside the records' own edits, where nobody sees it; the write that switches its ChangeSet `on` makes
all of it visible at once. After that it is settled record by record, each with its event, which any process may take up
where another was killed. A record in a set that is being staged is changed by nobody else meanwhile.
"""
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from pymongo import UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from chassis.clock import now
from chassis.logs import get
from chassis.store import answering, duplicates
from contracts.errors import Refused, in_progress
from services.registry import once
from services.registry.documents import FACTS, ChangeSet, edits_of
from services.registry.ledger import BATCH, batches, settling, switched_on, tell_begun, unstage
from services.registry.model import Change, Edit
from services.registry.registers import REGISTERS

log = get(__name__)
STAGING = timedelta(minutes=5)  # without a batch staged: such a set was cut off, and is withdrawn
AT_WORK = timedelta(seconds=20)  # without one, the set of a request was: none lives that long
Told = dict[str, Any]


def record_together(changes: Iterable[Change], by: str, reason: str | None = None, kind: str = "change",
                    told: Told | None = None) -> str | None:
    """Carries out changes all at once, or none of them; returns the id of their set, None where nothing would change.

    One command makes one set; `told` is kept with it, for `told_before`. Raises what the register's `revise` and the
    command's `demand` raise, Refused where somebody else changed one of the records meanwhile, or the same command is
    under way.
    """
    if before := _made_before():
        return str(before["_id"])
    change_set, at, command = str(uuid4()), now(), once.command().id
    with answering():
        staged = list(_decided(list(changes), change_set, at, by, reason))
        if not staged:
            return None
        _begin({"_id": change_set, "state": "staging", "kind": kind, "at": at, "by": by, "reason": reason,
                "records": len(staged), **({"command": command, "told": told} if command else {})})
        _stage(staged, change_set)
        done = ChangeSet._get_collection().update_one({"_id": change_set, "state": "staging"}, {"$set": {"state": "on"}})
        if not done.modified_count:
            raise _meanwhile()
        settle(change_set)
    return change_set


def _begin(row: dict[str, Any]) -> None:
    try:
        ChangeSet._get_collection().insert_one(row)
    except DuplicateKeyError as error:
        raise in_progress() from error


def told_before() -> Told | None:
    """What was told with the set that the present command has made, None where it has made none. Raises as the next."""
    found = _made_before()
    return found["told"] if found else None


def _made_before() -> dict[str, Any] | None:
    """The set that the present command has made, settled; one that was cut off is withdrawn. Raises Refused where the
    command is under way."""
    command = once.command().id
    with answering():
        found = ChangeSet._get_collection().find_one({"command": command}) if command else None
        if found and found["state"] in ("on", "settled"):
            settle(found["_id"])
            return dict(found)
        if found and found["state"] == "staging" and found["at"] > now() - AT_WORK:
            raise in_progress()
        if found:
            withdraw(found["_id"])
    return None


Staged = tuple[Any, str, int, list[Edit]]  # document, code, the version it was decided on, the edits


def _decided(changes: list[Change], change_set: str, at: datetime, by: str, reason: str | None) -> Iterable[Staged]:
    for name, register in REGISTERS.items():
        mine: dict[str, list[Change]] = {}
        for change in changes:
            if change.register == name:
                mine.setdefault(change.code, []).append(change)
        for batch in batches(mine, BATCH):
            found = {each["_id"]: each for each in register.document._get_collection().find(
                {"_id": {"$in": batch}}, {"outbox": 0})}
            for code in batch:
                stored = found.get(code, {"edits": [], "version": 0})
                once.command().demand(name, code, stored["version"])
                if any(change.read_version not in (None, stored["version"]) for change in mine[code]):
                    raise _meanwhile()
                edits = _edits(edits_of(stored["edits"]), mine[code], at, by, reason)
                if edits:
                    yield register.document, code, stored["version"], [
                        replace(once.command().signed(edit), change_set=change_set) for edit in edits]


def _edits(known: list[Edit], changes: list[Change], at: datetime, by: str, reason: str | None) -> list[Edit]:
    new: list[Edit] = []
    for change in changes:
        new += REGISTERS[change.register].revise([*known, *new], change, at, by, reason)
    return new


def _stage(staged: list[Staged], change_set: str) -> None:
    """Puts the edits beside their records, if those are still as they were. Raises Refused, and BulkWriteError where an
    index refuses what is no shape on the sphere, both with all taken back."""
    try:
        for document in {each[0] for each in staged}:
            for batch in batches([each for each in staged if each[0] is document], BATCH):
                writes = [_staging(code, version, edits, change_set) for _, code, version, edits in batch]
                if not (_all_written(document, writes) and _still_staging(change_set)):
                    raise _meanwhile()
    except (Refused, BulkWriteError):
        withdraw(change_set)
        raise


def _still_staging(change_set: str) -> bool:
    """Says that the set is not cut off, whatever many batches it has; whether nobody withdrew it meanwhile."""
    return bool(ChangeSet._get_collection().update_one(
        {"_id": change_set, "state": "staging"}, {"$set": {"at": now()}}).matched_count)


def _staging(code: str, version: int, edits: list[Edit], change_set: str) -> UpdateOne:
    staged = [{"change_set": change_set, "edit": vars(edit)} for edit in edits]
    beside: dict[str, Any] = {"$push": {"staged": {"$each": staged}}}
    if version:
        return UpdateOne({"_id": code, "version": version, "staged.0": {"$exists": False}}, beside)
    beside["$set"] = {"version": 0, "edits": []}
    return UpdateOne({"_id": code, "version": {"$exists": False}}, beside, upsert=True)


def _all_written(document: Any, writes: list[UpdateOne]) -> bool:
    try:
        done = document._get_collection().bulk_write(writes, ordered=False)
    except BulkWriteError as error:
        duplicates(error)
        return False
    return bool(done.matched_count + done.upserted_count == len(writes))


def _meanwhile() -> Refused:
    return Refused("changed_meanwhile", "هم‌زمان کس دیگری یکی از این موارد را تغییر داد. دوباره تلاش کنید.",
                   "Somebody else changed one of these records meanwhile. Try again.")


def withdraw(change_set: str) -> None:
    """Takes back a set that was not switched on, and leaves no trace of it. May be done twice, by several."""
    sets = ChangeSet._get_collection()
    sets.update_one({"_id": change_set, "state": "staging"}, {"$set": {"state": "withdrawn"}})
    if sets.find_one({"_id": change_set, "state": {"$in": ["on", "settled"]}}):
        return
    for document in FACTS:  # also where somebody withdrew it before: who was halted meanwhile may have staged more since
        unstage(document, change_set)
    sets.delete_one({"_id": change_set, "state": "withdrawn"})


def settle(change_set: str) -> None:
    """Makes the staged edits of a set that is on the records' own, each with its event. May be done twice, by several."""
    for document in FACTS:
        while found := list(document._get_collection().find({"staged.change_set": change_set}, {"outbox": 0}).limit(BATCH)):
            document._get_collection().bulk_write([settling(document, each) for each in found], ordered=False)
    ChangeSet._get_collection().update_one({"_id": change_set, "state": "on"}, {"$set": {"state": "settled"}})


def go_round(at: datetime, day: str) -> int:
    """What time brings: sets that were cut off are settled or withdrawn, and what comes into force this day is told.

    Returns how many records were told. May be run by any number of processes at once.
    """
    with answering():
        for change_set in switched_on():
            try:
                settle(change_set)
            except BulkWriteError as error:  # nobody else's day may depend on it
                log.error("a set of changes cannot be settled", change_set=change_set, error=type(error).__name__)
        cut_off = {"$or": [{"state": "staging", "at": {"$lt": at - STAGING}}, {"state": "withdrawn"}]}
        for found in list(ChangeSet._get_collection().find(cut_off, {"_id": 1})):
            withdraw(found["_id"])
        return sum(tell_begun(document, day) for document in FACTS)
