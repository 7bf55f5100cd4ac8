"""The demonstration insists: asked again under the same key, counted, and no for an answer when it is one."""
import asyncio
import json
from typing import Any

import pytest
import urllib3

from deploy.demo import calling
from deploy.demo.calling import Api, NoAnswer, Refusal

LOST = urllib3.exceptions.ProtocolError("lost")


class Pool:
    """Gives these answers one after the other: status, body and Retry-After, or an error to raise."""

    def __init__(self, *answers: Any) -> None:
        self._answers, self.keys = iter(answers), list[str]()

    def request(self, method: str, url: str, headers: dict[str, str], body: str | None) -> urllib3.HTTPResponse:
        self.keys.append(headers.get("Idempotency-Key", ""))
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        status, found, after = answer
        return urllib3.HTTPResponse(json.dumps(found).encode(), {"Retry-After": after} if after else {}, status)


def an_api(monkeypatch: pytest.MonkeyPatch, *answers: Any) -> tuple[Api, Pool, list[float]]:
    """With the pauses that it takes, taken at once."""
    api, pool, pauses = Api("http://platform", lambda role, subject: "key"), Pool(*answers), list[float]()

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(api, "_pool", pool)
    monkeypatch.setattr(calling.asyncio, "sleep", pause)
    return api, pool, pauses


def test_it_asks_again_under_the_same_key_and_counts_why(monkeypatch: pytest.MonkeyPatch) -> None:
    api, pool, pauses = an_api(monkeypatch, (503, {"code": "unavailable"}, "4"), LOST, (201, {"id": "i"}, ""))
    assert asyncio.run(api.post("/v1/issues", {}, "my-key")) == {"id": "i"}
    assert pool.keys == ["my-key"] * 3
    assert api.trouble == {"503": 1, "connection lost": 1}
    assert pauses[0] == 4 and pauses[1] < 1  # what Retry-After says, then its own


def test_a_refusal_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    api, pool, _ = an_api(monkeypatch, (422, {"code": "unknown_category", "detail": "no such"}, ""))
    with pytest.raises(Refusal, match="422 unknown_category: no such") as refused:
        asyncio.run(api.post("/v1/issues", {}, "my-key"))
    assert refused.value.code == "unknown_category" and len(pool.keys) == 1


def test_what_is_no_json_comes_from_another_program_and_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    for status in (200, 404):
        api, pool, _ = an_api(monkeypatch, (status, "a page", ""))
        with pytest.raises(Refusal, match=str(status)):
            asyncio.run(api.get("/v1/agencies"))
        assert len(pool.keys) == 1


def test_it_does_not_insist_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "PATIENCE", 0)
    api, _, _ = an_api(monkeypatch, LOST, LOST)
    with pytest.raises(NoAnswer, match="connection lost"):
        asyncio.run(api.get("/v1/issues/x"))


def test_a_list_is_walked_to_its_end_by_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    api, _, _ = an_api(monkeypatch, (200, {"items": [{"n": 1}], "next_cursor": "c"}, ""),
                       (200, {"items": [{"n": 2}], "next_cursor": None}, ""))
    assert asyncio.run(api.all("/v1/issues")) == [{"n": 1}, {"n": 2}]
