"""What a filing answers to its category's questions."""
from typing import Any

import pytest

from contracts.errors import Invalid
from services.issues.questions import check
from services.issues.schemas import FilingSchema
from tests.unit.small_map import Row, a_question

QUESTIONS = [a_question("words", "text"), a_question("count", "number"), a_question("since", "date"),
             a_question("deep", "yes_no"), a_question("where", "one", "meter", "street"),
             a_question("seen", "many", "water", "mud", "ice"), a_question("must", "yes_no", required=True)]


def errors(given: Row, whole: bool = True) -> list[dict[str, str]]:
    with pytest.raises(Invalid, match="bad_answers") as refused:
        check(QUESTIONS, given, whole)
    return refused.value.errors


@pytest.mark.parametrize(("question", "answer"), [
    ("words", "آب می‌رود"), ("words", "و" * 1000), ("count", 3), ("count", -2.5), ("count", 0), ("since", "2025-03-21"),
    ("since", "۲۰۲۵-۰۳-۲۱"), ("deep", True), ("deep", False), ("where", "meter"), ("seen", ["water"]),
    ("seen", ["ice", "mud"])])
def test_a_right_answer_is_kept_as_it_was_given(question: str, answer: Any) -> None:
    assert check(QUESTIONS, {question: answer, "must": False}) == {question: answer, "must": False}


@pytest.mark.parametrize(("question", "answer"), [
    ("words", " \u200c "), ("words", "و" * 1001), ("words", "a\x00"), ("words", 3), ("words", ["a"]), ("words", {"a": 1}),
    ("count", "3"), ("count", True), ("count", float("inf")), ("count", float("nan")), ("count", 10**16),
    ("count", -(2**70)), ("since", "1404/01/01"), ("since", "2025-02-29"), ("since", "20250321"), ("since", 20250321),
    ("since", "2025-W12-5"),
    ("deep", 1), ("deep", "true"), ("deep", "بله"), ("where", "METER"), ("where", ["meter"]), ("where", True),
    ("seen", "water"), ("seen", ["water", "water"]), ("seen", ["water", "snow"]), ("seen", [["water"]]),
    ("seen", {"water": 1})])
def test_a_wrong_answer_is_refused_with_its_place_and_what_to_write(question: str, answer: Any) -> None:
    [error] = errors({question: answer, "must": True})
    assert error["pointer"] == f"/answers/{question}" and error["fa"] and error["en"].startswith("Write ")


def test_what_is_left_empty_is_not_kept_and_what_is_required_must_be_answered() -> None:
    assert check(QUESTIONS, {"words": None, "seen": [], "where": "", "must": True}) == {"must": True}
    [error] = errors({"must": None})
    assert (error["pointer"], error["en"]) == ("/answers/must", "Answer this question: Must")
    assert check(QUESTIONS, {}, whole=False) == {}


def test_every_wrong_answer_is_told_at_once_and_one_to_no_question_of_this_category_too() -> None:
    found = {error["pointer"]: error["en"] for error in errors({"count": "x", "a/b~c": 1, "x" * 5000: 1})}
    assert set(found) == {"/answers/count", "/answers/a~1b~0c", f"/answers/{'x' * 60}", "/answers/must"}
    assert "no such question" in found["/answers/a~1b~0c"]
    with pytest.raises(Invalid):
        check([], {"count": 1})


@pytest.mark.parametrize("answers", [{str(n): 1 for n in range(31)}, [1], "x", {"a": 1}.items()])
def test_a_filing_takes_an_object_of_thirty_answers_at_most(answers: Any) -> None:
    wrong = FilingSchema().validate({"category": "water", "text": "متن", "neighbourhood": "n1", "answers": answers})
    assert set(wrong) == {"answers"}
