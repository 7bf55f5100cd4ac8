"""Showing issues: whoever is shown what was said in a confidential one is remembered first, and only then it is opened.

`show` and `show_task` are the ways out of an issue's document, confidential or not.
"""
from typing import Any

from chassis.caller import Caller
from contracts.errors import not_found
from services.issues import rights
from services.issues.cases.confidential import revealed, revealed_moves
from services.issues.cases.disclosed import assessment_json, case_json, part_task_json
from services.issues.cases.reads import note_read
from services.issues.schemas import (
    agency_task_json,
    desk_json,
    issue_json,
    listed_task_json,
    masked_json,
    own_issue_json,
)

Row = dict[str, Any]


def opened_for(caller: Caller, found: Row, part: str) -> Row:
    """A confidential issue with what was said in it, once it is remembered for whom. Any other as it is."""
    if not found["confidential"]:
        return found
    by, account = ("filer", "") if part == rights.OWN else (caller.id, caller.account)
    note_read(found["_id"], by, part, account)
    return revealed(found) | {"timeline": revealed_moves(found["timeline"])}


def show(caller: Caller, found: Row | None, filer: bool) -> Row:
    """A stored issue as this caller may read it. Raises NotFound where there is none, or none for them."""
    seen = rights.demand_sight(caller, found, filer=filer)
    assert found is not None
    if seen == rights.MASKED:
        return masked_json(found)
    if seen == rights.PART:
        return part_json(caller, found)
    if seen == rights.OPEN and rights.keeps_order(caller, found):
        return desk_json(found, accounts=rights.may_audit(caller, found))
    return SHOWN[seen](opened_for(caller, found, seen))


SHOWN = {rights.OPEN: issue_json, rights.OWN: own_issue_json, rights.CASE: case_json}


def part_json(caller: Caller, found: Row) -> Row:
    """As an agency reads it that has a part in it: its own tasks, one by one."""
    own = [task["id"] for task in rights.tasks_of(found, caller.subject)]
    whole = opened_for(caller, found, f"part:{','.join(own)}")
    return {"id": found["_id"], "confidential": True, "version": found["version"],
            "tasks": [part_task_json(whole, task) for task in whole["tasks"] if task["id"] in own]}


def show_task(agency: Caller, found: Row | None, task_id: str) -> Row:
    """One task of an agency, whole; of a confidential one that it has given back, no word. Raises NotFound for another's."""
    task = next((task for task in (found or {"tasks": ()})["tasks"]
                 if task["id"] == task_id and task["agency"] == agency.subject), None)
    if found is None or task is None:
        raise not_found()
    if not found["confidential"]:
        return agency_task_json(found, task)
    if task["state"] in rights.GIVEN_BACK:
        return listed_task_json(found, task)
    whole = opened_for(agency, found, f"part:{task_id}")
    return part_task_json(whole, next(each for each in whole["tasks"] if each["id"] == task_id))


def assessments(caller: Caller, found: Row | None) -> Row:
    """Every assessment of a case, the newest first. Raises NotFound where it is no case of theirs."""
    seen = rights.demand_sight(caller, found, rights.CASE)
    assert found is not None
    whole = opened_for(caller, found, f"{seen}:assessments")
    return {"items": [assessment_json(each) for each in reversed(whole.get("assessments") or ())]}
