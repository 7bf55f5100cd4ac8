"""The import as a command: what it answers, and what is left of it when it is killed."""
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from chassis.clock import now
from deploy.local.folder import ROOT
from services.registry import change_sets, use_cases
from services.registry.documents import Seat, Territory
from tests.divisions import csv_of, place
from tests.integration.imported import DAY, LATER, N, bring, counts, everything, exported
from tests.integration.imported import registry as registry

COMMAND = [sys.executable, "-m", "services.registry.imports"]


def run(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *words], cwd=ROOT, env=os.environ | variables, capture_output=True, text=True,
                          timeout=120)


def test_the_command_brings_in_and_writes_out(registry: None, tmp_path: Path) -> None:
    file = tmp_path / "places.csv"
    file.write_bytes(csv_of([place("b", "neighbourhood", "city", "ب")]))
    done = run(str(file), "--register", "territories", "--from", "1404/01/01", "--json")
    assert (done.returncode, json.loads(done.stdout)["new"]) == (0, 1), done.stderr
    assert use_cases.look("territories", "b", {"as_of": DAY})["valid_from"] == DAY
    out = tmp_path / "out.csv"
    assert run("export", "territories", "--to", str(out), "--as-of", DAY).returncode == 0
    assert out.read_bytes() == exported("territories", day=DAY) and [*tmp_path.glob(".*")] == []
    file.write_bytes(csv_of([N | {"parent": "nowhere"}]))
    refused = run(str(file), "--register", "territories")
    assert (refused.returncode, "line 2, parent [unknown_code] 'nowhere'" in refused.stdout) == (1, True)


def test_killed_while_staging_nothing_shows_and_its_records_are_free_again(registry: None, tmp_path: Path) -> None:
    file = tmp_path / "many.csv"
    file.write_bytes(csv_of([place(f"n{n}", "neighbourhood", "city", f"ن{n}") for n in range(700)]))
    before = everything()
    killed = subprocess.run([sys.executable, "-m", "tests.integration.crash", "after-staging-a-batch",
                             "services.registry.imports", str(file), "--register", "territories"], cwd=ROOT,
                            capture_output=True, timeout=60)
    assert killed.returncode == 137, killed.stderr
    staged = Territory._get_collection().count_documents({"staged.0": {"$exists": True}})
    assert 0 < staged <= 500
    assert use_cases.listing("territories", {"parent": "city", "as_of": LATER})["items"][0]["code"] == "a"
    assert len(use_cases.listing("territories", {"parent": "city", "as_of": LATER})["items"]) == 1
    change_sets.go_round(now() + timedelta(minutes=10), DAY)
    assert everything() == before
    assert bring("territories", file.read_bytes()).new == 700


def test_killed_after_the_one_write_all_of_it_is_there(registry: None, tmp_path: Path) -> None:
    file = tmp_path / "many.csv"
    file.write_bytes(csv_of([place(f"n{n}", "neighbourhood", "city", f"ن{n}") for n in range(700)]))
    killed = subprocess.run([sys.executable, "-m", "tests.integration.crash", "before-settling", "services.registry.imports",
                             str(file), "--register", "territories"], cwd=ROOT, capture_output=True, timeout=60)
    assert killed.returncode == 137, killed.stderr
    assert counts(bring("territories", file.read_bytes(), day=LATER)) == (0, 0, 700, 0)
    change_sets.go_round(now(), DAY)
    assert Territory._get_collection().count_documents({"staged.0": {"$exists": True}}) == 0
    assert all(found["staged"] == [] for found in Seat._get_collection().find())

