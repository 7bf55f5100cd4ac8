"""People, seats and teams over HTTP, as the running registry answers the gateway: staff alone, and who asked is known."""
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from chassis.caller import PUBLIC, Caller
from chassis.http_client import Client
from contracts.errors import Invalid, Malformed, NotAllowed, NotFound, Problem, Refused, Unauthenticated
from services.registry import use_cases
from tests.integration.conftest import Connect
from tests.integration.held import Held
from tests.integration.processes import Process
from tests.integration.registered import BRANCH, BY

SECRETARY, SERVICE = Caller("secretary", "alborz"), Caller("service", "notifications")
OTHERS = [(PUBLIC, Unauthenticated), (Caller("resident", "app"), NotAllowed), (Caller("agency", "a1"), NotAllowed)]
ZAHRA = {"name_fa": "زهرا احمدی", "telephone": "۰۹۱۲۱۲۳۴۵۶۷", "email": "zahra@example.org"}
SEAT = {"role": "neighbourhood_manager", "territory": "n1"}
ANY = {"If-Match": "*"}


@pytest.fixture
def registry(environment: dict[str, str], database: Connect, running: Callable[..., Process]) -> Client:
    database("registry")
    use_cases.put(BRANCH, BY)
    running("registry")
    return Held("registry", environment["MAHALLE_REGISTRY_URL"], environment["MAHALLE_INTERNAL_SECRET"])


def test_people_and_seats_are_for_staff_and_teams_are_for_everybody(registry: Client) -> None:
    person = registry.post("/people", SECRETARY, ZAHRA)["id"]
    registry.put("/seats/s1", SECRETARY, SEAT)
    given = registry.post("/seats/s1/appoint", SECRETARY, {"person": person, "how": "elected", "reason": "the vote"})
    assert (given["person"], given["how"], given["appointed_by"]) == (person, "elected", SECRETARY.id)

    for caller, kind in OTHERS:
        for ask in (lambda c: registry.post("/people", c, ZAHRA),
                    lambda c: registry.get(f"/people/{person}", c, {"why": "x"}),
                    lambda c: registry.put(f"/people/{person}", c, ZAHRA),
                    lambda c: registry.post("/people/search", c, {"name": "زهرا", "why": "x"}),
                    lambda c: registry.post(f"/people/{person}/certificates", c, {"name": "x", "given": "2025-01-01"}),
                    lambda c: registry.post(f"/people/{person}/erase", c, {}),
                    lambda c: registry.post("/seats/s1/vacate", c, {}, ANY),
                    lambda c: registry.post("/seats/s1/appoint", c, {"person": person, "how": "elected"}),
                    lambda c: registry.get("/contact-reads", c), lambda c: registry.get("/seats", c, {"person": person}),
                    lambda c: registry.get(f"/contacts/person/{person}", c, {"why": "x"})):
            with pytest.raises(kind):
                ask(caller)
        public = registry.get("/territories/n1/team", caller)
        assert (public["wanted"], public["held"]) == (3, 1) and "held_by" not in public and person not in str(public)
        assert person not in str(registry.get("/seats", caller)) + str(registry.get("/seats/s1", caller))
    assert registry.get("/contact-reads", SECRETARY)["items"] == [], "nobody was shown anything"

    assert registry.get("/seats", SECRETARY, {"person": person})["items"][0]["person"] == person
    assert registry.get("/territories/n1/team", SECRETARY)["held_by"][0]["person"] == person
    registry.put(f"/people/{person}", SECRETARY, {"name_fa": "زهرا کریمی"}, {"If-Match": '"v1"'})
    by = replace(SECRETARY, account="person:7")
    assert registry.get(f"/people/{person}", by, {"why": "call"})["name_fa"] == "زهرا کریمی"
    assert registry.get("/contacts/seat/s1", SERVICE, {"why": "letter"})["telephone"] == ZAHRA["telephone"]
    reads = registry.get("/contact-reads", SECRETARY)["items"]
    assert [(each["kind"], each["asked_by"], each["why"]) for each in reads] == [
        ("person", SERVICE.id, "letter"), ("person", f"{SECRETARY.id} person:7", "call"), ("person", SECRETARY.id, "team"),
        ("team", SECRETARY.id, "team")]
    assert registry.post("/seats/s1/vacate", SECRETARY, {"reason": "moved"}, ANY)["person"] is None


def test_what_cannot_be_is_told_in_both_languages(registry: Client) -> None:
    person = registry.post("/people", SECRETARY, ZAHRA)["id"]
    registry.put("/seats/s1", SECRETARY, SEAT)
    registry.post("/seats/s1/appoint", SECRETARY, {"person": person, "how": "elected"})

    def told(kind: type[Problem], ask: Callable[[], Any]) -> Problem:
        with pytest.raises(kind) as problem:
            ask()
        assert problem.value.fa and problem.value.en and all(each["fa"] and each["en"] for each in problem.value.errors)
        return problem.value

    def appoint(**given: Any) -> Callable[[], Any]:
        return lambda: registry.post("/seats/s1/appoint", SECRETARY, {"person": person, "how": "elected"} | given)

    other = registry.post("/people", SECRETARY, ZAHRA)["id"]
    assert told(Refused, appoint(person=other)).code == "seat_taken"
    assert told(Refused, appoint(valid_from="2020-01-01")).code == "seat_not_in_force"
    assert told(Invalid, appoint(person=str(uuid4()))).code == "unknown_person"
    for wrong in ({"person": "zahra"}, {"how": "by himself"}, {"valid_from": "1404/12/30"}, {"valid_to": "2025-02-30"},
                  {"reason": "x" * 1001}, {"by": "me"}):
        assert told(Invalid, appoint(**wrong)).errors[0]["pointer"] == f"/{next(iter(wrong))}"
    for body in ({}, {"name_fa": " "}, ZAHRA | {"email": "zahra"}, ZAHRA | {"telephone": "call me"},
                 ZAHRA | {"name_fa": "ا" * 201}):
        told(Invalid, lambda body=body: registry.post("/people", SECRETARY, body))  # type: ignore[misc]
    for body in ({"name": "x"}, {"name": "x", "given": "2025-01-01", "expires": "2025-01-01"}):
        told(Invalid, lambda body=body: registry.post(f"/people/{person}/certificates", SECRETARY, body))  # type: ignore[misc]
    assert told(Malformed, lambda: registry.get(f"/people/{person}", SECRETARY)).code == "reason_needed"
    assert told(Malformed, lambda: registry.get(f"/contacts/person/{person}", SERVICE)).code == "reason_needed"
    for path in (f"/people/{uuid4()}", "/people/zahra"):
        told(NotFound, lambda path=path: registry.get(path, SECRETARY, {"why": "x"}))  # type: ignore[misc]
    told(NotFound, lambda: registry.get("/territories/nowhere/team", SECRETARY))
    told(Refused, lambda: registry.post("/seats/s1/vacate", SECRETARY, {"day": "2020-01-01"}, ANY))


def test_a_secretary_of_another_place_is_shown_nobody(registry: Client) -> None:
    person = registry.post("/people", SECRETARY, ZAHRA)["id"]
    registry.put("/seats/s1", SECRETARY, SEAT)
    registry.post("/seats/s1/appoint", SECRETARY, {"person": person, "how": "elected"})
    elsewhere = Caller("secretary", "fardis")
    for path in ("/seats", "/seats/s1", "/territories/n1/team"):
        assert person not in str(registry.get(path, elsewhere)) and person in str(registry.get(path, SECRETARY)), path
    assert registry.get("/seats", elsewhere, {"person": person})["items"] == []
    registry.put("/seats/s0", SECRETARY, SEAT | {"role": "reporter"})
    registry.post("/seats/s0/appoint", SECRETARY, {"person": person, "how": "elected"})
    one = {"person": person, "limit": "1"}
    assert registry.get("/seats", elsewhere, one) == {"items": [], "next_cursor": None}, "nor that there is a second seat"
    pages = [registry.get("/seats", SECRETARY, one)]
    pages.append(registry.get("/seats", SECRETARY, one | {"cursor": pages[0]["next_cursor"]}))
    assert [[seat["code"] for seat in page["items"]] for page in pages] == [["s0"], ["s1"]] and not pages[1]["next_cursor"]
    found, mine = (registry.post("/people/search", by, {"name": "زهرا", "why": "x"}) for by in (elsewhere, SECRETARY))
    assert found["items"] == [] and [each["id"] for each in mine["items"]] == [person]
    for ask in (lambda: registry.get(f"/people/{person}", elsewhere, {"why": "x"}),
                lambda: registry.put(f"/people/{person}", elsewhere, ZAHRA),
                lambda: registry.post(f"/people/{person}/certificates", elsewhere, {"name": "x", "given": "2025-01-01"}),
                lambda: registry.post(f"/people/{person}/erase", elsewhere, {})):
        with pytest.raises(NotFound):
            ask()
    for ask in (lambda: registry.put("/seats/s1", elsewhere, SEAT),
                lambda: registry.post("/seats/s1/vacate", elsewhere, {}, ANY),
                lambda: registry.get("/seats/s1/history", elsewhere),
                lambda: registry.get("/exports/categories", elsewhere)):
        with pytest.raises(NotAllowed):
            ask()
    registry.put("/seats/s2", SECRETARY, SEAT | {"territory": "fardis"})
    with pytest.raises(Invalid) as unknown:
        registry.post("/seats/s2/appoint", elsewhere, {"person": person, "how": "elected"})
    assert unknown.value.code == "unknown_person", "who is appointed can be looked at"
    assert registry.get("/contact-reads", elsewhere)["items"] == []
    assert person not in registry.get("/exports/seats", elsewhere)["content"]


@pytest.mark.parametrize("seat", [{"role": "secretary", "territory": "alborz"}, {"role": "operator", "territory": "n1"}])
def test_who_sits_elsewhere_or_above_is_not_erased_or_changed_by_who_entered_them(registry: Client,
                                                                                  seat: dict[str, str]) -> None:
    here, operator = Caller("secretary", "n1"), Caller("operator")
    person = registry.post("/people", here, ZAHRA)["id"]
    registry.put("/seats/s1", operator, seat)
    registry.post("/seats/s1/appoint", operator, {"person": person, "how": "appointed"})
    for ask in (lambda: registry.put(f"/people/{person}", here, ZAHRA | {"email": "mine@example.org"}),
                lambda: registry.post(f"/people/{person}/erase", here, {})):
        with pytest.raises(NotAllowed):
            ask()
    assert registry.get("/seats/s1", operator)["person"] == person
    registry.post("/seats/s1/vacate", operator, {}, ANY)
    assert registry.post(f"/people/{person}/erase", here, {})["erased"]
