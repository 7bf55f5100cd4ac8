"""The keys of access tokens: known before they sign, gone when nothing they signed is good, and at once if stolen."""
import subprocess
import sys
from datetime import datetime
from typing import Any

import jwt
import pytest

from chassis.ring import Ring, Unreadable
from services.registry.accounts import audit, signing
from services.registry.accounts.documents import Account, Resident, SigningKey
from services.registry.accounts.signing import AFTERWARDS, BEFORE_USE, DESTROYED_AFTER, NEW_EVERY
from services.registry.people.rekey import rekey
from tests.integration.signed_in import AT, MINUTE, RING, SECOND, House, at_once, claims, connected, refused


@pytest.fixture
def house(environment: dict[str, str]) -> House:
    connected(Account, Resident, SigningKey)
    return House()


def published(at: datetime) -> list[str]:
    return [key["kid"] for key in signing.published(at)]


def signs(at: datetime) -> str:
    return str(signing.current(RING, at)["_id"])


def keys() -> list[dict[str, Any]]:
    return list(SigningKey._get_collection().find().sort("number", 1))


def test_the_first_signs_at_once_and_is_one_however_many_ask(house: House) -> None:
    assert published(AT) == []
    assert len(at_once(20, lambda n: signs(AT))) == 1
    assert [key["number"] for key in keys()] == [1] and published(AT) == [signs(AT)]


def test_a_new_one_is_made_each_thirty_days_once_and_known_before_it_signs(house: House) -> None:
    signing.make_due(RING, AT)
    old = signs(AT)
    due = AT + NEW_EVERY
    signing.make_due(RING, due - SECOND)
    assert len(keys()) == 1
    at_once(10, lambda n: signing.make_due(RING, due))
    assert [key["number"] for key in keys()] == [1, 2]
    new = keys()[1]["_id"]
    assert published(due) == [old, new] and signs(due + BEFORE_USE - SECOND) == old
    assert signs(due + BEFORE_USE) == new


def test_an_old_one_is_published_until_nothing_it_signed_is_good_and_then_destroyed(house: House) -> None:
    signing.make_due(RING, AT)
    old, begins = signs(AT), AT + NEW_EVERY + BEFORE_USE
    signing.make_due(RING, AT + NEW_EVERY)
    found = house.signed_in(at=begins - SECOND)
    assert jwt.get_unverified_header(found["access_token"])["kid"] == old
    assert claims(found, begins + 5 * MINUTE) and old in published(begins + AFTERWARDS - SECOND)
    assert old not in published(begins + AFTERWARDS)
    signing.make_due(RING, begins + DESTROYED_AFTER - SECOND)
    assert keys()[0]["_id"] == old
    late = begins + DESTROYED_AFTER
    signing.make_due(RING, late)
    assert [key["_id"] for key in keys()] == [signs(late)] == published(late)


def test_a_new_one_on_demand_signs_at_once(house: House) -> None:
    old = signs(AT)
    new = signing.renew(RING, AT + MINUTE)
    assert signs(AT + MINUTE) == new != old and set(published(AT + MINUTE)) == {old, new}
    later = at_once(5, lambda n: signing.renew(RING, AT + 2 * MINUTE))
    assert signs(AT + 2 * MINUTE) in later


def test_while_the_next_waits_a_new_one_on_demand_goes_before_it(house: House) -> None:
    signing.make_due(RING, AT)
    due = AT + NEW_EVERY
    signing.make_due(RING, due)
    new = signing.renew(RING, due + MINUTE)
    assert signs(due + MINUTE) == signs(due + BEFORE_USE + MINUTE) == new


def test_a_stolen_one_is_good_for_nothing_at_once(house: House) -> None:
    stolen = signs(AT)
    found = house.signed_in()
    signing.retire(RING, stolen, AT + MINUTE)
    assert stolen not in published(AT + MINUTE) and signs(AT + MINUTE) != stolen
    with pytest.raises(ValueError, match="unpack"):
        claims(found, AT + MINUTE)
    [kept] = [key for key in keys() if key["_id"] == stolen]
    assert "sealed" not in kept, "what could sign is destroyed"
    signing.retire(RING, stolen, AT + 2 * MINUTE)
    assert len(keys()) == 2
    assert refused(lambda: signing.retire(RING, "unknown", AT)) == "not_found"
    assert house.sessions.refresh(found["refresh_token"], None, AT + MINUTE)


def test_when_one_is_stolen_the_one_that_waits_signs_before_its_time(house: House) -> None:
    signing.make_due(RING, AT)
    due = AT + NEW_EVERY
    signing.make_due(RING, due)
    signing.retire(RING, keys()[0]["_id"], due + MINUTE)
    assert signs(due + MINUTE) == keys()[1]["_id"] and len(keys()) == 2


def test_killed_after_making_one_the_next_who_comes_takes_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def died(*given: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(audit, "settle", died)
        signs(AT)
    assert signs(AT) == keys()[0]["_id"] and len(keys()) == 1
    audit.settle_cut_off()
    [entry] = audit.page({"deed": "signing_key_made"})["items"]
    assert entry["of"] == f"signing-key:{signs(AT)}"


def test_the_private_part_is_sealed_and_sealed_anew(house: House) -> None:
    kid, told = signs(AT), house.as_a_resident()
    assert "PRIVATE" not in str(keys()) and "d" not in keys()[0]["public"]
    assert rekey(Ring(["n" * 40, "k" * 40])) == 2, "the key and the resident"
    only_new = House(Ring(["n" * 40]))
    assert claims(only_new.as_a_resident())["sub"] == claims(told)["sub"]
    assert signing.current(only_new.ring, AT)["_id"] == kid
    with pytest.raises(Unreadable):
        signing.private(Ring(["x" * 40]), keys()[0])


def test_by_command_a_key_is_renewed_and_retired(house: House, environment: dict[str, str]) -> None:
    def command(*words: str) -> str:
        done = subprocess.run([sys.executable, "-m", "services.registry.accounts.signing", *words], text=True,
                              env={**environment, "PATH": ""}, capture_output=True)
        return done.stdout if done.returncode == 0 else f"{done.returncode} {done.stderr}"

    first = command("new").split()[1]
    second = command("new").split()[1]
    assert [key["_id"] for key in keys()] == [first, second]
    assert command("retire", second) == f"signing: {first} signs from now on\n"
    assert command("retire").startswith("2 signing: python -m")
    assert command("retire", "nope").startswith("1 signing: there is no key nope."), "one line, and no traceback"
