"""What `issues` tells everybody of one agency's part of an issue: one fact per move of the task table, and of its clock."""
from dataclasses import dataclass
from datetime import datetime

from contracts.event import event
from contracts.issues_parts import IssueSnapshot


@event("mahalle.issues.task_offered.v1", snapshot=IssueSnapshot)
@dataclass(frozen=True)
class TaskOffered:
    """`by` says who chose the agency: `rule`, `secretary`, `headquarters` (it binds), or `agency` (a referral)."""

    issue_id: str
    task_id: str
    agency: str
    by: str


@event("mahalle.issues.task_accepted.v1", snapshot=IssueSnapshot)
@dataclass(frozen=True)
class TaskAccepted:
    issue_id: str
    task_id: str
    agency: str


@event("mahalle.issues.task_refused.v1", snapshot=IssueSnapshot)
@dataclass(frozen=True)
class TaskRefused:
    issue_id: str
    task_id: str
    agency: str


@event("mahalle.issues.task_started.v1", snapshot=IssueSnapshot)
@dataclass(frozen=True)
class TaskStarted:
    issue_id: str
    task_id: str
    agency: str


@event("mahalle.issues.task_finished.v1", snapshot=IssueSnapshot)
@dataclass(frozen=True)
class TaskFinished:
    issue_id: str
    task_id: str
    agency: str


@event("mahalle.issues.task_cancelled.v1", snapshot=IssueSnapshot)
@dataclass(frozen=True)
class TaskCancelled:
    issue_id: str
    task_id: str
    agency: str


@event("mahalle.issues.task_referred.v1", snapshot=IssueSnapshot)
@dataclass(frozen=True)
class TaskReferred:
    """An agency handed its task on: to `to`, or, None, to the headquarters that must decide."""

    issue_id: str
    task_id: str
    agency: str
    to: str | None


@event("mahalle.issues.task_waiting.v1", snapshot=IssueSnapshot)
@dataclass(frozen=True)
class TaskWaiting:
    """The agency waits for somebody (`for_whom`: filer, agency, other) and its clock stands."""

    issue_id: str
    task_id: str
    agency: str
    for_whom: str


@event("mahalle.issues.task_resumed.v1", snapshot=IssueSnapshot)
@dataclass(frozen=True)
class TaskResumed:
    issue_id: str
    task_id: str
    agency: str


@event("mahalle.issues.task_asked.v1", snapshot=IssueSnapshot)
@dataclass(frozen=True)
class TaskAsked:
    """The agency asks the secretary: to `defer` the task until there are funds, or to `extend` its deadline."""

    issue_id: str
    task_id: str
    agency: str
    what: str


@event("mahalle.issues.task_declined.v1", snapshot=IssueSnapshot)
@dataclass(frozen=True)
class TaskDeclined:
    """The secretary said no to what the agency asked."""

    issue_id: str
    task_id: str
    agency: str
    what: str


@event("mahalle.issues.task_deferred.v1", snapshot=IssueSnapshot)
@dataclass(frozen=True)
class TaskDeferred:
    """The task awaits funds, with a secretary's approval, and is looked at again at `review_at`."""

    issue_id: str
    task_id: str
    agency: str
    review_at: datetime


@event("mahalle.issues.task_extended.v1", snapshot=IssueSnapshot)
@dataclass(frozen=True)
class TaskExtended:
    """A secretary gave the task a later deadline."""

    issue_id: str
    task_id: str
    agency: str


@event("mahalle.issues.task_rescheduled.v1", needs_reader=False, snapshot=IssueSnapshot)
@dataclass(frozen=True)
class TaskRescheduled:
    """A changed calendar, category or priority moved the task's deadlines."""

    issue_id: str
    task_id: str
    agency: str


@event("mahalle.issues.task_review_due.v1", snapshot=IssueSnapshot)
@dataclass(frozen=True)
class TaskReviewDue:
    """A task has waited, or awaited funds, until the day on which somebody meant to look at it again."""

    issue_id: str
    task_id: str
    agency: str


@event("mahalle.issues.task_escalated.v1", snapshot=IssueSnapshot)
@dataclass(frozen=True)
class TaskEscalated:
    """Nobody accepted (`deadline` is `accept`), finished (`finish`) or was given it (`route`, without task and agency) in
    time: step `step` of the ladder, from 1.

    `to` is a step's word (agency_head, county_headquarters, …), `body` the code of the committee or headquarters, where one
    is meant and known.
    """

    issue_id: str
    task_id: str | None
    agency: str | None
    deadline: str
    step: int
    to: str
    body: str | None
