"""Certificates: on the day it expires one counts no more, and of each training the one that counts longest is looked at."""
from typing import Any

import pytest

from services.registry.people.training import lapsing, state

DAY = "2025-03-21"


def certificate(expires: str | None, name: str = "کمک‌های اولیه", given: str = "2020-01-01") -> dict[str, Any]:
    return {"name": name, "given": given, "expires": expires}


@pytest.mark.parametrize(("expires", "found"), [
    ("2025-03-20", "expired"), (DAY, "expired"), ("2025-03-22", "expiring"), ("2025-03-31", "expiring"),
    ("2025-04-01", None), (None, None)])
def test_the_state_of_a_certificate_ten_days_ahead(expires: str | None, found: str | None) -> None:
    assert state(certificate(expires), DAY, 10) == found


def test_who_renewed_a_training_has_it() -> None:
    assert list(lapsing([certificate("2024-01-01"), certificate("2030-01-01"), certificate("2023-01-01")], DAY, 10)) == []
    assert list(lapsing([certificate("2024-01-01"), certificate(None)], DAY, 10)) == []


def test_each_training_is_looked_at_by_itself() -> None:
    found = list(lapsing([certificate("2024-01-01"), certificate("2030-01-01", "ایمنی")], DAY, 10))
    assert [(each["name"], each["expires"], each["state"]) for each in found] == [("کمک‌های اولیه", "2024-01-01", "expired")]


def test_what_is_not_given_yet_renews_nothing() -> None:
    found = list(lapsing([certificate("2024-01-01"), certificate("2030-01-01", given="2025-03-22")], DAY, 10))
    assert [each["state"] for each in found] == ["expired"]
