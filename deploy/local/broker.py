"""A private RabbitMQ node: own name, ports, folder and epmd, on loopback only, run by whoever calls, root or not.

Debian's wrapper would switch to the user rabbitmq and to the machine's own node; the scripts below it do not.
"""
import base64
import os
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

from deploy.local.daemon import Daemon
from deploy.local.errors import CannotStart
from deploy.local.ports import require_free
from deploy.local.waiting import wait_for

SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
NODE = "mahalle@localhost"  # one name for ever: the data lies under it; the private epmd keeps it from clashing
SECONDS_TO_START = 90
SECONDS_TO_STOP = 30

CONFIGURATION = """\
listeners.tcp.1 = 127.0.0.1:{amqp}
management.tcp.ip = 127.0.0.1
management.tcp.port = {management}
prometheus.tcp.ip = 127.0.0.1
prometheus.tcp.port = {prometheus}
default_user = admin
default_pass = {password}
disk_free_limit.absolute = 100MB
log.console = false
log.file = {log}
log.file.level = info
"""


class Broker:
    """The node of one folder. `amqp_port` + 1 and + 2 serve its inner traffic, `management_port` + 1 its metrics."""

    def __init__(self, folder: Path, amqp_port: int, management_port: int, password: str) -> None:
        self.folder, self.password = folder, password
        self.amqp_port, self.management_port = amqp_port, management_port
        self.home = folder / "rabbitmq"
        self.epmd = Daemon("epmd", folder)
        self.node = Daemon("rabbitmq", folder)

    @property
    def admin_url(self) -> str:
        return f"http://admin:{self.password}@127.0.0.1:{self.management_port}"

    def begin(self) -> None:
        """Starts it without waiting; one that runs is left alone. Raises CannotStart when it cannot be."""
        if self.node.pid:
            return
        if not SERVER.exists():
            raise CannotStart(f"RabbitMQ is not installed ({SERVER} is missing). Run make setup, or apt-get install "
                              "rabbitmq-server.")
        self._require_ports()
        self._configure()
        if not self.epmd.pid:
            self.epmd.start(["epmd", "-port", str(self.amqp_port + 2), "-address", "127.0.0.1"], os.environ)
            wait_for("epmd", lambda: self._port_missing(self.amqp_port + 2), 10, self._epmd_ended)
        self.node.start([str(SERVER)], self._environment())

    def ready(self, seconds: float = SECONDS_TO_START) -> None:
        """Returns when AMQP and management answer. Raises CannotStart."""
        wait_for("RabbitMQ", self._missing, seconds, self._node_ended)

    def start(self) -> None:
        self.begin()
        self.ready()

    def running(self) -> bool:
        return self.node.pid is not None

    def kill(self) -> None:
        """kill -9 of the node, as a power cut would; epmd stays."""
        self.node.kill()

    def pause(self) -> None:
        """SIGSTOP: it holds its connections and answers nothing."""
        self.node.send(signal.SIGSTOP)

    def resume(self) -> None:
        self.node.send(signal.SIGCONT)

    def control(self, *words: str) -> str:
        """What `rabbitmqctl` of this node answers, after about a second. Raises CalledProcessError and TimeoutExpired."""
        return subprocess.run([str(SERVER.with_name("rabbitmqctl")), *words], env=self._environment(), check=True,
                              capture_output=True, text=True, timeout=SECONDS_TO_STOP).stdout

    def stop(self) -> None:
        self.node.send(signal.SIGCONT)
        self.node.stop(SECONDS_TO_STOP)
        self.epmd.stop(5)

    def _require_ports(self) -> None:
        for port, what in ((self.amqp_port, "RabbitMQ"), (self.amqp_port + 1, "RabbitMQ's inner traffic")):
            require_free(port, "MAHALLE_AMQP_PORT", what)
        if not self.epmd.pid:
            require_free(self.amqp_port + 2, "MAHALLE_AMQP_PORT", "RabbitMQ's epmd")
        require_free(self.management_port, "MAHALLE_MANAGEMENT_PORT", "RabbitMQ's management")
        require_free(self.management_port + 1, "MAHALLE_MANAGEMENT_PORT", "RabbitMQ's metrics")

    def _configure(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        (self.folder / "log").mkdir(exist_ok=True)
        configuration = self.home / "rabbitmq.conf"
        configuration.write_text(CONFIGURATION.format(
            amqp=self.amqp_port, management=self.management_port, prometheus=self.management_port + 1,
            password=self.password, log=self.folder / "log" / "rabbitmq-node.log"))
        configuration.chmod(0o600)
        (self.home / "enabled_plugins").write_text("[rabbitmq_management,rabbitmq_prometheus].\n")
        (self.home / "env.conf").touch()

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("RABBITMQ_", "ERL_"))}
        return kept | {
            "HOME": str(self.home),  # the Erlang cookie is made here
            "RABBITMQ_CONF_ENV_FILE": str(self.home / "env.conf"),  # not the machine's own
            "RABBITMQ_CONFIG_FILE": str(self.home / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.home / "enabled_plugins"),
            "RABBITMQ_NODENAME": NODE,
            "RABBITMQ_DIST_PORT": str(self.amqp_port + 1),
            "RABBITMQ_MNESIA_BASE": str(self.home / "data"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "RUNNING_UNDER_SYSTEMD": "true",  # the script becomes the node instead of minding it: its pid is the node's
            "ERL_EPMD_PORT": str(self.amqp_port + 2),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
        }

    def _missing(self) -> str:
        return self._port_missing(self.amqp_port) or self._management_missing()

    def _port_missing(self, port: int) -> str:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError as error:
            return f"port {port}: {error.strerror or error}"
        return ""

    def _management_missing(self) -> str:
        request = urllib.request.Request(f"http://127.0.0.1:{self.management_port}/api/whoami")
        request.add_header("Authorization", "Basic " + base64.b64encode(f"admin:{self.password}".encode()).decode())
        try:
            urllib.request.urlopen(request, timeout=2).close()
        except urllib.error.HTTPError as error:
            if error.code == 401:
                raise CannotStart(f"RabbitMQ's data in {self.home} was made with another password than that of "
                                  f"{self.folder}/secrets.env. Bring the old file back, or make clean.") from error
            return f"management answers {error.code}"
        except OSError as error:
            return f"management: {error}"
        return ""

    def _node_ended(self) -> str:
        return "" if self.node.pid else f"it ended; {self.node.log_file} says:\n{self.node.last_words()}"

    def _epmd_ended(self) -> str:
        return "" if self.epmd.pid else f"it ended; {self.epmd.log_file} says:\n{self.epmd.last_words()}"
