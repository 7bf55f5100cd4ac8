"""`make demo` plays through a running platform and its books agree, also when the platform breaks in the middle."""
import csv
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chassis.topology import WORK
from deploy.demo import boston, sample
from deploy.local.folder import ROOT
from deploy.local.ports import free_ports
from tests.e2e.province import Province
from tests.integration.waiting import eventually

SECONDS = 150
A_ROW = {"case_enquiry_id": "1", "open_dt": "2011-08-01 08:00:00", "target_dt": "2011-08-09 08:00:00",
         "closed_dt": "2011-08-03 08:00:00", "ontime": "ONTIME", "closure_reason": "Case Resolved", "ward": "3",
         "type": "Street Light Outages", "neighborhood": "Riverside", "latitude": "42.3", "longitude": "-71.1"}
ROWS = [
    {}, {"ontime": "OVERDUE", "open_dt": "2011-08-01 09:00:00"}, {"closed_dt": "", "open_dt": "2011-08-01 10:00:00"},
    {"type": "A thing nobody has heard of", "open_dt": "2011-08-01 11:00:00"},
    {"closure_reason": "Case Referred to External Agency", "open_dt": "2011-08-01 12:00:00"},
    {"closure_reason": "NOACC: Closed-No Access", "open_dt": "2011-08-01 13:00:00"},
]


@contextmanager
def a_demo(variables: dict[str, str], *words: str) -> Iterator[subprocess.Popen[str]]:
    """The command, under way; Ctrl-C reaches it as it does at a terminal."""
    demo = subprocess.Popen(
        [sys.executable, "-m", "deploy.demo", *words], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env=os.environ | variables | {"COLUMNS": "150"},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
    try:
        yield demo
    finally:
        demo.kill()
        demo.communicate()


def end_of(demo: subprocess.Popen[str]) -> str:
    return demo.communicate(timeout=SECONDS)[0]


def is_quiet(province: Province) -> bool:
    """Whether what earlier tests caused has arrived: the demonstration says how far the numbers went from here."""
    waiting = province.stored(**{"outbox.due": {"$exists": True}})
    return not waiting and not any(province.wire.ready(work.name) for work in WORK)


@pytest.fixture
def variables(province: Province) -> dict[str, str]:
    """With which the command finds the platform of these tests, as it finds that of `make up`."""
    eventually("nothing is on its way", lambda: is_quiet(province), 60)
    return {"MAHALLE_LOCAL": str(province.servers.folder), "MAHALLE_PORT": str(province.platform.port),
            "MAHALLE_AMQP_PORT": str(province.servers.broker.amqp_port),
            "MAHALLE_MONGO_PORT": str(province.servers.mongo.port)}


def row(printed: str, what: str) -> int:
    """The number in the table's line that begins so."""
    found = re.search(rf"{what}[^│]*│ +(\d+)", printed)
    assert found, f"no line {what}:\n{printed}"
    return int(found[1])


def test_the_sample_set_is_played_and_the_books_agree_though_processes_are_killed_in_the_middle(
        province: Province, variables: dict[str, str]) -> None:
    stored = province.stored()
    with a_demo(variables, "--file", str(sample.ISSUES), "--n", "40") as demo:
        eventually("some are filed", lambda: province.stored() >= stored + 8, 60)
        for name in ("gateway", "issues", "relay"):
            province.platform.processes[name].kill()
        printed = end_of(demo)
    assert demo.returncode == 0, printed
    assert "The books agree: 40 filed, 40 found again, 0 lost, 0 twice." in printed
    assert "made up for trying things out" in printed and "✗" not in printed
    assert row(printed, "delivered to their agency") == 40 and row(printed, "over the queue") > 20
    assert re.search(r"asked again: .*(503|connection)", printed)
    assert province.stored() == stored + 40


def test_a_file_of_bostons_shape_is_replayed_and_says_that_it_is(
        province: Province, variables: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    with file.open("w", newline="") as lines:
        writer = csv.DictWriter(lines, list(A_ROW))
        writer.writeheader()
        writer.writerows(A_ROW | given for given in ROWS)
    with a_demo(variables, "--file", str(file)) as demo:
        printed = end_of(demo)
    assert demo.returncode == 0, printed
    assert [row(printed, what) for what in ("filed", "routed by no rule", "refused", "finished", "closed", "back at work",
                                           "late, by that record")] == [6, 1, 1, 4, 3, 1, 1]
    assert "not data of Alborz" in printed and "The books agree: 6 filed" in printed
    marker = re.search(r"demo[0-9a-f]{8}", printed)
    assert marker
    found = province.api(f"/v1/issues?q={marker[0]}")["items"]
    assert len(found) == 6
    assert all(issue["title"].startswith(boston.TITLE) and boston.LABEL in issue["text"] for issue in found)


def test_ctrl_c_stops_it_and_leaves_the_queues_to_others(province: Province, variables: dict[str, str]) -> None:
    stored = province.stored()
    with a_demo(variables, "--file", str(sample.ISSUES), "--n", "400") as demo:
        eventually("some are filed", lambda: province.stored() >= stored + 8, 60)
        demo.send_signal(signal.SIGINT)
        printed = end_of(demo)
    assert demo.returncode == 130, printed
    assert "Stopped before the books were checked" in printed and "Traceback" not in printed
    eventually("nobody reads the agencies' queues any more", lambda: [
        queue["name"] for queue in province.wire.management.queues()
        if queue["name"].startswith("agency.") and queue.get("consumers")], until=lambda readers: not readers)


def test_without_a_platform_it_says_what_to_do_first(tmp_path: Path) -> None:
    with a_demo({"MAHALLE_LOCAL": str(tmp_path), "MAHALLE_PORT": str(free_ports(1)[0])}) as demo:
        printed = end_of(demo)
    assert demo.returncode == 1 and "run `make up` first" in printed
    assert len(printed.strip().splitlines()) == 1
