"""Time that goes by for one stored issue, as a test's own means: the product has no clock that could be set."""
from datetime import datetime, timedelta
from typing import Any

from tests.integration.waiting import eventually


def move_back(issues: Any, issue_id: str, time: timedelta) -> None:
    """All that an issue of the collection remembers lies so much further back: time has gone by when somebody looks."""

    def moved() -> bool:
        found = issues.find_one({"_id": issue_id}, {"outbox": 0})
        same = {"_id": found.pop("_id"), "version": found.pop("version")}
        earlier = {name: _back(value, time) for name, value in found.items()}
        return bool(issues.update_one(same, {"$set": earlier}).matched_count)

    eventually("its times are moved back", moved)


def _back(value: Any, time: timedelta) -> Any:
    if isinstance(value, datetime):
        return value - time
    if isinstance(value, dict):
        return {name: _back(each, time) for name, each in value.items()}
    return [_back(each, time) for each in value] if isinstance(value, list) else value
