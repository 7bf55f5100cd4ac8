"""The launcher of the local platform, tried with small stand-ins for the services."""
import os
import signal
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.local import daemon
from deploy.local import platform as launcher
from deploy.local.daemon import left_behind
from deploy.local.errors import CannotStart
from deploy.local.platform import COMMANDS, Platform
from deploy.local.servers import row_of_free_ports

STAND_IN = '''
import http.server, os, pathlib, signal, sys
name = sys.argv[1] if "gateway" in sys.argv or len(sys.argv) == 2 else "relay"
if name == os.environ.get("BROKEN"):
    sys.exit("setting: MAHALLE_INTERNAL_SECRET is not set")
signal.signal(signal.SIGTERM, lambda *_: None if name == os.environ.get("STUBBORN") else os._exit(0))

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(os.environ["MAHALLE_ISSUES_URL"].encode())
    def log_message(self, *args):
        pass

host, port = os.environ["MAHALLE_BIND"].split(":")
http.server.HTTPServer((host, int(port)), Handler).serve_forever()
'''
ONE_SHOT = 'import os, sys; sys.exit(os.environ.get("WRONG_TOPOLOGY") or 0)'
Make = Callable[..., Platform]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    chassis = tmp_path / "standin" / "chassis"
    chassis.mkdir(parents=True)
    for name, text in {"run": STAND_IN, "relay": STAND_IN, "topology": ONE_SHOT, "indexes": ONE_SHOT}.items():
        (chassis / f"{name}.py").write_text(text)
    made: list[Platform] = []

    def platform(restart: bool = True, **environment: str) -> Platform:
        variables = {"MAHALLE_PORT": str(row_of_free_ports(7)), "MAHALLE_GRACE": "1"} | environment
        made.append(Platform(variables, tmp_path / "data", restart, root=tmp_path / "standin"))
        return made[-1]

    yield platform
    for each in made:
        each.stop()


def eventually(what: str, probe: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not probe():
        assert time.monotonic() < end, f"not within 60 s: {what}"
        time.sleep(0.05)


def test_start_returns_when_every_process_is_ready(make: Make) -> None:
    platform = make()
    platform.start()
    assert [platform.unready(name) for name in COMMANDS] == [""] * 6
    assert {name for name, process in platform.processes.items() if process.poll() is None} == set(COMMANDS)


def test_each_process_is_told_where_the_others_are(make: Make) -> None:
    platform = make()
    platform.start()
    with urllib.request.urlopen(f"http://127.0.0.1:{platform.inside['gateway']}/readyz") as answer:
        assert answer.read().decode() == platform.address("issues")


def test_a_killed_process_comes_back(make: Make) -> None:
    platform = make()
    platform.start()
    killed = platform.processes["issues"]
    killed.kill()
    eventually("another issues process", lambda: platform.processes["issues"] is not killed)
    platform.ready("issues")


def test_a_killed_process_stays_away_when_restarting_is_left_to_the_caller(make: Make) -> None:
    platform = make(restart=False)
    platform.start()
    platform.processes["issues"].kill()
    eventually("issues gone", lambda: platform.daemons["issues"].pid is None)
    assert platform.unready("issues")
    assert platform._watcher is None
    platform.start_process("issues")
    platform.ready("issues")


def test_stop_leaves_nothing_even_of_a_process_that_does_not_listen(make: Make) -> None:
    platform = make(STUBBORN="booklet", MAHALLE_GRACE="0")
    platform.start()
    platform.stop()
    assert left_behind(platform.folder) == []


def test_a_process_that_cannot_start_is_named_with_its_last_words(make: Make) -> None:
    with pytest.raises(CannotStart, match=r"notifications did not come up.*\n.*MAHALLE_INTERNAL_SECRET is not set"):
        make(BROKEN="notifications").start()


def test_a_wrong_topology_stops_the_start_with_its_line(make: Make) -> None:
    with pytest.raises(CannotStart, match=r"chassis\.topology failed: queue issues\.answers exists"):
        make(WRONG_TOPOLOGY="queue issues.answers exists with other arguments").start()


def test_a_process_that_keeps_ending_is_started_again_ever_more_slowly(
        make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launcher, "FIRST_PAUSE", 0.3)
    platform = make()
    platform.start()
    platform.environment["BROKEN"] = "booklet"
    platform.processes["booklet"].kill()
    eventually("a third pause", lambda: platform._pauses.get("booklet", 0) >= 1.2)


def test_a_process_left_by_a_killed_launcher_is_found_and_stopped(make: Make, tmp_path: Path) -> None:
    make(restart=False).start()
    another = Platform({"MAHALLE_PORT": "1", "MAHALLE_GRACE": "1"}, tmp_path / "data")
    assert all(daemon.pid for daemon in another.daemons.values())
    another.stop()
    assert left_behind(tmp_path / "data") == []


def test_a_pid_of_another_program_is_never_signalled(tmp_path: Path) -> None:
    platform = Platform({}, tmp_path)
    found = platform.daemons["issues"]
    found.pid_file.parent.mkdir()
    found.pid_file.write_text(str(os.getpid()))
    assert found.pid is None
    received: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: received.append(number))
    try:
        found.stop(0)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert received == []


def test_a_process_of_ours_lives_while_it_becomes_another_program(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = daemon.Daemon("sleeper", tmp_path)
    started.start(["sleep", "60"], os.environ)
    monkeypatch.setattr(daemon, "carries", lambda pid, folder: False)  # as /proc says meanwhile, for as long as it takes
    assert started.child and started.pid == started.child.pid
    started.stop(5)
    assert started.pid is None
