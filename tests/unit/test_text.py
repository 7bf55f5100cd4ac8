"""Persian as people type it: kept, shown tidied, found either way."""
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.text import fold, tidy, words


def test_arabic_letters_are_shown_as_persian_ones() -> None:
    assert tidy("زباله هاي كوچه") == "زباله های کوچه"


def test_controls_and_stray_spaces_are_not_shown_and_half_spaces_are() -> None:
    assert tidy("  می\u200cرود \u202eبه\u0000   خانه \r\n فردا ") == "می\u200cرود به خانه\nفردا"


@pytest.mark.parametrize(("one", "other"), [
    ("آق تپه", "اق تپه"), ("آق\u200cتپه", "آقتپه"), ("كوچه ۱۲", "کوچه ١٢"), ("كوچه ۱۲", "کوچه 12"), ("Water", "WATER"),
    ("مسئله", "مسیله"), ("مُشکِل", "مشکل"), ("خیابان\u0640", "خیابان")])
def test_spellings_that_a_reader_takes_for_the_same_are_found_as_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@given(st.text(max_size=300))
def test_tidying_and_folding_twice_changes_nothing_more(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)
    assert fold(fold(text)) == fold(text)


def test_words_are_distinct_folded_and_bounded() -> None:
    assert words("چراغ چراغ", "كوچه") == ["چراغ", "کوچه"]
    assert words(" ".join(f"word{n}" for n in range(500))) == [f"word{n}" for n in range(200)]
