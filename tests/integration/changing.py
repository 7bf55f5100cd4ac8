"""A running registry with something to change of every kind, and the changes that people ask for over HTTP."""
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import mongoengine

from chassis.caller import Caller
from chassis.clock import now
from chassis.http_client import Client
from contracts.errors import Problem
from deploy.local.ports import free_ports
from services.registry import use_cases
from services.registry.calendars import closures
from services.registry.people import use_cases as people
from services.registry.profiles import use_cases as profiles
from services.registry.registers import REGISTERS
from services.registry.seats import use_cases as seats
from tests.divisions import csv_of
from tests.divisions import place as row
from tests.integration.crash import DIED
from tests.integration.processes import Process, run_of
from tests.integration.registered import BY, PAST, SHAPES, TREE, headquarters

OPERATOR = Caller("operator", "", "person:o")
ZAHRA, MARYAM = "0b9c3f0e-7c1d-4d4b-9a55-0a1b2c3d4e5f", "0b9c3f0e-7c1d-4d4b-9a55-0a1b2c3d4e60"
SEAT = {"role": "reporter", "territory": "n1"}
INDICATOR = {"name_fa": "جمعیت", "name_en": "Population", "kind": "count", "higher_is": "worse", "valid_from": PAST}
CALENDAR = {"time_zone": "Asia/Tehran", "weekend": [5],
            "office_hours": [{"weekday": 6, "opens": "08:00", "closes": "14:00"}]}
NAMES = {"name_fa": "نو", "name_en": "New"}
AGENCY = {"code": "a9", **NAMES, "level": "province", "territory": "alborz", "channel": "pull"}
KEY = {"name": "program", "owner": "agency:a0", "role": "agency", "subject": "a0", "scopes": ["tasks:read"]}
LOOKED_AT = {"register": "territories", "dry_run": "true"}
FILE = csv_of([row("tehran", "province", None, "تهران")])


@dataclass(frozen=True)
class Asked:
    """A change, another body that the same key must not come with, and how many records and documents it writes anew."""

    # The last word of addresses whose POST needs If-Match, as every PUT does of what is there.
    READ: ClassVar = ("end", "rename", "target", "vacate")

    path: str
    body: Any
    writes: int
    other: Any = None
    method: str = "POST"

    @property
    def of(self) -> str:
        """The address of what must have been read before; empty where nothing."""
        before, _, last = self.path.rpartition("/")
        return self.path if self.method == "PUT" else before if last in self.READ else ""


CHANGES = {
    "a record ends": Asked("/headquarters/h-karaj/end", {}, 1, {"reason": "x"}),
    "a record is put": Asked("/seats/s2", {"role": "reporter", "territory": "n2"}, 1, SEAT, "PUT"),
    "a record is put anew": Asked("/headquarters/h-alborz", NAMES | {"level": "province", "territory": "alborz"}, 1,
                                  NAMES | {"level": "county", "territory": "alborz"}, "PUT"),
    "a place moves": Asked("/territories/z1", NAMES | {"kind": "zone", "parent": "n2"}, 1, NAMES | {"kind": "zone"}, "PUT"),
    "an agency": Asked("/agencies", AGENCY, 1, AGENCY | {"channel": "queue"}),
    "a name": Asked("/territories/q1/rename", NAMES, 1, NAMES | {"name_fa": "دیگر"}),
    "a target": Asked("/territories/q1/target", {}, 1, {"target": False}),
    "a merger": Asked("/territories/merge", {"codes": ["n1", "n2"], "into": NAMES | {"code": "n5"}}, 6, {
        "codes": ["n1", "n2"], "into": NAMES | {"code": "n6"}}),
    "a closure": Asked("/calendars/alborz/closures", {"date": "2026-12-20", "reason": "برف"}, 1, {
        "date": "2026-12-21", "reason": "برف"}),
    "a closure taken back": Asked("/calendars/qazvin/closures/2026-12-20", None, 1, method="DELETE"),
    "an appointment": Asked("/seats/s1/appoint", {"person": ZAHRA, "how": "elected"}, 1, {
        "person": MARYAM, "how": "elected"}),
    "a vacancy": Asked("/seats/held/vacate", {}, 1, {"reason": "x"}),
    "a person": Asked("/people", {"name_fa": "نرگس"}, 1, {"name_fa": "یاس"}),
    "a certificate": Asked(f"/people/{ZAHRA}/certificates", {"name": "امداد", "given": "2025-01-01"}, 1, {
        "name": "امداد", "given": "2025-01-02"}),
    "another address": Asked(f"/people/{MARYAM}", {"name_fa": "مریم", "email": "m@example.org"}, 1, {
        "name_fa": "مریم", "email": "n@example.org"}, "PUT"),
    "an invitation": Asked("/accounts", {"person": ZAHRA, "login": "zahra"}, 1, {"person": ZAHRA, "login": "z"}),
    "a key": Asked("/keys", KEY, 1, KEY | {"name": "another"}),
    "a file": Asked("/imports", FILE, 1, FILE + b"\n"),
    "what is counted": Asked("/indicators/population", INDICATOR | {"name_en": "People"}, 1, INDICATOR, "PUT"),
    "what is counted no more": Asked("/indicators/wells/end", {}, 1, {"reason": "x"}),
}


class Registry:
    """One process of the registry, asked as the gateway asks. Answers are JSON, or the Problem's code."""

    def __init__(self, url: str, secret: str, by: Caller = OPERATOR) -> None:
        self._client, self.by = Client(url, secret), by

    def ask(self, asked: Asked, key: str, body: Any = None, **headers: str) -> Any:
        """`body`: another than the change has. Headers as keywords (`If_Match`)."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()} | ({"Idempotency-Key": key} if key else {})
        body = asked.body if body is None else body
        try:
            if asked.method == "DELETE":
                return self._client.delete(asked.path, self.by, {}, sent)
            if isinstance(body, bytes):
                return self._client.post_file(asked.path, self.by, body, LOOKED_AT, 20, sent)
            return getattr(self._client, asked.method.lower())(asked.path, self.by, body, headers=sent)
        except Problem as problem:
            return problem.code

    def get(self, path: str, query: dict[str, str] | None = None) -> Any:
        return self._client.get(path, self.by, query)


def prepared() -> None:
    """What the changes stand on, in the registry that is connected."""
    use_cases.put([*TREE, *SHAPES, headquarters("h-alborz", "province", "alborz"),
                   headquarters("h-karaj", "county", "karaj")], BY)
    for code in ("alborz", "qazvin"):
        use_cases.change_record("calendars", code, CALENDAR | {"valid_from": PAST}, BY)
    closures.close("qazvin", {"date": "2026-12-20", "reason": "برف", "starts": None, "ends": None}, BY)
    people.enter({ZAHRA: {"name_fa": "زهرا"}, MARYAM: {"name_fa": "مریم"}}, BY)
    for code in ("s1", "held"):
        use_cases.change_record("seats", code, SEAT | {"valid_from": PAST}, BY)
    seats.appoint("held", MARYAM, PAST, None, "elected", BY)
    for code in ("population", "wells"):
        profiles.keep("indicators", code, dict(INDICATOR), BY)


def written() -> int:
    """How often anything was written that a change could write: versions of all records, and documents without one."""
    store = mongoengine.get_db("registry")
    versions = sum(each["version"] for name in (*REGISTERS, "people", "indicators")
                   for each in store[name].find({}, {"version": 1}))
    return versions + sum(store[name].count_documents({}) for name in ("api_keys", "imports", "accounts"))


@contextmanager
def dying(point: str, environment: Mapping[str, str], folder: Path, name: str = "registry") -> Iterator[str]:
    """Within, the address of a process that dies at that point; afterwards it has died there."""
    port = free_ports(1)[0]
    process = Process(["tests.integration.crash", point, *run_of(name)], environment, port, folder / f"{now():%f}.log")
    process.start()
    try:
        yield f"http://127.0.0.1:{port}"
        status = process.wait()
        assert status == DIED, f"{point} was not reached: {process.log()[-2000:]}"
    finally:
        process.kill()
