"""Erasing a person: looked for in every collection of every service, in every queue and in every log, before and after."""
import base64
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from pymongo import MongoClient

from chassis.caller import Caller
from chassis.clock import now, today
from chassis.http_client import Client
from chassis.ring import CONTACT_KEYS, Ring, Unreadable
from contracts.errors import NotFound, Unauthenticated, Unavailable
from services.issues.documents import Follower
from services.registry import change_sets, contacts, use_cases
from services.registry.accounts.documents import Account, OneTimeCode, Resident, SigningKey
from services.registry.accounts.residents import resident_of
from services.registry.documents import Seat
from services.registry.imports import proposing
from services.registry.imports.importing import import_file
from services.registry.load import load
from services.registry.model import Change
from services.registry.people import erasing
from services.registry.people import use_cases as people
from services.registry.people.documents import Person
from services.registry.seats import use_cases as seats
from tests.divisions import csv_of
from tests.integration.conftest import Connect
from tests.integration.processes import SERVICES, Process
from tests.integration.registered import BRANCH, BY, SEAT, at_once
from tests.integration.waiting import eventually
from tests.integration.wire import Wire

SECRETARY, OPERATOR = Caller("secretary", "alborz"), Caller("operator", "operator")
NOTIFICATIONS, GATEWAY = Caller("service", "notifications"), Caller("service", "gateway")
ZAHRA = {"name_fa": "زرین‌دخت احمدی‌پور", "name_en": "Zarrindokht Ahmadipour", "telephone": "09121239876",
         "email": "zarrin@example.org"}
TRACES = ["زرین", "احمدی‌پور", "احمدی پور", "Zarrin", "zarrin", "Ahmadipour", "1239876", "۱۲۳۹۸۷۶", "مددکاری"]
TRAINING = {"name": "مددکاری محله", "given": "2024-03-20", "expires": "2027-03-21"}
FERNET = re.compile(r"gAAAA[\w-]{60,}={0,2}")
WHY = "the meeting"


def traces_in(text: str) -> list[str]:
    """What of her can be read in it, spelled as JSON and base64 spell it as well."""
    def spelled(trace: str) -> tuple[str, ...]:
        return trace, json.dumps(trace)[1:-1], base64.b64encode(trace.encode()).decode()[:-4]

    return [each for each in TRACES if any(way in text for way in spelled(each))]


def decrypted(text: str) -> str:
    """Whatever the ring of keys can read of all ciphertexts in a text."""
    found = []
    for token in FERNET.findall(text):
        try:
            found.append(Ring.from_settings(CONTACT_KEYS).decrypt(token))
        except Unreadable:
            continue
    return "\n".join(found)


class Everything:
    """All that the platform keeps or has said. What lies in queues is copied by a queue of the test's own, for good."""

    def __init__(self, environment: dict[str, str], wire: Wire) -> None:
        self._client: MongoClient[dict[str, Any]] = MongoClient(environment["MONGO_URI"], tz_aware=True)
        self._prefix, self._wire = environment["MAHALLE_DATABASE"], wire
        self.messages: list[str] = []
        wire.channel.queue_declare("everything")
        for exchange in ("registry.events", "issues.events", "agencies.tasks"):
            wire.channel.queue_bind("everything", exchange, "#")

    def stored(self, *services: str) -> str:
        databases = [self._client[f"{self._prefix}_{service}"] for service in services or SERVICES]
        assert services or {"people", "contacts", "contact_reads", "seats"} <= set(databases[0].list_collection_names())
        return "\n".join(repr(document) for database in databases for name in database.list_collection_names()
                         for document in database[name].find())

    def told(self) -> str:
        for queue in [each["name"] for each in self._wire.management.queues()]:
            self.messages += [f"{properties.headers} {body.decode()}" for properties, body in self._wire.take_all(queue)]
        return "\n".join(self.messages)

    def close(self) -> None:
        self._wire.channel.queue_delete("everything")
        self._client.close()


@pytest.fixture
def everything(environment: dict[str, str], database: Connect, wire: Wire) -> Iterator[Everything]:
    for service in SERVICES:
        database(service)
    found = Everything(environment, wire)
    yield found
    found.close()


def test_nothing_of_an_erased_person_is_left_anywhere(
        environment: dict[str, str], everything: Everything, running: Callable[..., Process]) -> None:
    processes = [running(name) for name in (*SERVICES, "relay")]
    registry = Client(environment["MAHALLE_REGISTRY_URL"], environment["MAHALLE_INTERNAL_SECRET"])
    use_cases.put(BRANCH, BY)
    registry.put("/seats/manager-n1", SECRETARY, {"role": "neighbourhood_manager", "territory": "n1"})
    person = registry.post("/people", SECRETARY, ZAHRA)["id"]
    registry.post(f"/people/{person}/certificates", SECRETARY, TRAINING)
    registry.post("/seats/manager-n1/appoint", SECRETARY, {"person": person, "how": "elected"})
    registry.post("/accounts", SECRETARY, {"person": person, "login": "manager-of-n1"})
    for address in (ZAHRA["email"], ZAHRA["telephone"]):
        registry.post("/sign-in/code", GATEWAY, {"address": address})
    asking = [each["asking"] for each in OneTimeCode._get_collection().find().sort("until", 1)]
    code = registry.get(f"/codes/{asking[0]}", NOTIFICATIONS)["code"]
    signed_in = registry.post("/sign-in/resident", GATEWAY, {"address": ZAHRA["email"], "code": code})
    session, resident = signed_in["refresh_token"], signed_in["as"]["place"]
    Follower._get_collection().insert_one({
        "_id": "issue:name", "issue": "issue", "by": f"resident:{resident}", "left": False, "reachable": True,
        "contact": {"email": "z@example.org"}, "asks": "a mark"})
    whole = {"name_fa": ZAHRA["name_fa"], "name_en": ZAHRA["name_en"], "certificates": [TRAINING], "id": person}
    shown = registry.get(f"/people/{person}", SECRETARY, {"why": WHY})
    assert shown | whole == shown
    assert registry.post("/people/search", SECRETARY, {"name": "زرين", "why": WHY})["items"][0]["id"] == person
    address = {"telephone": ZAHRA["telephone"], "email": ZAHRA["email"]}
    assert registry.get("/contacts/seat/manager-n1", NOTIFICATIONS, {"why": WHY}) == address
    assert registry.get("/territories/n1/team", SECRETARY)["held_by"][0]["name_fa"] == ZAHRA["name_fa"]

    eventually("the seat was told", lambda: everything.told().count("seat_changed"), until=lambda seen: seen >= 2)
    stored = everything.stored()
    assert traces_in(stored) == traces_in(everything.told()) == [], "at rest and on the way there are ids only"
    assert len(traces_in(decrypted(stored))) >= 5 and person in stored and "manager-of-n1" in stored

    assert registry.post(f"/people/{person}/erase", SECRETARY, {}) == {"id": person, "erased": True}
    eventually("it was told", lambda: everything.told().count("person_erased"))
    eventually("nothing waits", lambda: Person._get_collection().find_one({"_id": person})["outbox"],
               until=lambda seen: not seen)
    registry.post(f"/people/{person}/erase", OPERATOR, {})
    with pytest.raises(Unauthenticated):
        registry.post("/sessions/refresh", GATEWAY, {"refresh_token": session})
    for path, asking in ((f"/people/{person}", SECRETARY), (f"/contacts/person/{person}", NOTIFICATIONS)):
        with pytest.raises(NotFound):
            registry.get(path, asking, {"why": WHY})
    assert registry.get("/contacts/seat/manager-n1", NOTIFICATIONS, {"why": WHY}) == {}
    assert registry.post("/people/search", SECRETARY, {"name": "زرين", "why": WHY})["items"] == []
    assert registry.get("/territories/n1/team", SECRETARY)["held_by"] == []

    stored = everything.stored()
    assert traces_in(stored) == [] and "manager-of-n1" not in stored
    eventually("who joined is forgotten", lambda: everything.stored("issues"), until=lambda seen: resident not in seen)
    beside = everything.stored(*(service for service in SERVICES if service != "registry"))
    assert "issue:name" in beside and not [each for each in (resident, "z@example.org", "a mark") if each in beside]
    ours = repr(list(SigningKey._get_collection().find()))
    assert [each for each in FERNET.findall(stored) if each not in ours] == [], "none is left that any key could ever read"
    told = [each for each in everything.told().splitlines() if "person_erased" in each]
    assert len({re.search(r"'ce-id': '([^']+)'", each)[1] for each in told}) == 1  # type: ignore[index]
    assert person in told[0] and traces_in(everything.told()) == []
    for process in processes:
        assert process.log() and traces_in(process.log()) == [] and "manager-of-n1" not in process.log()


@pytest.fixture
def person(database: Connect) -> str:
    """She holds a seat, was there before, and will hold another; she has an account, and reasons speak of her."""
    database("registry")
    use_cases.put(BRANCH, BY)
    found = str(people.add(ZAHRA, BY)["id"])
    for code, start, end in (("s1", "2025-01-01", None), ("s2", "2024-04-01", "2024-06-01"), ("s3", "2090-01-01", None)):
        seats.establish(code, SEAT, "2024-03-20", BY)
        seats.appoint(code, found, start, end, "elected", BY, f"{ZAHRA['name_fa']} was elected")
    seats.vacate("s2", "2024-05-01", BY, "Zarrindokht moved away")
    Account._get_collection().insert_one({"_id": found, "login_folded": "zarrin"})
    contacts.give("person", found, BY, "to call Zarrindokht")
    return found


def left(database: Any) -> list[str]:
    stored = "\n".join(repr(each) for name in database.list_collection_names() for each in database[name].find())
    return [*traces_in(stored), *traces_in(decrypted(stored)), *FERNET.findall(stored)]


def told() -> int:
    return len([each for found in Person._get_collection().find() for each in found["outbox"]])


def test_terms_end_today_those_ahead_too_and_reasons_are_forgotten(person: str, database: Connect) -> None:
    before = left(database("registry"))
    assert "زرین" in before and "Zarrin" in before, "the reasons could be read"
    erasing.erase(person, BY)
    assert left(database("registry")) == [] and told() == 1
    assert [use_cases.look("seats", code, {"as_of": day}).get("person") for code, day in (
        ("s1", "2025-06-01"), ("s1", today()), ("s2", "2024-04-15"), ("s3", "2090-06-01"))] == [person, None, person, None]
    assert seats.seats_of(person, today()) == []
    reads = contacts.reads({"code": person})["items"]
    assert [(each["asked_by"], each["why"]) for each in reads] == [(BY, None)], "that somebody read it stays"


def test_the_reasons_of_others_in_the_same_seat_stay(person: str, database: Connect) -> None:
    other = str(people.add({"name_fa": "علی"}, BY)["id"])
    seats.appoint("s2", other, "2024-07-01", "2024-08-01", "elected", BY, "the vote of Tir")
    erasing.erase(person, BY)
    assert [each["reason"] for each in Seat._get_collection().find_one({"_id": "s2"})["edits"]] == [
        None, None, None, "the vote of Tir"]


def test_erasing_twice_or_by_several_at_once_is_erasing_once(person: str, database: Connect) -> None:
    assert at_once(*(partial(erasing.erase, person, BY) for _ in range(4))) == [None] * 4
    seat = Seat._get_collection().find_one({"_id": "s1"})
    erasing.erase(person, BY)
    assert told() == 1 and left(database("registry")) == [] and Seat._get_collection().find_one({"_id": "s1"}) == seat
    with pytest.raises(NotFound):
        erasing.erase("nobody", BY)


ERASING = """
import os, sys
from chassis import database, settings
from services.registry import contacts
from services.registry.seats import use_cases as seats
from services.registry.people import erasing

database.connect("registry", settings.read("registry"))
owner, name = {"seats": (seats, "end_terms"), "reasons": (seats, "_forget_reasons"), "account": (erasing, "forget_account"),
               "contacts": (contacts, "forget")}[sys.argv[2]]
real = getattr(owner, name)

def die(*given):
    if sys.argv[3] == "after":
        real(*given)
    os._exit(137)

setattr(owner, name, die)
erasing.erase(sys.argv[1], "secretary:x")
"""


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("where", ["seats", "reasons", "account", "contacts"])
def test_killed_anywhere_it_is_finished_by_who_comes_next(
        person: str, database: Connect, where: str, when: str, monkeypatch: pytest.MonkeyPatch) -> None:
    done = subprocess.run([sys.executable, "-c", ERASING, person, where, when], timeout=60, check=False)
    assert done.returncode == 137
    assert not people.stands(person) and told() == 0, "shown to nobody any more, and not told before all is done"
    erasing.finish_cut_off()
    assert told() == 0, "it may still be under way"
    monkeypatch.setattr(erasing, "CUT_OFF", timedelta(0))
    erasing.finish_cut_off()
    assert left(database("registry")) == [] and told() == 1 and Account._get_collection().count_documents({}) == 0
    erasing.finish_cut_off()
    assert told() == 1
    assert abs(Person._get_collection().find_one({"_id": person})["erased_at"] - now()) < timedelta(minutes=5)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("where", ["seats", "account", "contacts"])
def test_killed_anywhere_it_is_told_in_the_end_as_whom_they_had_signed_in(
        person: str, where: str, when: str, monkeypatch: pytest.MonkeyPatch) -> None:
    residents = sorted(resident_of(Ring.from_settings(CONTACT_KEYS), ZAHRA[name], now()) for name in ("email", "telephone"))
    done = subprocess.run([sys.executable, "-c", ERASING, person, where, when], timeout=60, check=False)
    assert done.returncode == 137
    monkeypatch.setattr(erasing, "CUT_OFF", timedelta(0))
    erasing.finish_cut_off()
    found = Person._get_collection().find_one({"_id": person})
    assert sorted(found["outbox"][0]["data"]["residents"]) == residents
    assert found["watched"].keys() == {"by", "at"} and Resident._get_collection().count_documents({}) == 0


def test_who_cannot_be_forgotten_yet_holds_up_nobody_else(person: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasing, "CUT_OFF", timedelta(0))
    first, second = ({"erasing": {"by": BY, "at": now() - timedelta(hours=hours)}} for hours in (2, 1))
    Person._get_collection().update_one({"_id": person}, {"$set": second})
    Person._get_collection().insert_one({"_id": "0-first", "version": 1, "outbox": [], **first})
    real = seats.end_terms

    def end_terms(each: str, by: str) -> None:
        if each == "0-first":
            raise Unavailable("being_changed", "", "")
        real(each, by)

    monkeypatch.setattr(seats, "end_terms", end_terms)
    erasing.finish_cut_off()
    assert [each["_id"] for each in Person._get_collection().find({"erased_at": {"$ne": None}})] == [person]


def test_no_write_that_was_late_brings_anything_back(person: str, database: Connect) -> None:
    """Each had read before the erasing began, and writes after it was done."""
    before = Person._get_collection().find_one({"_id": person})
    erasing.erase(person, BY)
    with pytest.raises(NotFound):
        contacts.keep("person", person, {"email": ZAHRA["email"]})
    done = Person._get_collection().update_one({"_id": person, "version": before["version"]}, {"$set": {"sealed": "x"}})
    assert done.matched_count == 0, "the version that they read is gone"
    for deed in (partial(people.change, person, ZAHRA, BY), partial(people.certify, person, TRAINING, BY)):
        with pytest.raises(NotFound):
            deed()
    assert not people.enter({person: ZAHRA}, BY) and left(database("registry")) == []


def test_loading_the_sample_again_changes_nothing_and_brings_back_nobody(
        province: dict[str, Any], database: Connect, tmp_path: Any) -> None:
    folder, held = tmp_path / "province", use_cases.look("seats", "manager-n1", {})
    assert (held["how"], people.known([held["person"]])[held["person"]]["name_fa"]) == ("appointed", "علی")
    collections = [database("registry")[name] for name in ("people", "contacts", "seats")]
    before = [list(each.find()) for each in collections]
    assert not load(folder) and [list(each.find()) for each in collections] == before
    people.change(held["person"], {"name_fa": "علی رضایی", "email": "new@example.org"}, BY)
    assert not load(folder) and contacts.address_of("person", held["person"]) == {"email": "new@example.org"}
    erasing.erase(held["person"], BY)
    assert not load(folder)
    assert use_cases.look("seats", "manager-n1", {})["person"] is None and people.known([held["person"]]) == {}


@pytest.mark.parametrize("switched", [True, False])
def test_a_term_in_a_set_of_changes_that_is_under_way_ends_too(
        person: str, database: Connect, switched: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Staged, it holds up the erasing until the set is settled or withdrawn; switched on, it is settled and ended."""
    class Killed(BaseException): ...

    def killed(*given: Any) -> Any:
        raise Killed

    values = SEAT | {"person": person, "how": "elected", "appointed_by": BY}
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(change_sets, "settle" if switched else "_still_staging", killed)
        use_cases.put([Change("seats", code, values, "2091-01-01") for code in ("s4", "s5")], BY)
    monkeypatch.setattr(erasing, "CUT_OFF", timedelta(0))
    if not switched:
        with pytest.raises(Unavailable):
            erasing.erase(person, BY)
        assert not people.stands(person) and told() == 0
        change_sets.go_round(now() + timedelta(minutes=10), today())
        erasing.finish_cut_off()
    erasing.erase(person, BY)
    assert left(database("registry")) == [] and told() == 1 and seats.seats_of(person, "2091-06-01") == []


@pytest.mark.parametrize("door", ["import", "appoint"])
def test_a_term_of_who_looked_before_the_mark_and_died_after_all_was_done_is_ended(
        person: str, database: Connect, door: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the erasing, which has passed already, nor whoever gave the term, and is dead, ends it."""
    class Killed(BaseException): ...

    def killed(*given: Any) -> Any:
        raise Killed

    def erased_before(real: Callable[..., Any], then: Callable[..., Any] = lambda *given: None) -> Callable[..., Any]:
        def deed(*given: Any) -> Any:
            erasing.erase(person, BY)
            return real(*given), then()
        return deed

    seats.establish("s4", SEAT, "2024-03-20", BY)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        if door == "import":
            patch.setattr(change_sets, "settle", killed)
            patch.setattr(proposing, "propose", erased_before(proposing.propose))
            import_file(csv_of([{"code": "s4", "role": SEAT["role"], "territory": "n1", "person": person, "how": "elected",
                                 "valid_from": "2091-01-01"}]), "file.csv", "seats", today(), BY)
        else:
            patch.setattr(seats, "_record", erased_before(seats._record, killed))
            seats.appoint("s4", person, "2091-01-01", None, "elected", BY, "Zarrindokht was elected")
    assert told() == 1 and [each["code"] for each in seats.seats_of(person, "2091-06-01")] == ["s4"]

    change_sets.go_round(now(), today())
    erasing.end_late_terms()
    assert seats.seats_of(person, "2091-06-01") == [] and left(database("registry")) == [] and told() == 1
    before = list(Seat._get_collection().find())
    erasing.end_late_terms()
    assert list(Seat._get_collection().find()) == before and Person._get_collection().find_one({"_id": person})["watched"]
    monkeypatch.setattr(erasing, "WATCHED", timedelta(0))
    erasing.end_late_terms()
    assert "watched" not in Person._get_collection().find_one({"_id": person})


def test_who_read_before_the_mark_writes_nothing_after_it(
        person: str, database: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    before, real, written = Person._get_collection().find_one({"_id": person}), seats.end_terms, []

    def meanwhile(*given: Any) -> None:
        done = Person._get_collection().update_one(
            {"_id": person, "version": before["version"]}, {"$set": {"sealed": "x"}, "$inc": {"version": 1}})
        written.append(done.matched_count)
        real(*given)

    monkeypatch.setattr(seats, "end_terms", meanwhile)
    erasing.erase(person, BY)
    assert written == [0] and left(database("registry")) == [] and told() == 1
