"""What is said between the platform and one agency: tasks on its queue, its answers, and what became of them.

Told by `issues` on the exchange `agencies.tasks` with the agency's code as key; answered on `agencies.answers` with
the same key, which the broker lets only that agency use. Of a confidential task only ids, times and a link travel.
"""
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contracts.event import event


@dataclass(frozen=True)
class TaskBrief:
    """What an agency needs to start: what, where, until when, and links. No resident's contact data. Times are UTC.

    `lead`: it answers for the whole, others have parts beside it; `part` says which is its own. `binding`: a headquarters
    has decided, it can be neither refused nor referred. `reason`: why it came here, such as of a referral.
    """

    task_id: str
    issue_id: str
    agency: str
    state: str
    accept_by: datetime
    due: datetime
    confidential: bool = False
    tracking_code: str | None = None
    category: str | None = None
    category_name: str | None = None
    title: str | None = None
    text: str | None = None
    neighbourhood: str | None = None
    neighbourhood_name: str | None = None
    point: dict[str, Any] | None = None
    filed_at: datetime | None = None
    lead: bool = True
    binding: bool = False
    part: str | None = None
    reason: str | None = None
    links: dict[str, Any] = field(default_factory=dict)


@event("mahalle.agencies.task_offered.v1", snapshot=TaskBrief, inline=True)
@dataclass(frozen=True)
class TaskOfferedToAgency:
    task_id: str


@event("mahalle.agencies.task_changed.v1", snapshot=TaskBrief, inline=True)
@dataclass(frozen=True)
class TaskChangedForAgency:
    """A move that was not the agency's own, such as "not fixed", brought its task to another state."""

    task_id: str


@event("mahalle.agencies.task_cancelled.v1", snapshot=TaskBrief, inline=True)
@dataclass(frozen=True)
class TaskCancelledForAgency:
    task_id: str


@event("mahalle.agencies.answer_taken.v1")
@dataclass(frozen=True)
class AnswerTaken:
    """The agency's answer was carried out; `state` is the task's new state."""

    answer_id: str
    task_id: str
    agency: str
    action: str
    state: str | None
    code: str | None = None
    reason_fa: str | None = None
    reason_en: str | None = None


@event("mahalle.agencies.answer_refused.v1")
@dataclass(frozen=True)
class AnswerRefused:
    """The agency's answer changed nothing; `code` is stable, the reasons say what to do next."""

    answer_id: str
    task_id: str
    agency: str
    action: str
    state: str | None
    code: str | None = None
    reason_fa: str | None = None
    reason_en: str | None = None


@event("mahalle.agencies.answer.v1")
@dataclass(frozen=True)
class Answer:
    """An agency's answer to a task: an action of the task table with what it needs.

    `accept`, `start`, `resume`; with `reason`: `refuse`, `refer` (and the `agency`), `wait` (and `for_whom`),
    `ask_deferral` and `ask_extension` (and `until`, UTC); with `text`: `finish` (and `photograph`, where one is asked for).
    """

    task_id: str
    action: str
    reason: str | None = None
    text: str | None = None
    agency: str | None = None
    for_whom: str | None = None
    until: datetime | None = None
    photograph: str | None = None
