"""What stock nameko 2.14.1 does wrong, shown each time the tests run, so that nobody puts its event handler back.

That the chassis does right stands in test_consume.py, test_topology.py and test_relay.py, under the same words.
"""
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pika
import pytest

from deploy.local.folder import ROOT
from tests.integration.line import Line
from tests.integration.waiting import PATIENCE, eventually, stays
from tests.integration.wire import Wire

QUEUE = "evt-source-happened--stock.handle"
EXCHANGE, KEY = "source.events", "happened"
WORKERS = 10  # nameko's max_workers, and so the messages that it holds at once


class Stock:
    """A process of stock nameko."""

    def __init__(self, environment: dict[str, str], wire: Wire, port: int, folder: Path) -> None:
        self.wire, self.effects_file, self.log_file = wire, folder / "effects", folder / "stock.log"
        credentials = f"{wire.credentials.username}:{wire.credentials.password}"
        self._environment = {**environment, "PATH": "/usr/bin:/bin", "EFFECTS": str(self.effects_file),
                             "AMQP_URI": f"pyamqp://{credentials}@127.0.0.1:{port}/{wire.vhost}"}

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        with self.log_file.open("ab") as log:
            self.child = subprocess.Popen([sys.executable, "-m", "tests.integration.stock", *words], cwd=ROOT,
                                          env=self._environment, stdout=log, stderr=log)
        return self.child

    def consuming(self, queue: str) -> None:
        eventually(f"{queue} has a consumer", lambda: self._consumers(queue))

    def _consumers(self, queue: str) -> int:
        try:
            return int(self.wire.channel.queue_declare(queue, passive=True).method.consumer_count)
        except pika.exceptions.ChannelClosedByBroker:
            return 0

    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def effects(self) -> list[str]:
        return self.effects_file.read_text().splitlines() if self.effects_file.exists() else []


@pytest.fixture
def stock(environment: dict[str, str], wire: Wire, tmp_path: Path) -> Iterator[Callable[..., Stock]]:
    """Starts it; through a line where one is given."""
    started: list[Stock] = []

    def start(line: Line | None = None, *words: str) -> Stock:
        process = Stock(environment, wire, line.port if line else wire.port, tmp_path)
        started.append(process)
        process.start(*words)
        return process

    yield start
    for process in started:
        process.child.kill()
        process.child.wait(PATIENCE)


@pytest.fixture
def handling(stock: Callable[..., Stock]) -> Stock:
    process = stock()
    process.consuming(QUEUE)
    return process


def tell(wire: Wire, body: bytes, content_type: str | None = "application/json", **headers: object) -> None:
    wire.publish(EXCHANGE, KEY, body, headers, content_type)



def gone(wire: Wire, process: Stock) -> int:
    """What is left when the service has stopped and every message that it held has come back."""
    process.child.kill()
    process.child.wait(PATIENCE)
    return eventually("no consumer is left", lambda: wire.channel.queue_declare(QUEUE, passive=True).method,
                      until=lambda method: method.consumer_count == 0).message_count


def test_a_handler_that_raises_loses_its_message(handling: Stock, wire: Wire) -> None:
    tell(wire, b'{"do": "raise"}')
    eventually("the handler raised", handling.log, until=lambda log: "a passing trouble" in log)
    tell(wire, b'{"do": "note"}')
    eventually("the next message is handled", handling.effects)
    assert gone(wire, handling) == 0


def test_what_cannot_be_decoded_is_acknowledged_away_and_its_words_are_logged(handling: Stock, wire: Wire) -> None:
    tell(wire, b'{"name": "somebody-in-n1", ')
    tell(wire, pickle.dumps({"do": "note"}), "application/x-python-serialize")
    tell(wire, b'{"do": "\xff"}')
    tell(wire, b'{"do": "note"}')
    eventually("the last message is handled", handling.effects, until=lambda lines: len(lines) == 1)
    assert gone(wire, handling) == 0
    assert "somebody-in-n1" in handling.log()


def test_a_body_without_a_content_type_reaches_the_handler_as_it_is(handling: Stock, wire: Wire) -> None:
    tell(wire, b"anything", content_type=None)
    assert eventually("something was handled", handling.effects) == ["anything"]


def test_one_header_ends_the_process_and_every_next_one(handling: Stock, wire: Wire) -> None:
    tell(wire, b'{"do": "note"}', **{"nameko.call_id_stack": 5})
    assert handling.child.wait(PATIENCE) != 0
    again = handling.start()
    assert again.wait(PATIENCE) != 0
    assert handling.effects() == []


def test_a_timeout_within_a_handler_leaks_its_place_until_the_service_stands_still(handling: Stock, wire: Wire) -> None:
    for _ in range(WORKERS):
        tell(wire, b'{"do": "time out"}')
    tell(wire, b'{"do": "note"}')
    eventually("every place is taken", lambda: handling.log().count("eventlet.timeout.Timeout"),
               until=lambda count: count >= WORKERS)
    stays("the next message is never handled", handling.effects, 2, until=lambda lines: lines == [])
    assert handling.child.poll() is None, "and nobody notices: the process lives"


def test_an_event_that_nobody_is_bound_to_is_confirmed_and_lost(wire: Wire) -> None:
    wire.channel.exchange_declare(EXCHANGE, "topic", durable=True)
    asked = f"""
import warnings; warnings.simplefilter("ignore")
from nameko.standalone.events import event_dispatcher
uri = "pyamqp://{wire.credentials.username}:{wire.credentials.password}@127.0.0.1:{wire.port}/{wire.vhost}"
event_dispatcher({{"AMQP_URI": uri}})("source", "unheard", {{}})
print("dispatched")
"""
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, timeout=PATIENCE)
    assert done.stdout == "dispatched\n", done.stderr


def test_sigterm_is_not_obeyed_while_the_broker_is_away(stock: Callable[..., Stock], wire: Wire) -> None:
    with Line(wire.port) as line:
        process = stock(line)
        process.consuming(QUEUE)
        line.cut()
        eventually("it noticed", process.log, until=lambda log: "connection" in log.lower() and "retry" in log.lower())
        process.child.send_signal(signal.SIGTERM)
        stays("it lives on", process.child.poll, 7, until=lambda status: status is None)


def test_a_queue_with_other_arguments_is_tried_for_ever_and_said_to_nobody(stock: Callable[..., Stock], wire: Wire) -> None:
    wire.channel.exchange_declare("mismatched", "direct", durable=True)
    wire.channel.queue_declare("evt-mismatched", durable=True, arguments={"x-queue-type": "quorum"})
    process = stock(None, "mismatched")
    eventually("the broker refused again and again", process.log,
               until=lambda log: log.count("PRECONDITION_FAILED") > 3)
    assert process.child.poll() is None
