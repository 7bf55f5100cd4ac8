"""The demonstration's checks: what agrees is silent, and each loss and each double that is planted is one sentence."""
import copy
from collections.abc import Callable

import pytest

from tests.unit.demo_world import CONFIRMED, HIDDEN, MAILED, MARKER, QUEUED, WAITING, World, offered


def test_what_agrees_is_silent() -> None:
    assert World().sentences() == []


def lost(world: World) -> None:
    world.issues[CONFIRMED] = None


def another_one(world: World) -> None:
    world.issues[CONFIRMED] |= {"text": "of somebody else"}


def not_in_the_list(world: World) -> None:
    world.listed = world.listed[1:]


def twice_in_the_list(world: World) -> None:
    world.listed.append(world.listed[0])


def filed_twice(world: World) -> None:
    world.listed.append(world.listed[0] | {"id": "another"})


def a_confidential_one_filed_twice(world: World) -> None:
    world.listed.append(world.listed[2] | {"id": "another"})


def an_old_state_in_the_list(world: World) -> None:
    world.listed[0] |= {"version": 2}


def not_found_by_search(world: World) -> None:
    world.found = world.found[1:]


def confidential_and_found(world: World) -> None:
    world.found.append({"id": HIDDEN, "text": ""})


def accepted_twice(world: World) -> None:
    world.issues[CONFIRMED]["timeline"].append({"action": "accept", "task": f"{CONFIRMED}-1"})


def a_finish_forgotten(world: World) -> None:
    world.issues[CONFIRMED]["timeline"] = [m for m in world.issues[CONFIRMED]["timeline"] if m["action"] != "finish"]


def two_tasks_for_one_offer(world: World) -> None:
    second = world.issues[CONFIRMED]["tasks"][0] | {"id": f"{CONFIRMED}-2"}
    world.issues[CONFIRMED]["tasks"].append(second)
    world.issues[CONFIRMED]["timeline"].append({"action": "offer", "task": second["id"]})
    world.book.case(CONFIRMED).offers[second["id"]] = copy.deepcopy(world.book.case(CONFIRMED).offers[f"{CONFIRMED}-1"])
    world.tasks[QUEUED].append(world.task(CONFIRMED) | second)


def offered_to_nobody(world: World) -> None:
    world.issues[WAITING] |= {"tasks": [], "timeline": [{"action": "file"}]}


def never_on_the_queue(world: World) -> None:
    world.book.case(CONFIRMED).offers.clear()


def twice_on_the_queue(world: World) -> None:
    world.book.heard(QUEUED, offered(CONFIRMED, "another message"), 2.0)


def at_the_wrong_agency(world: World) -> None:
    world.book.case(HIDDEN).offers[f"{HIDDEN}-1"].agency = MAILED


def not_in_the_agencys_list(world: World) -> None:
    world.tasks[MAILED].clear()


def twice_in_the_agencys_list(world: World) -> None:
    world.tasks[MAILED].append(world.tasks[MAILED][0])


def a_task_out_of_nowhere(world: World) -> None:
    world.tasks[MAILED].append({"id": "z-1", "issue_id": "z", "state": "offered", "issue": {"text": f"({MARKER}-1)"}})


def an_old_state_in_the_agencys_list(world: World) -> None:
    world.tasks[QUEUED][0]["state"] = "accepted"


def a_letter_forgotten(world: World) -> None:
    world.letters[WAITING] = world.letters[WAITING][1:]


def an_agencys_letter_forgotten(world: World) -> None:
    world.letters[WAITING] = world.letters[WAITING][:1]


def a_letter_twice(world: World) -> None:
    world.letters[CONFIRMED].append(world.letters[CONFIRMED][1])


def a_letter_without_occasion(world: World) -> None:
    world.letters[CONFIRMED].append(world.letter("not_fixed", "agency", MAILED))


def a_letter_of_what_is_confidential(world: World) -> None:
    world.letters[HIDDEN].append(world.letter("filed", "filer", HIDDEN))


def one_too_few_counted(world: World) -> None:
    world.after["neighbourhood"]["n1"]["filed"] -= 1


def counted_for_another(world: World) -> None:
    world.after["agency"]["a-third"] = {"filed": 1}


PLANTED: list[tuple[Callable[[World], None], str]] = [
    (lost, "issue 0 (code-0) is lost"), (another_one, "is another one"),
    (not_in_the_list, "issue 0 (code-0) is 0 times"), (twice_in_the_list, "issue 0 (code-0) is 2 times"),
    (filed_twice, "was filed once and is 2 issues"), (a_confidential_one_filed_twice, "2 confidential issues"),
    (an_old_state_in_the_list, "(version 2) in the list"), (not_found_by_search, "issue 0 (code-0) is 0 times"),
    (confidential_and_found, "found by anybody"), (accepted_twice, "accept is in its story once too often"),
    (a_finish_forgotten, "finish was acknowledged and is not"), (two_tasks_for_one_offer, "2 tasks for one offer"),
    (offered_to_nobody, "offered to nobody"), (never_on_the_queue, "did not reach the queue"),
    (twice_on_the_queue, "in 2 different messages"), (at_the_wrong_agency, "not its own"),
    (not_in_the_agencys_list, "as nothing, the issue as offered"), (twice_in_the_agencys_list, "2 times in its list"),
    (a_task_out_of_nowhere, "no issue of ours gave it"),
    (an_old_state_in_the_agencys_list, "as accepted, the issue as done"),
    (a_letter_forgotten, "letter filed to filer"), (an_agencys_letter_forgotten, "letter task_offered to agency"),
    (a_letter_twice, "2 letters done"), (a_letter_without_occasion, "for 0 occasions"),
    (a_letter_of_what_is_confidential, "is confidential, and 1 letters"), (one_too_few_counted, "filed +1 instead of +2"),
    (counted_for_another, "agency a-third: filed +1 instead of +0"),
]


@pytest.mark.parametrize(("plant", "words"), PLANTED, ids=[plant.__name__ for plant, _ in PLANTED])
def test_what_is_planted_is_said(plant: Callable[[World], None], words: str) -> None:
    world = World()
    plant(world)
    assert [sentence for sentence in world.sentences() if words in sentence]
