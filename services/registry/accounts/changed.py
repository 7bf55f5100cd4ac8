"""What a change of seats, agencies and headquarters means for who is signed in: their rights may be others now.

So their access tokens from before are over, and the next one of each session is for what is left; keys of theirs are judged
anew. It follows from the event of the change, whatever door that came by, and also on the day on which a dated one begins.
"""
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from chassis.store import answering
from contracts.envelope import Received
from contracts.registry import AgencyChanged, HeadquartersChanged, SeatChanged
from services.registry.accounts import ended
from services.registry.accounts.documents import Account, ApiKey
from services.registry.documents import Seat

SEATS_OF = {AgencyChanged: "agency", HeadquartersChanged: "headquarters"}  # the value by which seats hang on it
Moments = dict[str, datetime]


def note(batch: list[Received]) -> None:
    """Of all who have an account and sit, sat or will sit where something changed; and of an agency's own keys. Done twice,
    nothing more comes of it."""
    with answering():
        last = _latest(_sitting(batch))
        accounts = Account._get_collection().find({"_id": {"$in": sorted(last)}}, {"_id": 1})
        persons = {f"person:{found['_id']}": last[found["_id"]] for found in accounts}
        owners = persons | {f"agency:{code}": at for code, at in _changed(AgencyChanged, batch).items()}
        keys = list(ApiKey._get_collection().find({"owner": {"$in": sorted(owners)}}, {"owner": 1}))
    ended.remember("account", persons)
    ended.remember("key", {key["_id"]: owners[key["owner"]] for key in keys})


def _sitting(batch: list[Received]) -> Iterator[tuple[str, datetime]]:
    """(person, when something changed)."""
    seats = _changed(SeatChanged, batch)
    for found in Seat._get_collection().find({"_id": {"$in": sorted(seats)}}, {"edits.values": 1}):
        yield from ((person, seats[found["_id"]]) for person in _said(found, "person"))
    for kind, name in SEATS_OF.items():
        changed = _changed(kind, batch)
        for found in Seat._get_collection().find({f"edits.values.{name}": {"$in": sorted(changed)}}, {"edits.values": 1}):
            at = max(changed[code] for code in _said(found, name) & changed.keys())
            yield from ((person, at) for person in _said(found, "person"))


def _changed(kind: Any, batch: list[Received]) -> Moments:
    return _latest((each.happened.code, each.time) for each in batch if isinstance(each.happened, kind))


def _said(found: dict[str, list[dict[str, dict[str, str] | None]]], name: str) -> set[str]:
    """All that a seat ever said under this name."""
    return {value for edit in found["edits"] if (value := (edit["values"] or {}).get(name))}


def _latest(moments: Iterator[tuple[str, datetime]]) -> Moments:
    found: Moments = {}
    for what, at in moments:
        found[what] = max(at, found.get(what, at))
    return found
