"""Work lists: what a name means for whoever asks. No I/O.

    /worklists/tasks      an agency's open tasks, the earliest deadline first
    /worklists/waiting    what waits for whoever asks, the oldest issue first, with why (`shelves.WAITS`)
    /worklists/overdue    what is late, the latest first: an agency's own, a secretary's county, a manager's neighbourhood
    /worklists/unrouted   what nobody has routed, the oldest first

A secretary's place is the one they hold, or one in it that `territory` names; the whole platform's is everywhere.
"""
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.issues.documents import DUE, SHELVES
from services.issues.finding.filters import Condition
from services.issues.finding.search import ORDERS, Order, Search, Way
from services.issues.finding.shelves import agency_area, hidden, shelf, waiting_shelf
from services.issues.life.moves import AGENCY, MANAGER, OPEN, SECRETARY


@dataclass(frozen=True)
class Worker:
    """Who asks: a role, which one, and the area they work in; and now."""

    role: str
    which: str
    area: str
    at: datetime


Asked = Callable[[Worker], Search]


@dataclass(frozen=True)
class WorkList:
    """What it is for its reader, and by role what it asks for."""

    fa: str
    en: str
    asks: Mapping[str, Asked] = field(default_factory=dict)


def waiting(worker: Worker) -> Search:
    return _oldest(waiting_shelf(worker.role, worker.area if worker.role == SECRETARY else worker.which))


def unrouted(worker: Worker) -> Search:
    return _oldest(*(shelf(area, status="filed") for area in (worker.area, hidden(worker.area))))


def _oldest(*shelves: str) -> Search:
    return Search(ORDERS["oldest"], {}, [Way(SHELVES, {"shelves": {"$in": list(shelves)}}, {})])


def own_due(order: Order, agency: str, states: Sequence[str], late: datetime | None, span: Condition) -> Search:
    """An agency's tasks in these states by the deadline of their issue; `late`: those due before then."""
    mine: dict[str, Any] = {"agency": agency, "state": {"$in": list(states)}} | ({"due": {"$lt": late}} if late else {})
    area = agency_area(agency)
    return Search(order, span, [Way(DUE, {"areas": {"$in": [area, hidden(area)]}}, {"tasks": {"$elemMatch": mine}})])


def tasks(worker: Worker) -> Search:
    return own_due(ORDERS["due"], worker.which, OPEN, None, {})


def late_tasks(worker: Worker) -> Search:
    return own_due(ORDERS["due"], worker.which, OPEN, worker.at, {"$lt": worker.at})


def overdue(worker: Worker) -> Search:
    areas = [worker.area, *([hidden(worker.area)] if worker.role == SECRETARY else [])]
    return Search(ORDERS["due"], {"$lt": worker.at}, [Way(DUE, {"areas": {"$in": areas}}, {})])


WORK_LISTS = {
    "tasks": WorkList("کارهای من", "My tasks", {AGENCY: tasks}),
    "waiting": WorkList("در انتظار من", "Waiting for me", {AGENCY: waiting, SECRETARY: waiting, MANAGER: waiting}),
    "overdue": WorkList("از مهلت گذشته", "Overdue", {AGENCY: late_tasks, SECRETARY: overdue, MANAGER: overdue}),
    "unrouted": WorkList("ارجاع‌نشده", "Nobody has routed", {SECRETARY: unrouted})}
