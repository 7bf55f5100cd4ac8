"""What the gateway remembers of who asks: for how long, with the registry there and away, and never without bound."""
import time
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from chassis.caller import PUBLIC
from chassis.clock import now
from contracts.errors import Unauthenticated, Unavailable, unavailable
from contracts.schema import instant
from gateway import api_keys, endings
from gateway import tokens as tokens_module
from gateway.api_keys import Keys
from gateway.credentials import Credentials
from gateway.endings import Watch
from gateway.known import GATEWAY
from gateway.tokens import Tokens

GOOD, BAD = "mhl_good", "mhl_guessed"
FOREIGN = ec.generate_private_key(ec.SECP256R1()).public_key()


class Registry:
    """Takes every key but `mhl_guessed…`, and tells of endings what it was told. `asked` counts by path."""

    def __init__(self) -> None:
        self.asked, self.away, self.revoked, self.items = Counter[str](), False, set[str](), list[dict[str, str]]()
        self.since, self.kids, self.silent = list[str](), ["old", "new"], set[str]()

    def post(self, path: str, asking: Any, body: dict[str, str]) -> dict[str, Any]:
        self._answer(path, asking)
        if body["key"].startswith(BAD) or body["key"] in self.revoked:
            raise Unauthenticated("key_refused", "نه", "no")
        return {"role": "agency", "subject": "abfa", "account": f"key:{body['key']}", "scopes": ["tasks:read"],
                "until": "2999-01-01T00:00:00Z"}

    def get(self, path: str, asking: Any, query: dict[str, str] | None = None) -> dict[str, Any]:
        self._answer(path, asking)
        if query is None:
            return {"keys": [ECAlgorithm.to_jwk(FOREIGN, as_dict=True) | {"kid": kid, "alg": "ES256"} for kid in self.kids]}
        self.since.append(query["since"])
        return {"items": self.items, "now": instant(now()), "signing_keys": []}

    def _answer(self, path: str, asking: Any) -> None:
        assert asking == GATEWAY
        self.asked[path] += 1
        if self.away or path in self.silent:
            raise unavailable()


@pytest.fixture
def registry() -> Registry:
    return Registry()


@pytest.fixture
def keys(registry: Registry) -> Keys:
    return Keys(registry)  # type: ignore[arg-type]


@pytest.fixture
def pass_time(monkeypatch: pytest.MonkeyPatch) -> Any:
    real, passed = time.monotonic, [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: real() + passed[0])

    def pass_time(seconds: float) -> None:
        passed[0] += seconds

    return pass_time


def test_a_good_key_is_asked_about_once_a_minute(keys: Keys, registry: Registry, pass_time: Any) -> None:
    callers = {keys.known(GOOD).caller for _ in range(5)}
    assert [each.id for each in callers] == ["agency:abfa"] and registry.asked["/keys/check"] == 1
    pass_time(api_keys.FRESH + 1)
    registry.revoked.add(GOOD)
    with pytest.raises(Unauthenticated):
        keys.known(GOOD)


def test_with_the_registry_away_a_known_key_is_good_for_a_quarter_of_an_hour_and_hardly_asked_about(
        keys: Keys, registry: Registry, pass_time: Any) -> None:
    keys.known(GOOD)
    registry.away = True
    for _ in range(int(api_keys.KEPT // api_keys.FRESH) - 1):
        pass_time(api_keys.FRESH)
        assert [keys.known(GOOD).caller.subject for _ in range(10)] == ["abfa"] * 10
    assert registry.asked["/keys/check"] <= api_keys.KEPT // api_keys.FRESH
    pass_time(2 * api_keys.FRESH)
    with pytest.raises(Unavailable):
        keys.known(GOOD)
    with pytest.raises(Unavailable):
        keys.known("mhl_new")
    registry.away = False
    assert keys.known(GOOD).caller.subject == "abfa"


def test_a_guess_is_asked_about_once_and_pushes_no_good_key_out(
        keys: Keys, registry: Registry, pass_time: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_keys, "REMEMBERED", 10)
    keys.known(GOOD)
    for guess in [BAD] * 20 + [f"{BAD}{number}" for number in range(30)]:
        with pytest.raises(Unauthenticated):
            keys.known(guess)
    assert registry.asked["/keys/check"] == 1 + 1 + 30
    keys.known(GOOD)
    assert registry.asked["/keys/check"] == 32
    assert (len(keys._good), len(keys._refused)) == (1, 10)
    pass_time(api_keys.REFUSED_FOR + 1)
    with pytest.raises(Unauthenticated):
        keys.known(f"{BAD}29")
    assert registry.asked["/keys/check"] == 33, "it may have become good"


def test_no_more_keys_are_kept_than_a_bound_and_those_used_last_are(
        keys: Keys, registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_keys, "REMEMBERED", 10)
    for number in range(50):
        keys.known(f"mhl_{number}")
        keys.known("mhl_0")
    assert len(keys._good) == 10 and registry.asked["/keys/check"] == 50


def test_nobody_is_believed_before_it_is_known_who_was_signed_out(registry: Registry) -> None:
    registry.away, watch = True, Watch(registry)  # type: ignore[arg-type]
    with pytest.raises(Unavailable):
        watch.demand_begun()
    registry.away = False
    registry.items = [{"kind": "session", "id": "s", "at": instant(now())}]
    watch.demand_begun()
    assert watch.ended_at("session", "s") and watch.ended_at("session", "t") is watch.ended_at("account", "s") is None
    reached = (now() - datetime.fromisoformat(registry.since[0])).total_seconds()
    assert reached > api_keys.KEPT, "nothing is believed for longer than it looks back"


def test_no_key_is_believed_before_it_is_known_which_were_revoked(registry: Registry) -> None:
    credentials = Credentials()
    credentials.watch, credentials.tokens, credentials._keys = (kind(registry) for kind in (Watch, Tokens, Keys))
    registry.silent = {"/ended"}
    assert credentials.known(None).caller == PUBLIC
    with pytest.raises(Unavailable):
        credentials.known(f"Bearer {GOOD}")
    registry.silent = set()
    assert credentials.known(f"Bearer {GOOD}").caller.subject == "abfa"


def told(registry: Registry, watch: Watch, at: str) -> None:
    registry.items = [{"kind": "key", "id": "good", "at": at}]
    watch.look()


def test_a_key_of_which_something_is_told_is_judged_anew_whether_it_was_good_or_refused(registry: Registry) -> None:
    watch = Watch(registry)  # type: ignore[arg-type]
    keys = Keys(registry, watch.told_of)  # type: ignore[arg-type]
    keys.known(GOOD)
    registry.revoked.add(GOOD)
    told(registry, watch, "2026-11-26T10:00:00.500Z")
    for _ in range(3):
        with pytest.raises(Unauthenticated):
            keys.known(GOOD)
    registry.revoked.clear()
    told(registry, watch, "2026-11-26T10:00:00.500Z")
    with pytest.raises(Unauthenticated):
        keys.known(GOOD)
    assert registry.asked["/keys/check"] == 2, "the same again says nothing"
    told(registry, watch, "2026-11-26T10:05:00.000Z")
    told(registry, watch, "2026-11-26T10:00:00.500Z")
    assert {keys.known(GOOD).caller.subject for _ in range(3)} == {"abfa"} and registry.asked["/keys/check"] == 3


def test_a_judgement_that_was_asked_for_before_something_was_told_is_none(registry: Registry) -> None:
    watch = Watch(registry)  # type: ignore[arg-type]
    keys = Keys(registry, watch.told_of)  # type: ignore[arg-type]
    judge = registry.post

    def meanwhile(*asked: Any) -> Any:
        registry.post = judge  # type: ignore[method-assign]
        answer = judge(*asked)
        registry.revoked.add(GOOD)
        told(registry, watch, "2026-11-26T10:00:00.500Z")
        return answer

    registry.post = meanwhile  # type: ignore[method-assign]
    keys.known(GOOD)
    with pytest.raises(Unauthenticated):
        keys.known(GOOD)


def test_a_key_of_which_something_is_told_is_not_believed_while_the_registry_is_away(registry: Registry) -> None:
    watch = Watch(registry)  # type: ignore[arg-type]
    keys = Keys(registry, watch.told_of)  # type: ignore[arg-type]
    keys.known(GOOD)
    told(registry, watch, "2026-11-26T10:00:00.500Z")
    registry.away = True
    with pytest.raises(Unavailable):
        keys.known(GOOD)


def test_of_two_endings_of_one_account_the_later_counts_in_whatever_order_they_come(registry: Registry) -> None:
    watch = Watch(registry)  # type: ignore[arg-type]
    early, late = ({"kind": "account", "id": "person:p", "at": f"2026-11-26T10:0{minute}:00.000Z"} for minute in (1, 2))
    for registry.items in ([early, late], [late, early]):
        watch.look()
        assert watch.ended_at("account", "person:p") == datetime(2026, 11, 26, 10, 2, tzinfo=UTC).timestamp()


def test_what_ended_is_remembered_for_as_long_as_anything_is_believed_and_no_longer(
        registry: Registry, pass_time: Any) -> None:
    watch = Watch(registry)  # type: ignore[arg-type]
    registry.items = [{"kind": "key", "id": "k", "at": "2026-11-26T10:00:00.500Z"}]
    watch.look()
    assert watch.ended_at("key", "k") == datetime(2026, 11, 26, 10, 0, 0, 500_000, UTC).timestamp()
    registry.items = []
    pass_time(api_keys.KEPT)
    watch.look()
    assert watch.ended_at("key", "k")
    pass_time(endings.KEPT)
    watch.look()
    assert watch._ended == {}


def test_after_an_outage_it_asks_for_everything_since_the_last_answer(registry: Registry) -> None:
    watch = Watch(registry)  # type: ignore[arg-type]
    watch.look()
    registry.away = True
    for _ in range(3):
        watch.look()
    registry.away = False
    watch.look()
    assert registry.since[-1] == registry.since[1] <= instant(now())


def test_keys_are_read_again_when_others_are_good_and_not_otherwise(registry: Registry) -> None:
    tokens = Tokens(registry)  # type: ignore[arg-type]
    for _ in range(3):
        tokens.follow({"old", "new"})
    assert registry.asked["/jwks"] == 1 and set(tokens._keys) == {"old", "new"}
    registry.kids = ["new", "newest"]
    tokens.follow({"new", "newest"})
    assert registry.asked["/jwks"] == 2 and {key["kid"] for key in tokens.keys()["keys"]} == {"new", "newest"}


def test_for_tokens_of_unknown_keys_the_keys_are_read_at_once_and_seldom(registry: Registry, pass_time: Any) -> None:
    tokens = Tokens(registry)  # type: ignore[arg-type]

    def known(kid: str) -> bool:
        try:
            return bool(tokens._key(kid))
        except KeyError:
            return False

    assert known("old") and not any(known(f"forged {number}") for number in range(20))
    assert registry.asked["/jwks"] == tokens_module.TIMES
    registry.kids = ["newest"]
    assert not known("newest"), "until it is told of by what has ended"
    pass_time(tokens_module.WITHIN)
    assert known("newest")


def test_a_key_that_is_good_no_more_is_given_up_though_the_others_cannot_be_read(registry: Registry) -> None:
    tokens = Tokens(registry)  # type: ignore[arg-type]
    tokens.follow({"old", "new"})
    registry.away = True
    tokens.follow({"new", "newest"})
    assert set(tokens._keys) == {"new"}
