"""The platform that is broken: servers, processes and a small province, in a folder of its own, on ports of its own."""
import json
import re
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from chassis import topology
from chassis.management import Management
from chassis.settings import Broker
from deploy.local.daemon import Daemon
from deploy.local.folder import writable
from deploy.local.keys import Keys
from deploy.local.platform import Platform
from deploy.local.ports import free_ports
from deploy.local.running import hold, kill_rest
from deploy.local.servers import VHOST, Servers
from tests.api import Api
from tests.builders import AGENCIES, a_small_province
from tests.integration.waiting import eventually


def a_province() -> dict[str, list[dict[str, Any]]]:
    """The small province; what a1 refuses goes to a2, and somebody hears of what nobody takes."""
    found = a_small_province()
    found["rules"].append({"code": "second", "category": "lighting", "territory": "alborz", "agency": "a2", "priority": 20})
    found["people"].append({"code": "secretary-alborz", "role": "secretary", "territory": "alborz", "name_fa": "مریم",
                            "email": "secretary@example.org"})
    return found


QUEUES = sum(1 for work in topology.WORK for _ in topology.queues_of(work)) + 1  # and where agencies' dead letters go
COPIES = {"issues": "reference", "notifications": "known", "booklet": "names"}  # where each keeps what it was told
OWN = {"issues": ("rules",), "notifications": ("people",)}  # what not every service is told of


def told_to(service: str) -> int:
    """How many records of the province a service keeps."""
    return sum(len(a_province()[register]) for register in ("territories", "agencies", "categories", *OWN.get(service, ())))


class Ground:
    """`start` returns when an issue can be filed; `stop` leaves no process behind."""

    def __init__(self, folder: Path) -> None:
        # Not Servers.on_free_ports: a port out of those that the machine hands out may be lost while its server is dead.
        ports = free_ports(13)
        self.folder, self.letters = folder, folder / "letters"
        self.servers = Servers(folder, ports[0], ports[3], ports[5])
        self.platform = Platform(self.servers.environment() | {
            "MAHALLE_PORT": str(ports[6]), "MAHALLE_GRACE": "5", "MAHALLE_SMTP": "", "MAHALLE_DATABASE": "chaos",
            "MAHALLE_RATE": "off", "MAHALLE_CONNECTIONS_EACH": "0", "MAHALLE_CODES_EACH_NETWORK": "1000000",
            "MAHALLE_LETTERS": str(self.letters)}, folder)
        variables = self.platform.environment
        self.api = Api(self.platform.address("gateway"), Keys(variables))
        self.broker = Broker("127.0.0.1", ports[0], VHOST, variables["MAHALLE_BROKER_SECRET"], "")
        self.management = Management(self.servers.broker.admin_url, VHOST)
        self.agencies = [f"a{number}" for number in range(AGENCIES)]

    def start(self) -> None:
        self.servers.start()
        self.client: MongoClient[dict[str, Any]] = MongoClient(self.servers.mongo.uri, tz_aware=True)
        self.platform.prepare()
        self._load()
        self.platform.run()
        eventually("the province is known and every agency has its queue", self._unknown, 60, until=lambda seen: not seen)

    def stop(self) -> None:
        self.platform.stop()
        self.servers.stop()
        kill_rest(self.folder)

    def store(self, service: str, collection: str) -> Any:
        return self.client[f"chaos_{service}"][collection]

    def daemon(self, target: str) -> Daemon:
        """A process or a server by its name."""
        servers = {"rabbitmq": self.servers.broker.node, "mongod": self.servers.mongo.node}
        return servers.get(target) or self.platform.daemons[target]

    def pause(self, target: str) -> None:
        """SIGSTOP: it holds its connections and answers nothing."""
        self.daemon(target).send(signal.SIGSTOP)

    def resume(self, target: str) -> None:
        self.daemon(target).send(signal.SIGCONT)

    def unready(self) -> list[str]:
        """The processes that lack something at this moment."""
        return [name for name in self.platform.ports if self.platform.unready(name)]

    def _load(self) -> None:
        folder = self.folder / "province"
        folder.mkdir()
        for register, records in a_province().items():
            (folder / f"{register}.json").write_text(json.dumps(records), encoding="utf-8")
        (folder / "manifest.json").write_text(json.dumps({"valid_from": "2025-03-21"}))
        self.platform.once(["services.registry.load", str(folder)])

    def _unknown(self) -> dict[str, int]:
        """How much each service has learnt so far of what the registry tells it, where that is not all."""
        counted = {service: self.store(service, collection).count_documents({"_id": {"$regex": ":"}}) - told_to(service)
                   for service, collection in COPIES.items()}
        counted["broker"] = len(self._written_down()) - QUEUES - AGENCIES
        return {service: missing for service, missing in counted.items() if missing < 0}

    def _written_down(self) -> set[bytes]:
        """RabbitMQ 3.10 keeps the names of new quorum queues in memory for a second; killed before, it cannot open them."""
        names = b"".join(path.read_bytes() for path in self.folder.rglob("names.dets"))
        return set(re.findall(rb"%s_([a-z0-9.]+)" % VHOST.encode(), names))


@contextmanager
def ground_in(folder: Path) -> Iterator[Ground]:
    """A fresh folder with everything running. Raises CannotStart, also when another run has the folder."""
    with hold(writable(folder)):
        kill_rest(folder)
        for each in folder.iterdir():
            if each.name != "run":  # where the lock lies
                shutil.rmtree(each) if each.is_dir() else each.unlink()
        ground = Ground(folder)
        try:
            ground.start()
            yield ground
        finally:
            ground.stop()
