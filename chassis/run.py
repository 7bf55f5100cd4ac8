"""`python -m chassis.run SERVICE`: starts one service or the gateway. Patches first, stops within a grace time.

nameko's own command line hangs on SIGTERM while the broker is down and needs `pkg_resources`. Here SIGTERM and SIGINT
ask the container to stop; if that takes longer than MAHALLE_GRACE the process ends anyway, which is safe because every
step is at least once.
"""
import os
import warnings

warnings.filterwarnings("ignore", category=DeprecationWarning)  # nameko's own; ours are errors in tests
warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")  # a log of JSON lines holds nothing else
os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")

import eventlet  # noqa: E402

eventlet.monkey_patch()

import importlib  # noqa: E402
import logging  # noqa: E402
import resource  # noqa: E402
import signal  # noqa: E402
import socket  # noqa: E402
import sys  # noqa: E402
from typing import Any, NoReturn  # noqa: E402

from chassis import database, health, logs, settings, topology, web_server  # noqa: E402
from chassis.container import Container  # noqa: E402
from chassis.indexes import SERVICES  # noqa: E402
from chassis.settings import Settings, address_of, required, stop_with  # noqa: E402

PROCESSES = ("gateway", *SERVICES)
log = logs.get(__name__)


def listener(name: str, found: Settings) -> Any:
    """Opened before anything else is, or exit 1 with a line when its port is taken."""
    try:
        return web_server.listen(found.address)
    except OSError as error:
        cannot_listen(name, found.bind, "MAHALLE_PORT" if name == "gateway" else "MAHALLE_BIND", error)


def tell_inside(name: str, found: Settings) -> None:
    """How the gateway is, on a port for those who run it alone; or exit 1 with a line when that port is taken."""
    try:
        health.serve(address_of(found.inside), dict)
    except OSError as error:
        cannot_listen(name, found.inside, "MAHALLE_BIND", error)


def cannot_listen(name: str, bind: str, variable: str, error: OSError) -> NoReturn:
    stop_with(f"{name}: cannot listen on {bind} ({error.strerror}). Stop what listens there, or set {variable}.", 1)


def config_of(name: str, found: Settings) -> dict[str, Any]:
    """What nameko and the chassis' extensions read."""
    return {"listener": listener(name, found), "max_workers": found.max_workers, "settings": found, "AMQP_URI": "unused",
            "health": health.OUTSIDE if found.inside else health.PATHS,
            "ready": lambda: {"database": database.answers(name)} if name in SERVICES else {}}


def start(name: str, found: Settings) -> Container:
    """A running container."""
    package = name if name == "gateway" else f"services.{name}"
    service = importlib.import_module(f"{package}.service")
    config = config_of(name, found) | getattr(service, "CONFIG", {})
    if name in SERVICES:
        database.connect(name, found)
    container = Container(service.Service, config)
    container.start()
    if found.inside:
        tell_inside(name, found)
    return container


def stop_when_told(container: Container, grace: float) -> None:
    """Waits for a signal, then stops. It wakes the sleeping hub through a socket: a greenlet that a signal's handler
    spawns is not noticed before something else happens, in an idle gateway up to a minute later."""
    ear, mouth = socket.socketpair()
    mouth.setblocking(False)
    signal.set_wakeup_fd(mouth.fileno())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    ear.recv(1)
    stop(container, grace)


def stop(container: Container, grace: float) -> None:
    """Stops within the grace time, whatever the broker does."""
    with eventlet.Timeout(grace, False):
        container.stop()
        grace = 0
    log.info("stopped" if not grace else "did not stop in time, and ends without")
    sys.stderr.flush()
    os._exit(0)


def main(name: str) -> None:
    found = settings.read(name)
    required("MAHALLE_INTERNAL_SECRET")
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # each connection is a file; 1024 are usual
    logs.set_up(name, found.log_level)
    logging.captureWarnings(True)
    topology.check(name, found)
    container = start(name, found)
    eventlet.spawn_n(stop_when_told, container, found.grace)
    log.info("serving", address=found.bind)
    try:
        container.wait()
    except Exception as error:
        log.critical("the process ends: something that nobody foresaw", exc_info=error)
        raise SystemExit(1) from None


if __name__ == "__main__":
    if sys.argv[1:] not in ([name] for name in PROCESSES):
        stop_with(f"run: python -m chassis.run {' | '.join(PROCESSES)}")
    main(sys.argv[1])
