"""The yardstick beside us: a bare FastAPI stack (see its README), on the same servers, under the same clients.

It lies outside this repository, in ../shared/yardstick; where it is not, or its packages cannot be had, only ours is
measured. It keeps no access log here, as ours keeps none.
"""
import hashlib
import itertools
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from chassis.management import Management
from deploy.local.daemon import Daemon
from deploy.local.folder import ROOT
from deploy.local.waiting import wait_for
from tests.bench.arrivals import arrivals
from tests.bench.clients import request
from tests.bench.ground import Ground

FOLDER = ROOT.parent / "shared" / "yardstick"
VHOST, QUEUE, HEARD = "yardstick", "yardstick.tasks", "bench.heard"
CATEGORIES = ("rubbish", "lighting", "potholes", "water", "other")
MINUTES_TO_INSTALL = 3


def packages(folder: Path, say: Callable[[str], None]) -> Path | None:
    """The Python that has the yardstick's packages, or None with a word why there is none."""
    if not FOLDER.is_dir():
        say(f"the yardstick is not here ({FOLDER.name} beside this repository): only ours is measured")
        return None
    wanted = FOLDER / "requirements.txt"
    python, stamp = folder / "venv" / "bin" / "python", folder / "installed"
    fingerprint = hashlib.sha256(wanted.read_bytes() + sys.version.encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == fingerprint:
        return python
    say("installing the yardstick's packages (about half a minute the first time)")
    try:
        for command in ([sys.executable, "-m", "venv", "--clear", str(folder / "venv")],
                        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(wanted)]):
            subprocess.run(command, check=True, capture_output=True, text=True, timeout=MINUTES_TO_INSTALL * 60)
    except (subprocess.SubprocessError, OSError) as error:
        said = str(getattr(error, "stderr", None) or error).strip().splitlines()
        say(f"the yardstick's packages cannot be had ({said[-1] if said else error}): only ours is measured")
        return None
    stamp.write_text(fingerprint)
    return python


class Yardstick:
    name = "yardstick"

    def __init__(self, ground: Ground, python: Path) -> None:
        self.ground, self.port, self._python = ground, ground.spare_port, python
        self._numbers = itertools.count(1)
        self._daemons = {"yardstick, HTTP": Daemon("yardstick", ground.folder), "yardstick, worker":
                         Daemon("yardstick-worker", ground.folder)}

    def start(self) -> None:
        """Returns when it takes filings. Raises CannotStart."""
        Management(self.ground.servers.broker.admin_url, VHOST).put_vhost()
        broker, http = self.ground.servers.broker, self._daemons["yardstick, HTTP"]
        environment = os.environ | {"MONGO": self.ground.servers.mongo.uri, "PYTHONDONTWRITEBYTECODE": "1", "AMQP":
                                    f"amqp://admin:{broker.password}@127.0.0.1:{broker.amqp_port}/{VHOST}"}
        words = ["uvicorn", "app:app", "--workers", "2", "--port", str(self.port), "--no-access-log"]
        http.start([str(self._python), "-m", *words], environment, FOLDER)
        self._daemons["yardstick, worker"].start([str(self._python), "worker.py"], environment, FOLDER)
        wait_for("the yardstick", self._unready, 30, lambda: "" if http.pid else http.last_words())

    def _unready(self) -> str:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/issues", timeout=2).close()
        except OSError as error:
            return str(error)
        return ""

    def stop(self) -> None:
        for daemon in self._daemons.values():
            daemon.stop(10)

    def processes(self) -> dict[str, int]:
        servers = {name: pid for name, pid in self.ground.processes().items() if name in ("rabbitmq", "mongod")}
        return servers | {name: pid for name, daemon in self._daemons.items() if (pid := daemon.pid)}

    def clear(self) -> None:
        """Nothing: all its tasks are counted against all its issues."""

    def filing(self, mark: str = "") -> bytes:
        """As its own file.lua writes them."""
        number = next(self._numbers)
        body = {"title": f"Bench {number}", "text": f"Bench {number}: rubbish beside the container", "category":
                CATEGORIES[number % 5], "neighbourhood": f"n{number % 300}", "location": {"lon": 50.95, "lat": 35.82}}
        return request("POST", "/issues", body=json.dumps(body).encode())

    def listing(self) -> bytes:
        return request("GET", "/issues?limit=50")

    def missing(self, filed: int) -> dict[str, int]:
        count = {name: self.ground.client["yardstick"][name].count_documents({}) for name in ("issues", "tasks")}
        waiting = count["issues"] - count["tasks"]
        return {"tasks not written": waiting} if waiting else {}

    def arrivals(self) -> AbstractContextManager[dict[str, float]]:
        """As a second reader of its exchange."""
        channel = self.ground.connect(VHOST)
        channel.queue_declare(HEARD, exclusive=True)
        channel.queue_bind(HEARD, "yardstick", "issue.filed")
        return arrivals(channel, [HEARD], lambda headers, body: str(json.loads(body)["id"]))
