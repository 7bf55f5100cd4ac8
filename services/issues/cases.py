"""Reading confidential issues: whoever is shown what was said in one is remembered first, and then it is opened.

`show` and `show_task` are the ways out of an issue's document. The record of a read is written before the answer is made,
with the majority and the journal, as every write is: no record, no answer. It holds who, when, which issue and which part
of it, and no word of it. Reads are kept as long as the issues are.
"""
import secrets
from datetime import datetime
from typing import Any

from chassis.caller import Caller, demand
from chassis.clock import now
from chassis.paging import cursor_of, key_of
from chassis.store import answering
from chassis.validation import limit_of
from contracts.errors import Malformed, not_found
from contracts.schema import instant
from services.issues import rights
from services.issues.confidential import revealed, revealed_moves
from services.issues.disclosed import assessment_json, case_json, part_task_json
from services.issues.documents import CaseRead
from services.issues.schemas import (
    agency_task_json,
    desk_json,
    issue_json,
    listed_task_json,
    masked_json,
    own_issue_json,
)

Row = dict[str, Any]


def note_read(issue: str, by: str, part: str) -> None:
    """Remembers that somebody is about to be shown a part of a confidential issue. Raises Unavailable."""
    at = now()
    with answering():
        CaseRead._get_collection().insert_one({
            "_id": f"{at:%Y-%m-%dT%H:%M:%S.%f}-{secrets.token_hex(6)}", "issue": issue, "by": by, "part": part, "at": at})


def opened_for(caller: Caller, found: Row, part: str) -> Row:
    """A confidential issue with what was said in it, once it is remembered for whom. Any other as it is."""
    if not found["confidential"]:
        return found
    note_read(found["_id"], "filer" if part == rights.OWN else caller.id, part)
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
        return desk_json(found)
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


def reads(caller: Caller, query: dict[str, str], found: Row | None) -> Row:
    """Who was shown what, newest first, of the issue `found` that was asked about. `by` (of operators), `limit`, `cursor`.

    A case worker asks about one issue of theirs. Raises NotFound where that is none, Malformed where none is named.
    """
    demand(caller, "case_worker", "operator")
    if caller.role == "case_worker":
        _demand_own_case(caller, query, found)
    wanted: Row = {"issue": found["_id"] if found else ""} if query.get("issue") else {}
    if query.get("by") and caller.role == "operator":
        wanted["by"] = query["by"]
    return _page(wanted, query)


def _demand_own_case(caller: Caller, query: dict[str, str], found: Row | None) -> None:
    if not query.get("issue"):
        raise Malformed("issue_needed", "شناسهٔ مسئله را در issue بنویسید.", "Name the issue: ?issue=<id>.")
    if found is None or not found["confidential"]:
        raise not_found()
    rights.demand_sight(caller, found, rights.CASE)


def _page(wanted: Row, query: dict[str, str]) -> Row:
    limit = limit_of(query)
    if "cursor" in query:
        [before] = key_of(query["cursor"])
        wanted["_id"] = {"$lt": before}
    with answering():
        found = list(CaseRead._get_collection().find(wanted).sort("_id", -1).limit(limit + 1))
    more = cursor_of(found[limit - 1]["_id"]) if len(found) > limit else None
    return {"items": [_read_json(each) for each in found[:limit]], "next_cursor": more}


def _read_json(read: Row) -> Row:
    at: datetime = read["at"]
    return {"issue": read["issue"], "by": read["by"], "part": read["part"], "at": instant(at)}
