"""What integration tests stand on: real servers, a vhost per worker, databases per test, processes on free ports.

`servers` are shared by all workers; a test that kills, stops or blocks a server takes `breakable`, which is its
worker's own. Everything else builds on `environment`, the variables of one test.
"""
import itertools
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import mongoengine
import pytest
from pymongo import MongoClient
from pymongo.database import Database

from chassis import database as chassis_database
from chassis import settings, topology
from chassis.indexes import make
from chassis.management import Management
from deploy.local.ports import free_ports
from deploy.local.servers import Servers
from tests.builders import a_small_province
from tests.integration.asked import ASKED, Asked
from tests.integration.probing import Probe, a_gateway, a_probe
from tests.integration.processes import SERVICES, Process, relay_of, run_of
from tests.integration.shared_servers import shared_servers
from tests.integration.wire import Wire

WORKER = f"test-{os.getpid()}"
numbers = itertools.count()
CLOSED_SOON = "file_manager=(close_idle_time=5,close_scan_interval=2,close_handle_minimum=250)"  # seconds, seconds, files
Connect = Callable[[str], Database[dict[str, Any]]]
Agency = tuple[str, str]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "breaks: kills, stops or blocks servers, and so takes its worker's own")


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """RabbitMQ and MongoDB, shared by all workers: nobody kills, stops or blocks these."""
    with shared_servers() as servers:
        forget_history(servers)
        yield servers


def forget_history(servers: Servers) -> None:
    """Lets the files of dropped databases go after seconds: kept for five minutes, they used up every file descriptor."""
    with MongoClient[dict[str, Any]](servers.mongo.uri) as client:
        client.admin.command("setParameter", 1, minSnapshotHistoryWindowInSeconds=1, syncdelay=10)
        client.admin.command("setParameter", 1, wiredTigerEngineRuntimeConfig=CLOSED_SOON)


@pytest.fixture(scope="session")
def breakable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Servers of this worker alone, to be killed and blocked; whoever breaks them mends them."""
    ports = free_ports(6)
    servers = Servers(tmp_path_factory.mktemp("breakable"), ports[0], ports[3], ports[5])
    try:
        servers.start()
        yield servers
    finally:
        servers.stop()


def vhost_of(servers: Servers) -> Iterator[dict[str, str]]:
    """The servers' variables with a vhost of this worker, in which the topology is declared."""
    found = {**servers.environment(), "MAHALLE_BROKER": f"127.0.0.1:{servers.broker.amqp_port}/{WORKER}",
             "MAHALLE_GRACE": "5", "MAHALLE_SMTP": "", "MAHALLE_RATE": "off", "MAHALLE_CONNECTIONS_EACH": "0"}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in found.items():
            patch.setenv(name, value)
        assert topology.declare(settings.read("topology")) == []
    yield found
    Management(servers.broker.admin_url, WORKER).delete_vhost()


@pytest.fixture(scope="session")
def vhost(servers: Servers) -> Iterator[dict[str, str]]:
    yield from vhost_of(servers)


@pytest.fixture(scope="session")
def breakable_vhost(breakable: Servers) -> Iterator[dict[str, str]]:
    yield from vhost_of(breakable)


@pytest.fixture(scope="module")
def probe(vhost: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Probe]:
    """A probing service with the settings that everybody has; a module that wants others has a `probe` of its own."""
    with a_probe(vhost, tmp_path_factory.mktemp("probe")) as probe:
        yield probe


@pytest.fixture(scope="module")
def gateway(probe: Probe, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """A real gateway before the probe; a module that wants other settings has a `gateway` of its own."""
    with a_gateway(probe, tmp_path_factory.mktemp("gateway")) as process:
        yield process


@pytest.fixture
def url(gateway: Process) -> str:
    return f"http://127.0.0.1:{gateway.port}"


@pytest.fixture
def environment(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Every variable of this test, also in os.environ: databases of its own, ports that are free, an empty vhost.

    Stands on `breakable` in a test marked `breaks`, else on the shared servers.
    """
    breaks = request.node.get_closest_marker("breaks") is not None
    found = dict(request.getfixturevalue("breakable_vhost" if breaks else "vhost"))
    found["MAHALLE_DATABASE"] = f"{WORKER}-{next(numbers)}"
    for name, port in zip((*SERVICES, "gateway"), free_ports(5), strict=True):
        found |= {f"MAHALLE_{name.upper()}_URL": f"http://127.0.0.1:{port}"}
    for name, value in found.items():
        monkeypatch.setenv(name, value)
    yield found
    for service in SERVICES:
        mongoengine.disconnect(service)
    with MongoClient[dict[str, Any]](found["MONGO_URI"]) as client:
        for service in SERVICES:
            client.drop_database(f"{found['MAHALLE_DATABASE']}_{service}")


@pytest.fixture
def database(environment: dict[str, str]) -> Iterator[Connect]:
    """From a service's name to its database of this test, with indexes; the service's documents are connected to it."""
    connected: set[str] = set()

    def connect(service: str) -> Database[dict[str, Any]]:
        if service not in connected:
            chassis_database.connect(service, settings.read(service))
            make(service)
            connected.add(service)
        found: Database[dict[str, Any]] = mongoengine.get_db(service)
        return found

    yield connect


@pytest.fixture
def asked() -> Iterator[Asked]:
    """What this test asks of MongoDB."""
    ASKED.commands.clear()
    ASKED.listens = True
    yield ASKED
    ASKED.listens = False


@pytest.fixture
def wire(environment: dict[str, str]) -> Iterator[Wire]:
    """The worker's vhost as its administrator sees it, with every queue empty and no agency's queue."""
    with Wire(environment) as wire:
        wire.clear()
        yield wire


@pytest.fixture
def registered_agency(environment: dict[str, str], wire: Wire) -> Callable[..., Agency]:
    """Gives an agency its queue and user at the broker; returns its code and password."""
    def register(code: str = "a0") -> Agency:
        found = settings.read("registry")
        topology.declare_agency(Management(found.broker_admin, found.broker.vhost), found.broker, code, with_queue=True)
        return code, found.broker.password_of(topology.agency_user(code))

    return register


@pytest.fixture
def province(database: Connect, tmp_path: Path) -> dict[str, list[dict[str, Any]]]:
    """A small province, stored in this test's registry; nobody has been told of it yet."""
    from services.registry.load import load

    database("registry")
    found = a_small_province()
    folder = tmp_path / "province"
    folder.mkdir()
    for register, records in found.items():
        (folder / f"{register}.json").write_text(json.dumps(records), encoding="utf-8")
    load(folder)
    return found


@pytest.fixture
def running(environment: dict[str, str], wire: Wire, tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Starts a service, the gateway, or `relay` (of registry and issues), waits until it is ready, ends it after the test.

    `launcher` are words before it (`tests.integration.crash POINT`); `ready=False` does not wait; other keywords are
    variables of this process alone.
    """
    started: list[Process] = []

    def run(name: str, *launcher: str, ready: bool = True, of: tuple[str, ...] = ("registry", "issues"),
            **variables: str) -> Process:
        url = environment.get(f"MAHALLE_{name.upper()}_URL", "")
        port = int(url.rpartition(":")[2]) if url else free_ports(1)[0]
        words = [*launcher, *(relay_of(*of) if name == "relay" else run_of(name))]
        process = Process(words, environment | variables, port, tmp_path / f"{name}-{len(started)}.log")
        started.append(process)
        return process.start(ready)

    yield run
    for process in started:
        process.kill()
