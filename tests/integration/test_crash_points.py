"""A process that dies at any point of the way loses nothing and doubles nothing.

Each test has a process die at one point (its exit status proves that the point was reached), lets it come back, has
the client try again where it got no answer, and compares what every store and every queue then holds. What is
promised is at least once with effects once: the same message may come again, its id is the same.
"""
import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from chassis.clock import now
from chassis.text import fold
from chassis.topology import WORK
from tests.integration.house import House, a_house
from tests.integration.times import move_back
from tests.integration.waiting import eventually
from tests.postbox import a_postbox

CONSUMERS = ("after-pull", "after-effect")
OF_REGISTRY = [work.name for work in WORK if work.exchange == "registry.events" and "code_requested.v1" not in work.keys]
OF_ISSUES = [work.name for work in WORK if work.exchange == "issues.events"]
numbers = count(1)


@pytest.fixture(scope="module")
def house(vhost: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with a_house(vhost, tmp_path_factory.mktemp("house")) as house:
        yield house


@pytest.fixture
def lamp() -> str:
    """Words that no other issue has; also a key."""
    return f"lamp-{next(numbers)}"


def filed(house: House, lamp: str) -> dict[str, Any]:
    answer = house.file(lamp, key=lamp)
    assert answer.status == 201, answer
    return dict(answer.body)


def task_of(issue: dict[str, Any]) -> str:
    return f"{issue['id']}-1"


@pytest.mark.parametrize(("point", "stored"), [("before-store", 0), ("after-store", 1)])
def test_a_filing_that_got_no_answer_is_filed_once_when_it_is_tried_again(
        house: House, lamp: str, point: str, stored: int) -> None:
    with house.dies("issues", point):
        unanswered = house.file(lamp, key=lamp)
    assert unanswered.status == 503 and unanswered.headers["Retry-After"]
    assert house.store("issues", "issues").count_documents({"text": lamp}) == stored
    filed(house, lamp)
    house.keeps(lamp, "file", "offer")


def test_a_filing_whose_answer_died_with_the_gateway_is_answered_the_same_when_it_is_tried_again(
        house: House, lamp: str) -> None:
    with house.dies("gateway", "before-answering"), pytest.raises(OSError):
        house.file(lamp, key=lamp)
    found = house.store("issues", "issues").find_one({"text": lamp})
    again = filed(house, lamp)
    assert again["id"] == found["_id"] and again["tracking_code"].replace("-", "") == found["tracking_code"]
    assert house.api(f"/v1/issues/{again['id']}", Issue_Secret=again["secret"])["text"] == lamp
    house.keeps(lamp, "file", "offer")


@pytest.mark.parametrize(("process", "point"), [
    ("issues", "before-change"), ("issues", "after-change"), ("gateway", "before-answering")])
def test_a_move_that_got_no_answer_is_made_once_when_it_is_tried_again(
        house: House, lamp: str, process: str, point: str) -> None:
    task = task_of(filed(house, lamp))
    with house.dies(process, point), pytest.raises((AssertionError, OSError)):
        house.move(task, "accept", Idempotency_Key=lamp)
    assert house.move(task, "accept", Idempotency_Key=lamp)["state"] == "accepted"
    house.keeps(lamp, "file", "offer", "accept")


@pytest.mark.parametrize("point", ["before-change", "after-change"])
def test_a_filers_answer_that_got_no_answer_counts_once_when_it_is_tried_again(
        house: House, lamp: str, point: str) -> None:
    issue = filed(house, lamp)
    house.move(task_of(issue), "accept")
    house.move(task_of(issue), "finish", text="لامپ عوض شد")
    house.keeps(lamp, "file", "offer", "accept", "finish")
    said = {"body": {"reason": "هنوز خاموش است"}, "Issue_Secret": issue["secret"], "Idempotency_Key": lamp}
    with house.dies("issues", point):
        assert house.api.post(f"/v1/issues/{issue['id']}/not-fixed", **said).status == 503
    assert house.api.post(f"/v1/issues/{issue['id']}/not-fixed", **said).status == 200
    house.keeps(lamp, "file", "offer", "accept", "finish", "redo")
    assert house.store("issues", "issues").find_one({"text": lamp})["times_not_fixed"] == 1


@pytest.mark.parametrize("point", ["before-publish", "before-confirm", "after-publish", "after-taking-out"])
def test_events_under_way_when_the_relay_dies_arrive(house: House, lamp: str, point: str) -> None:
    with house.dies("relay", point):
        filed(house, lamp)
    house.keeps(lamp, "file", "offer")


@pytest.mark.parametrize("point", CONSUMERS)
@pytest.mark.parametrize("queue", OF_ISSUES)
def test_an_issue_whose_reader_dies_is_read_with_effect_once(house: House, lamp: str, queue: str, point: str) -> None:
    with house.dies(queue.partition(".")[0], f"{point}@{queue}"):
        filed(house, lamp)
    house.keeps(lamp, "file", "offer")


@pytest.mark.parametrize("point", CONSUMERS)
@pytest.mark.parametrize("queue", OF_REGISTRY)
def test_an_agency_whose_reader_dies_is_known_everywhere(house: House, queue: str, point: str) -> None:
    code = f"new-{next(numbers)}"
    with house.dies(queue.partition(".")[0], f"{point}@{queue}"):
        house.register(code)
    assert house.register(code).status == 201, "its answer may have died with the registry; the same again changes nothing"
    house.knows(code)


@pytest.mark.parametrize("point", CONSUMERS)
def test_a_code_that_was_asked_for_when_its_reader_died_is_sent(house: House, point: str) -> None:
    letters, asked = house.folder / f"letters-{point}", {"address": f"{point}@example.org"}
    with house.dies("notifications", f"{point}@notifications.codes", back={"MAHALLE_LETTERS": str(letters)}):
        assert house.api.post("/v1/sign-in/code", asked).status == 202
    codes = eventually("the code has come", lambda: [code for letter in letters.glob("*.txt") for code in re.findall(
        r"(?<!\d)\d{6}(?!\d)", fold(letter.read_text(encoding="utf-8")))])
    assert house.api("/v1/sign-in/resident", asked | {"code": codes[0]})["as"]["role"] == "resident"


def test_an_agency_registered_when_the_registry_dies_is_registered_once(house: House) -> None:
    code = f"new-{next(numbers)}"
    with house.dies("registry", "after-registering"):
        assert house.register(code).status == 503
    assert house.register(code).status == 201
    house.knows(code)
    assert house.store("registry", "agencies").find_one({"_id": code})["version"] == 1


@pytest.mark.parametrize(("said", "done"), [
    ({"action": "accept"}, ("accept",)),
    ({"action": "refer", "reason": "در حوزهٔ ما نیست", "agency": "a2"}, ("refer", "offer"))], ids=("accept", "refer"))
@pytest.mark.parametrize("point", [*CONSUMERS, "before-change", "after-change"])
def test_an_agencys_answer_is_carried_out_once_and_told_once(
        house: House, lamp: str, point: str, said: dict[str, str], done: tuple[str, ...]) -> None:
    task = task_of(filed(house, lamp))
    with house.dies("issues", point if "change" in point else f"{point}@issues.answers"):
        house.answer(task, answer_id=f"answer-{lamp}", **said)
    house.keeps(lamp, "file", "offer", *done, answers=("answer",))


@pytest.fixture(scope="module")
def watched(house: House) -> str:
    """A category in whose ladder the neighbourhood's manager is told at once, and nobody else ever."""
    code, ladder = "watched-lighting", [{"after_hours": 0, "to": "neighbourhood_manager"}]
    answer = house.api.put(f"/v1/categories/{code}", {
        "name_fa": "روشنایی", "name_en": "Lighting", "parent": "lighting", "accept_hours": 24, "finish_hours": 240,
        "ladder": ladder}, role="operator")
    assert answer.status == 200, answer
    eventually("issues knows it", lambda: house.store("issues", "reference").find_one({"_id": f"category:{code}"}))
    return code


@pytest.mark.parametrize("point", ["after-leasing", "before-change", "after-change", "after-escalating"])
def test_what_falls_due_is_escalated_once_though_its_sweeper_dies(
        house: House, lamp: str, watched: str, point: str) -> None:
    issue, issues = house.file(lamp, lamp, watched).body, house.store("issues", "issues")
    house.keeps(lamp, "file", "offer")
    with house.dies("issues", point):
        move_back(issues, issue["id"], timedelta(hours=25))
    ended = issues.update_one({"_id": issue["id"], "lease": {"$exists": True}}, {"$set": {"lease.until": now()}})
    assert ended.modified_count == 1, "it died while it held the lease"
    house.keeps(lamp, "file", "offer", "escalate")


@pytest.mark.parametrize("point", CONSUMERS)
def test_an_agencys_wrong_answer_is_refused_once_and_changes_nothing(house: House, lamp: str, point: str) -> None:
    task = task_of(filed(house, lamp))
    with house.dies("issues", f"{point}@issues.answers"):
        house.answer(task, "start", f"answer-{lamp}")
    house.keeps(lamp, "file", "offer", answers=("wrong answer",))


@pytest.mark.parametrize("point", ["before-parking", "after-parking"])
def test_a_message_put_off_when_its_reader_dies_has_its_effect(house: House, point: str) -> None:
    """The broker's management does not answer, so the agency's queue must wait: a copy lies on the retry ladder."""
    code = f"new-{next(numbers)}"
    with house.dies("registry", f"{point}@registry.registry", {"MAHALLE_BROKER_ADMIN": "http://admin:x@127.0.0.1:9"}):
        assert house.register(code).status == 201
    house.knows(code)
    eventually("nothing waits on the ladder", lambda: house.wire.waiting("retry"), until=lambda seen: seen == {})
    house.knows(code)


@pytest.mark.parametrize("point", ["before-parking", "after-parking"])
def test_a_message_that_cannot_be_read_is_kept_with_its_reason_when_its_reader_dies(
        house: House, lamp: str, point: str) -> None:
    with house.dies("booklet", f"{point}@booklet.issues"):
        house.wire.publish("issues.events", "issue_filed.v1", b"{", {"ce-id": lamp})
    filed(house, lamp)
    house.keeps(lamp, "file", "offer")
    kept = house.wire.take_all("booklet.issues.dead")
    assert 1 <= len(kept) <= 2, "the copy may have been kept twice, at least once"
    assert {(properties.headers["ce-id"], body) for properties, body in kept} == {(lamp, b"{")}
    assert all(properties.headers["x-reason"] for properties, _ in kept)


def test_a_letter_sent_just_before_its_sender_died_may_come_twice_under_one_message_id(house: House, lamp: str) -> None:
    """At least once, honestly: a mail server cannot be asked whether it had the letter already. The reader's can tell."""
    deliveries = house.store("notifications", "deliveries")
    with a_postbox() as postbox:
        with house.dies("notifications", "before-marking", postbox.variables, back=postbox.variables):
            issue = filed(house, lamp)
        of_it = {"about.issue": issue["id"]}
        assert deliveries.update_many(of_it, {"$set": {"next_at": now()}}).modified_count == 2, "the lease has ended"
        eventually("both letters are sent", lambda: deliveries.count_documents(of_it | {"state": "sent"}),
                   until=lambda seen: seen == 2)
        came = Counter(letter["Message-ID"] for letter in postbox.letters)
    assert sorted(came.values()) == [1, 2]
    assert {key.strip("<>").partition("@")[0] for key in came} == {each["_id"] for each in deliveries.find(of_it)}
    house.start("notifications")
    house.keeps(lamp, "file", "offer")


def test_an_effect_lost_on_purpose_is_noticed(house: House, lamp: str) -> None:
    with house.lies("booklet", "acknowledges-without-effect") as booklet:
        issue = filed(house, lamp)
        eventually("both its events are forgotten", lambda: set(re.findall(f"forgot .* of {issue['id']}", booklet.log())),
                   until=lambda seen: len(seen) == 2)
    with pytest.raises(AssertionError, match=r"saw last: .*'row': 'older'"):
        house.keeps(lamp, "file", "offer", timeout=2)


def test_an_event_lost_on_purpose_is_noticed(house: House, lamp: str) -> None:
    with house.lies("relay", "takes-out-without-publishing"):
        filed(house, lamp)
        eventually("the outbox is empty", lambda: house.store("issues", "issues").find_one({"text": lamp})["outbox"],
                   until=lambda seen: seen == [])
    with pytest.raises(AssertionError, match=r"saw last: .*'told': Counter\(\)"):
        house.keeps(lamp, "file", "offer", timeout=2)


def test_an_issue_doubled_on_purpose_is_noticed(house: House, lamp: str) -> None:
    filed(house, lamp)
    assert house.file(lamp, key=f"another-{lamp}").status == 201
    with pytest.raises(AssertionError, match=r"saw last: \{'issues': 2"):
        house.keeps(lamp, "file", "offer", timeout=1)
