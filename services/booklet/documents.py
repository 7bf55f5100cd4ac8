"""Documents of `booklet`: rows that events made, each a pure function of the newest snapshot it came from.

Both collections may be dropped at any time: the producers tell their state again and the same rows come back.
"""
from typing import Any

import mongoengine as me

from contracts.issues import IssueSnapshot, TaskSnapshot
from services.booklet import counting
from services.booklet.days import month_at


class IssueRow(me.Document):
    """One issue as it was last told. Of a confidential one only id, version and that it is confidential.

    `adds` is what it adds to its lines, one text for all plain sums (`filed=1 open=1`) and one for each duration's bucket
    (`finish.working:203`): whatever is asked, MongoDB has to count texts and nothing else. `late_from`: see `counting`.
    `area` is `place` in one text, `month` the local Jalali month of filing. Each task has its own `adds` and `late_from`
    for the line of its agency. Times are UTC.
    """

    id = me.StringField(primary_key=True)
    confidential = me.BooleanField()
    filed_at = me.DateTimeField()
    category = me.StringField()
    place = me.ListField(me.StringField())
    tasks = me.ListField(me.DictField())
    meta = {"db_alias": "booklet", "collection": "issues", "auto_create_index": False, "strict": False, "indexes": [
        {"fields": ["confidential"], "partialFilterExpression": {"confidential": True}},
        {"fields": ["filed_at"]},
        {"fields": ["place", "filed_at"]},
        {"fields": ["category", "filed_at"]},
        {"fields": ["tasks.agency", "filed_at"]},
    ]}


class Named(me.Document):
    """What a code is called, and what lies above it: `<register>:<code>`, newest version of each."""

    id = me.StringField(primary_key=True)
    register = me.StringField()
    kind = me.StringField()
    parent = me.StringField()
    meta = {"db_alias": "booklet", "collection": "names", "auto_create_index": False, "strict": False, "indexes": [
        {"fields": ["register", "kind"]},
        {"fields": ["register", "parent"]},
    ]}


DOCUMENTS = [IssueRow, Named]
OUTBOXES: list[Any] = []  # it tells nobody anything

KEPT = ("status", "category", "filed_at")


def row_of(issue: IssueSnapshot) -> dict[str, Any]:
    """The row, whole: it replaces, and so forgets, whatever an older one knew."""
    known = {"_id": issue.id, "version": issue.version, "confidential": issue.confidential}
    if issue.confidential or issue.filed_at is None:
        return known
    return known | {name: getattr(issue, name) for name in KEPT} | {
        "place": list(issue.place), "area": "/".join(issue.place), "month": month_at(issue.filed_at),
        "adds": [_sums(counting.counts_of_issue(issue)), *counting.durations_of_issue(issue)],
        "late_from": counting.issue_late_from(issue), "unoffered": not issue.tasks,
        "tasks": [_task(issue, task) for task in issue.tasks]}


def _task(issue: IssueSnapshot, task: TaskSnapshot) -> dict[str, Any]:
    return {"agency": task.agency, "state": task.state, "late_from": counting.late_from(task),
            "adds": [_sums(counting.counts_of_task(issue, task)), *counting.durations_of_task(issue, task)]}


def _sums(counts: dict[str, int]) -> str:
    return " ".join(f"{name}={count}" for name, count in counts.items())
