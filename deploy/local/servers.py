"""The two servers that everything stands on, for one folder: a RabbitMQ node and a MongoDB of our own.

    servers = Servers(folder, amqp_port=5700, management_port=15700, mongo_port=27500)
    servers.start()                       # returns when both answer; leaves alone what runs already
    servers.broker.kill(); servers.broker.start()
    servers.mongo.kill(); servers.mongo.start()
    subprocess.run(..., env=os.environ | servers.environment())
    servers.stop()                        # also from another process: they are found by the folder's pid files

Several folders may run at once on different ports. The ports that follow `amqp_port` (two) and `management_port` (one)
are used too.
"""
import os
from pathlib import Path

from deploy.local.broker import Broker
from deploy.local.errors import CannotStart
from deploy.local.folder import local_folder, secrets_of, writable
from deploy.local.mongo import Mongo
from deploy.local.ports import free_ports

VHOST = "mahalle"


class Servers:
    """Both servers of a folder. Nothing happens before `start`, except that the folder and its secrets are made."""

    def __init__(self, folder: Path, amqp_port: int = 5700, management_port: int = 15700, mongo_port: int = 27500,
                 mongo_uri: str = "") -> None:
        self.folder = writable(folder)
        self.secrets = secrets_of(self.folder)
        self.broker = Broker(self.folder, amqp_port, management_port, self.secrets["MAHALLE_BROKER_ADMIN_PASSWORD"])
        self.mongo = Mongo(self.folder, mongo_port, mongo_uri)

    @classmethod
    def from_environment(cls) -> "Servers":
        """As MAHALLE_LOCAL, MAHALLE_{AMQP,MANAGEMENT,MONGO}_PORT and MONGO_URI say."""
        return cls(local_folder(), port_from("MAHALLE_AMQP_PORT", 5700), port_from("MAHALLE_MANAGEMENT_PORT", 15700),
                   port_from("MAHALLE_MONGO_PORT", 27500), os.environ.get("MONGO_URI", ""))

    @classmethod
    def on_free_ports(cls, folder: Path) -> "Servers":
        """For tests: ports nobody uses now."""
        amqp, management = row_of_free_ports(3), row_of_free_ports(2)
        return cls(folder, amqp, management, free_ports(1)[0])

    def start(self) -> None:
        """Raises CannotStart with one sentence; what was started by then stays for `stop`."""
        self.mongo.begin()
        self.broker.begin()
        self.mongo.ready()
        self.broker.ready()

    def stop(self) -> None:
        """Ends both, the broker first, and returns when they are gone."""
        self.broker.stop()
        self.mongo.stop()

    def environment(self) -> dict[str, str]:
        """The variables with which a platform runs on these servers; add them to os.environ."""
        secrets = {name: value for name, value in self.secrets.items() if name != "MAHALLE_BROKER_ADMIN_PASSWORD"}
        return secrets | {
            "MONGO_URI": self.mongo.uri,
            "MAHALLE_BROKER": f"127.0.0.1:{self.broker.amqp_port}/{VHOST}",
            "MAHALLE_BROKER_ADMIN": self.broker.admin_url,
        }


def port_from(variable: str, otherwise: int) -> int:
    """A port number from the environment. Raises CannotStart for what is none."""
    text = os.environ.get(variable) or str(otherwise)
    if not text.isdecimal() or not 1024 <= int(text) <= 65000:
        raise CannotStart(f"{variable}={text} is not a port. Give a number from 1024 to 65000.")
    return int(text)


def row_of_free_ports(length: int) -> int:
    """The first of so many free ports in a row."""
    return free_ports(length)[0]
