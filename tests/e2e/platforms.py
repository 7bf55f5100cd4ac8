"""Whole platforms as `make up` runs them, on servers and ports of their own."""
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pymongo import MongoClient

from deploy.local.folder import ROOT
from deploy.local.keys import SAMPLE, Keys
from deploy.local.platform import Platform
from deploy.local.servers import Servers, row_of_free_ports
from tests.api import Api, Json
from tests.described import judge
from tests.integration.waiting import eventually
from tests.integration.wire import Wire

UNLIMITED = {"MAHALLE_RATE": "off", "MAHALLE_CONNECTIONS_EACH": "0"}  # tests ask more than any client
LOAD = ("services.registry.load", str(SAMPLE))
RECORDS: dict[str, list[Json]] = {path.stem: json.loads(path.read_text(encoding="utf-8"))
                                  for path in SAMPLE.glob("*.json") if path.stem != "manifest"}
ROUTED_BY = ("territories", "agencies", "categories", "rules", "committees", "headquarters", "calendars")


def known(servers: Servers) -> dict[str, int]:
    """How many records of the registry each service knows by now, and how many agencies have their rights at the broker."""
    with MongoClient[Json](servers.mongo.uri) as mongo, Wire(servers.environment()) as wire:
        stores = {"issues": ("reference", {"register": {"$exists": True}}), "booklet": ("names", {}),
                  "notifications": ("known", {"role": {"$exists": True}})}
        found = {service: mongo[f"mahalle_{service}"][collection].count_documents(query)
                 for service, (collection, query) in stores.items()}
        return found | {"broker": len(wire.management.call("GET", "/topic-permissions"))}


def wait_for_the_sample(servers: Servers) -> None:
    """Returns when every service has heard of the whole sample province."""
    count = {name: len(records) for name, records in RECORDS.items()}
    named = count["territories"] + count["agencies"] + count["categories"]
    whole = {"issues": sum(count.get(register, 0) for register in ROUTED_BY), "booklet": named,
             "notifications": count["people"], "broker": sum(agency["channel"] == "queue" for agency in RECORDS["agencies"])}
    eventually("the sample is known everywhere", lambda: known(servers), 90, until=lambda seen: seen == whole)


def command(platform: Platform, *words: str) -> str:
    """What one of its commands prints; fails with what it said unless it succeeds."""
    done = subprocess.run([sys.executable, "-m", *words], env=platform.environment, cwd=ROOT, text=True,
                          capture_output=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def api_of(platform: Platform) -> Api:
    return Api(platform.address("gateway"), Keys(platform.environment), judge)


@contextmanager
def a_platform(folder: Path, *before: tuple[str, ...], **variables: str) -> Iterator[tuple[Servers, Platform]]:
    """Servers and platform of a folder; `before` are commands run before the services start."""
    servers = Servers.on_free_ports(folder)
    ports = {"MAHALLE_PORT": str(row_of_free_ports(7))}
    platform = Platform({**servers.environment(), **UNLIMITED, **variables, **ports}, servers.folder)
    try:
        servers.start()
        platform.prepare()
        for words in before:
            command(platform, *words)
        platform.run()
        yield servers, platform
    finally:
        platform.stop()
        servers.stop()
