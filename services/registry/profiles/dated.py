"""Dated records of which no event tells: changed in one conditional write, read as of a day."""
from collections.abc import Iterator
from typing import Any

from chassis.clock import now, today
from chassis.store import answering
from contracts.errors import not_found
from services.registry import once
from services.registry.documents import edits_of
from services.registry.ledger import written
from services.registry.model import OPEN, Change, Values, in_force, periods, revise

Record = dict[str, Any]


def put(document: Any, code: str, values: Values | None, term: Record, by: str) -> bool:
    """Puts values (None ends it) from `valid_from` of the term, else today, until its `valid_to`; whether that changed
    anything. Raises what `model.revise` raises."""
    change = Change(document.__name__, code, values, term.get("valid_from") or today(), term.get("valid_to"))
    command = once.command()
    with answering():
        while True:
            found = document._get_collection().find_one({"_id": code}) or {"version": 0, "edits": []}
            edits = edits_of(found["edits"])
            if command.made(edits):
                return True
            command.demand(document._get_collection_name(), code, found["version"])
            edit = revise(edits, change, now(), by, term.get("reason"))
            if edit is None:
                return False
            made = vars(command.signed(edit))
            update = {"$set": {"version": found["version"] + 1}, "$push": {"edits": made}}
            if written(document, code, found["version"], update):
                return True


def end(document: Any, code: str, term: Record, by: str) -> None:
    """Raises NotFound where it is not in force on that day."""
    if look(document, code, term.get("valid_from") or today()) is None and not _ended_before(document, code):
        raise not_found()
    put(document, code, None, term | {"valid_to": OPEN}, by)


def _ended_before(document: Any, code: str) -> bool:
    with answering():
        found = document._get_collection().find_one({"_id": code}, {"edits": 1})
    return found is not None and once.command().made(edits_of(found["edits"]))


def look(document: Any, code: str, day: str) -> Record | None:
    return next(iter(standing(document, day, {"_id": code})), None)


def standing(document: Any, day: str, query: Record | None = None, most: int = 1000) -> Iterator[Record]:
    """The records in force on a day, by code, with their versions and days; `most` of them at most."""
    with answering():
        for found in document._get_collection().find(query or {}).sort("_id", 1).limit(most):
            edits = edits_of(found["edits"])
            for period in periods(edits) if in_force(edits, day) is not None else ():
                if period.valid_from <= day < period.valid_to:
                    yield {"code": found["_id"], "version": found["version"], "valid_from": period.valid_from,
                           **period.values, "valid_to": None if period.valid_to == OPEN else period.valid_to}
