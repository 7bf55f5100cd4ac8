"""Calendars in a real database: seeded, closed and opened day by day with one event each, and found up the path."""
import threading
from typing import Any

import pytest
from click.testing import CliRunner

from chassis.clock import today
from contracts.errors import NotFound, Refused
from services.registry import use_cases
from services.registry.calendars import closures, iran, seed
from services.registry.documents import Calendar
from services.registry.model import Change
from tests.integration.conftest import Connect
from tests.integration.registered import BY, DAY, LATER, TREE, place, stored

YEARS = range(1403, 1408)
CLOSURE = {"date": "2026-12-20", "reason": "آلودگی هوا", "starts": None, "ends": None}
Record = dict[str, Any]


@pytest.fixture
def registry(database: Connect) -> Connect:
    database("registry")
    use_cases.put(TREE, BY)
    seed.seed("alborz", YEARS)
    return database


def calendar(code: str = "alborz", day: str | None = None) -> Record:
    found: Record = use_cases.look("calendars", code, {"as_of": day or today()})
    return found


def events(code: str = "alborz") -> int:
    return len(stored(Calendar, code)["outbox"])


def test_a_calendar_is_made_with_usual_hours_and_all_holidays(registry: Connect) -> None:
    found = calendar(day=DAY)
    assert (found["time_zone"], found["weekend"], found["holidays"]) == ("Asia/Tehran", [4, 5], iran.holidays_of(YEARS))
    assert (found["office_hours"][0]["opens"], found["office_hours"][0]["closes"]) == ("07:30", "14:30")
    assert found["valid_from"] == "2024-03-20" and events() == 1


def test_seeding_again_changes_nothing_and_takes_nothing_from_a_person(registry: Connect) -> None:
    seed.seed("alborz", YEARS)
    assert events() == 1
    closures.close("alborz", CLOSURE, BY)
    closures.drop_holiday("alborz", "2027-06-15", BY)
    own = {"date": "2026-12-01", "name_fa": "روز البرز", "name_en": "Alborz day", "estimated": False}
    closures.keep_holiday("alborz", own, BY)
    before, found = calendar(), seed.seed("alborz", YEARS)
    assert found.by_hand == ["2026-12-01", "2027-06-15"] and found.added == found.changed == found.gone == []
    assert calendar() == before and before["closures"] == [CLOSURE] and own in before["holidays"]


def test_a_later_seed_brings_more_years_and_keeps_hours_that_were_edited(registry: Connect) -> None:
    values = {key: value for key, value in calendar().items() if key not in ("code", "valid_from", "valid_to")}
    use_cases.put([Change("calendars", "alborz", values | {"weekend": [5]}, today())], BY)
    found = seed.seed("alborz", range(1408, 1409), thursday="closed")
    assert len(found.added) > 20 and calendar()["weekend"] == [5]
    assert calendar()["holidays"] == iran.holidays_of(range(1403, 1409))
    assert {edit["by"] for edit in stored(Calendar, "alborz")["edits"]} == {seed.BY, BY}


def test_a_dry_run_says_what_would_change_and_changes_nothing(registry: Connect) -> None:
    found = seed.seed("qazvin", YEARS, dry_run=True)
    assert len(found.added) == len(iran.holidays_of(YEARS)) and Calendar._get_collection().count_documents({}) == 1


def test_the_command_says_what_it_did_and_what_it_cannot_do(registry: Connect) -> None:
    run = CliRunner().invoke
    done = run(seed.main, ["qazvin", "--years", "1404", "--thursday", "half"])
    assert done.exit_code == 0 and "qazvin: 33 holidays" in done.output and "added: 33" in done.output
    assert calendar("qazvin")["weekend"] == [5]
    assert run(seed.main, ["nowhere", "--years", "1404"]).exit_code == 1
    assert run(seed.main, ["qazvin", "--years", "2025"]).exit_code == 2


def test_each_closure_is_one_edit_and_one_event(registry: Connect) -> None:
    half = CLOSURE | {"starts": "10:00", "ends": "12:00"}
    for closure, number in ((CLOSURE, 2), (half, 3), (CLOSURE, 3), (CLOSURE | {"reason": "برف"}, 4)):
        closures.close("alborz", closure, BY)
        assert (events(), len(stored(Calendar, "alborz")["edits"])) == (number, number)
    assert [(each["starts"], each["reason"]) for each in calendar()["closures"]] == [(None, "برف"), ("10:00", "آلودگی هوا")]
    closures.reopen("alborz", "2026-12-20", "10:00", BY)
    assert [each["starts"] for each in calendar()["closures"]] == [None] and events() == 5
    with pytest.raises(NotFound):
        closures.reopen("alborz", "2026-12-20", "10:00", BY)


def test_who_closes_days_at_once_loses_none(registry: Connect) -> None:
    days = [f"2026-12-{day:02}" for day in range(1, 9)]
    threads = [threading.Thread(target=closures.close, args=("alborz", CLOSURE | {"date": day}, BY)) for day in days]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [each["date"] for each in calendar()["closures"]] == days


def test_a_closure_holds_in_what_is_planned_as_well(registry: Connect) -> None:
    values = {key: value for key, value in calendar().items() if key not in ("code", "valid_from", "valid_to")}
    use_cases.put([Change("calendars", "alborz", values | {"weekend": [5]}, LATER)], BY)
    before = events()
    closures.close("alborz", CLOSURE, BY)
    assert calendar()["closures"] == [CLOSURE] == calendar(day=LATER)["closures"]
    assert (calendar()["weekend"], calendar(day=LATER)["weekend"], events()) == ([4, 5], [5], before + 1)
    assert calendar(day=DAY)["closures"] == [], "what was said before today stays as it was said"


def test_a_place_without_a_calendar_of_its_own_cannot_be_closed(registry: Connect) -> None:
    with pytest.raises(Refused) as refused:
        closures.close("karaj", CLOSURE, BY)
    assert refused.value.code == "no_calendar"


def test_the_nearest_calendar_up_the_path_holds(registry: Connect) -> None:
    def whose(place: str, day: str = "") -> str | None:
        found = closures.calendar_of(place, day or today())
        return found["code"] if found else None

    assert [whose(code) for code in ("z1", "karaj", "alborz", "q1")] == ["alborz", "alborz", "alborz", None]
    values = {key: value for key, value in calendar().items() if key not in ("code", "valid_from", "valid_to")}
    use_cases.put([Change("calendars", "karaj", values, DAY)], BY)
    assert [whose("z1"), whose("z1", "2025-03-20"), whose("fardis")] == ["karaj", "alborz", "alborz"]
    use_cases.put([place("n1", "neighbourhood", "karaj", DAY, contested_with="fardis")], BY)
    assert whose("z1") == "alborz", "of a contested place neither side's calendar holds"
    with pytest.raises(NotFound):
        closures.calendar_of("nowhere", today())
