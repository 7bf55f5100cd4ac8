"""How much somebody may ask for: a budget for a window of time, by who it is, of which every request takes what it costs.

Each process of the gateway counts by itself and in memory: with two of them a client may have up to twice as much, and
after a start everybody has all of it. The strategy is the library's. Its memory is not: that looks through all counters
a hundred times a second, and keeps as many as there are addresses.
"""
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from limits import RateLimitItem, parse
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

from chassis import metrics
from chassis.addresses import counted_as
from chassis.caller import Caller
from chassis.text import persian_digits
from contracts.errors import TooMany

SIGN_IN, CODES = "sign-in", "codes"  # apart: a stranger's passwords keep nobody of the same carrier from a code
ATTEMPTS = (SIGN_IN, CODES)
COSTS = {"reading": 1, "listing": 2, "writing": 5, "heavy": 20, SIGN_IN: 1, CODES: 1}
DEFAULTS = "public=600/minute, resident=600/minute, staff=1200/minute, key=6000/minute, sign-in=20/minute, codes=60/minute"
POLICIES = {"public": "by address", "resident": "by account", "staff": "by account", "key": "by key", SIGN_IN: "by address",
            CODES: "by address"}
MOST = 100_000  # counters; when there are more, those that were asked for least recently begin anew
Rates = Mapping[str, RateLimitItem]


def read_rates(given: str) -> Rates:
    """From `public=600/minute, sign-in=off`: of what is not named, the default; `off` alone is none at all.

    Raises ValueError with what is wrong.
    """
    if given.strip() == "off":
        return {}
    found: dict[str, RateLimitItem] = {}
    for each in [*DEFAULTS.split(","), *filter(str.strip, given.split(","))]:
        policy, _, rate = (word.strip() for word in each.partition("="))
        if policy not in POLICIES:
            raise ValueError(f"MAHALLE_RATE: {policy} is none of {', '.join(POLICIES)}")
        found.pop(policy, None)
        if rate != "off":
            found[policy] = read_rate(policy, rate)
    return found


def read_rate(policy: str, rate: str) -> RateLimitItem:
    try:
        found = parse(rate)
    except ValueError as error:
        raise ValueError(f"MAHALLE_RATE: {policy}={rate} is no rate; write it as 600/minute, or off") from error
    if found.amount < max(COSTS.values()) and policy not in ATTEMPTS:
        raise ValueError(f"MAHALLE_RATE: {policy}={rate} is less than the {max(COSTS.values())} of one export")
    return found


class Counters(Storage):
    """The library's storage in memory, bounded; no call takes longer for the number of counters."""

    STORAGE_SCHEME = None
    base_exceptions = ()

    def __init__(self, most: int = MOST) -> None:
        super().__init__()
        self._most = most
        self._counts: OrderedDict[str, tuple[int, float]] = OrderedDict()  # count and end, by the last use

    def __len__(self) -> int:
        return len(self._counts)

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        now = time.monotonic()
        count, end = self._counts.get(key, (0, 0.0))
        count, end = (count + amount, end) if end > now else (amount, now + expiry)
        self._counts[key] = count, end
        self._counts.move_to_end(key)
        self._forget(now)
        return count

    def _forget(self, now: float) -> None:
        """Two of those that are over, if the oldest are, whenever one comes: so they become fewer."""
        for _ in range(2):
            oldest = next(iter(self._counts))
            if self._counts[oldest][1] > now and len(self._counts) <= self._most:
                return
            del self._counts[oldest]

    def get(self, key: str) -> int:
        count, end = self._counts.get(key, (0, 0.0))
        return count if end > time.monotonic() else 0

    def get_expiry(self, key: str) -> float:
        """In monotonic seconds."""
        return max(self._counts.get(key, (0, 0.0))[1], time.monotonic())

    def check(self) -> bool:
        return True

    def reset(self) -> int:
        count = len(self._counts)
        self._counts.clear()
        return count

    def clear(self, key: str) -> None:
        self._counts.pop(key, None)


@dataclass(frozen=True)
class Spent:
    """What a caller has of a policy when this request is paid for. `seconds` until it has all of it again."""

    policy: str
    amount: int
    window: int
    left: int
    seconds: int

    @property
    def headers(self) -> dict[str, str]:
        """draft-ietf-httpapi-ratelimit-headers."""
        return {"RateLimit-Policy": f'"{self.policy}";q={self.amount};w={self.window}',
                "RateLimit": f'"{self.policy}";r={self.left};t={self.seconds}'}


class Throttled(TooMany):
    """`first`: of its window; of the others no line is written."""

    def __init__(self, spent: Spent, first: bool) -> None:
        super().__init__("quota_exceeded",
                         f"بیش از اندازه درخواست کردید. پس از {persian_digits(str(spent.seconds))} ثانیه دوباره تلاش کنید.",
                         f"Too many requests. Try again in {spent.seconds} seconds.", retry_after=spent.seconds)
        self.spent, self.first = spent, first


class Limits:
    def __init__(self, rates: Rates, service: str = "gateway") -> None:
        self._rates, self._service = rates, service
        self._limiter = FixedWindowRateLimiter(Counters())

    def spend(self, by: Caller, address: str, cost: str) -> Spent | None:
        """Takes the `cost` of one request from the caller's budget. None where there is no limit. Raises Throttled."""
        policy, who = budget_of(by, address, cost)
        rate = self._rates.get(policy)
        if rate is None:
            return None
        well = self._limiter.hit(rate, policy, who, cost=COSTS[cost])
        end, left = self._limiter.get_window_stats(rate, policy, who)
        seconds = max(1, ceil(end - time.monotonic()))
        spent = Spent(policy, rate.amount, rate.get_expiry(), left, seconds)
        if not well:
            metrics.THROTTLED.labels(self._service, policy).inc()
            before = self._limiter.storage.get(rate.key_for(policy, who)) - COSTS[cost]
            raise Throttled(spent, first=before <= rate.amount)
        return spent


def budget_of(by: Caller, address: str, cost: str) -> tuple[str, str]:
    """Which policy, and whose counter. A key is a program, that speaks for many; who is not known is their address."""
    if cost in ATTEMPTS:
        return cost, counted_as(address)
    if by.role == "public":
        return "public", counted_as(address)
    if by.account.startswith("key:"):
        return "key", by.account
    return ("resident" if by.role == "resident" else "staff"), by.account or by.id
