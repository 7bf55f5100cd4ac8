"""What falls due by itself: the steps of the ladder, reviews of what waits, silence. Plain Python, no clock of its own.

A timer is not kept: it follows from the issue, and only the earliest is stored with it, for the sweeper to find. Whatever
is due is done one after the other, the oldest first, however long nobody swept.
"""
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts import agencies, issues
from services.issues.life.closing import Closing
from services.issues.life.deadlines import NeverOpens, after
from services.issues.life.moves import AT_WORK, CLOCK
from services.issues.life.moving import REVIEW
from services.issues.life.task import Actor, Task
from services.issues.life.terms import Terms, allowed
from services.issues.life.timing import reckoned

TABLED = "next_meeting"
ROUTE, ACCEPT, FINISH, REVIEWED, SILENT = "route", "accept", "finish", "review", "silence"
SELF = Actor(CLOCK)


@dataclass(frozen=True)
class Timer:
    """What falls due at an instant: one of the five words above, of a task where it is one's own."""

    at: datetime
    what: str
    task: Task | None = None


class Watched(Closing):
    """An issue as the sweeper sees it."""

    @property
    def next_due_at(self) -> datetime | None:
        """When it must be looked at again; None: nothing falls due by itself."""
        timer = self.next_timer()
        return timer.at if timer else None

    def next_timer(self) -> Timer | None:
        """The earliest."""
        return min(self._timers(), key=lambda timer: timer.at, default=None)

    def catch_up(self, at: datetime) -> bool:
        """Takes over changed calendars and hours, then does all that is due at `at`; whether anything was done."""
        changed = self.reschedule(at)
        while (timer := self.next_timer()) and timer.at <= at:
            self._fall_due(timer, at)
            changed = True
        return changed

    def reschedule(self, at: datetime, why: Actor = SELF) -> bool:
        """Reckons the deadlines of open tasks by what the registry says now; whether anything of them has changed."""
        changed = self.category_version != self.around.category_version
        self.category_version = self.around.category_version
        for task in self.open_tasks:
            before = task.accept_by, task.due, task.calendar, task.calendar_version, allowed(task)
            if reckoned(task, self.filed_at, self.terms_of(task)):
                self.note(at, why, "reschedule", task, task.state, changes={
                    "accept_by": (before[0], task.accept_by), "due": (before[1], task.due)})
                self.tell(issues.TaskRescheduled(self.id, task.id, task.agency))
                self.tell_agency(task, agencies.TaskChangedForAgency(task.id))
            changed = changed or before != (task.accept_by, task.due, task.calendar, task.calendar_version, allowed(task))
        return changed

    def _timers(self) -> Iterator[Timer]:
        if self.ending:
            return
        if self.unrouted_at and (self.lacks_agency or self.dispute):
            terms = Terms(**allowed(self), calendar=self.around.calendar)
            yield from self._step(terms.reckon(self.unrouted_at, self.unrouted_at).accept_by, ROUTE, self.steps_route)
        for task in self.tasks:
            if task.state == "offered":
                yield from self._step(task.accept_by, ACCEPT, task.steps_accept, task)
            if task.state in ("offered", *AT_WORK):  # who is asked again and again gets no other deadline by it
                yield from self._step(task.due, FINISH, task.steps_finish, task)
            elif task.stopped_at and task.review_at:
                yield Timer(task.review_at, REVIEWED, task)
                if task.state == "waiting" and task.due < task.stopped_at:  # waiting hides nothing that was late before
                    yield from self._step(task.due, FINISH, task.steps_finish, task)
        if self.status == "done" and not self._unsettled():
            asked_at = max([task.done_at for task in self.tasks if task.done_at] + [at for at in (self.unmarked_at,) if at])
            yield Timer((self.confirmed_at or asked_at) + timedelta(days=self.around.procedure.silence_days), SILENT)

    def _unsettled(self) -> bool:
        """Whether something stands in the way of closing by silence: a check or a decision that is missing, or a part that
        nobody has, until its ladder has ended."""
        unclaimed = any(task.vacant for task in self.tasks) and self.steps_route < len(self.around.procedure.ladder)
        return bool(self.dispute) or unclaimed or bool(self.check_missing_at and self.lacks_check())

    def _step(self, deadline: datetime, what: str, taken: int, task: Task | None = None) -> Iterator[Timer]:
        """The next step of the ladder that was not taken yet."""
        ladder = self.around.procedure.ladder
        if taken < len(ladder):
            hours = timedelta(hours=ladder[taken][0])
            try:
                yield Timer(after(deadline, hours, self.around.calendar), what, task)
            except NeverOpens:  # by the clock, as deadlines are then
                yield Timer(deadline + hours, what, task)

    def _fall_due(self, timer: Timer, at: datetime) -> None:
        if timer.what == SILENT:
            self.silence(at)
        elif timer.what == REVIEWED and timer.task:
            timer.task.review_at = at + REVIEW
            self.note(at, SELF, "review", timer.task, timer.task.state)
            self.tell(issues.TaskReviewDue(self.id, timer.task.id, timer.task.agency))
        else:
            self._escalate(timer, at)

    def _escalate(self, timer: Timer, at: datetime) -> None:
        step, to = self._take_step(timer)
        task_id, agency = (timer.task.id, timer.task.agency) if timer.task else (None, None)
        body = self.around.body_of(to, agency)
        state = timer.task.state if timer.task else None
        changes = {"deadline": (None, timer.what), "step": (step - 1, step), "to": (None, to),
                   "was_due_at": (None, timer.at)}
        self.note(at, SELF, "escalate", timer.task, state, changes=changes)
        self.tell(issues.TaskEscalated(self.id, task_id, agency, timer.what, step, to, body))
        if to == TABLED:
            self.tell(issues.IssueTabled(self.id, task_id, body))

    def _take_step(self, timer: Timer) -> tuple[int, str]:
        """Counts it; which it is, from 1, and to whom it goes."""
        holder, name = timer.task or self, f"steps_{timer.what}"
        taken: int = getattr(holder, name)
        setattr(holder, name, taken + 1)
        return taken + 1, self.around.procedure.ladder[taken][1]
