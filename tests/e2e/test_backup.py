"""A backup brought back on other servers, with nothing else taken along but the secrets, is the same platform."""
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from deploy.local.folder import ROOT
from deploy.local.keys import SAMPLE
from deploy.local.platform import Platform
from deploy.local.servers import Servers, row_of_free_ports
from gateway import keys

SECONDS = 90
FILED, FINISHED, CONFIRMED = 12, 6, 3
Json = dict[str, Any]


class Caller:
    """Calls the API of one platform."""

    def __init__(self, platform: Platform) -> None:
        self.address = platform.address("gateway")
        self.secret = platform.environment["MAHALLE_KEY_SECRET"]

    def __call__(self, path: str, body: Json | None = None, role: str = "", subject: str = "", **headers: str) -> Json:
        if role:
            headers["Authorization"] = f"Bearer {keys.make(role, subject or role, self.secret)}"
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.address + path, None if body is None else json.dumps(body).encode(),
                                         {"Content-Type": "application/json", **names})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                found: Json = json.load(answer)
                return found
        except urllib.error.HTTPError as error:
            with error:
                raise AssertionError(f"{path}: {error.code} {error.read().decode()}") from None

    def pages(self, path: str) -> list[Json]:
        """Every item of a list."""
        items: list[Json] = []
        cursor = ""
        while True:
            page = self(f"{path}{'&' if '?' in path else '?'}limit=50{cursor}")
            items += page["items"]
            if not page["next_cursor"]:
                return items
            cursor = f"&cursor={page['next_cursor']}"


def command(platform: Platform, *words: str) -> str:
    done = subprocess.run([sys.executable, "-m", *words], env=platform.environment, cwd=ROOT, text=True,
                          capture_output=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def a_platform(folder: Path, *before: tuple[str, ...]) -> Iterator[Platform]:
    """Servers and platform of a folder; `before` are commands run before the services start."""
    servers = Servers.on_free_ports(folder)
    platform = Platform({**servers.environment(), "MAHALLE_PORT": str(row_of_free_ports(6))}, servers.folder)
    try:
        servers.start()
        platform.prepare()
        for words in before:
            command(platform, *words)
        platform.run()
        yield platform
    finally:
        platform.stop()
        servers.stop()


def wait_until(what: str, probe: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not probe():
        assert time.monotonic() < end, f"not within {SECONDS} s: {what}"
        time.sleep(0.2)


def numbers(call: Caller) -> Json:
    """Every published number, without what depends on the moment of counting."""
    found = {}
    for by in ("neighbourhood", "agency"):
        counted = call(f"/v1/statistics?by={by}")
        found[by] = {"items": counted["items"], "totals": counted["totals"]}
    return found


def is_counted(call: Caller) -> bool:
    totals = call("/v1/statistics?by=neighbourhood")["totals"]
    return bool(totals["filed"] == FILED and totals["solved"] == FINISHED and totals["confirmed"] == CONFIRMED)


def play(call: Caller) -> list[Json]:
    """Files issues, lets agencies finish some of them and residents confirm some of those. Returns what filing answered."""
    open_leaves = [c for c in call.pages("/v1/categories") if c["parent"] and not c["confidential"] and c["code"] != "other"]
    places = call.pages("/v1/neighbourhoods")
    filed = [call("/v1/issues", {"category": open_leaves[n % len(open_leaves)]["code"], "text": f"چراغ کوچه خاموش است {n}",
                                 "neighbourhood": places[n % len(places)]["code"]}, "resident") for n in range(FILED)]
    for number, issue in enumerate(filed[:FINISHED]):
        task = call(f"/v1/issues/{issue['id']}")["tasks"][0]
        path = f"/v1/agencies/{issue['agency']}/tasks/{task['id']}"
        call(f"{path}/accept", {}, "agency", issue["agency"])
        call(f"{path}/finish", {"text": "انجام شد"}, "agency", issue["agency"])
        if number < CONFIRMED:
            call(f"/v1/issues/{issue['id']}/confirm", {"satisfaction": 4}, Issue_Secret=issue["secret"])
    return filed


@pytest.mark.timeout(400)
def test_a_restored_platform_shows_the_same_issues_and_the_same_numbers(tmp_path: Path) -> None:
    with a_platform(tmp_path / "here", ("services.registry.load", str(SAMPLE))) as platform:
        here = Caller(platform)
        filed = play(here)
        wait_until("the booklet has counted everything", lambda: is_counted(here))
        issues, counted, agencies = here.pages("/v1/issues"), numbers(here), here.pages("/v1/agencies")
        command(platform, "deploy.backup", "save", str(tmp_path / "saved"))

    (tmp_path / "there").mkdir()
    shutil.copy(tmp_path / "here" / "secrets.env", tmp_path / "there")
    with a_platform(tmp_path / "there", ("deploy.backup", "restore", str(tmp_path / "saved"))) as platform:
        there = Caller(platform)
        wait_until("the booklet has counted everything again", lambda: is_counted(there))
        assert there.pages("/v1/issues") == issues
        assert there.pages("/v1/agencies") == agencies
        assert numbers(there) == counted
        assert os.listdir(tmp_path / "saved")
        last = filed[-1]
        assert there(f"/v1/issues/{last['tracking_code']}", Issue_Secret=last["secret"])["id"] == last["id"]
        more = there("/v1/issues", {"category": there.pages("/v1/categories")[-1]["code"], "text": "یک مشکل تازه",
                                    "neighbourhood": issues[0]["neighbourhood"]}, "resident")
        assert more["tracking_code"] not in {issue["tracking_code"] for issue in issues}
