"""The rule table: which event tells whom, with which letter. Adding a rule is adding a row and two templates.

The events are those that `chassis.topology.NOTIFIED` binds the queue to; a test keeps the two in step. What is told is
decided on the issue's newest state: an event that was overtaken tells nobody what is no longer so. Nothing is ever
told of a confidential issue.
"""
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from contracts.issues import (
    IssueConfirmed,
    IssueFiled,
    IssueNotFixed,
    IssueSnapshot,
    IssueWithdrawn,
    TaskCancelled,
    TaskFinished,
    TaskOffered,
    TaskRefused,
    TaskSnapshot,
)


@dataclass(frozen=True)
class Addressee:
    """Whom a rule means: the `filer` of an issue, an `agency`, or with `role` who sits there for the place `ref`."""

    kind: str
    ref: str
    role: str = ""


Who = Callable[[Any, IssueSnapshot], list[Addressee]]
When = Callable[[Any, IssueSnapshot], bool]


def filer(happened: Any, issue: IssueSnapshot) -> list[Addressee]:
    """Nobody, when the filer left no address."""
    return [Addressee("filer", issue.id)] if issue.reachable else []


def neighbourhood_manager(happened: Any, issue: IssueSnapshot) -> list[Addressee]:
    return [Addressee("seat", issue.neighbourhood, "neighbourhood_manager")]


def province_secretary(happened: Any, issue: IssueSnapshot) -> list[Addressee]:
    return [Addressee("seat", place, "secretary") for place in issue.place[:1]]


def agency(happened: Any, issue: IssueSnapshot) -> list[Addressee]:
    """The one the event names."""
    return [Addressee("agency", happened.agency)]


def agencies_with(*states: str) -> Who:
    """All that have a task in one of these states."""

    def who(happened: Any, issue: IssueSnapshot) -> list[Addressee]:
        return [Addressee("agency", code) for code in sorted({t.agency for t in issue.tasks if t.state in states})]

    return who


def always(happened: Any, issue: IssueSnapshot) -> bool:
    return True


def nobody_has_it(happened: Any, issue: IssueSnapshot) -> bool:
    """No rule routed it, or its agency refused and no other took it."""
    return issue.status == "filed"


def all_done(happened: Any, issue: IssueSnapshot) -> bool:
    return issue.status == "done"


def still_offered(happened: Any, issue: IssueSnapshot) -> bool:
    return any(task.id == happened.task_id and task.state == "offered" for task in issue.tasks)


@dataclass(frozen=True)
class Rule:
    """One row. `template` names the letter, and with the event and the recipient the delivery."""

    event: type
    who: Who
    template: str
    when: When = always


RULES = (
    Rule(IssueFiled, filer, "filed"),
    Rule(IssueFiled, neighbourhood_manager, "filed_nearby"),
    Rule(IssueFiled, province_secretary, "unrouted", nobody_has_it),
    Rule(TaskOffered, agency, "task_offered", still_offered),
    Rule(TaskRefused, province_secretary, "refused", nobody_has_it),
    Rule(TaskFinished, filer, "done", all_done),
    Rule(TaskCancelled, agency, "task_cancelled"),
    Rule(IssueConfirmed, agencies_with("done"), "confirmed"),
    Rule(IssueNotFixed, agencies_with("in_progress"), "not_fixed"),
    Rule(IssueNotFixed, neighbourhood_manager, "not_fixed_nearby"),
    Rule(IssueWithdrawn, neighbourhood_manager, "withdrawn"),
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
            "due": task.due if task else None}


def task_of(happened: Any, issue: IssueSnapshot) -> TaskSnapshot | None:
    """The task that the event names, else the newest, else None."""
    named = [task for task in issue.tasks if task.id == getattr(happened, "task_id", None)]
    return next(iter(named or issue.tasks[-1:]), None)
