"""The agency's client at a real broker: nothing is lost, it comes back by itself, and it says clearly what is wrong."""
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from mahalle_agency import AgencyClient, NoQueue, NotAllowed, NotTaken, Unconfirmed, WrongPassword
from mahalle_agency.taking import Delivery, Taking

from deploy.local.folder import ROOT
from deploy.local.ports import free_ports
from tests.integration.agency_desk import CODE, SAMPLE, Desk, offer
from tests.integration.line import Line
from tests.integration.waiting import eventually, stays
from tests.integration.wire import Wire

QUEUE = f"agency.{CODE}.tasks"
Client = Callable[..., AgencyClient]


@pytest.fixture
def client(wire: Wire, registered_agency: Callable[..., tuple[str, str]]) -> Iterator[Client]:
    """Makes clients of a registered agency; `port` is that of a line, `query` of the broker's address."""
    code, password = registered_agency(CODE)
    made: list[AgencyClient] = []

    def make(port: int = wire.port, query: str = "", **given: Any) -> AgencyClient:
        found = {"broker": f"amqp://127.0.0.1:{port}/{wire.vhost}{query}", "agency": code, "password": password} | given
        made.append(AgencyClient(**found))
        return made[-1]

    yield make
    for each in made:
        each.close()
    wire.management.delete_user(f"agency.{CODE}")


@pytest.fixture
def line(wire: Wire) -> Iterator[Line]:
    with Line(wire.port) as line:
        yield line


def answers(wire: Wire) -> list[str]:
    """The ids of the answers that reached the platform."""
    return [properties.headers["ce-id"] for properties, _ in wire.take_all("issues.answers")]


def test_a_connection_lost_during_the_callback_brings_the_message_again(client: Client, wire: Wire) -> None:
    offer(wire, CODE, "m1")
    held = threading.Event()
    with Desk(client(), lambda message: held.wait(10)) as desk:
        eventually("the message is in the callback", lambda: desk.ids, until=lambda ids: ids == ["m1"])
        wire.management.call("DELETE", f"/connections/username/agency.{CODE}")
        held.set()
        eventually("it is handled again", lambda: desk.ids, until=lambda ids: ids == ["m1", "m1"])
    assert wire.ready(QUEUE) == 0


def test_a_program_killed_in_its_callback_gets_the_message_again(
        client: Client, wire: Wire, tmp_path: Path, registered_agency: Callable[..., tuple[str, str]]) -> None:
    code, password = registered_agency(CODE)
    offer(wire, code, "m1")
    seen = tmp_path / "seen"
    variables = {"MAHALLE_BROKER_URL": f"amqp://127.0.0.1:{wire.port}/{wire.vhost}", "AGENCY_CODE": code,
                 "AGENCY_PASSWORD": password, "PYTHONPATH": "clients/agency"}
    program = subprocess.Popen([sys.executable, "-m", "tests.integration.agency_program", str(seen)], cwd=ROOT,
                               env=os.environ | variables)
    try:
        eventually("the message is in the callback", lambda: seen.exists() and seen.read_text(), until=lambda s: s == "m1")
    finally:
        program.kill()
        program.wait(10)
    with Desk(client()) as desk:
        eventually("the message came again", lambda: desk.ids, until=lambda ids: ids == ["m1"])


def test_a_callback_slower_than_the_heartbeat_keeps_its_connection(client: Client, wire: Wire) -> None:
    offer(wire, CODE, "m1")
    held = threading.Event()
    with Desk(client(query="?heartbeat=1"), lambda message: held.wait(15)) as desk:
        eventually("the message is in the callback", lambda: desk.ids, until=lambda ids: ids == ["m1"])
        stays("it is still in hand", lambda: wire.ready(QUEUE), 4, until=lambda ready: ready == 0)
        held.set()
        offer(wire, CODE, "m2")
        eventually("the next is handled", lambda: desk.ids, until=lambda ids: "m2" in ids)
        assert desk.ids == ["m1", "m2"]


def test_a_callback_that_raises_gets_its_message_again_and_holds_up_no_other(
        client: Client, wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    failing = True

    def callback(message: Any) -> None:
        if message.id == "bad" and failing:
            raise RuntimeError("our own database is away")

    offer(wire, CODE, "bad")
    offer(wire, CODE, "good")
    with Desk(client(), callback) as desk:
        eventually("the other is handled meanwhile", lambda: desk.ids, until=lambda ids: ids[:2] == ["bad", "good"])
        failing = False
        eventually("it came again", lambda: desk.ids.count("bad"), until=lambda count: count > 1)
        stays("and not again after that", lambda: desk.ids[-1:] + [wire.ready(QUEUE)], 0.5, until=lambda s: s == ["bad", 0])
    assert wire.ready(QUEUE) == 0
    assert "our own database is away" in caplog.text and "comes again in 1 s" in caplog.text


def test_a_message_in_its_pause_is_not_lost_when_the_program_ends(client: Client, wire: Wire) -> None:
    def callback(message: Any) -> None:
        raise RuntimeError

    offer(wire, CODE, "m1")
    with Desk(client(), callback) as desk:
        eventually("the callback failed", lambda: desk.ids)
    eventually("it is back in the queue", lambda: wire.ready(QUEUE), until=lambda ready: ready == 1)


def test_what_was_settled_last_is_settled_before_the_program_ends(
        client: Client, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    acknowledge, busy = Delivery.acknowledge, threading.Event()

    def while_busy(delivery: Delivery) -> None:
        taking = next(thread for thread in threading.enumerate() if isinstance(thread, Taking))
        delivery._connection.add_callback_threadsafe(lambda: (busy.set(), taking._ending.wait(10)))
        busy.wait(10)
        acknowledge(delivery)

    monkeypatch.setattr(Delivery, "acknowledge", while_busy)
    offer(wire, CODE, "m1")
    desk = client()
    desk.run(lambda message: desk.stop())
    stays("it does not come back", lambda: wire.ready(QUEUE), 0.3, until=lambda ready: ready == 0)


@pytest.mark.parametrize("unreadable", [
    {"headers": None}, {"headers": {"ce-specversion": 1}}, {"content_type": None}, {"body": b"\x80\x04K\x01."},
    {"headers": SAMPLE["headers"] | {"ce-type": "mahalle.agencies.task_offered.v9"}}, {"body": b'{"secret": "0912"'},
], ids=["no headers", "a number as header", "no content type", "pickle", "future version", "broken JSON"])
def test_an_unreadable_message_goes_to_the_dead_letters_and_its_neighbour_is_handled(
        client: Client, wire: Wire, caplog: pytest.LogCaptureFixture, unreadable: dict[str, Any]) -> None:
    offer(wire, CODE, "m1", **unreadable)
    offer(wire, CODE, "m2")
    with Desk(client()) as desk:
        eventually("the neighbour is handled", lambda: desk.ids, until=lambda ids: ids == ["m2"])
        eventually("the other is a dead letter", lambda: wire.ready("agencies.dead"), until=lambda ready: ready == 1)
    assert wire.ready(QUEUE) == 0
    assert "cannot be read" in caplog.text
    assert "0912" not in caplog.text and SAMPLE["body"]["text"] not in caplog.text


def test_after_the_line_was_cut_messages_and_answers_go_on(client: Client, wire: Wire, line: Line) -> None:
    with Desk(client(line.port)) as desk, ThreadPoolExecutor(1) as pool:
        offer(wire, CODE, "m1")
        eventually("the first is handled", lambda: desk.ids, until=lambda ids: ids == ["m1"])
        line.cut()
        offer(wire, CODE, "m2")
        sent = pool.submit(desk.client.accept, "i-1", answer_id="accept-m1")
        stays("nothing arrives", lambda: len(desk.got), 0.5, until=lambda count: count == 1)
        line.mend()
        eventually("the second is handled", lambda: desk.ids, until=lambda ids: "m2" in ids)  # perhaps m1 again
        assert sent.result(20) == "accept-m1"
    assert answers(wire) == ["accept-m1"]


def test_when_the_broker_closes_all_connections_it_comes_back(client: Client, wire: Wire) -> None:
    with Desk(client()) as desk:
        offer(wire, CODE, "m1")
        eventually("the first is handled", lambda: desk.ids, until=lambda ids: ids == ["m1"])
        desk.client.accept("i-1")
        wire.management.call("DELETE", f"/connections/username/agency.{CODE}")
        offer(wire, CODE, "m2")
        eventually("the second is handled", lambda: desk.ids, until=lambda ids: "m2" in ids)
        desk.client.start("i-1")
    assert len(answers(wire)) == 2


def test_a_line_that_is_silent_is_noticed_and_what_is_sent_again_has_the_same_id(
        client: Client, wire: Wire, line: Line, caplog: pytest.LogCaptureFixture) -> None:
    with Desk(client(line.port, "?heartbeat=1")) as desk, ThreadPoolExecutor(1) as pool:
        desk.client.accept("i-1", answer_id="first")
        line.stall()
        sent = pool.submit(desk.client.start, "i-1", answer_id="second")
        eventually("the silence is noticed", lambda: "no connection to the broker" in caplog.text)
        line.mend()
        assert sent.result(25) == "second"
        offer(wire, CODE, "m1")
        eventually("messages arrive again", lambda: desk.ids)
    found = answers(wire)
    assert found[0] == "first" and set(found[1:]) == {"second"}


def test_a_connection_for_answers_is_not_kept_without_heartbeats(
        client: Client, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mahalle_agency.sending.KEPT_OPEN", 0.05)
    desk = client()
    sent = [desk.accept("i-1")]
    eventually("it is closed", lambda: desk._sending._connection is None)
    assert answers(wire) == sent
    sent = [desk.start("i-1")]
    assert answers(wire) == sent


@pytest.mark.parametrize("given", [{"password": "wrong"}, {"agency": "nobody"}], ids=["password", "agency"])
def test_a_wrong_password_is_said_and_not_tried_again(client: Client, given: dict[str, str]) -> None:
    with pytest.raises(WrongPassword, match="does not know agency"):
        client(**given).run(print)
    with pytest.raises(WrongPassword, match="AGENCY_PASSWORD"):
        client(**given).accept("i-1")


def test_an_agency_without_a_queue_is_told_so(client: Client, wire: Wire) -> None:
    wire.channel.queue_delete(QUEUE)
    with pytest.raises(NoQueue, match=f"no queue of agency {CODE}"):
        client().run(print)


def test_an_agency_whose_queue_is_taken_away_is_told_so(client: Client, wire: Wire) -> None:
    offer(wire, CODE, "m1")
    with Desk(client()) as desk:
        eventually("the first is handled", lambda: desk.ids)
        wire.channel.queue_delete(QUEUE)
        eventually("it ends", lambda: desk.ended)
    assert isinstance(desk.ended, NoQueue)


def test_another_virtual_host_is_said(client: Client, wire: Wire) -> None:
    with pytest.raises(NotAllowed, match="virtual host"):
        client(broker=f"amqp://127.0.0.1:{wire.port}/elsewhere").run(print)


def test_an_answer_that_the_broker_forbids_is_said(client: Client, wire: Wire) -> None:
    wire.management.permit_topic(f"agency.{CODE}", "agencies.answers", "^$", "^$")
    with pytest.raises(NotAllowed, match=r"agencies\.answers"):
        client().accept("i-1")


def test_an_answer_that_nobody_would_read_is_handed_back_with_its_id(client: Client, wire: Wire) -> None:
    wire.channel.queue_unbind("issues.answers", "agencies.answers", "#")
    try:
        with pytest.raises(NotTaken, match="accept-m1") as error:
            client().accept("i-1", answer_id="accept-m1")
        assert error.value.answer_id == "accept-m1"
    finally:
        wire.channel.queue_bind("issues.answers", "agencies.answers", "#")


def test_without_a_broker_an_answer_is_said_to_be_unconfirmed_with_its_id(client: Client) -> None:
    with pytest.raises(Unconfirmed, match="under the same id, x1") as error:
        client(free_ports(1)[0], patience=0.5).accept("i-1", answer_id="x1")
    assert error.value.answer_id == "x1"


def test_an_answer_is_persistent_so_that_a_broker_that_restarts_still_has_it(client: Client, wire: Wire) -> None:
    sent = client().finish("i-1", "لوله عوض شد")
    properties, body = wire.take("issues.answers") or pytest.fail("no answer")
    assert (properties.delivery_mode, properties.message_id) == (2, sent)
    assert "لوله عوض شد" in body.decode()


def test_nothing_of_a_task_is_logged(client: Client, wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "mahalle_agency")
    offer(wire, CODE, "m1")
    with Desk(client()) as desk:
        eventually("it is handled", lambda: desk.ids)
    assert SAMPLE["body"]["text"] not in caplog.text
