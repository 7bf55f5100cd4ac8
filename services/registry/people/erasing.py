"""Forgetting a person, everywhere, and telling it once all is done.

The order makes repeating finish what was cut off: first a mark, from which on nobody shows, changes or appoints them; then
what lies elsewhere, each step harmless to do twice; last, in one write, the names and the event. An id without a name stays,
so that the history of a seat still says that somebody held it. Whoever looked before the mark and gives a term after all is
done is waited for: who was erased is watched for WATCHED, and what comes in meanwhile is ended.
"""
from datetime import timedelta
from typing import Any

from chassis.clock import now, today
from chassis.logs import get
from chassis.ring import CONTACT_KEYS, Ring, Unreadable
from chassis.store import answering
from contracts import envelope
from contracts.errors import Problem, not_found
from contracts.registry import PersonErased
from services.registry import contacts
from services.registry.accounts.forgetting import forget as forget_account
from services.registry.accounts.residents import of_addresses
from services.registry.documents import ChangeSet
from services.registry.people.documents import people
from services.registry.seats import use_cases as seats

log = get(__name__)
CUT_OFF = timedelta(minutes=1)  # erasing that is not done by then was cut off
WATCHED = timedelta(days=1)  # no import looks at people that long before it comes into force
MANY = 1000  # persons that one round looks at


def erase(person: str, by: str) -> None:
    """Returns when nothing personal is left; done twice, the second time changes nothing. Raises NotFound."""
    with answering():
        people().update_one({"_id": person, "erasing": None, "erased_at": None}, {
            "$set": {"erasing": {"by": by, "at": now()}}, "$inc": {"version": 1}})
        found = people().find_one({"_id": person}, {"outbox": 0})
    if found is None:
        raise not_found()
    if not found.get("erased_at"):
        finish(found)


def finish(found: dict[str, Any]) -> None:
    """From the mark to the end; `found` is the person's document with the mark."""
    person, ring, mark = found["_id"], Ring.from_settings(CONTACT_KEYS), found["erasing"]
    addresses = list(contacts.address_of("person", person).values())
    _note_residents(person, of_addresses(ring, addresses))
    seats.end_terms(person, mark["by"])
    forget_account(ring, person, addresses)
    contacts.forget("person", person)
    version, residents = found["version"] + 1, _noted_residents(person)
    with answering():
        people().update_one({"_id": person, "version": found["version"], "erased_at": None}, {
            "$set": {"version": version, "erased_at": now(), "watched": {"by": mark["by"], "at": mark["at"]}},
            "$push": {"outbox": entry(person, version, residents)},
            "$unset": {"sealed": 1, "key": 1, "erasing": 1, "added_by": 1, "changed_by": 1,
                       "changed_at": 1}})


def _note_residents(person: str, residents: list[str]) -> None:
    """Beside the mark, before they go: nobody would find them again by an address."""
    with answering():
        people().update_one({"_id": person, "erasing.at": {"$exists": True}}, {
            "$addToSet": {"erasing.residents": {"$each": residents}}})


def _noted_residents(person: str) -> tuple[str, ...]:
    with answering():
        found = people().find_one({"_id": person}, {"erasing.residents": 1}) or {}
    return tuple(found.get("erasing", {}).get("residents", ()))


def entry(person: str, version: int, residents: tuple[str, ...] = ()) -> dict[str, Any]:
    """What the outbox holds until it is told."""
    return envelope.entry(PersonErased(person, residents), aggregate=f"Person:{person}", subject=person, sequence=version,
                          position=0, at=now())


def finish_cut_off() -> None:
    """Finishes what was begun and cut off. May be run by any number of processes at once."""
    with answering():
        cut_off = list(people().find({"erasing.at": {"$lt": now() - CUT_OFF}}, {"outbox": 0}).limit(100))
    for found in cut_off:
        try:
            finish(found)
        except (Problem, Unreadable) as error:  # whoever comes after must not wait for what cannot be finished
            log.error("the erasing of a person cannot be finished", person=found["_id"], error=type(error).__name__)


def end_late_terms() -> None:
    """Ends the terms that came to erased persons, as of an import that died before it looked at them again. May be run by
    any number of processes at once; after change_sets.go_round, which settles what such an import left."""
    with answering():
        at, under_way = now(), ChangeSet._get_collection().find_one({"state": {"$in": ["staging", "on"]}})
        watched = {found["_id"]: found["watched"] for found in people().find(
            {"watched.at": {"$exists": True}}, {"watched": 1}).sort("watched.at", 1).limit(MANY)}
    for person in seats.holders_among(watched, today()):
        seats.end_terms(person, watched[person]["by"])
    long_ago = [person for person, erased in watched.items() if erased["at"] < at - WATCHED]
    if long_ago and not under_way:
        with answering():
            people().update_many({"_id": {"$in": long_ago}}, {"$unset": {"watched": 1}})
