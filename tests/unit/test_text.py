"""Persian as people type it: kept, shown tidied, found either way."""
import re
import unicodedata
from typing import Literal

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


@pytest.mark.parametrize("between", ["", "\x00", "\u0640", "\u200c"])
def test_no_more_marks_are_put_in_order_than_a_letter_can_have(monkeypatch: pytest.MonkeyPatch, between: str) -> None:
    """4,000 of them take 16 ms, and 30,000 a second, in which nobody else is answered. What is taken away joins heaps."""
    heaps: list[int] = []
    normalize = unicodedata.normalize

    def noted(form: Literal["NFC", "NFD"], text: str) -> str:
        heaps.extend(len(heap) for heap in re.split("[^\u0316\u0301]+", text))
        return normalize(form, text)

    monkeypatch.setattr(unicodedata, "normalize", noted)
    told = "a" + ("\u0316\u0301" * 15 + between) * 100
    assert tidy(told) and fold(told) == "a"
    assert max(heaps) == 30
    assert tidy("Z" + "\u0316" * 30) == "Z" + "\u0316" * 30


def test_words_are_distinct_folded_and_bounded() -> None:
    assert words("چراغ چراغ", "كوچه") == ["چراغ", "کوچه"]
    assert words(" ".join(f"word{n}" for n in range(500))) == [f"word{n}" for n in range(200)]
