"""Sessions in a real database: who sits where as a test says, somebody signed in, and what an access token says."""
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from chassis import database, settings
from chassis.ring import Ring
from contracts.errors import Problem
from services.registry.accounts import residents, signing
from services.registry.accounts.documents import Account, Session
from services.registry.accounts.sessions import Sessions

PERSON = "0b9c3f0e-7c1d-4d4b-9a55-0a1b2c3d4e5f"
ACCOUNT = f"person:{PERSON}"
AT = datetime(2056, 3, 1, 8, 0, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
RING = Ring(["k" * 40])
HEAD = {"code": "head-abfa", "role": "head", "territory": None, "agency": "abfa", "committee": None, "headquarters": None,
        "valid_from": "2055-03-21", "valid_to": "2057-03-21"}
REPORTER = {**HEAD, "code": "reporter-n1", "role": "reporter", "agency": None, "territory": "n1"}


def connected(*documents: Any) -> None:
    """The registry's database of this test, with the indexes of these documents alone: all of them take seconds."""
    database.connect("registry", settings.read("registry"))
    for document in documents:
        document.ensure_indexes()


class House:
    """`held`: the seats of PERSON. `sessions` of a ring."""

    def __init__(self, ring: Ring = RING) -> None:
        self.held: list[dict[str, Any]] = [HEAD, REPORTER]
        self.ring = ring
        self.sessions = Sessions(ring, self.seats_of)

    def seats_of(self, person: str, day: str) -> list[dict[str, Any]]:
        return self.held if person == PERSON else []

    def with_ring(self, *keys: str) -> "House":
        """The same as another process sees it, with these keys."""
        return House(Ring(list(keys)))

    def signed_in(self, asked: dict[str, str] | None = None, at: datetime = AT) -> dict[str, Any]:
        account = {"login": "zahra", "login_folded": "zahra", "sessions_from": at - MINUTE}
        Account._get_collection().update_one({"_id": PERSON}, {"$setOnInsert": account}, upsert=True)
        return self.sessions.begin(ACCOUNT, asked, at)

    def as_a_resident(self, address: str = "09121234567", at: datetime = AT) -> dict[str, Any]:
        return self.sessions.begin(f"resident:{residents.resident_of(self.ring, address, at)}", None, at)


def claims(answer: dict[str, Any], at: datetime = AT) -> dict[str, Any]:
    """What the access token says, verified by what is published at that moment, but for the time."""
    [key] = [each for each in signing.published(at)
             if each["kid"] == jwt.get_unverified_header(answer["access_token"])["kid"]]
    return dict(jwt.decode(answer["access_token"], jwt.PyJWK(key), ["ES256"], audience="mahalle", issuer="mahalle",
                           options={"verify_exp": False, "verify_iat": False}))


def refused(ask: Callable[[], Any]) -> str:
    """The code of the problem that this ends with."""
    with pytest.raises(Problem) as problem:
        ask()
    return problem.value.code


def stored(answer: dict[str, Any]) -> dict[str, Any]:
    """The session's document."""
    session = answer["refresh_token"].split("_")[1]
    return Session._get_collection().find_one({"_id": session}) or {}


def at_once(times: int, ask: Callable[[int], Any]) -> Counter[str]:
    """What came of asking at the same moment: the answer, else the problem's code."""
    gate = threading.Barrier(times)

    def one(number: int) -> str:
        gate.wait(20)
        try:
            return str(ask(number))
        except Problem as problem:
            return problem.code

    with ThreadPoolExecutor(times) as pool:
        return Counter(pool.map(one, range(times)))
