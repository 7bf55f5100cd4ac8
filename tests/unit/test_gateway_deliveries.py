"""What was told about an issue is found under its id and under its tracking code alike."""
from types import SimpleNamespace
from typing import Any

import pytest

from chassis.caller import Caller
from gateway.issues import Issues

ISSUE = "2dcd7d3d-5bd5-5682-970f-71dd60f14a4e"


class Asked:
    """Answers as `issues` and `notifications` do, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []

    def get(self, path: str, by: Caller, query: Any = None) -> Any:
        self.asked.append((path, query))
        return {"id": ISSUE}


@pytest.mark.parametrize("ref", [ISSUE, "5409-6821-046"])
def test_both_names_of_an_issue_lead_to_its_deliveries(ref: str) -> None:
    asked, surface = Asked(), Issues()
    surface.ask = SimpleNamespace(issues=asked, notifications=asked)  # type: ignore[assignment]
    surface.deliveries(SimpleNamespace(caller=Caller("secretary", "alborz")), ref)  # type: ignore[arg-type]
    assert asked.asked == [(f"/issues/{ref}/id", None), ("/deliveries", {"issue": ISSUE})]
