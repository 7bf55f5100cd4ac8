"""A right ends the day the term ends, by the platform's midnight."""
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.accounts.rights import Right, allow, day_of, earliest, of_seat, resident, rights_of
from services.registry.accounts.tries import FREE, LONGEST, lock_after

PERSON = "0b9c3f0e-7c1d-4d4b-9a55-0a1b2c3d4e5f"
SEAT: dict[str, Any] = {"code": "head-abfa", "role": "head", "territory": None, "agency": "abfa", "committee": None,
                        "headquarters": None, "valid_from": "2025-03-21", "valid_to": "2026-03-21"}
END = datetime(2026, 3, 20, 20, 30, tzinfo=UTC)  # midnight in Tehran, +03:30


def seated(**given: Any) -> Any:
    return lambda person, day: [{**SEAT, **given}] if person == PERSON else []


def test_a_seat_gives_a_right_at_its_place() -> None:
    assert rights_of(PERSON, "2025-06-01", seated()) == [Right("agency", "agency", "abfa", "2026-03-21"), resident(PERSON)]
    assert rights_of("somebody else", "2025-06-01", seated()) == [resident("somebody else")]


@given(st.dates(date(2024, 1, 1), date(2028, 1, 1)), st.dates(date(2024, 1, 1), date(2028, 1, 1)),
       st.dates(date(2024, 1, 1), date(2028, 1, 1)))
def test_a_right_holds_from_the_first_day_to_before_the_last(begins: date, ends: date, day: date) -> None:
    found = rights_of(PERSON, day.isoformat(), seated(valid_from=begins.isoformat(), valid_to=ends.isoformat()))
    assert (len(found) == 2) == (begins <= day < ends)


def test_a_term_without_an_end_gives_a_right_without_one() -> None:
    for open_end in (None, "9999-12-31"):
        assert [right.until for right in rights_of(PERSON, "2030-01-01", seated(valid_to=open_end))] == [None, None]


NONE = {"territory": None, "agency": None, "committee": None, "headquarters": None}


@pytest.mark.parametrize(("role", "where", "right"), [
    *((role, {"agency": "abfa"}, ("agency", "agency", "abfa")) for role in ("head", "clerk", "case_worker")),
    ("secretary", {"headquarters": "alborz-headquarters", "territory": "alborz"}, ("secretary", "territory", "alborz")),
    *((role, {"territory": "karaj"}, (role, "territory", "karaj"))
      for role in ("secretary", "neighbourhood_manager", "reporter", "case_worker")),
    ("operator", {"territory": "alborz"}, ("operator", "platform", "")), ("operator", {}, ("operator", "platform", "")),
    ("head", {"headquarters": "alborz-headquarters", "territory": "alborz"}, None),
    ("case_worker", {"headquarters": "alborz-headquarters", "territory": "alborz"}, None),
    ("secretary", {"agency": "abfa"}, None), ("secretary", {"committee": "water"}, None),
    ("member", {"committee": "water"}, None), ("alley_mayor", {"territory": "karaj-a1"}, None),
    ("women_helper", {"territory": "karaj"}, None)])
def test_each_seat_gives_its_right_or_none(role: str, where: dict[str, str], right: tuple[str, str, str] | None) -> None:
    found = of_seat({**SEAT, **NONE, **where, "role": role})
    assert found == (Right(*right, until="2026-03-21") if right else None)


def test_two_seats_with_the_same_right_are_one_that_lasts_longer() -> None:
    held = [{**SEAT, "role": role, "valid_to": end} for role, end in (
        ("clerk", "2026-01-01"), ("head", "2027-01-01"), ("case_worker", "2026-06-01"))]
    [found, _] = rights_of(PERSON, "2025-06-01", lambda person, day: held)
    assert found == Right("agency", "agency", "abfa", "2027-01-01")
    endless = [*held, {**SEAT, "valid_to": "9999-12-31"}]
    assert rights_of(PERSON, "2025-06-01", lambda person, day: endless)[0].until is None


def test_the_day_begins_at_midnight_of_the_platforms_time_zone() -> None:
    assert day_of(END - timedelta(milliseconds=1)) == "2026-03-20"
    assert day_of(END) == "2026-03-21"


def test_what_comes_first_ends_it() -> None:
    rights = [Right("agency", "agency", "abfa", "2026-03-21"), Right("agency", "agency", "gaz", None),
              Right("secretary", "territory", "alborz", "2027-01-01")]
    assert earliest(END + timedelta(hours=1), rights) == END
    assert earliest(END - timedelta(hours=1), rights) == END - timedelta(hours=1)


def test_rights_allow_what_their_seats_are_for_and_nothing_beyond() -> None:
    head = [Right("agency", "agency", "abfa", None)]
    assert allow(head, "agency", "abfa")
    assert not allow(head, "agency", "gaz")
    assert not allow(head, "secretary", "alborz")
    assert not allow(head, "operator", "")
    assert not allow([Right("reporter", "territory", "n1", None)], "resident", "")
    assert not allow([Right("neighbourhood_manager", "territory", "abfa", None)], "agency", "abfa")
    secretary = [Right("secretary", "territory", "alborz", None)]
    assert allow(secretary, "secretary", "alborz")
    assert not allow(secretary, "secretary", "tehran")
    assert not allow(secretary, "secretary", "")
    assert allow([Right("operator", "platform", "", None)], "operator", "x")


def test_each_lock_is_twice_the_one_before_up_to_the_longest() -> None:
    assert [lock_after(n) for n in range(FREE - 1, FREE + 7)] == [0, 30, 60, 120, 240, 480, LONGEST, LONGEST]
