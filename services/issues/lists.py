"""Lists and work lists: newest first, by cursor, each served by an index that its filter leads."""
from datetime import UTC, datetime
from typing import Any

from pymongo import DESCENDING

from chassis import paging
from chassis.store import answering
from chassis.text import words
from chassis.validation import limit_of
from contracts.errors import Malformed, not_found
from services.issues.documents import IssueDocument
from services.issues.moves import STATUSES, TASK_STATES
from services.issues.schemas import LISTED, agency_task_json, issue_json, listed_task_json, masked_json

FILTERS = {"status": "status", "neighbourhood": "neighbourhood", "category": "category", "agency": "tasks.agency"}
ORDER = [("filed_at", DESCENDING), ("_id", DESCENDING)]
GIVEN_BACK = ("refused", "referred", "cancelled")
EPOCH = datetime.fromtimestamp(0, UTC)


def cursor_of(found: dict[str, Any]) -> str:
    milliseconds = round((found["filed_at"] - EPOCH).total_seconds() * 1000)
    return paging.cursor_of(str(milliseconds), found["_id"])


def after(cursor: str | None) -> dict[str, Any]:
    """The part of a query that begins after a cursor. Raises Malformed for one that is not ours."""
    if not cursor:
        return {}
    milliseconds, key = paging.key_of(cursor, 2)
    try:
        at = datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise paging.bad_cursor() from error
    return {"filed_at": {"$lte": at}, "$or": [{"filed_at": {"$lt": at}}, {"_id": {"$lt": key}}]}


def _page(query: dict[str, Any], limit: int) -> tuple[list[dict[str, Any]], str | None]:
    with answering():
        found = list(IssueDocument._get_collection().find(query, LISTED).sort(ORDER).limit(limit + 1))
    return found[:limit], cursor_of(found[limit - 1]) if len(found) > limit else None


def listed(query: dict[str, str], secretary: bool) -> dict[str, Any]:
    """Issues that anybody may see; to a secretary, who must route them, the confidential ones too, without a word.

    Filters: status neighbourhood category agency q; `limit`, `cursor`.
    """
    if query.get("status", "filed") not in STATUSES:
        raise Malformed("bad_status", f"وضعیت یکی از این‌هاست: {'، '.join(STATUSES)}",
                        f"status is one of {', '.join(STATUSES)}.")
    wanted: dict[str, Any] = {field: query[name] for name, field in FILTERS.items() if query.get(name)}
    if query.get("q"):
        wanted["found_by"] = {"$all": words(query["q"]) or [""]}
    wanted |= ({} if secretary else {"confidential": False}) | after(query.get("cursor"))
    found, following = _page(wanted, limit_of(query))
    return {"items": [masked_json(issue) if issue["confidential"] else issue_json(issue) for issue in found],
            "next_cursor": following}


def tasks_of(agency: str, query: dict[str, str]) -> dict[str, Any]:
    """An agency's own tasks, newest issue first; `state`, `limit`, `cursor`."""
    state = query.get("state")
    if state and state not in TASK_STATES:
        raise Malformed("bad_state", f"وضعیت کار یکی از این‌هاست: {'، '.join(TASK_STATES)}",
                        f"state is one of {', '.join(TASK_STATES)}.")
    own = {"agency": agency, **({"state": state} if state else {})}
    found, following = _page({"tasks.agency": agency, "tasks": {"$elemMatch": own}} | after(query.get("cursor")),
                             limit_of(query))
    items = [listed_task_json(issue, task) for issue in found for task in issue["tasks"]
             if task["agency"] == agency and state in (None, task["state"])]
    return {"items": items, "next_cursor": following}


def task_of(agency: str, task_id: str) -> dict[str, Any]:
    """One task of an agency, whole; of a confidential one that it has given back, no word more. Another's is NotFound."""
    with answering():
        found = IssueDocument._get_collection().find_one({"tasks.id": task_id}, {"outbox": 0})
    for task in (found or {"tasks": []})["tasks"]:
        if task["id"] == task_id and task["agency"] == agency:
            show = listed_task_json if task["state"] in GIVEN_BACK else agency_task_json
            return show(found or {}, task)
    raise not_found()
