"""What has become of requests (FixMyStreet's servicerequestupdates): told of every issue, and taken from its agency."""
from datetime import datetime, timedelta
from typing import Any

from contracts.errors import NotAllowed
from contracts.schema import instant
from gateway.open311.params import Params, missing, too_long, wrong
from gateway.open311.requests import NOTES, SECOND, span_of, to_the_second, w3, written
from gateway.open311.services import of

RECENT = timedelta(days=1)  # where no window is named
LONGEST = 2000  # characters of a description
STATES = {"filed": "OPEN", "routed": "OPEN", "in_progress": "IN_PROGRESS", "waiting": "IN_PROGRESS",
          "awaiting_funds": "PLANNED", "done": "FIXED", "closed": "CLOSED", "withdrawn": "CANCELLED",
          "rejected": "NO_FURTHER_ACTION", "duplicate": "DUPLICATE"}  # our status → the word of the extension
ACCEPT, START, FINISH, REFUSE = "accept", "start", "finish", "refuse"
MEANT = {"OPEN": ACCEPT, "INVESTIGATING": ACCEPT, "ACTION_SCHEDULED": ACCEPT, "PLANNED": ACCEPT, "IN_PROGRESS": START,
         "FIXED": FINISH, "CLOSED": FINISH, "NOT_COUNCILS_RESPONSIBILITY": REFUSE, "NO_FURTHER_ACTION": REFUSE}
ALREADY = {ACCEPT: ("accepted", "in_progress", "waiting", "awaiting_funds"), START: ("in_progress",)}
Row = dict[str, Any]


def window(params: Params, at: datetime) -> dict[str, str]:
    """From `start_date` to `end_date`, both with it. Raises Malformed."""
    span = span_of(params, "start_date", "end_date")
    start = span.get("from", span.get("to", to_the_second(at)) - RECENT)
    return {"changed_from": instant(start)} | ({"changed_to": instant(span["to"] + SECOND)} if "to" in span else {})


def dates(query: dict[str, str]) -> dict[str, str]:
    """The window of a query again, as a client writes it."""
    return written(query, {"start_date": "changed_from", "end_date": "changed_to"})


def update_of(change: Row, language: str) -> Row:
    """The id is the request's and the number of the change, and stays the same however often it is asked for."""
    return {"update_id": f"{change['tracking_code']}-{change['number']}", "service_request_id": change["tracking_code"],
            "status": STATES[change["status"]], "updated_datetime": w3(change["at"]),
            "description": change["text"] or of(language, NOTES[change["status"]]), "media_url": "",
            "external_status_code": change["status"]}


def named(params: Params) -> tuple[str, str, str]:
    """Request, update and the move that its status means. Raises Malformed for what is missing or means none."""
    request, update, status = (params.one(name) for name in ("service_request_id", "update_id", "status"))
    for name, value in (("service_request_id", request), ("update_id", update), ("status", status)):
        if not value:
            raise missing(name)
    if not (update.isascii() and update.isprintable() and len(update) <= 100):
        raise wrong("update_id", "حداکثر ۱۰۰ نویسهٔ ASCII بنویسید.", "it must be 100 ASCII characters at most.")
    params.moment("updated_datetime")
    if status.upper() not in MEANT:
        raise wrong("status", f"از اینجا تنها این‌ها پذیرفته است: {', '.join(MEANT)}.",
                    f"only these are taken here: {', '.join(MEANT)}.")
    return request, update, MEANT[status.upper()]


def task_of(issue: Row, agency: str) -> Row:
    """The agency's last task. Raises NotAllowed where it has none."""
    found = next((task for task in reversed(issue["tasks"]) if task["agency"] == agency), None)
    if found is None:
        raise NotAllowed("not_your_request", "این درخواست به دستگاه شما سپرده نشده است.",
                         "This request is not your agency's.")
    return found


def moves(state: str, meant: str) -> list[str]:
    """The moves of the task table by which a task in this state comes to what is meant.

    The last is asked for even where it looks impossible: if this update was carried out before, its repetition is no error.
    """
    if state in ALREADY.get(meant, ()):
        return []
    if (state, meant) == ("waiting", START):
        return ["resume"]
    return [ACCEPT, meant] if state == "offered" and meant in (START, FINISH) else [meant]


def steps(state: str, meant: str, params: Params) -> dict[str, Row]:
    """What is said with each of the `moves`; the update's own words go with the last. Raises Malformed."""
    found = moves(state, meant)
    return {move: said_with(move, params) if move == found[-1] else {} for move in found}


def said_with(move: str, params: Params) -> Row:
    """Raises Malformed where a move needs words and has none, or has too many."""
    said = params.one("description")
    if len(said) > LONGEST:
        raise too_long("description", LONGEST)
    if move in (FINISH, REFUSE) and not said:
        raise missing("description")
    if move == FINISH:
        photograph = params.one("media_url")
        return {"text": said} | ({"photograph": photograph} if photograph else {})
    return {"reason": said} if said else {}
