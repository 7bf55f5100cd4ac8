"""A task, who it is offered to, and who acts on it. Plain Python. Times are aware, UTC."""
from dataclasses import dataclass
from datetime import datetime

from services.issues.deadlines import Terms


@dataclass(frozen=True)
class Actor:
    """Who acts on an issue: as what (`agency`, `secretary`, `filer`, `router`), and which one."""

    role: str
    subject: str = ""

    def __str__(self) -> str:
        return f"{self.role}:{self.subject}" if self.subject else self.role


@dataclass(frozen=True)
class Assignee:
    """The agency a task is offered to; `queued` where it takes its tasks from a queue of its own.

    `terms`: how long it has; by the issue's own hours and the clock on the wall where none are given.
    """

    agency: str
    queued: bool
    terms: Terms | None = None


@dataclass
class Task:
    """One agency's part of an issue. `due` and `accept_by` are never moved by a refusal or a new offer.

    They were reckoned from these hours by this version of this calendar (None: by the clock on the wall). `queued` is how
    the agency took its tasks when it was told of this one last.
    """

    id: str
    agency: str
    queued: bool
    by: str
    state: str
    offered_at: datetime
    accept_by: datetime
    due: datetime
    accepted_at: datetime | None = None
    done_at: datetime | None = None
    reason: str | None = None
    text: str | None = None
    accept_hours: int | None = None
    finish_hours: int | None = None
    calendar: str | None = None
    calendar_version: int | None = None
