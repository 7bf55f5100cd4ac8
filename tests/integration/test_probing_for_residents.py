"""Nobody learns by asking for codes, or by trying them, who has ever signed in: the answer and the work are the same."""
from collections.abc import Callable, Iterator

import pytest

from contracts.errors import NotFound, Unauthenticated
from services.registry.accounts import allowance, codes
from services.registry.accounts.documents import Account, OneTimeCode, Resident, SigningKey
from tests.integration.asked import Asked
from tests.integration.signed_in import AT, MINUTE, RING, SECOND, House, connected

KNOWN, UNKNOWN = "09121234567", "09129999999"


@pytest.fixture
def house(environment: dict[str, str]) -> Iterator[House]:
    connected(Account, OneTimeCode, Resident, SigningKey)
    house = House()
    house.as_a_resident(KNOWN)
    yield house


def wrongly(address: str) -> Callable[[], None]:
    def ask() -> None:
        with pytest.raises(Unauthenticated) as refused:
            codes.check_code(RING, address, "none", AT)
        assert refused.value.code == "code_refused"

    return ask


def test_asking_for_a_code_and_trying_one_is_the_same_for_all(house: House, asked: Asked) -> None:
    sent = [asked.by(lambda a=address: codes.request_code(RING, a, AT)) for address in (KNOWN, UNKNOWN)]
    assert sent[0] == sent[1] == [
        ("find", "one_time_codes"), *[("update", "code_counts")] * 2, ("update", "one_time_codes")]
    again = [asked.by(lambda a=address: codes.request_code(RING, a, AT)) for address in (KNOWN, UNKNOWN)]
    assert again[0] == again[1] == [("find", "one_time_codes")]
    tried = [asked.by(wrongly(address)) for address in (KNOWN, UNKNOWN, "zahra@example.org")]
    assert tried[0] == tried[1] == tried[2] == [("findAndModify", "one_time_codes")]


def test_a_code_that_was_used_can_be_read_no_more(house: House) -> None:
    asking = codes.request_code(RING, KNOWN, AT)
    codes.check_code(RING, KNOWN, codes.letter(RING, asking, AT)["code"], AT)
    with pytest.raises(NotFound):
        codes.letter(RING, asking, AT)
    assert "sealed" not in str(OneTimeCode._get_collection().find_one())


def test_a_code_that_lapsed_can_be_read_no_more(house: House) -> None:
    asking, other = codes.request_code(RING, KNOWN, AT), codes.request_code(RING, UNKNOWN, AT + MINUTE)
    with pytest.raises(NotFound):
        codes.letter(RING, asking, AT + codes.GOOD)
    codes.forget_lapsed(AT + codes.GOOD)
    kept = {found["asking"]: found for found in OneTimeCode._get_collection().find()}
    assert not {"sealed", "hash"} & set(kept[asking]) and kept[other]["sealed"]
    assert codes.letter(RING, other, AT + codes.GOOD + SECOND)


def test_a_newer_code_takes_the_place_of_the_one_before_also_on_its_way(house: House) -> None:
    late = AT + codes.GOOD - codes.LEFT
    old, new = str(codes.request_code(RING, KNOWN, AT)), str(codes.request_code(RING, KNOWN, late))
    with pytest.raises(NotFound):
        codes.letter(RING, old, late)
    assert codes.letter(RING, new, late)["address"] == "+989121234567"


def test_what_is_told_of_a_code_is_an_id(house: House) -> None:
    asking = codes.request_code(RING, KNOWN, AT, "00-1-2-01")
    found = OneTimeCode._get_collection().find_one() or {}
    [told] = found["outbox"]
    assert (told["data"], told["type"], told["subject"], told["trace"]) == (
        {"id": asking}, "mahalle.registry.code_requested.v1", asking, "00-1-2-01")
    assert found["_id"] not in str(told) and "9121234567" not in str(told)
    with_four_more = [codes.request_code(RING, KNOWN, AT + n * codes.GOOD) for n in range(1, allowance.EACH)]
    with pytest.raises(Exception, match="too_many_codes"):
        codes.request_code(RING, KNOWN, AT + allowance.EACH * codes.GOOD)
    found = OneTimeCode._get_collection().find_one() or {}
    assert [each["data"]["id"] for each in found["outbox"]] == [asking, *with_four_more], "a refused one is not told"
