"""What is counted, of whom, and how: the definitions behind every published number.

Of a place, a category or a month issues are counted; of an agency its tasks. Confidential issues are in no line. What an
issue or a task adds to its line is decided here, in plain Python, when its row is made; it does not depend on the time of
reading, but for one thing: what is open becomes overdue by itself, from `late_from` on. docs/numbers.md says the same for
people who read the numbers.

                 of an issue                                     of an agency's task
    filed        every issue                                     every task offered to the agency
    open         work still to do                                offered, or at work on it
    waiting      its status is `waiting`                         its state is
    awaiting_funds                  the same
    solved       status `done` or `closed`                       done
    closed       status `closed`                                 done, in a closed issue
    confirmed    closed because the filer said it is fixed       done, in such an issue
    not_fixed    how often people said that it is not fixed      the same, of issues that it did not refuse or hand on
    overdue      open, and late                                  open, and late
    satisfaction mean of the answers 1 to 5 that were given      of issues in which its task is done

    share of            ÷                                        (of tasks, where it differs)
    on_time    closed and not late ÷ (closed + late, not closed) done and not late ÷ (done + overdue)
    not_fixed  said so at least once ÷ (solved + said so, at work again)
    reopened   said so after the closing ÷ (closed + said so, not closed again)
    silence    closed by silence ÷ closed
    referred   handed on at least once ÷ offered to anybody      handed on by this agency ÷ filed
    escalated  a step of the ladder was taken ÷ offered          the same ÷ filed

    accept_minutes  from the offer to accepting, of every task that was accepted, whatever became of it then
    finish_minutes  from the filing to the work's end, of what is solved; of an issue of several parts, the last one's
    … calendar      on the clock on the wall                     … working    in working time, without the time it stood

A task is late when its deadline lies before the moment when it was done; of one that is not done, before the moment since
when its clock stands (it waits, or awaits funds); else before the moment of reading. An issue is late when a part of it
is that was not refused, handed on or cancelled; where no such part is left, when the last deadline that it had has
passed; where nobody was offered it at all, when its category's hours, or its days of 24 hours, have since the filing, on
the clock on the wall. How long a filer took to say that it is fixed is not the agency's doing; what nobody finished or
nobody confirmed counts against, so that leaving things open never makes a percentage better.
"""
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.issues import IssueSnapshot, TaskSnapshot
from services.booklet.sketches import bucket_of

ENDED = ("withdrawn", "rejected", "duplicate")
FINISHED = ("done", "closed")  # statuses of an issue whose work is done
OPEN_TASK = ("offered", "accepted", "in_progress", "waiting", "awaiting_funds")
NOT_ITS_OWN = ("refused", "referred", "cancelled")


@dataclass(frozen=True)
class Part:
    """What is counted: an issue or one of its tasks. `own` is False of a task that its agency has no more."""

    state: str
    open: bool
    done: bool
    closed: bool
    judged: bool  # on time or not, for good
    rated: bool
    own: bool
    offered: bool
    referred: bool
    escalated: bool
    late_from: datetime | None


def counts_of_issue(issue: IssueSnapshot) -> dict[str, int]:
    """What an issue adds to the plain sums of its line, without zeros."""
    status, closed = issue.status, issue.status == "closed"
    return _counts(issue, Part(
        status, status not in (*ENDED, *FINISHED), status in FINISHED, closed, closed, True, True, bool(issue.tasks),
        issue.times_referred > 0, any(task.escalations for task in issue.tasks), issue_late_from(issue)))


def counts_of_task(issue: IssueSnapshot, task: TaskSnapshot) -> dict[str, int]:
    """What a task adds to the plain sums of its agency's line, without zeros."""
    state, done = task.state, task.state == "done"
    return _counts(issue, Part(
        state, state in OPEN_TASK, done, done and issue.status == "closed", done, done, state not in NOT_ITS_OWN, True,
        state == "referred", task.escalations > 0, late_from(task)))


def _counts(issue: IssueSnapshot, part: Part) -> dict[str, int]:
    late, said = part.late_from is not None, part.own and issue.times_not_fixed > 0
    reopened, rated = part.own and issue.times_reopened > 0, part.rated and issue.satisfaction is not None
    found: dict[str, Any] = {
        "filed": 1, "open": part.open, "waiting": part.state == "waiting", "awaiting_funds": part.state == "awaiting_funds",
        "solved": part.done, "closed": part.closed, "confirmed": part.closed and issue.closed_by == "filer",
        "not_fixed": issue.times_not_fixed if part.own else 0, "said_not_fixed": said, "not_fixed_of": part.done or said,
        "on_time": part.judged and not late, "on_time_of": part.judged or (part.done and late),
        "reopened": reopened, "reopened_of": part.closed or reopened,
        "silent": part.closed and issue.closed_by == "silence", "silence_of": part.closed,
        "referred": part.offered and part.referred, "referred_of": part.offered,
        "escalated": part.escalated, "escalated_of": part.offered,
        "satisfaction": (issue.satisfaction or 0) if rated else 0, "satisfaction_of": rated}
    return {name: int(count) for name, count in found.items() if count}


def late_from(task: TaskSnapshot) -> datetime | None:
    """Its deadline, when that has passed or will pass unless something happens; None while it cannot be late."""
    stands = task.done_at or task.stopped_at
    return task.due if stands is None or task.due < stands else None


def issue_late_from(issue: IssueSnapshot) -> datetime | None:
    """The same of the whole issue. None also where it was offered to nobody: that is reckoned when it is read."""
    own = [task for task in issue.tasks if task.state not in NOT_ITS_OWN]
    if own:
        return min(filter(None, map(late_from, own)), default=None)
    return max((task.due for task in issue.tasks), default=None)


def durations_of_issue(issue: IssueSnapshot) -> list[str]:
    """The buckets into which an issue's durations fall, as `accept.calendar:203`."""
    last = max((task for task in issue.tasks if task.done_at), key=lambda task: task.done_at or task.due, default=None)
    finished = _finished(issue, last) if last and issue.status in FINISHED else []
    return [bucket for task in issue.tasks for bucket in _accepted(task)] + finished


def durations_of_task(issue: IssueSnapshot, task: TaskSnapshot) -> list[str]:
    return _accepted(task) + (_finished(issue, task) if task.state == "done" else [])


def _accepted(task: TaskSnapshot) -> list[str]:
    return _bucket("accept.calendar", between(task.offered_at, task.accepted_at)) + _bucket(
        "accept.working", task.accept_minutes)


def _finished(issue: IssueSnapshot, task: TaskSnapshot) -> list[str]:
    return _bucket("finish.calendar", between(issue.filed_at, task.done_at)) + _bucket(
        "finish.working", task.finish_minutes)


def _bucket(measure: str, minutes: int | None) -> list[str]:
    return [] if minutes is None else [f"{measure}:{bucket_of(minutes)}"]


def between(start: datetime | None, end: datetime | None) -> int | None:
    """Whole minutes; None where one of them is not known."""
    return int((end - start).total_seconds() // 60) if start and end else None
