"""Letters through a real SMTP server: each arrives, comes later, or says why not. Its address is asked for when sending."""
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from chassis.clock import now
from contracts.errors import not_found, unavailable
from deploy.local.ports import free_ports
from services.notifications import deliveries, use_cases
from services.notifications.channels.log import Log
from services.notifications.channels.smtp import Smtp, SmtpServer
from services.notifications.documents import Delivery
from services.notifications.sender import Addresses
from tests.builders import a_routed_issue
from tests.integration.notifications.letters import (
    FILER,
    a_registry,
    a_sender,
    delivery,
    heard,
    hurry,
    note_one,
    send_all,
    states,
)


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
