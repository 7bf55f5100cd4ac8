"""`python -m deploy.local.up`: the whole platform in the foreground, until Ctrl-C or SIGTERM stops all of it."""
import os
import signal
import time
from pathlib import Path

from deploy.local.daemon import left_behind
from deploy.local.errors import CannotStart, one_line
from deploy.local.keys import SAMPLE, write_keys
from deploy.local.platform import Platform
from deploy.local.prometheus import Prometheus
from deploy.local.running import hold, kill_rest, stop_processes
from deploy.local.servers import Servers, port_from


def say(sentence: str) -> None:
    print(sentence, flush=True)


class Local:
    """Servers, platform and, where installed, Prometheus of one folder."""

    def __init__(self) -> None:
        self.servers = Servers.from_environment()
        self.folder = self.servers.folder
        os.environ["MAHALLE_PORT"] = str(port_from("MAHALLE_PORT", 8080))
        letters = os.environ.get("MAHALLE_LETTERS") or str(self.folder / "letters")
        self.platform = Platform({**self.servers.environment(), "MAHALLE_LETTERS": letters}, self.folder)
        self.prometheus = Prometheus(self.folder, port_from("MAHALLE_PROMETHEUS_PORT", 9090))

    def start(self) -> None:
        """Raises CannotStart; `stop` then stops what had been started."""
        stop_processes(self.folder)
        self.platform.require_ports()
        say("starting MongoDB and RabbitMQ")
        self.servers.start()
        say("declaring queues, users and indexes")
        self.platform.prepare()
        if SAMPLE.is_dir():
            say("loading the sample province (Alborz, not real data)")
            self.platform.once(["services.registry.load", str(SAMPLE)])
        say("starting the services")
        self.platform.run()
        if self.prometheus.installed():
            self.prometheus.start(self.platform.inside | {"rabbitmq": self.servers.broker.management_port + 1})

    def mind(self) -> None:
        """Starts a server that died again; the platform minds its own processes."""
        for name, server in (("RabbitMQ", self.servers.broker), ("MongoDB", self.servers.mongo)):
            if not server.running():
                say(f"  {name} ended and is started again; see {server.node.log_file}")
                try:
                    server.start()
                except CannotStart as error:
                    say(f"  {error}")

    def stop(self) -> None:
        if left_behind(self.folder):
            say("stopping the services, then the servers")
        self.platform.stop()
        self.prometheus.stop()
        self.servers.stop()
        kill_rest(self.folder)

    def addresses(self) -> str:
        """What a person needs to know to use it."""
        gateway = self.platform.address("gateway")
        metrics = "\n".join(f"    {name:<14} http://127.0.0.1:{port}/metrics" for name, port in self.platform.inside.items())
        broker = self.servers.broker
        prometheus = f"http://127.0.0.1:{self.prometheus.port}" if self.prometheus.installed() else "not installed"
        return (f"\nMahalle is up.\n"
                f"  API              {gateway}/v1, described at {gateway}/docs\n"
                f"  metrics\n{metrics}\n"
                f"  Prometheus       {prometheus}\n"
                f"  RabbitMQ         amqp://127.0.0.1:{broker.amqp_port}/mahalle, management "
                f"http://127.0.0.1:{broker.management_port} (admin, password in {shown(self.folder)}/secrets.env)\n"
                f"  MongoDB          {self.servers.mongo.uri if not self.servers.mongo.external else 'as MONGO_URI says'}\n"
                f"  API keys         {shown(self.folder / 'keys.env')} (resident, secretary, operator, one agency)\n"
                f"  codes sent       {shown(Path(self.platform.environment['MAHALLE_LETTERS']))}\n"
                f"  logs             {shown(self.folder / 'log')}\n"
                f"Ctrl-C stops all of it.\n")


def shown(path: Path) -> str:
    """As seen from here, where that is shorter."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def main() -> None:
    started = time.monotonic()
    for number in (signal.SIGINT, signal.SIGTERM):  # SIGINT too: whoever started it may have had it ignored
        signal.signal(number, interrupt)
    local = Local()
    with hold(local.folder):
        try:
            local.start()
            if SAMPLE.is_dir():
                write_keys(local.folder, local.platform.environment)
            say(local.addresses() + f"(started in {time.monotonic() - started:.0f} s)")
            while True:
                time.sleep(1)
                local.mind()
        except KeyboardInterrupt:
            say("")
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: say("already stopping, one moment"))
            local.stop()


if __name__ == "__main__":
    one_line(main)
