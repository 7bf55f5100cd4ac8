"""Processes of the platform as tests run them: started, asked whether they are ready, ended by their own pid."""
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from deploy.local.folder import ROOT
from deploy.local.ports import free_ports
from tests.integration.waiting import PATIENCE, eventually

SERVICES = ("registry", "issues", "notifications", "booklet")


class Process:
    """One process with its port and log. `words` are what follows `python -m`."""

    def __init__(self, words: list[str], environment: Mapping[str, str], port: int, log: Path) -> None:
        self.words, self.port, self.log_file = words, port, log
        self.inside = free_ports(1)[0] if "gateway" in words else port  # where it tells how it is
        self._environment = {**os.environ, **environment, "MAHALLE_BIND": f"127.0.0.1:{self.inside}",
                             "MAHALLE_PORT": str(port)}
        self.child: subprocess.Popen[bytes] | None = None

    def start(self, ready: bool = True, **more: str) -> "Process":
        """Starts it; with `ready` returns when /readyz says that it has all it needs."""
        with self.log_file.open("ab") as log:
            self.child = subprocess.Popen([sys.executable, "-m", *self.words], env=self._environment | more, cwd=ROOT,
                                          stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        if ready:
            self.ready()
        return self

    def ready(self) -> None:
        eventually(f"{self.words} is ready", self._readiness, until=lambda seen: seen == "ready")

    def _readiness(self) -> str:
        assert self.ended() is None, f"{self.words} ended with {self.ended()}: {self.log()[-3000:]}"
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.inside}/readyz", timeout=2).close()
        except urllib.error.HTTPError as error:
            with error:
                return f"{error.code} {error.read(300)!r}"
        except OSError as error:
            return str(error)
        return "ready"

    def ended(self) -> int | None:
        """Its exit status, or None while it lives."""
        return self.child.poll() if self.child else 0

    def wait(self, seconds: float = PATIENCE) -> int:
        """Its exit status; fails when it has not ended by then."""
        assert self.child
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.words} did not end within {seconds} s: {self.log()[-2000:]}") from None

    def send(self, number: signal.Signals) -> None:
        if self.child and self.child.poll() is None:
            self.child.send_signal(number)

    def stop(self, seconds: float = 25) -> int:
        """SIGTERM; its exit status."""
        self.send(signal.SIGTERM)
        return self.wait(seconds)

    def kill(self) -> None:
        self.send(signal.SIGKILL)
        if self.child:
            self.child.wait(PATIENCE)

    def log(self) -> str:
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def metrics(self) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.inside}/metrics", timeout=5) as answer:
            return str(answer.read().decode())


def relay_of(*services: str) -> list[str]:
    return ["chassis.relay", *services]


def run_of(service: str) -> list[str]:
    return ["chassis.run", service]
