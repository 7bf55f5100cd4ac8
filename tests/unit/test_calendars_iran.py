"""Iran's holidays as a calendar keeps them; and a second seeding that takes nothing away from a person."""
import csv
from pathlib import Path
from typing import Any

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.calendars import iran
from services.registry.calendars.schemas import CalendarSchema
from services.registry.calendars.seed import BY, Merged, by_date, merged, touched_in, years_of
from services.registry.load import change, read
from services.registry.model import OPEN, Edit
from tests.builders import NOON

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "calendar" / "iran_public_holidays_2024-2028.csv"
FIRST, AFTER = "2024-03-20", "2025-03-21"
SAMPLE = Path(__file__).parents[2] / "deploy" / "sample" / "alborz"
Record = dict[str, Any]


def holiday(day: str, name: str = "نوروز") -> Record:
    return {"date": day, "name_fa": name, "name_en": name, "estimated": False}


def bare(name: str) -> str:
    return name.replace(iran.LABELS[0], "").replace(iran.LABELS[1], "")


def test_the_holidays_are_those_of_the_list_of_2024_to_2028() -> None:
    if not DATA.exists():
        pytest.skip(f"the list {DATA.name} is not here (../shared/data)")
    with DATA.open(encoding="utf-8") as file:
        listed = {row["gregorian"]: row for row in csv.DictReader(file) if "2024-03-20" <= row["gregorian"] <= "2028-12-31"}
    found = {each["date"]: each for each in iran.holidays_of(range(1403, 1408)) if each["date"] <= "2028-12-31"}
    assert sorted(found) == sorted(listed) and len(found) > 100
    for day, row in listed.items():
        assert [bare(found[day][name]) for name in ("name_fa", "name_en")] == [bare(row["name_fa"]), bare(row["name_en"])]
        fixed_too = any(iran.LABELS[1] not in part for part in row["name_en"].split("; "))
        assert found[day]["estimated"] == (row["estimated"] == "1" and not fixed_too), day


def test_years_begin_at_nowruz_and_end_before_the_next() -> None:
    found = iran.holidays_of(range(1403, 1405))
    assert (found[0]["date"], found[0]["name_en"], found[-1]["date"]) == ("2024-03-20", "Nowruz", "2026-03-20")
    assert found == sorted(found, key=lambda each: each["date"])


@pytest.mark.parametrize(("day", "estimated", "labelled"), [
    ("2024-04-10", False, False), ("2027-06-15", True, False), ("2028-03-22", False, True)])
def test_a_day_is_estimated_where_nothing_else_falls_on_it(day: str, estimated: bool, labelled: bool) -> None:
    [found] = [each for each in iran.holidays_of(range(1403, 1408)) if each["date"] == day]
    assert (found["estimated"], "تخمینی" in found["name_fa"], "estimated" in found["name_en"]) == (
        estimated, labelled, labelled)


@pytest.mark.parametrize(("thursday", "weekend", "thursdays"), [("closed", [4, 5], 0), ("half", [5], 1)])
def test_the_usual_week_is_a_calendar_that_may_be_kept(thursday: str, weekend: list[int], thursdays: int) -> None:
    week = iran.usual_week(thursday)
    assert week["weekend"] == weekend and len([row for row in week["office_hours"] if row["weekday"] == 4]) == thursdays
    assert CalendarSchema().validate(week | {"holidays": iran.holidays_of(range(1403, 1408))}) == {}


def edit(by: str, *holidays: Record) -> Edit:
    return Edit(FIRST, OPEN, {"holidays": list(holidays)}, NOON, by)


def merge(edits: list[Edit], new: list[Record]) -> Merged:
    held: list[Record] = (edits[-1].values or {})["holidays"] if edits else []
    return merged(by_date(held), touched_in(edits), by_date(new), FIRST, AFTER)


A, B, C = "2024-04-01", "2024-05-01", "2024-06-01"


def test_what_nobody_touched_is_brought_up_to_date() -> None:
    found = merge([edit(BY, holiday(A), holiday(B))], [holiday(A, "تازه"), holiday(C)])
    assert found == Merged([holiday(A, "تازه"), holiday(C)], [C], [A], [B], [])


def test_what_a_person_entered_changed_or_took_away_stays_so() -> None:
    entered, changed = holiday("2024-07-01", "عید محله"), holiday(A, "نام دیگر")
    edits = [edit(BY, holiday(A), holiday(B)), edit("secretary:alborz", changed, entered)]
    found = merge(edits, [holiday(A), holiday(B), holiday(C)])
    assert found.holidays == [changed, holiday(C), entered]
    assert (found.added, found.gone, found.by_hand) == ([C], [], [A, B, "2024-07-01"])


def test_what_a_person_entered_outlives_every_later_seed() -> None:
    own = holiday("2024-07-01", "عید محله")
    edits = [edit(BY, holiday(A)), edit("secretary:alborz", holiday(A), own), edit(BY, holiday(A), own, holiday(C))]
    found = merge(edits, [holiday(B)])
    assert (found.holidays, found.gone) == ([holiday(B), own], [A, C])


def test_other_years_are_left_alone() -> None:
    before = holiday("2023-03-21")
    assert merge([edit(BY, before)], []).holidays == [before]


days = st.lists(st.sampled_from([f"2024-{month:02}-10" for month in range(4, 13)] + ["2026-01-01"]), unique=True)
some = st.tuples(days, st.sampled_from(["الف", "ب"])).map(lambda found: [holiday(day, found[1]) for day in found[0]])


@given(st.lists(st.tuples(st.sampled_from([BY, "secretary:alborz"]), some), max_size=5), some)
def test_seeding_again_changes_nothing(said: list[tuple[str, list[Record]]], new: list[Record]) -> None:
    edits = [edit(by, *holidays) for by, holidays in said]
    once = merge(edits, new)
    again = merge([*edits, edit(BY, *once.holidays)], new)
    assert again.holidays == once.holidays and again.added == again.changed == again.gone == []


def test_years_are_jalali_and_bounded() -> None:
    assert (years_of("1403-1407"), years_of("۱۴۰۴")) == (range(1403, 1408), range(1404, 1405))
    for wrong in ("2024-2028", "1407-1403", "1360-1478", "1403-", "x"):
        with pytest.raises(click.BadParameter):
            years_of(wrong)


def test_the_sample_province_has_the_calendar_that_a_seed_would_make() -> None:
    [record] = read(SAMPLE, "calendars")
    made = change("calendars", record.pop("code"), record, "2024-03-20")
    assert (made.code, made.values) == ("alborz", iran.usual_week("closed") | {
        "holidays": iran.holidays_of(range(1403, 1408)), "closures": [], "sample": True})
