"""The agency's client without a broker: what it reads, what it may say, how it is printed."""
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pika.exceptions as broken
import pytest
from click.testing import CliRunner
from mahalle_agency import Answer, AnswerTold, Task, TaskTold
from mahalle_agency.cli import main
from mahalle_agency.client import LONGEST_PAUSE, pause_after
from mahalle_agency.connecting import parameters, refusal
from mahalle_agency.messages import Unreadable, read
from mahalle_agency.printing import card, local, plain, printed

NOON = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
HEADERS = {"ce-specversion": "1.0", "ce-id": "m1", "ce-type": "mahalle.agencies.task_offered.v1",
           "ce-time": "2026-11-24T12:00:00+03:30", "ce-sequence": "3"}
BODY = {"task_id": "i-1", "issue_id": "i", "agency": "a0", "state": "offered", "accept_by": "2026-11-25T08:30:00Z",
        "due": "2026-11-27T08:30:00Z"}


def a_task(**given: Any) -> Task:
    values: dict[str, Any] = {"task_id": "i-1", "issue_id": "i", "agency": "a0", "state": "offered", "accept_by": NOON,
                              "due": NOON + timedelta(days=2), "category": "lighting", "category_name": "روشنایی",
                              "title": "چراغ خاموش", "text": "چراغ کوچه خاموش است"}
    return Task(**(values | given))


@pytest.fixture
def tehran(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The machine's time zone."""
    monkeypatch.setenv("TZ", "Asia/Tehran")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_times_are_utc_whatever_offset_they_came_with() -> None:
    assert read(HEADERS, json.dumps(BODY).encode(), "application/json").at == NOON


def test_headers_that_are_not_ours_are_ignored() -> None:
    strange = HEADERS | {"nameko.call_id_stack": 5, "ce-traceparent": None}
    message = read(strange, json.dumps(BODY).encode(), "application/json")
    assert isinstance(message, TaskTold) and (message.kind, message.sequence, message.trace) == ("offered", 3, None)


@pytest.mark.parametrize(("change", "body"), [
    ({"ce-specversion": None}, b"{}"), ({"ce-type": "mahalle.agencies.task_offered.v2"}, b"{}"),
    ({"ce-type": 7}, b"{}"), ({}, b"\x80\x04K\x01."), ({}, b"[]"), ({}, b"{}"), ({}, b"[" * 100_000), ({}, b"\xff"),
    ({}, json.dumps(BODY | {"due": "tomorrow"}).encode()), ({}, json.dumps(BODY | {"due": "2026-11-27T08:30:00"}).encode()),
    ({}, json.dumps(BODY | {"title": 5}).encode()), ({}, json.dumps(BODY | {"point": [1, 2]}).encode()),
    ({"ce-sequence": "x"}, json.dumps(BODY).encode()), ({"ce-id": 1}, json.dumps(BODY).encode()),
])
def test_what_cannot_be_read_is_refused_without_a_word_of_it(change: dict[str, Any], body: bytes) -> None:
    with pytest.raises(Unreadable) as refusal:
        read(HEADERS | change, body, "application/json")
    assert "tomorrow" not in str(refusal.value)


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-python-serialize"])
def test_another_content_type_is_not_read(content_type: str | None) -> None:
    with pytest.raises(Unreadable):
        read(HEADERS, json.dumps(BODY).encode(), content_type)


@pytest.mark.parametrize(("action", "said", "why"), [
    ("refuse", {}, "needs a reason"), ("refuse", {"reason": " "}, "needs a reason"), ("finish", {}, "needs a text"),
    ("refer", {"reason": "نه"}, "needs an agency"), ("wait", {"reason": "نه"}, "needs a for_whom"),
    ("wait", {"reason": "نه", "for_whom": "me"}, "one of filer, agency, other"),
    ("ask_deferral", {"reason": "نه"}, "needs an until"), ("ask_extension", {"until": NOON}, "needs a reason"),
    ("ask_extension", {"reason": "نه", "until": datetime(2027, 1, 1)}, "a time with an offset"),
    ("cancel", {}, "an agency may accept, refuse, refer, start"), ("accept", {"id": ""}, "1 to 200 characters"),
    ("accept", {"id": "x" * 201}, "1 to 200 characters"),
])
def test_an_answer_that_could_never_be_taken_is_not_sent(action: str, said: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Answer("i-1", action, **said)


def test_every_answer_has_an_id_of_its_own_and_may_be_given_one() -> None:
    assert Answer("i-1", "accept").id != Answer("i-1", "accept").id
    assert Answer("i-1", "accept", id="accept-m1").headers("a0")["ce-id"] == "accept-m1"


def test_the_pause_before_a_failed_message_grows_and_ends_growing() -> None:
    assert [pause_after(times) for times in (0, 1, 2, 3)] == [1, 2, 4, 8]
    assert pause_after(10**6) == LONGEST_PAUSE


def test_a_dead_or_blocked_connection_is_noticed_unless_the_address_says_otherwise() -> None:
    found = parameters("amqp://127.0.0.1:5700/mahalle", "a0", "x")
    assert 0 < found.heartbeat <= 30 and 0 < found.blocked_connection_timeout <= 30
    assert parameters("amqp://127.0.0.1:5700/mahalle?heartbeat=60", "a0", "x").heartbeat == 60


@pytest.mark.parametrize("address", ["", "127.0.0.1:5700/mahalle", "http://127.0.0.1/mahalle",
                                     "amqp://guest:guest@127.0.0.1/mahalle"])
def test_an_address_that_is_none_is_said_at_once(address: str) -> None:
    with pytest.raises(ValueError, match="amqp://host:port/vhost"):
        parameters(address, "a0", "x")


@pytest.mark.parametrize("passing", [
    broken.ProbableAuthenticationError("StreamLostError: ('reset',)"), broken.ProbableAccessDeniedError("StreamLostError"),
    broken.ProbableAccessDeniedError("ConnectionClosedByBroker: (541) 'INTERNAL_ERROR'"), OSError("no such host"),
    broken.ConnectionClosedByBroker(320, "CONNECTION_FORCED"), broken.ConnectionClosedByBroker(541, "INTERNAL_ERROR"),
    broken.ChannelClosedByBroker(406, "delivery acknowledgement timed out"), broken.ConnectionBlockedTimeout(),
    broken.AMQPHeartbeatTimeout(),
], ids=str)
def test_trouble_that_passes_is_not_taken_for_a_refusal(passing: Exception) -> None:
    assert refusal(passing, "a0") is None


def test_a_deadline_is_shown_in_local_time_with_its_offset(tehran: None) -> None:
    assert local(NOON) == "2026-11-24 12:00+03:30"
    assert "مهلت پذیرش · accept by: 2026-11-24 12:00+03:30" in card(a_task())


def test_a_task_is_printed_in_persian_with_english_beside() -> None:
    told = printed(TaskTold("offered", "m1", NOON, 1, None, a_task()))
    for line in ("کار تازه · a new task", "عنوان · title: چراغ خاموش", "موضوع · category: روشنایی · lighting", "task: i-1"):
        assert line in told


def test_whose_part_it_is_why_it_came_and_whether_it_binds_is_printed() -> None:
    shown = card(a_task(lead=False, part="اسکان شبانه", reason="در حوزهٔ ما نیست", binding=True))
    assert all(line in shown for line in ("part: اسکان شبانه", "reason: در حوزهٔ ما نیست", "decided, binding"))
    assert "part: همکار · supporting" in card(a_task(lead=False))
    assert not [word for word in ("part:", "reason:", "binding") if word in card(a_task())]


COMMANDS = {
    "refer x --to a1 --reason r": {"action": "refer", "agency": "a1", "reason": "r"},
    "wait x --for-whom filer --reason r": {"action": "wait", "for_whom": "filer", "reason": "r"},
    "wait x --for-whom other --reason r --until 2027-03-21T08:00+03:30": {
        "action": "wait", "for_whom": "other", "reason": "r", "until": "2027-03-21T04:30:00.000Z"},
    "resume x": {"action": "resume"},
    "ask-deferral x --reason r --until 2027-03-21T08:00Z": {
        "action": "ask_deferral", "reason": "r", "until": "2027-03-21T08:00:00.000Z"},
    "ask-extension x --reason r --until 2027-03-21T08:00Z": {
        "action": "ask_extension", "reason": "r", "until": "2027-03-21T08:00:00.000Z"},
    "finish x --text t --photograph https://example.org/1.jpg": {
        "action": "finish", "text": "t", "photograph": "https://example.org/1.jpg"},
}
DESK = ["--broker", "amqp://127.0.0.1:1/x", "--agency", "a0", "--password", "p"]


@pytest.mark.parametrize("words", COMMANDS)
def test_a_command_sends_what_it_was_given(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Answer] = []
    monkeypatch.setattr("mahalle_agency.sending.Sending.send", lambda self, answer, patience: sent.append(answer))
    done = CliRunner().invoke(main, [*DESK, *words.split(), "--answer-id", "one"])
    assert done.exit_code == 0, done.output
    assert [(json.loads(each.body()), each.id) for each in sent] == [({"task_id": "x", **COMMANDS[words]}, "one")]


@pytest.mark.parametrize(("words", "why"), [
    ("ask-deferral x --reason r --until 2027-03-21", "a time with its offset is needed"),
    ("ask-extension x --reason r", "Missing option '--until'"), ("refer x --reason r", "Missing option '--to'"),
    ("wait x --reason r --for-whom me", "'me' is not one of")])
def test_a_command_that_says_too_little_or_wrong_sends_nothing(words: str, why: str) -> None:
    done = CliRunner().invoke(main, [*DESK, *words.split()])
    assert done.exit_code == 2 and why in done.output


def test_of_a_confidential_task_the_way_to_read_it_is_printed() -> None:
    bare = a_task(confidential=True, category=None, category_name=None, title=None, text=None)
    assert "mahalle-agency show i-1" in card(bare) and "title" not in card(bare)


def test_a_refusal_is_printed_with_its_reasons_and_code() -> None:
    told = printed(AnswerTold("refused", "m1", NOON, 1, None, "id1", "i-1", "a0", "finish", None, "move_forbidden",
                              "ممکن نیست.", "Not possible."))
    assert "finish (id1)" in told and "ممکن نیست." in told and "Not possible. · move_forbidden" in told


def test_what_a_resident_typed_cannot_steer_the_terminal() -> None:
    assert plain("a\x1b[2Jb\r\nc\u202ed\u2028e") == "a [2Jb cd e"
    assert plain("می‌شود") == "می‌شود"
