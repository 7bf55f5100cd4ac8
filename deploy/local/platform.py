"""Every process of the platform on one machine, started in order, watched, and stopped together.

    platform = Platform(servers.environment(), folder)
    platform.start()                          # returns when every process says it is ready
    platform.processes["issues"].kill()       # it comes back by itself, unless restart=False
    platform.stop()

The gateway listens on MAHALLE_PORT, the others on the five ports that follow it; how the gateway is, it tells on the sixth.
Each process writes `log/<name>.log` in the folder.
"""
import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from deploy.local.daemon import Daemon
from deploy.local.errors import CannotStart
from deploy.local.folder import ROOT
from deploy.local.ports import require_free
from deploy.local.waiting import wait_for

COMMANDS = {
    "gateway": ["chassis.run", "gateway"],
    "registry": ["chassis.run", "registry"],
    "issues": ["chassis.run", "issues"],
    "notifications": ["chassis.run", "notifications"],
    "booklet": ["chassis.run", "booklet"],
    "relay": ["chassis.relay", "registry", "issues"],
}
ASKED = ("registry", "issues", "notifications", "booklet")  # whom others call by MAHALLE_<NAME>_URL
SECONDS_TO_PREPARE = 60
SECONDS_TO_START = 90
FIRST_PAUSE, LAST_PAUSE = 0.5, 10.0  # seconds before a process that died is started again
STEADY = 60.0  # seconds after which a process that dies is restarted at once, as if for the first time


class Platform:
    """The platform on the servers of `environment`. Nothing happens before `start`."""

    def __init__(self, environment: Mapping[str, str], folder: Path, restart: bool = True, root: Path = ROOT) -> None:
        self.folder, self.restart, self.root = folder, restart, root
        self.environment = {**os.environ, **environment}
        self.port = int(self.environment.get("MAHALLE_PORT") or 8080)
        self.grace = float(self.environment.get("MAHALLE_GRACE") or 20)
        self.ports = {name: self.port + step for step, name in enumerate(COMMANDS)}
        self.inside = self.ports | {"gateway": self.port + len(COMMANDS)}  # where each tells how it is
        self.daemons = {name: Daemon(name, folder) for name in COMMANDS}
        self._started: dict[str, float] = {}
        self._pauses: dict[str, float] = {}
        self._stopping = threading.Event()
        self._watcher: threading.Thread | None = None

    @property
    def processes(self) -> dict[str, subprocess.Popen[bytes]]:
        """The processes by name, as they are at this moment: one that was restarted is another."""
        return {name: daemon.child for name, daemon in self.daemons.items() if daemon.child is not None}

    def address(self, name: str) -> str:
        return f"http://127.0.0.1:{self.ports[name]}"

    def require_ports(self) -> None:
        """Raises CannotStart when one of its seven ports is taken."""
        for name, port in [("the API", self.port), *self.inside.items()]:
            require_free(port, "MAHALLE_PORT", name)

    def start(self) -> None:
        """Topology, indexes, every process; returns when all are ready. Raises CannotStart with the reason."""
        self.require_ports()
        self.prepare()
        self.run()

    def prepare(self) -> None:
        """What must stand before the services: queues and users at the broker, indexes in the database."""
        with ThreadPoolExecutor() as pool:
            list(pool.map(self.once, (["chassis.topology"], ["chassis.indexes"])))

    def once(self, module: list[str]) -> None:
        """Runs a command of the platform to its end. Raises CannotStart with what it said when it failed."""
        try:
            done = subprocess.run([sys.executable, "-m", *module], env=self.environment, cwd=self.root, text=True,
                                  capture_output=True, timeout=SECONDS_TO_PREPARE)
        except subprocess.TimeoutExpired as error:
            raise CannotStart(f"{' '.join(module)} was not done after {SECONDS_TO_PREPARE} s") from error
        if done.returncode:
            raise CannotStart(f"{' '.join(module)} failed: {(done.stderr or done.stdout).strip()[-2000:]}")

    def run(self) -> None:
        """Starts every process, waits until all are ready, then minds them."""
        self._stopping.clear()
        for name in COMMANDS:
            self.start_process(name)
        for name in COMMANDS:
            self.ready(name)
        if self.restart:
            self._watcher = threading.Thread(target=self._watch, name="watcher", daemon=True)
            self._watcher.start()

    def start_process(self, name: str) -> None:
        """Starts one process, without waiting for it."""
        urls = {f"MAHALLE_{other.upper()}_URL": self.address(other) for other in ASKED}
        own = {"MAHALLE_PORT": str(self.port), "MAHALLE_BIND": f"127.0.0.1:{self.inside[name]}"}
        self._started[name] = time.monotonic()
        self.daemons[name].start([sys.executable, "-m", *COMMANDS[name]], self.environment | urls | own, self.root)

    def ready(self, name: str, seconds: float = SECONDS_TO_START) -> None:
        """Returns when the process says that it has all it needs. Raises CannotStart."""
        daemon = self.daemons[name]
        wait_for(name, lambda: self.unready(name), seconds,
                 lambda: "" if daemon.pid else f"it ended; {daemon.log_file} says:\n{daemon.last_words()}")

    def unready(self, name: str) -> str:
        """What a process still lacks, in its own words; nothing when it is ready."""
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.inside[name]}/readyz", timeout=2).close()
        except urllib.error.HTTPError as error:
            with error:
                return f"/readyz answers {error.code} {error.read(300).decode(errors='replace')}"
        except OSError as error:
            return str(error)
        return ""

    def stop(self) -> None:
        """Lets each end within the grace time, the gateway first; whoever has not by then is killed."""
        self._stopping.set()
        if self._watcher:
            self._watcher.join()
        self.daemons["gateway"].stop(self.grace + 2)
        with ThreadPoolExecutor(len(self.daemons)) as pool:
            list(pool.map(lambda daemon: daemon.stop(self.grace + 2), self.daemons.values()))

    def _watch(self) -> None:
        while not self._stopping.wait(0.2):
            for name, daemon in self.daemons.items():
                if not daemon.pid and not self._stopping.is_set():
                    self._bring_back(name)

    def _bring_back(self, name: str) -> None:
        """Starts a process that ended, after a pause that doubles while it keeps ending."""
        lived = time.monotonic() - self._started[name]
        pause = FIRST_PAUSE if lived > STEADY else self._pauses.get(name, FIRST_PAUSE)
        if lived < pause:
            return
        self._pauses[name] = min(pause * 2, LAST_PAUSE)
        child = self.daemons[name].child
        print(f"  {name} ended ({child.returncode if child else '?'}) after {lived:.0f} s and is started again; "
              f"see {self.daemons[name].log_file}", flush=True)
        self.start_process(name)
