"""What the booklet is told, as tests write it: snapshots that are valid by default."""
from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.envelope import Received
from contracts.issues import IssueRestated, IssueSnapshot, TaskSnapshot
from contracts.registry import AgencyChanged, AgencySnapshot, CategorySnapshot, TerritorySnapshot

NOON = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)


def hours(many: float) -> timedelta:
    return timedelta(hours=many)


def a_told_task(**given: Any) -> TaskSnapshot:
    """Offered to a1 at noon, to be accepted within a day and done within three."""
    values: dict[str, Any] = {"id": "i1-1", "agency": "a1", "state": "offered", "offered_at": NOON,
                              "accept_by": NOON + hours(24), "due": NOON + hours(72)}
    return TaskSnapshot(**(values | given))


def a_told_issue(*tasks: TaskSnapshot, **given: Any) -> IssueSnapshot:
    """Filed at noon in n1."""
    values: dict[str, Any] = {
        "id": "i1", "version": 1, "confidential": False, "status": "routed" if tasks else "filed", "category": "lighting",
        "tracking_code": "12345678901", "neighbourhood": "n1", "place": ("alborz", "karaj", "n1"), "filed_at": NOON,
        "updated_at": NOON, "tasks": tasks}
    return IssueSnapshot(**(values | given))


def a_told_done_issue(late: bool = False, **given: Any) -> IssueSnapshot:
    """Accepted after an hour and done after two, of which one was working time; or done a day too late."""
    task = a_told_task(state="done", accepted_at=NOON + hours(1), done_at=NOON + hours(96 if late else 2), accept_minutes=30,
                       finish_minutes=60)
    return a_told_issue(task, **({"status": "done"} | given))


def a_told_category(code: str, parent: str | None = None, finish_hours: int = 72,
                    confidential: bool = False, finish_days: int | None = None) -> CategorySnapshot:
    path = (parent, code) if parent else (code,)
    return CategorySnapshot(code, 1, code, code, parent, path, confidential, 24, finish_hours, finish_days=finish_days)


def a_told_place(kind: str, *path: str, **given: Any) -> TerritorySnapshot:
    code = path[-1]
    return TerritorySnapshot(code, 1, kind, f"{code} fa", f"{code} en", path[-2] if len(path) > 1 else None, path, **given)


def a_told_agency(code: str, **given: Any) -> AgencySnapshot:
    return AgencySnapshot(code, 1, code, code, "city", "karaj", "queue", **given)


def received(told: Any) -> Received:
    happened = IssueRestated(told.id) if isinstance(told, IssueSnapshot) else AgencyChanged(told.code)
    return Received("e", happened, told, "", 1, NOON)


NEIGHBOURHOODS = {"n1": ("alborz", "west", "n1"), "n2": ("alborz", "west", "n2"), "n3": ("alborz", "east", "n3"),
                  "n4": ("qazvin", "n4")}
PLACES = (a_told_place("province", "alborz"), a_told_place("province", "qazvin"), a_told_place("county", "alborz", "west"),
          a_told_place("county", "alborz", "east"),
          *(a_told_place("neighbourhood", *path) for path in NEIGHBOURHOODS.values()))
CATEGORIES = (a_told_category("street"), a_told_category("lighting", "street", 72),
              a_told_category("potholes", "street", 500), a_told_category("water", None, 5))
NAMED = (*PLACES, *CATEGORIES, *map(a_told_agency, ("a1", "a2", "a3")))
