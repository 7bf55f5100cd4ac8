"""What `issues` tells everybody: one fact per decision, with the issue's public state as it is when it is published.

Of a confidential issue only `ConfidentialIssueChanged` is told, with its id and version. No contact data, no words of
the filer, no secret: who needs more asks the owner.
"""
from dataclasses import dataclass
from datetime import datetime

from contracts.event import event


@dataclass(frozen=True)
class TaskSnapshot:
    """One agency's part. `state` is a state of the task table; times are UTC.

    `stopped_at`: since when its clock stands, while it waits or awaits funds; it is late when `due` lies before `done_at`,
    else before `stopped_at`, else before now. `accept_minutes` are working minutes from the offer to accepting,
    `finish_minutes` from the filing to finishing without the time that the clock stood. `lead`: it answers for the whole.
    `came_from`: the task that was referred here. `escalations`: how many steps of the ladder were taken.
    """

    id: str
    agency: str
    state: str
    offered_at: datetime
    accept_by: datetime
    due: datetime
    accepted_at: datetime | None = None
    done_at: datetime | None = None
    lead: bool = True
    came_from: str | None = None
    stopped_at: datetime | None = None
    extensions: int = 0
    escalations: int = 0
    accept_minutes: int | None = None
    finish_minutes: int | None = None


@dataclass(frozen=True)
class IssueSnapshot:
    """The public state of an issue. Of a confidential one, every field after `confidential` keeps its default.

    `place` is the codes from the province down to the neighbourhood. `reachable` says that the filer left an address;
    which, only `issues` knows. `times_not_fixed` counts how often somebody said that it is not, `times_reopened` those of
    them that came after the closing. `closed_by`: filer, neighbourhood_manager, secretary or silence. `joined`: how many
    others said "me too". `headquarters`: the one that must decide between agencies, while it has not. `checked_by`: the
    role that looked whether it is really fixed.
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
    priority: str = "normal"
    times_referred: int = 0
    times_reopened: int = 0
    joined: int = 0
    on_behalf: bool = False
    headquarters: str | None = None
    duplicate_of: str | None = None
    checked_by: str | None = None


@event("mahalle.issues.issue_filed.v1", snapshot=IssueSnapshot)
@dataclass(frozen=True)
class IssueFiled:
    issue_id: str


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
