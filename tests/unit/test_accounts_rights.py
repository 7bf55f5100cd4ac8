"""A right ends the day the term ends, by the platform's midnight."""
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.registry.accounts.rights import Right, allow, day_of, earliest, rights_of
from services.registry.accounts.tries import FREE, LONGEST, lock_after

PERSON = "0b9c3f0e-7c1d-4d4b-9a55-0a1b2c3d4e5f"
SEAT: dict[str, Any] = {"code": "head-abfa", "role": "head", "territory": None, "agency": "abfa", "committee": None,
                        "headquarters": None, "valid_from": "2025-03-21", "valid_to": "2026-03-21"}
END = datetime(2026, 3, 20, 20, 30, tzinfo=UTC)  # midnight in Tehran, +03:30


def seated(**given: Any) -> Any:
    return lambda person, day: [{**SEAT, **given}] if person == PERSON else []


def test_a_seat_gives_a_right_at_its_place() -> None:
    assert rights_of(PERSON, "2025-06-01", seated()) == [Right("head", "agency", "abfa", "2026-03-21")]
    assert rights_of("somebody else", "2025-06-01", seated()) == []


@given(st.dates(date(2024, 1, 1), date(2028, 1, 1)), st.dates(date(2024, 1, 1), date(2028, 1, 1)),
       st.dates(date(2024, 1, 1), date(2028, 1, 1)))
def test_a_right_holds_from_the_first_day_to_before_the_last(begins: date, ends: date, day: date) -> None:
    found = rights_of(PERSON, day.isoformat(), seated(valid_from=begins.isoformat(), valid_to=ends.isoformat()))
    assert bool(found) == (begins <= day < ends)


def test_a_term_without_an_end_gives_a_right_without_one() -> None:
    for open_end in (None, "9999-12-31"):
        assert [right.until for right in rights_of(PERSON, "2030-01-01", seated(valid_to=open_end))] == [None]


def test_the_day_begins_at_midnight_of_the_platforms_time_zone() -> None:
    assert day_of(END - timedelta(milliseconds=1)) == "2026-03-20"
    assert day_of(END) == "2026-03-21"


def test_what_comes_first_ends_it() -> None:
    rights = [Right("head", "agency", "abfa", "2026-03-21"), Right("clerk", "agency", "gaz", None),
              Right("editor", "headquarters", "alborz", "2027-01-01")]
    assert earliest(END + timedelta(hours=1), rights) == END
    assert earliest(END - timedelta(hours=1), rights) == END - timedelta(hours=1)


def test_rights_allow_what_their_seats_are_for_and_nothing_beyond() -> None:
    head = [Right("head", "agency", "abfa", None)]
    assert allow(head, "agency", "abfa")
    assert not allow(head, "agency", "gaz")
    assert not allow(head, "secretary", "alborz")
    assert not allow(head, "operator", "")
    assert not allow([Right("reporter", "territory", "n1", None)], "resident", "")
    assert not allow([Right("head", "territory", "abfa", None)], "agency", "abfa")
    secretary = [Right("secretary", "headquarters", "alborz", None)]
    assert allow(secretary, "secretary", "alborz")
    assert not allow(secretary, "secretary", "tehran")
    assert allow([Right("operator", "territory", "alborz", None)], "operator", "")


def test_each_lock_is_twice_the_one_before_up_to_the_longest() -> None:
    assert [lock_after(n) for n in range(FREE - 1, FREE + 7)] == [0, 30, 60, 120, 240, 480, LONGEST, LONGEST]
