"""What `issues` tells everybody: one fact per decision, with the issue's public state as it is when it is published.

Of a confidential issue only `ConfidentialIssueChanged` is told, with its id and version. No contact data, no words of
the filer, no secret: who needs more asks the owner. What concerns one task stands in `issues_tasks`, the state that travels
along in `issues_parts`; both are read from here.
"""
from dataclasses import dataclass

from contracts.event import event
from contracts.issues_parts import IssueSnapshot as IssueSnapshot
from contracts.issues_parts import TaskSnapshot as TaskSnapshot
from contracts.issues_tasks import TaskAccepted as TaskAccepted
from contracts.issues_tasks import TaskAsked as TaskAsked
from contracts.issues_tasks import TaskCancelled as TaskCancelled
from contracts.issues_tasks import TaskDeclined as TaskDeclined
from contracts.issues_tasks import TaskDeferred as TaskDeferred
from contracts.issues_tasks import TaskEscalated as TaskEscalated
from contracts.issues_tasks import TaskExtended as TaskExtended
from contracts.issues_tasks import TaskFinished as TaskFinished
from contracts.issues_tasks import TaskOffered as TaskOffered
from contracts.issues_tasks import TaskReferred as TaskReferred
from contracts.issues_tasks import TaskRefused as TaskRefused
from contracts.issues_tasks import TaskRescheduled as TaskRescheduled
from contracts.issues_tasks import TaskResumed as TaskResumed
from contracts.issues_tasks import TaskReviewDue as TaskReviewDue
from contracts.issues_tasks import TaskStarted as TaskStarted
from contracts.issues_tasks import TaskWaiting as TaskWaiting


@event("mahalle.issues.issue_filed.v1", snapshot=IssueSnapshot)
@dataclass(frozen=True)
class IssueFiled:
    issue_id: str


@event("mahalle.issues.issue_confirmed.v1", snapshot=IssueSnapshot)
@dataclass(frozen=True)
class IssueConfirmed:
    """The filer says it is fixed: the issue is closed, unless a check is still missing. `satisfaction` is 1 to 5."""

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


@event("mahalle.issues.issue_tabled.v1", snapshot=IssueSnapshot)
@dataclass(frozen=True)
class IssueTabled:
    """The ladder has ended unanswered: the issue belongs on the agenda of this headquarters' next meeting."""

    issue_id: str
    task_id: str | None
    headquarters: str | None


@event("mahalle.issues.issue_disputed.v1", snapshot=IssueSnapshot)
@dataclass(frozen=True)
class IssueDisputed:
    """Agencies push it to and fro: the headquarters above both decides, and its decision binds."""

    issue_id: str
    agencies: tuple[str, ...]
    headquarters: str | None


@event("mahalle.issues.issue_closed.v1", snapshot=IssueSnapshot)
@dataclass(frozen=True)
class IssueClosed:
    """Closed otherwise than by the filer's word: by `silence`, `neighbourhood_manager` or `secretary`, or after a check."""

    issue_id: str
    by: str


@event("mahalle.issues.issue_reopened.v1", snapshot=IssueSnapshot)
@dataclass(frozen=True)
class IssueReopened:
    """Closed, and said not to be fixed within the time in which that can be said: at work again."""

    issue_id: str


@event("mahalle.issues.issue_checked.v1", snapshot=IssueSnapshot)
@dataclass(frozen=True)
class IssueChecked:
    """A second person, whom the category asks for, looked and says that it is fixed."""

    issue_id: str
    by: str


@event("mahalle.issues.check_missing.v1", snapshot=IssueSnapshot)
@dataclass(frozen=True)
class CheckMissing:
    """The time to say something has passed, and whoever must check it (`role`) has not."""

    issue_id: str
    role: str


@event("mahalle.issues.issue_rejected.v1", snapshot=IssueSnapshot)
@dataclass(frozen=True)
class IssueRejected:
    issue_id: str


@event("mahalle.issues.issue_marked_duplicate.v1", snapshot=IssueSnapshot)
@dataclass(frozen=True)
class IssueMarkedDuplicate:
    """It tells of the same problem as the issue `of`; whoever follows it follows that one now."""

    issue_id: str
    of: str


@event("mahalle.issues.issue_unmarked_duplicate.v1", snapshot=IssueSnapshot)
@dataclass(frozen=True)
class IssueUnmarkedDuplicate:
    issue_id: str


@event("mahalle.issues.issue_joined.v1", snapshot=IssueSnapshot)
@dataclass(frozen=True)
class IssueJoined:
    """Somebody says "me too"; who, only `issues` knows."""

    issue_id: str


@event("mahalle.issues.issue_prioritised.v1", needs_reader=False, snapshot=IssueSnapshot)
@dataclass(frozen=True)
class IssuePrioritised:
    issue_id: str
    priority: str


@event("mahalle.issues.message_posted.v1", snapshot=IssueSnapshot)
@dataclass(frozen=True)
class MessagePosted:
    """Somebody wrote on an issue. `by` is the writer's role, `to` who may read it: `public`, or the `parties`. No words.

    `agency`: which one, where one wrote.
    """

    issue_id: str
    message_id: str
    by: str
    to: str
    agency: str = ""


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
