"""The private servers: they survive a kill -9 with what they had confirmed, and listen to this machine alone."""
import os
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pika
import pytest
from pymongo import MongoClient

from deploy.local.daemon import left_behind
from deploy.local.errors import CannotStart
from deploy.local.servers import Servers

LISTENING = "0A"  # the column of states in /proc/net/tcp
LOOPBACK = {"0100007F", "00000000000000000000000001000000"}  # 127.0.0.1 and ::1, as written there


def channel(servers: Servers) -> Any:
    credentials = pika.PlainCredentials("admin", servers.broker.password)
    parameters = pika.ConnectionParameters("127.0.0.1", servers.broker.amqp_port, "/", credentials)
    channel = pika.BlockingConnection(parameters).channel()
    channel.confirm_delivery()
    return channel


def until_written_down(servers: Servers, queue: str) -> None:
    """RabbitMQ 3.10 keeps the names of new quorum queues in memory for a second; killed before, it cannot open them."""
    end = time.monotonic() + 60
    while not any(queue.encode() in names.read_bytes() for names in servers.folder.rglob("names.dets")):
        assert time.monotonic() < end, f"queue {queue} not written down within 60 s"
        time.sleep(0.05)


def test_a_confirmed_message_survives_a_kill_of_the_broker(servers: Servers) -> None:
    first = channel(servers)
    first.queue_declare("kept", durable=True, arguments={"x-queue-type": "quorum"})
    first.basic_publish("", "kept", b"an event", pika.BasicProperties(delivery_mode=2), mandatory=True)
    until_written_down(servers, "kept")
    servers.broker.kill()
    with pytest.raises(pika.exceptions.AMQPError):
        first.connection.process_data_events(1)
    servers.broker.start()
    again = channel(servers)
    assert again.basic_get("kept", auto_ack=True)[2] == b"an event"
    again.connection.close()


def test_a_journalled_document_survives_a_kill_of_the_database(servers: Servers) -> None:
    client: MongoClient[dict[str, Any]] = MongoClient(servers.mongo.uri, w="majority", journal=True)
    client.trial.issues.insert_one({"_id": "kept"})
    servers.mongo.kill()
    servers.mongo.start()
    assert client.trial.issues.find_one({"_id": "kept"})
    client.close()


def test_starting_again_leaves_running_servers_alone(servers: Servers) -> None:
    before = servers.broker.node.pid, servers.mongo.node.pid
    same = Servers(servers.folder, servers.broker.amqp_port, servers.broker.management_port, servers.mongo.port)
    same.start()
    assert (same.broker.node.pid, same.mongo.node.pid) == before
    assert same.environment() == servers.environment()


def test_who_names_another_port_than_the_one_it_runs_on_is_told_at_once(servers: Servers) -> None:
    other = Servers(servers.folder, servers.broker.amqp_port, servers.broker.management_port, servers.mongo.port + 1)
    with pytest.raises(CannotStart, match=f"MAHALLE_MONGO_PORT={servers.mongo.port} "):
        other.mongo.begin()


def test_nothing_listens_to_other_machines(servers: Servers) -> None:
    held = {os.readlink(fd) for pid in left_behind(servers.folder) for fd in Path(f"/proc/{pid}/fd").iterdir()}
    rows = [line.split() for table in ("tcp", "tcp6") for line in Path(f"/proc/net/{table}").read_text().splitlines()]
    addresses = {row[1].split(":")[0] for row in rows if row[3] == LISTENING and f"socket:[{row[9]}]" in held}
    assert addresses and addresses <= LOOPBACK


def test_guest_is_not_let_in(servers: Servers) -> None:
    request = urllib.request.Request(f"http://127.0.0.1:{servers.broker.management_port}/api/whoami")
    request.add_header("Authorization", "Basic Z3Vlc3Q6Z3Vlc3Q=")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    assert refused.value.code == 401
    refused.value.close()


def test_rabbitmqctl_speaks_to_this_node_and_no_other(servers: Servers) -> None:
    assert str(servers.broker.amqp_port) in servers.broker.control("eval", "rabbit_networking:active_listeners().")
