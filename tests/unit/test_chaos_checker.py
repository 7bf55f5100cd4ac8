"""The books of `make chaos`: a clean run is clean, and every kind of loss and of doubled effect is found."""
import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.chaos.checker import DOUBLED, LOST, Books, check
from tests.chaos.ledger import Deed
from tests.chaos.played import World


@pytest.fixture
def world() -> World:
    """One issue that was not fixed at first, one that was refused twice and given by hand, a confidential one, one that was
    referred and then waited until the sweeper looked at it."""
    world = World()
    lamp = world.file(1, "a1", neighbourhood="n1", contact={"email": "zahra@example.org"})
    world.move(lamp, "accept", "queue")
    world.move(lamp, "finish", "queue")
    world.not_fixed(lamp)
    world.move(lamp, "finish")
    world.confirm(lamp)
    for template in ("filed", "filed_nearby", "not_fixed_nearby", "done"):
        world.letter(lamp, template)
    refused = world.file(2, "a1")
    world.move(refused, "refuse", then="a2")
    world.move(refused, "refuse")
    world.assign(refused, "a3")
    world.move(world.file(3, "a4", confidential=True, neighbourhood="n1"), "accept")
    parts = world.file(4, "a1", contact={"email": "reza@example.org"})
    world.refer(parts, "a3")
    world.move(parts, "accept")
    world.wait(parts)
    for template in ("filed", "referred", "review_due"):
        world.letter(parts, template)
    return world


def findings(world: World) -> list[str]:
    return [finding.how for finding in check(Books(world.books.deeds, world.evidence, world.books.unknown))]


def test_a_clean_run_is_clean(world: World) -> None:
    assert check(world.books) == []


def test_a_planted_loss_is_found(world: World) -> None:
    lost = world.evidence.issues.pop()
    del world.evidence.rows[lost["_id"]]
    assert findings(world) == [LOST]


def test_a_planted_double_is_found(world: World) -> None:
    again = copy.deepcopy(world.evidence.issues[0]) | {"_id": "another"}
    world.evidence.issues.append(again)
    world.evidence.rows["another"] = again
    assert DOUBLED in findings(world) and "filing key1: 2 instead of 1" in [each.what for each in check(world.books)]


def issue(world: World, number: int) -> dict[str, Any]:
    return next(each for each in world.evidence.issues if each["_id"] == f"issue{number}")


def stored_otherwise(world: World) -> None:
    issue(world, 1)["category"] = "water"


def move_lost(world: World) -> None:
    world.books.deeds.append(Deed("http", "start", "start-3", "issue3", "issue3-1", "a4"))


def confirmation_lost(world: World) -> None:
    issue(world, 1)["timeline"].pop()


def promised_to_another(world: World) -> None:
    world.books.deeds[0] = replace(world.books.deeds[0], promised="a2")


def offer_unheard(world: World) -> None:
    world.evidence.told[:] = [told for told in world.evidence.told if (told.kind, told.task) != ("task_offered", "issue2-3")]


def not_fixed_unheard(world: World) -> None:
    world.evidence.told[:] = [told for told in world.evidence.told if told.kind != "task_changed"]


def answer_without_a_word(world: World) -> None:
    world.evidence.told[:] = [told for told in world.evidence.told if told.answer != "finish-issue1-1-2"]


def row_missing(world: World) -> None:
    del world.evidence.rows["issue3"]


def row_outdated(world: World) -> None:
    world.evidence.rows["issue3"]["version"] -= 1


def row_wrong(world: World) -> None:
    world.evidence.rows["issue1"]["tasks"][0]["state"] = "accepted"


def letter_missing(world: World) -> None:
    world.evidence.deliveries.pop(0)


def unpublished(world: World) -> None:
    issue(world, 2)["outbox"] = [{"id": "e"}]


def review_missed(world: World) -> None:
    timeline = issue(world, 4)["timeline"]
    timeline[:] = [moved for moved in timeline if moved["action"] != "review"]
    for found in (issue(world, 4), world.evidence.rows["issue4"]):
        found["version"] -= 1
    world.evidence.deliveries[:] = [each for each in world.evidence.deliveries if each["template"] != "review_due"]


def referral_unheard(world: World) -> None:
    world.evidence.told[:] = [told for told in world.evidence.told if (told.kind, told.task) != ("task_offered", "issue4-2")]


def dead_letter(world: World) -> None:
    world.evidence.dead["booklet.issues.dead"] = 1


@pytest.mark.parametrize("plant", [
    stored_otherwise, move_lost, confirmation_lost, promised_to_another, offer_unheard, not_fixed_unheard,
    answer_without_a_word, row_missing, row_outdated, row_wrong, letter_missing, unpublished, dead_letter, review_missed,
    referral_unheard])
def test_every_loss_is_found(world: World, plant: Callable[[World], None]) -> None:
    plant(world)
    assert findings(world) == [LOST]


def one_key_two_issues(world: World) -> None:
    world.books.deeds.append(replace(world.books.deeds[0], issue="another"))


def nobody_filed_it(world: World) -> None:
    world.books.deeds[:] = [deed for deed in world.books.deeds if deed.key != "key3"]


def moved_twice(world: World) -> None:
    timeline = issue(world, 1)["timeline"]
    timeline.append(next(moved for moved in timeline if moved["action"] == "finish"))


def reviewed_twice(world: World) -> None:
    timeline = issue(world, 4)["timeline"]
    timeline.append(next(moved for moved in timeline if moved["action"] == "review"))
    world.evidence.deliveries.append({"about": {"issue": "issue4"}, "template": "review_due"})


def referred_and_kept(world: World) -> None:
    for found in (issue(world, 4), world.evidence.rows["issue4"]):
        found["tasks"][0]["state"] = "accepted"


def written_twice(world: World) -> None:
    for found in (issue(world, 3), world.evidence.rows["issue3"]):
        found["version"] += 1


def offered_twice(world: World) -> None:
    timeline = issue(world, 3)["timeline"]
    timeline.append(next(moved for moved in timeline if moved["action"] == "offer"))


def two_agencies_have_it(world: World) -> None:
    for found in (issue(world, 2), world.evidence.rows["issue2"]):
        found["tasks"][0]["state"] = "accepted"


def told_under_two_ids(world: World) -> None:
    world.evidence.told.append(replace(world.evidence.told[0], id="another"))


def answered_under_two_ids(world: World) -> None:
    answer = next(told for told in world.evidence.told if told.kind == "answer_taken")
    world.evidence.told.append(replace(answer, id="another"))


def row_of_nothing(world: World) -> None:
    world.evidence.rows["another"] = {"_id": "another", "version": 1, "confidential": True}


def letter_twice(world: World) -> None:
    world.evidence.deliveries.append(world.evidence.deliveries[0])


def letter_of_a_confidential_issue(world: World) -> None:
    world.evidence.deliveries.append({"about": {"issue": "issue3"}, "template": "filed_nearby"})


@pytest.mark.parametrize("plant", [
    one_key_two_issues, nobody_filed_it, moved_twice, written_twice, offered_twice, two_agencies_have_it,
    told_under_two_ids, answered_under_two_ids, row_of_nothing, letter_twice, letter_of_a_confidential_issue,
    reviewed_twice, referred_and_kept])
def test_every_doubled_effect_is_found(world: World, plant: Callable[[World], None]) -> None:
    plant(world)
    assert set(findings(world)) == {DOUBLED}


def test_a_message_that_came_again_under_its_id_is_a_duplicate_and_no_finding(world: World) -> None:
    world.evidence.told.append(world.evidence.told[0])
    assert (check(world.books), world.books.duplicates) == ([], 1)


def test_a_request_that_nobody_answered_may_have_had_its_effect_once(world: World) -> None:
    unanswered = [deed for deed in world.books.deeds if deed.key in ("key3", "accept-issue3-1-1")]
    world.books.deeds[:] = [deed for deed in world.books.deeds if deed not in unanswered]
    world.books.unknown[:] = unanswered
    assert findings(world) == []
    issue(world, 3)["timeline"].append(issue(world, 3)["timeline"][-1])
    assert findings(world) == [DOUBLED]
