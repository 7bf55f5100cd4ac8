"""What has become of issues, as anybody may read it: each change of an issue's status, in the order in which issues changed.

An issue's changes are numbered by their place in its timeline, to which is only ever added, so that a number stays. Of
confidential issues there is none.
"""
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from chassis.store import answering
from chassis.validation import limit_of
from contracts.errors import Malformed
from contracts.schema import instant
from services.issues.codes import spoken
from services.issues.documents import UPDATED, IssueDocument
from services.issues.finding.filters import Query, asked_of, place_in, span
from services.issues.finding.pages import begin, cursor_of, key_of, sorting
from services.issues.finding.search import Order, Search, Way
from services.issues.finding.shelves import EVERYWHERE

CHANGED = Order("updated_at", 1, -1, UPDATED)
SHOWN = dict.fromkeys(("tracking_code", "updated_at", "timeline", "tasks.id", "tasks.text"), 1)
Row = dict[str, Any]


def updates(query: Query) -> Row:
    """The changes from `changed_from` (required) until before `changed_to`, of up to `limit` issues. Raises Malformed.

    While somebody reads page by page, an issue that changes again may come again; none is left out.
    """
    found = span(query, "changed")
    if "$gte" not in found:
        raise Malformed("bad_changed_from", "changed_from را بنویسید؛ مانند 2026-03-21T11:30:00+03:30",
                        "Give changed_from, such as 2026-03-21T11:30:00+03:30.")
    asked, limit = asked_of("updates", query), limit_of(dict(query))
    search = searching(place_in(query, "territory") or EVERYWHERE, found["$gte"])
    issues = _issues(search, key_of(query.get("cursor"), asked), limit)
    following = cursor_of(asked, _key(issues[limit - 1])) if len(issues) > limit else None
    changes = [each for issue in issues[:limit] for each in _changes(issue, found["$gte"], found.get("$lt"))]
    return {"items": changes, "next_cursor": following}


def searching(area: str, since: datetime) -> Search:
    return Search(CHANGED, {"$gte": since}, [Way(UPDATED, {"areas": area, "confidential": False}, {})])


def _issues(search: Search, after: tuple[datetime, str] | None, limit: int) -> list[Row]:
    with answering():
        return list(IssueDocument._get_collection().find(begin(search, search.ways[0], after), SHOWN).hint(UPDATED)
                    .sort(list(sorting(CHANGED).items())).limit(limit + 1))


def _key(issue: Row) -> tuple[datetime, str]:
    return issue["updated_at"], issue["tracking_code"]


def _changes(issue: Row, since: datetime, until: datetime | None) -> Iterator[Row]:
    """`text`: what its agency said when it finished, with the last time that it did."""
    said, before = _last_words(issue), ""
    for number, moved in enumerate(issue["timeline"]):
        changed, before = moved["status"] != before, moved["status"]
        if (changed or number in said) and since <= moved["at"] and (until is None or moved["at"] < until):
            yield {"tracking_code": spoken(issue["tracking_code"]), "number": number, "at": instant(moved["at"]),
                   "status": moved["status"], "text": said.get(number)}


def _last_words(issue: Row) -> dict[int, str]:
    last = {moved["task"]: number for number, moved in enumerate(issue["timeline"]) if moved["action"] == "finish"}
    return {last[task["id"]]: task["text"] for task in issue["tasks"] if task.get("text") and task["id"] in last}
