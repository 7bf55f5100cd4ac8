"""Conversation on an issue: what its filer, its neighbourhood's manager, the agencies with a task and a secretary write.

`public` messages are for everybody, those to the `parties` for those four; of a confidential issue everything is for the
filer, the case workers and the agencies with a part. A message is stored with the event that tells of it. A task that waits
for the filer is resumed after that: cut off between the two, the same request again finishes it.
"""
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from marshmallow import fields, validate
from pymongo.errors import DuplicateKeyError

from chassis.caller import Caller, demand_over
from chassis.logs import TRACE
from chassis.paging import bad_cursor, cursor_of, key_of
from chassis.shown import about
from chassis.store import answering
from chassis.text import tidy
from chassis.validation import limit_of, load
from contracts import envelope
from contracts.errors import NotAllowed, Refused, Unauthenticated, Unavailable, not_found, reused_key
from contracts.issues import ConfidentialIssueChanged, MessagePosted
from contracts.policy import reaches
from contracts.schema import instant
from services.issues.cases import confidential, reads
from services.issues.codes import fingerprint
from services.issues.documents import IssueDocument, Message
from services.issues.life.moves import AGENCY, CASE_WORKER, FILER, MANAGER, SECRETARY
from services.issues.life.task import Actor
from services.issues.model import Issue
from services.issues.rights import CASE, PART, SIGHT, demand_sight, is_filer, proof_needed, tasks_of
from services.issues.rights import FILER as FILERS
from services.issues.schemas import Strict, words_of
from services.issues.use_cases import Commands, by_ref

MOST = 500  # messages on one issue
TRIES = 12  # of taking the next number while others write
PUBLIC, PARTIES = AUDIENCES = ("public", "parties")
WRITERS = (FILER, MANAGER, AGENCY, CASE_WORKER, SECRETARY)
NAMESPACE = UUID("2c1b7a44-6d07-4c0e-8f43-6d6168616c65")
TAKEN = SIGHT | FILERS | {"ending": 1}
Found = dict[str, Any]


class MessageSchema(Strict):
    text = words_of("What is written.", "شمارهٔ تیر ۱۲ است", required=True)
    to = fields.String(required=True, validate=validate.OneOf(AUDIENCES), metadata=about("Who may read it.", PARTIES))


class Conversation:
    def __init__(self, commands: Commands) -> None:
        self._commands = commands

    def post(self, ref: str, asking: Caller, secret: str | None, key: str, body: Found, at: datetime) -> Found:
        """The message as its writer reads it, the same for the same key. Raises Invalid, NotFound, NotAllowed, Refused."""
        said = load(MessageSchema(), body)
        issue = _named(ref)
        writer = _party(issue, asking, secret)
        if writer is None:
            raise _no_party(asking, issue)
        row = row_of(issue, writer, key, said, at)
        posted = _earlier(row)
        if posted is None:
            _demand_open(issue, said["to"])
            posted = _keep(row)
        if writer.role == FILER:
            self._commands.change({"_id": issue["_id"]}, _resumed(posted["at"]))
        return _shown(posted)


def read(ref: str, asking: Caller, secret: str | None, query: dict[str, str]) -> Found:
    """A page of the messages that this caller may read, the oldest first; `limit`, `cursor`. Raises NotFound."""
    issue, limit = _named(ref), limit_of(query)
    wanted = {"issue": issue["_id"], "number": {"$gt": _after(query.get("cursor"))}}
    party = _party(issue, asking, secret)
    wanted |= {} if party else {"to": PUBLIC}
    if issue["confidential"]:
        if party is None:  # a secretary sees it masked, what was written to everybody before it was confidential too
            return {"items": [], "next_cursor": None}
        reads.note_read(issue["_id"], str(party), "messages", "" if party.role == FILER else asking.account)
    with answering():
        found = list(Message._get_collection().find(wanted, {"outbox": 0}).sort("number", 1).limit(limit + 1))
    more = cursor_of(str(found[limit - 1]["number"])) if len(found) > limit else None
    return {"items": [_shown(each) for each in found[:limit]], "next_cursor": more}


def conceal(issue_id: str) -> None:
    """Seals what was written before the issue became confidential. Done twice, the second time changes nothing."""
    messages = Message._get_collection()
    with answering():
        for each in messages.find({"issue": issue_id, "text": {"$ne": None}}, {"text": 1}):
            messages.update_one({"_id": each["_id"]}, {"$set": _written(each["text"], True)})


def _named(ref: str) -> Found:
    with answering():
        found = IssueDocument._get_collection().find_one(by_ref(ref), TAKEN)
    if found is None:
        raise not_found()
    return dict(found)


def _party(issue: Found, asking: Caller, secret: str | None) -> Actor | None:
    """As what they take part; None: they do not. Raises NotFound for a wrong secret, and of what they must not know of."""
    filer = is_filer(asking, secret, issue)
    sight = demand_sight(asking, issue, filer=filer)
    if filer:
        return Actor(FILER)
    if issue["confidential"]:
        return Actor(asking.role, asking.subject) if sight in (CASE, PART) else None
    takes_part = tasks_of(issue, asking.subject) if asking.role == AGENCY else (
        asking.role in (MANAGER, SECRETARY) and reaches(asking.role, asking.subject, "messages:write", issue["place"]))
    return Actor(asking.role, asking.subject) if takes_part else None


def _no_party(asking: Caller, issue: Found) -> Unauthenticated | NotAllowed:
    """Raises NotAllowed where somebody with an office writes out of their place."""
    demand_over(asking, "messages:write", issue["place"])
    if asking.role == "public":
        return proof_needed()
    return NotAllowed("not_a_party", "تنها ثبت‌کننده، مدیر محله، دستگاه‌های دارای کار و دبیرخانه اینجا می‌نویسند.",
                      "Only its filer, the neighbourhood's manager, agencies with a task and a secretary write here.")


def _demand_open(issue: Found, to: str) -> None:
    if issue["ending"] not in (None, "closed"):
        raise Refused("issue_ended", "این مسئله پایان یافته است و گفت‌وگویی ندارد.",
                      f"This issue is {issue['ending']} and has no conversation any more.")
    if issue["confidential"] and to == PUBLIC:
        raise Refused("confidential_not_public", "پیام این مسئله تنها برای دست‌اندرکاران آن است (parties).",
                      "What is written on this issue is for its parties alone; write to: parties.")


def row_of(issue: Found, writer: Actor, key: str, said: Found, at: datetime) -> Found:
    """The message with its event; its number comes when it is stored."""
    message = f"{issue['_id']}:{uuid5(NAMESPACE, f'{writer}|{key}')}"
    agency = writer.subject if writer.role == AGENCY else ""
    happened = ConfidentialIssueChanged(issue["_id"]) if issue["confidential"] else MessagePosted(
        issue["_id"], message, writer.role, said["to"], agency)
    told = envelope.entry(happened, aggregate=message, subject=issue["_id"], sequence=1, position=0, at=at,
                          trace=TRACE.get())
    return {"_id": message, "issue": issue["_id"], "at": at, "by": writer.role, "agency": agency or None, "to": said["to"],
            "asks": fingerprint(said), "version": 1, "outbox": [told], **_written(said["text"], issue["confidential"])}


def _keep(row: Found) -> Found:
    """Stores it under the next number, or gives what its id stored before. Raises Invalid, Refused (`conversation_full`)."""
    messages = Message._get_collection()
    with answering():
        for _ in range(TRIES):
            if before := _earlier(row):
                return before
            last = messages.find_one({"issue": row["issue"]}, {"number": 1}, sort=[("number", -1)])
            numbered = row | {"number": last["number"] + 1 if last else 1}
            _demand_room(numbered["number"])
            try:
                messages.insert_one(numbered)
                return numbered
            except DuplicateKeyError:
                continue
    raise Unavailable("busy", "هم‌زمان چند نفر اینجا می‌نویسند. دوباره تلاش کنید.",
                      "Several people are writing here at the moment. Try again.", retry_after=1)


def _earlier(row: Found) -> Found | None:
    """What its id stored before. Raises Invalid where that was something else."""
    with answering():
        before: Found | None = Message._get_collection().find_one({"_id": row["_id"]}, {"outbox": 0})
    if before and before["asks"] != row["asks"]:
        raise reused_key()
    return before


def _demand_room(number: int) -> None:
    if number > MOST:
        raise Refused("conversation_full", f"هر مسئله تا {MOST} پیام دارد. با دبیرخانه تماس بگیرید.",
                      f"An issue holds {MOST} messages. Call the secretariat.")


def _resumed(written_at: datetime) -> Callable[[Issue, datetime], bool]:
    """Resumes what had waited for the filer when the message was written."""

    def decide(issue: Issue, at: datetime) -> bool:
        waiting = [task for task in issue.tasks if task.state == "waiting" and task.for_whom == FILER
                   and task.stopped_at is not None and task.stopped_at <= written_at]
        for task in waiting:
            issue.move(task.id, "resume", Actor(FILER), at)
        return bool(waiting)

    return decide


def _written(text: str, sealed: bool) -> Found:
    """The one place where words are made what is stored of them; `_words` is the one that reads them."""
    return {"text": None, **confidential.sealed({"text": text}, confidential.ring())} if sealed else {"text": text}


def _words(row: Found) -> str:
    return str(confidential.opened(row, confidential.ring())["text"] if row["text"] is None else row["text"])


def _shown(row: Found) -> Found:
    return {"id": row["_id"], "number": row["number"], "at": instant(row["at"]), "by": row["by"], "agency": row["agency"],
            "to": row["to"], "text": tidy(_words(row))}


def _after(cursor: str | None) -> int:
    if not cursor:
        return 0
    [number] = key_of(cursor)
    if not (number.isascii() and number.isdecimal() and len(number) < 7):
        raise bad_cursor()
    return int(number)
