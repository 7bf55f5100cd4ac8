"""An issue and its tasks: what may happen, and what is told when it does. Plain Python, no I/O, no clock of its own.

The issue decides and records; who saves it ships state, timeline and events in one write. Times are aware, UTC.
"""
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contracts import agencies, issues
from contracts.errors import Invalid, NotAllowed, Refused, not_found
from services.issues.command import Command, remember
from services.issues.deadlines import Terms
from services.issues.moves import AGENCY, FILER, MOVES, OPEN, Move, status_of
from services.issues.task import Actor as Actor
from services.issues.task import Assignee as Assignee
from services.issues.task import Task as Task


@dataclass(frozen=True)
class Recorded:
    """An event waiting to be saved: about whom, and for which agency alone (None: a fact for everybody)."""

    happened: Any
    subject: str
    agency: str | None = None


@dataclass
class Issue:
    """The aggregate. `recorded` and `moved` are what the present decision adds to outbox and timeline.

    `answers`: what the filer answered to the category's questions, by their codes. `trace` is the W3C traceparent of the
    call under which it is decided; it travels with the events. `has_queue` says of an agency whether it takes its tasks
    from a queue now, or None where that is not known; without it, what the task says holds.
    """

    id: str
    tracking_code: str
    secret_hash: str
    filed_by: str
    request_hash: str
    category: str
    category_name: str
    confidential: bool
    neighbourhood: str
    neighbourhood_name: str
    place: list[str]
    text: str
    filed_at: datetime
    updated_at: datetime
    accept_hours: int
    finish_hours: int
    title: str | None = None
    answers: dict[str, Any] = field(default_factory=dict)
    point: dict[str, float] | None = None
    contact: dict[str, str] | None = None
    tasks: list[Task] = field(default_factory=list)
    ending: str | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    satisfaction: int | None = None
    words: str | None = None
    times_not_fixed: int = 0
    commands: list[dict[str, str]] = field(default_factory=list)
    version: int = 0
    trace: str | None = None
    has_queue: Callable[[str], bool | None] | None = None
    recorded: list[Recorded] = field(default_factory=list)
    moved: list[dict[str, Any]] = field(default_factory=list)

    @property
    def status(self) -> str:
        return status_of([task.state for task in self.tasks], self.ending)

    def file(self) -> None:
        """The first decision on a new issue."""
        self._note(self.filed_at, Actor(FILER), "file")
        self._tell(issues.IssueFiled(self.id))

    def offer(self, to: Assignee, by: Actor, at: datetime, reason: str | None = None) -> None:
        """Opens a task. Raises Refused when the issue has ended or that agency has an open task already."""
        self._demand_not_ended()
        if any(task.agency == to.agency and task.state in OPEN for task in self.tasks):
            raise Refused("already_offered", "این دستگاه همین حالا کاری باز روی این مسئله دارد.",
                          "This agency has an open task on this issue already.")
        terms = to.terms or Terms(self.accept_hours, self.finish_hours)
        reckoned = terms.reckon(self.filed_at, at)
        task = Task(f"{self.id}-{len(self.tasks) + 1}", to.agency, to.queued, str(by), "offered", at,
                    accept_hours=terms.accept_hours, finish_hours=terms.finish_hours, **vars(reckoned))
        self.tasks.append(task)
        self._note(at, by, "offer", task, None, reason)
        self._tell(issues.TaskOffered(self.id, task.id, task.agency, "rule" if by.role == "router" else by.role))
        self._tell_agency(task, agencies.TaskOfferedToAgency(task.id))

    def move(self, task_id: str, action: str, by: Actor, at: datetime, reason: str | None = None,
             text: str | None = None) -> None:
        """One row of the task table. Raises Refused, Invalid (a reason or text is missing), NotAllowed, NotFound."""
        task = self.task(task_id)
        if by.role == AGENCY and task.agency != by.subject:
            raise not_found()
        move = self._allowed(task, action, by)
        given = {"reason": reason, "text": text}
        if move.needs and not (given[move.needs] or "").strip():
            raise Invalid(f"{move.needs}_needed", f"برای این کار {_FA[move.needs]} لازم است.",
                          f"This needs a {move.needs}.",
                          [{"pointer": f"/{move.needs}", "fa": "این بخش لازم است.", "en": "Missing."}])
        before, task.state = task.state, move.to
        self._stamp(task, action, at, reason, text)
        self._note(at, by, action, task, before, reason)
        fact = _FACTS.get(action)
        if fact:
            self._tell(fact(self.id, task.id, task.agency))
        if action == "cancel":
            self._tell_agency(task, agencies.TaskCancelledForAgency(task.id))
        elif by.role != AGENCY:
            self._tell_agency(task, agencies.TaskChangedForAgency(task.id))

    def _allowed(self, task: Task, action: str, by: Actor) -> Move:
        move = MOVES.get(action)
        if move is None or by.role not in move.by:
            raise NotAllowed("move_not_yours", "این کار در اختیار شما نیست.", "This move is not yours to make.")
        self._demand_not_ended()
        if task.state not in move.sources:
            raise Refused("move_forbidden", f"کار در وضعیت «{task.state}» است و «{action}» از این وضعیت ممکن نیست.",
                          f"The task is {task.state}; {action} is possible only from {', '.join(move.sources)}.")
        return move

    def confirm(self, satisfaction: int, words: str | None, at: datetime) -> None:
        """The filer says it is fixed: closed. Raises Refused unless everything is done."""
        self._demand_done()
        self.ending, self.closed_at, self.closed_by = "closed", at, FILER
        self.satisfaction, self.words = satisfaction, words
        self._note(at, Actor(FILER), "confirm")
        self._tell(issues.IssueConfirmed(self.id, satisfaction))

    def not_fixed(self, reason: str, at: datetime) -> None:
        """The filer says it is not: every task that was done is at work again, and it is counted."""
        self._demand_done()
        self.times_not_fixed += 1
        self._tell(issues.IssueNotFixed(self.id))
        for task in self.tasks:
            if task.state == "done":
                self.move(task.id, "redo", Actor(FILER), at, reason)

    def withdraw(self, reason: str | None, at: datetime) -> None:
        """The filer takes it back; open tasks are cancelled and their agencies told."""
        self._demand_not_ended()
        for task in self.tasks:
            if task.state in OPEN:
                self.move(task.id, "cancel", Actor(FILER), at, reason or "withdrawn")
        self.ending, self.closed_at = "withdrawn", at
        self._note(at, Actor(FILER), "withdraw", reason=reason)
        self._tell(issues.IssueWithdrawn(self.id))

    def carried_out(self, command: Command) -> bool:
        """Whether this command was carried out before; if not, it is remembered as carried out now.

        Raises Invalid where its id came before and asked for something else.
        """
        remembered = remember(self.commands, command)
        if remembered:
            self.commands = remembered
        return remembered is None

    def answer_agency(self, answer: agencies.AnswerTaken | agencies.AnswerRefused) -> None:
        """Tells an agency what became of what it said over its queue."""
        self.recorded.append(Recorded(answer, answer.task_id, answer.agency))

    def task(self, task_id: str) -> Task:
        for task in self.tasks:
            if task.id == task_id:
                return task
        raise not_found()

    def refused_by(self) -> set[str]:
        return {task.agency for task in self.tasks if task.state == "refused"}

    def _demand_not_ended(self) -> None:
        if self.ending:
            raise Refused("issue_ended", "این مسئله پایان یافته است و دیگر تغییر نمی‌کند.",
                          f"This issue is {self.ending} and changes no more.")

    def _demand_done(self) -> None:
        self._demand_not_ended()
        if self.status != "done":
            raise Refused("not_done_yet", "دستگاه هنوز پایان کار را اعلام نکرده است. پس از آن پاسخ دهید.",
                          f"The issue is {self.status}; answer when the work is reported as done.")

    def _stamp(self, task: Task, action: str, at: datetime, reason: str | None, text: str | None) -> None:
        if action == "accept":
            task.accepted_at = at
        elif action == "finish":
            task.done_at, task.text = at, text
        elif action == "redo":
            task.done_at = None
        if reason:
            task.reason = reason

    def _note(self, at: datetime, by: Actor, action: str, task: Task | None = None, before: str | None = None,
              reason: str | None = None) -> None:
        self.updated_at = at
        self.moved.append({"at": at, "by": str(by), "action": action, "status": self.status,
                           **({"task": task.id, "from": before, "to": task.state} if task else {}),
                           **({"reason": reason} if reason else {})})

    def _tell(self, fact: Any) -> None:
        """Of a confidential issue everybody learns only that something changed."""
        told = issues.ConfidentialIssueChanged(self.id) if self.confidential else fact
        self.recorded.append(Recorded(told, self.id))

    def _tell_agency(self, task: Task, event: Any) -> None:
        """Told, where the agency has a queue at this moment: it may have got one, or left it, since the offer."""
        now = self.has_queue(task.agency) if self.has_queue else None
        task.queued = task.queued if now is None else now
        if task.queued:
            self.recorded.append(Recorded(event, task.id, task.agency))


_FACTS: dict[str, Any] = {"accept": issues.TaskAccepted, "refuse": issues.TaskRefused, "start": issues.TaskStarted,
                          "finish": issues.TaskFinished, "cancel": issues.TaskCancelled}
_FA = {"reason": "دلیل", "text": "شرح کار انجام‌شده"}
