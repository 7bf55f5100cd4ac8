"""Who did what: written with the deed itself, by everything that is done, without a secret; and told page by page."""
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from argon2 import PasswordHasher

from chassis.caller import Caller
from chassis.paging import cursor_of
from contracts.errors import Malformed, Problem
from services.registry.accounts import audit, keys, passwords, sessions, signing, tries, use_cases
from services.registry.accounts.documents import (
    AUDITED,
    DOCUMENTS,
    Account,
    ApiKey,
    AuditEntry,
    CodeCount,
    Ended,
    OneTimeCode,
    Resident,
    Session,
    SigningKey,
)
from tests.integration.signed_in import ACCOUNT, AT, MINUTE, PERSON, RING, SECOND, House, connected, stored

PASSWORD = "چهار واژهٔ بی ربط"
OPERATOR = Caller("operator", "", "person:operator")
Accounts = use_cases.Accounts


@pytest.fixture
def house(environment: dict[str, str]) -> House:
    connected(Account, Resident, SigningKey)
    return House()


@pytest.fixture
def accounts(house: House, monkeypatch: pytest.MonkeyPatch) -> Accounts:
    monkeypatch.setattr(passwords, "MEMORY", 64)
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=3, memory_cost=64, parallelism=1))
    return Accounts(RING, lambda function, *words: function(*words), house.seats_of)


def told(**query: str) -> list[tuple[str, str, str]]:
    """Oldest first, without signing keys: the deed, of whom, and by which account."""
    return [(each["deed"], each["of"], each["account"]) for each in reversed(audit.page(query)["items"])
            if not each["deed"].startswith("signing")]


def with_a_telephone(accounts: Accounts) -> str:
    """An account that was invited, taken up and given a second factor; its secret."""
    accounts.accept(accounts.invite(PERSON, "zahra", OPERATOR, AT)["token"], PASSWORD, AT + SECOND)
    secret = str(accounts.begin_totp(PERSON, PASSWORD, None, AT + 2 * SECOND)["secret"])
    accounts.confirm_totp(PERSON, pyotp.TOTP(secret).at(AT + 3 * SECOND), AT + 3 * SECOND)
    return secret


def test_everything_that_is_done_is_told_once(house: House, accounts: Accounts) -> None:
    with_a_telephone(accounts)
    found = house.sessions.begin(ACCOUNT, None, AT + 4 * SECOND)
    for _ in range(2):
        house.sessions.end_by(found["refresh_token"], AT + 5 * SECOND)
    for shut in (True, False):
        accounts.disable(PERSON, OPERATOR, AT + 6 * SECOND, shut)
    made = keys.make_key({"name": "n", "owner": "agency:a", "role": "agency", "subject": "a", "scopes": ["tasks:read"]},
                         OPERATOR, AT + 7 * SECOND, lambda role, subject: ())
    for _ in range(2):
        keys.revoke(made["id"], OPERATOR, AT + 8 * SECOND, lambda role, subject: ())
    by, key = "person:operator", f"key:{made['id']}"
    assert sorted(told()) == sorted([
        ("invited", ACCOUNT, by), ("invitation_accepted", ACCOUNT, ACCOUNT), ("second_factor_set", ACCOUNT, ACCOUNT),
        ("signed_in", ACCOUNT, ACCOUNT), ("signed_out", ACCOUNT, ACCOUNT), ("account_shut", ACCOUNT, by),
        ("account_opened", ACCOUNT, by), ("key_made", key, by), ("key_revoked", key, by)])
    assert audit.page({"deed": "key_made"})["items"][0]["why"] == "agency:a"
    with pytest.raises(Malformed, match="bad_deed"):
        audit.page({"deed": "key-made"})


def test_a_locked_name_is_told_once_for_each_lock_and_of_whom(accounts: Accounts) -> None:
    with_a_telephone(accounts)
    for login in ("zahra", "nobody"):
        for number in range(tries.FREE + 3):
            with pytest.raises(Problem):
                accounts.sign_in(login, "a wrong one, always", "123456", AT + MINUTE + number * SECOND)
    audit.settle_cut_off()
    assert sorted(told(deed="locked")) == [("locked", "", ""), ("locked", ACCOUNT, "")]


def test_used_twice_a_refresh_token_is_told_with_why(house: House) -> None:
    found = house.signed_in()
    house.sessions.refresh(found["refresh_token"], None, AT + MINUTE)
    with pytest.raises(Problem):
        house.sessions.refresh(found["refresh_token"], None, AT + 2 * MINUTE)
    [entry] = audit.page({"deed": "signed_out"})["items"]
    assert (entry["of"], entry["why"]) == (ACCOUNT, "a refresh token was used again")


def test_nothing_that_was_typed_or_opens_anything_is_in_it(house: House, accounts: Accounts) -> None:
    secret = with_a_telephone(accounts)
    found = house.as_a_resident("09121234567")
    with pytest.raises(Problem):
        accounts.sign_in("zahra", "typed wrongly", "123456", AT + MINUTE)
    kept = str(list(AuditEntry._get_collection().find()))
    for private in ("zahra", PASSWORD, secret, "9121234567", "typed wrongly", found["refresh_token"].split("_")[3]):
        assert private not in kept


DEEDS: list[Callable[[House, Accounts], Any]] = [
    lambda house, accounts: accounts.invite(PERSON, "zahra", OPERATOR, AT),
    lambda house, accounts: accounts.disable(PERSON, OPERATOR, AT),
    lambda house, accounts: house.sessions.begin(ACCOUNT, None, AT),
    lambda house, accounts: sessions.end_all(ACCOUNT, AT, "x"),
    lambda house, accounts: keys.give_key("operator"),
    lambda house, accounts: signing.renew(RING, AT)]


@pytest.mark.parametrize("number", range(len(DEEDS)))
def test_killed_right_after_the_deed_it_is_told_all_the_same(
        house: House, accounts: Accounts, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def died(*given: Any) -> None:
        raise KeyboardInterrupt

    house.signed_in()
    before = len(audit.page({})["items"])
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(audit, "settle", died)
        DEEDS[number](house, accounts)
    assert len(audit.page({})["items"]) == before
    for _ in range(2):
        audit.settle_cut_off()
    assert len(audit.page({})["items"]) == before + 1
    assert not [found for document in AUDITED for found in document._get_collection().find({"audit.id": {"$exists": True}})]


def test_killed_between_carrying_and_taking_out_it_is_told_once(house: House) -> None:
    found = house.signed_in()
    entry = audit.entry("signed_out", AT, of=ACCOUNT)
    Session._get_collection().update_one({}, {"$push": {"audit": entry}})
    AuditEntry._get_collection().insert_one({"_id": entry["id"], **{name: entry[name] for name in entry if name != "id"}})
    audit.settle_cut_off()
    assert [each["id"] for each in audit.page({"deed": "signed_out"})["items"]] == [entry["id"]]
    assert stored(found)["audit"] == []


def test_it_is_told_page_by_page_newest_first(house: House) -> None:
    for number in range(5):
        house.signed_in(at=AT + number * MINUTE)
    first = audit.page({"limit": "2", "of": ACCOUNT})
    second = audit.page({"limit": "2", "of": ACCOUNT, "cursor": first["next_cursor"]})
    last = audit.page({"limit": "2", "of": ACCOUNT, "cursor": second["next_cursor"]})
    times = [each["at"] for page in (first, second, last) for each in page["items"]]
    assert times == sorted(times, reverse=True) and len(times) == 5 and last["next_cursor"] is None
    for wrong in ({"limit": "0"}, {"cursor": cursor_of("a", "b")}):
        with pytest.raises(Malformed):
            audit.page(wrong)


def test_of_one_account_and_of_what_it_did(house: House, accounts: Accounts) -> None:
    accounts.invite(PERSON, "zahra", OPERATOR, AT)
    assert told(account="person:operator") == [("invited", ACCOUNT, "person:operator")]
    assert told(of="person:operator") == []


QUERIES: list[tuple[Any, dict[str, Any]]] = [
    (Session, {"account": "x", "ended_at": None}), (Session, {"ended_at": {"$gte": AT}}),
    (Account, {"sessions_from": {"$gte": AT}}), (ApiKey, {"revoked_at": {"$gte": AT}}), (ApiKey, {"owner": {"$in": ["x"]}}),
    (Ended, {"noted": {"$gte": AT}}), (OneTimeCode, {"asking": "x", "until": {"$gt": AT}}),
    (OneTimeCode, {"until": {"$lte": AT}}), (Resident, {"marks": {"$in": ["x"]}}), (Resident, {"key": {"$ne": "x"}}),
    *((AuditEntry, {name: "x", "_id": {"$lt": "x"}}) for name in audit.FILTERS),
    *((document, {"audit.id": {"$exists": True}}) for document in AUDITED)]


def test_every_query_has_its_index_and_what_lapses_is_removed_by_the_database(house: House) -> None:
    for document in DOCUMENTS:
        document.ensure_indexes()
    AuditEntry._get_collection().insert_many(
        {"_id": f"a{number}", "deed": "y", "of": "y", "account": "y"} for number in range(200))
    for document, query in QUERIES:
        found = document._get_collection().find(query)
        plan = (found.sort("_id", -1) if document is AuditEntry else found).explain()
        used = str(plan["queryPlanner"]["winningPlan"])
        assert "IXSCAN" in used and "'indexName': '_id_'" not in used, (document, query)
    for document in (Session, Ended, AuditEntry, OneTimeCode, CodeCount):
        known = document._get_collection().index_information().values()
        assert [each for each in known if "expireAfterSeconds" in each], document
