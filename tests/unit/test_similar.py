"""How alike two reports are: in letters whatever their spaces, in place, in time; and that the score is what it says."""
import json
import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chassis.text import words
from services.issues.neighbours import similar
from services.issues.neighbours.similar import Asked, distance, likeness, score, trigrams, why_similar
from tests.builders import NOON

MESSAGES = Path(__file__).parents[3] / "shared/data/persian_text/citizen_messages_fa.jsonl"
HERE = {"lon": 50.9, "lat": 35.8}
KNOWN = {"text": 0.5, "metres": 250, "days": 45, "category": "same"}


def alike(one: str, other: str) -> float | None:
    return likeness(trigrams(one), trigrams(other))


@pytest.mark.parametrize(("one", "other"), [
    ("پیاده‌رو خراب است", "پیاده رو خراب است"), ("پیاده‌رو خراب است", "پیادهرو خراباست"),
    ("كوچه‌هاي بن‌بست", "کوچه های بن بست"), ("چراغ ۳ خاموش", "چراغ 3 خاموش")])
def test_however_the_parts_are_written_together_the_report_is_the_same(one: str, other: str) -> None:
    assert alike(one, other) == 1


def test_a_few_words_find_a_long_report_and_courtesies_find_none() -> None:
    report = "با سلام و احترام، سه روز است که آب از جدول کنار خیابان طالقانی بیرون می‌زند. لطفاً رسیدگی کنید"
    assert (alike("آب از جدول بیرون می زند", report) or 0) > 0.8
    assert alike("با سلام لطفا رسیدگی کنید", report) is None and alike("", report) is None


def test_reports_of_different_things_are_not_alike() -> None:
    assert (alike("چراغ کوچه خاموش است", "سطل زباله را هر شب دیر خالی می‌کنند") or 0) < 0.3


def retold(sentence: str, keep: float, chance: random.Random) -> str:
    """The same in a hurry: fewer words, some glued, some torn, Arabic letters, courtesies around them."""
    found: list[str] = []
    for word in sentence.replace("\u200c", chance.choice(["", " ", "\u200c"])).split():
        if chance.random() > keep:
            continue
        if found and chance.random() < 0.25:
            found[-1] += word
        else:
            found += [word[:3] + "\u200c" + word[3:]] if len(word) > 5 and chance.random() < 0.2 else [word]
    return f"با سلام و احترام {' '.join(found)} لطفا رسیدگی کنید".replace("ی", "ي").replace("ک", "ك")


@pytest.mark.parametrize(("keep", "least"), [(0.7, 53), (0.4, 49)])
def test_residents_sentences_are_found_again_when_they_are_retold(keep: float, least: int) -> None:
    if not MESSAGES.exists():
        pytest.skip(f"residents' messages are not there: {MESSAGES}")
    texts = [json.loads(line)["text"] for line in MESSAGES.read_text(encoding="utf-8").splitlines()]
    sentences = [part.strip() for text in texts for part in text.replace("؟", ".").replace("!", ".").split(".")
                 if len(part.split()) >= 8]
    known, chance = [trigrams(" ".join(words(each))) for each in sentences], random.Random(4)
    first = 0
    for number, sentence in enumerate(sentences):
        asked = trigrams(retold(sentence, keep, chance))
        first += max(range(len(known)), key=lambda each: likeness(asked, known[each]) or 0) == number
    assert len(sentences) == 54 and first >= least


def test_distance_is_metres_on_the_ground() -> None:
    assert distance(HERE, HERE) == 0
    assert distance(HERE, {"lon": 50.9, "lat": 35.809}) == pytest.approx(1001, abs=2)
    assert distance(HERE, {"lon": 50.911, "lat": 35.8}) == pytest.approx(992, abs=3)


def test_the_score_is_the_weighted_mean_of_what_is_known() -> None:
    assert score(KNOWN) == pytest.approx(0.6 * 0.5 + 0.2 * 0.5 + 0.1 * 0.5 + 0.1)
    assert score(KNOWN | {"text": None}) == pytest.approx((0.2 * 0.5 + 0.1 * 0.5 + 0.1) / 0.4)
    assert score(KNOWN | {"text": 1.0, "metres": 0, "days": 0}) == 1


@pytest.mark.parametrize("worse", [{"text": 0.4}, {"metres": 300}, {"days": 50}, {"category": "related"}, {"metres": 9999}])
def test_less_alike_farther_older_or_of_a_wider_category_scores_less(worse: dict[str, Any]) -> None:
    assert 0 <= score(KNOWN | worse) < score(KNOWN)


def test_why_says_metres_only_where_both_have_a_point() -> None:
    issue = {"category": "leak", "point": HERE, "found_by": ["لوله"], "filed_at": NOON - timedelta(days=3, hours=1)}
    asked = Asked(["water", "leak"], "n1", HERE, trigrams("لوله"), NOON)
    assert why_similar(asked, issue) == {"text": 1, "metres": 0, "days": 3, "category": "related"}
    assert why_similar(asked, issue | {"point": None})["metres"] is None
    assert why_similar(Asked(["leak"], "n1", None, trigrams(""), NOON), issue) == {
        "text": None, "metres": None, "days": 3, "category": "same"}


def test_next_door_is_suggested_whatever_it_says_and_across_the_neighbourhood_only_what_is_alike() -> None:
    next_door = {"text": 0.2, "metres": 20, "days": 1, "category": "same"}
    assert score(next_door) > similar.LEAST > score(next_door | {"metres": None})
    assert score(next_door | {"metres": None, "text": 0.6}) > similar.LEAST
