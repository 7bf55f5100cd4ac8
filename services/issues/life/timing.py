"""The clock of one task: when it stands, when it goes on, and what its deadlines then are. Plain Python, UTC."""
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from services.issues.life.deadlines import Calendar, worked
from services.issues.life.task import Task
from services.issues.life.terms import Clock, Terms, allowed


def stop(task: Task, at: datetime, reason: str, for_whom: str | None) -> None:
    """The clock stands from now on, because the task is what it is now."""
    task.stops = [*task.stops, {"start": at, "end": None, "kind": task.state, "reason": reason, "for_whom": for_whom}]


def go_on(task: Task, at: datetime) -> None:
    """The clock goes on, if it stands."""
    if task.stopped_at:
        task.stops = [*task.stops[:-1], {**task.stops[-1], "end": at}]


def clock_of(task: Task) -> dict[str, Any]:
    """What happened to its clock, for the task that goes on with its work; with the steps that its deadline has cost."""
    return {"promised": task.promised, "stops": list(task.stops), "extensions": list(task.extensions),
            "steps_finish": task.steps_finish}


def reckoned(task: Task, filed_at: datetime, terms: Terms) -> bool:
    """Puts the deadlines that follow from these terms and from all that happened to the clock; whether one has moved."""
    found = terms.reckon(filed_at, task.offered_at, Clock(task.stops, task.extensions, task.promised))
    moved = (found.accept_by, found.due) != (task.accept_by, task.due)
    for name, value in (vars(found) | allowed(terms)).items():
        setattr(task, name, value)
    return moved


def minutes_between(start: datetime, end: datetime, calendar: Calendar | None,
                    stops: Sequence[Mapping[str, Any]] = ()) -> int:
    """Whole minutes of working time, without the times when the clock stood."""
    spent = worked(start, end, calendar)
    for stood in stops:
        spent -= worked(max(start, stood["start"]), min(end, stood["end"] or end), calendar)
    return max(spent, timedelta()) // timedelta(minutes=1)
