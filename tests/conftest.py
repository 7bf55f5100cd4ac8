"""How `make test` shares the tests among its workers: a file stays together, and so does everything on the one province."""
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadFileScheduling

from deploy.local import ports

WORKERS = 4  # where it is not said how many there are
# What hypothesis makes up is the same each time, and how long it takes, on a machine that does much besides, is no failure.
settings.register_profile("ours", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ours")


class Together(LoadFileScheduling):
    """`--dist loadfile`, with the end-to-end tests as one file: they stand on one platform, which is started once. But
    schemathesis has one of its own, where it may change whatever it likes."""

    def _split_scope(self, nodeid: str) -> str:
        alone = nodeid.startswith("tests/e2e/test_schemathesis.py")
        return "tests/e2e" if nodeid.startswith("tests/e2e/") and not alone else super()._split_scope(nodeid)


def pytest_configure(config: pytest.Config) -> None:
    """A part of the ports for each worker, so that none takes what another is about to use; a key of cases."""
    low, high = ports.BETWEEN
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", WORKERS))
    part, number = (high - low) // workers, int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % workers
    os.environ.setdefault("MAHALLE_CASE_KEYS", "of unit tests " * 3)  # tests above unit level set their own
    ports.BETWEEN[:] = low + number * part, low + (number + 1) * part - 100


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    return Together(config, log) if config.getvalue("dist") == "loadfile" else None
