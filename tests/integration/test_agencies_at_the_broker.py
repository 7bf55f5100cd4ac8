"""An agency gets its queue, its user and its rights while everything runs, and loses them when it leaves the queue."""
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chassis import settings, topology
from chassis.management import Management, ManagementError
from services.registry import use_cases
from tests.builders import KARAJ, a_recorded_agency
from tests.integration.conftest import Connect
from tests.integration.line import Line
from tests.integration.processes import Process
from tests.integration.waiting import eventually
from tests.integration.wire import Wire

CODE = "agency-of-a-test"  # its user is known to the whole broker, and so must be nobody else's
USER, QUEUE = f"agency.{CODE}", f"agency.{CODE}.tasks"
Declare = Callable[[bool], None]


@pytest.fixture
def declare(wire: Wire) -> Iterator[Declare]:
    """Gives the agency its end of the wire, or takes it away."""
    def with_queue(wanted: bool) -> None:
        topology.declare_agency(wire.management, settings.read("registry").broker, CODE, wanted)

    yield with_queue
    wire.management.delete_user(USER)


def at_the_broker(wire: Wire) -> dict[str, Any]:
    """What the broker knows of the agency: whether it has a queue and a user, its bindings, and its rights."""
    def ask(path: str) -> list[dict[str, Any]]:
        return list(wire.management.call("GET", path))

    return {
        "queue": QUEUE in [queue["name"] for queue in wire.management.queues()],
        "user": USER in [user["name"] for user in ask("/users")],
        "bindings": sorted((each["source"], each["routing_key"]) for each in ask(f"/bindings/{wire.vhost}")
                           if each["destination"] == QUEUE),
        "rights": [(each["configure"], each["write"], each["read"]) for each in ask(f"/vhosts/{wire.vhost}/permissions")
                   if each["user"] == USER],
        "under": [(each["exchange"], each["write"]) for each in ask(f"/vhosts/{wire.vhost}/topic-permissions")
                  if each["user"] == USER],
    }


NOTHING: dict[str, Any] = {"queue": False, "user": False, "bindings": [], "rights": [], "under": []}


def test_declared_twice_is_declared_once_and_nothing_in_the_queue_is_lost(wire: Wire, declare: Declare) -> None:
    declare(True)
    once = at_the_broker(wire)
    wire.publish("agencies.tasks", CODE, b"{}")
    declare(True)
    assert at_the_broker(wire) == once == {
        "queue": True, "user": True, "bindings": [("", QUEUE), ("agencies.tasks", CODE)],
        "rights": [("^$", r"^agencies\.answers$", "^" + QUEUE.replace("-", r"\-").replace(".", r"\.") + "$")],
        "under": [("agencies.answers", "^" + CODE.replace("-", r"\-") + r"\z")]}
    assert wire.ready(QUEUE) == 1


def test_taken_away_nothing_is_left_and_taking_away_again_is_no_error(wire: Wire, declare: Declare) -> None:
    declare(True)
    declare(False)
    assert at_the_broker(wire) == NOTHING
    declare(False)
    declare(True)
    assert at_the_broker(wire)["queue"]


def test_a_queue_that_is_there_otherwise_is_refused_and_not_touched(wire: Wire, declare: Declare) -> None:
    wire.channel.queue_declare(QUEUE, durable=True)
    with pytest.raises(ManagementError, match="400"):
        declare(True)
    assert at_the_broker(wire) == NOTHING | {"queue": True, "bindings": [("", QUEUE)]}


def test_management_that_does_not_answer_is_an_os_error(wire: Wire) -> None:
    with Line(wire.port) as line:
        line.cut()
        with pytest.raises(OSError, match="does not answer"):
            topology.declare_agency(Management(f"http://admin:x@127.0.0.1:{line.port}", wire.vhost),
                                    settings.read("registry").broker, CODE, with_queue=True)


def test_an_agency_registered_while_the_management_is_away_gets_its_queue_when_it_is_back(
        database: Connect, wire: Wire, running: Callable[..., Process], environment: dict[str, str],
        declare: Declare) -> None:
    database("registry")
    address, _, port = environment["MAHALLE_BROKER_ADMIN"].rpartition(":")
    with Line(int(port)) as line:
        running("relay", of=("registry",))
        running("registry", MAHALLE_BROKER_ADMIN=f"{address}:{line.port}")
        line.cut()
        use_cases.put([KARAJ, a_recorded_agency(code=CODE)], "operator")
        eventually("it is put off", lambda: wire.waiting("retry"), until=lambda seen: "registry.registry.retry.5s" in seen)
        assert at_the_broker(wire) == NOTHING
        line.mend()
        eventually("it has its queue", lambda: at_the_broker(wire), until=lambda seen: seen["queue"] and seen["under"])
    assert wire.waiting("dead") == {}
