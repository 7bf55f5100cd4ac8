"""The sample province is whole: a loader, a router and a demonstration find in it all they will ask for."""
import json
import re
from collections import Counter
from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest

Record = dict[str, Any]
Point = tuple[float, float]
FOLDER = Path(__file__).parents[2] / "deploy" / "sample" / "alborz"
REGISTERS = ("territories", "headquarters", "agencies", "committees", "categories", "rules", "people")
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
KINDS_ABOVE = {"province": (None,), "county": ("province",), "city": ("county",), "region": ("city",),
               "neighbourhood": ("city", "region")}
TEAM = {"neighbourhood_manager", "alley_mayor", "women_helper", "reporter"}


def read(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


ALL: dict[str, list[Record]] = {name: read(name) for name in (*REGISTERS, "issues")}
BY_CODE = {name: {record["code"]: record for record in ALL[name]} for name in REGISTERS}
NEIGHBOURHOODS = [place for place in ALL["territories"] if place["kind"] == "neighbourhood"]
RINGS: dict[str, list[Point]] = {
    place["code"]: [(lon, lat) for lon, lat in place["polygon"]["coordinates"][0]] for place in NEIGHBOURHOODS}


def ancestors(register: str, code: str | None) -> Iterator[str]:
    """The code itself, then its parents up to the root."""
    while code is not None:
        yield code
        code = BY_CODE[register][code]["parent"]


def leaves() -> list[str]:
    parents = {category["parent"] for category in ALL["categories"]}
    return [category["code"] for category in ALL["categories"] if category["code"] not in parents]


def values(found: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every string in a JSON value, with the last key above it."""
    if isinstance(found, str):
        yield path, found
    elif isinstance(found, dict):
        for key, value in found.items():
            yield from values(value, key)
    elif isinstance(found, list):
        for item in found:
            yield from values(item, path)


def side(a: Point, b: Point, c: Point) -> float:
    """Above zero when c lies left of the way from a to b."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Whether the segments a-b and c-d cross at a point inside both."""
    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0


def edges(ring: list[Point]) -> list[tuple[Point, Point]]:
    return list(pairwise(ring))


def doubled_area(ring: list[Point]) -> float:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in edges(ring))


def inside(point: Point, ring: list[Point]) -> bool:
    x, y = point
    return sum((a[1] > y) != (b[1] > y) and x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0]
               for a, b in edges(ring)) % 2 == 1


def middle(ring: list[Point]) -> Point:
    corners = ring[:-1]
    return sum(x for x, _ in corners) / len(corners), sum(y for _, y in corners) / len(corners)


def overlap(one: list[Point], other: list[Point]) -> bool:
    """Whether two rings share ground: edges cross, or one's middle or a corner not shared lies in the other."""
    if any(cross(*first, *second) for first in edges(one) for second in edges(other)):
        return True
    return any(inside(point, there) for here, there in ((one, other), (other, one))
               for point in {*here, middle(here)} - set(there))


def faults(ring: list[Point]) -> list[str]:
    """What is wrong with a ring, in words; nothing when MongoDB and GeoJSON will take it."""
    found = {
        "not closed": ring[0] != ring[-1],
        "not 5 to 12 corners": not 5 <= len(set(ring)) <= 12,
        "a corner twice": len(set(ring)) != len(ring) - 1,
        "not counter-clockwise": doubled_area(ring) <= 0,
        "crosses itself": any(cross(*one, *other) for one, other in combinations(edges(ring), 2)),
        "not in Alborz": not all(50.1 < lon < 51.5 and 35.5 < lat < 36.4 for lon, lat in ring),
        "more than 5 decimals": any(round(part, 5) != part for point in ring for part in point),
    }
    return [fault for fault, there in found.items() if there]


def test_it_says_that_it_is_a_sample_on_every_record() -> None:
    manifest = read("manifest")
    assert manifest["sample"] is True and "نمونه" in manifest["label_fa"] and "Sample" in manifest["label_en"]
    assert manifest["province"] in BY_CODE["territories"]
    assert [record for records in ALL.values() for record in records if record["sample"] is not True] == []


def test_it_is_as_large_as_it_says() -> None:
    kinds = Counter(place["kind"] for place in ALL["territories"])
    assert (kinds["province"], kinds["county"], kinds["region"]) == (1, 7, 12)
    assert sum(place["target"] for place in NEIGHBOURHOODS) == 67
    assert (len(ALL["agencies"]), len(ALL["committees"]), len(ALL["issues"])) == (60, 11, 120)


@pytest.mark.parametrize("register", REGISTERS)
def test_codes_are_unique_and_fit_the_grammar(register: str) -> None:
    codes = [record["code"] for record in ALL[register]]
    assert len(codes) == len(set(codes))
    assert [code for code in codes if not CODE.fullmatch(code) or len(code) > 40] == []


def test_every_place_stands_under_a_place_of_the_right_kind() -> None:
    for place in ALL["territories"]:
        above = BY_CODE["territories"][place["parent"]]["kind"] if place["parent"] else None
        assert above in KINDS_ABOVE[place["kind"]], place["code"]
        assert (place["polygon"] is not None) == (place["kind"] == "neighbourhood"), place["code"]


@pytest.mark.parametrize(("register", "field", "to"), [
    ("headquarters", "territory", "territories"), ("headquarters", "parent", "headquarters"),
    ("agencies", "territory", "territories"), ("agencies", "parent", "agencies"),
    ("agencies", "committee", "committees"), ("committees", "headquarters", "headquarters"),
    ("categories", "parent", "categories"),
    ("rules", "category", "categories"), ("rules", "territory", "territories"),
    ("rules", "agency", "agencies"), ("people", "territory", "territories"),
    ("people", "agency", "agencies"), ("issues", "category", "categories"),
    ("issues", "neighbourhood", "territories")])
def test_every_reference_leads_somewhere(register: str, field: str, to: str) -> None:
    named = {record[field] for record in ALL[register] if record.get(field) is not None}
    assert named and named <= set(BY_CODE[to])


def test_every_committee_has_a_headquarters_whose_secretary_keeps_it() -> None:
    secretaries = {seat["territory"] for seat in ALL["people"] if seat["role"] == "secretary"}
    for committee in ALL["committees"]:
        assert BY_CODE["headquarters"][committee["headquarters"]]["territory"] in secretaries, committee["code"]


def test_an_agency_is_known_by_its_level_its_channel_and_one_committee() -> None:
    seats = Counter(member for committee in ALL["committees"] for member in committee["members"])
    for agency in ALL["agencies"]:
        assert agency["level"] == BY_CODE["territories"][agency["territory"]]["kind"], agency["code"]
        assert agency["code"] in BY_CODE["committees"][agency["committee"]]["members"]
        assert agency["email"] or agency["channel"] != "email", agency["code"]
    assert set(seats) == set(BY_CODE["agencies"]) and set(seats.values()) == {1}
    assert Counter(agency["channel"] for agency in ALL["agencies"]) == {"queue": 40, "pull": 15, "email": 5}


def test_every_problem_but_other_has_an_agency_in_every_neighbourhood() -> None:
    ruled = {(rule["category"], rule["territory"]) for rule in ALL["rules"]}
    lost = [(leaf, place["code"]) for leaf in leaves() if leaf != "other" for place in NEIGHBOURHOODS
            if not any((category, where) in ruled for category in ancestors("categories", leaf)
                       for where in ancestors("territories", place["code"]))]
    assert lost == []
    assert "other" in leaves() and "other" not in {category for category, _ in ruled}


def test_no_two_rules_for_the_same_problem_and_place_are_equally_strong() -> None:
    same = Counter((rule["category"], rule["territory"], rule["priority"]) for rule in ALL["rules"])
    assert [key for key, count in same.items() if count > 1] == []


def test_all_of_a_confidential_category_is_confidential() -> None:
    confidential = {code for code, category in BY_CODE["categories"].items() if category["confidential"]}
    assert "social-harms" in confidential
    assert [code for code in leaves() if code not in confidential
            and confidential & set(ancestors("categories", code))] == []


def test_deadlines_leave_time_to_accept_before_time_to_finish() -> None:
    assert [c["code"] for c in ALL["categories"] if not 0 < c["accept_hours"] < c["finish_hours"]] == []


@pytest.mark.parametrize("code", sorted(RINGS))
def test_a_boundary_is_closed_simple_and_counter_clockwise(code: str) -> None:
    assert faults(RINGS[code]) == []


def test_the_check_of_boundaries_finds_what_is_wrong() -> None:
    bow: list[Point] = [(51.0, 35.8), (51.02, 35.82), (51.02, 35.8), (51.01, 35.79), (51.0, 35.82), (51.0, 35.8)]
    assert "crosses itself" in faults(bow)
    assert "not closed" in faults(bow[:-1])
    square: list[Point] = [(0, 0), (2, 0), (2, 2), (0, 2), (0, 0)]
    beside, across = [(x + 2, y) for x, y in square], [(x + 1, y + 1) for x, y in square]
    assert "not counter-clockwise" in faults(square[::-1]) and "not counter-clockwise" not in faults(square)
    assert not overlap(square, beside) and overlap(square, across)


def test_no_two_neighbourhoods_share_ground() -> None:
    assert [(a, b) for a, b in combinations(RINGS, 2) if overlap(RINGS[a], RINGS[b])] == []


def test_every_neighbourhood_has_a_team_and_every_agency_a_head_and_a_clerk() -> None:
    seats = {(seat["role"], seat.get("territory") or seat.get("agency")) for seat in ALL["people"]}
    per_place = Counter(seat.get("territory") for seat in ALL["people"] if seat["role"] in TEAM)
    for place in NEIGHBOURHOODS:
        assert ("neighbourhood_manager", place["code"]) in seats and 3 <= per_place[place["code"]] <= 5
    for agency in BY_CODE["agencies"]:
        assert {("head_of_agency", agency), ("clerk", agency)} <= seats
    headquarters = {code for code, place in BY_CODE["territories"].items() if place["kind"] in ("province", "county")}
    assert headquarters == {place for role, place in seats if role == "secretary"}


def test_nobody_real_can_get_mail() -> None:
    mails = [text for name in ALL for key, text in values(ALL[name]) if key == "email" or "@" in text]
    assert mails and [mail for mail in mails if not re.fullmatch(r"[a-z0-9-]+@example\.org", mail)] == []


def test_names_are_in_persian_letters() -> None:
    names = [text for name in REGISTERS for key, text in values(ALL[name]) if key in ("name_fa", "subject")]
    assert names and [name for name in names if re.search("[يىكةA-Za-z0-9\u0640]", name) or name != name.strip()] == []


def test_an_issue_tells_a_story_that_the_task_table_allows() -> None:
    for issue in ALL["issues"]:
        needs = {"finish": "finish_text", "refuse": "reason", "silent": "text"}[issue["answer"]]
        assert issue[needs], issue
        assert (issue["hours"] is None) == (issue["answer"] == "silent") and issue["hours"] != 0, issue
        assert issue["resident"] == "silent" or issue["answer"] == "finish", issue
        assert (issue.get("satisfaction") in range(1, 6)) == (issue["resident"] == "confirm"), issue
        assert bool(issue.get("resident_reason")) == (issue["resident"] == "not_fixed"), issue


def test_issues_come_from_everywhere_about_everything_as_people_type() -> None:
    issues = ALL["issues"]
    assert {issue["neighbourhood"] for issue in issues} == {place["code"] for place in NEIGHBOURHOODS}
    assert {issue["category"] for issue in issues} == set(leaves())
    assert len({issue["text"] for issue in issues}) == len(issues)
    typed = " ".join(issue["text"] for issue in issues)
    assert all(re.search(kind, typed) for kind in ("[يك]", "[0-9]", "[۰-۹]", "[٠-٩]", "\u200c"))
