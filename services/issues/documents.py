"""Documents of `issues`, their indexes, the mapping to the model, and the snapshots that the relay adds."""
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import mongoengine as me

from chassis.logs import TRACE
from chassis.outbox import Outbox
from chassis.store import Store, Stored
from chassis.text import tidy, words
from contracts import envelope
from contracts.agencies import TaskBrief
from contracts.issues import IssueSnapshot
from contracts.schema import instant
from services.issues.cases.confidential import as_told, as_told_beside, concealed_moves, revealed, stored
from services.issues.cases.reads import CaseRead
from services.issues.codes import spoken
from services.issues.finding.shelves import derived
from services.issues.model import Issue, Recorded, Task
from services.issues.routing import has_queue

EPOCH = datetime.fromtimestamp(0, UTC)
SHELVES, WORDS, DUE, UPDATED = "shelves", "words", "due", "updated"  # indexes of `finding`
CODES = "tracking_code_1"  # as mongo names it
SEALED = ("key", "timeline.key", "beside")  # fields that `confidential` adds
NEAREST, NEARBY, FOLLOWING = "nearest", "nearby", "following"  # indexes of `similar` and `following`


class IssueDocument(Stored):
    """One issue: state, version, timeline and outbox. `shown` holds its words tidied, `found_by` folded.

    `shelves`, `areas` and `due_at` are those of `shelves.derived`, made anew at every write.
    """

    id = me.StringField(primary_key=True)
    tracking_code = me.StringField()
    status = me.StringField()
    neighbourhood = me.StringField()
    category = me.StringField()
    filed_at = me.DateTimeField()
    tasks = me.ListField(me.DictField())
    found_by = me.ListField(me.StringField())
    shelves = me.ListField(me.StringField())
    areas = me.ListField(me.StringField())
    due_at = me.DateTimeField()
    updated_at = me.DateTimeField()
    point = me.DictField()
    duplicate_of = me.StringField()
    next_due_at = me.DateTimeField()
    reckoned_by = me.ListField(me.StringField())
    key = me.StringField()
    beside = me.DateTimeField()
    timeline = me.ListField(me.DictField())
    meta = {"db_alias": "issues", "collection": "issues", "indexes": [
        {"fields": ["tracking_code"], "unique": True}, {"fields": ["tasks.id"], "sparse": True},
        {"fields": ["shelves", "-filed_at", "tracking_code"], "name": SHELVES},
        {"fields": ["found_by", "-filed_at", "tracking_code"], "name": WORDS},
        {"fields": ["areas", "due_at", "tracking_code"], "name": DUE, "partialFilterExpression": {"due_at": {"$gt": EPOCH}}},
        {"fields": ["areas", "-updated_at", "tracking_code"], "name": UPDATED},
        {"fields": ["(point", "category", "-filed_at"], "name": NEAREST},  # "(" makes it 2dsphere
        {"fields": ["neighbourhood", "category", "-filed_at"], "name": NEARBY},
        {"fields": ["next_due_at"], "partialFilterExpression": {"next_due_at": {"$gt": EPOCH}}},
        {"fields": ["reckoned_by"]},
        *({"fields": [name], "sparse": True} for name in SEALED),
        {"fields": ["duplicate_of", "id"], "partialFilterExpression": {"duplicate_of": {"$gt": ""}}},
    ]}


class StrayAnswer(Stored):
    """An agency's answer to a task that is not there or not its own: kept for a month, so that it is told why, once."""

    id = me.StringField(primary_key=True)
    at = me.DateTimeField()
    meta = {"db_alias": "issues", "collection": "stray_answers",
            "indexes": [{"fields": ["at"], "expireAfterSeconds": 30 * 24 * 3600}]}


class Follower(me.Document):
    """One who says "me too" of an issue: `<issue>` and a name made of the caller and its key, so that each counts once.

    `contact` is theirs, given to nobody but who must tell them something; `left`: they follow no more; `by`: a resident who
    had signed in, until their account is erased.
    """

    id = me.StringField(primary_key=True)
    issue = me.StringField()
    secret_hash = me.StringField()
    by = me.StringField()
    left = me.BooleanField()
    reachable = me.BooleanField()
    meta = {"db_alias": "issues", "collection": "followers", "auto_create_index": False, "strict": False,
            "indexes": [{"fields": ["issue", "left", "reachable", "id"], "name": FOLLOWING},
                        {"fields": ["secret_hash"]}, {"fields": ["by"], "sparse": True}]}


class Message(Stored):
    """What somebody wrote on an issue, the `number`-th there: to everybody (`public`) or to the parties."""

    id = me.StringField(primary_key=True)
    issue = me.StringField()
    number = me.IntField()
    key = me.StringField()
    meta = {"db_alias": "issues", "collection": "messages", "indexes": [
        {"fields": ["issue", "number"], "unique": True}, {"fields": ["key"], "sparse": True}]}


class Reference(me.Document):
    """What the registry told: `<register>:<code>`, newest version of each. And `revision`, counted up at every change."""

    id = me.StringField(primary_key=True)
    meta = {"db_alias": "issues", "collection": "reference", "auto_create_index": False, "strict": False}


class Boundary(me.Document):
    """The polygon of a place, for finding where a point lies."""

    id = me.StringField(primary_key=True)
    polygon = me.PolygonField(auto_index=False)
    meta = {"db_alias": "issues", "collection": "boundaries", "auto_create_index": False, "strict": False,
            "indexes": [{"fields": [("polygon", "2dsphere")], "sparse": True}]}


APART = ("id", "version", "tasks", "trace", "around", "recorded", "moved", "past")  # kept otherwise, or not at all
TOLD = ("priority", "times_referred", "times_reopened", "joined", "duplicate_of", "checked_by")
STATE = [f.name for f in fields(Issue) if f.name not in APART]
TASK = {f.name for f in fields(Task)}


class IssueMapping:
    """Between the model and its document. Fields that an older or newer version wrote are left alone."""

    def state(self, issue: Issue) -> dict[str, Any]:
        return stored(issue, {name: getattr(issue, name) for name in STATE} | {
            "tasks": [dict(vars(task)) for task in issue.tasks], "status": issue.status,
            **looked_at(issue),
            "shown": {"title": tidy(issue.title) if issue.title else None, "text": tidy(issue.text)},
            "found_by": [] if issue.confidential else words(issue.title or "", issue.text), **derived(issue)})

    def aggregate(self, document: dict[str, Any]) -> Issue:
        past = None if document.get("sealed") else document["timeline"]
        document = revealed(document)
        tasks = [Task(**{k: v for k, v in task.items() if k in TASK}) for task in document["tasks"]]
        state = {name: document[name] for name in STATE if name in document}
        if document["status"] == "filed":
            state.setdefault("unrouted_at", document["filed_at"])  # an older version did not write it
        return Issue(id=document["_id"], version=document["version"], tasks=tasks, past=past, **state)

    def news(self, issue: Issue, version: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        trace = issue.trace or TRACE.get()
        moved = concealed_moves(issue.moved) if issue.confidential else issue.moved
        return moved, [entry_of(recorded, issue.id, version, position, issue.updated_at, trace)
                       for position, recorded in enumerate(issue.recorded)]


def looked_at(issue: Issue) -> dict[str, Any]:
    """When the sweeper must look at it (None: never), and by what that was reckoned.

    `reckoned_by`: `<register>:<code>@<version>` of the category and of the calendars of what is open.
    """
    due, calendar = issue.next_due_at, issue.around.calendar
    if issue.ending:
        return {"next_due_at": None, "reckoned_by": []}
    calendars = {f"calendar:{task.calendar}@{task.calendar_version}" for task in issue.open_tasks if task.calendar}
    if calendar and (issue.open_tasks or issue.unrouted_at):
        calendars.add(f"calendar:{calendar.code}@{calendar.version}")
    category = [f"category:{issue.category}@{issue.category_version}"] if issue.category_version else []
    return {"next_due_at": due, "reckoned_by": [*category, *sorted(calendars)]}


def entry_of(recorded: Recorded, issue_id: str, version: int, position: int, at: datetime,
             trace: str | None = None) -> dict[str, Any]:
    """An outbox entry; its id depends only on issue, version and position, so that a tried-again write repeats it."""
    way = {"exchange": "agencies.tasks", "key": recorded.agency} if recorded.agency else {}
    return envelope.entry(recorded.happened, aggregate=issue_id, subject=recorded.subject, sequence=version,
                          position=position, at=at, trace=trace, **way)


def snapshot(document: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """`IssueSnapshot` as JSON values. Of a confidential issue the id and the version, nothing else."""
    known = {"id": document["_id"], "version": document["version"], "confidential": document["confidential"]}
    if document["confidential"]:
        return known
    return known | {
        "status": document["status"], "tracking_code": document["tracking_code"], "category": document["category"],
        "neighbourhood": document["neighbourhood"], "place": document["place"],
        "filed_at": instant(document["filed_at"]), "updated_at": instant(document["updated_at"]),
        "tasks": [task_json(task) for task in document["tasks"]], "reachable": bool(document["contact"]),
        "times_not_fixed": document["times_not_fixed"], "satisfaction": document["satisfaction"],
        "closed_at": moment(document["closed_at"]), "closed_by": document["closed_by"],
        "on_behalf": bool(document.get("on_behalf_of")), "headquarters": (document.get("dispute") or {}).get("headquarters"),
        **{name: document[name] for name in TOLD if name in document}}


def snapshot_beside(document: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """The issue's `IssueSnapshot`, for an event in the outbox of what is said about it; raises where it is not there."""
    return snapshot(IssueDocument._get_collection().find_one({"_id": document["issue"]}, {"outbox": 0, "timeline": 0}), data)


def moment(at: datetime | None) -> str | None:
    return instant(at) if at else None


def task_json(task: dict[str, Any]) -> dict[str, Any]:
    """`contracts.issues.TaskSnapshot` as JSON values: what everybody may know of a task."""
    stops = task.get("stops")
    return {"id": task["id"], "agency": task["agency"], "state": task["state"],
            "offered_at": instant(task["offered_at"]), "accept_by": instant(task["accept_by"]),
            "due": instant(task["due"]), "accepted_at": moment(task["accepted_at"]), "done_at": moment(task["done_at"]),
            "lead": task.get("lead", True), "came_from": task.get("came_from"),
            "extensions": len(task.get("extensions", ())),
            "stopped_at": instant(stops[-1]["start"]) if stops and stops[-1]["end"] is None else None,
            "escalations": task.get("steps_accept", 0) + task.get("steps_finish", 0),
            "accept_minutes": task.get("accept_minutes"), "finish_minutes": task.get("finish_minutes"),
            "vacant": task.get("vacant", False)}


def brief(document: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """`TaskBrief` as JSON values: what the agency needs to start; of a confidential issue only where to look."""
    task = next(task for task in document["tasks"] if task["id"] == data["task_id"])
    known = {"task_id": task["id"], "issue_id": document["_id"], "agency": task["agency"], "state": task["state"],
             "accept_by": instant(task["accept_by"]), "due": instant(task["due"]),
             "confidential": document["confidential"],
             "links": {"self": f"/v1/agencies/{task['agency']}/tasks/{task['id']}"}}
    if document["confidential"]:
        return known
    return known | {"tracking_code": spoken(document["tracking_code"]), "filed_at": instant(document["filed_at"])} | {
        name: document[name] for name in ("category", "category_name", "title", "text", "neighbourhood",
                                          "neighbourhood_name", "point")} | {
        name: task[name] for name in ("lead", "binding", "part", "reason") if name in task}


def has_reader(entry: dict[str, Any]) -> bool:
    """Not what is meant for an agency that takes its tasks otherwise now: it finds them in its list, or in its letters."""
    if entry["exchange"] != "agencies.tasks":
        return True
    found = Reference._get_collection().find_one({"_id": f"agency:{entry['key']}"})
    return found is None or has_queue(found)


DOCUMENTS = [IssueDocument, StrayAnswer, Follower, Message, CaseRead, Reference, Boundary]
OUTBOXES = [Outbox(IssueDocument, {IssueSnapshot: snapshot, TaskBrief: brief}, has_reader, as_told),
            Outbox(StrayAnswer, has_reader=has_reader),
            Outbox(Message, {IssueSnapshot: snapshot_beside}, as_told=as_told_beside)]


def issue_store() -> Store[Issue]:
    return Store(IssueDocument, IssueMapping())
