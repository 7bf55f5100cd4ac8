"""What becomes of accounts when terms begin and end: rights come and go with the seat, and gateways hear of it."""
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from chassis.caller import Caller
from chassis.clock import now, today
from chassis.ring import Ring
from contracts.envelope import Received
from contracts.errors import NotAllowed, Unauthenticated
from contracts.registry import AgencyChanged, HeadquartersChanged, SeatChanged
from services.registry import use_cases
from services.registry.accounts import changed, ended, places
from services.registry.accounts.documents import Account, ApiKey
from services.registry.accounts.rights import rights_of
from services.registry.accounts.use_cases import Accounts
from services.registry.model import Change
from services.registry.people import use_cases as people
from services.registry.seats import use_cases as seats
from tests.builders import a_recorded_agency
from tests.integration.conftest import Connect
from tests.integration.processes import Process
from tests.integration.registered import PAST, SEAT, headquarters, place
from tests.integration.signed_in import PERSON
from tests.integration.waiting import eventually

OTHER = "5f4e3d2c-1b0a-4a55-9b4d-7c1d0b9c3f0e"
BEGINS, ENDS = "2090-03-21", "2091-03-21"
SECRETARY, OPERATOR = Caller("secretary", "alborz"), Caller("operator")
RESIDENT = ("resident", PERSON)


@pytest.fixture(autouse=True)
def registry(database: Connect) -> None:
    """A province with an agency and a headquarters, and two people."""
    database("registry")
    use_cases.put([place("alborz", "province", None), a_recorded_agency(PAST, code="abfa", territory="alborz"),
                   headquarters("alborz-headquarters", "province", "alborz")], "x")
    people.enter({PERSON: {"name_fa": "زهرا کریمی"}, OTHER: {"name_fa": "علی رضایی"}}, "x")


@pytest.fixture
def accounts() -> Accounts:
    return Accounts(Ring(["k" * 40]), lambda function, *given: function(*given), places.seats_of, people.demand_standing,
                    places.places_above, places.seats_from)


def sits(code: str, day: str = PAST, person: str = PERSON, end: str | None = None, **what: Any) -> None:
    what = {"role": "secretary", "person": person, "territory": None} | what
    use_cases.put([Change("seats", code, SEAT | what, day, end)], "x")


def rights(day: str) -> list[tuple[str, str]]:
    return [(right.role, right.place) for right in rights_of(PERSON, day, places.seats_of)]


def test_who_is_to_sit_is_invited_before_and_has_the_right_from_the_first_day_of_the_term(accounts: Accounts) -> None:
    sits("s", BEGINS, end=ENDS, territory="alborz")
    assert accounts.invite(PERSON, "zahra.k", SECRETARY, now())["token"]
    assert [rights(day) for day in ("2090-03-20", BEGINS, ENDS)] == [
        [RESIDENT], [("secretary", "alborz"), RESIDENT], [RESIDENT]]


@pytest.mark.parametrize("role", ["operator", "case_worker"])
def test_a_secretary_does_not_invite_who_is_to_see_what_secretaries_do_not(accounts: Accounts, role: str) -> None:
    sits("s", BEGINS, end=ENDS, role=role, territory="alborz")
    for deed in (lambda: accounts.invite(PERSON, "zahra.k", SECRETARY, now()),
                 lambda: accounts.disable(PERSON, SECRETARY, now())):
        with pytest.raises(NotAllowed):
            deed()
    assert accounts.invite(PERSON, "zahra.k", OPERATOR, now())["token"]


def test_an_invitation_is_void_once_its_bearer_is_to_do_what_the_inviter_does_not_give(accounts: Accounts) -> None:
    token = accounts.invite(PERSON, "zahra.k", SECRETARY, now())["token"]
    sits("s", BEGINS, end=ENDS, role="operator", territory="alborz")
    with pytest.raises(Unauthenticated):
        accounts.accept(token, "چهار واژهٔ بی ربط", now())


def test_a_right_of_an_agency_or_a_headquarters_ends_with_it() -> None:
    sits("head", role="head", agency="abfa")
    sits("chair", headquarters="alborz-headquarters")
    assert rights(today()) == [("secretary", "alborz"), ("agency", "abfa"), RESIDENT]
    use_cases.end_record("agencies", "abfa", {}, "x")
    assert rights(today()) == [("secretary", "alborz"), RESIDENT]
    use_cases.end_record("headquarters", "alborz-headquarters", {}, "x")
    assert rights(today()) == [RESIDENT]


def told(happened: Any, at: datetime) -> Received:
    return Received("id", happened, None, happened.code, 1, at)


def heard(since: datetime) -> dict[tuple[str, str], str]:
    return {(each["kind"], each["id"]): each["at"] for each in ended.ended(since, now())["items"]}


@pytest.fixture
def signed_in() -> None:
    """PERSON is head of the agency, and was secretary; OTHER sits nowhere. Both have an account and a key."""
    sits("head", role="head", agency="abfa")
    sits("chair", headquarters="alborz-headquarters")
    seats.vacate("chair", "2026-01-01", "x")
    for person in (PERSON, OTHER):
        Account._get_collection().insert_one({"_id": person, "login_folded": person})
        ApiKey._get_collection().insert_one({"_id": f"key-{person[0]}", "owner": f"person:{person}"})


@pytest.mark.parametrize("happened", [
    SeatChanged("chair"), SeatChanged("head"), AgencyChanged("abfa"), HeadquartersChanged("alborz-headquarters")])
def test_whoever_sits_or_sat_where_something_changed_is_asked_for_their_rights_anew(signed_in: None, happened: Any) -> None:
    at = now() - timedelta(seconds=5)
    for _ in range(2):
        changed.note([told(happened, at), told(happened, at - timedelta(hours=1)), told(SeatChanged("unknown"), now())])
        found = heard(now())
        assert found.keys() == {("account", f"person:{PERSON}"), ("key", "key-0")}
        assert {datetime.fromisoformat(each) for each in found.values()} == {
            at.replace(microsecond=at.microsecond // 1000 * 1000)}, "what began after the change is good"


def test_keys_of_an_agency_that_changed_are_judged_anew_and_no_others() -> None:
    for owner in ("agency:abfa", "agency:gas", "service:app"):
        ApiKey._get_collection().insert_one({"_id": f"key of {owner}", "owner": owner})
    changed.note([told(AgencyChanged("abfa"), now()), told(SeatChanged("gas"), now())])
    assert heard(now()).keys() == {("key", "key of agency:abfa")}


def test_who_has_no_account_is_told_to_nobody() -> None:
    sits("head", role="head", agency="abfa")
    changed.note([told(SeatChanged("head"), now())])
    assert heard(now()) == {}


@pytest.mark.parametrize("vacate", [
    lambda: seats.vacate("head", today(), "x"), lambda: use_cases.end_record("seats", "head", {}, "x"),
    lambda: use_cases.end_record("agencies", "abfa", {}, "x")])
def test_every_way_to_lose_a_seat_is_an_event_that_the_registry_hears_itself(
        signed_in: None, vacate: Callable[[], Any], running: Callable[..., Process]) -> None:
    running("registry")
    running("relay", of=("registry",))
    eventually("what was before is told", lambda: heard(now()))
    before = heard(now())[("account", f"person:{PERSON}")]
    vacate()
    eventually("it is heard of", lambda: heard(now())[("account", f"person:{PERSON}")], until=lambda at: at > before)
