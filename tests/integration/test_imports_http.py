"""Imports over HTTP: a process of its own does the work, its state is looked at, and what died has failed."""
import os
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import urllib3

from chassis import caller
from chassis.caller import Caller
from chassis.clock import now
from chassis.http_client import Client
from contracts.errors import NotAllowed, NotFound, Problem
from services.registry.documents import Territory
from services.registry.imports import jobs
from services.registry.imports.documents import ImportJob
from tests.divisions import csv_of, place
from tests.integration.conftest import Connect
from tests.integration.processes import Process
from tests.integration.waiting import eventually

SECRETARY, RESIDENT = Caller("secretary"), Caller("resident", "app")  # of the whole platform
PLACES = csv_of([place("alborz", "province", None, "البرز"), place("karaj", "county", "alborz", "کرج")])


class Registry:
    def __init__(self, environment: dict[str, str]) -> None:
        self._url, self._secret = environment["MAHALLE_REGISTRY_URL"], environment["MAHALLE_INTERNAL_SECRET"]
        self.client = Client(self._url, self._secret)

    def send(self, query: str, content: bytes) -> Any:
        answer = urllib3.request("POST", f"{self._url}/imports?{query}", body=content, headers={
            caller.HEADER: caller.sign(SECRETARY, self._secret), "Content-Type": "text/csv"})
        return answer.status, answer.json()

    def taken(self, query: str, content: bytes) -> Any:
        """As soon as there is room: the process of an import that has ended may be a moment behind it."""
        return eventually("there is room for it", lambda: self.send(query, content), until=lambda seen: seen[0] != 503)

    def look(self, job: str) -> Any:
        return self.client.get(f"/imports/{job}", SECRETARY)

    def ended(self, job: str) -> Any:
        return eventually("the import has ended", lambda: self.look(job), 90,
                          until=lambda seen: seen["state"] not in ("queued", "running"))


@pytest.fixture
def registry(environment: dict[str, str], database: Connect, running: Callable[..., Process]) -> Registry:
    database("registry")
    running("registry")
    return Registry(environment)


def test_a_file_is_taken_worked_on_by_a_process_and_goes_out_again(registry: Registry, database: Connect) -> None:
    status, begun = registry.send("register=territories&dry_run=true&file=places.csv", PLACES)
    assert (status, begun["state"], begun["file"]) == (202, "queued", "places.csv")
    looked = registry.ended(begun["id"])
    assert "file" not in looked and "places.csv" not in str(ImportJob._get_collection().find_one({"_id": begun["id"]}))
    assert (looked["state"], looked["report"]["new"], looked["report"]["stored"]) == ("done", 2, False)
    _, begun = registry.send("register=territories&from=2024-03-20&file=of-zahra.csv", PLACES)
    assert registry.ended(begun["id"])["report"]["stored"]
    [edit] = Territory._get_collection().find_one({"_id": "karaj"})["edits"]
    assert (edit["by"], edit["reason"]) == (SECRETARY.id, f"import:{begun['id']}")
    kept = [each for name in database("registry").list_collection_names() for each in database("registry")[name].find()]
    assert "zahra" not in str(kept) and begun["id"] in str(kept), "the name of a file may name a person"
    _, begun = registry.taken("register=territories", csv_of([place("n", "city", "nowhere", "ن")]))
    refused = registry.ended(begun["id"])
    assert (refused["state"], refused["report"]["bad_rows"][0]["code"]) == ("refused", "unknown_code")
    told = registry.client.get("/exports/territories", SECRETARY, {"as_of": "2024-03-20"})
    assert (told["name"], told["content"].count("\r\n")) == ("territories-2024-03-20.csv", 3)
    with pytest.raises(NotAllowed):
        registry.client.get("/exports/territories", RESIDENT)
    with pytest.raises(NotFound):
        registry.look("none")
    assert registry.send("register=planets", PLACES)[0] == 404
    assert registry.send("register=territories&from=1404/12/30", PLACES)[1]["code"] == "no_such_day"


def process_of(job: str) -> int:
    """The number of the process that works on an import, or 0."""
    for words in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if job in words.read_text().split("\0"):
                return int(words.parent.name)
        except OSError:  # it has ended
            continue
    return 0


def test_an_import_whose_process_is_killed_has_failed_at_once(registry: Registry) -> None:
    _, begun = registry.send("register=territories", PLACES)
    os.kill(eventually("its process is there", lambda: process_of(begun["id"])), signal.SIGKILL)
    seen = eventually("it has ended", lambda: registry.look(begun["id"]), until=lambda seen: seen["state"] != "queued"
                      and seen["state"] != "running")
    assert (seen["state"], seen["problem"]["code"], seen["report"]) == ("failed", "cut_off", None)
    assert Territory._get_collection().find_one() is None


def test_an_import_of_which_nothing_is_heard_has_failed(database: Connect) -> None:
    database("registry")
    for silent in (timedelta(seconds=5), timedelta(minutes=2)):
        jobs.begin(str(silent), "territories", False, SECRETARY.id)
        ImportJob._get_collection().update_one({"_id": str(silent)}, {"$set": {"alive": now() - silent}})
    assert [jobs.look(str(s))["state"] for s in (timedelta(seconds=5), timedelta(minutes=2))] == ["queued", "failed"]
    with jobs.running(str(timedelta(seconds=5))):
        assert jobs.look(str(timedelta(seconds=5)))["state"] == "running"
    jobs.fail(str(timedelta(minutes=2)), Problem("late", "دیر", "late"))
    assert jobs.look(str(timedelta(minutes=2)))["problem"]["code"] == "cut_off", "what has ended stays as it ended"
