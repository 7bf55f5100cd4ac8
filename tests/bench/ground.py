"""The platform that is measured: servers, processes and the sample province, in a folder of its own, on ports of its own."""
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pymongo import MongoClient

from chassis.management import Management
from chassis.topology import RETRIES, WORK
from deploy.local.folder import writable
from deploy.local.keys import SAMPLE, Keys
from deploy.local.platform import Platform
from deploy.local.ports import free_ports
from deploy.local.running import hold, kill_rest
from deploy.local.servers import VHOST, Servers
from tests.integration.waiting import eventually

KEPT = ("run", "yardstick")  # folders that stay from run to run: the lock's, and the yardstick's packages
WAITING = [name for work in WORK for name in (work.name, *(f"{work.name}.retry.{rung}" for rung in RETRIES))]
REGISTERS = ("territories", "agencies", "categories", "rules", "seats")
OUTBOXES = (("issues", "issues"), *(("registry", register) for register in REGISTERS))


class Ground:
    """`start` returns when everything is known everywhere; a process that dies stays dead and is noticed."""

    def __init__(self, folder: Path) -> None:
        ports = free_ports(14)
        self.folder, self.spare_port = folder, ports[13]
        self.servers = Servers(folder, ports[0], ports[3], ports[5])
        self.platform = Platform(self.servers.environment() | {
            "MAHALLE_PORT": str(ports[6]), "MAHALLE_GRACE": "5", "MAHALLE_SMTP": "", "MAHALLE_DATABASE": "bench",
            "MAHALLE_RATE": "off", "MAHALLE_CONNECTIONS_EACH": "0"},
            folder, restart=False)
        self._keys = Keys(self.platform.environment)
        self.port = self.platform.ports["gateway"]
        self.management = Management(self.servers.broker.admin_url, VHOST)

    def start(self) -> None:
        self.servers.start()
        self.client: MongoClient[dict[str, Any]] = MongoClient(self.servers.mongo.uri, tz_aware=True)
        self.platform.prepare()
        self.platform.once(["services.registry.load", str(SAMPLE)])
        self.platform.run()
        self.channel = self.connect(VHOST)
        eventually("the province is known everywhere", self.on_its_way, 120, until=lambda seen: not seen)
        self.agency_queues = eventually("agencies have their queues", self._agency_queues, 60)

    def stop(self) -> None:
        self.platform.stop()
        self.servers.stop()
        kill_rest(self.folder)

    def connect(self, vhost: str) -> BlockingChannel:
        """A channel of the broker's administrator."""
        broker = self.servers.broker
        credentials = pika.PlainCredentials("admin", broker.password)
        return pika.BlockingConnection(pika.ConnectionParameters(
            "127.0.0.1", broker.amqp_port, vhost, credentials, heartbeat=0)).channel()

    def store(self, service: str, collection: str) -> Any:
        return self.client[f"bench_{service}"][collection]

    def authorization(self, role: str, subject: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._keys(role, subject)}"}

    def processes(self) -> dict[str, int]:
        """Every process by name, ours and the servers', with its number; one that ended is not among them."""
        daemons = self.platform.daemons | {"rabbitmq": self.servers.broker.node, "mongod": self.servers.mongo.node}
        return {name: pid for name, daemon in daemons.items() if (pid := daemon.pid)}

    def waiting(self, *queues: str) -> int:
        """Messages that lie ready in these queues at this moment; the management's own figures are up to 5 s old."""
        return sum(self.channel.queue_declare(queue, passive=True).method.message_count for queue in queues)

    def on_its_way(self) -> dict[str, int]:
        """What has not reached the services yet, by name and number: outboxes, work queues and what is to be retried."""
        found = {f"with events in {service}.{collection}": self.store(service, collection).count_documents(
            {"outbox.due": {"$exists": True}}, hint="outbox.due_1") for service, collection in OUTBOXES}
        found |= {f"messages in {queue}": self.waiting(queue) for queue in WAITING}
        return {name: count for name, count in found.items() if count}

    def purge_agencies(self) -> None:
        """Takes away what lies in the agencies' queues, as agencies would."""
        for queue in self.agency_queues.values():
            self.channel.queue_purge(queue)

    def _agency_queues(self) -> dict[str, str]:
        """Agency → its queue, once every agency that chose one has it."""
        chosen = self.store("registry", "agencies").distinct("_id", {"edits.values.channel": "queue"})
        there = {queue["name"] for queue in self.management.queues()}
        found = {code: f"agency.{code}.tasks" for code in chosen}
        return found if there.issuperset(found.values()) else {}


@contextmanager
def ground_in(folder: Path) -> Iterator[Ground]:
    """A fresh folder with everything running. Raises CannotStart, also when another run has the folder."""
    with hold(writable(folder)):
        kill_rest(folder)
        for each in folder.iterdir():
            if each.name not in KEPT:
                shutil.rmtree(each) if each.is_dir() else each.unlink()
        ground = Ground(folder)
        try:
            ground.start()
            yield ground
        finally:
            ground.stop()
