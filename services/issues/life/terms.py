"""How long an agency has, and what becomes of its deadlines when its clock stands or a later one is granted.

Plain Python, no I/O. Instants are aware, UTC.
"""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.issues.life.deadlines import Calendar, NeverOpens, after, due, worked
from services.issues.life.working_days import due_in_days

ALLOWED = ("accept_hours", "finish_hours", "accept_days", "finish_days")  # of a category, an issue, a task


def allowance(category: Mapping[str, Any], level: str | None, priority: str = "normal") -> dict[str, Any]:
    """ALLOWED of a category: its most precise allowance that fits, a level counting more than a priority.

    The first of two that are equally precise; the category's own where none fits. Nothing of one is mixed with another's.
    """
    fitting = [each for each in category.get("allowances", ())
               if each["level"] in (None, level) and each["priority"] in (None, priority)]
    best = max(fitting, key=lambda each: (each["level"] is not None, each["priority"] is not None), default=category)
    return said(best)


def said(row: Mapping[str, Any]) -> dict[str, Any]:
    """ALLOWED of a category itself, or of one of its allowances."""
    return {name: row.get(name) for name in ALLOWED}


def allowed(holder: Any) -> dict[str, Any]:
    """ALLOWED of an issue, a task, or terms."""
    return {name: getattr(holder, name) for name in ALLOWED}


@dataclass(frozen=True)
class Clock:
    """What happened to a task's clock: `stops` {start, end (None: it stands still)}, `extensions` {at, to}, and a deadline
    `promised` from outside."""

    stops: Sequence[Mapping[str, Any]] = ()
    extensions: Sequence[Mapping[str, Any]] = ()
    promised: datetime | None = None


@dataclass(frozen=True)
class Reckoned:
    """Two deadlines, UTC, and by which version of which calendar they were reckoned (None: by the clock on the wall)."""

    accept_by: datetime
    due: datetime
    calendar: str | None = None
    calendar_version: int | None = None


@dataclass(frozen=True)
class Terms:
    """How long an agency has, and in whose working time: where days are given, they count instead of the hours."""

    accept_hours: int
    finish_hours: int
    calendar: Calendar | None = None
    accept_days: int | None = None
    finish_days: int | None = None

    def reckon(self, filed_at: datetime, offered_at: datetime, clock: Clock = Clock()) -> Reckoned:
        """Accepting counts from the offer, finishing from the filing: time unassigned and time referred count.

        Never fails: where the calendar has not enough working time, hours of the clock count, or days of 24 of them, and no
        calendar is named.
        """
        if self.calendar:
            try:
                return self._reckon(filed_at, offered_at, clock, self.calendar)
            except NeverOpens:
                pass  # who keeps calendars is told when they are read (Atlas); an issue must not wait for it
        return self._reckon(filed_at, offered_at, clock, None)

    def _reckon(self, filed_at: datetime, offered_at: datetime, clock: Clock, calendar: Calendar | None) -> Reckoned:
        accept_by = _due(offered_at, self.accept_hours, self.accept_days, calendar)
        finish_by = clock.promised or _due(filed_at, self.finish_hours, self.finish_days, calendar)
        finish_by = _moved(finish_by, clock, calendar)
        return Reckoned(accept_by, finish_by, *((calendar.code, calendar.version) if calendar else (None, None)))


def _due(start: datetime, hours: int, days: int | None, calendar: Calendar | None) -> datetime:
    return due(start, hours, calendar) if days is None else due_in_days(start, days, calendar)


def _moved(finish_by: datetime, clock: Clock, calendar: Calendar | None) -> datetime:
    """A deadline after all that happened to its clock, in the order in which it did.

    What was left when the clock stopped is left when it goes on; a stop that began after the deadline moves nothing. An
    extension stands in place of all that was before it, also of the part of a stop before it. What is left is working time,
    to the minute, also of a deadline that was reckoned in days, or promised: three days less two hours go on as the hours
    that lie between. Where it lies outside working hours, a stop never brings it forward.
    """
    granted_at = None
    for at, happened in sorted(_happened(clock), key=lambda each: each[0]):
        if "to" in happened:
            granted_at, finish_by = at, happened["to"]
            continue
        stopped = max(happened["start"], granted_at) if granted_at else happened["start"]
        if stopped < finish_by:
            finish_by = max(finish_by, after(at, worked(stopped, finish_by, calendar), calendar))
    return finish_by


def _happened(clock: Clock) -> list[tuple[datetime, Mapping[str, Any]]]:
    ended = [(stop["end"], stop) for stop in clock.stops if stop["end"]]
    return ended + [(extension["at"], extension) for extension in clock.extensions]
