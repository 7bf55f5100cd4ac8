"""Days as people write them."""
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import Invalid
from services.registry.days import day_of, in_persian


@pytest.mark.parametrize(("text", "day"), [
    ("2025-03-21", "2025-03-21"), ("2025/3/21", "2025-03-21"), ("1404/01/01", "2025-03-21"), ("1404-1-1", "2025-03-21"),
    ("۱۴۰۴/۰۱/۰۱", "2025-03-21"), ("١٤٠٤/١/١", "2025-03-21"), (" 1404.01.01\u200f ", "2025-03-21"),
    ("1403/12/30", "2025-03-20"), ("1399/12/30", "2021-03-20"), ("1408/12/30", "2030-03-20"), ("2024-02-29", "2024-02-29")])
def test_a_day_of_either_calendar_is_kept_as_one(text: str, day: str) -> None:
    assert day_of(text) == day


@pytest.mark.parametrize("text", ["1404/12/30", "۱۴۰۴/۱۲/۳۰", "1404/07/31", "1404/13/01", "1404/00/01", "2025-02-29",
                                  "2025-01-00"])
def test_a_day_that_is_in_no_calendar_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="no_such_day"):
        day_of(text)


def test_the_refusal_says_why_in_both_languages() -> None:
    with pytest.raises(Invalid) as refused:
        day_of("1404/12/30")
    assert "اسفند ۱۴۰۴ ۲۹ روز" in refused.value.fa
    assert "Esfand 1404 has 29 days" in refused.value.en


@pytest.mark.parametrize("text", ["", "04/01/01", "1404/01-01", "21-03-2025", "1600/01/01", "2025-03-21T00:00", "x" * 1000,
                                  "1404/1/1 1"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="bad_day"):
        day_of(text)


@given(st.dates(date(1900, 1, 1), date(2121, 1, 1)))
def test_a_day_shown_in_persian_is_read_as_the_same_day(day: date) -> None:
    shown = in_persian(day.isoformat())
    assert len(shown) == 10 and shown[0] == "۱"
    assert day_of(shown) == day.isoformat()
