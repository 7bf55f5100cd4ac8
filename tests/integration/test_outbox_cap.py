"""While the broker is away filing goes on until the outbox is at its cap; then it says when to come back."""
from collections.abc import Callable
from typing import Any

from deploy.local.keys import Keys
from tests.api import Answer, Api
from tests.integration.conftest import Connect
from tests.integration.processes import Process
from tests.integration.waiting import eventually
from tests.integration.wire import Wire

CAP = 4


def file(api: Api, number: int) -> Answer:
    """One filing under a key of its own."""
    body = {"category": "lighting", "text": f"چراغ {number}", "neighbourhood": "n1"}
    return api.post("/v1/issues", body, role="resident", Idempotency_Key=f"filing-{number}")


def test_at_its_cap_the_outbox_refuses_filings_with_503_and_takes_them_again_when_it_is_empty(
        database: Connect, wire: Wire, running: Callable[..., Process], province: Any, environment: dict[str, str],
        registered_agency: Callable[..., Any]) -> None:
    registered_agency("a1")
    running("registry")
    running("relay", of=("registry",))
    running("issues", MAHALLE_OUTBOX_CAP=str(CAP))
    running("gateway")
    api, issues = Api(environment["MAHALLE_GATEWAY_URL"], Keys(environment)), database("issues").issues
    eventually("the province is known", lambda: file(api, 0).status, until=lambda status: status == 201)
    taken = 1

    def refused() -> Answer | None:
        nonlocal taken
        answer = file(api, taken)
        taken += answer.status == 201
        return answer if answer.status != 201 else None

    answer = eventually("the cap is noticed", refused)
    assert answer and (answer.status, answer.body["code"], answer.headers["Retry-After"]) == (503, "outbox_full", "60")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert issues.count_documents({}) == taken >= CAP
    running("relay", of=("issues",))
    eventually("filing goes on", lambda: file(api, taken).status, until=lambda status: status == 201)
    assert issues.count_documents({}) == taken + 1
