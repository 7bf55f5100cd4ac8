"""What is asked twice is done once; and nobody learns by asking which issues exist."""
import json
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest

from tests.api import Answer, Json
from tests.e2e.province import AGENCY, CATEGORY, PLACE, SECRETARY, Province

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
TOLD_APART = ("Content-Type", "Content-Language", "Cache-Control", "Content-Length")  # headers that must not be either
numbers = count(1)


@pytest.fixture
def key() -> str:
    return f"once-{next(numbers)}"


def body_of(key: str) -> Json:
    return {"category": CATEGORY, "neighbourhood": PLACE, "text": f"مسئلهٔ {key}"}


def test_the_same_request_gets_the_same_answer(province: Province, key: str) -> None:
    body = body_of(key)
    first = province.api.post("/v1/issues", body, role="resident", Idempotency_Key=key)
    turned = json.dumps(dict(reversed(body.items())), ensure_ascii=False).encode()
    again = [province.api.post("/v1/issues", raw=turned, role="resident", Idempotency_Key=key),
             province.api.post("/v1/issues", body, role="resident", Idempotency_Key=f'"{key}"')]
    assert first.status == 201 and first.headers["Location"] == f"/v1/issues/{first.body['id']}"
    assert [(each.status, each.body) for each in again] == [(201, first.body)] * 2
    province.move(AGENCY, f"{first.body['id']}-1", "accept")
    assert province.api.post("/v1/issues", body, role="resident", Idempotency_Key=key).body == first.body, "later too"
    assert province.stored(text=body["text"]) == 1


def test_another_request_under_the_same_key_is_refused(province: Province, key: str) -> None:
    province.api("/v1/issues", body_of(key), role="resident", Idempotency_Key=key)
    other = province.api.post("/v1/issues", body_of(key) | {"text": "چیز دیگر"}, role="resident", Idempotency_Key=key)
    assert (other.status, other.body["code"]) == (422, "idempotency_key_reused")
    assert province.stored(text="چیز دیگر") == 0


def test_a_key_that_was_refused_may_come_again_with_a_better_body(province: Province, key: str) -> None:
    assert province.api.post("/v1/issues", {}, role="resident", Idempotency_Key=key).status == 422
    assert province.api.post("/v1/issues", body_of(key), role="resident", Idempotency_Key=key).status == 201


def test_keys_of_different_callers_are_different_keys(province: Province, key: str) -> None:
    mine = province.api("/v1/issues", body_of(key), role="resident", Idempotency_Key=key)
    hers = province.api("/v1/issues", body_of(key), Idempotency_Key=key, **SECRETARY)
    assert mine["id"] != hers["id"] and mine["secret"] != hers["secret"]


def at_once(ask: Any, many: int) -> list[Answer]:
    with ThreadPoolExecutor(many) as pool:
        return list(pool.map(ask, range(many)))


def test_the_same_request_ten_times_at_once_is_filed_once(province: Province, key: str) -> None:
    answers = at_once(lambda _: province.api.post("/v1/issues", body_of(key), role="resident", Idempotency_Key=key), 10)
    assert {each.status for each in answers} == {201}
    assert all(each.body == answers[0].body for each in answers)
    assert province.stored(text=body_of(key)["text"]) == 1


def test_different_requests_under_one_key_at_once_leave_one_issue(province: Province, key: str) -> None:
    answers = at_once(lambda number: province.api.post(
        "/v1/issues", body_of(f"{key}-{number}"), role="resident", Idempotency_Key=key), 8)
    assert sorted(each.status for each in answers) == [201] + [422] * 7
    assert province.stored(text={"$regex": f"{key}-[0-7]$"}) == 1


def test_a_move_ten_times_at_once_is_made_once(province: Province, key: str) -> None:
    issue = province.file()
    path = f"/v1/agencies/{AGENCY}/tasks/{issue['id']}-1/accept"
    asked: Json = {"role": "agency", "subject": AGENCY}
    with_key = at_once(lambda _: province.api.post(path, {}, Idempotency_Key=key, **asked), 10)
    without = at_once(lambda _: province.api.post(path, {}, **asked), 3)
    assert [each.status for each in with_key] == [200] * 10 and [each.status for each in without] == [409] * 3
    assert [each["action"] for each in province.seen_by_filer(issue)["timeline"]] == ["file", "offer", "accept"]


def test_a_change_is_made_of_the_version_that_was_read_and_each_reader_has_a_tag_of_their_own(province: Province) -> None:
    issue = province.file()
    here, secret = f"/v1/issues/{issue['id']}", issue["secret"]
    public, own = province.api.get(here).headers["ETag"], province.api.get(here, Issue_Secret=secret).headers["ETag"]
    assert public != own and {tag.partition("-")[0] for tag in (public, own)} == {'"v1'}
    assert province.api.get(here, If_None_Match=public).status == 304
    assert province.api.get(here, If_None_Match=public, Issue_Secret=secret).body["text"] == issue_text(province, here)
    task = f"/v1/agencies/{AGENCY}/tasks/{issue['id']}-1"
    seen = province.api.get(task, role="agency", subject=AGENCY).headers["ETag"]
    assert province.api.post(f"{task}/accept", {}, If_Match=seen, role="agency", subject=AGENCY).status == 200
    late = province.api.post(f"{here}/withdraw", {}, If_Match=own, Issue_Secret=secret)
    assert (late.status, late.body["code"]) == (412, "changed_meanwhile")
    assert province.api.get(here, If_None_Match=public).status == 200


def issue_text(province: Province, here: str) -> str:
    return str(province.api.get(here).body["text"])


@pytest.mark.parametrize(("method", "action", "body"), [
    ("GET", "", None), ("POST", "/confirm", {"satisfaction": 5}), ("POST", "/not-fixed", {"reason": "نه"}),
    ("POST", "/withdraw", {})])
def test_a_wrong_secret_and_an_unknown_code_are_answered_alike(
        province: Province, method: str, action: str, body: Json | None) -> None:
    issue, hidden = province.file(), province.file(category="addiction")
    refs = ["1234-5678-903", "00000000-0000-5000-8000-000000000000", "no-such-issue",
            *(each[name] for each in (issue, hidden) for name in ("id", "tracking_code"))]
    asked = [*((ref, "aaaa-bbbb-cccc-dddd") for ref in refs),
             (issue["id"], hidden["secret"]), (hidden["id"], issue["secret"])]
    answers = [province.api.ask(method, f"/v1/issues/{ref}{action}", body, Issue_Secret=secret, traceparent=TRACE,
                                X_Request_ID="same") for ref, secret in asked]
    told = [(each.status, each.body, [each.headers[name] for name in TOLD_APART]) for each in answers]
    assert told[0][0] == 404 and all(each == told[0] for each in told)
    assert province.seen_by_all(issue)["status"] == "routed"


def test_an_issue_is_not_answered_for_without_its_secret(province: Province) -> None:
    issue = province.file()
    for who in ({"role": "resident"}, SECRETARY, {"role": "agency", "subject": AGENCY}):
        assert province.api.post(f"/v1/issues/{issue['id']}/withdraw", {}, **who).status == 404
    assert province.seen_by_all(issue)["status"] == "routed"


@pytest.mark.parametrize(("action", "body"), [("confirm", {"satisfaction": 5}), ("withdraw", {}), ("leave", {})])
def test_whoever_sends_nothing_that_proves_who_they_are_is_told_what_to_send_whatever_is_there(
        province: Province, action: str, body: Json) -> None:
    answers = [province.api.post(f"/v1/issues/{ref}/{action}", body) for ref in (
        province.file()["id"], province.file(category="addiction")["id"], "1234-5678-903")]
    assert [(each.status, each.body["code"]) for each in answers] == [(401, "secret_or_key_needed")] * 3


def test_a_command_repeated_under_the_issues_other_name_is_the_same_command(province: Province, key: str) -> None:
    filed = province.api("/v1/issues", body_of(key), role="resident")
    said = {"Issue_Secret": filed["secret"], "Idempotency_Key": key}
    names = (filed["id"], filed["tracking_code"])
    taken = [province.api.post(f"/v1/issues/{name}/withdraw", {"reason": "حل شد"}, **said) for name in names]
    assert [(each.status, each.body["status"]) for each in taken] == [(200, "withdrawn")] * 2
    other = province.api.post(f"/v1/issues/{filed['id']}/withdraw", {"reason": "دلیل دیگر"}, **said)
    assert (other.status, other.body["code"]) == (422, "idempotency_key_reused")
