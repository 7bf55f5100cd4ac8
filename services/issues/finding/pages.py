"""Pages of a list: read through the index of its order, from where a cursor says, in a bounded time.

Where something is left to be compared beside the index, a page looks at LOOKED documents at a time, for SECONDS at most.
So a page may be shorter than asked for, even empty, while `next_cursor` says that there is more to look through.
"""
import time
from datetime import datetime, timedelta
from typing import Any

from chassis import paging
from chassis.store import answering
from contracts.errors import Malformed
from services.issues.documents import EPOCH, IssueDocument
from services.issues.finding.filters import Condition
from services.issues.finding.search import Order, Search, Way
from services.issues.schemas import LISTED

LOOKED = 250
SECONDS = 0.02
COMPARED = 6  # ways, at most
Document = dict[str, Any]
Key = tuple[datetime, str]  # what it is ordered by, and the tracking code
SHOWN = LISTED | {"due_at": 1, "waits": 1}


def page(search: Search, asked: str, cursor: str | None, limit: int) -> tuple[list[Document], str | None]:
    """The issues of a page and the cursor of the next one. `asked` marks the list. Raises Malformed, Unavailable."""
    with answering():
        found, key = _look(search, key_of(cursor, asked), limit)
    return found, cursor_of(asked, key) if key else None


def _look(search: Search, after: Key | None, limit: int) -> tuple[list[Document], Key | None]:
    (way, seen_until), found = narrowest(search, after), list[Document]()
    until = time.monotonic() + SECONDS
    while True:
        found += IssueDocument._get_collection().aggregate(
            pipeline(search, way, after, limit + 1 - len(found)), hint=way.index)
        if len(found) > limit:
            last = found[limit - 1]
            return found[:limit], (last[search.order.field], last["tracking_code"])
        after = seen_until
        if after is None or time.monotonic() > until:
            return found, after
        seen_until = end_of_look(search, way, after)


def narrowest(search: Search, after: Key | None) -> tuple[Way, Key | None]:
    """The way on which a look reaches furthest, and how far it does; None: it sees all that there are."""
    whole = [way for way in search.ways if not way.left]
    if whole:
        return whole[0], None
    direction = search.order.direction
    looks = [(way, end_of_look(search, way, after)) for way in search.ways[:COMPARED]]
    return max(looks, key=lambda look: (look[1] is None, look[1] and (look[1][0] - EPOCH) * direction))


def pipeline(search: Search, way: Way, after: Key | None, limit: int) -> list[dict[str, Any]]:
    rest: list[dict[str, Any]] = [{"$limit": LOOKED}, {"$match": way.left}] if way.left else []
    return [{"$match": begin(search, way, after)}, {"$sort": sorting(search.order)}, *rest, {"$limit": limit},
            {"$project": SHOWN}]


def end_of_look(search: Search, way: Way, after: Key | None) -> Key | None:
    """The key of the last one that a look sees; None where it sees all that there are. Read from the index alone."""
    found = list(IssueDocument._get_collection().find(
        begin(search, way, after), {"_id": 0, search.order.field: 1, "tracking_code": 1}).hint(way.index).sort(
        list(sorting(search.order).items())).skip(LOOKED - 1).limit(1))
    return (found[0][search.order.field], found[0]["tracking_code"]) if found else None


def begin(search: Search, way: Way, after: Key | None) -> Condition:
    """What is equal, and the span of the order from the cursor on."""
    order = search.order
    found: Condition = {**way.equal, order.field: {"$gt": EPOCH} | search.span}
    if after:
        at, code = after
        onward, or_equal = ("$gt", "$gte") if order.direction > 0 else ("$lt", "$lte")
        found["$and"] = [{order.field: {or_equal: at}}, {"$or": [
            {order.field: {onward: at}}, {"tracking_code": {"$gt" if order.ties > 0 else "$lt": code}}]}]
    return found


def sorting(order: Order) -> dict[str, int]:
    return {order.field: order.direction, "tracking_code": order.ties}


def cursor_of(asked: str, key: Key) -> str:
    return paging.cursor_of(asked, str((key[0] - EPOCH) // timedelta(milliseconds=1)), key[1])


def key_of(cursor: str | None, asked: str) -> Key | None:
    """Where a page begins. Raises Malformed for a cursor that is not ours, or of another list."""
    if not cursor:
        return None
    mark, milliseconds, code = paging.key_of(cursor, 3)
    demand_same_list(mark, asked)
    try:
        return EPOCH + timedelta(milliseconds=int(milliseconds)), code
    except (ValueError, OverflowError) as error:
        raise paging.bad_cursor() from error


def demand_same_list(mark: str, asked: str) -> None:
    """Raises Malformed for the mark of another list, filter or sort."""
    if mark != asked:
        raise Malformed("cursor_of_another_list", "این نشانگر صفحه از فهرست یا ترتیب دیگری است. از صفحهٔ نخست آغاز کنید.",
                        "This cursor belongs to another list, filter or sort. Start from the first page.")
