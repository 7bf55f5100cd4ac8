"""Budgets: what each caller has, what a request costs, and that many callers cost no more than a few."""
import time

import pytest

from chassis.caller import PUBLIC, Caller
from contracts.errors import TooMany
from gateway import limits
from gateway.limits import Counters, Limits, Throttled, budget_of, read_rates

RESIDENT = Caller("resident", "r1", "resident:r1")
PROGRAM = Caller("resident", "app", "key:k1", frozenset({"issues:file"}))
CLERK = Caller("agency", "a1", "person:p1")


def limited(rates: str) -> Limits:
    return Limits(read_rates(rates))


def test_a_request_takes_what_it_costs_and_is_told_what_is_left() -> None:
    counted = limited("public=30/minute")
    costs = [("reading", 29), ("listing", 27), ("writing", 22), ("heavy", 2)]
    for cost, left in costs:
        spent = counted.spend(PUBLIC, "10.0.0.1", cost)
        assert spent and spent.left == left
        assert spent.headers == {"RateLimit-Policy": '"public";q=30;w=60', "RateLimit": f'"public";r={left};t=60'}


def test_who_has_spent_all_is_refused_until_the_window_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    counted, now = limited("public=20/minute"), time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now)
    counted.spend(PUBLIC, "10.0.0.1", "heavy")
    monkeypatch.setattr(time, "monotonic", lambda: now + 40)
    with pytest.raises(Throttled) as caught:
        counted.spend(PUBLIC, "10.0.0.1", "reading")
    assert isinstance(caught.value, TooMany) and (caught.value.retry_after, caught.value.spent.left) == (20, 0)
    assert counted.spend(PUBLIC, "10.0.0.2", "reading"), "another address has a budget of its own"
    monkeypatch.setattr(time, "monotonic", lambda: now + 60.1)
    assert counted.spend(PUBLIC, "10.0.0.1", "reading")


def test_only_the_first_refusal_of_a_window_is_worth_a_line() -> None:
    counted = limited("public=20/minute")
    counted.spend(PUBLIC, "10.0.0.1", "heavy")
    firsts = []
    for _ in range(3):
        with pytest.raises(Throttled) as caught:
            counted.spend(PUBLIC, "10.0.0.1", "writing")
        firsts.append(caught.value.first)
    assert firsts == [True, False, False]


@pytest.mark.parametrize(("by", "cost", "budget"), [
    (PUBLIC, "reading", ("public", "10.1.2.3")), (RESIDENT, "writing", ("resident", "resident:r1")),
    (PROGRAM, "writing", ("key", "key:k1")), (CLERK, "heavy", ("staff", "person:p1")),
    (Caller("operator", "", "person:o"), "reading", ("staff", "person:o")), (PUBLIC, "sign-in", ("sign-in", "10.1.2.3")),
    (RESIDENT, "sign-in", ("sign-in", "10.1.2.3")), (PUBLIC, "codes", ("codes", "10.1.2.3"))])
def test_whose_budget_it_is(by: Caller, cost: str, budget: tuple[str, str]) -> None:
    assert budget_of(by, "10.1.2.3", cost) == budget


def test_a_household_cannot_have_a_budget_for_each_of_its_addresses() -> None:
    counted = limited("public=20/minute")
    counted.spend(PUBLIC, "2001:db8:1:2::1", "heavy")
    with pytest.raises(Throttled):
        counted.spend(PUBLIC, "2001:db8:1:2:ffff::9", "reading")
    assert counted.spend(PUBLIC, "2001:db8:1:3::1", "reading")


def test_what_is_not_named_has_its_default_and_off_is_none() -> None:
    found = read_rates(" staff = 50/second , public=off")
    assert {name: (rate.amount, rate.get_expiry()) for name, rate in found.items()} == {
        "resident": (600, 60), "key": (6000, 60), "sign-in": (20, 60), "codes": (60, 60), "staff": (50, 1)}
    assert limited("public=off").spend(PUBLIC, "10.0.0.1", "heavy") is None
    assert limited("off").spend(PUBLIC, "10.0.0.1", "sign-in") is None and set(read_rates("")) == set(limits.POLICIES)


@pytest.mark.parametrize("given", ["everybody=1/minute", "public", "public=600", "public=ten/minute", "public=19/minute",
                                   "staff=off, on", "off, public=30/minute"])
def test_a_setting_that_is_none_is_refused_and_named(given: str) -> None:
    with pytest.raises(ValueError, match="MAHALLE_RATE"):
        read_rates(given)


def test_counters_are_bounded_and_those_in_use_stay() -> None:
    counters = Counters(most=100)
    for number in range(1000):
        counters.incr("busy", 60)
        counters.incr(str(number), 60)
    assert len(counters) == 100 and counters.get("busy") == 1000 and counters.get("999") == 1 and counters.get("1") == 0


def test_counters_that_are_over_go_when_others_come(monkeypatch: pytest.MonkeyPatch) -> None:
    counters, now = Counters(), time.monotonic()
    for number in range(50):
        counters.incr(str(number), 60)
    monkeypatch.setattr(time, "monotonic", lambda: now + 61)
    assert counters.get("0") == 0 and counters.get_expiry("0") == now + 61
    for number in range(50):
        counters.incr(f"new {number}", 60)
    assert len(counters) == 50
