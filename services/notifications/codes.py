"""One-time codes on their way to who asked for them: within seconds, beside all letters, and never once they lapsed.

What is kept is the id under which the registry knows address and code; it is asked for both when they are sent, and neither
is written down here. Of several senders each takes one at a time, under a lease; one that dies after sending and before
marking sends it twice, which is harmless.
"""
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from pymongo.errors import BulkWriteError

from chassis import logs, metrics
from chassis.caller import Caller
from chassis.clock import now
from chassis.http_client import Client
from chassis.store import duplicates
from contracts.envelope import Received
from contracts.errors import NotFound, Problem
from contracts.registry import CodeRequested
from services.notifications.channels import Channel, Later, Message, Never
from services.notifications.documents import CodeLetter
from services.notifications.letters import Letters

ASKING = Caller("service", "notifications")
LEASE = timedelta(seconds=60)  # longer than one try may take
FIRST_PAUSE, LONGEST_PAUSE = 2, 20  # seconds between tries: doubled each time, until the code lapses
TEMPLATES = {"email": "code", "telephone": "code_short"}
log = logs.get(__name__)
Row = dict[str, Any]
AskCode = Callable[[str], Row | None]  # {address, code, until} under an id; None: lapsed, used or replaced. Raises Later


def note(batch: list[Received]) -> None:
    """Puts down which codes are to be sent. Idempotent."""
    at = now()
    rows = [{"_id": received.happened.id, "state": "queued", "next_at": at, "created_at": at, "tries": 0,
             "trace": received.trace} for received in batch if isinstance(received.happened, CodeRequested)]
    try:
        if rows:
            CodeLetter._get_collection().insert_many(rows, ordered=False)
    except BulkWriteError as error:
        duplicates(error)


def asking(registry: Client) -> AskCode:
    def ask(id: str) -> Row | None:
        try:
            found: Row = registry.get(f"/codes/{id}", ASKING)
            return found
        except NotFound:
            return None
        except Problem as problem:
            raise Later(f"owner: {problem.code}") from problem

    return ask


@dataclass(frozen=True)
class CodeSender:
    """One of possibly many. `ways`: the channel of `email` and of `telephone`. `turn` raises what the database raises."""

    ways: Mapping[str, Channel]
    letters: Letters
    ask: AskCode

    def turn(self) -> int:
        """Sends one that is due; how many that were."""
        row = take(now())
        if row is None:
            return 0
        logs.TRACE.set(row.get("trace"))
        try:
            mark(row, **self._outcome(row))
        finally:
            logs.TRACE.set(None)
        return 1

    def close(self) -> None:
        for channel in self.ways.values():
            channel.close()

    def _outcome(self, row: Row) -> Row:
        try:
            return self._sent(row)
        except Later as later:
            state, reason = "queued", later.reason
        except Never as never:
            state, reason = "failed", never.reason
        except Exception as error:  # whatever one provokes, it must not keep the others waiting
            state, reason = "failed", type(error).__name__
        log.warning("a code was not sent", code=row["_id"], state=state, reason=reason, tries=row["tries"] + 1)
        return {"state": state, "error": reason}

    def _sent(self, row: Row) -> Row:
        found = self.ask(row["_id"])
        if found is None or datetime.fromisoformat(found["until"]) <= now():
            return {"state": "lapsed"}
        kind = "email" if "@" in found["address"] else "telephone"
        channel = self.ways[kind]
        subject, body = self.letters.write_code(TEMPLATES[kind], found["code"])
        channel.send(Message(row["_id"], TEMPLATES[kind], found["address"], subject, body, found["code"]))
        metrics.DELIVERIES.labels("notifications", channel.name, "sent").inc()
        return {"state": "sent", "channel": channel.name}


def take(at: datetime) -> Row | None:
    """The one that has waited longest, ours alone until the lease ends."""
    found: Row | None = CodeLetter._get_collection().find_one_and_update(
        {"state": "queued", "next_at": {"$lte": at}}, {"$set": {"next_at": at + LEASE, "taken": str(uuid4())}},
        sort=[("next_at", 1)], hint="due", return_document=True)
    return found


def mark(row: Row, **values: Any) -> None:
    """Writes what became of it, unless its lease has passed to another sender."""
    pause = timedelta(seconds=min(FIRST_PAUSE * 2 ** min(row["tries"], 10), LONGEST_PAUSE))
    again = {"next_at": now() + pause} if values["state"] == "queued" else {}
    CodeLetter._get_collection().update_one(
        {"_id": row["_id"], "taken": row["taken"]},
        {"$set": {**values, **again}, "$inc": {"tries": 1}, "$unset": {"taken": ""}})

