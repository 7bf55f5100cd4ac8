"""A code on its way: from who asks for it over the broker to a telephone or an e-mail address, and never once it lapsed."""
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chassis.caller import Caller
from chassis.clock import now
from chassis.http_client import Client
from contracts.envelope import Received
from contracts.errors import Problem
from contracts.registry import CodeRequested
from contracts.schema import instant
from services.notifications import codes
from services.notifications.channels import Later, Message, Never
from services.notifications.documents import CodeLetter
from services.notifications.letters import Letters
from services.registry.accounts.documents import OneTimeCode
from tests.integration.conftest import Connect
from tests.integration.processes import Process
from tests.integration.signed_in import at_once
from tests.integration.waiting import eventually
from tests.integration.wire import Wire

GATEWAY = Caller("service", "gateway")
ID, PHONE = "9f2c4e6a8b0d1f3a5c7e9b1d3f5a7c9e", "+989121234567"


class Way:
    """A channel that takes what it is given, or raises what it is told."""

    needs_address, at_once = True, 1

    def __init__(self, name: str) -> None:
        self.name = name
        self.sent: list[Message] = []
        self.trouble: list[Exception] = []

    def send(self, message: Message) -> None:
        if self.trouble:
            raise self.trouble.pop(0)
        self.sent.append(message)

    def close(self) -> None: ...


class Post:
    """Notifications with a way for each kind of address, and what the registry says of a code."""

    def __init__(self) -> None:
        self.email, self.telephone = Way("smtp"), Way("sms")
        self.answer: Any = {"address": PHONE, "code": "123456", "until": instant(now() + timedelta(minutes=5))}
        self.sender = codes.CodeSender({"email": self.email, "telephone": self.telephone}, Letters("fa"), self.ask)

    def ask(self, id: str) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def due(self) -> None:
        CodeLetter._get_collection().update_many({}, {"$set": {"next_at": now() - timedelta(seconds=1)}})

    def row(self) -> dict[str, Any]:
        return CodeLetter._get_collection().find_one({"_id": ID}) or {}


@pytest.fixture
def post(database: Connect) -> Post:
    database("notifications")
    codes.note([Received(ID, CodeRequested(ID), None, ID, 1, now())] * 2)
    return Post()


def test_a_code_to_a_telephone_is_a_text_message_and_to_an_address_a_letter(post: Post) -> None:
    assert (post.sender.turn(), post.sender.turn()) == (1, 0)
    [message] = post.telephone.sent
    assert (message.address, message.code, "123456" in message.body) == (PHONE, "123456", True)
    post.answer["address"] = "zahra@example.org"
    CodeLetter._get_collection().update_one({"_id": ID}, {"$set": {"state": "queued"}})
    post.due()
    post.sender.turn()
    assert [each.address for each in post.email.sent] == ["zahra@example.org"] and len(post.telephone.sent) == 1


@pytest.mark.parametrize("answer", [None, {"address": PHONE, "code": "1", "until": instant(now())}])
def test_a_lapsed_code_is_not_sent(post: Post, answer: Any) -> None:
    post.answer = answer
    post.sender.turn()
    assert (post.row()["state"], post.telephone.sent) == ("lapsed", [])


def test_what_can_be_tried_again_is_tried_again_soon(post: Post) -> None:
    post.telephone.trouble = [Later("sms 418 418"), Later("TimeoutError")]
    for tries in (1, 2):
        post.sender.turn()
        row = post.row()
        assert (row["state"], row["tries"], post.telephone.sent) == ("queued", tries, [])
        assert row["next_at"] < now() + timedelta(seconds=codes.LONGEST_PAUSE)
        post.due()
    post.sender.turn()
    assert (post.row()["state"], len(post.telephone.sent)) == ("sent", 1)


@pytest.mark.parametrize(("trouble", "state"), [(Never("sms 411 411"), "failed"), (ValueError(PHONE), "failed")])
def test_what_is_refused_for_good_is_not_tried_again(
        post: Post, trouble: Exception, state: str, capsys: pytest.CaptureFixture[str]) -> None:
    post.telephone.trouble = [trouble]
    assert (post.sender.turn(), post.sender.turn(), post.row()["state"]) == (1, 0, state)
    assert PHONE not in str(post.row()) + capsys.readouterr().out


def test_while_the_registry_is_away_a_code_waits(post: Post) -> None:
    post.answer = Later("owner: unavailable")
    post.sender.turn()
    assert (post.row()["state"], post.row()["error"]) == ("queued", "owner: unavailable")


def test_many_senders_send_it_once(post: Post) -> None:
    assert at_once(8, lambda n: post.sender.turn()) == {"0": 7, "1": 1} and len(post.telephone.sent) == 1


def test_of_a_sender_that_died_the_next_one_takes_over(post: Post) -> None:
    assert codes.take(now()) and post.sender.turn() == 0
    taken = codes.take(now() + codes.LEASE)
    assert taken
    codes.mark({**taken, "taken": "the one that died"}, state="failed")
    codes.mark(taken, state="sent")
    assert (post.row()["state"], post.row()["tries"]) == ("sent", 1)


@pytest.fixture
def ask(environment: dict[str, str], running: Callable[..., Process], database: Connect, wire: Wire) -> Callable[..., Any]:
    database("registry")
    database("notifications")
    running("registry")
    client = Client(environment["MAHALLE_REGISTRY_URL"], environment["MAHALLE_INTERNAL_SECRET"])
    return lambda path, **body: client.post(path, GATEWAY, body)


def test_a_resident_asks_for_a_code_reads_it_and_is_in(
        ask: Callable[..., Any], running: Callable[..., Process], tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    relay = running("relay", of=("registry",))
    notifications = running("notifications", MAHALLE_LETTERS=str(folder))
    started = now()
    assert ask("/sign-in/code", address="۰۹۱۲ ۱۲۳ ۴۵۶۷") == {} == ask("/sign-in/code", address="zahra@example.org")
    files = eventually("both codes are sent", lambda: sorted(folder.glob("*.txt")), until=lambda seen: len(seen) == 2)
    assert now() - started < timedelta(seconds=10)
    letters = {text.partition("\n")[0]: text for text in (file.read_text() for file in files)}
    code = next(word for word in letters[PHONE].split() if word.isdecimal())
    found = ask("/sign-in/resident", address="09121234567", code=code)
    assert found["as"]["role"] == "resident" and found["access_token"]
    with pytest.raises(Problem):
        ask("/sign-in/resident", address="09121234567", code=code)
    said = relay.log() + notifications.log()
    assert code not in said and "9121234567" not in said and "zahra" not in said


def test_the_same_is_answered_for_a_known_and_an_unknown_address(ask: Callable[..., Any]) -> None:
    for address in ("09121234567", "09129999999"):
        for _ in range(6):
            assert ask("/sign-in/code", address=address) == {}
    assert [len(each["outbox"]) for each in OneTimeCode._get_collection().find()] == [1, 1], "sent once, while it is good"
