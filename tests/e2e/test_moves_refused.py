"""What is not allowed changes nothing and is answered with why, by HTTP and over the queue; no agency reaches another's."""
import pickle
from collections.abc import Callable
from typing import Any

import pika
import pytest
from pika.exceptions import ChannelClosedByBroker

from tests.api import Json
from tests.e2e.province import AGENCY, SECRETARY, Desk, Province
from tests.integration.waiting import eventually
from tests.integration.wire import headers

Sit = Callable[[str], Desk]
OTHER = "karaj-waste"
KIND = "mahalle.agencies.answer.v1"
FORBIDDEN: list[tuple[list[str], str]] = [  # what was done, and what may not follow
    ([], "start"), ([], "finish"), (["accept"], "accept"), (["accept"], "refuse"), (["refuse"], "accept"),
    (["accept", "finish"], "start"), (["accept", "finish"], "finish")]
WITH = {"refuse": {"reason": "در حوزهٔ ما نیست"}, "finish": {"text": "انجام شد"}}


@pytest.fixture
def offered(province: Province) -> tuple[Json, str]:
    """A new issue and the task of the agency."""
    issue = province.file()
    return issue, f"{issue['id']}-1"


@pytest.mark.parametrize(("done", "action"), FORBIDDEN)
def test_a_move_that_the_table_forbids_is_refused_with_why_over_both_ways(
        province: Province, desk: Sit, offered: tuple[Json, str], done: list[str], action: str) -> None:
    issue, task = offered
    for each in done:
        assert province.move(AGENCY, task, each, **WITH.get(each, {})).status == 200
    before = province.seen_by_filer(issue)
    by_http = province.move(AGENCY, task, action, **WITH.get(action, {}))
    told = desk(AGENCY).answers(task, action, **WITH.get(action, {}))
    assert (by_http.status, by_http.body["code"]) == (409, "move_forbidden")
    assert (told["kind"], told["code"]) == ("answer_refused", "move_forbidden")
    assert told["reason_fa"] == by_http.body["detail"] and told["reason_en"].startswith("The task is")
    assert province.seen_by_filer(issue) == before


@pytest.mark.parametrize(("done", "action", "missing"), [([], "refuse", "reason"), (["accept"], "finish", "text")])
def test_a_move_without_its_reason_is_refused_with_what_is_missing(
        province: Province, desk: Sit, offered: tuple[Json, str], done: list[str], action: str, missing: str) -> None:
    _, task = offered
    for each in done:
        assert province.move(AGENCY, task, each).status == 200
    by_http = province.move(AGENCY, task, action)
    assert (by_http.status, by_http.body["errors"][0]["pointer"]) == (422, f"/{missing}")
    assert desk(AGENCY).answers(task, action)["code"] == by_http.body["code"] == f"{missing}_needed"


def test_what_a_move_does_not_take_is_refused_and_not_dropped_unread(
        province: Province, offered: tuple[Json, str]) -> None:
    issue, task = offered
    before = province.seen_by_filer(issue)
    answer = province.move(AGENCY, task, "accept", reason="در برنامه است", text="فردا می‌آییم", until="2030-01-01T00:00:00Z")
    assert (answer.status, sorted(each["pointer"] for each in answer.body["errors"])) == (422, ["/text", "/until"])
    assert province.seen_by_filer(issue) == before
    assert province.move(AGENCY, task, "accept", reason="در برنامه است").status == 200
    by_secretary = province.api.post(f"/v1/issues/{issue['id']}/tasks/{task}/cancel",
                                     {"reason": "تکراری است", "agency": OTHER}, **SECRETARY)
    assert (by_secretary.status, [each["pointer"] for each in by_secretary.body["errors"]]) == (422, ["/agency"])


def test_a_filer_answers_only_what_is_reported_as_done(province: Province, offered: tuple[Json, str]) -> None:
    issue, _ = offered
    for action, body in (("confirm", {"satisfaction": 5}), ("not-fixed", {"reason": "خاموش است"})):
        answer = province.say(issue, action, **body)
        assert (answer.status, answer.body["code"]) == (409, "not_done_yet")


def test_an_agency_neither_sees_nor_moves_anothers_task(
        province: Province, desk: Sit, offered: tuple[Json, str]) -> None:
    issue, task = offered
    before = province.seen_by_filer(issue)
    as_other: dict[str, Any] = {"role": "agency", "subject": OTHER}
    reads = [province.api.get(path, **as_other) for path in (
        f"/v1/agencies/{AGENCY}/tasks", f"/v1/agencies/{AGENCY}/tasks/{task}", f"/v1/agencies/{OTHER}/tasks/{task}")]
    moves = [province.api.post(f"/v1/agencies/{code}/tasks/{task}/accept", {}, **as_other) for code in (AGENCY, OTHER)]
    nothing = province.api.get(f"/v1/agencies/{OTHER}/tasks/no-such-task", **as_other)
    assert [answer.status for answer in [*reads, *moves]] == [404] * 5
    assert {answer.body["detail"] for answer in [*reads, *moves]} == {nothing.body["detail"]}
    assert task not in str(province.api.pages(f"/v1/agencies/{OTHER}/tasks", **as_other))
    told = desk(OTHER).answers(task, "accept")
    assert (told["kind"], told["code"], told["reason_fa"]) == ("answer_refused", "not_found", nothing.body["detail"])
    assert province.seen_by_filer(issue) == before


def test_the_broker_lets_no_agency_read_anothers_queue_or_speak_for_it(province: Province, desk: Sit) -> None:
    with pytest.raises(ChannelClosedByBroker, match="ACCESS_REFUSED"):
        desk(OTHER).channel.basic_get(f"agency.{AGENCY}.tasks")
    with pytest.raises(ChannelClosedByBroker, match="ACCESS_REFUSED"):
        desk(OTHER).say("some-task", "accept", key=AGENCY)


def test_a_resident_or_nobody_moves_nothing(province: Province, offered: tuple[Json, str]) -> None:
    issue, task = offered
    path = f"/v1/agencies/{AGENCY}/tasks/{task}/accept"
    assert province.api.post(path, {}).status == 401
    assert province.api.post(path, {}, role="resident").status == 403
    for agency_only in ("assign", f"tasks/{task}/cancel"):
        assert province.api.post(f"/v1/issues/{issue['id']}/{agency_only}", {}, role="agency", subject=AGENCY).status == 403


def test_the_secretary_cancels_with_a_reason_and_the_agency_is_told(
        province: Province, desk: Sit, offered: tuple[Json, str]) -> None:
    issue, task = offered
    path = f"/v1/issues/{issue['id']}/tasks/{task}/cancel"
    assert province.api.post(path, {}, **SECRETARY).body["code"] == "reason_needed"
    assert province.api(path, {"reason": "تکراری"}, **SECRETARY)["status"] == "filed"
    assert desk(AGENCY).hears("task_cancelled", task_id=task)["state"] == "cancelled"


BROKEN: dict[str, tuple[bytes, pika.BasicProperties]] = {
    "no headers": (b"{}", pika.BasicProperties(content_type="application/json")),
    "a number as header": (b"{}", pika.BasicProperties(content_type="application/json",
                                                       headers=headers(KIND) | {"nameko.call_id_stack": 5})),
    "a pickle": (pickle.dumps({"task_id": "t"}), pika.BasicProperties(content_type="application/x-python-serialize",
                                                                      headers=headers(KIND))),
    "no content type": (b'{"task_id": "t", "action": "accept"}', pika.BasicProperties(headers=headers(KIND))),
    "a future version": (b'{"task_id": "t", "action": "accept"}', pika.BasicProperties(
        content_type="application/json", headers=headers("mahalle.agencies.answer.v9"))),
    "broken UTF-8": (b'{"task_id": "\xff"}', pika.BasicProperties(content_type="application/json", headers=headers(KIND))),
}


def test_messages_that_cannot_be_read_are_kept_aside_and_stop_nobody(
        province: Province, desk: Sit, offered: tuple[Json, str]) -> None:
    _, task = offered
    agency, issues = desk(AGENCY), province.platform.processes["issues"].pid
    for body, properties in BROKEN.values():
        agency.publish(body, properties)
    assert agency.answers(task, "accept")["kind"] == "answer_taken"
    kept = eventually("all are in the dead queue", lambda: province.wire.ready("issues.answers.dead"),
                      until=lambda seen: seen >= len(BROKEN))
    found = province.wire.take_all("issues.answers.dead")
    assert kept == len(BROKEN) and sorted(body for _, body in found) == sorted(body for body, _ in BROKEN.values())
    assert all(properties.headers["x-reason"] for properties, _ in found)
    assert province.platform.processes["issues"].pid == issues, "nothing of it ended the process"
