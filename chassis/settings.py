"""Settings from the environment, read once when a process starts. A missing one is one clear line and exit 2."""
import hashlib
import hmac
import sys
from dataclasses import dataclass
from typing import NoReturn

from environs import Env, EnvError
from marshmallow.validate import OneOf, Range

PORTS = {"gateway": 8080, "registry": 8081, "issues": 8082, "notifications": 8083, "booklet": 8084, "relay": 8085}
INSIDE = 8086  # where the gateway tells how it is
LEVELS = ("debug", "info", "warning", "error")


def stop_with(sentence: str, status: int = 2) -> NoReturn:
    """Ends the process with one line that says what to do."""
    print(sentence, file=sys.stderr, flush=True)
    raise SystemExit(status)


@dataclass(frozen=True)
class Broker:
    """Where RabbitMQ is, and whose passwords this process knows. `password` alone, or `secret` for all users."""

    host: str
    port: int
    vhost: str
    secret: str
    password: str

    def password_of(self, user: str) -> str:
        """A user's password: the one given to this process, else derived from the secret (HMAC-SHA256, 40 hex)."""
        if self.password:
            return self.password
        return hmac.new(self.secret.encode(), user.encode(), hashlib.sha256).hexdigest()[:40]


def address_of(bind: str) -> tuple[str, int]:
    host, _, port = bind.rpartition(":")
    return host or "127.0.0.1", int(port)


@dataclass(frozen=True)
class Settings:
    """What every process needs. Times in seconds. `inside`: where the gateway, whose `bind` is everybody's, tells how it is;
    of the others empty. `connections_each`: of one address; 0 for any number."""

    mongo_uri: str
    database: str
    broker: Broker
    broker_admin: str
    internal_secret: str
    bind: str
    inside: str
    grace: float
    log_level: str
    max_workers: int
    connections: int
    connections_each: int

    @property
    def address(self) -> tuple[str, int]:
        return address_of(self.bind)


def broker_from(env: Env) -> Broker:
    """From host:port/vhost. Raises ValueError for what is none."""
    given = env.str("MAHALLE_BROKER", "127.0.0.1:5672/mahalle")
    address, _, vhost = given.partition("/")
    host, _, port = address.partition(":")
    if port and not port.isdecimal():
        raise ValueError(f"MAHALLE_BROKER={given} is not host:port/vhost")
    return Broker(host, int(port or 5672), vhost or "mahalle", env.str("MAHALLE_BROKER_SECRET", ""),
                  env.str("MAHALLE_BROKER_PASSWORD", ""))


def public(env: Env) -> str:
    return checked(f"{env.str('MAHALLE_HOST', '127.0.0.1')}:{env.int('MAHALLE_PORT', PORTS['gateway'])}")


def inside(env: Env, port: int) -> str:
    return checked(env.str("MAHALLE_BIND", "") or f"127.0.0.1:{port}")


def checked(bind: str) -> str:
    """host:port. Raises ValueError for what is none."""
    port = bind.rpartition(":")[2]
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError(f"{bind} is not an address to listen on; give host:port, or a port from 1 to 65535")
    return bind


def read(process: str) -> Settings:
    """The settings of a process (`gateway`, `relay`, a service's name). Exits 2 with one line where one is wrong."""
    env = Env()
    try:
        return Settings(
            mongo_uri=env.str("MONGO_URI", "mongodb://127.0.0.1:27017/?replicaSet=rs0"),
            database=env.str("MAHALLE_DATABASE", "mahalle"),
            broker=broker_from(env),
            broker_admin=env.str("MAHALLE_BROKER_ADMIN", ""),
            internal_secret=env.str("MAHALLE_INTERNAL_SECRET", ""),
            bind=public(env) if process == "gateway" else inside(env, PORTS.get(process, 8090)),
            inside=inside(env, INSIDE) if process == "gateway" else "",
            grace=env.float("MAHALLE_GRACE", 20.0, validate=Range(min=0)),
            log_level=env.str("MAHALLE_LOG", "info", validate=OneOf(LEVELS)),
            max_workers=env.int("MAHALLE_WORKERS", 100, validate=Range(min=1)),
            connections=env.int("MAHALLE_CONNECTIONS", 2000, validate=Range(min=10)),
            connections_each=env.int("MAHALLE_CONNECTIONS_EACH", 200, validate=Range(min=0)) if process == "gateway" else 0,
        )
    except (EnvError, ValueError) as error:
        stop_with(f"setting: {str(error).rstrip('.')}. See docs/settings.md.")


def required(name: str) -> str:
    """One variable without which the process cannot be right, a secret above all."""
    value: str = Env().str(name, "")
    return value or stop_with(f"setting: {name} is not set. See docs/settings.md.")


def service_url(name: str) -> str:
    """The base address of another service."""
    return str(Env().str(f"MAHALLE_{name.upper()}_URL", f"http://127.0.0.1:{PORTS[name]}"))
