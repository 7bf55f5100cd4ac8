"""While the broker is away filing goes on until the outbox is at its cap; then it says when to come back."""
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

from gateway import keys
from tests.integration.conftest import Connect
from tests.integration.processes import Process
from tests.integration.waiting import eventually
from tests.integration.wire import Wire

CAP = 4
Answer = tuple[int, dict[str, str], dict[str, Any]]


def file(environment: dict[str, str], number: int) -> Answer:
    """One filing under a key of its own: status, headers and body."""
    key = keys.make("resident", "app", environment["MAHALLE_KEY_SECRET"])
    body = json.dumps({"category": "lighting", "text": f"چراغ {number}", "neighbourhood": "n1"}).encode()
    request = urllib.request.Request(f"{environment['MAHALLE_GATEWAY_URL']}/v1/issues", body, {
        "Content-Type": "application/json", "Authorization": f"Bearer {key}", "Idempotency-Key": f"filing-{number}"})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, dict(answer.headers), json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), json.load(error)


def test_at_its_cap_the_outbox_refuses_filings_with_503_and_takes_them_again_when_it_is_empty(
        database: Connect, wire: Wire, running: Callable[..., Process], province: Any, environment: dict[str, str],
        registered_agency: Callable[..., Any]) -> None:
    registered_agency("a1")
    running("relay", of=("registry",))
    running("issues", MAHALLE_OUTBOX_CAP=str(CAP))
    running("gateway")
    issues = database("issues").issues
    eventually("the province is known", lambda: file(environment, 0)[0], until=lambda status: status == 201)
    taken = 1

    def refused() -> Answer | None:
        nonlocal taken
        answer = file(environment, taken)
        taken += answer[0] == 201
        return answer if answer[0] != 201 else None

    status, headers, problem = eventually("the cap is noticed", refused) or (0, {}, {})
    assert (status, problem["code"], headers["Retry-After"]) == (503, "outbox_full", "60")
    assert headers["Content-Type"] == "application/problem+json"
    assert issues.count_documents({}) == taken >= CAP
    running("relay", of=("issues",))
    eventually("filing goes on", lambda: file(environment, taken)[0], until=lambda status: status == 201)
    assert issues.count_documents({}) == taken + 1
