"""Where a problem would go, and why, asked of rules that may not be saved yet."""
from typing import Any, cast

import pytest

from chassis.caller import Caller
from contracts.errors import Invalid, NotAllowed
from services.issues.atlas import Atlas
from services.issues.explaining import SENTENCES, try_routing
from services.issues.routing import VERDICTS, Map
from tests.unit.small_map import Row, a_category, a_map, a_place, a_question, a_rule, an_agency

SAVED = a_rule("water", "alborz", "abfa")
UNSAVED = {"code": "new", "category": "utilities", "territory": "n1", "agency": "other", "priority": 1}
ASKED = {"category": "water", "neighbourhood": "n1"}


class Known:
    """An atlas of one map; every point lies in n1."""

    def __init__(self, known: Map) -> None:
        self._known = known

    def current(self) -> Map:
        return self._known

    def places_at(self, longitude: float, latitude: float) -> list[str]:
        return ["karaj", "n1"] if longitude > 50 else []


def tried(known: Map, **asked: Any) -> Row:
    return try_routing(ASKED | asked, Caller("secretary"), cast(Atlas, Known(known)))


def refused(known: Map, **asked: Any) -> tuple[str, list[str]]:
    with pytest.raises(Invalid) as caught:
        tried(known, **asked)
    return caught.value.code, [error["pointer"] for error in caught.value.errors]


def test_the_winner_and_every_rule_are_told_in_both_languages() -> None:
    found = tried(a_map(SAVED, a_rule("water", "qazvin", "karaj")), neighbourhood=None, point={"lon": 51, "lat": 35})
    assert (found["winner"]["rule"], found["winner"]["agency"], found["neighbourhood"]) == (SAVED["code"], "abfa", "n1")
    assert found["en"] == "It goes to Abfa (abfa), by the rule water-alborz-abfa." and "دستگاه abfa (abfa)" in found["fa"]
    assert [(each["verdict"], each["saved"], each["en"]) for each in found["rules"]] == [
        ("fits", True, "It fits."), ("territory", True, "It is for another place: qazvin.")]
    assert all(each["fa"] for each in found["rules"])


def test_there_is_a_sentence_for_every_verdict() -> None:
    assert set(SENTENCES) == set(VERDICTS)


def test_an_unsaved_rule_is_tried_and_stands_in_the_place_of_a_saved_one_of_its_code() -> None:
    known = a_map(SAVED)
    found = tried(known, rules=[UNSAVED])
    assert (found["winner"]["agency"], found["winner"]["saved"]) == ("other", False)
    found = tried(known, rules=[UNSAVED | {"code": SAVED["code"], "answers": {"where": ["meter"]}}])
    assert found["winner"] is None
    assert [(each["rule"], each["verdict"]) for each in found["rules"]] == [(SAVED["code"], "answers")]
    assert "where: meter" in found["rules"][0]["fa"]
    assert tried(known)["winner"]["agency"] == "abfa"


def test_what_no_rule_fits_goes_to_the_secretary_of_the_headquarters_above_and_the_other_side_is_named() -> None:
    border = a_place("border", "alborz", contested_with="karaj")
    headquarters = {"code": "h1", "name_fa": "قرارگاه البرز", "name_en": "Alborz Headquarters", "territory": "alborz"}
    found = tried(a_map(a_rule("water", "karaj", "karaj"), territory=[border], headquarters=[headquarters]),
                  neighbourhood="border")
    assert found["winner"] is None
    assert found["en"] == ("No rule fits: a secretary assigns it by hand (Alborz Headquarters). "
                           "Karaj (karaj) claims this neighbourhood too.")
    assert "قرارگاه البرز" in found["fa"] and "(karaj)" in found["fa"]


def test_questions_that_a_filing_must_answer_may_stay_open_but_no_answer_may_be_wrong() -> None:
    questions = [a_question("deep", "yes_no", required=True)]
    known = a_map(SAVED, category=[a_category("water", "utilities", questions=questions)])
    assert tried(known)["answers"] == {}
    assert tried(known, answers={"deep": True})["answers"] == {"deep": True}
    assert refused(known, answers={"deep": "x"}) == ("bad_answers", ["/answers/deep"])


@pytest.mark.parametrize(("asked", "code", "pointer"), [
    ({"rules": [UNSAVED | {"priority": "high"}]}, "invalid", "/rules/0/priority"),
    ({"rules": [UNSAVED | {"answers": {"where": [{}]}}]}, "invalid", "/rules/0/answers/where/value/0"),
    ({"rules": [UNSAVED | {"code": "A B"}]}, "invalid", "/rules/0/code"),
    ({"rules": [UNSAVED] * 51}, "invalid", "/rules"),
    ({"rules": [UNSAVED, UNSAVED | {"agency": "nobody"}]}, "unknown_agency", "/rules/1/agency"),
    ({"rules": [UNSAVED | {"category": "x"}]}, "unknown_category", "/rules/0/category"),
    ({"rules": [UNSAVED | {"territory": "x"}]}, "unknown_territory", "/rules/0/territory"),
    ({"neighbourhood": None}, "invalid", "/neighbourhood"),
    ({"neighbourhood": "karaj"}, "unknown_neighbourhood", "/neighbourhood"),
    ({"neighbourhood": None, "point": {"lon": 1, "lat": 1}}, "outside", "/point"),
    ({"category": "x"}, "unknown_category", "/category"), ({"category": 3}, "invalid", "/category")])
def test_a_question_that_cannot_be_read_is_refused(asked: Row, code: str, pointer: str) -> None:
    assert refused(a_map(SAVED), **asked) == (code, [pointer])


def test_of_an_agency_that_ended_it_is_said() -> None:
    found = tried(a_map(SAVED, agency=[an_agency("abfa", in_force=False)]))
    assert (found["winner"], found["rules"][0]["en"]) == (None, "Its agency is not in force now: Abfa (abfa).")


def test_routing_is_tried_in_ones_own_place() -> None:
    atlas = cast(Atlas, Known(a_map(SAVED)))
    for subject in ("alborz", "karaj", "n1"):
        assert try_routing(ASKED, Caller("secretary", subject), atlas)["neighbourhood"] == "n1"
    with pytest.raises(NotAllowed):
        try_routing(ASKED, Caller("secretary", "fardis"), atlas)
