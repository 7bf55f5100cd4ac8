"""Letters of `notifications` as tests make them: who is known, what was heard, what is queued, and who sends it."""
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from chassis.clock import now
from contracts.envelope import Received
from contracts.issues import IssueSnapshot
from contracts.registry import AgencyChanged, AgencySnapshot, CategorySnapshot, SeatSnapshot, TerritorySnapshot
from contracts.schema import schema_of
from services.issues.documents import IssueMapping, snapshot
from services.issues.model import Issue
from services.notifications import use_cases
from services.notifications.channels import Channel
from services.notifications.channels.log import Log
from services.notifications.documents import Delivery
from services.notifications.letters import Letters
from services.notifications.sender import Address, Sender
from tests.builders import a_routed_issue

FILER = {"email": "zahra@example.org", "phone": "09121234567"}
BOOK = {"filer": "zahra@example.org", "agency": "desk@a1.example.org", "seat": "manager@n1.example.org"}


def known(*snapshots: Any) -> None:
    use_cases.learn([Received("r", AgencyChanged(each.code), each, each.code, each.version, now()) for each in snapshots])


def a_registry(channel: str = "email") -> None:
    known(AgencySnapshot("a1", 1, "شهرداری کرج", "Municipality of Karaj", "city", "karaj", channel),
          SeatSnapshot("n1-manager", 1, "neighbourhood_manager", "n1", person="p1"),
          SeatSnapshot("n1-reporter", 1, "reporter", "n1", person="p2"),
          SeatSnapshot("n2-manager", 1, "neighbourhood_manager", "n2", person="p3"),
          SeatSnapshot("alborz-secretary", 1, "secretary", "alborz", person="p4"),
          TerritorySnapshot("n1", 1, "neighbourhood", "مهرشهر", "Mehrshahr", "karaj", ("karaj", "n1")),
          CategorySnapshot("lighting", 1, "روشنایی", "Lighting", None, ("lighting",), False, 24, 72))


def heard(issue: Issue) -> list[Received]:
    """Every fact of an issue, as the broker hands it over."""
    document = {"_id": issue.id, "version": 3, **IssueMapping().state(issue)}
    seen: IssueSnapshot = schema_of(IssueSnapshot).load(snapshot(document, {}))
    return [Received(f"{issue.id}-{position}", recorded.happened, seen, issue.id, 3, now())
            for position, recorded in enumerate(issue.recorded) if recorded.agency is None]


def note_one(**given: Any) -> str:
    """One letter to a filer, queued; its delivery's id."""
    issue = a_routed_issue(contact=FILER, id=str(uuid4()), **given)
    use_cases.note(heard(issue)[:1])
    return str(Delivery._get_collection().find_one({"about.issue": issue.id, "to.kind": "filer"})["_id"])


def states() -> Counter[str]:
    return Counter(row["state"] for row in Delivery._get_collection().find())


def delivery(key: str) -> dict[str, Any]:
    found = Delivery._get_collection().find_one({"_id": key})
    assert found is not None
    return dict(found)


def hurry() -> None:
    """As if the pause before the next try, or the lease, were over."""
    Delivery._get_collection().update_many({}, {"$set": {"next_at": now() - timedelta(seconds=1)}})


def a_sender(channel: Channel, address: Address = lambda kind, ref, why: BOOK[kind], language: str = "fa") -> Sender:
    return Sender(channel, Letters(language), address)


def send_all(sender: Sender) -> None:
    while sender.turn():
        pass


class Remembering(Log):
    def __init__(self, at_once: int = 1, then: Callable[[], None] = lambda: None) -> None:
        self.sent: list[str] = []
        self.at_once, self._then = at_once, then

    def send(self, message: Any) -> None:
        self.sent.append(message.id)
        self._then()
