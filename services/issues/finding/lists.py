"""The lists as they are answered: of issues, of an agency's tasks, of work."""
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chassis.caller import Caller, demand_over, not_allowed
from chassis.clock import now
from chassis.store import answering
from chassis.validation import limit_of
from contracts.errors import NotAllowed, Unauthenticated, not_found
from services.issues import rights
from services.issues.atlas import Atlas
from services.issues.cases import showing
from services.issues.documents import DUE, SHELVES, IssueDocument
from services.issues.finding.filters import (
    ABOUT,
    BESIDES,
    Condition,
    Query,
    asked_of,
    due_span,
    is_overdue,
    place_in,
    several,
    sort_of,
    wanted,
)
from services.issues.finding.nearest import nearest
from services.issues.finding.pages import Document, page
from services.issues.finding.search import ORDERS, Order, Search, Way, search
from services.issues.finding.shelves import EVERYWHERE, agency_area, hidden, of_filer, shelf, task_shelf
from services.issues.finding.worklists import WORK_LISTS, Worker, own_due
from services.issues.life.moves import OPEN, SECRETARY, STATUSES, TASK_STATES
from services.issues.neighbours.duplicates import without_hidden_originals
from services.issues.routing import Map
from services.issues.schemas import issue_json, listed_task_json, masked_json

TASK_FILTERS = ("state",)
TASK_SORTS: dict[str, tuple[str, ...]] = {"newest": (), "oldest": (), "due": BESIDES["due"]}
Json = dict[str, Any]


def listed(query: Query, caller: Caller, atlas: Atlas) -> Json:
    """Issues that anybody may see; to a secretary, who must route them, the confidential ones of their place too, without a
    word; or (`mine`) those that a resident filed who has signed in.

    `asked` says what may be asked. Raises Malformed.
    """
    masked = rights.listed_to(caller, any(query.get(name) for name in ABOUT))
    known = atlas.current() if query.get("category") or masked else Map()  # what lies below what; nothing else hangs on it
    asked, limit = asked_of("issues", query), limit_of(dict(query))
    if sort_of(query) == "nearest":
        found, following = nearest(query, wanted(query, known), asked, limit)
    else:
        mine = of_account(caller) if "mine" in query else []
        found, following = page(search(query, known, masked, now(), mine), asked, query.get("cursor"), limit)
    return {"items": [shown(issue) for issue in without_hidden_originals(found)], "next_cursor": following}


def of_account(caller: Caller) -> list[str]:
    """Where a resident who has signed in finds what they filed. Raises Unauthenticated, NotAllowed for anybody else."""
    if rights.has_account(caller):
        return of_filer(caller.id)
    if caller.role == "public":
        raise Unauthenticated("sign_in_needed", "برای دیدن مسئله‌های خودتان وارد شوید.", "Sign in to see your own issues.")
    raise NotAllowed("no_account", "mine برای ساکنی است که خودش وارد شده است، نه برای کلید یک برنامه یا سمت.",
                     "mine is for a resident who has signed in, not for a program's key or an office.")


def shown(issue: Document) -> Json:
    """An issue in a list, with how far away it is where that was asked."""
    found = masked_json(issue) if issue["confidential"] else issue_json(issue)
    return found | ({"metres": round(issue["metres"])} if "metres" in issue else {})


def work_list(name: str, query: Query, caller: Caller, atlas: Atlas) -> Json:
    """One of `WORK_LISTS` for whoever asks, each item with why it waits. Raises NotFound, NotAllowed, Malformed."""
    if name not in WORK_LISTS:
        raise not_found()
    asks = WORK_LISTS[name].asks
    if caller.role not in asks:
        raise not_allowed()
    area = area_of(caller, place_in(query, "territory"), atlas)
    found, following = page(asks[caller.role](Worker(caller.role, caller.subject, area, now())),
                            asked_of(f"{name}|{caller.id}", query), query.get("cursor"), limit_of(dict(query)))
    return {"items": [item for issue in without_hidden_originals(found) for item in work(issue, caller)],
            "next_cursor": following}


def area_of(caller: Caller, territory: str, atlas: Atlas) -> str:
    """The area that a caller works in: a secretary's may be any in their place. Raises NotAllowed."""
    if caller.role != SECRETARY or not territory:
        return caller.subject or EVERYWHERE
    demand_over(caller, "issues:worklists", atlas.current().territory.get(territory, {}).get("path", ()))
    return territory


def work(issue: Document, caller: Caller) -> list[Json]:
    """What there is to do in an issue for this caller: for an agency its open tasks, else the issue."""
    if caller.role == "agency":
        return [listed_task_json(issue, task) | {"waits": why(issue, caller.subject)} for task in issue["tasks"]
                if task["agency"] == caller.subject and task["state"] in OPEN]
    return [shown(issue) | {"waits": why(issue, "")}]


def why(issue: Document, who: str) -> list[str]:
    return [each["why"] for each in issue.get("waits", ()) if each["who"] == who]


def work_lists(caller: Caller) -> Json:
    """Those that this caller has."""
    return {"items": [{"name": name, "title": {"fa": each.fa, "en": each.en}, "links": {"self": f"/v1/worklists/{name}"}}
                      for name, each in WORK_LISTS.items() if caller.role in each.asks]}


def tasks_of(agency: str, query: Query) -> Json:
    """An agency's own tasks: by `state` (several), newest or oldest issue first; or by deadline, those that are open.

    Raises Malformed.
    """
    at, states = now(), several(query, "state", TASK_STATES)
    order = ORDERS[sort_of(query, TASK_FILTERS, TASK_SORTS)]
    if order.index == DUE:
        states = [state for state in states or OPEN if state in OPEN]
    late = at if is_overdue(query) else None
    asked = tasks_search(order, agency, states, late, due_span(query, at))
    found, following = page(asked, asked_of(f"tasks|{agency}", query), query.get("cursor"), limit_of(dict(query)))
    items = [listed_task_json(issue, task) for issue in without_hidden_originals(found)
             for task in issue["tasks"] if task["agency"] == agency and (not states or task["state"] in states)
             and (late is None or task["due"] < late)]
    return {"items": items, "next_cursor": following}


def tasks_search(order: Order, agency: str, states: Sequence[str], late: datetime | None, span: Condition) -> Search:
    """How a list of an agency's tasks is served."""
    if order.index == DUE:
        return own_due(order, agency, states, late, span)
    tokens = [task_shelf(agency, state) for state in states] or [shelf(agency_area(agency))]
    return Search(order, {}, [Way(order.index, {"shelves": {"$in": [*tokens, *map(hidden, tokens)]}}, {})])


def cases_of(caller: Caller, query: Query) -> Json:
    """The confidential issues of a case worker's place, the newest first, masked; `status` (several). Raises Malformed."""
    statuses = several(query, "status", STATUSES) or [""]
    tokens = [shelf(hidden(caller.subject), status=status) for status in statuses]
    found, following = page(Search(ORDERS["newest"], {}, [Way(SHELVES, {"shelves": {"$in": tokens}}, {})]),
                            asked_of(f"cases|{caller.id}", query), query.get("cursor"), limit_of(dict(query)))
    return {"items": [masked_json(issue) for issue in found], "next_cursor": following}


def task_of(agency: Caller, task_id: str) -> Json:
    """One task of an agency, whole; of a confidential one that it has given back, no word more. Another's is NotFound."""
    with answering():
        found = IssueDocument._get_collection().find_one({"tasks.id": task_id}, {"outbox": 0})
    return showing.show_task(agency, without_hidden_originals([found])[0] if found else None, task_id)
