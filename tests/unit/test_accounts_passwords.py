"""Passwords and second factors: one spelling for all keyboards, nothing that tells, no code twice."""
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
from argon2 import PasswordHasher
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.errors import Invalid
from services.registry.accounts import passwords, second_factor

AT = datetime(2026, 11, 25, 12, 0, 15, tzinfo=UTC)
PASSWORD = "قلعه با چهار برج بلند"
RFC = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # the secret of RFC 6238, appendix B, in base32


def test_a_password_fits_its_hash_alone() -> None:
    encoded = passwords.hashed(PASSWORD)
    assert passwords.fits(PASSWORD, encoded)
    assert not passwords.fits(PASSWORD + "!", encoded)
    assert passwords.hashed(PASSWORD) != encoded, "each hash has a salt of its own"
    assert encoded.startswith("$argon2id$v=19$m=32768,t=3,p=1$")


def test_a_password_is_the_same_from_any_keyboard() -> None:
    encoded = passwords.hashed("کلید ی ۱۲۳۴ ﻻله های بلند")
    assert passwords.fits("كليد ي 1234 لاله های بلند", encoded)


def test_nobodys_hash_costs_what_a_real_one_does_and_fits_nothing() -> None:
    real, nobodys = passwords.hashed(PASSWORD), passwords.nobodys()
    assert nobodys.split("$")[:4] == real.split("$")[:4]
    assert [len(part) for part in nobodys.split("$")] == [len(part) for part in real.split("$")]
    assert not passwords.fits(PASSWORD, nobodys)
    assert not passwords.outdated(nobodys)


def test_what_is_no_hash_fits_nothing() -> None:
    assert not passwords.fits(PASSWORD, "not a hash")


def test_a_hash_with_other_parameters_is_outdated(monkeypatch: pytest.MonkeyPatch) -> None:
    encoded = passwords.hashed(PASSWORD)
    assert not passwords.outdated(encoded)
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=4, memory_cost=32768, parallelism=1))
    assert passwords.outdated(encoded)


@pytest.mark.parametrize("weak", ["short1!aB", "aaaaaaaaaaaaaaaa", "abababababababab", "my name is Zahra.K", "زهرا" * 65])
def test_a_weak_password_is_refused_with_what_to_do(weak: str) -> None:
    with pytest.raises(Invalid) as refused:
        passwords.demand_good(weak, "zahra.k")
    assert refused.value.errors[0]["pointer"] == "/password"


def test_several_words_are_a_good_password() -> None:
    passwords.demand_good(PASSWORD, "zahra.k")


@pytest.mark.parametrize(("second", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"),
                                              (20000000000, "353130")])
def test_codes_are_those_of_rfc_6238(second: int, code: str) -> None:
    assert second_factor.step_of(RFC, code, datetime.fromtimestamp(second, UTC)) == second // 30


@given(st.integers(0, 4_000_000_000), st.integers(-5, 5))
def test_a_code_is_right_one_step_before_and_after_and_no_further(second: int, away: int) -> None:
    at = datetime.fromtimestamp(second + 300, UTC)
    step = (second + 300) // 30 + away
    found = second_factor.step_of(RFC, pyotp.TOTP(RFC).generate_otp(step), at)
    assert found == step if abs(away) <= 1 else found != step


@pytest.mark.parametrize("typed", ["287 082", "۲۸۷۰۸۲", "287-082", "٢٨٧٠٨٢"])
def test_a_code_is_read_as_people_type_it(typed: str) -> None:
    assert second_factor.step_of(RFC, typed, datetime.fromtimestamp(59, UTC)) == 1


@settings(max_examples=50)
@given(st.text(max_size=40))
def test_nothing_else_is_a_code(typed: str) -> None:
    assert (second_factor.step_of(RFC, typed, AT) is None) or len(second_factor.spelled(typed)) == 6


def test_secrets_and_recovery_codes_are_random_and_long() -> None:
    assert len({second_factor.new_secret() for _ in range(50)}) == 50
    assert len(second_factor.new_secret()) == 32, "160 bits in base32"
    codes = second_factor.new_recovery_codes() + second_factor.new_recovery_codes()
    assert len(set(codes)) == 20 and {len(second_factor.spelled(code)) for code in codes} == {16}


def test_a_recovery_code_is_known_however_it_is_typed() -> None:
    code = second_factor.new_recovery_codes()[0]
    assert second_factor.hash_of(code.upper().replace("-", " ")) == second_factor.hash_of(code)
    assert second_factor.hash_of(code) not in code


def test_a_telephone_reads_whose_secret_it_is() -> None:
    parts = pyotp.parse_uri(second_factor.address(RFC, "zahra.k"))
    assert (parts.secret, parts.name, parts.issuer) == (RFC, "zahra.k", "Mahalle")


def test_drift_is_one_step_either_side() -> None:
    totp: Any = pyotp.TOTP(RFC)
    assert [second_factor.step_of(RFC, totp.at(AT + timedelta(seconds=30 * n)), AT) is not None for n in range(-2, 3)] == [
        False, True, True, True, False]
