"""The books of `make chaos`: a clean run is clean, and every kind of loss and of doubled effect is found."""
import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from contracts.agencies import AnswerTaken
from services.issues.documents import IssueMapping
from services.issues.model import Actor, Assignee, Issue
from tests.builders import NOON, an_issue
from tests.chaos.agency import Told
from tests.chaos.checker import DOUBLED, LOST, Books, check
from tests.chaos.evidence import Evidence
from tests.chaos.ledger import Deed

MAPPING = IssueMapping()
ROUTER, SECRETARY, FILER = Actor("router"), Actor("secretary", "alborz"), Actor("filer")


class World:
    """Issues played by the real model, every store in step with it, and the ledger of what was acknowledged."""

    def __init__(self) -> None:
        self.books = Books([], Evidence([], {}, [], []))
        self._hour = 0

    def file(self, number: int, agency: str | None, **given: Any) -> Issue:
        values: dict[str, Any] = {"neighbourhood": "n0", "contact": None, "text": f"chaos {number}"} | given
        issue = an_issue(id=f"issue{number}", **values)
        issue.file()
        if agency:
            issue.offer(Assignee(agency, queued=True), ROUTER, NOON)
        asked = {name: values[name] for name in ("neighbourhood", "contact", "text") if values[name]}
        self._saved(issue, Deed("http", "file", f"key{number}", issue.id, asked={"category": issue.category} | asked,
                                promised=agency))
        return issue

    def move(self, issue: Issue, action: str, way: str = "http", then: str | None = None) -> None:
        """Of the newest task's agency; `then` is the agency to which the issue goes on in the same write."""
        task = issue.tasks[-1]
        issue.move(task.id, action, Actor("agency", task.agency), self._later(), "reason", "text")
        deed = Deed(way, action, f"{action}-{task.id}-{issue.version}", issue.id, task.id, task.agency)
        if then:
            issue.offer(Assignee(then, queued=True), ROUTER, NOON)
        if way == "queue":
            issue.answer_agency(AnswerTaken(deed.key, task.id, task.agency, action, task.state))
        self._saved(issue, deed)

    def assign(self, issue: Issue, agency: str) -> None:
        issue.offer(Assignee(agency, queued=True), SECRETARY, self._later())
        self._saved(issue, Deed("http", "offer", f"assign-{issue.id}", issue.id, agency=agency))

    def not_fixed(self, issue: Issue) -> None:
        issue.not_fixed("still dark", self._later())
        self._saved(issue, Deed("http", "redo", f"redo-{issue.id}", issue.id, issue.tasks[-1].id))

    def confirm(self, issue: Issue) -> None:
        issue.confirm(5, None, self._later())
        self._saved(issue, Deed("http", "confirm", f"confirm-{issue.id}", issue.id))

    def letter(self, issue: Issue, template: str) -> None:
        self.evidence.deliveries.append({"about": {"issue": issue.id}, "template": template})

    @property
    def evidence(self) -> Evidence:
        return self.books.evidence

    def _later(self) -> Any:
        self._hour += 1
        return NOON + timedelta(hours=self._hour)

    def _saved(self, issue: Issue, deed: Deed) -> None:
        """As the store, the relay and the booklet would leave it."""
        issue.version += 1
        timeline, outbox = MAPPING.news(issue, issue.version)
        before = [moved for each in self.evidence.issues if each["_id"] == issue.id for moved in each["timeline"]]
        document = {"_id": issue.id, "version": issue.version, "outbox": [], **MAPPING.state(issue),
                    "timeline": before + timeline}
        self.evidence.issues[:] = [each for each in self.evidence.issues if each["_id"] != issue.id] + [document]
        self.evidence.rows[issue.id] = copy.deepcopy(document)
        for entry in outbox:
            if entry["exchange"] == "agencies.tasks":
                self.evidence.told.append(Told(entry["key"], entry["id"], entry["type"].split(".")[2], issue.id,
                                               entry["data"]["task_id"], entry["data"].get("answer_id", "")))
        self.books.deeds.append(deed)
        issue.recorded, issue.moved = [], []


@pytest.fixture
def world() -> World:
    """One issue that was not fixed at first, one that was refused twice and given by hand, a confidential one."""
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


def dead_letter(world: World) -> None:
    world.evidence.dead["booklet.issues.dead"] = 1


@pytest.mark.parametrize("plant", [
    stored_otherwise, move_lost, confirmation_lost, promised_to_another, offer_unheard, not_fixed_unheard,
    answer_without_a_word, row_missing, row_outdated, row_wrong, letter_missing, unpublished, dead_letter])
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
    told_under_two_ids, answered_under_two_ids, row_of_nothing, letter_twice, letter_of_a_confidential_issue])
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
