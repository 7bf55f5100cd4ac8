"""What was told of an issue that has become confidential is forgotten, what was not sent never is, nothing comes back."""
from datetime import timedelta
from typing import Any

import pytest

from contracts import issues, registry
from contracts.envelope import Received
from contracts.issues import IssueSnapshot, TaskSnapshot
from services.notifications import use_cases
from services.notifications.channels.log import Log
from services.notifications.documents import Delivery
from services.notifications.letters import Letters
from services.notifications.sender import Sender
from tests.builders import NOON
from tests.integration.conftest import Connect

TASK = TaskSnapshot("i-1", "a1", "offered", NOON, NOON, NOON + timedelta(days=1))


@pytest.fixture(autouse=True)
def notifications(database: Connect) -> None:
    """An empty database, in which agency a1 reads e-mail."""
    database("notifications")
    agency = registry.AgencySnapshot("a1", 1, "دستگاه", "Agency", "city", "karaj", "email")
    use_cases.learn([Received("r", None, agency, "a1", 1, NOON)])


def heard(happened: Any, version: int = 1, issue: str = "i", **given: Any) -> Received:
    values: dict[str, Any] = {
        "confidential": False, "status": "routed", "tracking_code": "12345678901", "category": "lighting",
        "neighbourhood": "n1", "place": ("alborz", "karaj", "n1"), "filed_at": NOON, "updated_at": NOON, "tasks": (TASK,),
        "reachable": True}
    return Received(f"{issue}-{version}-{type(happened).__name__}", happened,
                    IssueSnapshot(issue, version, **(values | given)), issue, version, NOON)


def filed(issue: str = "i") -> list[Received]:
    return [heard(issues.IssueFiled(issue), issue=issue), heard(issues.TaskOffered(issue, "i-1", "a1", "rule"), issue=issue)]


def hidden(issue: str = "i") -> Received:
    return Received(f"{issue}-hidden", issues.ConfidentialIssueChanged(issue), IssueSnapshot(issue, 2, True), issue, 2, NOON)


def kept(issue: str = "i") -> list[tuple[str, Any]]:
    return [(each["state"], each["about"]) for each in Delivery._get_collection().find({"about.issue": issue})]


def sent_now() -> int:
    return Sender(Log(), Letters("fa"), lambda kind, ref, why: None).turn()


def test_what_is_queued_is_never_sent_and_nothing_of_it_is_kept() -> None:
    use_cases.note([*filed(), *filed("another")])
    use_cases.note([hidden()])
    assert kept() == [("skipped", {"issue": "i"})] * 2
    assert sent_now() == len(kept("another")) == 2 and all(state != "skipped" for state, _ in kept("another"))
    assert all(about["category"] == "lighting" for _, about in kept("another"))


def test_of_what_was_sent_it_is_forgotten_what_it_was_about() -> None:
    use_cases.note(filed())
    sent_now()
    use_cases.note([hidden()])
    assert kept() == [("sent", {"issue": "i"})] * 2
    use_cases.note([hidden()])
    assert kept() == [("sent", {"issue": "i"})] * 2


def test_an_older_event_that_comes_late_brings_nothing_back() -> None:
    use_cases.note([hidden()])
    use_cases.note(filed())
    assert kept() == [("skipped", {"issue": "i"})] * 2 and sent_now() == 0


def test_both_in_one_batch_end_as_if_nothing_had_been_told() -> None:
    use_cases.note([*filed(), hidden()])
    assert all(found == ("skipped", {"issue": "i"}) for found in kept()) and sent_now() == 0


def test_a_sender_that_has_it_in_hand_does_not_bring_it_back() -> None:
    use_cases.note(filed())

    def meanwhile(kind: str, ref: str, why: str) -> None:
        use_cases.note([hidden()])

    class Mail(Log):
        needs_address = True

    Sender(Mail(), Letters("fa"), meanwhile).turn()
    assert kept() == [("skipped", {"issue": "i"})] * 2
