"""An agency that changes how it takes its tasks is told by what its record says when it is told, not when it was offered."""
from collections.abc import Callable
from typing import Any

import pytest

from chassis.caller import PUBLIC
from chassis.clock import now
from contracts.envelope import Received
from contracts.registry import AgencyChanged, AgencySnapshot
from services.issues.atlas import Atlas, learn
from services.issues.documents import OUTBOXES, StrayAnswer, issue_store
from services.issues.life.command import Command
from services.issues.model import Issue
from services.issues.retell import retell
from services.issues.use_cases import Commands
from tests.builders import SECRET
from tests.integration.carrying import OFFER, carrying, emptied, filed, published, refused_answer, stuck, waiting
from tests.integration.conftest import Connect
from tests.integration.wire import Wire

CANCELLED = "mahalle.agencies.task_cancelled.v1"


@pytest.fixture
def issues(database: Connect, wire: Wire) -> Any:
    return database("issues").issues


def takes_by(channel: str, version: int, in_force: bool = True) -> None:
    snapshot = AgencySnapshot("a1", version, "آبفا", "Water", "county", "karaj", channel, in_force=in_force)
    learn([Received("e", AgencyChanged("a1"), snapshot, "a1", version, now())])


def withdrawn(issue: Issue) -> None:
    Commands(issue_store(), Atlas()).as_filer(issue.id, PUBLIC, SECRET, Command("c", "withdraw"),
                                              lambda known, at: known.withdraw(None, at))


@pytest.mark.parametrize(("channel", "in_force"), [("pull", True), ("email", True), ("queue", False)])
def test_what_waits_for_an_agency_that_left_its_queue_alarms_no_more(issues: Any, channel: str, in_force: bool) -> None:
    takes_by("queue", 1)
    issue, unread = filed(), published("unread")
    refused_answer()
    answers = StrayAnswer._get_collection()
    with carrying("issues"):
        assert stuck(issues, issue.id)["type"] == OFFER
        takes_by(channel, 2, in_force)
        for outbox in OUTBOXES:
            outbox.hurry()
        emptied(issues)
        emptied(answers)
    assert published("unread") == unread + 2


def test_what_waits_for_an_agency_that_has_a_queue_by_its_record_waits_on(issues: Any) -> None:
    takes_by("pull", 1)
    takes_by("queue", 2)
    issue = filed()
    with carrying("issues"):
        assert stuck(issues, issue.id, tries=2)["type"] == OFFER


@pytest.mark.parametrize(("before", "after", "told"), [("queue", "pull", False), ("pull", "queue", True)])
def test_a_move_is_told_by_the_channel_that_the_agency_has_now(issues: Any, before: str, after: str, told: bool) -> None:
    issue = filed(queued=before == "queue")
    takes_by(after, 1)
    withdrawn(issue)
    assert (CANCELLED in waiting(issues, issue.id)) is told


def test_who_got_a_queue_can_be_told_what_is_open_and_who_left_it_is_not(
        issues: Any, wire: Wire, registered_agency: Callable[..., Any]) -> None:
    registered_agency("a1")
    issue = filed(queued=False)
    takes_by("queue", 1)
    assert retell(["a1"], 1000) == 1 and waiting(issues, issue.id)[-1] == OFFER
    with carrying("issues"):
        emptied(issues)
    assert wire.ready("agency.a1.tasks") == 1
    takes_by("pull", 2)
    assert retell([], 2000) == 0
