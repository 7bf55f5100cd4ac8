"""`make up` and `make down` as a person meets them: the real platform, in a folder and on ports of this test."""
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.local.daemon import left_behind
from deploy.local.folder import ROOT
from deploy.local.servers import row_of_free_ports

SECONDS = 120  # for a whole platform on a busy machine


class Terminal:
    """Somebody's terminal in the repository, with a folder and ports of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.variables = {"MAHALLE_LOCAL": str(folder)} | {
            name: str(row_of_free_ports(7)) for name in (
                "MAHALLE_PORT", "MAHALLE_AMQP_PORT", "MAHALLE_MANAGEMENT_PORT", "MAHALLE_MONGO_PORT",
                "MAHALLE_PROMETHEUS_PORT")}
        self.running: subprocess.Popen[str] | None = None
        self.output = folder.parent / "output"

    def up(self) -> subprocess.Popen[str]:
        """Returns when it says that it is up."""
        with self.output.open("w") as output:
            self.running = subprocess.Popen([sys.executable, "-m", "deploy.local.up"], cwd=ROOT, stdout=output,
                                            stderr=output, env=os.environ | self.variables, text=True)
        eventually("Mahalle is up", lambda: "Mahalle is up" in self.output.read_text(), self.said)
        return self.running

    def down(self) -> str:
        return subprocess.run([sys.executable, "-m", "deploy.local.down"], env=os.environ | self.variables, cwd=ROOT,
                              text=True, capture_output=True, check=True, timeout=SECONDS).stdout

    def said(self) -> str:
        assert self.running is None or self.running.poll() is None, f"it ended: {self.output.read_text()}"
        return self.output.read_text()

    def ready(self) -> bool:
        url = f"http://127.0.0.1:{self.variables['MAHALLE_PORT']}/readyz"
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def asks_as(self, variable: str) -> str:
        """The role that a key of `keys.env` has."""
        [key] = re.findall(f"^{variable}=(.*)$", (self.folder / "keys.env").read_text(), re.M)
        asked = urllib.request.Request(f"http://127.0.0.1:{self.variables['MAHALLE_PORT']}/v1/me",
                                       headers={"Authorization": f"Bearer {key}"})
        with urllib.request.urlopen(asked, timeout=5) as answer:
            return str(json.load(answer)["role"])


def eventually(what: str, probe: Callable[[], bool], seen: Callable[[], str] = str) -> None:
    end = time.monotonic() + SECONDS
    while not probe():
        seen()
        assert time.monotonic() < end, f"not within {SECONDS} s: {what}. {seen()}"
        time.sleep(0.1)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    terminal = Terminal(tmp_path / "local")
    yield terminal
    terminal.down()
    if terminal.running:
        terminal.running.wait(SECONDS)
    assert left_behind(terminal.folder) == []


def test_one_interrupt_stops_everything_and_a_second_up_keeps_the_data(terminal: Terminal) -> None:
    first = terminal.up()
    assert terminal.ready()
    addresses = re.findall(r"http://127\.0\.0\.1:\d+/metrics", terminal.output.read_text())
    assert len(addresses) == 6
    for address in addresses:
        with urllib.request.urlopen(address, timeout=5) as answer:
            assert b"mahalle_" in answer.read()
    secrets, keys = (terminal.folder / "secrets.env").read_text(), (terminal.folder / "keys.env").read_text()
    assert terminal.asks_as("OPERATOR_KEY") == "operator"
    first.send_signal(signal.SIGINT)
    assert first.wait(SECONDS) == 0
    assert left_behind(terminal.folder) == []
    second = terminal.up()
    assert (terminal.folder / "secrets.env").read_text() == secrets
    assert (terminal.folder / "keys.env").read_text() == keys and terminal.asks_as("SECRETARY_KEY") == "secretary"
    second.terminate()
    assert second.wait(SECONDS) == 0


def test_what_a_killed_up_left_behind_is_taken_over_by_the_next_and_stopped_by_down(terminal: Terminal) -> None:
    for _ in range(2):
        killed = terminal.up()
        assert terminal.ready()
        killed.kill()
        killed.wait()
        assert len(left_behind(terminal.folder)) >= 8
    terminal.down()
    assert left_behind(terminal.folder) == []
    assert terminal.down() == "nothing is running\n"


def test_a_server_that_dies_under_up_comes_back(terminal: Terminal) -> None:
    terminal.up()
    os.kill(int((terminal.folder / "run" / "mongod.pid").read_text()), signal.SIGKILL)
    eventually("MongoDB is started again", lambda: "MongoDB ended" in terminal.said())
    eventually("ready again", terminal.ready, terminal.said)
