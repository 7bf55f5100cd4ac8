"""What can be asked of `registry`: put a record, list a register, tell an address to who may have it."""
import base64
from collections.abc import Callable
from typing import Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from chassis.clock import now
from chassis.store import answering
from chassis.validation import bad_field, limit_of
from contracts import envelope
from contracts.errors import Malformed, Refused, not_found
from contracts.registry import BoundaryChanged
from services.registry.documents import FACTS, Agency, Category, Committee, Seat, Territory

Record = dict[str, Any]
SHOWN: dict[str, tuple[Any, dict[str, Any], tuple[str, ...]]] = {
    "neighbourhoods": (Territory, {"kind": "neighbourhood"}, ("name_fa", "name_en", "parent", "path", "target", "polygon")),
    "agencies": (Agency, {}, ("name_fa", "name_en", "level", "territory", "parent", "channel", "committee")),
    "categories": (Category, {}, ("name_fa", "name_en", "parent", "confidential", "accept_hours", "finish_hours")),
}
BELONGS_TO = {"territory": Territory, "parent": Agency, "committee": Committee}


def put(document: Any, code: str, values: Record) -> bool:
    """Stores a record with its events in one write; returns whether it changed anything. Idempotent.

    A record of the same values stays as it is, with its version and without an event.
    """
    with answering():
        while True:
            found = document._get_collection().find_one({"_id": code}, {"outbox": 0})
            if found and all(found.get(name) == value for name, value in values.items()):
                return False
            version = (found or {"version": 0})["version"] + 1
            update = {"$set": values | {"version": version}, "$push": {"outbox": {"$each": _news(
                document, code, version, found, values)}}}
            if _write(document, code, version, update, new=found is None):
                return True


def _write(document: Any, code: str, version: int, update: Record, new: bool) -> bool:
    """Whether the write was ours: False when somebody else was faster."""
    try:
        condition = {"$exists": False} if new else version - 1
        done = document._get_collection().find_one_and_update(
            {"_id": code, "version": condition}, update, {"_id": 1}, upsert=new, return_document=ReturnDocument.AFTER)
    except DuplicateKeyError:
        return False
    return done is not None


def _news(document: Any, code: str, version: int, found: Record | None, values: Record) -> list[Record]:
    same_polygon = (found or {}).get("polygon") == values.get("polygon")
    kinds = [kind for kind in FACTS[document] if kind is not BoundaryChanged or not same_polygon]
    return [envelope.entry(kind(code), aggregate=f"{document.__name__}:{code}", subject=code, sequence=version,
                           position=position, at=now()) for position, kind in enumerate(kinds)]


def restate(position: int) -> int:
    """Puts every record's facts into its outbox again, for readers that start anew. Returns how many records."""
    count = 0
    for document, kinds in FACTS.items():
        for found in document._get_collection().find({}, {"version": 1}).batch_size(500):
            entries = [envelope.entry(kind(found["_id"]), aggregate=f"{document.__name__}:{found['_id']}",
                                      subject=found["_id"], sequence=found["version"], position=position + offset,
                                      at=now()) for offset, kind in enumerate(kinds)]
            document._get_collection().update_one({"_id": found["_id"]}, {"$push": {"outbox": {"$each": entries}}})
            count += 1
    return count


def register_agency(body: Record) -> Record:
    """A new agency. Its queue and broker user follow from the event.

    Raises Refused for a code that is taken, Invalid where it belongs to what is not there.
    """
    for name, document in BELONGS_TO.items():
        if body.get(name) and find(document, body[name]) is None:
            raise bad_field(f"/{name}", f"unknown_{name}", "این کد در فهرست نیست.", f"Unknown {name}.")
    known = find(Agency, body["code"])
    values = {name: value for name, value in body.items() if name not in ("code", "email")}
    values |= {"contact": {"email": body.get("email")}, "sample": False}
    if known and any(known.get(name) != value for name, value in values.items()):
        raise Refused("code_taken", "این کد از آنِ دستگاه دیگری است.", "This code belongs to another agency.")
    put(Agency, body["code"], values)
    return shown("agencies", find(Agency, body["code"]) or {})


def find(document: Any, code: str) -> Record | None:
    with answering():
        found: Record | None = document._get_collection().find_one({"_id": code}, {"outbox": 0})
    return found


def listing(register: str, query: dict[str, str]) -> Record:
    """A register by code, with cursor; what everybody may read."""
    document, narrow, _ = SHOWN[register]
    wanted = narrow | ({"_id": {"$gt": _cursor(query["cursor"])}} if query.get("cursor") else {})
    limit = limit_of(query, 500)
    with answering():
        found = list(document._get_collection().find(wanted, {"outbox": 0}).sort("_id", 1).limit(limit + 1))
    more = base64.urlsafe_b64encode(found[limit - 1]["_id"].encode()).decode() if len(found) > limit else None
    return {"items": [shown(register, record) for record in found[:limit]], "next_cursor": more}


def _cursor(found: str) -> str:
    try:
        return base64.urlsafe_b64decode(found).decode()
    except ValueError as error:
        raise Malformed("bad_cursor", "این نشانگر صفحه از ما نیست.", "This cursor is not one of ours.") from error


def shown(register: str, record: Record) -> Record:
    names = SHOWN[register][2]
    return {"code": record["_id"], "version": record["version"], "sample": record.get("sample", False),
            **{name: record.get(name) for name in names}}


def contact(kind: str, code: str) -> Record:
    """The address of an agency, or of who sits in a seat. Raises NotFound. Only for who must send something."""
    documents: dict[str, Any] = {"agency": Agency, "seat": Seat}
    found = find(documents[kind], code) if kind in documents else None
    if found is None:
        raise not_found()
    return dict(found.get("contact") or {})


Broker = Callable[[str, bool], None]  # makes (or with False removes) an agency's queue and user


def equip(codes: set[str], broker: Broker) -> None:
    """Gives each agency its end of the wire as its record says now: an event that was late on its way may be outdated.

    Idempotent; raises what the broker's management does.
    """
    for code in codes:
        if agency := find(Agency, code):
            broker(code, agency["channel"] == "queue")
