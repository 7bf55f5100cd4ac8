"""Accounts in a real database: no way in but with all three, no code twice, no try uncounted, no right after its term."""
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
from argon2 import PasswordHasher
from pymongo.errors import DuplicateKeyError

from chassis.caller import Caller
from chassis.ring import Ring
from contracts.errors import Invalid, NotAllowed, Problem, Refused, TooMany, Unauthenticated
from services.registry.accounts import codes, forgetting, keys, passwords, refusals, tries, use_cases
from services.registry.accounts.documents import Account, ApiKey, OneTimeCode, Tries
from tests.integration.signed_in import at_once, connected

PERSON, OTHER = "0b9c3f0e-7c1d-4d4b-9a55-0a1b2c3d4e5f", "5f4e3d2c-1b0a-4a55-9b4d-7c1d0b9c3f0e"
LOGIN, PASSWORD, WRONG = "zahra.k", "چهار واژهٔ بی ربط", "چهار واژهٔ با ربط"
AT = datetime(2056, 3, 1, 8, 0, tzinfo=UTC)
STEP, MINUTE = timedelta(seconds=30), timedelta(minutes=1)
SECRETARY, OPERATOR = Caller("secretary", "alborz"), Caller("operator")
RING = Ring(["k" * 40])
AS_RESIDENT = {"role": "resident", "kind": "person", "place": PERSON, "until": None}
Accounts = use_cases.Accounts


class Seats:
    """Who sits where, as a test says; `valid_to` is a day."""

    def __init__(self) -> None:
        self.held: list[dict[str, Any]] = []

    def give(self, role: str, person: str = PERSON, valid_to: str | None = "2056-03-21", **place: str) -> None:
        self.held.append({"person": person, "code": f"{role}-1", "role": role, "valid_from": "2055-03-21",
                          "valid_to": valid_to, **place})

    def __call__(self, person: str, day: str) -> list[dict[str, Any]]:
        return [seat for seat in self.held if seat["person"] == person]


@pytest.fixture
def seats() -> Seats:
    return Seats()


@pytest.fixture
def ran() -> list[Callable[..., Any]]:
    """What was carried out beside the event loop."""
    return []


@pytest.fixture
def accounts(environment: dict[str, str], seats: Seats, ran: list[Callable[..., Any]],
             monkeypatch: pytest.MonkeyPatch) -> Accounts:
    def run(function: Callable[..., Any], *arguments: Any) -> Any:
        ran.append(function)
        return function(*arguments)

    connected(Account, Tries)
    monkeypatch.setattr(passwords, "MEMORY", 64)
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=3, memory_cost=64, parallelism=1))
    return use_cases.Accounts(RING, run, seats)


def stored(document: Any = Account, key: str = PERSON) -> dict[str, Any]:
    return document._get_collection().find_one({"_id": key}) or {}


def code_at(secret: str, at: datetime) -> str:
    return pyotp.TOTP(secret).at(at)


def with_password(accounts: Accounts, at: datetime = AT, person: str = PERSON, login: str = LOGIN) -> None:
    accounts.accept(accounts.invite(person, login, OPERATOR, at)["token"], PASSWORD, at)


def with_both(accounts: Accounts, at: datetime = AT - timedelta(hours=1)) -> tuple[str, list[str]]:
    """An account with password and second factor; the telephone's secret and the recovery codes."""
    with_password(accounts, at)
    secret = accounts.begin_totp(PERSON, PASSWORD, None, at)["secret"]
    return secret, accounts.confirm_totp(PERSON, code_at(secret, at), at)["recovery_codes"]


def outcomes(times: int, ask: Callable[[int], Any]) -> Counter[str]:
    """What became of asking at the same moment: how often in, else the problem's code."""
    def one(number: int) -> str:
        ask(number)
        return "in"

    return at_once(times, one)


def test_a_person_comes_in_with_name_password_and_code(accounts: Accounts, seats: Seats) -> None:
    seats.give("head", agency="abfa")
    secret, _ = with_both(accounts)
    found = accounts.sign_in("ZAHRA.K", PASSWORD, code_at(secret, AT), AT)
    assert found == {"person": PERSON, "second_factor": True, "until": "2056-03-01T20:00:00.000Z", "rights": [
        {"role": "agency", "kind": "agency", "place": "abfa", "until": "2056-03-21"}, AS_RESIDENT]}
    assert stored()["last_sign_in"] == AT


def test_before_a_second_factor_is_confirmed_there_are_no_rights(accounts: Accounts, seats: Seats) -> None:
    seats.give("head", agency="abfa")
    with_password(accounts)
    assert accounts.sign_in(LOGIN, PASSWORD, None, AT)["rights"] == []
    accounts.begin_totp(PERSON, PASSWORD, None, AT)
    found = accounts.sign_in(LOGIN, PASSWORD, None, AT)
    assert (found["second_factor"], found["rights"]) == (False, [])


def wrong_ways(accounts: Accounts, secret: str) -> dict[str, Callable[[], Any]]:
    right, at = code_at(secret, AT), AT
    return {"unknown name": lambda: accounts.sign_in("nobody", PASSWORD, right, at),
            "wrong password": lambda: accounts.sign_in(LOGIN, WRONG, right, at),
            "wrong code": lambda: accounts.sign_in(LOGIN, PASSWORD, "000000" if right != "000000" else "1" * 6, at),
            "no code": lambda: accounts.sign_in(LOGIN, PASSWORD, None, at)}


@pytest.mark.parametrize("way", ["unknown name", "wrong password", "wrong code", "no code"])
def test_whatever_is_wrong_the_answer_and_the_work_are_the_same(accounts: Accounts, ran: list[Any], way: str,
                                                                monkeypatch: pytest.MonkeyPatch) -> None:
    secret, _ = with_both(accounts)
    read: list[str] = []

    def decrypt(sealed: str) -> str:
        read.append(sealed)
        return Ring(["k" * 40]).decrypt(sealed)

    monkeypatch.setattr(RING, "decrypt", decrypt)
    ran.clear()
    with pytest.raises(Unauthenticated) as refused:
        wrong_ways(accounts, secret)[way]()
    monkeypatch.undo()
    assert (refused.value.code, ran, len(read)) == ("not_signed_in", [passwords.fits], 1)
    assert refused.value.as_json() == refusals.wrong().as_json()
    assert [each["tries"] for each in Tries._get_collection().find()] == [1], "one write, known or not"


def test_a_disabled_account_is_answered_as_a_wrong_one_and_its_session_ends(accounts: Accounts) -> None:
    secret, _ = with_both(accounts)
    accounts.disable(PERSON, SECRETARY, AT)
    with pytest.raises(Unauthenticated) as refused:
        accounts.sign_in(LOGIN, PASSWORD, code_at(secret, AT), AT)
    assert refused.value.code == "not_signed_in"
    with pytest.raises(Unauthenticated):
        accounts.who_is(PERSON, AT)
    accounts.disable(PERSON, SECRETARY, AT, disabled=False)
    assert accounts.who_is(PERSON, AT)["person"] == PERSON


def test_the_same_code_lets_in_once_though_two_use_it_at_once(accounts: Accounts) -> None:
    secret, _ = with_both(accounts)
    code = code_at(secret, AT)
    assert outcomes(4, lambda n: accounts.sign_in(LOGIN, PASSWORD, code, AT)) == {"in": 1, "not_signed_in": 3}
    with pytest.raises(Unauthenticated):
        accounts.sign_in(LOGIN, PASSWORD, code, AT + STEP)
    assert accounts.sign_in(LOGIN, PASSWORD, code_at(secret, AT + STEP), AT + STEP)


def test_no_older_code_lets_in_after_a_newer_one(accounts: Accounts) -> None:
    secret, _ = with_both(accounts)
    accounts.sign_in(LOGIN, PASSWORD, code_at(secret, AT), AT)
    with pytest.raises(Unauthenticated):
        accounts.sign_in(LOGIN, PASSWORD, code_at(secret, AT - STEP), AT)


def test_the_code_that_confirmed_is_used(accounts: Accounts) -> None:
    secret, _ = with_both(accounts, AT)
    with pytest.raises(Unauthenticated):
        accounts.sign_in(LOGIN, PASSWORD, code_at(secret, AT), AT)


def test_a_recovery_code_lets_in_once(accounts: Accounts) -> None:
    _, recovery = with_both(accounts)
    assert outcomes(3, lambda n: accounts.sign_in(LOGIN, PASSWORD, recovery[0], AT)) == {"in": 1, "not_signed_in": 2}
    assert accounts.sign_in(LOGIN, PASSWORD, recovery[1].upper(), AT)
    assert len(stored()["recovery"]) == 8


def test_twenty_wrong_tries_at_once_are_all_counted_and_only_the_free_ones_checked(accounts: Accounts,
                                                                                   ran: list[Any]) -> None:
    with_both(accounts)
    ran.clear()
    assert outcomes(20, lambda n: accounts.sign_in(LOGIN, f"{WRONG} {n}", "123456", AT)) == {
        "not_signed_in": tries.FREE, "too_many_tries": 20 - tries.FREE}
    [counted] = Tries._get_collection().find()
    assert (counted["tries"], counted["refused"]) == (tries.FREE, 20 - tries.FREE)
    assert ran == [passwords.fits] * tries.FREE
    assert counted["locked_until"] == AT + timedelta(seconds=tries.FIRST)
    with pytest.raises(TooMany) as refused:
        accounts.sign_in(LOGIN, WRONG, None, AT + timedelta(seconds=10))
    assert refused.value.retry_after == tries.FIRST - 10 + 1, "who asks meanwhile makes no lock longer"
    [counted] = Tries._get_collection().find()
    assert counted["locked_until"] == AT + timedelta(seconds=tries.FIRST)


@pytest.mark.parametrize("login", [LOGIN, "nobody"])
def test_locks_grow_whether_the_name_is_known_or_not(accounts: Accounts, login: str) -> None:
    with_both(accounts)
    at, waits = AT, []
    for _ in range(tries.FREE + 7):
        with pytest.raises(Unauthenticated):
            accounts.sign_in(login, WRONG, None, at)
        with pytest.raises(Problem) as refused:
            accounts.sign_in(login, WRONG, None, at)
        if isinstance(refused.value, TooMany):
            waits.append(refused.value.retry_after)
            at += timedelta(seconds=refused.value.retry_after or 0)
    counted = [tries.lock_after(n) + 1 for n in range(tries.FREE, tries.FREE + len(waits))]
    assert waits == counted and waits[-1] == tries.LONGEST + 1


def test_the_right_password_does_not_open_a_lock_and_a_right_sign_in_forgets_the_tries(accounts: Accounts) -> None:
    secret, _ = with_both(accounts)
    for _ in range(tries.FREE):
        with pytest.raises(Unauthenticated):
            accounts.sign_in(LOGIN, WRONG, None, AT)
    with pytest.raises(TooMany):
        accounts.sign_in(LOGIN, PASSWORD, code_at(secret, AT), AT)
    later = AT + MINUTE
    accounts.sign_in(LOGIN, PASSWORD, code_at(secret, later), later)
    assert Tries._get_collection().count_documents({}) == 0


def test_a_password_is_hashed_anew_when_the_parameters_have_changed(accounts: Accounts,
                                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    secret, _ = with_both(accounts)
    old = stored()["password"]
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=4, memory_cost=64, parallelism=1))
    accounts.sign_in(LOGIN, PASSWORD, code_at(secret, AT), AT)
    new = stored()["password"]
    assert ("t=3" in old, "t=4" in new) == (True, True) and passwords.fits(PASSWORD, new)


def test_an_invitation_sets_a_password_once_though_three_use_it_at_once(accounts: Accounts) -> None:
    token = accounts.invite(PERSON, LOGIN, SECRETARY, AT)["token"]
    assert token not in str(stored())
    assert outcomes(3, lambda n: accounts.accept(token, f"{PASSWORD} {n}", AT)) == {"in": 1, "bad_invitation": 2}
    assert "invitation" not in stored()
    with pytest.raises(Unauthenticated):
        accounts.accept(token, PASSWORD, AT)


def test_who_lost_an_answer_on_the_way_in_gets_on_without_it(accounts: Accounts) -> None:
    token = accounts.invite(PERSON, LOGIN, SECRETARY, AT)["token"]
    accounts.accept(token, PASSWORD, AT)
    with pytest.raises(Unauthenticated, match="bad_invitation"):
        accounts.accept(token, PASSWORD, AT)
    known = accounts.sign_in(LOGIN, PASSWORD, None, AT)
    assert (known["person"], known["second_factor"]) == (PERSON, False)
    lost, secret = (accounts.begin_totp(PERSON, PASSWORD, None, AT)["secret"] for _ in range(2))
    with pytest.raises(Unauthenticated):
        accounts.confirm_totp(PERSON, code_at(lost, AT), AT)
    accounts.confirm_totp(PERSON, code_at(secret, AT), AT)
    with pytest.raises(Unauthenticated):
        accounts.confirm_totp(PERSON, code_at(secret, AT), AT)
    assert accounts.sign_in(LOGIN, PASSWORD, code_at(secret, AT + STEP), AT + STEP)["second_factor"]
    later = AT + 2 * STEP
    another = accounts.begin_totp(PERSON, PASSWORD, code_at(secret, later), later)["secret"]
    fresh = accounts.confirm_totp(PERSON, code_at(another, later), later)["recovery_codes"]
    assert accounts.sign_in(LOGIN, PASSWORD, fresh[0], later)["second_factor"]


def test_there_is_no_moment_with_a_password_and_a_token_that_is_still_good(accounts: Accounts) -> None:
    """Both are one change, as the collection's change stream tells."""
    token = accounts.invite(PERSON, LOGIN, SECRETARY, AT)["token"]
    with Account._get_collection().watch() as changes:
        accounts.accept(token, PASSWORD, AT)
        change = next(changes)["updateDescription"]
    assert ("password" in change["updatedFields"], change["removedFields"]) == (True, ["invitation"])


def test_an_invitation_that_is_old_or_replaced_is_refused(accounts: Accounts) -> None:
    first, second = (accounts.invite(PERSON, LOGIN, SECRETARY, AT)["token"] for _ in range(2))
    for token, at in ((first, AT), (second, AT + use_cases.INVITED), ("x" * 43, AT)):
        with pytest.raises(Unauthenticated):
            accounts.accept(token, PASSWORD, at)
    assert "password" not in stored()
    assert accounts.accept(second, PASSWORD, AT + use_cases.INVITED - MINUTE) == {"person": PERSON, "login": LOGIN}


def test_a_weak_password_leaves_the_invitation_as_it_was(accounts: Accounts) -> None:
    token = accounts.invite(PERSON, LOGIN, SECRETARY, AT)["token"]
    with pytest.raises(Invalid):
        accounts.accept(token, "short", AT)
    assert accounts.accept(token, PASSWORD, AT)


def test_a_new_invitation_starts_the_account_anew_but_only_when_it_is_taken_up(accounts: Accounts) -> None:
    secret, recovery = with_both(accounts)
    token = accounts.invite(PERSON, LOGIN, SECRETARY, AT)["token"]
    accounts.sign_in(LOGIN, PASSWORD, code_at(secret, AT), AT)
    accounts.accept(token, WRONG, AT)
    for password, code in ((PASSWORD, recovery[0]), (PASSWORD, None)):
        with pytest.raises(Unauthenticated):
            accounts.sign_in(LOGIN, password, code, AT)
    assert accounts.sign_in(LOGIN, WRONG, None, AT)["second_factor"] is False


def test_sessions_from_before_an_account_was_shut_or_started_anew_are_over(accounts: Accounts) -> None:
    with_password(accounts)
    accounts.who_is(PERSON, AT, since=AT)
    later = AT + MINUTE
    with_password(accounts, later)
    with pytest.raises(Unauthenticated):
        accounts.who_is(PERSON, later, since=AT)
    accounts.who_is(PERSON, later, since=later)
    accounts.disable(PERSON, SECRETARY, later + MINUTE)
    accounts.disable(PERSON, SECRETARY, later + MINUTE, disabled=False)
    with pytest.raises(Unauthenticated):
        accounts.who_is(PERSON, later + MINUTE, since=later)


def test_a_login_name_is_one_persons_however_it_is_spelled(accounts: Accounts) -> None:
    accounts.invite(PERSON, "علی.کریمی", SECRETARY, AT)
    for person, login in ((OTHER, "علي.كريمي"), (PERSON, "another")):
        with pytest.raises(Refused):
            accounts.invite(person, login, SECRETARY, AT)
    assert outcomes(4, lambda n: accounts.invite(OTHER, "reza", SECRETARY, AT)) == {"in": 4}


def test_an_account_that_another_made_at_the_same_moment_is_met(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    class Late:
        """The collection, whose first upsert finds that somebody else's came first."""

        def update_one(self, *given: Any, **options: Any) -> None:
            monkeypatch.undo()
            accounts.invite(PERSON, LOGIN, SECRETARY, AT)
            raise DuplicateKeyError("E11000")

    monkeypatch.setattr(use_cases, "_accounts", Late)
    token = accounts.invite(PERSON, LOGIN, SECRETARY, AT)["token"]
    assert Account._get_collection().count_documents({"invitation.hash": use_cases._hash(token)}) == 1


def test_nobody_who_is_erased_meanwhile_has_an_account(accounts: Accounts, seats: Seats) -> None:
    looks = iter([None, Invalid("unknown_person", "x", "x")])

    def demand_standing(person: str) -> None:
        if refused := next(looks):
            raise refused

    with pytest.raises(Invalid):
        use_cases.Accounts(RING, lambda f, *a: f(*a), seats, demand_standing).invite(PERSON, LOGIN, SECRETARY, AT)
    assert stored() == {}


def test_without_a_password_nobody_comes_in(accounts: Accounts) -> None:
    accounts.invite(PERSON, LOGIN, SECRETARY, AT)
    for password in ("", PASSWORD):
        with pytest.raises(Unauthenticated):
            accounts.sign_in(LOGIN, password, None, AT)


ABOVE = ({"role": "operator", "territory": "alborz"}, {"role": "case_worker", "territory": "alborz"},
         {"role": "head", "agency": "abfa"})  # seats that secretaries neither give nor hold


@pytest.mark.parametrize("seat", ABOVE)
def test_a_secretary_does_not_take_over_the_account_of_who_may_more(accounts: Accounts, seats: Seats,
                                                                    seat: dict[str, str]) -> None:
    accounts._places_of = lambda role, place: ["alborz", place]
    seats.give(**seat)
    with_password(accounts)
    for attempt in (lambda: accounts.invite(PERSON, LOGIN, SECRETARY, AT), lambda: accounts.disable(PERSON, SECRETARY, AT)):
        with pytest.raises(NotAllowed):
            attempt()
    accounts.disable(PERSON, OPERATOR, AT)


@pytest.mark.parametrize("seat", ABOVE)
def test_an_account_that_a_secretary_began_opens_nothing_that_is_hidden_from_them(accounts: Accounts, seats: Seats,
                                                                                  seat: dict[str, str]) -> None:
    def roles(by: Caller, at: datetime) -> list[str]:
        accounts.accept(accounts.invite(PERSON, LOGIN, by, at)["token"], PASSWORD, at)
        seats.held = []
        seats.give(**seat)
        seats.give("reporter", territory="n1")
        secret = accounts.begin_totp(PERSON, PASSWORD, None, at)["secret"]
        accounts.confirm_totp(PERSON, code_at(secret, at), at)
        found = accounts.sign_in(LOGIN, PASSWORD, code_at(secret, at + MINUTE), at + MINUTE)
        return [right["role"] for right in found["rights"]]

    assert roles(SECRETARY, AT) == ["reporter", "resident"]
    assert len(roles(OPERATOR, AT + 5 * MINUTE)) == 3


@pytest.mark.parametrize("seat", [{"role": "operator", "territory": "alborz"}, {"role": "secretary", "territory": "tehran"}])
def test_an_invitation_from_before_somebody_rose_takes_nothing_over(accounts: Accounts, seats: Seats,
                                                                    seat: dict[str, str]) -> None:
    secret, _ = with_both(accounts)
    token = accounts.invite(PERSON, LOGIN, SECRETARY, AT)["token"]
    seats.give(**seat)
    with pytest.raises(Unauthenticated):
        accounts.accept(token, WRONG, AT)
    assert accounts.sign_in(LOGIN, PASSWORD, code_at(secret, AT), AT)["second_factor"] is True


def test_a_second_factor_counts_only_once_confirmed_and_a_new_one_needs_the_old(accounts: Accounts) -> None:
    secret, recovery = with_both(accounts)
    with pytest.raises(Unauthenticated):
        accounts.begin_totp(PERSON, PASSWORD, None, AT)
    fresh = accounts.begin_totp(PERSON, PASSWORD, code_at(secret, AT), AT)["secret"]
    assert fresh not in str(stored()) and secret not in str(stored())
    later = AT + MINUTE
    with pytest.raises(Unauthenticated):
        accounts.confirm_totp(PERSON, code_at(secret, later), later)
    accounts.sign_in(LOGIN, PASSWORD, code_at(secret, later), later)
    accounts.confirm_totp(PERSON, code_at(fresh, later), later)
    for code in (code_at(secret, later + STEP), recovery[0]):
        with pytest.raises(Unauthenticated):
            accounts.sign_in(LOGIN, PASSWORD, code, later + STEP)
    assert accounts.sign_in(LOGIN, PASSWORD, code_at(fresh, later + STEP), later + STEP)


def test_codes_that_confirm_cannot_be_guessed_without_end(accounts: Accounts) -> None:
    with_password(accounts)
    accounts.begin_totp(PERSON, PASSWORD, None, AT)
    with pytest.raises(TooMany):
        for _ in range(tries.FREE + 1):
            with pytest.raises(Unauthenticated):
                accounts.confirm_totp(PERSON, "not it", AT)


def test_a_right_ends_the_day_the_term_ends_also_in_an_open_session(accounts: Accounts, seats: Seats) -> None:
    seats.give("secretary", valid_to="2056-03-02", headquarters="alborz-headquarters", territory="alborz")
    secret, _ = with_both(accounts)
    midnight = datetime(2056, 3, 1, 20, 30, tzinfo=UTC)  # in Tehran
    evening = midnight - timedelta(hours=2)
    found = accounts.sign_in(LOGIN, PASSWORD, code_at(secret, evening), evening)
    assert found["until"] == "2056-03-01T20:30:00.000Z", "before the session's own end"
    last = accounts.who_is(PERSON, midnight - timedelta(milliseconds=1))
    assert [right["role"] for right in last["rights"]] == ["secretary", "resident"]
    assert accounts.who_is(PERSON, midnight)["rights"] == [AS_RESIDENT]


def test_a_term_that_is_cut_short_ends_the_right_at_once(accounts: Accounts, seats: Seats) -> None:
    seats.give("head", agency="abfa")
    secret, _ = with_both(accounts)
    assert len(accounts.sign_in(LOGIN, PASSWORD, code_at(secret, AT), AT)["rights"]) == 2
    seats.held[0]["valid_to"] = "2056-02-01"
    assert accounts.who_is(PERSON, AT)["rights"] == [AS_RESIDENT]


def test_forgetting_a_person_leaves_nothing_of_them_and_everything_of_others(accounts: Accounts) -> None:
    with_both(accounts)
    with_password(accounts, person=OTHER, login="reza")
    with pytest.raises(Unauthenticated):
        accounts.sign_in(LOGIN, WRONG, None, AT)
    asked = {"name": "script", "role": "agency", "subject": "abfa", "scopes": ["tasks:read"]}
    for person in (PERSON, OTHER):
        keys.make_key({**asked, "owner": f"person:{person}"}, OPERATOR, AT, lambda role, subject: ())
    codes.request_code(RING, "09121234567", AT)
    codes.request_code(RING, "09120000000", AT)
    for _ in range(2):
        forgetting.forget(RING, PERSON, ["۰۹۱۲ ۱۲۳ ۴۵۶۷", "no address", None])
        assert [each["_id"] for each in Account._get_collection().find()] == [OTHER]
        assert [each["owner"] for each in ApiKey._get_collection().find()] == [f"person:{OTHER}"]
        assert (Tries._get_collection().count_documents({}), OneTimeCode._get_collection().count_documents({})) == (0, 1)


def test_second_factors_are_sealed_anew_and_an_old_key_is_no_longer_needed(accounts: Accounts) -> None:
    secret, _ = with_both(accounts)
    both = use_cases.Accounts(Ring(["n" * 40, "k" * 40]), lambda f, *a: f(*a), accounts.seats_of)
    assert both.rotate() == 1
    new = use_cases.Accounts(Ring(["n" * 40]), lambda f, *a: f(*a), accounts.seats_of)
    assert new.sign_in(LOGIN, PASSWORD, code_at(secret, AT), AT)
