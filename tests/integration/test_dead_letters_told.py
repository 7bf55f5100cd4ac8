"""The commands that a person uses on dead letters: why they are there, masked, and back where they came from."""
import subprocess
import sys
from collections.abc import Callable

import pytest

from chassis.topology import AGENCIES_DEAD, REASON
from deploy.local.folder import ROOT
from tests.integration.waiting import eventually
from tests.integration.wire import Wire, headers

DEAD = "issues.answers.dead"
Command = Callable[..., str]


@pytest.fixture
def dead_letters(environment: dict[str, str]) -> Command:
    """Runs the command; returns what it printed. It must say nothing besides."""
    def run(*words: str) -> str:
        done = subprocess.run([sys.executable, "-m", "chassis.dead_letters", *words], env=environment, cwd=ROOT,
                              text=True, capture_output=True, timeout=60)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    return run


def test_a_dead_letter_is_shown_with_its_reason_and_without_anybodys_words(wire: Wire, dead_letters: Command) -> None:
    body = '{"task_id": "t-1", "reason": "در محدودهٔ ما نیست", "mail": "a@example.org"}'
    wire.publish("issues.retries", DEAD, body.encode(), headers("mahalle.agencies.answer.v1") | {
        REASON: "an event type or version that this reader does not know"})
    shown = dead_letters("show", DEAD)
    assert "reason: an event type or version that this reader does not know" in shown
    assert '"task_id": "t-1"' in shown
    assert "محدوده" not in shown and "example.org" not in shown
    assert wire.ready(DEAD) == 1, "looking takes nothing"


def test_what_an_agency_could_not_handle_is_listed_and_goes_back_to_its_queue(
        wire: Wire, dead_letters: Command, registered_agency: Callable[..., tuple[str, str]]) -> None:
    code, _ = registered_agency()
    queue = f"agency.{code}.tasks"
    wire.publish("agencies.tasks", code, b"{}", headers("mahalle.agencies.task_offered.v1"))
    given = eventually("the task is in the agency's queue", lambda: wire.channel.basic_get(queue)[0])
    wire.channel.basic_reject(given.delivery_tag, requeue=False)
    eventually("it is dead", lambda: wire.ready(AGENCIES_DEAD))

    assert f"1 × rejected by the broker, from {queue}" in dead_letters("list")
    dead_letters("replay", AGENCIES_DEAD)

    assert wire.waiting("dead") == {}
    properties, body = eventually("it is back", lambda: wire.take(queue))
    assert body == b"{}" and properties.headers["ce-type"] == "mahalle.agencies.task_offered.v1"
