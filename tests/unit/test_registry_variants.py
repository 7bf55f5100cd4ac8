"""Spellings of one place are proposed, two places are not."""
import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.variants import LEAST, MOST, propose, score

NAMES = Path(__file__).parents[3] / "shared" / "data" / "neighbourhoods" / "karaj_neighbourhood_names.csv"


@pytest.mark.parametrize(("one", "other"), [
    ("آق تپه", "آق\u200cتپه"), ("آق تپه", "اقتپه"), ("كلاك پايين", "کلاک پایین"), ("فاز ۱ مهرشهر", "فاز 1 مهرشهر")])
def test_what_a_reader_takes_for_the_same_scores_100(one: str, other: str) -> None:
    assert score(one, other) == 100.0


@pytest.mark.parametrize(("one", "other"), [
    ("شهرک بنفشه", "بنفشه"), ("شهرک ولی عصر", "کوی ولیعصر"), ("محله هفت تیر", "۷ تیر"),
    ("اسلام آباد (زورآباد)", "اسلام‌آباد"), ("گوهردشت (رجایی شهر)", "رجایی‌شهر"), ("منظریه", "منظزیه")])
def test_what_may_be_the_same_is_proposed_and_scores_less(one: str, other: str) -> None:
    assert LEAST <= score(one, other) < 100.0


@pytest.mark.parametrize(("one", "other"), [
    ("حصارک بالا", "حصارک پایین"), ("فاز ۱ مهرشهر", "فاز ۲ مهرشهر"), ("کوی کارمندان شمالی", "کوی کارمندان جنوبی"),
    ("باغستان", "باغستان غربی"), ("گلشهر", "گلزار"), ("خیابان برغان", "برغان"), ("مهرشهر", "فاز ۱ مهرشهر"), ("کوی", "شهرک"),
    ("", "درختی"), ("()", "درختی")])
def test_two_places_are_not_proposed_for_each_other(one: str, other: str) -> None:
    assert score(one, other) < LEAST


@given(st.text(max_size=30), st.text(max_size=30))
def test_likeness_is_the_same_both_ways_round(one: str, other: str) -> None:
    assert score(one, other) == score(other, one) <= 100.0


def test_the_likeliest_come_first_and_not_too_many() -> None:
    known = {f"n{number}": "شهرک گلستان" for number in range(9)} | {"z": "گلستان"}
    assert propose("گلستان", known) == [("z", 100.0), *((f"n{number}", 98.0) for number in range(MOST - 1))]


def test_of_two_real_lists_of_one_city_the_shared_names_are_proposed_and_no_others() -> None:
    if not NAMES.exists():
        pytest.skip("../shared/data is not here")
    with NAMES.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    known = {row["name"]: row["name"] for row in rows if row["list"] == "A"}
    proposed = {row["name"]: [code for code, _ in propose(row["name"], known)] for row in rows if row["list"] == "B"}
    found = {name: codes for name, codes in proposed.items() if codes}
    assert found.pop("گوهردشت (رجایی شهر)") == ["رجایی‌شهر", "گوهردشت"]
    assert found.pop("اسلام آباد (زورآباد)") == ["اسلام‌آباد"]
    assert {name.replace(" ", "") for name in found} == {
        codes[0].replace(" ", "").replace("\u200c", "") for codes in found.values()}
    assert len(found) == 25
