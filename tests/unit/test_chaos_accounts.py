"""The books of accounts of `make chaos`: a clean run is clean, and every loss and every doubled gift is found."""
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.chaos.accounts import Accounts, check
from tests.chaos.checker import DOUBLED, LOST
from tests.chaos.ledger import Deed
from tests.chaos.visits import GOOD, OVER

ZAHRA, REZA = "zahra@example.org", "reza@example.org"


def signed_in(address: str, session: str, account: str) -> list[Deed]:
    return [Deed("http", "code", f"code-1-{address}", of=address),
            Deed("http", "sign in", f"sign-in-{address}", of=session, account=account, asked={"address": address})]


@pytest.fixture
def books() -> Accounts:
    """Zahra is signed in, Reza has signed out, one key is good and one revoked, and one person took up an invitation."""
    deeds = [
        *signed_in(ZAHRA, "s1", "resident:1"), Deed("http", "refresh", "r1", of="s1", account="resident:1"),
        *signed_in(REZA, "s2", "resident:2"), Deed("http", "sign out", "o2", of="s2", account="resident:2"),
        Deed("http", "key", "k1", of="k1", asked={"name": "chaos 1"}),
        Deed("http", "key", "k2", of="k2", asked={"name": "chaos 2"}), Deed("http", "revoke", "v2", of="k2"),
        Deed("http", "person", "p", of="p"), Deed("http", "invite", "i", of="p"), Deed("http", "take up", "a", of="p"),
        Deed("http", "accept", "moved", "issue1", "issue1-1", "a1")]
    audit = Counter([
        ("signed_in", "resident:1"), ("signed_in", "resident:2"), ("signed_out", "resident:2"), ("key_made", "key:k1"),
        ("key_made", "key:k2"), ("key_revoked", "key:k2"), ("invited", "person:p"), ("invitation_accepted", "person:p")])
    return Accounts(deeds, [], {"s1": GOOD, "s2": OVER, "k1": GOOD, "k2": OVER, "p": GOOD}, audit,
                    Counter({"chaos 1": 1, "chaos 2": 1}), 1, {ZAHRA, REZA})


def findings(books: Accounts) -> list[str]:
    return [finding.how for finding in check(books)]


def test_a_clean_run_is_clean(books: Accounts) -> None:
    assert check(books) == []


@pytest.mark.parametrize(("whose", "seen"), [
    ("s1", OVER), ("s1", "both, {200, 401}"), ("s2", GOOD), ("k1", OVER), ("k1", "another key"), ("k2", GOOD), ("p", OVER)])
def test_what_was_given_is_good_and_what_was_ended_is_over(books: Accounts, whose: str, seen: str) -> None:
    books.stands[whose] = seen
    assert findings(books) == [LOST]
    assert f"{whose} is {seen}, not " in check(books)[0].what


def code_lost(books: Accounts) -> None:
    books.letters.remove(ZAHRA)


def key_lost(books: Accounts) -> None:
    del books.keys["chaos 1"]


def person_lost(books: Accounts) -> None:
    books.people = 0


def entry_lost(books: Accounts) -> None:
    del books.audit["key_revoked", "key:k2"]


@pytest.mark.parametrize("plant", [code_lost, key_lost, person_lost, entry_lost])
def test_every_loss_is_found(books: Accounts, plant: Callable[[Accounts], None]) -> None:
    plant(books)
    assert findings(books) == [LOST]


def key_twice(books: Accounts) -> None:
    books.keys["chaos 1"] = 2


def key_of_nobody(books: Accounts) -> None:
    books.keys["chaos 3"] = 1


def person_twice(books: Accounts) -> None:
    books.people = 2


def invited_twice(books: Accounts) -> None:
    books.audit["invited", "person:p"] = 2


def signed_in_twice(books: Accounts) -> None:
    books.audit["signed_in", "resident:1"] = 2


@pytest.mark.parametrize("plant", [key_twice, key_of_nobody, person_twice, invited_twice, signed_in_twice])
def test_every_doubled_gift_is_found(books: Accounts, plant: Callable[[Accounts], None]) -> None:
    plant(books)
    assert findings(books) == [DOUBLED]


def test_who_got_no_answer_may_have_signed_in_twice(books: Accounts) -> None:
    signed_in_twice(books)
    books.unknown.append(Deed("http", "sign in", "lost", asked={"address": ZAHRA}))
    assert findings(books) == []


@pytest.mark.parametrize("action", ["refresh", "sign out"])
def test_of_a_session_whose_last_answer_is_unknown_nothing_is_expected(books: Accounts, action: str) -> None:
    books.stands["s1"] = OVER
    books.unknown.append(replace(books.deeds[2], action=action))
    assert findings(books) == []
