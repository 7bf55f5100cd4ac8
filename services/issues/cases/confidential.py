"""How a confidential issue lies in the database: what was said in it in one ciphertext, the rest as of any other issue.

What stays readable is what routes it, finds it by index and wakes its timers: PLAIN, TASK_PLAIN, MOVE_PLAIN. Whatever else
a document, a task or an entry of the timeline holds is sealed, also a field that nobody has thought of yet. Beside each
ciphertext stands the mark of the key that wrote it, which `rotate` goes by. An issue becomes confidential in one write: the
model's new state, and its whole timeline sealed.
"""
from collections.abc import Iterable
from typing import Any

from bson.json_util import JSONOptions, dumps, loads

from chassis.ring import CASE_KEYS, Ring
from chassis.sealing import newest
from contracts.event import BY_CLASS
from contracts.issues import ConfidentialIssueChanged, IssueRestated
from services.issues.model import Issue

Row = dict[str, Any]
PLAIN = frozenset((
    "tracking_code", "secret_hash", "category", "category_name", "confidential", "neighbourhood", "neighbourhood_name",
    "place", "filed_at", "updated_at", "accept_hours", "finish_hours", "accept_days", "finish_days", "tasks", "status",
    "ending", "closed_at", "closed_by", "times_not_fixed", "times_referred", "times_reopened", "priority", "joined",
    "handovers", "dispute", "duplicate_of", "confirmed_at", "confirmed_by", "checked_by", "checked_at", "check_missing_at",
    "unrouted_at", "unmarked_at", "steps_route", "noted", "category_version", "reckoned_by", "next_due_at", "due_at",
    "shelves", "areas", "waits", "timeline"))
TASK_PLAIN = frozenset((
    "id", "agency", "queued", "by", "state", "offered_at", "accept_by", "due", "accepted_at", "done_at", "accept_hours",
    "finish_hours", "accept_days", "finish_days", "calendar", "calendar_version", "lead", "binding", "vacant",
    "came_from", "referred_to", "promised", "for_whom", "review_at", "steps_accept", "steps_finish", "accept_minutes",
    "finish_minutes", "answered"))
MOVE_PLAIN = frozenset(("at", "by", "action", "status", "task", "from", "to"))
SAID = frozenset(("reason",))  # of what lies within a task's other fields (stops, extensions, request), the words
BESIDE = "beside"  # while messages and followers of an issue that has become confidential still lie open
EXACT = JSONOptions(tz_aware=True)  # times come back as times


def ring() -> Ring:
    return Ring.from_settings(CASE_KEYS)


def sealed(values: Row, keys: Ring) -> Row:
    """The two fields that hold these values; none where there is nothing to hold."""
    return {"sealed": keys.encrypt(dumps(values, json_options=EXACT)), "key": newest(keys)} if values else {}


def opened(found: Row, keys: Ring) -> Row:
    """What `sealed` holds. Raises ring.Unreadable where the key that wrote it was taken out."""
    return dict(loads(keys.decrypt(found["sealed"]), json_options=EXACT)) if found.get("sealed") else {}


def concealed(state: Row) -> Row:
    """A document's fields as they are stored: every field is there still, empty where it is sealed."""
    hidden = {name: value for name, value in state.items() if name not in PLAIN}
    of_tasks = {task["id"]: {name: value for name, value in task.items() if name not in TASK_PLAIN and value}
                for task in state["tasks"]}
    blank: Row = {name: [] if isinstance(value, list) else None for name, value in hidden.items()}
    tasks = [{name: value if name in TASK_PLAIN else _blank(value) for name, value in task.items()}
             for task in state["tasks"]]
    return {**state, **blank, "tasks": tasks, **sealed({"issue": hidden, "tasks": of_tasks}, ring())}


def _blank(value: Any) -> Any:
    """The same without its words: where a clock stood and until when is asked for lies beside the reason."""
    if isinstance(value, dict):
        return {name: None if name in SAID else each for name, each in value.items()}
    return [_blank(each) for each in value] if isinstance(value, list) else None


def concealed_moves(moves: Iterable[Row]) -> list[Row]:
    """Entries of a timeline as they are stored; what is sealed already stays as it is."""
    keys = ring()
    return [move if "sealed" in move else
            {name: value for name, value in move.items() if name in MOVE_PLAIN}
            | sealed({name: value for name, value in move.items() if name not in MOVE_PLAIN}, keys) for move in moves]


def revealed(document: Row, keys: Ring | None = None) -> Row:
    """A stored issue with what was said in it, except in its story; one that is not sealed as it is. Raises Unreadable."""
    if not document.get("sealed"):
        return document
    said = opened(document, keys or ring())
    tasks = [{**task, **said["tasks"].get(task["id"], {})} for task in document["tasks"]]
    return {**document, **said["issue"], "tasks": tasks}


def revealed_moves(moves: Iterable[Row]) -> list[Row]:
    """Entries of a timeline with their words. Raises ring.Unreadable."""
    keys = ring()
    return [{name: value for name, value in move.items() if name not in ("sealed", "key")} | opened(move, keys)
            for move in moves]


def stored(issue: Issue, state: Row) -> Row:
    """The document's fields of an issue; of a confidential one sealed, with its timeline where that lay open until now."""
    if not issue.confidential:
        return state
    at = issue.updated_at
    story = {} if issue.past is None else {"timeline": concealed_moves([*issue.past, *issue.moved]), BESIDE: at}
    return concealed(state) | story


def as_told(document: Row, entry: Row) -> Row:
    """An outbox entry as it may be published now: of a confidential issue nobody hears what happened before either."""
    kinds = {BY_CLASS[ConfidentialIssueChanged].name, BY_CLASS[IssueRestated].name}
    if not document.get("confidential") or entry["exchange"] != "issues.events" or entry["type"] in kinds:
        return entry
    kind = BY_CLASS[ConfidentialIssueChanged]
    return {**entry, "type": kind.name, "key": kind.routing_key, "subject": document["_id"],
            "data": {"issue_id": document["_id"]}}


def as_told_beside(message: Row, entry: Row) -> Row:
    """The same of an entry in the outbox of a message: one whose words are sealed is of a confidential issue."""
    return as_told({"_id": message["issue"], "confidential": message.get("text") is None}, entry)
