"""The runner: processes end when told, whatever surrounds them, and say in one line why they cannot start."""
import json
from collections.abc import Callable
from pathlib import Path

from tests.integration.processes import Process
from tests.integration.waiting import eventually, stays

Running = Callable[..., Process]


def sleeps(process: Process) -> bool:
    assert process.child
    return Path(f"/proc/{process.child.pid}/stat").read_text().rpartition(") ")[2].startswith("S")


def test_an_idle_process_that_nothing_wakes_stops_as_soon_as_it_is_told(running: Running) -> None:
    gateway = running("gateway")
    eventually("it has nothing to do", lambda: sleeps(gateway))
    stays("it has nothing to do", lambda: sleeps(gateway), 0.3)
    assert gateway.stop(15) == 0


def test_every_line_of_a_log_is_json(running: Running) -> None:
    started = running("gateway").log().splitlines()
    assert [json.loads(line)["event"] for line in started] == ["serving"]
