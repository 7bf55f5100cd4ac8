"""Through the front door: a change that is sent again is made once, and nobody overwrites what they have not read."""
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from services.registry.accounts.documents import ApiKey
from services.registry.documents import Headquarters
from tests.api import Answer, Api
from tests.integration import changing
from tests.integration.front import Front, a_front

HERE = "/v1/headquarters/h-alborz"
BY = {"role": "operator"}


@pytest.fixture(scope="module")
def front(vhost: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with a_front(vhost, tmp_path_factory.mktemp("front")) as front:
        changing.prepared()
        yield front


def said(number: int) -> dict[str, Any]:
    return changing.NAMES | {"level": "province", "territory": "alborz", "name_en": f"New {number}"}


def tag_of(api: Api, path: str = HERE, **given: Any) -> str:
    answer = api.get(path, **given)
    assert answer.status == 200, answer
    return str(answer.headers["ETag"])


def codes(answers: list[Answer]) -> list[str]:
    return sorted(answer.body.get("code", "done") if answer.status >= 400 else "done" for answer in answers)


def test_what_was_read_says_its_version_and_is_not_sent_twice(front: Front) -> None:
    first = front.api.get(HERE)
    assert first.headers["ETag"].startswith(f'"v{first.body["version"]}-') and tag_of(front.other) == first.headers["ETag"]
    for method in ("GET", "HEAD"):
        again = front.other.ask(method, HERE, If_None_Match=first.headers["ETag"])
        assert (again.status, again.body, again.headers["ETag"]) == (304, None, first.headers["ETag"])
        assert {"Authorization", "Issue-Secret"} <= {each.strip() for each in again.headers["Vary"].split(",")}
        assert again.headers["traceparent"] and "Content-Type" not in again.headers
    assert tag_of(front.api, "/v1/headquarters").startswith("W/") and tag_of(front.api, "/openapi.json").startswith("W/")
    for path in ("/v1/headquarters", "/openapi.json", "/docs"):
        assert front.api.get(path, If_None_Match=tag_of(front.api, path)).status == 304, path
    part = tag_of(front.api, f"{HERE}?fields=name_fa")
    assert part.startswith('"v1-') and part != first.headers["ETag"], "part of it in the same version is another answer"
    history = front.api.get(f"{HERE}/history", **BY)
    assert history.headers["ETag"].startswith('"v1-')


def test_what_is_replaced_was_read_first(front: Front) -> None:
    before = tag_of(front.api)
    assert codes([front.api.put(HERE, said(0), **BY)]) == ["precondition_required"]
    assert front.api.put(HERE, said(0), **BY).status == 428
    assert front.api.put(HERE, said(1), If_Match=before, **BY).status == 200
    late = front.other.put(HERE, said(2), If_Match=before, **BY)
    assert (late.status, late.body["code"]) == (412, "changed_meanwhile")
    assert front.api.put(HERE, said(1), If_None_Match="*", **BY).status == 412
    assert front.api.put("/v1/headquarters/h-new", said(1), If_None_Match="*", **BY).status == 200
    assert front.api.get(HERE, If_None_Match=before).body["name_en"] == "New 1"


def test_of_many_editors_at_two_gateways_one_is_first(front: Front) -> None:
    read, version = tag_of(front.api), front.api.get(HERE).body["version"]
    with ThreadPoolExecutor(10) as many:
        answers = list(many.map(lambda number: (front.api, front.other)[number % 2].put(
            HERE, said(100 + number), If_Match=read, **BY), range(10)))
    assert codes(answers) == ["changed_meanwhile"] * 9 + ["done"]
    assert front.api.get(HERE).body["version"] == version + 1


def test_a_key_that_is_asked_for_twenty_times_at_two_gateways_is_one(front: Front) -> None:
    before = ApiKey._get_collection().count_documents({"name": "program"})
    with ThreadPoolExecutor(20) as many:
        answers = list(many.map(lambda number: (front.api, front.other)[number % 2].post(
            "/v1/keys", changing.KEY, Idempotency_Key='"one"', **BY), range(20)))
    assert {answer.status for answer in answers} == {201} and len({answer.body["key"] for answer in answers}) == 1
    assert ApiKey._get_collection().count_documents({"name": "program"}) == before + 1
    other = front.api.post("/v1/keys", changing.KEY | {"name": "x"}, Idempotency_Key='"one"', **BY)
    assert (other.status, other.body["code"]) == (422, "idempotency_key_reused")
    unnamed = [front.api.post("/v1/keys", changing.KEY, **BY).body["key"] for _ in range(2)]
    assert len({*unnamed, answers[0].body["key"]}) == 3


def test_an_answer_that_a_gateway_took_with_it_is_given_by_the_next(front: Front, tmp_path: Path) -> None:
    read = front.api.get("/v1/headquarters/h-karaj").headers["ETag"]
    with changing.dying("before-answering", front.environment, tmp_path, "gateway") as url, pytest.raises(OSError):
        Api(url, front.keys).post("/v1/headquarters/h-karaj/end", {}, Idempotency_Key="end", If_Match=read, **BY)
    [ended] = Headquarters._get_collection().find({"_id": "h-karaj"})
    assert ended["version"] == 2, "it was made"
    again = front.api.post("/v1/headquarters/h-karaj/end", {}, Idempotency_Key="end", If_Match=read, **BY)
    assert again.status == 200 and again.body["periods"] is not None
    late = front.api.post("/v1/headquarters/h-karaj/end", {}, Idempotency_Key="end-2", If_Match="*", **BY)
    assert late.body["code"] == "not_in_force"
