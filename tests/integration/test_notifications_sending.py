"""Deliveries in a real MongoDB, letters through a real SMTP server: each is sent, comes again later, or says why not."""
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller
from pymongo import monitoring

from chassis.clock import now
from contracts.envelope import Received
from contracts.errors import Malformed, not_found, unavailable
from contracts.issues import IssueSnapshot
from contracts.registry import AgencyChanged, AgencySnapshot, CategorySnapshot, SeatSnapshot, TerritorySnapshot
from contracts.schema import schema_of
from deploy.local.ports import free_ports
from services.issues.documents import IssueMapping, snapshot
from services.issues.model import Issue
from services.notifications import deliveries, use_cases
from services.notifications.channels import Channel
from services.notifications.channels.log import Log
from services.notifications.channels.smtp import Smtp, SmtpServer
from services.notifications.documents import Delivery
from services.notifications.letters import Letters
from services.notifications.sender import Address, Addresses, Sender
from tests.builders import a_routed_issue
from tests.integration.conftest import Connect

FILER = {"email": "zahra@example.org", "phone": "09121234567"}
BOOK = {"filer": "zahra@example.org", "agency": "desk@a1.example.org", "seat": "manager@n1.example.org"}


class Calls(monitoring.CommandListener):
    """Counts what is asked of the database."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        self.names.append(event.command_name)

    def succeeded(self, event: Any) -> None: ...
    def failed(self, event: Any) -> None: ...


@pytest.fixture(scope="module")
def calls() -> Calls:
    listener = Calls()
    monitoring.register(listener)
    return listener


@pytest.fixture(autouse=True)
def notifications(calls: Calls, database: Connect) -> None:
    """An empty database of notifications, with its indexes."""
    database("notifications")


class Post:
    """What a mail server of ours answers, and what it took. `answers` are given in turn, then always 250."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.at_recipient: list[str] = []
        self.at_letter: list[str] = []
        self.letters: list[EmailMessage] = []
        self.connections = 0
        self.channel = Smtp(SmtpServer("127.0.0.1", port, False, "", ""), "mahalle@example.org")

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: str, responses: Any) -> Any:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.at_recipient:
            return self.at_recipient.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.at_letter:
            return self.at_letter.pop(0)
        found = message_from_bytes(envelope.content, policy=default)
        assert isinstance(found, EmailMessage)
        found["X-Delivered-To"] = ",".join(envelope.rcpt_tos)
        self.letters.append(found)
        return "250 OK"

    @contextmanager
    def serving(self) -> Iterator[None]:
        controller = Controller(self, hostname="127.0.0.1", port=self.port)
        controller.start()
        try:
            yield
        finally:
            controller.stop()


@pytest.fixture
def closed_post() -> Iterator[Post]:
    """A mail server that does not answer yet."""
    made = Post(free_ports(1)[0])
    yield made
    made.channel.close()


@pytest.fixture
def post(closed_post: Post) -> Iterator[Post]:
    with closed_post.serving():
        yield closed_post


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


# who gets a delivery

def test_filing_makes_one_delivery_for_each_who_is_to_know() -> None:
    a_registry()
    use_cases.note(heard(a_routed_issue(contact=FILER)))
    found = {(row["template"], row["to"]["kind"], row["to"]["ref"]) for row in Delivery._get_collection().find()}
    assert found == {("filed", "filer", a_routed_issue().id), ("filed_nearby", "seat", "n1-manager"),
                     ("task_offered", "agency", "a1")}


@pytest.mark.parametrize("channel", ["queue", "pull"])
def test_an_agency_that_takes_its_tasks_otherwise_gets_no_letter(channel: str) -> None:
    a_registry(channel)
    use_cases.note(heard(a_routed_issue()))
    assert not Delivery._get_collection().find_one({"to.kind": "agency"})


def test_an_empty_seat_gets_no_letter_and_a_new_holder_does() -> None:
    a_registry()
    known(SeatSnapshot("n1-manager", 2, "neighbourhood_manager", "n1", person=None))
    use_cases.note(heard(a_routed_issue()))
    assert not Delivery._get_collection().find_one({"to.kind": "seat"})
    known(SeatSnapshot("n1-manager", 3, "neighbourhood_manager", "n1", person="p9"))
    use_cases.note(heard(a_routed_issue()))
    assert Delivery._get_collection().find_one({"to.kind": "seat"})


def test_the_same_event_again_and_again_makes_one_delivery() -> None:
    a_registry()
    batch = heard(a_routed_issue(contact=FILER))
    use_cases.note(batch + batch)
    send_all(a_sender(Log()))
    before = list(Delivery._get_collection().find())
    use_cases.note(batch)
    assert list(Delivery._get_collection().find()) == before and states() == {"sent": 3}


def test_a_batch_costs_three_calls_to_the_database(calls: Calls) -> None:
    a_registry()
    batch = [event for number in range(32) for event in heard(a_routed_issue(contact=FILER, id=f"i{number}"))]
    assert len(batch) == 64
    calls.names.clear()
    use_cases.note(batch)
    assert Counter(calls.names) == {"find": 2, "insert": 1} and sum(states().values()) == 96


# sending

def test_a_letter_arrives_whole_and_no_address_stays_behind(post: Post) -> None:
    a_registry()
    key = note_one()
    send_all(a_sender(post.channel))
    letter = next(each for each in post.letters if each["To"] == FILER["email"])
    assert letter["X-Delivered-To"] == FILER["email"] and letter["Message-ID"] == f"<{key}@example.org>"
    assert "ثبت شد" in letter["Subject"] and "مهرشهر" in letter.get_content() and "شهرداری کرج" in letter.get_content()
    assert delivery(key)["state"] == "sent"
    everything = str(list(Delivery._get_collection().find())) + str(use_cases.listing(delivery(key)["about"]["issue"]))
    assert "@" not in everything and "0912" not in everything


def test_letters_can_be_english(post: Post) -> None:
    note_one()
    send_all(a_sender(post.channel, language="en"))
    assert post.letters[0]["Subject"].startswith("Your issue was filed")


@pytest.mark.parametrize("where", ["at_recipient", "at_letter"])
def test_told_to_come_again_it_comes_again_later_and_arrives(post: Post, where: str) -> None:
    key = note_one()
    getattr(post, where).append("451 come again")
    sender = a_sender(post.channel)
    send_all(sender)
    found = delivery(key)
    assert (found["state"], found["tries"], "taken" in found) == ("queued", 1, False)
    assert found["next_at"] > now() + timedelta(seconds=5) and "@" not in found["error"] and "451" in found["error"]
    hurry()
    send_all(sender)
    assert (delivery(key)["state"], len(post.letters)) == ("sent", 1)


@pytest.mark.parametrize("where", ["at_recipient", "at_letter"])
def test_refused_for_good_it_fails_at_once_and_is_never_tried_again(post: Post, where: str) -> None:
    key = note_one()
    getattr(post, where).append("550 no such person zahra@example.org")
    sender = a_sender(post.channel)
    send_all(sender)
    found = delivery(key)
    assert (found["state"], found["tries"]) == ("failed", 1) and "550" in found["error"] and "zahra" not in found["error"]
    hurry()
    assert sender.turn() == 0 and post.letters == []


def test_one_letter_refused_spoils_no_other(post: Post) -> None:
    keys = [note_one() for _ in range(3)]
    post.at_recipient.append("550 no")
    send_all(a_sender(post.channel))
    assert states() == {"failed": 1, "sent": 2} and len(post.letters) == 2 and len(keys) == 3
    assert post.connections == 1  # kept between letters


def test_a_server_that_goes_and_comes_back_gets_every_letter_once(closed_post: Post) -> None:
    key, sender = note_one(), a_sender(closed_post.channel)
    send_all(sender)
    assert (delivery(key)["state"], delivery(key)["tries"]) == ("queued", 1)
    with closed_post.serving():
        hurry()
        send_all(sender)
        assert delivery(key)["state"] == "sent"
    other = note_one()
    send_all(sender)
    assert delivery(other)["state"] == "queued"
    with closed_post.serving():
        hurry()
        send_all(sender)
    assert states() == {"sent": 2} and len(closed_post.letters) == 2


def test_a_server_that_hangs_up_in_the_middle_is_tried_again_on_a_new_connection(post: Post) -> None:
    key, sender = note_one(), a_sender(post.channel)
    post.at_letter.append("421 closing")
    send_all(sender)
    assert delivery(key)["state"] == "queued"
    hurry()
    send_all(sender)
    assert delivery(key)["state"] == "sent" and post.connections == 2


def test_a_server_that_says_nothing_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.notifications.channels.smtp.SECONDS", 0.2)
    key = note_one()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = SmtpServer("127.0.0.1", silent.getsockname()[1], False, "", "")
        send_all(a_sender(Smtp(server, "mahalle@example.org")))
    assert delivery(key)["state"] == "queued"


def test_after_three_days_of_later_it_fails(post: Post) -> None:
    key = note_one()
    Delivery._get_collection().update_one({}, {"$set": {"created_at": now() - timedelta(days=3, hours=1)}})
    post.at_recipient.append("451 come again")
    send_all(a_sender(post.channel))
    assert delivery(key)["state"] == "failed"


def test_pauses_grow_and_stay_bounded() -> None:
    pauses = [deliveries.pause(tries) for tries in range(40)]
    assert pauses[0] <= timedelta(seconds=30) and pauses == sorted(pauses) and pauses[-1] == timedelta(hours=1)


# addresses

class Owner:
    """Stands for another service's HTTP: answers, or raises what it would."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked: list[str] = []
        self.whys: list[str] = []

    def get(self, path: str, asking: Any, query: dict[str, str]) -> Any:
        self.asked.append(f"{asking.id} {path}")
        self.whys.append(query["why"])
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def addresses(issues: Owner, registry: Owner) -> Any:
    return Addresses(issues, registry)  # type: ignore[arg-type]


def test_the_address_is_asked_of_its_owner_when_sending_and_not_before(post: Post) -> None:
    a_registry()
    issues, registry = Owner({"name": "زهرا", "email": "zahra@example.org"}), Owner({"email": "desk@a1.example.org"})
    issue = a_routed_issue(contact=FILER)
    use_cases.note(heard(issue))
    assert issues.asked == registry.asked == []
    send_all(a_sender(post.channel, addresses(issues, registry)))
    assert issues.asked == [f"service:notifications /issues/{issue.id}/contact"]
    assert sorted(registry.asked) == ["service:notifications /contacts/agency/a1",
                                      "service:notifications /contacts/seat/n1-manager"]
    assert {each.split(",")[0] for each in registry.whys} == {"letter task_offered", "letter filed_nearby"}
    assert {each["To"] for each in post.letters} == {"zahra@example.org", "desk@a1.example.org"}


@pytest.mark.parametrize("answer", [{}, {"phone": "09121234567"}, {"email": None}, not_found()])
def test_without_an_address_a_delivery_is_skipped(post: Post, answer: Any) -> None:
    key = note_one()
    send_all(a_sender(post.channel, addresses(Owner(answer), Owner({}))))
    assert delivery(key)["state"] == "skipped" and post.letters == []


def test_an_owner_that_is_away_means_later_and_never_failed(post: Post) -> None:
    key, owner = note_one(), Owner(unavailable())
    Delivery._get_collection().update_one({}, {"$set": {"created_at": now() - timedelta(days=30)}})
    sender = a_sender(post.channel, addresses(owner, Owner({})))
    send_all(sender)
    assert (delivery(key)["state"], delivery(key)["tries"]) == ("queued", 1)
    owner.answer = {"email": "zahra@example.org"}
    hurry()
    send_all(sender)
    assert delivery(key)["state"] == "sent"


def test_without_a_mail_server_no_address_is_asked_for() -> None:
    key, owner = note_one(), Owner({"email": "zahra@example.org"})
    send_all(a_sender(Log(), addresses(owner, owner)))
    assert (delivery(key)["state"], delivery(key)["channel"], owner.asked) == ("sent", "log", [])


# leases

class Remembering(Log):
    def __init__(self, at_once: int = 1, then: Callable[[], None] = lambda: None) -> None:
        self.sent: list[str] = []
        self.at_once, self._then = at_once, then

    def send(self, message: Any) -> None:
        self.sent.append(message.id)
        self._then()


def test_several_senders_at_once_never_send_one_twice() -> None:
    batch = [event for n in range(100) for event in heard(a_routed_issue(contact=FILER, id=f"i{n}"))[:1]]
    use_cases.note(batch)
    channel = Remembering(at_once=7)
    threads = [threading.Thread(target=send_until_nothing_is_queued, args=(a_sender(channel),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(channel.sent) == len(set(channel.sent)) == 100 and states() == {"sent": 100}


def send_until_nothing_is_queued(sender: Sender) -> None:
    while states()["queued"]:
        sender.turn()


def test_what_a_dead_sender_had_taken_is_sent_when_its_lease_ends_and_not_before() -> None:
    note_one()
    assert len(deliveries.take(5, now())) == 1  # and then it died
    channel = Remembering()
    send_all(a_sender(channel))
    assert channel.sent == []
    hurry()
    send_all(a_sender(channel))
    assert len(channel.sent) == 1 and states() == {"sent": 1}


def test_a_sender_whose_lease_has_passed_on_writes_nothing() -> None:
    key = note_one()
    mine = deliveries.take(1, now())[0]
    hurry()
    theirs = deliveries.take(1, now())[0]
    deliveries.mark([deliveries.Outcome(theirs, "sent", "smtp")], now())
    deliveries.mark([deliveries.Outcome(mine, "failed", "smtp", "SMTPDataError 550")], now())
    assert (delivery(key)["state"], delivery(key)["error"]) == ("sent", None)


def test_the_oldest_goes_first() -> None:
    keys = [note_one() for _ in range(3)]
    for key, minutes in zip(keys, (1, 3, 2), strict=True):
        at: datetime = now() - timedelta(minutes=minutes)
        Delivery._get_collection().update_one({"_id": key}, {"$set": {"next_at": at}})
    channel = Remembering()
    send_all(a_sender(channel))
    assert channel.sent == [keys[1], keys[2], keys[0]]


@pytest.mark.parametrize("spoilt", [{"template": "no_such_letter"}, {"about": {}}])
def test_a_delivery_that_can_never_be_written_fails_and_keeps_nobody_waiting(spoilt: dict[str, Any]) -> None:
    bad, good = note_one(), note_one()
    Delivery._get_collection().update_one({"_id": bad}, {"$set": spoilt})
    send_all(a_sender(Remembering(at_once=10)))
    assert (delivery(bad)["state"], delivery(good)["state"]) == ("failed", "sent")


# showing

def test_an_issue_s_deliveries_are_listed_with_their_states() -> None:
    a_registry()
    use_cases.note(heard(a_routed_issue(contact=FILER)))
    use_cases.note(heard(a_routed_issue(id="other")))
    send_all(a_sender(Remembering(at_once=2)))
    found = use_cases.listing(a_routed_issue().id)["items"]
    assert [item["state"] for item in found] == ["sent"] * 3
    assert {item["to"]["kind"] for item in found} == {"filer", "seat", "agency"}


def test_deliveries_are_listed_of_one_issue_only() -> None:
    with pytest.raises(Malformed):
        use_cases.listing(None)


def test_deliveries_are_kept_for_half_a_year() -> None:
    indexes = Delivery._get_collection().index_information()
    assert [index["expireAfterSeconds"] for index in indexes.values() if "expireAfterSeconds" in index] == [180 * 86400]
