"""The broker's names and rights: declared twice is declared once, and what exists otherwise is said within seconds."""
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from chassis import settings, topology
from deploy.local.folder import ROOT
from tests.integration.processes import Process
from tests.integration.wire import QUEUES, Wire

SECONDS = 60  # a process that hangs hangs for ever
MISMATCHED = "booklet.issues"


@pytest.fixture
def mismatched(wire: Wire) -> str:
    """A work queue that somebody declared as a classic one."""
    wire.channel.queue_delete(MISMATCHED)
    wire.channel.queue_declare(MISMATCHED, durable=True)
    return MISMATCHED


@pytest.fixture(autouse=True)
def mended(wire: Wire) -> Iterator[None]:
    yield
    wire.channel.queue_delete(MISMATCHED)
    assert topology.declare(settings.read("topology")) == []


def command(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", *words], env=environment | {"PATH": "/usr/bin:/bin"}, cwd=ROOT, text=True,
                          capture_output=True, timeout=60)


def test_declaring_twice_changes_nothing(environment: dict[str, str], wire: Wire) -> None:
    assert topology.declare(settings.read("topology")) == []
    assert {queue["name"] for queue in wire.management.queues()} >= set(QUEUES)


def test_a_queue_with_other_arguments_is_named_in_one_line_and_the_exit_is_3(
        environment: dict[str, str], mismatched: str) -> None:
    began = time.monotonic()
    done = command(environment, "chassis.topology")
    assert time.monotonic() - began < SECONDS
    assert done.returncode == 3
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1 and mismatched in lines[0] and "exists with other arguments" in lines[0]


def test_a_service_whose_queue_has_other_arguments_exits_3_instead_of_hanging(
        running: Callable[..., Process], mismatched: str) -> None:
    began = time.monotonic()
    service = running("booklet", ready=False)
    assert service.wait(SECONDS) == 3
    assert time.monotonic() - began < SECONDS
    assert mismatched in service.log()


def test_without_the_broker_the_topology_says_so_and_fails(environment: dict[str, str]) -> None:
    done = command(environment | {"MAHALLE_BROKER_ADMIN": "http://admin:x@127.0.0.1:1"}, "chassis.topology")
    assert done.returncode == 1 and "RabbitMQ does not answer" in done.stderr


def test_a_forgotten_secret_is_one_line_and_exit_2(environment: dict[str, str]) -> None:
    done = command(environment | {"MAHALLE_BROKER_SECRET": ""}, "chassis.topology")
    assert done.returncode == 2 and done.stderr.strip() == (
        "topology: set MAHALLE_BROKER_ADMIN and MAHALLE_BROKER_SECRET.")
