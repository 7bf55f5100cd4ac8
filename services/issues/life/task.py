"""A task, who it is offered to, and who acts on it. Plain Python. Times are aware, UTC."""
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.issues.life.terms import Terms


@dataclass(frozen=True)
class Actor:
    """Who acts on an issue: as what (a role of `moves`), and which one."""

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
    """One agency's part of an issue. `due` and `accept_by` are never moved by a refusal, a referral or a new offer.

    They were reckoned from these hours, or working days where given, by this version of this calendar (None: by the clock on
    the wall); `promised` is a deadline that was given from outside in place of a reckoned one. `queued` is how the agency
    took its tasks when it was told of this one last. `lead`: it answers for the whole; `part`: what of it is its own.
    `binding`: a headquarters decided. `came_from`, `referred_to`: the task that was referred here, the agency that this one
    was referred to. `stops`: {start, end (None: still), kind, reason, for_whom}, when the clock stood. `extensions`: {at,
    to, reason, by}. `request`: {what, reason, until, at}, what the agency asks the secretary for. `answered`: the move that
    answered it, until the agency moves again. `review_at`: when a task that waits is looked at again. `steps_accept`,
    `steps_finish`: steps of the ladder that were taken. `vacant`: it was refused and nobody has taken its place yet.
    Minutes are of working time.
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
    accept_hours: int = 0
    finish_hours: int = 0
    accept_days: int | None = None
    finish_days: int | None = None
    calendar: str | None = None
    calendar_version: int | None = None
    lead: bool = True
    part: str | None = None
    binding: bool = False
    came_from: str | None = None
    referred_to: str | None = None
    promised: datetime | None = None
    for_whom: str | None = None
    review_at: datetime | None = None
    photograph: str | None = None
    request: dict[str, Any] | None = None
    stops: list[dict[str, Any]] = field(default_factory=list)
    extensions: list[dict[str, Any]] = field(default_factory=list)
    steps_accept: int = 0
    steps_finish: int = 0
    accept_minutes: int | None = None
    finish_minutes: int | None = None
    answered: str | None = None
    vacant: bool = False

    @property
    def stopped_at(self) -> datetime | None:
        """Since when its clock stands."""
        return self.stops[-1]["start"] if self.stops and self.stops[-1]["end"] is None else None

    def asked_for(self, what: str) -> bool:
        return self.request is not None and self.request["what"] == what
