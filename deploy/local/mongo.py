"""A private MongoDB replica set of one node, on loopback only; or the one that MONGO_URI names, which is left alone."""
import os
import shutil
import signal
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.local.daemon import Daemon
from deploy.local.errors import CannotStart
from deploy.local.folder import ROOT
from deploy.local.ports import require_free
from deploy.local.waiting import wait_for

SECONDS_TO_START = 60
SECONDS_TO_STOP = 30
CACHE_GB = "1"
OPLOG_MB = "2048"


def mongod() -> str:
    """The program: the one on PATH, else the fetched one. Raises CannotStart."""
    fetched = ROOT / ".local" / "bin" / "mongod"
    found = shutil.which("mongod") or (str(fetched) if fetched.exists() else None)
    if not found:
        raise CannotStart("there is no mongod. Run make setup, or install MongoDB, or set MONGO_URI.")
    return found


class Mongo:
    """The database of one folder. With `uri` given, another's: started, stopped and killed by nobody here."""

    def __init__(self, folder: Path, port: int, uri: str = "") -> None:
        self.folder, self.port = folder, port
        self.external = bool(uri)
        self.uri = uri or f"mongodb://127.0.0.1:{port}/?replicaSet=rs0"
        self.node = Daemon("mongod", folder)

    def begin(self) -> None:
        """Starts it without waiting; one that runs is left alone. Raises CannotStart when it cannot be."""
        if self.external:
            return
        if self.node.pid:
            self._require_same_port()
            return
        require_free(self.port, "MAHALLE_MONGO_PORT", "MongoDB")
        data = self.folder / "mongo"
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.node.start([mongod(), "--dbpath", str(data), "--port", str(self.port), "--bind_ip", "127.0.0.1",
                         "--replSet", "rs0", "--wiredTigerCacheSizeGB", CACHE_GB, "--oplogSize", OPLOG_MB,
                         "--nounixsocket", "--quiet"], os.environ)

    def ready(self, seconds: float = SECONDS_TO_START) -> None:
        """Returns when there is a primary that takes writes. Raises CannotStart."""
        if self.external:
            wait_for("MongoDB at MONGO_URI", lambda: self._primary_missing(self.uri), seconds)
        else:
            direct = f"mongodb://127.0.0.1:{self.port}/?directConnection=true"
            wait_for("MongoDB", lambda: self._primary_missing(direct), seconds, self._ended)

    def start(self) -> None:
        self.begin()
        self.ready()

    def running(self) -> bool:
        return self.external or self.node.pid is not None

    def kill(self) -> None:
        """kill -9, as a power cut would."""
        self._require_own()
        self.node.kill()

    def pause(self) -> None:
        """SIGSTOP: it holds its connections and answers nothing."""
        self._require_own()
        self.node.send(signal.SIGSTOP)

    def resume(self) -> None:
        self.node.send(signal.SIGCONT)

    def stop(self) -> None:
        self.node.send(signal.SIGCONT)
        self.node.stop(SECONDS_TO_STOP)

    def _require_own(self) -> None:
        if self.external:
            raise CannotStart("MONGO_URI names a database that is not ours to stop. Unset it.")

    def _require_same_port(self) -> None:
        """Raises CannotStart where the one that runs was started with another port: nothing would come up on this one."""
        try:
            words = Path(f"/proc/{self.node.pid}/cmdline").read_text().split("\0")
        except OSError:
            return  # it has just ended, which `ready` tells
        if "--port" in words and (port := words[words.index("--port") + 1]) != str(self.port):
            raise CannotStart(f"MongoDB of {self.folder} runs on port {port}, not on {self.port}. Give the ports with which "
                              f"`make up` was started: MAHALLE_MONGO_PORT={port} and the others.")

    def _primary_missing(self, uri: str) -> str:
        client: MongoClient[dict[str, object]] = MongoClient(uri, serverSelectionTimeoutMS=1000)
        try:
            if client.admin.command("hello").get("isWritablePrimary"):
                return ""
            return "no external primary yet" if self.external else self._initiate(client)
        except PyMongoError as error:
            return str(error).split(",")[0]
        finally:
            client.close()

    def _initiate(self, client: MongoClient[dict[str, object]]) -> str:
        """Makes the replica set the first time, or tells it its new port when that was changed."""
        address = f"127.0.0.1:{self.port}"
        try:
            config = client.admin.command("replSetGetConfig")["config"]
            if config["members"][0]["host"] != address:
                config["members"][0]["host"] = address
                config["version"] += 1
                client.admin.command("replSetReconfig", config, force=True)
        except OperationFailure as error:
            if error.code != 94:  # NotYetInitialized
                raise
            client.admin.command("replSetInitiate", {"_id": "rs0", "members": [{"_id": 0, "host": address}]})
        return "its replica set has no primary yet"

    def _ended(self) -> str:
        return "" if self.node.pid else f"it ended; {self.node.log_file} says:\n{self.node.last_words()}"
