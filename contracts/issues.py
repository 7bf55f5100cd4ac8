"""What `issues` tells everybody: one fact per decision, with the issue's public state as it is when it is published.

Of a confidential issue only `ConfidentialIssueChanged` is told, with its id and version. No contact data, no words of
the filer, no secret: who needs more asks the owner.
"""
from dataclasses import dataclass
from datetime import datetime

from contracts.event import event


@dataclass(frozen=True)
class TaskSnapshot:
    """One agency's part. `state` is a state of the task table; times are UTC."""

    id: str
    agency: str
    state: str
    offered_at: datetime
    accept_by: datetime
    due: datetime
    accepted_at: datetime | None = None
    done_at: datetime | None = None


@dataclass(frozen=True)
class IssueSnapshot:
    """The public state of an issue. Of a confidential one, every field after `confidential` keeps its default.

    `place` is the codes from the province down to the neighbourhood. `reachable` says that the filer left an address;
    which, only `issues` knows. `times_not_fixed` counts how often the filer said that it is not.
    """

    id: str
    version: int
    confidential: bool
    status: str = ""
    tracking_code: str = ""
    category: str = ""
    neighbourhood: str = ""
    place: tuple[str, ...] = ()
    filed_at: datetime | None = None
    updated_at: datetime | None = None
    tasks: tuple[TaskSnapshot, ...] = ()
    reachable: bool = False
    times_not_fixed: int = 0
    satisfaction: int | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None


@event("mahalle.issues.issue_filed.v1", snapshot=IssueSnapshot)
@dataclass(frozen=True)
class IssueFiled:
    issue_id: str


@event("mahalle.issues.task_offered.v1", snapshot=IssueSnapshot)
@dataclass(frozen=True)
class TaskOffered:
    """`by` says who chose the agency: `rule` or `secretary`."""

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


@event("mahalle.issues.issue_confirmed.v1", snapshot=IssueSnapshot)
@dataclass(frozen=True)
class IssueConfirmed:
    """The filer says it is fixed: the issue is closed. `satisfaction` is 1 to 5."""

    issue_id: str
    satisfaction: int


@event("mahalle.issues.issue_not_fixed.v1", snapshot=IssueSnapshot)
@dataclass(frozen=True)
class IssueNotFixed:
    """The filer says it is not fixed: the tasks that were done are at work again."""

    issue_id: str


@event("mahalle.issues.issue_withdrawn.v1", snapshot=IssueSnapshot)
@dataclass(frozen=True)
class IssueWithdrawn:
    issue_id: str


@event("mahalle.issues.confidential_issue_changed.v1", snapshot=IssueSnapshot)
@dataclass(frozen=True)
class ConfidentialIssueChanged:
    """Something happened to a confidential issue; what, only those who may see it learn by asking."""

    issue_id: str


@event("mahalle.issues.issue_restated.v1", snapshot=IssueSnapshot)
@dataclass(frozen=True)
class IssueRestated:
    """Nothing happened: the state is told again, for a reader that lost or never had it."""

    issue_id: str
