"""`python -m chassis.dead_letters` with nothing but the broker: nothing lost by looking, nothing told that is somebody's."""
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from chassis.dead_letters import PLAIN, WORDS, masked
from chassis.topology import KEY, LOOKS, REASON, WORK
from contracts import agencies, issues, registry, registry_parts
from deploy.local.folder import ROOT
from tests.integration.probing import DEAD, FILED, FIRST_RUNG, a_probe, body_of
from tests.integration.waiting import eventually
from tests.integration.wire import Wire, headers

Run = Callable[..., "subprocess.CompletedProcess[str]"]
ANSWERS = "issues.answers"
ANSWER = "mahalle.agencies.answer.v1"


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    """The command as a person runs it, who knows only where the broker is and its secret."""
    known = {name: environment[name] for name in ("MAHALLE_BROKER", "MAHALLE_BROKER_SECRET")}

    def run(*words: str, typed: str = "", **other: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-m", "chassis.dead_letters", *words], env=known | other, cwd=ROOT,
                              text=True, capture_output=True, timeout=60, input=typed)

    return run


def bury(wire: Wire, why: str, count: int = 1, body: bytes = b"{}", queue: str = DEAD, **marks: Any) -> str:
    """The id of the last of so many dead letters."""
    for _ in range(count):
        given = headers(FILED, **{REASON: why, KEY: "issue_filed.v1", **marks})
        wire.publish(f"{queue.split('.')[0]}.retries", queue, body, given)
    return str(given["ce-id"])


def test_the_list_counts_every_dead_queue_by_reason_and_takes_nothing(wire: Wire, run: Run) -> None:
    bury(wire, "RuntimeError", 2)
    bury(wire, "the body is too large")
    bury(wire, "Refused", queue=f"{ANSWERS}.dead")
    for _ in range(2):
        lines = run("list").stdout.splitlines()
        assert [f"{DEAD}: 3", "    2 × RuntimeError", "    1 × the body is too large"] == [
            line for line in lines if line in lines[lines.index(f"{DEAD}: 3"):][:3]]
        assert f"{ANSWERS}.dead: 1" in lines and "    1 × Refused" in lines
        assert len([line for line in lines if line.endswith(": 0")]) == len(WORK) + 1 - 2
    assert eventually("they are back", lambda: wire.waiting("dead"), until=lambda seen: sum(seen.values()) == 4)


def test_one_is_shown_by_its_place_without_anybodys_words(wire: Wire, run: Run) -> None:
    said = {"task_id": "t-1", "reason": "Somebody", "text": "در محدودهٔ ما نیست", "09121234567": 1, "agency": "09121234567x",
            "version": 9121234567, "point": {"lon": 50.123456, "lat": 35.1}, "place": ["alborz", "مهرشهر", "a b", "a@b"]}
    bury(wire, "first")
    bury(wire, "second", body=json.dumps(said).encode())
    shown = run("show", DEAD, "--position", "2")
    assert shown.returncode == 0 and "reason: second" in shown.stdout and f'ce-type: {FILED}' in shown.stdout
    body = json.loads(shown.stdout[shown.stdout.index("{"):])
    assert body == {"task_id": "t-1", "reason": "… 8 characters", "text": "… 18 characters", "field 4": "… a number",
                    "agency": "09121234567x", "version": "… a number",
                    "point": {"field 1": "… a number", "field 2": "… a number"},
                    "place": ["alborz", "… 6 characters", "… 3 characters", "… 3 characters"]}


@pytest.mark.parametrize(("body", "told"), [
    (b"\xff\x00 somebody", "a body of 11 bytes that is not JSON"), (b"", "a body of 0 bytes that is not JSON"),
    (b'"somebody"', "… 8 characters"), (b"[9121234567]", "… a number")])
def test_a_body_that_is_no_object_is_shown_by_its_size(wire: Wire, run: Run, body: bytes, told: str) -> None:
    bury(wire, "broken", body=body)
    shown = run("show", DEAD)
    assert told in shown.stdout and "somebody" not in shown.stdout and "9121234567" not in shown.stdout


def test_a_place_where_none_lies_is_said_so(wire: Wire, run: Run) -> None:
    bury(wire, "first")
    done = run("show", DEAD, "--position", "5")
    assert (done.returncode, done.stderr) == (1, f"dead-letters: {DEAD} holds 1 messages.\n")


def test_what_was_mended_is_replayed_and_has_its_effect(vhost: dict[str, str], wire: Wire, run: Run, tmp_path: Path) -> None:
    with a_probe(vhost, tmp_path) as probe:
        told = [bury(wire, "x", body=body_of("note"), **{"x-attempt": 9}) for _ in range(2)]
        done = run("replay", DEAD)
        assert done.stdout == f"dead-letters: 2 messages of {DEAD} are back where they came from\n"
        probe.does(told)
        assert (probe.effect(told[0]) or {})["key"] == "issue_filed.v1", "under the key it was first published with"
        assert probe.leftovers() == {}


def test_what_fails_again_begins_its_ladder_anew_and_is_replayed_once(
        vhost: dict[str, str], wire: Wire, run: Run, tmp_path: Path) -> None:
    with a_probe(vhost, tmp_path) as probe:
        bury(wire, "x", body=body_of("fail"), **{"x-attempt": 9, "x-first-failed": 1})
        bury(wire, "x", body=body_of("be-refused"))
        assert "2 messages" in run("replay", DEAD).stdout
        eventually("one is on the first rung, one dead again", probe.leftovers,
                   until=lambda seen: seen == {FIRST_RUNG: 1, DEAD: 1})


def test_as_many_are_replayed_as_were_asked_for_the_oldest_first(wire: Wire, run: Run) -> None:
    for number in range(3):
        bury(wire, f"reason {number}")
    assert "1 messages" in run("replay", DEAD, "--most", "1").stdout
    assert [(properties.headers or {})[REASON] for properties, _ in wire.take_all(DEAD)] == ["reason 1", "reason 2"]


def test_a_key_that_the_sender_wrote_itself_is_not_replayed(wire: Wire, run: Run) -> None:
    """The broker gives up an answer of a0 that says it were of a1: nobody else checked what it says."""
    wire.publish("agencies.answers", "a0", b"{}", headers(ANSWER, **{KEY: "a1"}))
    given = eventually("it is in the queue", lambda: wire.channel.basic_get(ANSWERS)[0])
    wire.channel.basic_reject(given.delivery_tag, requeue=False)
    eventually("it is dead", lambda: wire.ready(f"{ANSWERS}.dead"))
    assert f"1 × rejected by the broker, from {ANSWERS}" in run("list").stdout
    run("replay", f"{ANSWERS}.dead")
    found = eventually("it is back", lambda: wire.take(ANSWERS))
    assert found and KEY not in (found[0].headers or {})


def test_only_what_is_confirmed_to_be_back_leaves_the_dead_queue(wire: Wire, run: Run) -> None:
    bury(wire, "x", 2)
    wire.channel.queue_unbind("booklet.issues", "booklet.retries", "booklet.issues")
    try:
        done = run("replay", DEAD)
        assert done.returncode == 1 and done.stderr.startswith("dead-letters: the broker does not answer or refuses")
        assert eventually("both are there", lambda: wire.ready(DEAD), until=lambda count: count == 2)
    finally:
        wire.channel.queue_bind("booklet.issues", "booklet.retries", "booklet.issues")


def test_discarding_asks_first_and_takes_the_oldest(wire: Wire, run: Run) -> None:
    bury(wire, "first")
    bury(wire, "second")
    assert run("discard", DEAD, typed="n\n").returncode == 1 and wire.ready(DEAD) == 2
    assert "1 messages are gone" in run("discard", DEAD, typed="y\n").stdout
    assert [(properties.headers or {})[REASON] for properties, _ in wire.take_all(DEAD)] == ["second"]


def test_without_the_broker_it_says_so_in_one_line(run: Run) -> None:
    for other in ({"MAHALLE_BROKER": "127.0.0.1:1/x"}, {"MAHALLE_BROKER_SECRET": "wrong"}):
        done = run("list", **other)
        assert done.returncode == 1 and done.stderr.count("\n") == 1
        assert done.stderr.startswith("dead-letters: the broker does not answer or refuses")


def test_a_queue_that_there_is_not_and_less_than_one_are_refused(run: Run) -> None:
    for words in (("show", "booklet.issues"), ("show", DEAD, "--position", "0"), ("replay", DEAD, "--most", "-1")):
        assert run(*words).returncode == 2


def test_dead_letters_may_be_looked_at_as_often_as_anybody_likes(wire: Wire) -> None:
    """RabbitMQ 4 drops what was handed out twenty times and not settled, unless a limit says otherwise."""
    dead = [queue for queue in wire.management.queues() if queue["name"].endswith(".dead")]
    assert len(dead) == len(WORK) + 1
    assert {json.dumps(queue["effective_policy_definition"]) for queue in dead} == {json.dumps({"delivery-limit": LOOKS})}


def test_every_field_of_a_contract_is_known_to_be_words_or_not() -> None:
    named = {field.name for module in (agencies, issues, registry, registry_parts)
             for cls in vars(module).values() if is_dataclass(cls)
             for field in fields(cls)}
    assert named <= PLAIN | WORDS, "say of each new field whether words of people may stand in it"
    assert not PLAIN & WORDS and masked("Somebody", "a field of the future") == "… 8 characters"
