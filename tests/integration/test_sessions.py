"""Sessions: a refresh token is good once, used twice it ends them, and no token outlives a right or a closed account."""
import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from argon2 import PasswordHasher

from chassis.caller import Caller
from chassis.ring import Ring
from services.registry.accounts import ended, passwords, residents, sessions, use_cases
from services.registry.accounts.documents import Account, Resident, Session, SigningKey
from services.registry.accounts.sessions import AGAIN, LASTS, REMEMBERED
from tests.integration.signed_in import (
    ACCOUNT,
    AT,
    HEAD,
    MINUTE,
    PERSON,
    RING,
    SECOND,
    House,
    at_once,
    claims,
    connected,
    refused,
    stored,
)

AS_REPORTER = {"role": "reporter", "place": "n1"}
OPERATOR = Caller("operator")
Accounts = use_cases.Accounts


@pytest.fixture
def house(environment: dict[str, str]) -> House:
    connected(Account, Resident, SigningKey)
    return House()


def refresh(house: House, answer: dict[str, Any], at: datetime, asked: dict[str, str] | None = None) -> dict[str, Any]:
    return house.sessions.refresh(answer["refresh_token"], asked, at)


def test_a_token_says_who_acts_as_whom_for_five_minutes(house: House) -> None:
    found = house.signed_in()
    said = claims(found)
    assert {name: said[name] for name in ("iss", "aud", "sub", "role", "place", "iat", "exp")} == {
        "iss": "mahalle", "aud": "mahalle", "sub": ACCOUNT, "role": "agency", "place": "abfa", "iat": AT.timestamp(),
        "exp": int((AT + 5 * MINUTE).timestamp())}
    head = jwt.get_unverified_header(found["access_token"])
    assert (head["typ"], head["alg"]) == ("at+jwt", "ES256") and said["sid"] == stored(found)["_id"]
    assert (found["token_type"], found["expires_in"], found["refresh_until"], found["second_factor"]) == (
        "Bearer", 300, "2056-03-01T20:00:00.000Z", True)
    assert [(right["role"], right["place"]) for right in found["rights"]] == [
        ("agency", "abfa"), ("reporter", "n1"), ("resident", PERSON)]
    assert claims(house.signed_in())["jti"] != said["jti"]


def test_one_acts_as_what_one_asked_for_and_as_nothing_one_is_not(house: House) -> None:
    found = house.signed_in(AS_REPORTER)
    assert (found["as"], claims(found)["role"], claims(found)["place"]) == (AS_REPORTER, "reporter", "n1")
    assert refused(lambda: house.signed_in({"role": "secretary", "place": "alborz"})) == "not_your_right"
    assert refused(lambda: house.signed_in({"role": "agency", "place": "gaz"})) == "not_your_right"


def test_refreshing_keeps_the_right_or_changes_it(house: House) -> None:
    first = house.signed_in(AS_REPORTER)
    second = refresh(house, first, AT + MINUTE)
    assert (second["as"], claims(second)["sid"]) == (AS_REPORTER, claims(first)["sid"])
    third = refresh(house, second, AT + 2 * MINUTE, {"role": "resident", "place": PERSON})
    assert claims(third)["role"] == "resident"
    assert refresh(house, third, AT + 3 * MINUTE)["as"] == {"role": "resident", "place": PERSON}


def test_a_right_not_held_is_refused_and_uses_nothing_up(house: House) -> None:
    found = house.signed_in()
    assert refused(lambda: refresh(house, found, AT + MINUTE, {"role": "operator", "place": ""})) == "not_your_right"
    assert refresh(house, found, AT + MINUTE)


def test_an_ended_session_says_so_whatever_right_is_asked_for(house: House) -> None:
    found = house.signed_in()
    house.sessions.end_by(found["refresh_token"], AT)
    assert refused(lambda: refresh(house, found, AT, {"role": "operator", "place": ""})) == "signed_out"


def test_fifty_at_once_get_one_successor(house: House) -> None:
    found = house.signed_in()
    answers = at_once(50, lambda n: refresh(house, found, AT + MINUTE)["refresh_token"])
    [(successor, times)] = answers.items()
    assert times == 50 and successor != found["refresh_token"] and successor.startswith("mhr_")
    assert house.sessions.refresh(successor, None, AT + 2 * MINUTE)


def test_a_lost_answer_is_given_again_for_thirty_seconds(house: House) -> None:
    found = house.signed_in()
    second = refresh(house, found, AT + MINUTE)
    again = refresh(house, found, AT + MINUTE + AGAIN)
    assert again["refresh_token"] == second["refresh_token"]
    assert claims(again)["sid"] == claims(second)["sid"]
    assert refresh(house, again, AT + 2 * MINUTE)


def test_also_while_the_ring_is_rotated(house: House) -> None:
    found = house.signed_in()
    second = refresh(house, found, AT + MINUTE)
    again = refresh(house.with_ring("n" * 40, "k" * 40), found, AT + MINUTE + SECOND)
    assert again["refresh_token"] == second["refresh_token"]
    third = refresh(house.with_ring("n" * 40, "k" * 40), second, AT + 2 * MINUTE)
    assert refresh(house.with_ring("n" * 40, "k" * 40), third, AT + 3 * MINUTE)


def test_used_again_later_the_session_ends(house: House) -> None:
    found = house.signed_in()
    second = refresh(house, found, AT + MINUTE)
    assert refused(lambda: refresh(house, found, AT + MINUTE + AGAIN + SECOND)) == "signed_out"
    assert refused(lambda: refresh(house, second, AT + 2 * MINUTE)) == "signed_out"
    assert stored(found)["ended_at"] == AT + MINUTE + AGAIN + SECOND


def test_used_again_after_its_successor_the_session_ends_however_old_it_is(house: House) -> None:
    tokens = [house.signed_in()]
    for number in range(1, 6):
        tokens.append(refresh(house, tokens[-1], AT + number * SECOND))
    assert refused(lambda: refresh(house, tokens[1], AT + 6 * SECOND)) == "signed_out"
    assert refused(lambda: refresh(house, tokens[-1], AT + 7 * SECOND)) == "signed_out"


def test_a_token_that_was_never_ours_ends_nothing(house: House) -> None:
    found = house.signed_in()
    second = refresh(house, found, AT + MINUTE)
    _, session, number, secret = second["refresh_token"].split("_")
    for spoilt in (f"mhr_{session}_1_{'0' * 64}", f"mhr_{session}_{number}_{'0' * 64}", f"mhr_{session}_9_{secret}",
                   f"mhr_{session}_1_{secret}", f"mhr_{'0' * 32}_{number}_{secret}", second["refresh_token"] + "\n", "x",
                   second["access_token"]):
        assert refused(lambda text=spoilt: house.sessions.refresh(text, None, AT + 2 * MINUTE)) == "signed_out"
        house.sessions.end_by(spoilt, AT + 2 * MINUTE)
    assert refresh(house, second, AT + 2 * MINUTE)


def test_no_token_is_kept_as_it_is(house: House) -> None:
    found = refresh(house, house.signed_in(), AT + MINUTE)
    kept = str(stored(found))
    assert found["refresh_token"].split("_")[3] not in kept and found["access_token"] not in kept
    assert stored(found)["seed"] != stored(house.signed_in())["seed"], "who has the ring alone makes no token"


def test_a_session_ends_after_its_time(house: House) -> None:
    found = house.signed_in()
    end = AT + LASTS["person"]
    second = refresh(house, found, end - SECOND)
    assert refused(lambda: refresh(house, second, end)) == "signed_out"
    theirs = house.as_a_resident()
    assert theirs["refresh_until"] == "2056-03-31T08:00:00.000Z" and not theirs["second_factor"]


def test_signed_out_is_signed_out_and_once(house: House) -> None:
    found = house.signed_in()
    second = refresh(house, found, AT + MINUTE)
    for token in (found, second):
        house.sessions.end_by(token["refresh_token"], AT + 2 * MINUTE)
    assert refused(lambda: refresh(house, second, AT + 3 * MINUTE)) == "signed_out"
    kept = stored(found)
    assert (kept["ended_at"], kept["expires"]) == (AT + 2 * MINUTE, AT + 2 * MINUTE + REMEMBERED)
    [item] = [each for each in ended.ended(AT, AT + 3 * MINUTE)["items"] if each["kind"] == "session"]
    assert (item["id"], item["at"]) == (kept["_id"], "2056-03-01T08:02:00.000Z")


def test_a_refresh_while_signing_out_leaves_nothing_open(house: House) -> None:
    for _ in range(10):
        found = house.signed_in()
        at_once(6, lambda n, found=found: refresh(house, found, AT + MINUTE) if n else house.sessions.end_by(
            found["refresh_token"], AT + MINUTE))
        kept = stored(found)
        assert kept["ended_at"]
        newest = next(each for each in house.sessions._made(kept["_id"], kept["number"], kept["seed"]))
        assert refused(lambda text=str(newest): house.sessions.refresh(text, None, AT + 2 * MINUTE)) == "signed_out"


@pytest.mark.parametrize("meanwhile", ["signs out", "refreshes twice"])
def test_one_who_was_slow_to_write_undoes_nothing(house: House, monkeypatch: pytest.MonkeyPatch, meanwhile: str) -> None:
    found = house.signed_in()
    usual, others = house.sessions._rights, House()

    def slowly(account: str, at: datetime) -> Any:
        monkeypatch.setattr(house.sessions, "_rights", usual)
        if meanwhile == "signs out":
            others.sessions.end_by(found["refresh_token"], at)
        else:
            refresh(others, refresh(others, found, at), at)
        return usual(account, at)

    monkeypatch.setattr(house.sessions, "_rights", slowly)
    assert refused(lambda: refresh(house, found, AT + MINUTE)) == "signed_out"
    kept = stored(found)
    assert kept["ended_at"] == AT + MINUTE, "signed out, or the first token used after its successor was"
    assert kept["number"] == (1 if meanwhile == "signs out" else 3)


def test_no_token_outlives_the_term_that_it_speaks_for(house: House) -> None:
    midnight = datetime(2056, 3, 20, 20, 30, tzinfo=UTC)  # in Tehran
    house.held = [{**HEAD, "valid_to": "2056-03-21"}]
    found = house.signed_in(at=midnight - 2 * MINUTE)
    assert (found["expires_in"], claims(found, midnight)["exp"]) == (120, midnight.timestamp())
    as_resident = refresh(house, found, midnight - MINUTE, {"role": "resident", "place": PERSON})
    assert as_resident["expires_in"] == 300
    back = refresh(house, as_resident, midnight - SECOND, {"role": "agency", "place": "abfa"})
    assert back["expires_in"] == 1
    later = refresh(house, back, midnight)
    assert later["as"] == {"role": "resident", "place": PERSON}
    assert [right["role"] for right in later["rights"]] == ["resident"]
    assert refused(lambda: refresh(house, later, midnight + SECOND, {"role": "agency", "place": "abfa"})) == "not_your_right"


def test_a_term_cut_short_ends_with_the_next_refresh(house: House) -> None:
    found = house.signed_in()
    house.held = []
    assert refresh(house, found, AT + MINUTE)["as"]["role"] == "resident"


@pytest.fixture
def accounts(house: House, monkeypatch: pytest.MonkeyPatch) -> Accounts:
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=3, memory_cost=64, parallelism=1))
    return Accounts(RING, lambda function, *words: function(*words), house.seats_of)


def test_a_shut_account_has_no_session_and_an_opened_one_none_from_before(house: House, accounts: Accounts) -> None:
    found, other = house.signed_in(), house.signed_in()
    accounts.disable(PERSON, OPERATOR, AT + MINUTE)
    assert refused(lambda: refresh(house, found, AT + 2 * MINUTE)) == "signed_out"
    items = ended.ended(AT, AT + 2 * MINUTE)["items"]
    assert {(each["kind"], each["id"]) for each in items} == {
        ("account", ACCOUNT), ("session", stored(found)["_id"]), ("session", stored(other)["_id"])}
    assert refused(lambda: house.signed_in(at=AT + 3 * MINUTE)) == "signed_out"
    accounts.disable(PERSON, OPERATOR, AT + 4 * MINUTE, disabled=False)
    assert refused(lambda: refresh(house, other, AT + 5 * MINUTE)) == "signed_out"
    assert house.signed_in(at=AT + 5 * MINUTE)


@pytest.mark.parametrize("shut", [True, False], ids=["shut", "started anew"])
def test_killed_before_its_sessions_were_ended_none_is_good(house: House, shut: bool) -> None:
    found = house.signed_in()
    written = {"sessions_from": AT + MINUTE, **({"disabled_at": AT + MINUTE} if shut else {})}
    Account._get_collection().update_one({"_id": PERSON}, {"$set": written})
    assert ("account", ACCOUNT) in {(each["kind"], each["id"]) for each in ended.ended(AT, AT + 2 * MINUTE)["items"]}
    assert refused(lambda: refresh(house, found, AT + 2 * MINUTE)) == "signed_out"
    assert stored(found)["ended_at"], "whoever tried ended it"


def test_an_account_started_anew_ends_what_went_before(house: House, accounts: Accounts) -> None:
    found = house.signed_in()
    token = accounts.invite(PERSON, "zahra", OPERATOR, AT + MINUTE)["token"]
    assert refresh(house, found, AT + MINUTE), "an invitation alone ends nothing"
    accounts.accept(token, "چهار واژهٔ بی ربط", AT + 2 * MINUTE)
    assert stored(found)["ended_at"] == AT + 2 * MINUTE


def test_in_an_account_that_a_secretary_began_nobody_speaks_for_an_agency(house: House, accounts: Accounts) -> None:
    def asked(role: str) -> list[str]:
        Account._get_collection().update_one({"_id": PERSON}, {"$set": {"begun_by": role}})
        return [refresh(house, begun, AT + SECOND)["as"]["role"], house.signed_in()["as"]["role"]]

    begun = house.signed_in()
    assert asked("secretary") == ["reporter", "reporter"]
    assert refused(lambda: house.signed_in({"role": "agency", "place": "abfa"})) == "not_your_right"
    begun = house.signed_in()
    assert asked("operator") == ["reporter", "agency"]


def test_a_session_begun_while_the_account_is_shut_is_handed_to_nobody(house: House, accounts: Accounts) -> None:
    house.signed_in()
    for _ in range(10):
        Session._get_collection().delete_many({})
        Account._get_collection().update_one({"_id": PERSON}, {"$set": {"disabled_at": None, "sessions_from": AT - MINUTE}})
        at_once(4, lambda n: house.sessions.begin(ACCOUNT, None, AT) if n else accounts.disable(PERSON, OPERATOR, AT))
        assert Session._get_collection().count_documents({"ended_at": None}) == 0


def test_a_resident_is_the_same_by_every_spelling_and_nobody_else(house: House) -> None:
    found = house.as_a_resident("09121234567")
    said = claims(found)
    assert said["sub"] == f"resident:{said['place']}" and (said["role"], found["as"]) == (
        "resident", {"role": "resident", "place": said["place"]})
    assert claims(house.as_a_resident("+98 912 123 4567"))["sub"] == said["sub"]
    assert claims(house.as_a_resident("09121234568"))["sub"] != said["sub"]
    assert claims(house.as_a_resident("zahra@example.org"))["sub"] != said["sub"]
    assert refresh(house, found, AT + MINUTE)["as"] == found["as"]


def test_residents_who_come_at_once_for_the_first_time_are_one_whichever_key_is_first(house: House) -> None:
    rings = [Ring(["n" * 40, "k" * 40]), Ring(["k" * 40, "n" * 40])]
    [(one, times)] = at_once(20, lambda n: residents.resident_of(rings[n % 2], "09121234567", AT)).items()
    assert times == 20 and Resident._get_collection().count_documents({}) == 1
    assert residents.resident_of(Ring(["n" * 40]), "09121234567", AT) == one
    kept = str(Resident._get_collection().find_one())
    assert "9121234567" not in kept.replace(one, "")


def test_a_resident_who_was_erased_is_signed_out(house: House) -> None:
    found = house.as_a_resident()
    residents.forget([claims(found)["place"]])
    assert refused(lambda: refresh(house, found, AT + MINUTE)) == "signed_out"


def test_a_session_that_is_none_ends_without_a_word(house: House) -> None:
    sessions.end("0" * 32, AT)
    assert Session._get_collection().count_documents({}) == 0


def test_nothing_can_be_read_in_a_token_but_what_it_says(house: House) -> None:
    said = json.loads(base64.urlsafe_b64decode(house.as_a_resident()["access_token"].split(".")[1] + "=="))
    assert set(said) == {"iss", "aud", "sub", "sid", "role", "place", "iat", "exp", "jti"}


def test_what_ended_is_told_from_a_moment_on(house: House) -> None:
    first, second = house.signed_in(), house.signed_in()
    house.sessions.end_by(first["refresh_token"], AT + MINUTE)
    house.sessions.end_by(second["refresh_token"], AT + 3 * MINUTE)
    ids = {each["id"] for each in ended.ended(AT + 2 * MINUTE, AT + 4 * MINUTE)["items"]} - {ACCOUNT}
    assert ids == {stored(second)["_id"]}
    late = ended.ended(AT + MINUTE + ended.OVERLAP, AT + 4 * MINUTE)["items"]
    assert stored(first)["_id"] in {each["id"] for each in late}, "a write may be seen later than its time"
    long_ago = ended.ended(AT - timedelta(days=9), AT + MINUTE + ended.FARTHEST + ended.OVERLAP + SECOND)["items"]
    assert {each["id"] for each in long_ago} == {stored(second)["_id"]}
