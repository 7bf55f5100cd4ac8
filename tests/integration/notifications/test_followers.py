"""A letter to all who follow an issue, in a real MongoDB: one delivery for each, page by page, whoever dies on the way."""
from collections.abc import Callable
from typing import Any

import pytest

from chassis.clock import now
from contracts.envelope import Received
from contracts.errors import not_found, unavailable
from contracts.issues import ConfidentialIssueChanged, IssueConfirmed, IssueSnapshot, IssueTabled, TaskSnapshot
from contracts.registry import SeatChanged, SeatSnapshot
from services.notifications import deliveries, sender, use_cases
from services.notifications.channels.log import Log
from services.notifications.documents import Delivery
from services.notifications.letters import Letters
from services.notifications.sender import Addresses, Sender
from tests.builders import NOON

LATER = NOON.replace(year=2099)
TASK = TaskSnapshot("i-1", "a1", "done", NOON, NOON, NOON)
CLOSED = IssueSnapshot("i", 5, False, status="closed", tracking_code="12345678901", category="lighting", neighbourhood="n1",
                       place=("alborz", "karaj", "n1"), filed_at=NOON, tasks=(TASK,), joined=3)


class Issues:
    """The owner of the people: pages of them, and what was asked."""

    def __init__(self, many: int, page: int) -> None:
        self.people = [{"kind": "filer", "ref": "i"}, {"kind": "on_behalf_of", "ref": "i"}, {"kind": "filer", "ref": "j"},
                       *({"kind": "follower", "ref": f"i:{number:05d}"} for number in range(many))]
        self.page, self.asked = page, list[str]()
        self.broken: Exception | None = None

    def get(self, path: str, asking: Any, query: dict[str, str]) -> Any:
        self.asked.append(path)
        if self.broken:
            raise self.broken
        if not path.endswith("/contacts"):
            return {"email": f"{path.rpartition('/')[2].replace(':', '-')}@example.org"}
        start = int(query.get("cursor", "0"))
        stop = start + self.page
        return {"items": self.people[start:stop], "next_cursor": str(stop) if stop < len(self.people) else None}


class Remembering(Log):
    at_once = 50
    needs_address = True

    def __init__(self) -> None:
        self.to: list[str | None] = []

    def send(self, message: Any) -> None:
        self.to.append(message.address)


def confirmed() -> None:
    use_cases.note([Received("e1", IssueConfirmed("i", 5), CLOSED, "i", 5, now())])


def a_sender(issues: Issues, channel: Any) -> Sender:
    found = Addresses(issues, issues)  # type: ignore[arg-type]
    return Sender(channel, Letters("fa"), found, found.people)


def states(**query: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in Delivery._get_collection().find(query):
        found[row["state"]] = found.get(row["state"], 0) + 1
    return found


def go_on(sender: Sender) -> None:
    while sender.turn():
        pass


def hurry() -> None:
    Delivery._get_collection().update_many({"state": "queued"}, {"$set": {"next_at": NOON}})


@pytest.mark.parametrize("page", [1, 4, 200])
def test_each_who_follows_gets_one_letter_and_the_filer_not_a_second_one(page: int) -> None:
    issues, channel = Issues(9, page), Remembering()
    confirmed()
    go_on(a_sender(issues, channel))
    assert sorted(map(str, channel.to)) == sorted(["on_behalf_of@example.org", "contact@example.org",
                                                   *(f"i-{number:05d}@example.org" for number in range(9))])
    assert states() == {"spread": 1, "sent": 11}


def test_each_is_asked_for_where_they_are_known() -> None:
    issues = Issues(1, 200)
    confirmed()
    go_on(a_sender(issues, Remembering()))
    assert set(issues.asked) == {"/issues/i/contacts", "/issues/i/contacts/on_behalf_of", "/issues/j/contact",
                                 "/issues/i/contacts/i:00000"}


def test_a_sender_that_died_after_a_page_leaves_nobody_out_and_nobody_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    issues, channel = Issues(9, 4), Remembering()
    confirmed()

    def dies(*given: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(sender, "mark", dies)
        a_sender(issues, channel).turn()
    assert states() == {"queued": 4}  # the letter to all, and three of the first page
    hurry()
    go_on(a_sender(issues, channel))
    assert states() == {"spread": 1, "sent": 11} and len(channel.to) == len(set(channel.to)) == 11


def test_an_owner_that_is_away_means_later_and_the_cursor_stays() -> None:
    issues, channel = Issues(9, 4), Remembering()
    confirmed()
    channel.at_once = 1
    going = a_sender(issues, channel)
    going.turn()
    issues.broken = unavailable()
    hurry()
    go_on(going)
    whole = Delivery._get_collection().find_one({"to.kind": "followers"})
    assert whole and (whole["state"], whole["cursor"], whole["error"]) == ("queued", "4", "owner: unavailable")
    issues.broken = None
    hurry()
    go_on(going)
    assert states() == {"spread": 1, "sent": 11}


def test_ten_thousand_are_put_down_page_by_page() -> None:
    issues = Issues(10_000, sender.PAGE)
    confirmed()
    channel = Remembering()
    channel.at_once = 1
    going = a_sender(issues, channel)
    most = 0
    while states(**{"to.kind": "followers"}) != {"spread": 1}:
        before = states().get("queued", 0)
        Delivery._get_collection().update_many({"to.kind": {"$ne": "followers"}}, {"$set": {"next_at": LATER}})
        going.turn()
        most = max(most, states().get("queued", 0) - before)
    assert most <= sender.PAGE and states()["queued"] == 10_002


def test_an_issue_that_is_not_there_any_more_has_nobody_to_tell() -> None:
    issues = Issues(3, 4)
    issues.broken = not_found()
    confirmed()
    go_on(a_sender(issues, Remembering()))
    assert states() == {"spread": 1}


def test_what_became_confidential_meanwhile_is_spread_to_nobody() -> None:
    issues, channel = Issues(9, 4), Remembering()
    confirmed()
    channel.at_once = 1
    going = a_sender(issues, channel)
    taken = deliveries.take(1, now())[0]
    use_cases.note([Received("e2", ConfidentialIssueChanged("i"), IssueSnapshot("i", 6, True), "i", 6, now())])
    deliveries.mark([going._sent(taken, {})], now())
    hurry()
    go_on(going)
    assert channel.to == [] and set(states()) == {"skipped"}


@pytest.mark.parametrize("given", [{"headquarters": "hq"}, {"territory": "alborz"}])
def test_a_seat_is_found_where_it_is(given: dict[str, Any]) -> None:
    seats: list[Callable[[], SeatSnapshot]] = [
        lambda: SeatSnapshot("s1", 1, "secretary", person="p1", **given),
        lambda: SeatSnapshot("s2", 1, "secretary", person="p2", committee="hq"),
        lambda: SeatSnapshot("s3", 1, "secretary", **given)]
    use_cases.learn([Received("r", SeatChanged("s"), seat(), "s", 1, now()) for seat in seats])
    use_cases.note([Received("e3", IssueTabled("i", "i-1", "hq"), CLOSED, "i", 5, now())])
    assert [row["to"] for row in Delivery._get_collection().find()] == [{"kind": "seat", "ref": "s1"}]
