"""Whoever is erased leaves nothing, wherever it was cut off; and gateways hear of what they had."""
from collections.abc import Callable
from typing import Any

import pytest

from chassis.caller import Caller
from services.registry.accounts import codes, ended, forgetting, keys, residents
from services.registry.accounts.documents import (
    Account,
    ApiKey,
    AuditEntry,
    Ended,
    OneTimeCode,
    Resident,
    Session,
    SigningKey,
)
from tests.integration.signed_in import ACCOUNT, AT, PERSON, RING, House, claims, connected

PHONE, MAIL, OTHERS = "09121234567", "zahra@example.org", "09120000000"
STEPS: list[tuple[Any, str]] = [
    (ended, "remember"), (keys, "forget_owner"), (codes, "forget"), (residents, "forget"), (forgetting.sessions, "forget"),
    (forgetting.tries, "forget")]


@pytest.fixture
def house(environment: dict[str, str]) -> House:
    connected(Account, Resident, SigningKey)
    return House()


@pytest.fixture
def full(house: House) -> dict[str, Any]:
    """Everything that a person may have, and something of somebody else; the ids that gateways know."""
    found = [house.signed_in(), house.as_a_resident(PHONE), house.as_a_resident(MAIL)]
    codes.request_code(RING, PHONE, AT)
    asked = {"name": "n", "role": "agency", "subject": "abfa", "scopes": ["tasks:read"]}
    mine, theirs = (keys.make_key({**asked, "owner": owner}, Caller("operator"), AT, lambda role, subject: ())["id"]
                    for owner in (ACCOUNT, "agency:abfa"))
    house.as_a_resident(OTHERS)
    codes.request_code(RING, OTHERS, AT)
    return {"accounts": {claims(each)["sub"] for each in found}, "key": mine, "theirs": theirs}


def forget() -> None:
    forgetting.forget(RING, PERSON, [PHONE, None, "no address", MAIL])


def left() -> dict[str, int]:
    return {document.__name__: document._get_collection().count_documents({}) for document in (
        Account, ApiKey, OneTimeCode, Resident, Session)}


def heard() -> set[tuple[str, str]]:
    return {tuple(found["_id"].split(":", 1)) for found in Ended._get_collection().find()}


def test_nothing_is_left_but_what_is_others_and_gateways_hear_of_it(full: dict[str, Any]) -> None:
    for _ in range(2):
        forget()
        assert left() == {"Account": 0, "ApiKey": 1, "OneTimeCode": 1, "Resident": 1, "Session": 1}
    assert heard() == {*(("account", account) for account in full["accounts"]), ("key", full["key"])}
    kept = str(list(AuditEntry._get_collection().find()))
    assert PHONE[1:] not in kept and MAIL not in kept


@pytest.mark.parametrize(("module", "step"), STEPS, ids=[f"{module.__name__}.{step}" for module, step in STEPS])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_cut_off_anywhere_it_is_done_again_and_gateways_hear_of_all(
        full: dict[str, Any], monkeypatch: pytest.MonkeyPatch, module: Any, step: str, after: bool) -> None:
    does: Callable[..., Any] = getattr(module, step)

    def died(*given: Any) -> None:
        if after:
            does(*given)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(module, step, died)
        forget()
    forget()
    assert left() == {"Account": 0, "ApiKey": 1, "OneTimeCode": 1, "Resident": 1, "Session": 1}
    assert heard() == {*(("account", account) for account in full["accounts"]), ("key", full["key"])}
