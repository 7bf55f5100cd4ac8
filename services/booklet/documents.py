"""Documents of `booklet`: rows that events made, each a pure function of the newest snapshot it came from.

Both collections may be dropped at any time: the producers tell their state again and the same rows come back.
"""
from typing import Any

import mongoengine as me

from contracts.issues import IssueSnapshot, TaskSnapshot


class IssueRow(me.Document):
    """One issue as it was last told. Of a confidential one only id, version and that it is confidential.

    `due` is the last deadline among its tasks, None before it was offered to anybody; `finished_at` is when the last
    task was done, None while there is work to do. Times are UTC.
    """

    id = me.StringField(primary_key=True)
    confidential = me.BooleanField()
    meta = {"db_alias": "booklet", "collection": "issues", "auto_create_index": False, "strict": False, "indexes": [
        {"fields": ["confidential"], "partialFilterExpression": {"confidential": True}},
    ]}


class Named(me.Document):
    """What a code is called: `<register>:<code>`, newest version of each; of a category also its `finish_hours`."""

    id = me.StringField(primary_key=True)
    register = me.StringField()
    meta = {"db_alias": "booklet", "collection": "names", "auto_create_index": False, "strict": False,
            "indexes": [{"fields": ["register"]}]}


DOCUMENTS = [IssueRow, Named]
OUTBOXES: list[Any] = []  # it tells nobody anything

KEPT = ("tracking_code", "status", "category", "neighbourhood", "filed_at", "updated_at", "times_not_fixed",
        "satisfaction", "closed_at", "closed_by")
FINISHED = ("done", "closed")  # statuses of an issue whose work is done


def row_of(issue: IssueSnapshot) -> dict[str, Any]:
    """The row, whole: it replaces, and so forgets, whatever an older one knew."""
    known = {"_id": issue.id, "version": issue.version, "confidential": issue.confidential}
    if issue.confidential:
        return known
    return known | {name: getattr(issue, name) for name in KEPT} | {
        "place": list(issue.place), "tasks": [dict(vars(task)) for task in issue.tasks],
        "due": max((task.due for task in issue.tasks), default=None),
        "finished_at": last_done(issue.tasks) if issue.status in FINISHED else None}


def last_done(tasks: tuple[TaskSnapshot, ...]) -> Any:
    return max((task.done_at for task in tasks if task.done_at), default=None)
