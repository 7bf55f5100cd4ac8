"""The one RabbitMQ and the one MongoDB that all test workers share, kept in `.local/test` while anybody uses them.

Who uses them holds a shared lock that dies with its holder; the last to leave stops them. Servers that a killed run
left behind are used again, on the ports that it wrote down.
"""
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from deploy.local.folder import local_folder
from deploy.local.ports import free_ports
from deploy.local.servers import Servers


def on_free_ports(folder: Path) -> Servers:
    """Servers of a folder, on the ports written down there, or on new ones that are written down now."""
    folder.mkdir(parents=True, exist_ok=True)
    known = folder / "ports.json"
    if not known.exists():
        known.write_text(json.dumps(free_ports(6)))
    ports = json.loads(known.read_text())
    servers = made(folder, ports)
    if not (servers.broker.running() or servers.mongo.node.pid):
        ports = free_ports(6)
        known.write_text(json.dumps(ports))
        servers = made(folder, ports)
    return servers


def made(folder: Path, ports: list[int]) -> Servers:
    """A database that MONGO_URI names goes before our own, as everywhere."""
    return Servers(folder, ports[0], ports[3], ports[5], os.environ.get("MONGO_URI", ""))


@contextmanager
def locked(file: IO[str]) -> Iterator[None]:
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


def only_user(users: IO[str]) -> bool:
    """Turns our shared lock into an exclusive one if nobody else holds one."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextmanager
def shared_servers() -> Iterator[Servers]:
    """Running servers, whoever started them."""
    folder = local_folder() / "test"
    folder.mkdir(exist_ok=True)
    with (folder / "door.lock").open("w") as door, (folder / "users.lock").open("w") as users:
        with locked(door):
            fcntl.flock(users, fcntl.LOCK_SH)
            servers = on_free_ports(folder)
            servers.start()
        try:
            yield servers
        finally:
            with locked(door):
                if only_user(users):
                    servers.stop()
