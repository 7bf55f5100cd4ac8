"""Why a deadline falls on the day on which it falls: the parts it was made of, for whoever may see the task."""
from datetime import datetime, timedelta
from typing import Any

from chassis.caller import Caller
from contracts.errors import not_found
from contracts.schema import instant
from services.issues import rights
from services.issues.documents import moment
from services.issues.life.deadlines import Calendar, parts
from services.issues.life.working_days import received
from services.issues.rights import CASE, OPEN, OWN, PART, demand_sight, is_filer
from services.issues.routing import Map
from services.issues.use_cases import find

MOST_DAYS = 400  # days that one answer lists


def why(ref: str, task_id: str, caller: Caller, secret: str | None, known: Map) -> dict[str, Any]:
    """The deadline, by which hours, or days, and which calendar it was reckoned, its days, the stops and the extensions.

    `counted_from` is the filing; of working days the hour of the working day from which they count, where that is later.
    `days`: [{day, minutes, why: [{kind, fa, en, estimated}]}] from the filing on, days local to the calendar's zone, no more
    than MOST_DAYS; none where hours of the clock on the wall count. Raises NotFound.
    """
    found = find(ref)
    sight = demand_sight(caller, found, OPEN, OWN, CASE, PART, filer=is_filer(caller, secret, found))
    task = next((each for each in (found or {"tasks": []})["tasks"] if each["id"] == task_id), None)
    if found is None or task is None or (sight == PART and task not in rights.tasks_of(found, caller.subject)):
        raise not_found()
    calendar = known.calendar_of(found["place"]) if task["calendar"] else None
    return {"task": task_id, "version": found["version"],
            "due": instant(task["due"]), "accept_by": instant(task["accept_by"]),
            "counted_from": instant(_counted_from(found["filed_at"], task, calendar)),
            "finish_hours": task["finish_hours"], "finish_days": task.get("finish_days"),
            "calendar": task["calendar"], "calendar_version": task["calendar_version"],
            "promised": moment(task.get("promised")),
            "stops": [_stop(each) for each in task.get("stops", ())],
            "extensions": [{"at": instant(each["at"]), "to": instant(each["to"])} for each in task.get("extensions", ())],
            "days": _days(found["filed_at"], task["due"], calendar) if calendar else []}


def _counted_from(filed_at: datetime, task: dict[str, Any], calendar: Calendar | None) -> datetime:
    in_days = task.get("finish_days") and calendar and calendar.version == task["calendar_version"]
    return received(filed_at, calendar) if calendar and in_days else filed_at


def _stop(stop: dict[str, Any]) -> dict[str, Any]:
    return {"start": instant(stop["start"]), "end": moment(stop["end"]), "kind": stop["kind"], "for_whom": stop["for_whom"]}


def _days(start: datetime, end: datetime, calendar: Calendar) -> list[dict[str, Any]]:
    last = min(end, start + timedelta(days=MOST_DAYS))
    return [{"day": part.day.isoformat(), "minutes": part.worked // timedelta(minutes=1),
             "why": [vars(each) for each in part.why]} for part in parts(start, last, calendar)]
