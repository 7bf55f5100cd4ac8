"""Keys of programs and one-time codes of residents in a real database: kept as nothing that could be used, used once."""
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.caller import Caller
from chassis.clock import now
from chassis.logs import masked
from chassis.ring import Ring
from contracts import policy
from contracts.errors import Invalid, NotAllowed, NotFound, Unauthenticated
from services.registry.accounts import allowance, codes, giving, keys
from services.registry.accounts.documents import DOCUMENTS, Account, ApiKey, OneTimeCode, Tries
from tests.integration.signed_in import at_once, connected

AT = datetime(2056, 3, 1, 8, 0, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
PERSON = "0b9c3f0e-7c1d-4d4b-9a55-0a1b2c3d4e5f"
SECRETARY, OPERATOR = Caller("secretary", "alborz"), Caller("operator")
OLD, RING = Ring(["old key " * 5]), Ring(["new key " * 5])
PHONE = "09121234567"


@pytest.fixture(autouse=True)
def registry(environment: dict[str, str]) -> None:
    connected(Account, ApiKey, OneTimeCode, Tries)


def nobody_sits(person: str, day: str) -> list[dict[str, Any]]:
    return []


def places_of(role: str, subject: str) -> list[str]:
    """abfa and gaz are agencies of alborz, and karaj lies in it."""
    return ["alborz", "karaj"] if subject in ("abfa", "gaz", "karaj") else [subject]


def make(by: Caller = OPERATOR, at: datetime = AT, **given: Any) -> dict[str, Any]:
    return keys.make_key({"name": "their program", "owner": "agency:abfa", "role": "agency", "subject": "abfa",
                          "scopes": ["tasks:read", "tasks:move"], **given}, by, at, places_of)


def check(text: str, at: datetime = AT, seats_of: Any = nobody_sits) -> keys.Keyholder:
    return keys.check_key(text, at, seats_of)


def refused(text: str, at: datetime = AT, seats_of: Any = nobody_sits) -> bool:
    try:
        check(text, at, seats_of)
    except Unauthenticated as problem:
        assert problem.code == "key_refused"
        return True
    return False


def test_a_key_says_whose_it_is_and_what_for() -> None:
    made = make()
    found = check(made["key"])
    assert (found.role, found.subject, found.scopes, found.until) == (
        "agency", "abfa", ("tasks:read", "tasks:move"), AT + keys.ORDINARY)
    assert keys.KEY.match(made["key"])


def test_a_key_is_masked_in_logs() -> None:
    assert masked(f"sent {make()['key']} away") == "sent … away"


def test_what_is_kept_and_listed_holds_no_secret() -> None:
    secret = make()["key"].split("_", 2)[2]
    [kept] = ApiKey._get_collection().find()
    listed = keys.list_keys({}, OPERATOR, places_of)
    assert secret not in str(kept) and secret not in str(listed)
    assert kept["hash"] not in str(listed) and "key" not in listed["items"][0]


@pytest.mark.parametrize("spoil", [
    lambda key: key[:-1] + ("A" if key[-1] != "A" else "B"), lambda key: key + "A", lambda key: key + "\n", lambda key: "",
    lambda key: key[:4] + "0" * 16 + key[20:], lambda key: key.replace("mhl", "abc"),
    lambda key: key[:21], lambda key: "agency.abfa." + "0" * 40])
def test_any_other_key_is_refused(spoil: Callable[[str], str]) -> None:
    assert refused(spoil(make()["key"]))


def test_a_key_is_good_from_its_first_moment_to_before_its_last() -> None:
    key = make(valid_from=AT + DAY, valid_to=AT + 2 * DAY)["key"]
    tick = timedelta(milliseconds=1)
    assert [refused(key, at) for at in (AT, AT + DAY - tick, AT + DAY, AT + 2 * DAY - tick, AT + 2 * DAY)] == [
        True, True, False, False, True]


@pytest.mark.parametrize("given", [{"valid_to": AT}, {"valid_to": AT - DAY}, {"valid_to": AT + keys.LONGEST + MINUTE},
                                   {"valid_from": AT + 3 * DAY, "valid_to": AT + 2 * DAY},
                                   {"valid_from": AT + 400 * DAY}])
def test_a_key_without_a_sensible_end_is_not_made(given: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        make(**given)
    assert ApiKey._get_collection().count_documents({}) == 0


def test_a_revoked_key_is_refused_at_once_and_says_when_it_was() -> None:
    made, other = make(), make()
    assert keys.revoke(made["id"], OPERATOR, AT, places_of)["revoked_at"] == "2056-03-01T08:00:00.000Z"
    assert keys.revoke(made["id"], OPERATOR, AT + DAY, places_of)["revoked_at"] == "2056-03-01T08:00:00.000Z"
    assert refused(made["key"]) and not refused(other["key"])
    with pytest.raises(NotFound):
        keys.revoke("0" * 16, OPERATOR, AT, places_of)


def test_rotating_is_a_second_key_beside_the_first() -> None:
    first = make()
    second = make(at=AT + DAY)
    assert not refused(first["key"], AT + DAY) and not refused(second["key"], AT + DAY)
    keys.revoke(first["id"], OPERATOR, AT + DAY, places_of)
    assert refused(first["key"], AT + DAY) and not refused(second["key"], AT + DAY)


@pytest.mark.parametrize(("role", "subject"), [
    ("operator", ""), ("secretary", "tehran"), ("secretary", ""), ("agency", "abfa-of-tehran"), ("reporter", "tehran"),
    ("case_worker", "karaj"), ("agency", "abfa")])
def test_a_secretary_gives_and_revokes_no_key_above_their_own(role: str, subject: str) -> None:
    with pytest.raises(NotAllowed):
        make(SECRETARY, role=role, subject=subject, scopes=["issues:read"])
    made = make(OPERATOR, role=role, subject=subject, scopes=["issues:read"])
    with pytest.raises(NotAllowed):
        keys.revoke(made["id"], SECRETARY, AT, places_of)
    assert not refused(made["key"])


def test_a_secretary_gives_keys_of_programs_and_their_own() -> None:
    for role, subject in (("resident", "app"), ("secretary", "alborz"), ("secretary", "karaj"), ("reporter", "karaj"),
                          ("neighbourhood_manager", "karaj")):
        assert check(make(SECRETARY, role=role, subject=subject, scopes=["issues:read"])["key"]).role == role


@pytest.mark.parametrize(("role", "scopes"), [
    ("agency", ["tasks:move", "issues:decide"]), ("agency", ["platform:serve"]), ("operator", ["cases:read"]),
    ("resident", ["tasks:mov"]), ("case_worker", ["keys:write"])])
def test_a_key_is_given_no_scope_that_its_role_has_not(role: str, scopes: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        make(OPERATOR, role=role, scopes=scopes)
    assert [error["pointer"] for error in refused.value.errors] == [f"/scopes/{len(scopes) - 1}"]


def test_a_key_of_one_agency_or_place_names_it() -> None:
    for role in giving.OF_ONE:
        with pytest.raises(Invalid):
            make(OPERATOR, role=role, subject="", scopes=["issues:read"])
    assert make(OPERATOR, role="secretary", subject="", scopes=["issues:read"])


@pytest.mark.parametrize("role", giving.GIVEN)
def test_a_key_by_command_is_for_all_that_its_role_may(role: str) -> None:
    found = keys.check_key(keys.give_key(role, "karaj"), now(), nobody_sits)
    assert (found.role, found.subject) == (role, "karaj")
    assert {deed for deed in policy.RULES if policy.allowed(role, deed)} == {*found.scopes, *policy.UNSCOPED}


def test_a_persons_key_is_good_while_they_hold_the_seat_and_the_account() -> None:
    def sits(person: str, day: str) -> list[dict[str, Any]]:
        return [{"role": "head", "agency": "abfa", "valid_from": "2055-03-21", "valid_to": "2056-03-21"}]

    key = make(owner=f"person:{PERSON}")["key"]
    assert refused(key, seats_of=sits), "no account"
    Account._get_collection().insert_one({"_id": PERSON, "login_folded": "z"})
    assert not refused(key, seats_of=sits)
    assert refused(key, datetime(2056, 3, 20, 20, 30, tzinfo=UTC), sits), "the day the term ends"
    assert refused(key, seats_of=nobody_sits)
    Account._get_collection().update_one({"_id": PERSON}, {"$set": {"disabled_at": AT}})
    assert refused(key, seats_of=sits)


def test_when_a_key_was_used_last_is_written_once_a_minute() -> None:
    made = make()

    def used() -> Any:
        return (ApiKey._get_collection().find_one({"_id": made["id"]}) or {}).get("last_used")

    seen = []
    for seconds in (0, 1, 59, 60, 61):
        check(made["key"], AT + timedelta(seconds=seconds))
        seen.append((used() - AT).total_seconds())
    assert seen == [0, 0, 0, 60, 60]


def test_keys_are_listed_by_owner_and_page_by_page() -> None:
    made = {make()["id"] for _ in range(5)} | {make(owner="agency:gaz")["id"]}
    first = keys.list_keys({"limit": "4"}, OPERATOR, places_of)
    rest = keys.list_keys({"limit": "4", "cursor": first["next_cursor"]}, OPERATOR, places_of)
    assert [len(first["items"]), len(rest["items"]), rest["next_cursor"]] == [4, 2, None]
    assert {key["id"] for key in first["items"] + rest["items"]} == made
    assert [key["owner"] for key in keys.list_keys({"owner": "agency:gaz"}, OPERATOR, places_of)["items"]] == ["agency:gaz"]


def requested(address: str, at: datetime = AT) -> str:
    """A code that was asked for, as it stands in its letter."""
    found = codes.letter(RING, str(codes.request_code(RING, address, at)), at)
    assert found["address"] == codes.spelled(address)
    return str(found["code"])


def test_a_secretary_is_shown_the_keys_of_their_own_place() -> None:
    mine = [make(OPERATOR, role=role, subject=subject, scopes=["issues:read"])["id"] for role, subject in (
        ("reporter", "karaj"), ("secretary", "karaj"), ("resident", "app"))]
    for role, subject in (("agency", "abfa"), ("secretary", "tehran"), ("operator", ""), ("case_worker", "karaj")):
        make(OPERATOR, role=role, subject=subject, scopes=["issues:read"])
    assert {key["id"] for key in keys.list_keys({}, SECRETARY, places_of)["items"]} == set(mine)
    assert len(keys.list_keys({}, OPERATOR, places_of)["items"]) == 7


def test_a_key_that_was_given_less_than_its_role_gives_nothing_that_it_lacks() -> None:
    narrow = Caller("operator", "", "key:x", frozenset({"keys:write", "people:read"}))
    with pytest.raises(NotAllowed):
        make(narrow, role="operator", subject="", scopes=["keys:write", "people:write"])
    with pytest.raises(NotAllowed):
        make(narrow, role="secretary", subject="", scopes=["issues:decide"])
    assert make(narrow, role="operator", subject="", scopes=["people:read"])
    whole = Caller("operator", "", "key:y", frozenset(giving.scopes_of("operator")))
    assert make(whole, role="agency", subject="abfa")


def wrong(address: str, code: str, at: datetime = AT, ring: Ring = RING) -> bool:
    try:
        codes.check_code(ring, address, code, at)
    except Unauthenticated as problem:
        assert problem.code == "code_refused"
        return True
    return False


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def test_a_code_is_right_once_however_it_is_typed() -> None:
    code = requested(PHONE)
    assert len(code) == 6 and code.isdecimal()
    assert not wrong("+98 912 123 4567", code.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")))
    assert wrong(PHONE, code)


def test_a_code_used_by_many_at_once_is_right_for_one() -> None:
    code = requested(PHONE)
    assert at_once(5, lambda n: codes.check_code(RING, PHONE, code, AT)) == {"None": 1, "code_refused": 4}


def test_neither_code_nor_address_is_kept() -> None:
    code = requested(PHONE)
    [kept] = OneTimeCode._get_collection().find()
    assert PHONE[1:] not in str(kept) and code not in [str(value) for value in kept.values()]


def test_a_code_is_good_for_five_minutes() -> None:
    code = requested(PHONE)
    assert wrong(PHONE, code, AT + codes.GOOD)
    assert not wrong(PHONE, code, AT + codes.GOOD - timedelta(seconds=1))


def test_while_a_code_is_good_no_other_takes_its_place() -> None:
    code = requested(PHONE)
    for at in (AT, AT + codes.GOOD - codes.LEFT - timedelta(seconds=1)):
        assert codes.request_code(RING, PHONE, at) is None
    assert not wrong(PHONE, code)
    assert requested(PHONE), "that was used, so there is none"


def test_in_the_last_minute_of_a_code_a_new_one_takes_its_place() -> None:
    late = AT + codes.GOOD - codes.LEFT
    old, new = requested(PHONE), requested(PHONE, late)
    assert old == new or wrong(PHONE, old, late)
    assert not wrong(PHONE, new, late)


def test_of_many_who_ask_at_once_one_is_sent_a_code() -> None:
    assert at_once(8, lambda n: codes.request_code(RING, PHONE, AT) is not None) == {"True": 1, "False": 7}
    assert len((OneTimeCode._get_collection().find_one() or {})["outbox"]) == 1


def test_five_tries_and_no_more_however_many_come_at_once() -> None:
    code = requested(PHONE)
    assert at_once(20, lambda n: codes.check_code(RING, PHONE, other_than(code), AT)) == {"code_refused": 20}
    assert len((OneTimeCode._get_collection().find_one() or {})["tried"]) == codes.TRIES
    assert wrong(PHONE, code), "the right one comes too late"


def test_the_fifth_try_may_still_be_right() -> None:
    code = requested(PHONE)
    assert [wrong(PHONE, each) for each in [other_than(code)] * 4 + [code]] == [True] * 4 + [False]


def test_an_address_that_never_asked_is_answered_as_a_wrong_code() -> None:
    assert wrong("zahra@example.org", "123456")
    assert OneTimeCode._get_collection().count_documents({}) == 0


def test_a_code_is_no_good_for_another_address() -> None:
    code = requested(PHONE)
    codes.request_code(RING, "zahra@example.org", AT)
    assert wrong("zahra@example.org", code) or code == "000000"
    assert not wrong(PHONE, code)


def test_a_code_outlives_a_change_of_keys() -> None:
    code = codes.letter(OLD, str(codes.request_code(OLD, PHONE, AT)), AT)["code"]
    both = Ring(["new key " * 5, "old key " * 5])
    assert not wrong(PHONE, code, ring=both)
    codes.request_code(OLD, PHONE, AT)
    codes.request_code(both, PHONE, AT)
    assert OneTimeCode._get_collection().count_documents({}) == 1


def test_what_expires_is_removed_by_the_database_and_every_query_has_its_index() -> None:
    documents: list[Any] = DOCUMENTS
    indexes = {document._get_collection().name: document._get_collection().index_information() for document in documents}
    for name in ("one_time_codes", "sign_in_tries"):
        assert [index["expireAfterSeconds"] for index in indexes[name].values() if "expireAfterSeconds" in index] == [0]
    codes.request_code(RING, PHONE, AT)
    assert (OneTimeCode._get_collection().find_one() or {})["expires"] == AT + allowance.DAY
    used = [Account._get_collection().find(query).explain()["queryPlanner"]["winningPlan"]["inputStage"]["stage"]
            for query in ({"login_folded": "x"}, {"invitation.hash": "x", "invitation.until": {"$gt": AT}})]
    used.append(ApiKey._get_collection().find({"owner": "x", "_id": {"$gt": ""}}).sort("_id", 1).explain()[
        "queryPlanner"]["winningPlan"]["inputStage"]["stage"])
    assert used == ["IXSCAN"] * 3
