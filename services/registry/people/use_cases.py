"""What can be asked of people: enter, look, change, certify, find by name. Whoever is shown one is remembered."""
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID, uuid4, uuid5

from chassis.clock import now
from chassis.ring import CONTACT_KEYS, Ring
from chassis.sealing import insert_missing, opened, seal
from chassis.store import answering
from chassis.text import tidy, words
from contracts.errors import Invalid, Refused, not_found, reused_key
from services.registry import contacts, once
from services.registry.people.documents import STANDING, people

KEYED = UUID("7d2a1f0c-2f6c-4a0e-9d51-6d6168616c65")
MOST = 50  # certificates of one person
SCANNED = 2000  # people that one search reads; its cursor says where to go on
ADDRESS = ("telephone", "email")
Record = dict[str, Any]


def add(body: Record, by: str, key: str | None = None) -> Record:
    """A new person; the same body with the same Idempotency-Key is the same person. Raises Invalid for another body."""
    person = str(uuid5(KEYED, f"{by}\x1f{key}")) if key else str(uuid4())
    if not enter({person: body}, by) and not _named(body).items() <= _open(_standing(person)).items():
        raise reused_key()
    return {"id": person}


def enter(bodies: Mapping[str, Record], by: str) -> set[str]:
    """Makes the people of these ids who are not there, with their addresses; returns whom it made. Who is there stays as
    they are, and who was erased does not come back."""
    ring, at = Ring.from_settings(CONTACT_KEYS), now()
    with answering():
        there = {found["_id"] for found in people().find({"_id": {"$in": sorted(bodies)}}, {"_id": 1})}
        new = [{"_id": person, "version": 1, "outbox": [], "added_by": by, "changed_by": by, "changed_at": at,
                **seal(ring, _named(body) | {"certificates": []})} for person, body in bodies.items() if person not in there]
        made = {each["_id"] for each in new} - insert_missing(people(), new)
    contacts.enter("person", {person: _address(body) for person, body in bodies.items()})
    return made


def look(person: str, asked_by: str, why: str | None) -> Record:
    """Names, certificates and version. Raises NotFound, Malformed without a reason."""
    found = _standing(person)
    contacts.note_read("person", [person], asked_by, why)
    return {"id": person, "version": found["version"], **_open(found)}


def change(person: str, body: Record, by: str) -> Record:
    """Puts the names, and those parts of the address that are given, which make another version too. Raises NotFound."""
    given = {name: body[name] for name in ADDRESS if name in body}
    _change(person, lambda known: known | _named(body), by, always=bool(given))
    if given:
        contacts.change("person", person, lambda known: known | given)
    return {"id": person}


def certify(person: str, certificate: Record, by: str) -> Record:
    """Adds a certificate, once. Raises NotFound, Refused for more than MOST."""
    def added(known: Record) -> Record:
        if certificate in known["certificates"]:
            return known
        if len(known["certificates"]) >= MOST:
            raise Refused("too_many_certificates", f"بیش از {MOST} گواهی برای یک نفر نگه داشته نمی‌شود.",
                          f"No more than {MOST} certificates are kept of one person.")
        return known | {"certificates": [*known["certificates"], certificate]}

    _change(person, added, by)
    return {"id": person}


def search(name: str, why: str, asked_by: str, limit: int, cursor: UUID | None = None,
           among: Callable[[list[str]], set[str]] = set) -> Record:
    """People whose names have a word that begins with each word of `name`, by id, so far as `among` leaves them. An answer
    with a cursor may be short, even empty: names are read one by one, SCANNED at most, because no index of them lies at
    rest."""
    wanted, ring, found = words(name), Ring.from_settings(CONTACT_KEYS), []
    with answering():
        scanned = list(people().find({"_id": {"$gt": str(cursor or "")}, **STANDING}, {"sealed": 1}).sort("_id", 1)
                       .limit(SCANNED))
    for each in scanned:
        values = opened(ring, each)
        if _fits(wanted, words(values["name_fa"], values["name_en"] or "")):
            found.append({"id": each["_id"], "name_fa": values["name_fa"], "name_en": values["name_en"]})
    shown = among([each["id"] for each in found])
    found = [each for each in found if each["id"] in shown]  # before they are cut: else a page would tell of the others
    last, found = found[limit - 1]["id"] if len(found) > limit else None, found[:limit]
    contacts.note_read("person", [each["id"] for each in found], asked_by, why)
    return {"items": found, "next_cursor": last or (scanned[-1]["_id"] if len(scanned) == SCANNED else None)}


def _fits(wanted: list[str], known: list[str]) -> bool:
    return bool(wanted) and all(any(word.startswith(part) for word in known) for part in wanted)


def standing(persons: Iterable[str]) -> set[str]:
    """Who of these is there, not erased and not about to be."""
    with answering():
        return {found["_id"] for found in people().find({"_id": {"$in": sorted(set(persons))}, **STANDING}, {"_id": 1})}


def stands(person: str) -> bool:
    return bool(standing([person]))


def demand_standing(person: str) -> None:
    """Raises Invalid."""
    if not stands(person):
        raise unknown_person()


def unknown_person() -> Invalid:
    return Invalid("unknown_person", "چنین شخصی ثبت نشده است. نخست او را ثبت کنید.",
                   "There is no such person. Enter them first.", [
                       {"pointer": "/person", "fa": "این شخص ثبت نشده است.", "en": "This person is not entered."}])


def known(persons: Iterable[str]) -> dict[str, Record]:
    """id → names and certificates, in one query. For the registry's own deeds: whoever shows them notes it."""
    ring = Ring.from_settings(CONTACT_KEYS)
    with answering():
        return {found["_id"]: opened(ring, found) for found in people().find(
            {"_id": {"$in": sorted(set(persons))}, **STANDING}, {"sealed": 1})}


def _change(person: str, alter: Callable[[Record], Record], by: str, always: bool = False) -> None:
    """Another version, where `alter` changes something, or `always`; none where the present command has made it."""
    ring, command = Ring.from_settings(CONTACT_KEYS), once.command()
    while True:
        found = _standing(person)
        if command.id and found.get("command") == command.id:
            return
        command.demand("people", person, found["version"])
        values = opened(ring, found)
        altered = alter(values)
        if altered == values and not always:
            return
        with answering():
            done = people().update_one({"_id": person, "version": found["version"]}, {"$inc": {"version": 1}, "$set": {
                **seal(ring, altered), "changed_by": by, "changed_at": now(),
                **({"command": command.id} if command.id else {})}})
        if done.matched_count:
            return


def _standing(person: str) -> Record:
    with answering():
        found: Record | None = people().find_one({"_id": person, **STANDING}, {"outbox": 0})
    if found is None:
        raise not_found()
    return found


def _open(found: Record) -> Record:
    return opened(Ring.from_settings(CONTACT_KEYS), found)


def _named(body: Record) -> Record:
    return {"name_fa": tidy(body["name_fa"]), "name_en": tidy(body["name_en"]) if body.get("name_en") else None}


def _address(body: Record) -> Record:
    return {name: body[name] for name in ADDRESS if body.get(name)}
