"""How many codes are sent: what a stranger asks for or tries keeps nobody out, and the bill has an end."""
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from contracts.errors import TooMany, Unauthenticated
from services.registry.accounts import allowance, codes
from services.registry.accounts.documents import CodeCount, OneTimeCode
from tests.integration.signed_in import AT, MINUTE, RING, at_once, connected

PHONE, MAIL, MINE, STRANGE = "09121234567", "zahra@example.org", "192.0.2.1", "198.51.100.7"
HOUR, DAY = allowance.HOUR, allowance.DAY


@pytest.fixture(autouse=True)
def registry(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Eight codes to one address a day, ten for one network an hour, twelve to telephones an hour."""
    connected(OneTimeCode, CodeCount)
    for name, most in (("DAY", 8), ("NETWORK", 10), ("HOUR", 12)):
        monkeypatch.setenv(f"MAHALLE_CODES_EACH_{name}", str(most))
    allowance.allowance.cache_clear()
    yield
    allowance.allowance.cache_clear()


def request(address: str = PHONE, at: Any = AT, network: str = MINE) -> str | None:
    return codes.request_code(RING, address, at, network=network)


def sent(address: str = PHONE, at: Any = AT, network: str = MINE) -> str:
    """The code that was sent."""
    return str(codes.letter(RING, str(request(address, at, network)), at)["code"])


def refused(address: str = PHONE, at: Any = AT, network: str = MINE) -> int:
    """When to come back, in seconds."""
    with pytest.raises(TooMany) as problem:
        request(address, at, network)
    assert problem.value.code == "too_many_codes"
    return problem.value.retry_after or 0


def is_in(code: str, address: str = PHONE, at: Any = AT, network: str = MINE) -> bool:
    try:
        codes.check_code(RING, address, code, at, network)
    except Unauthenticated:
        return False
    return True


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def phones(count: int, begin: int = 0) -> list[str]:
    return [f"0912000{number:04d}" for number in range(begin, begin + count)]


def test_what_a_stranger_asked_for_lets_its_owner_in() -> None:
    code = sent(network=STRANGE)
    assert request() is None, "it lies in the owner's telephone"
    assert is_in(code)


def test_a_stranger_uses_up_what_is_theirs_of_an_address_and_nothing_of_its_owners() -> None:
    times = [AT + n * codes.GOOD for n in range(allowance.EACH + 1)]
    for at in times[:-1]:
        assert request(at=at, network=STRANGE)
    assert refused(at=times[-1], network=STRANGE) == (AT + DAY - times[-1]).total_seconds() + 1
    assert is_in(sent(at=times[-1]), at=times[-1])
    assert request(at=times[-1] + MINUTE, network=STRANGE), "the owner has come: what was sent before was not for nothing"


def test_an_address_has_no_more_than_some_a_day_whoever_asks() -> None:
    times = [AT + n * codes.GOOD for n in range(9)]
    for number, at in enumerate(times[:-1]):
        assert request(at=at, network=f"192.0.2.{number}")
    assert refused(at=times[-1]) == (AT + DAY - times[-1]).total_seconds() + 1
    assert request(at=AT + DAY + timedelta(seconds=1)) and request(MAIL, times[-1])


def test_who_signs_in_often_is_not_refused_for_it_before_the_day_is_full() -> None:
    for number in range(8):
        assert is_in(sent(at=AT + number * MINUTE), at=AT + number * MINUTE)
    refused(at=AT + 8 * MINUTE)


def test_a_network_has_some_in_an_hour_that_are_not_used_however_many_ask_at_once() -> None:
    asked = at_once(14, lambda n: bool(request(f"z{n}@example.org")))
    assert asked == {"True": 10, "too_many_codes": 4}
    assert refused(MAIL) == 3601, "AT is the beginning of an hour"
    assert request(MAIL, network=STRANGE) and request("y@example.org", AT + HOUR)


def test_a_crowd_behind_one_address_of_a_carrier_signs_in_without_an_end() -> None:
    for number in range(25):
        address = f"z{number}@example.org"
        assert is_in(sent(address), address)


def test_telephones_have_so_many_an_hour_that_the_bill_has_an_end_used_or_not_and_letters_go_on() -> None:
    for number, phone in enumerate(phones(12)):
        assert is_in(sent(phone, network=f"192.0.2.{number}"), phone)
    assert refused(PHONE) == 3601
    assert request(MAIL) and request(PHONE, AT + HOUR)


def test_what_is_refused_takes_nothing_of_what_others_have() -> None:
    for phone in phones(12):
        request(phone, network=phone)
    for _ in range(10):
        refused(network=STRANGE)
    assert request(MAIL, network=STRANGE), "none of the ten was counted for the network"
    for _ in range(20):
        assert request(MAIL, network=STRANGE) is None
    assert [each["count"] for each in CodeCount._get_collection().find({"_id": {"$regex": "telephones"}})] == [12]


def test_of_two_who_ask_at_once_the_slower_one_is_not_counted() -> None:
    assert at_once(8, lambda n: bool(request())) == {"True": 1, "False": 7}
    assert [each["count"] for each in CodeCount._get_collection().find()] == [1, 1], "for the network, and for telephones"


def test_wrong_tries_of_a_stranger_leave_the_owner_theirs() -> None:
    code = sent()
    assert not any(is_in(other_than(code), network=STRANGE) for _ in range(codes.TRIES))
    assert not is_in(code, network=STRANGE), "they have no more"
    assert not any(is_in(other_than(code)) for _ in range(codes.TRIES - 1))
    assert is_in(code)


def test_all_together_have_so_many_tries_at_a_code_that_guessing_stays_bounded() -> None:
    code = sent()
    wrong = at_once(40, lambda n: is_in(other_than(code), network=f"198.51.100.{n}"))
    assert wrong == {"False": 40} and len((OneTimeCode._get_collection().find_one() or {})["tried"]) == codes.ALL_TRIES
    assert not is_in(code)


def test_whose_request_it_was_is_not_kept() -> None:
    is_in(other_than(sent()), network=STRANGE)
    stored = [*OneTimeCode._get_collection().find(), *CodeCount._get_collection().find()]
    assert MINE not in str(stored) and STRANGE not in str(stored)
    assert {each["expires"] <= AT + DAY for each in stored} == {True}
