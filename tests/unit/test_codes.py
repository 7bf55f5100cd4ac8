"""Tracking codes and secrets survive being read out, written down and typed in again."""
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.text import persian_digits
from services.issues import codes

IDS = st.uuids().map(str)


@given(IDS, st.integers(0, 9))
def test_a_code_is_found_however_it_is_typed(issue_id: str, salt: int) -> None:
    code = codes.tracking_code(issue_id, salt)
    spoken = codes.spoken(code)
    for typed in (code, spoken, persian_digits(spoken), f" {code[:4]} {code[4:]} ", spoken.replace("-", "–"),
                  f"\u200f{spoken.replace('-', ' - ')}\u200e"):
        assert codes.read_code(typed) == code


@pytest.mark.parametrize("typed", [
    "", "1234567890²", "12²45678901", "１２３４５６７８９０１", "1234567890", "no code", "0" * 12])
def test_what_is_no_code_is_none(typed: str) -> None:
    assert codes.read_code(typed) is None


@given(IDS, st.integers(0, 10), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(issue_id: str, position: int, by: int) -> None:
    code = codes.tracking_code(issue_id)
    wrong = str((int(code[position]) + by) % 10)
    assert codes.read_code(code[:position] + wrong + code[position + 1:]) is None


@given(IDS, st.integers(0, 9))
def test_two_swapped_neighbours_are_always_noticed(issue_id: str, position: int) -> None:
    code = codes.tracking_code(issue_id)
    swapped = code[:position] + code[position + 1] + code[position] + code[position + 2:]
    assert swapped == code or codes.read_code(swapped) is None


def test_the_same_filing_gets_the_same_secret_and_another_key_another() -> None:
    assert codes.secret_of("i", "k") == codes.secret_of("i", "k") != codes.secret_of("i", "other")


def test_a_secret_fits_with_or_without_its_dashes_and_no_other_does() -> None:
    secret = codes.secret_of("i", "k")
    kept = codes.hash_of(secret)
    assert codes.fits(secret, kept) and codes.fits(secret.upper().replace("-", " "), kept)
    assert not codes.fits(None, kept) and not codes.fits("", kept) and not codes.fits(secret[:-1] + "0", kept)


def test_codes_do_not_tell_how_many_issues_there_are() -> None:
    numbers = [int(codes.tracking_code(str(random.random()))) for _ in range(200)]
    assert max(numbers) > 5 * 10**10 and sorted(numbers) != numbers
