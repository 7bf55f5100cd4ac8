"""The faults, each a few seconds of trouble that ends with whoever brings back what was taken away.

A killed process is brought back by the platform's own watcher; a killed server is started again here, as `make up` does.
"""
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.chaos.ground import Ground
from tests.chaos.ledger import Ledger
from tests.chaos.schedule import Fault
from tests.integration.waiting import eventually

LOW, USUAL = "0.00001", "0.4"  # of the machine's memory, from which on the broker takes no messages
Sleep = Callable[[float], None]


@dataclass(frozen=True)
class Struck:
    """What a fault did: how many seconds it lasted, and how many filings were acknowledged meanwhile.

    `ended` is the moment (monotonic seconds) when taking it away began: from then on a killed server starts again, and
    `rabbitmqctl`, which takes a second or two, ends an alarm.
    """

    fault: Fault
    ended: float
    lasted: float
    filed: int


class Nemesis:
    """`sleep` may raise to end the run."""

    def __init__(self, ground: Ground, ledger: Ledger, sleep: Sleep) -> None:
        self._ground, self._ledger, self._sleep = ground, ledger, sleep

    def strike(self, fault: Fault) -> Struck:
        """Returns as soon as the fault is over; a killed server has been started again."""
        with FAULTS[fault.kind](self._ground, fault.target):
            began, filed = time.monotonic(), self._ledger.filed
            self._sleep(fault.hold)
            ended, filed = time.monotonic(), self._ledger.filed - filed
        return Struck(fault, ended, ended - began, filed)


@contextmanager
def kill(ground: Ground, target: str) -> Iterator[None]:
    ground.daemon(target).kill()
    yield


@contextmanager
def broker_away(ground: Ground, target: str) -> Iterator[None]:
    ground.servers.broker.kill()
    try:
        yield
    finally:
        ground.servers.broker.start()


@contextmanager
def database_away(ground: Ground, target: str) -> Iterator[None]:
    ground.servers.mongo.kill()
    try:
        yield
    finally:
        ground.servers.mongo.start()


@contextmanager
def connections_closed(ground: Ground, target: str) -> Iterator[None]:
    ground.servers.broker.control("close_all_connections", "chaos")
    yield


@contextmanager
def memory_alarm(ground: Ground, target: str) -> Iterator[None]:
    broker = ground.servers.broker
    broker.control("set_vm_memory_high_watermark", LOW)
    try:
        eventually("a memory alarm", lambda: broker.control("eval", "rabbit_alarm:get_alarms()."), 10,
                   until=lambda alarms: "memory" in alarms)
        yield
    finally:
        broker.control("set_vm_memory_high_watermark", USUAL)


@contextmanager
def stopped(ground: Ground, target: str) -> Iterator[None]:
    ground.pause(target)
    try:
        yield
    finally:
        ground.resume(target)


FAULTS = {"kill -9": kill, "broker kill": broker_away, "database kill": database_away,
          "connections closed": connections_closed, "memory alarm": memory_alarm, "SIGSTOP": stopped}
