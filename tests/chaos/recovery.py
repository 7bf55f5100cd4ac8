"""How long until the platform is well again after a fault, seen from outside by one more filing."""
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.chaos.ground import Ground
from tests.chaos.workload import Workload

WITHIN = 120.0  # seconds; whoever needs longer did not recover
PAUSE = 0.05


@dataclass(frozen=True)
class Recovered:
    """Seconds from the fault's end, None where that did not happen in time.

    `agency`: a probe was filed, acknowledged, and brought by its agency's queue, behind all that had piled up.
    `everything`: besides, every process says that it is ready, the probe stands in the booklet, its letter is noted.
    """

    agency: float | None
    everything: float | None


class Recovery:
    def __init__(self, ground: Ground, workload: Workload, sleep: Callable[[float], None]) -> None:
        self._ground, self._workload, self._sleep = ground, workload, sleep

    def after(self, ended: float) -> Recovered:
        """Files the probe at once and follows it."""
        probe = self._workload.file("rubbish")
        reached = self._wait(lambda: self._workload.reached(probe) is not None, ended)
        agency = (self._workload.reached(probe) or ended) - ended if reached else None
        return Recovered(agency, time.monotonic() - ended if self._wait(lambda: self._well(probe), ended) else None)

    def _wait(self, probe: Callable[[], bool], ended: float) -> bool:
        while not probe():
            if time.monotonic() - ended > WITHIN:
                return False
            self._sleep(PAUSE)
        return True

    def _well(self, probe: str) -> bool:
        return (not self._ground.unready()
                and self._ground.store("booklet", "issues").count_documents({"_id": probe}) == 1
                and self._ground.store("notifications", "deliveries").count_documents({"about.issue": probe}) >= 1)
