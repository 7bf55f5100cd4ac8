"""Who is calling, as the gateway signs it for the services."""
import time

import jwt
import pytest

from chassis.caller import LIFETIME, PUBLIC, Caller, demand, demand_over, may, sign, verify
from contracts import policy
from contracts.errors import NotAllowed, Unauthenticated
from services.registry.accounts.giving import scopes_of

SECRET = "s" * 32


def test_services_believe_only_what_the_gateway_signed() -> None:
    token = sign(Caller("agency", "a"), SECRET)
    assert verify(token, SECRET) == Caller("agency", "a")
    claims = {"aud": "mahalle", "role": "operator", "sub": "", "exp": int(time.time()) + 60}
    forged = [None, "", token + "x", jwt.encode(claims, "t" * 32, algorithm="HS256"),
              jwt.encode(claims, None, algorithm="none"),
              jwt.encode(claims | {"exp": int(time.time()) - 1}, SECRET, algorithm="HS256"),
              jwt.encode(claims | {"aud": "else"}, SECRET, algorithm="HS256"),
              jwt.encode({k: v for k, v in claims.items() if k != "exp"}, SECRET, algorithm="HS256")]
    for wrong in forged:
        with pytest.raises(Unauthenticated):
            verify(wrong, SECRET)


def test_what_the_gateway_signed_is_believed_for_a_minute_at_most_however_often_it_was_seen(
        monkeypatch: pytest.MonkeyPatch) -> None:
    began = time.time()
    token = sign(Caller("agency", "a"), SECRET)
    assert verify(token, SECRET) == verify(token, SECRET) == Caller("agency", "a")
    monkeypatch.setattr(time, "time", lambda: began + LIFETIME + 1)
    with pytest.raises(Unauthenticated):
        verify(token, SECRET)


def test_no_call_is_signed_for_somebody_else_or_with_another_secret() -> None:
    assert verify(sign(Caller("agency", "a"), SECRET), SECRET).subject == "a"
    assert verify(sign(Caller("agency", "b"), SECRET), SECRET).subject == "b"
    with pytest.raises(Unauthenticated):
        verify(sign(Caller("agency", "a"), "other" * 8), SECRET)


def test_the_unknown_are_asked_for_a_key_and_the_known_are_told_no() -> None:
    with pytest.raises(Unauthenticated):
        demand(PUBLIC, "issues:decide")
    with pytest.raises(NotAllowed):
        demand(Caller("agency", "a"), "issues:decide")
    assert demand(Caller("secretary", "s"), "issues:decide").subject == "s"


def test_a_key_does_only_what_it_is_for() -> None:
    reader = Caller("agency", "a", "key:1", frozenset({"tasks:read"}))
    assert demand(verify(sign(reader, SECRET), SECRET), "tasks:read") == reader
    with pytest.raises(NotAllowed):
        demand(reader, "tasks:move")


def test_a_key_for_nothing_is_still_told_who_it_is_and_no_key_is_made_for_that() -> None:
    nothing = Caller("operator", "", "key:1", frozenset())
    assert [demand(nothing, deed) for deed in policy.UNSCOPED] == [nothing] * len(policy.UNSCOPED)
    assert not any(may(nothing, deed) for deed in policy.RULES if deed not in policy.UNSCOPED)
    assert not set(policy.UNSCOPED) & set(scopes_of("operator"))


def test_a_role_of_a_place_reaches_that_place_and_what_lies_below() -> None:
    secretary = Caller("secretary", "karaj")
    assert demand_over(secretary, "issues:decide", ("alborz", "karaj", "karaj-n12")) == secretary
    with pytest.raises(NotAllowed):
        demand_over(secretary, "issues:decide", ("alborz", "fardis"))
    assert demand_over(Caller("secretary"), "issues:decide", ("fardis",)).id == "secretary:"
    assert demand_over(Caller("operator"), "registers:write", ()).role == "operator"
