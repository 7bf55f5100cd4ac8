"""The rule table: which event tells whom, with which letter. Adding a rule is adding a row and two templates.

The events are those that `chassis.topology.NOTIFIED` binds the queue to; a test keeps the two in step. What is told is
decided on the issue's newest state: an event that was overtaken tells nobody what is no longer so. Nothing is ever
told of a confidential issue.
"""
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from contracts.issues import (
    CheckMissing,
    IssueClosed,
    IssueConfirmed,
    IssueDisputed,
    IssueFiled,
    IssueMarkedDuplicate,
    IssueNotFixed,
    IssueRejected,
    IssueReopened,
    IssueSnapshot,
    IssueTabled,
    IssueUnmarkedDuplicate,
    IssueWithdrawn,
    MessagePosted,
    TaskAsked,
    TaskCancelled,
    TaskDeclined,
    TaskDeferred,
    TaskEscalated,
    TaskExtended,
    TaskFinished,
    TaskOffered,
    TaskReferred,
    TaskRefused,
    TaskReviewDue,
    TaskSnapshot,
    TaskWaiting,
)
from services.notifications.addressees import (
    Addressee,
    Who,
    agencies_with,
    agency,
    filer,
    followers,
    headquarters,
    neighbour,
    neighbourhood_manager,
    parties_but_the_writer,
    province_secretary,
    step,
)

TOLD = ("what", "review_at", "deadline", "step", "by")  # of an event, what its letters may mention
When = Callable[[Any, IssueSnapshot], bool]


def always(happened: Any, issue: IssueSnapshot) -> bool:
    return True


def in_status(*statuses: str) -> When:
    return lambda happened, issue: issue.status in statuses


def task_in(*states: str) -> When:
    """The task that the event names is in one of these states still."""
    return lambda happened, issue: any(t.id == happened.task_id and t.state in states for t in issue.tasks)


def left_vacant(happened: Any, issue: IssueSnapshot) -> bool:
    """No other agency has taken the place of the one that refused."""
    return any(task.id == happened.task_id and task.vacant for task in issue.tasks)


def waits_for_filer(happened: Any, issue: IssueSnapshot) -> bool:
    return happened.for_whom == "filer" and task_in("waiting")(happened, issue)


def still_late(happened: Any, issue: IssueSnapshot) -> bool:
    """Nobody routed, decided, accepted or finished it meanwhile; while agencies dispute it, others may be at work."""
    if happened.deadline == "route":
        return issue.status == "filed" or issue.headquarters is not None or any(task.vacant for task in issue.tasks)
    open_ones = ("offered",) if happened.deadline == "accept" else ("offered", "accepted", "in_progress")
    return task_in(*open_ones)(happened, issue)


def other_agency(happened: Any, issue: IssueSnapshot) -> bool:
    """Not where a headquarters must decide first: that is another letter."""
    return happened.to is not None


nobody_has_it = in_status("filed")  # no rule routed it, or its agency refused and no other took it
closed = in_status("closed")


@dataclass(frozen=True)
class Rule:
    """One row. `template` names the letter, and with the event and the recipient the delivery."""

    event: type
    who: Who
    template: str
    when: When = always


RULES = (
    Rule(IssueFiled, filer, "filed"),
    Rule(IssueFiled, neighbour, "filed_for_you"),
    Rule(IssueFiled, neighbourhood_manager, "filed_nearby"),
    Rule(IssueFiled, province_secretary, "unrouted", nobody_has_it),
    Rule(TaskOffered, agency, "task_offered", task_in("offered")),
    Rule(TaskRefused, province_secretary, "refused", left_vacant),
    Rule(TaskReferred, filer, "referred", other_agency),
    Rule(IssueDisputed, headquarters, "disputed"),
    Rule(TaskWaiting, filer, "waiting", waits_for_filer),
    Rule(TaskAsked, province_secretary, "asked"),
    Rule(TaskDeclined, agency, "declined"),
    Rule(TaskDeferred, agency, "deferral_granted"),
    Rule(TaskDeferred, filer, "deferred", task_in("awaiting_funds")),
    Rule(TaskExtended, agency, "extension_granted"),
    Rule(TaskExtended, filer, "extended", task_in("accepted", "in_progress", "waiting")),
    Rule(TaskReviewDue, province_secretary, "review_due", task_in("waiting", "awaiting_funds")),
    Rule(TaskEscalated, step, "escalated", still_late),
    Rule(IssueTabled, headquarters, "tabled"),
    Rule(TaskFinished, filer, "done", in_status("done")),
    Rule(TaskFinished, followers, "followed_done", in_status("done")),
    Rule(TaskCancelled, agency, "task_cancelled"),
    Rule(IssueConfirmed, agencies_with("done"), "confirmed"),
    Rule(IssueConfirmed, followers, "followed_closed", closed),
    Rule(IssueClosed, filer, "closed", closed),
    Rule(IssueClosed, followers, "followed_closed", closed),
    Rule(IssueNotFixed, agencies_with("in_progress"), "not_fixed"),
    Rule(IssueNotFixed, neighbourhood_manager, "not_fixed_nearby"),
    Rule(IssueReopened, agencies_with("in_progress"), "not_fixed"),
    Rule(IssueReopened, neighbourhood_manager, "not_fixed_nearby"),
    Rule(IssueReopened, followers, "followed_reopened"),
    Rule(CheckMissing, province_secretary, "check_missing", in_status("done")),
    Rule(IssueWithdrawn, neighbourhood_manager, "withdrawn"),
    Rule(IssueWithdrawn, followers, "followed_withdrawn"),
    Rule(IssueRejected, filer, "rejected", in_status("rejected")),
    Rule(IssueRejected, followers, "followed_rejected", in_status("rejected")),
    Rule(IssueMarkedDuplicate, filer, "duplicate", in_status("duplicate")),
    Rule(IssueMarkedDuplicate, followers, "followed_duplicate", in_status("duplicate")),
    Rule(IssueUnmarkedDuplicate, filer, "not_duplicate"),
    Rule(MessagePosted, parties_but_the_writer, "message"),
)


def told(happened: Any, issue: IssueSnapshot) -> Iterator[tuple[Rule, Addressee]]:
    """Every letter that an event asks for."""
    for rule in RULES:
        if type(happened) is rule.event and not issue.confidential and rule.when(happened, issue):
            for addressee in rule.who(happened, issue):
                yield rule, addressee


def about(happened: Any, issue: IssueSnapshot) -> dict[str, Any]:
    """What the letters may mention, as codes and times: the issue, and the task that the event or the issue is at."""
    task = task_of(happened, issue)
    return {"issue": issue.id, "tracking_code": issue.tracking_code, "category": issue.category,
            "place": issue.neighbourhood, "filed_at": issue.filed_at, "satisfaction": issue.satisfaction,
            "agency": task.agency if task else None, "accept_by": task.accept_by if task else None,
            "due": task.due if task else None, "closed_by": issue.closed_by, "joined": issue.joined,
            **{name: getattr(happened, name, None) for name in TOLD}}


def task_of(happened: Any, issue: IssueSnapshot) -> TaskSnapshot | None:
    """The task that the event names, else the newest, else None."""
    named = [task for task in issue.tasks if task.id == getattr(happened, "task_id", None)]
    return next(iter(named or issue.tasks[-1:]), None)
