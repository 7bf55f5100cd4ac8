"""A secretary, and nobody else, asks the running service where something would go and what the rules leave open."""
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chassis.caller import Caller
from chassis.http_client import Client
from contracts.errors import Invalid, Malformed, NotAllowed
from tests.integration.conftest import Connect
from tests.integration.processes import Process
from tests.integration.waiting import eventually
from tests.integration.wire import Wire

SECRETARY = Caller("secretary", "alborz")
ASKED = {"category": "lighting", "neighbourhood": "n1"}
ALL = 6 * 10  # categories and neighbourhoods of the small province; `other` alone is routed by no rule


@pytest.fixture
def issues(database: Connect, wire: Wire, running: Callable[..., Process], province: Any,
           environment: dict[str, str]) -> Iterator[Client]:
    database("issues")
    running("relay", of=("registry",))
    running("issues")
    client = Client(environment["MAHALLE_ISSUES_URL"], environment["MAHALLE_INTERNAL_SECRET"])
    eventually("the whole province is known", lambda: client.get("/routing/report", SECRETARY)["holes"],
               until=lambda holes: holes == ALL - 5 * 10)
    yield client
    client.close()


def test_where_something_would_go_and_what_is_left_open(issues: Client) -> None:
    found = issues.post("/routing/try", SECRETARY, ASKED)
    assert (found["winner"]["agency"], found["rules"][0]["verdict"], found["left_out"]) == ("a1", "fits", 0)
    unsaved = {"code": "r1", "category": "lighting", "territory": "n2", "agency": "a2", "priority": 1}
    assert issues.post("/routing/try", SECRETARY, ASKED | {"rules": [unsaved]})["winner"] is None
    page = issues.get("/routing/report", SECRETARY, {"limit": "7"})
    assert len(page["items"]) == 7 and {each["category"] for each in page["items"]} == {"other"}
    assert len(issues.get("/routing/report", SECRETARY, {"cursor": page["next_cursor"]})["items"]) == 3
    with pytest.raises(Invalid):
        issues.post("/routing/try", SECRETARY, {})
    with pytest.raises(Malformed):
        issues.get("/routing/report", SECRETARY, {"part": "x"})
    for role in ("agency", "resident", "service"):
        with pytest.raises(NotAllowed):
            issues.post("/routing/try", Caller(role, "a1"), ASKED)
        with pytest.raises(NotAllowed):
            issues.get("/routing/report", Caller(role, "a1"))
