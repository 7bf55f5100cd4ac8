"""Cursors of lists: opaque to whoever holds one; inside, the key of the last item of a page."""
import base64
from collections.abc import Callable
from typing import Any

from chassis.store import answering
from chassis.validation import limit_of
from contracts.errors import Malformed


def cursor_of(*key: str) -> str:
    return base64.urlsafe_b64encode("\n".join(key).encode()).decode().rstrip("=")


def key_of(cursor: str, parts: int = 1) -> list[str]:
    """The key in a cursor. Raises Malformed for one that is not ours."""
    try:
        key = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split("\n")
    except ValueError as error:
        raise bad_cursor() from error
    if len(key) != parts:
        raise bad_cursor()
    return key


def bad_cursor() -> Malformed:
    return Malformed("bad_cursor", "این نشانگر صفحه از ما نیست. از صفحهٔ نخست آغاز کنید.",
                     "This cursor is not one of ours. Start from the first page.")


def newest_first(collection: Any, wanted: dict[str, Any], query: dict[str, str],
                 show: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    """A page of the documents that are `wanted`, by an `_id` that begins with the time; `limit` and `cursor` of the query.

    Raises Malformed, Unavailable.
    """
    limit = limit_of(query)
    if "cursor" in query:
        [before] = key_of(query["cursor"])
        wanted = wanted | {"_id": {"$lt": before}}
    with answering():
        found = list(collection.find(wanted).sort("_id", -1).limit(limit + 1))
    more = cursor_of(found[limit - 1]["_id"]) if len(found) > limit else None
    return {"items": [show(each) for each in found[:limit]], "next_cursor": more}
