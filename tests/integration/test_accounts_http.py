"""Accounts over HTTP, as the running registry answers the gateway: the whole way in, and nothing for who may not ask."""
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import jwt
import pyotp
import pytest

from chassis.caller import Caller
from chassis.clock import now
from chassis.http_client import Client
from contracts.errors import Invalid, NotAllowed, NotFound, Problem, Unauthenticated
from contracts.schema import instant
from services.registry import use_cases
from services.registry.accounts import places
from services.registry.accounts.rights import rights_of
from services.registry.model import Change
from services.registry.people import use_cases as people
from services.registry.seats.use_cases import seats_of
from tests.integration.conftest import Connect
from tests.integration.processes import Process

PERSON = "0b9c3f0e-7c1d-4d4b-9a55-0a1b2c3d4e5f"
OTHER = "5f4e3d2c-1b0a-4a55-9b4d-7c1d0b9c3f0e"
PASSWORD = "چهار واژهٔ بی ربط"
GATEWAY, SECRETARY, OPERATOR = Caller("service", "gateway"), Caller("secretary", "alborz"), Caller("operator")
TERRITORY = {"kind": "province", "name_fa": "البرز", "name_en": "Alborz", "parent": None, "target": False,
             "contested_with": None, "supporting_agency": None, "sample": False}
AGENCY = {"name_fa": "آبفا", "name_en": "Water", "level": "province", "territory": "alborz", "channel": "pull",
          "parent": None, "committee": None, "office_hours": [], "sample": False}
HEADQUARTERS = {"name_fa": "قرارگاه البرز", "name_en": "Alborz Headquarters", "level": "province", "territory": "alborz",
                "parent": None, "sample": False}
SEAT = {"role": "secretary", "territory": "alborz", "agency": None, "committee": None, "headquarters": None, "sample": False,
        "person": PERSON}
AS_RESIDENT = {"role": "resident", "kind": "person", "place": PERSON, "until": None}
Ask = Callable[..., Any]


@pytest.fixture
def ask(environment: dict[str, str], database: Connect, running: Callable[..., Process]) -> Ask:
    database("registry")
    running("registry")
    client = Client(environment["MAHALLE_REGISTRY_URL"], environment["MAHALLE_INTERNAL_SECRET"])

    def ask(method: str, path: str, body: dict[str, Any] | None = None, asking: Caller = GATEWAY) -> Any:
        return client.get(path, asking, body) if method == "GET" else client.post(path, asking, body or {})

    return ask


def seat(valid_to: str = "2999-01-01") -> None:
    use_cases.put([Change("territories", "alborz", TERRITORY, "2020-01-01")], "x")
    use_cases.put([Change("seats", "alborz-secretary", SEAT, "2020-01-01", valid_to)], "x")


def test_from_an_invitation_to_rights_and_out_again(ask: Ask) -> None:
    seat()
    with pytest.raises(Invalid):
        ask("POST", "/accounts", {"person": PERSON, "login": "zahra.k"}, Caller("operator"))
    with pytest.raises(NotFound):
        ask("POST", "/accounts", {"person": OTHER, "login": "zahra.k"}, SECRETARY)
    people.enter({PERSON: {"name_fa": "زهرا کریمی"}}, "x")
    invited = ask("POST", "/accounts", {"person": PERSON, "login": "zahra.k"}, SECRETARY)
    assert ask("POST", "/accounts/invited", {"token": invited["token"], "password": PASSWORD})["person"] == PERSON
    begun = ask("POST", f"/accounts/{PERSON}/totp", {"password": PASSWORD})
    codes = ask("POST", f"/accounts/{PERSON}/totp/confirm", {"code": pyotp.TOTP(begun["secret"]).now()})["recovery_codes"]
    found = ask("POST", "/sign-in", {"login": "zahra.k", "password": PASSWORD, "code": codes[0]})
    assert found["rights"] == [
        {"role": "secretary", "kind": "territory", "place": "alborz", "until": "2999-01-01"}, AS_RESIDENT]
    assert found["as"] == {"role": "secretary", "place": "alborz"}
    assert ask("GET", f"/accounts/{PERSON}/rights")["rights"] == found["rights"]
    assert ask("GET", f"/accounts/{PERSON}/rights", {"since": instant(now())})["rights"] == found["rights"]
    with pytest.raises(Unauthenticated):
        ask("GET", f"/accounts/{PERSON}/rights", {"since": "2020-01-01T00:00:00Z"})
    use_cases.end_record("seats", "alborz-secretary", {}, "x")
    assert ask("GET", f"/accounts/{PERSON}/rights")["rights"] == [AS_RESIDENT]
    ask("POST", f"/accounts/{PERSON}/disable", None, SECRETARY)
    with pytest.raises(Unauthenticated):
        ask("POST", "/sign-in", {"login": "zahra.k", "password": PASSWORD, "code": codes[1]})
    ask("POST", f"/accounts/{PERSON}/enable", None, SECRETARY)
    assert ask("POST", "/sign-in", {"login": "zahra.k", "password": PASSWORD, "code": codes[1]})


def test_a_session_is_refreshed_ended_and_told(ask: Ask) -> None:
    seat()
    people.enter({PERSON: {"name_fa": "زهرا کریمی"}}, "x")
    token = ask("POST", "/accounts", {"person": PERSON, "login": "zahra.k"}, SECRETARY)["token"]
    ask("POST", "/accounts/invited", {"token": token, "password": PASSWORD})
    assert ask("POST", "/sign-in", {"login": "zahra.k", "password": PASSWORD}) == {"person": PERSON, "second_factor": False}
    begun = ask("POST", f"/accounts/{PERSON}/totp", {"password": PASSWORD})
    codes = ask("POST", f"/accounts/{PERSON}/totp/confirm", {"code": pyotp.TOTP(begun["secret"]).now()})["recovery_codes"]
    asked = {"login": "zahra.k", "password": PASSWORD, "as": {"role": "resident", "place": PERSON}}
    first = ask("POST", "/sign-in", asked | {"code": codes[0]})
    second = ask("POST", "/sessions/refresh", {"refresh_token": first["refresh_token"],
                                               "as": {"role": "secretary", "place": "alborz"}})
    [key] = ask("GET", "/jwks")["keys"]
    said = [jwt.decode(each["access_token"], jwt.PyJWK(key), ["ES256"], audience="mahalle") for each in (first, second)]
    assert [(each["sub"], each["role"], each["place"]) for each in said] == [
        (f"person:{PERSON}", "resident", PERSON), (f"person:{PERSON}", "secretary", "alborz")]
    assert ask("POST", "/sessions/end", {"session": said[0]["sid"]}) == {} == ask("POST", "/sessions/end", {"session": "x"})
    with pytest.raises(Unauthenticated):
        ask("POST", "/sessions/refresh", {"refresh_token": second["refresh_token"]})
    told = ask("GET", "/ended")
    assert ("session", said[0]["sid"]) in [(each["kind"], each["id"]) for each in told["items"]]
    assert told["signing_keys"] == [key["kid"]]
    deeds = [each["deed"] for each in ask("GET", "/audit", {"of": f"person:{PERSON}"}, Caller("operator"))["items"]]
    assert deeds == ["signed_out", "signed_in", "second_factor_set", "invitation_accepted", "invited"]


def test_a_secretary_shuts_and_invites_nobody_of_another_place(ask: Ask) -> None:
    seat()
    people.enter({PERSON: {"name_fa": "زهرا کریمی"}}, "x")
    for path, body in (("/accounts", {"person": PERSON, "login": "zahra.k"}), (f"/accounts/{PERSON}/disable", None)):
        with pytest.raises(NotFound):
            ask("POST", path, body, Caller("secretary", "tehran"))
    assert ask("POST", "/accounts", {"person": PERSON, "login": "zahra.k"}, SECRETARY)
    use_cases.put([Change("territories", "tehran", TERRITORY, "2020-01-01")], "x")
    reporter = {**SEAT, "role": "reporter", "territory": "tehran"}
    use_cases.put([Change("seats", "tehran-reporter", reporter, "2020-01-01")], "x")
    for path, body in (("/accounts", {"person": PERSON, "login": "zahra.k"}), (f"/accounts/{PERSON}/disable", None)):
        with pytest.raises(NotAllowed) as refused:
            ask("POST", path, body, SECRETARY)
        assert refused.value.code == "not_your_place", "who may do something elsewhere"
        assert ask("POST", path, body, Caller("secretary"))


def test_seats_are_those_of_the_register(database: Connect) -> None:
    database("registry")
    seat(valid_to="2026-03-21")
    [found] = seats_of(PERSON, "2026-03-20")
    assert (found["code"], found["role"], found["valid_to"]) == ("alborz-secretary", "secretary", "2026-03-21")
    use_cases.put([Change("seats", "alborz-secretary", {**SEAT, "person": "another"}, "2026-03-21", "2027-03-21")], "x")
    assert seats_of(PERSON, "2026-03-21") == [] and seats_of("another", "2026-03-20") == []
    use_cases.put([Change("seats", "alborz-secretary", {**SEAT, "role": "operator", "person": None}, "2026-09-01",
                          "2027-03-21")], "x")
    later = [seats_of("another", day)[0] for day in ("2026-03-21", "2026-09-01")]
    assert [(each["role"], each["valid_to"]) for each in later] == [
        ("secretary", "2027-03-21"), ("operator", "2027-03-21")], "a role that comes later gives no right today"


def test_a_headquarters_secretary_is_the_secretary_of_its_territory(database: Connect) -> None:
    database("registry")
    use_cases.put([Change("territories", "alborz", TERRITORY, "2020-01-01")], "x")
    use_cases.put([Change("headquarters", "alborz-headquarters", HEADQUARTERS, "2020-01-01")], "x")
    seated = {**SEAT, "territory": None, "headquarters": "alborz-headquarters"}
    use_cases.put([Change("seats", "headquarters-secretary", seated, "2020-01-01")], "x")
    assert [(right.role, right.place) for right in rights_of(PERSON, "2026-03-20", places.seats_of)] == [
        ("secretary", "alborz"), ("resident", PERSON)]
    assert places.places_above("secretary", "alborz") == ["alborz"] and places.places_above("agency", "none") == []


def test_keys_are_made_checked_and_revoked(ask: Ask) -> None:
    asked = {"name": "queue reader", "owner": "agency:abfa", "role": "agency", "subject": "abfa", "scopes": ["tasks:read"]}
    with pytest.raises(NotAllowed):
        ask("POST", "/keys", asked, SECRETARY)
    seat()
    use_cases.put([Change("agencies", "abfa", AGENCY, "2020-01-01")], "x")
    with pytest.raises(NotAllowed):
        ask("POST", "/keys", asked, SECRETARY)
    made = ask("POST", "/keys", asked, OPERATOR)
    found = ask("POST", "/keys/check", {"key": made["key"]})
    assert (found["role"], found["subject"], found["scopes"], found["until"], found["account"]) == (
        "agency", "abfa", ["tasks:read"], made["valid_to"], f"key:{made['id']}")
    assert [key["id"] for key in ask("GET", "/keys", asking=OPERATOR)["items"]] == [made["id"]]
    ask("POST", f"/keys/{made['id']}/revoke", None, OPERATOR)
    with pytest.raises(Unauthenticated):
        ask("POST", "/keys/check", {"key": made["key"]})


def test_for_an_agency_that_has_ended_nobody_speaks(ask: Ask) -> None:
    agencies = ("abfa", "gaz")
    seat()
    use_cases.put([Change("agencies", code, AGENCY, "2020-01-01") for code in agencies], "x")
    use_cases.put([Change("seats", f"head-{code}", SEAT | {"role": "head", "territory": None, "agency": code}, "2020-01-01")
                   for code in agencies], "x")
    given = [ask("POST", "/keys", {"name": "n", "owner": f"agency:{code}", "role": "agency", "subject": code,
                                   "scopes": ["tasks:read"]}, OPERATOR)["key"] for code in agencies]

    def speak() -> list[str]:
        found = [right.place for right in rights_of(PERSON, "2026-03-20", places.seats_of) if right.role == "agency"]
        for key in given:
            with suppress(Unauthenticated):
                found.append(ask("POST", "/keys/check", {"key": key})["subject"])
        return found

    assert speak() == ["abfa", "gaz", "abfa", "gaz"]
    use_cases.put([Change("agencies", "abfa", None, "2021-01-01")], "x")
    assert speak() == ["gaz", "gaz"]


ROUTES = [
    ("POST", "/accounts", ("secretary", "operator")), ("POST", "/accounts/invited", ("service",)),
    ("POST", "/sign-in", ("service",)), ("GET", "/accounts/x/rights", ("service",)),
    ("POST", "/accounts/x/totp", ("service",)),
    ("POST", "/accounts/x/totp/confirm", ("service",)), ("POST", "/accounts/x/disable", ("secretary", "operator")),
    ("POST", "/accounts/x/enable", ("secretary", "operator")), ("POST", "/keys", ("secretary", "operator")),
    ("GET", "/keys", ("secretary", "operator")), ("POST", "/keys/x/revoke", ("secretary", "operator")),
    ("POST", "/keys/check", ("service",)), ("POST", "/sign-in/code", ("service",)),
    ("POST", "/sign-in/resident", ("service",)), ("GET", "/codes/x", ("service",)),
    ("POST", "/sessions/refresh", ("service",)), ("POST", "/sessions/end", ("service",)),
    ("GET", "/jwks", ("service",)), ("GET", "/ended", ("service",)), ("GET", "/audit", ("operator",))]


def test_every_route_demands_its_caller(ask: Ask) -> None:
    for method, path, roles in ROUTES:
        for role in ("public", "resident", "agency", "secretary", "operator", "service"):
            expected = role in roles, method, path, role
            try:
                ask(method, path, {"unknown": 1}, Caller(role, "x"))
                let_in = True
            except NotAllowed:
                let_in = False
            except Problem as problem:
                let_in = problem.code != "key_needed"
            assert (let_in, method, path, role) == expected


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("/accounts", {"person": "x", "login": "zahra"}, "/person"),
    ("/accounts", {"person": PERSON, "login": "\u200c" * 5}, "/login"),
    ("/accounts", {"person": PERSON, "login": "a b"}, "/login"), ("/accounts", {"person": PERSON, "login": 5}, "/login"),
    ("/keys", {"name": "n", "owner": "who", "role": "agency", "scopes": ["a:b"]}, "/owner"),
    ("/keys", {"name": "n", "owner": "agency:a", "role": "service", "scopes": ["a:b"]}, "/role"),
    ("/keys", {"name": "n", "owner": "agency:a", "role": "agency", "scopes": []}, "/scopes"),
    ("/keys", {"name": "n", "owner": "agency:a", "role": "agency", "scopes": ["everything"]}, "/scopes/0"),
    ("/keys", {"name": "n", "owner": "agency:a", "role": "agency", "scopes": ["a:b"],
               "valid_to": "9999-12-31T23:59:59-14:00"}, "/valid_to")]


@pytest.fixture
def refused(ask: Ask) -> Callable[[str, dict[str, Any]], Invalid]:
    def refused(path: str, body: dict[str, Any]) -> Invalid:
        with pytest.raises(Invalid) as problem:
            ask("POST", path, body, SECRETARY)
        return problem.value

    return refused


def test_every_bad_field_is_named(refused: Callable[[str, dict[str, Any]], Invalid]) -> None:
    for path, body, pointer in BAD:
        assert pointer in [error["pointer"] for error in refused(path, body).errors], (path, body)


def test_a_bad_key_ring_is_one_line_and_exit_2(running: Callable[..., Process]) -> None:
    process = running("registry", ready=False, MAHALLE_CONTACT_KEYS="")
    assert process.wait() == 2
    assert "MAHALLE_CONTACT_KEYS is not set" in process.log()


