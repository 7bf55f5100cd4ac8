"""What is asked of the registry under one Idempotency-Key is done once and answered once, whoever dies and however often."""
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import mongoengine
import pytest

from chassis.caller import Caller
from chassis.clock import now
from chassis.ring import Ring
from contracts.errors import Unauthenticated
from services.registry.accounts.use_cases import Accounts
from services.registry.documents import ChangeSet
from services.registry.once import PRESENT, Command, Remembered
from services.registry.service import Service
from tests.integration.changing import CHANGES, KEY, NAMES, OPERATOR, ZAHRA, Asked, Registry, dying, prepared, written
from tests.integration.conftest import Connect
from tests.integration.processes import Process
from tests.integration.waiting import eventually

READS = {"search_people"}  # a POST that changes nothing
AT_WORK = ("a record ends", "a place moves", "a closure taken back", "a vacancy", "a person", "another address",
           "an invitation", "a key", "a file", "what is counted no more", "a merger")  # one of each way of writing
MEANWHILE = ("in_progress", "being_changed", "changed_meanwhile", "imports_under_way")


@pytest.fixture
def registry(environment: dict[str, str], database: Connect, running: Callable[..., Process]) -> Registry:
    database("registry")
    prepared()
    running("registry")
    return Registry(environment["MAHALLE_REGISTRY_URL"], environment["MAHALLE_INTERNAL_SECRET"])


def seen(registry: Registry, asked: Asked) -> dict[str, str]:
    """The version of what is replaced or ended, as it is read before."""
    if not asked.of or asked.of == "/seats/s2":
        return {}
    found = registry.get(asked.of, {"why": "x"} if "people" in asked.of else None)
    return {"If_Match": f'"v{found["version"]}"'}


def each(check: Callable[[Asked], None], names: Iterable[str] = CHANGES) -> None:
    """Checks changes in one world, and fails with all that were wrong."""
    wrong = {}
    for name in names:
        try:
            check(CHANGES[name])
        except AssertionError as error:
            wrong[name] = str(error)[:500]
    assert wrong == {}, sorted(wrong)


def test_one_key_is_one_change_and_one_answer(registry: Registry) -> None:
    def check(asked: Asked) -> None:
        version, before = seen(registry, asked), written()
        answer = registry.ask(asked, "k", **version)
        assert isinstance(answer, dict), answer
        assert written() - before == asked.writes
        assert registry.ask(asked, "k", **version) == answer, "what was answered is answered again"
        if asked.other is not None:
            assert registry.ask(asked, "k", asked.other, **version) == "idempotency_key_reused"
        assert written() - before == asked.writes

    each(check)


def test_twenty_at_once_are_one_change_and_one_answer(registry: Registry) -> None:
    def check(asked: Asked) -> None:
        version, before = seen(registry, asked), written()
        with ThreadPoolExecutor(20) as many:
            answers = list(many.map(lambda _: registry.ask(asked, "k", **version), range(20)))
        told = [answer for answer in answers if answer not in MEANWHILE]
        assert told and isinstance(told[0], dict) and all(answer == told[0] for answer in told), answers
        assert written() - before == asked.writes
        assert registry.ask(asked, "k", **version) == told[0]

    each(check)


def test_killed_between_change_and_answer_it_is_answered_when_it_is_repeated(
        registry: Registry, environment: dict[str, str], tmp_path: Path) -> None:
    def check(asked: Asked) -> None:
        version, before = seen(registry, asked), written()
        with dying("before-keeping-the-answer", environment, tmp_path) as url:
            assert Registry(url, environment["MAHALLE_INTERNAL_SECRET"]).ask(asked, "k", **version) == "unavailable"
        assert written() - before == asked.writes, "the change was made"
        answer = registry.ask(asked, "k", **version)
        assert isinstance(answer, dict), answer
        assert registry.ask(asked, "k", **version) == answer
        assert written() - before == asked.writes

    each(check, AT_WORK)


@pytest.mark.parametrize("point", ["after-asking", "after-registering", "after-staging-a-batch", "before-settling",
                                   "after-keeping-the-answer"])
def test_killed_anywhere_the_same_again_does_the_rest(
        registry: Registry, environment: dict[str, str], tmp_path: Path, point: str) -> None:
    name = "a record ends" if point == "after-registering" else "a merger"
    asked, before = CHANGES[name], written()
    version = seen(registry, asked)
    with dying(point, environment, tmp_path) as url:
        assert Registry(url, environment["MAHALLE_INTERNAL_SECRET"]).ask(asked, "k", **version) == "unavailable"
    if point == "after-staging-a-batch":
        assert registry.ask(asked, "k", **version) == "in_progress", "nobody can tell yet that it was cut off"
        ChangeSet._get_collection().update_many({"state": "staging"}, [
            {"$set": {"at": {"$dateSubtract": {"startDate": "$at", "unit": "second", "amount": 21}}}}])
    answer = registry.ask(asked, "k", **version)
    assert isinstance(answer, dict), answer
    assert registry.ask(asked, "k", **version) == answer
    eventually("all is settled", written, until=lambda seen: seen - before == asked.writes)


def test_a_secret_is_told_again_for_a_day_and_lies_nowhere_open(registry: Registry) -> None:
    key = registry.ask(CHANGES["a key"], "k")
    token = registry.ask(CHANGES["an invitation"], "k")["token"]
    everything = str([list(collection.find()) for collection in map(
        mongoengine.get_db("registry").get_collection, mongoengine.get_db("registry").list_collection_names())])
    assert key["key"] not in everything and key["key"].rpartition("_")[2] not in everything and token not in everything
    assert registry.ask(CHANGES["a key"], "k") == key
    [kept] = Remembered._get_collection().find({}, {"expires": 1}).sort("expires", -1).limit(1)
    assert timedelta(hours=23) < kept["expires"] - key_made(key) <= timedelta(hours=25)
    Remembered._get_collection().delete_many({})
    assert registry.ask(CHANGES["a key"], "k")["key"] != key["key"], "after a day it is another request"


def key_made(key: dict[str, Any]) -> Any:
    [found] = mongoengine.get_db("registry")["api_keys"].find({"_id": key["id"]})
    return found["made_at"]


def test_a_key_is_its_senders_and_the_addresss(registry: Registry, environment: dict[str, str]) -> None:
    another = Registry(environment["MAHALLE_REGISTRY_URL"], environment["MAHALLE_INTERNAL_SECRET"],
                       Caller("operator", "", "person:p"))
    mine, theirs = registry.ask(CHANGES["a key"], "k"), another.ask(Asked("/keys", KEY | {"name": "theirs"}, 1), "k")
    assert mine["id"] != theirs["id"]
    assert registry.ask(CHANGES["a name"], "k", If_Match="*")["name_fa"] == NAMES["name_fa"]
    assert "id" in registry.ask(CHANGES["a person"], "k")


def test_what_was_refused_is_decided_anew(registry: Registry) -> None:
    early = Asked("/seats/s1/vacate", {}, 0)
    assert registry.ask(early, "k", If_Match="*") == "seat_vacant"
    registry.ask(CHANGES["an appointment"], "another")
    assert registry.ask(early, "k", If_Match="*")["person"] is None


def test_whatever_changes_something_for_people_outside_is_once() -> None:
    lacking = [f"{entrypoint.method} {entrypoint.url}" for name in dir(Service)
               for entrypoint in getattr(getattr(Service, name), "nameko_entrypoints", ())
               if getattr(entrypoint, "method", "GET") != "GET" and entrypoint.deed != "platform:serve"
               and name not in READS and not hasattr(getattr(Service, name), "once")]
    assert lacking == []


def test_an_invitation_that_was_taken_up_does_not_come_to_life_when_it_is_asked_for_again(database: Connect) -> None:
    """Its answer was not kept: the account's own write knows it."""
    database("registry")
    accounts = Accounts(Ring(["k" * 40]), lambda function, *words: function(*words), lambda person, day: [])
    present = PRESENT.set(Command("command", b"seed"))
    try:
        invited = accounts.invite(ZAHRA, "zahra", OPERATOR, now())
        accounts.accept(invited["token"], "چهار واژهٔ بی ربط", now())
        again = accounts.invite(ZAHRA, "zahra", OPERATOR, now())
    finally:
        PRESENT.reset(present)
    assert again["token"] == invited["token"]
    with pytest.raises(Unauthenticated, match="bad_invitation"):
        accounts.accept(again["token"], "چهار واژهٔ بی ربط", now())
