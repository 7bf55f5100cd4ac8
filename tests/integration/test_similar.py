"""Suggestions while filing, from a real MongoDB: what is near, recent and open, nothing confidential, and by index alone."""
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from chassis.clock import now
from contracts.envelope import Received
from contracts.errors import Malformed, Problem
from contracts.registry import AgencyChanged
from services.issues.atlas import Atlas, learn
from services.issues.documents import NEARBY, NEAREST, issue_store
from services.issues.filing import Desk, Filing
from services.issues.model import Issue
from services.issues.neighbours import similar as looking
from services.issues.neighbours.similar import Asked, similar
from tests.integration.conftest import Connect
from tests.integration.reference import category, place

NOW = now()
HERE = {"lon": 50.905, "lat": 35.805}
Stored = Callable[..., str]
Then = Callable[[Issue, datetime], None]
TEXT = "آب از جدول کنار خیابان طالقانی بیرون می‌زند"
RECORDS = (place("alborz", kind="province"), place("karaj", "alborz", kind="county"), place("n1", "alborz", "karaj"),
           place("n2", "alborz", "karaj"), category(code="water", path=("water",)),
           category(code="leak", parent="water", path=("water", "leak")),
           category(code="sewer", parent="water", path=("water", "sewer")), category(code="lamp", path=("lamp",)),
           category(code="child", path=("child",), confidential=True))


@pytest.fixture
def atlas(database: Connect) -> Atlas:
    database("issues")
    learn([Received("r", AgencyChanged(each.code), each, each.code, each.version, NOW) for each in RECORDS])
    return Atlas()


@pytest.fixture
def stored(atlas: Atlas) -> Stored:
    """Files an issue `days` ago, then decides; its id."""
    desk, keys = Desk(issue_store(), atlas, "secret"), iter(range(10_000))

    def store(text: str = TEXT, *, days: float = 1, then: Then | None = None, **given: Any) -> str:
        body = {"category": "leak", "text": text, "neighbourhood": "n1"} | given
        at = NOW - timedelta(days=days)
        [filed] = desk.file([Filing("resident:app", str(next(keys)), body)], at)
        assert not isinstance(filed, Problem), filed
        key = str(filed["id"])
        if then is not None:
            def decide(issue: Issue) -> bool:
                then(issue, at)
                return True

            issue_store().change({"_id": key}, decide)
        return key

    return store


def found(atlas: Atlas, **query: Any) -> list[str]:
    asked = {"category": "leak", "neighbourhood": "n1", "text": TEXT} | query
    return [item["id"] for item in similar({name: str(each) for name, each in asked.items() if each}, atlas, NOW)["items"]]


def east(metres: float) -> dict[str, float]:
    return {"lon": HERE["lon"] + metres / 90_200, "lat": HERE["lat"]}


def test_the_nearest_of_those_alike_comes_first_with_its_metres(atlas: Atlas, stored: Stored) -> None:
    far, near = stored(point=east(400)), stored(point=east(50))
    stored(point=east(700))
    answer = similar({"category": "leak", "text": TEXT, "lon": str(HERE["lon"]), "lat": str(HERE["lat"]),
                      "neighbourhood": "n1"}, atlas, NOW)["items"]
    assert [item["id"] for item in answer] == [near, far]
    assert [round(item["because"]["metres"], -1) for item in answer] == [50, 400]
    assert answer[0]["because"] == {"text": 1, "metres": answer[0]["because"]["metres"], "days": 1, "category": "same"}
    assert answer[0]["score"] > answer[1]["score"] > looking.LEAST


def test_one_without_a_point_is_found_by_its_neighbourhood_from_a_point_too(atlas: Atlas, stored: Stored) -> None:
    here = stored()
    stored(neighbourhood="n2")
    assert found(atlas) == found(atlas, **HERE) == [here]


def test_the_same_in_other_words_and_spaces_is_found_and_another_thing_is_not(atlas: Atlas, stored: Stored) -> None:
    same = stored("سلام. ازجدول کنارخیابان طالقاني آب بيرون ميزند لطفا رسیدگی کنید")
    stored("فشار آب طبقهٔ سوم کم است و پمپ کار نمی‌کند")
    assert found(atlas) == [same]


def test_parent_and_children_of_the_category_count_and_its_sisters_do_not(atlas: Atlas, stored: Stored) -> None:
    leak, water, sewer = (stored(category=code) for code in ("leak", "water", "sewer"))
    stored(category="lamp")
    assert found(atlas) == [leak, water]
    assert set(found(atlas, category="water")) == {leak, water, sewer}


def closed(days: float) -> Then:
    def then(issue: Issue, at: datetime) -> None:
        issue.ending, issue.closed_at = "closed", NOW - timedelta(days=days)

    return then


def withdrawn(issue: Issue, at: datetime) -> None:
    issue.withdraw(None, at)


def test_what_ended_is_not_suggested_but_for_what_was_closed_lately(atlas: Atlas, stored: Stored) -> None:
    stored(then=withdrawn)
    stored(then=closed(31), days=40)
    lately = stored(then=closed(29), days=40)
    assert found(atlas) == [lately]


def test_what_is_older_than_ninety_days_is_not_suggested(atlas: Atlas, stored: Stored) -> None:
    stored(days=91)
    recent = stored(days=89)
    assert found(atlas) == [recent]


def test_nothing_confidential_is_suggested_and_nothing_to_who_asks_with_a_confidential_category(
        atlas: Atlas, stored: Stored) -> None:
    stored(category="child", point=HERE)
    stored(category="child", point=HERE, then=lambda issue, at: setattr(issue, "confidential", False))
    stored(point=HERE, then=lambda issue, at: setattr(issue, "confidential", True))
    assert found(atlas, **HERE) == found(atlas, category="child", **HERE) == []


def test_without_words_yet_what_is_there_is_suggested(atlas: Atlas, stored: Stored) -> None:
    here = stored(point=east(20))
    assert found(atlas, text="", **HERE) == [here]


def test_ten_at_most_and_the_words_cut(atlas: Atlas, stored: Stored) -> None:
    for _ in range(12):
        stored("نشت آب " + TEXT * 20)
    answer = similar({"category": "leak", "neighbourhood": "n1", "text": TEXT}, atlas, NOW)["items"]
    assert len(answer) == looking.SHOWN and all(len(item["text"]) == looking.EXCERPT + 1 for item in answer)


@pytest.mark.parametrize(("query", "code"), [
    ({"category": "none"}, "unknown_category"), ({"category": ""}, "unknown_category"), ({"lon": "50.9"}, "bad_point"),
    ({"lon": "x", "lat": "y"}, "bad_point"), ({"lon": "nan", "lat": "35"}, "bad_point"),
    ({"lon": "181", "lat": "35"}, "bad_point"),
    ({"neighbourhood": "nowhere"}, "unknown_neighbourhood"), ({"neighbourhood": "", "lon": "10", "lat": "10"}, "outside"),
    ({"neighbourhood": ""}, "unknown_neighbourhood"), ({"text": "ا" * 501}, "text_too_long")])
def test_a_bad_question_has_a_code_in_both_languages(atlas: Atlas, query: dict[str, str], code: str) -> None:
    with pytest.raises(Problem) as problem:
        similar({"category": "leak", "neighbourhood": "n1"} | query, atlas, NOW)
    assert problem.value.code == code and problem.value.fa and problem.value.en
    assert isinstance(problem.value, Malformed) or problem.value.status == 422


def stages(plan: dict[str, Any]) -> set[str]:
    inner = [each for value in plan.values() for each in (value if isinstance(value, list) else [value])]
    return {plan.get("stage", "")} | {stage for each in inner if isinstance(each, dict) for stage in stages(each)}


@pytest.mark.parametrize("where", ["near", "nearby"])
def test_both_ways_are_served_by_an_index_and_read_little_beside_what_they_find(
        database: Connect, atlas: Atlas, stored: Stored, where: str) -> None:
    for number in range(40):
        stored(category="lamp", point=east(number))
        stored(days=100, point=east(number))
        stored(category="leak", neighbourhood="n2", point=east(number + 20_000))
    for number in range(5):
        stored(point=east(number))
    asked = Asked(["leak", "water"], "n1", HERE if where == "near" else None, frozenset(), NOW)
    query, index = (looking.near(asked, HERE), NEAREST) if where == "near" else (looking.nearby(asked), NEARBY)
    plan = database("issues").command("explain", {"find": "issues", "filter": query, "hint": index, "limit": 100},
                                      verbosity="executionStats")
    assert "COLLSCAN" not in stages(plan["queryPlanner"])
    assert plan["executionStats"]["nReturned"] == 5
    assert plan["executionStats"]["totalDocsExamined"] <= 10
