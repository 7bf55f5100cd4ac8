"""The moves of the task table. Plain Python, no I/O, no clock of its own."""
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from contracts import agencies, issues
from contracts.errors import NotAllowed, Refused, not_found
from services.issues.life.demands import demand, demand_for_whom, demand_later, demand_role
from services.issues.life.moves import AGENCY, CASE_WORKER, FILER, ROUTER, SECRETARY, Move, possible_from, rows_of
from services.issues.life.names import ACTIONS, STATES
from services.issues.life.record import Record
from services.issues.life.task import Actor, Assignee, Task
from services.issues.life.terms import Clock, Terms, allowed
from services.issues.life.timing import clock_of, go_on, minutes_between, reckoned, stop

REVIEW = timedelta(days=30)  # after which a task that waits is looked at, where nobody named a day
MOST_STOPS = 50  # of one task
ENDLESS = ("wait", "ask_deferral", "ask_extension", "extend", "defer", "decline", "redo")  # what can be done for ever
ASKS = {"ask_deferral": "defer", "ask_extension": "extend"}
FACTS: dict[str, Callable[[str, Task], Any]] = {
    "accept": lambda issue, task: issues.TaskAccepted(issue, task.id, task.agency),
    "refuse": lambda issue, task: issues.TaskRefused(issue, task.id, task.agency),
    "refer": lambda issue, task: issues.TaskReferred(issue, task.id, task.agency, task.referred_to),
    "start": lambda issue, task: issues.TaskStarted(issue, task.id, task.agency),
    "wait": lambda issue, task: issues.TaskWaiting(issue, task.id, task.agency, task.for_whom or "other"),
    "resume": lambda issue, task: issues.TaskResumed(issue, task.id, task.agency),
    "ask_deferral": lambda issue, task: issues.TaskAsked(issue, task.id, task.agency, "defer"),
    "ask_extension": lambda issue, task: issues.TaskAsked(issue, task.id, task.agency, "extend"),
    "defer": lambda issue, task: issues.TaskDeferred(issue, task.id, task.agency, task.review_at or task.due),
    "extend": lambda issue, task: issues.TaskExtended(issue, task.id, task.agency),
    "finish": lambda issue, task: issues.TaskFinished(issue, task.id, task.agency),
    "cancel": lambda issue, task: issues.TaskCancelled(issue, task.id, task.agency),
}


class Moving(Record):
    """What happens to the tasks of an issue."""

    def file(self) -> None:
        """The first decision on a new issue."""
        self.unrouted_at = self.filed_at
        self.note(self.filed_at, Actor(FILER), "file")
        self.tell(issues.IssueFiled(self.id))

    def offer(self, to: Assignee, by: Actor, at: datetime, reason: str | None = None, *, lead: bool = True,
              part: str | None = None, promised: datetime | None = None) -> None:
        """Opens a task. Raises Refused when the issue has ended, is disputed, or that agency has an open task already.

        `promised`: a deadline given from outside in place of a reckoned one.
        """
        demand_role(by, ROUTER, SECRETARY, CASE_WORKER)
        self.demand_not_ended()
        self.demand_no_dispute()
        clock = self._clock_of_part(lead, part) | ({"promised": promised} if promised else {})
        self.open(to, by, at, reason, "rule" if by.role == ROUTER else by.role, lead=lead, part=part, **clock)

    def _clock_of_part(self, lead: bool, part: str | None) -> dict[str, Any]:
        """What happened to the clock of this part of the work with the agency that had it last; the next one's goes on."""
        mine = [task for task in self.tasks if task.lead == lead and (lead or task.part == part)]
        last = mine[-1] if mine else None
        return clock_of(last) if last and last.state in ("refused", "referred", "cancelled") else {}

    def open(self, to: Assignee, by: Actor, at: datetime, reason: str | None, how: str, **given: Any) -> None:
        self.demand_no_open_task(to.agency)
        self.demand_room()
        terms = to.terms or Terms(**allowed(self))
        clock = Clock(given.get("stops", ()), given.get("extensions", ()), given.get("promised"))
        task = Task(f"{self.id}-{len(self.tasks) + 1}", to.agency, to.queued, str(by), "offered", at, reason=reason,
                    **allowed(terms), **vars(terms.reckon(self.filed_at, at, clock)), **given)
        self.tasks.append(task)
        self._fill_vacancy(task)
        self.note(at, by, "offer", task, None, reason)
        self.tell(issues.TaskOffered(self.id, task.id, task.agency, how))
        self.tell_agency(task, agencies.TaskOfferedToAgency(task.id))

    def _fill_vacancy(self, task: Task) -> None:
        """A new task takes the place of the first of its kind that was refused; a referred one that of its giver."""
        refused = next((each for each in self.tasks if each.vacant and each.lead == task.lead), None)
        if refused and not task.came_from:
            refused.vacant = False
        if not self.lacks_agency:
            self.unrouted_at, self.steps_route = None, 0

    def demand_no_open_task(self, agency: str) -> None:
        if any(task.agency == agency for task in self.open_tasks):
            raise Refused("already_offered", "این دستگاه همین حالا کاری باز روی این مسئله دارد.",
                          "This agency has an open task on this issue already.")

    def move(self, task_id: str, action: str, by: Actor, at: datetime, reason: str | None = None,
             text: str | None = None, for_whom: str | None = None, until: datetime | None = None,
             photograph: str | None = None) -> None:
        """One row of the task table. Raises Refused, Invalid (something is missing or wrong), NotAllowed, NotFound."""
        task = self.own(task_id, by)
        move = self.allowed(task, action, by)
        given: dict[str, Any] = {"reason": reason, "text": text, "for_whom": for_whom, "until": until,
                                 "photograph": photograph}
        if task.request and task.asked_for(action):
            given |= {name: given[name] or task.request[name] for name in ("reason", "until")}
        if action == "decline" and not task.request:
            raise Refused("nothing_asked", "این دستگاه چیزی نخواسته است.", "The agency has asked for nothing.")
        self._demand_all(task, move, given, at)
        before, due, asked = task.state, task.due, task.request
        task.state = move.to or task.state
        self._carry_out(task, action, by, at, given)
        task.answered = answer_in(action, by, asked is not None, task.answered)
        self._note_unrouted(at)
        self.note(at, by, action, task, before, given["reason"], {"due": (due, task.due)} if task.due != due else {})
        if action == "decline":
            self.tell(issues.TaskDeclined(self.id, task.id, task.agency, (asked or {"what": "extend"})["what"]))
        self._tell_move(task, action, by)
        if action == "refuse":
            self.given_back(task, at)

    def own(self, task_id: str, by: Actor) -> Task:
        task = self.task(task_id)
        if by.role == AGENCY and task.agency != by.subject:
            raise not_found()
        return task

    def allowed(self, task: Task, action: str, by: Actor) -> Move:
        rows = rows_of(action, by.role)
        if not rows or (action == "resume" and by.role == FILER and task.for_whom != FILER):
            raise NotAllowed("move_not_yours", "این کار در اختیار شما نیست.", "This move is not yours to make.")
        self.demand_not_ended()
        move = next((row for row in rows if task.state in row.sources), None)
        if move is None:
            raise forbidden(task.state, action, by.role)
        if task.binding and action in ("refuse", "refer"):
            raise Refused("binding", "قرارگاه این کار را به این دستگاه سپرده است؛ نمی‌توان آن را رد کرد یا ارجاع داد.",
                          "A headquarters decided that this task is the agency's; it cannot be refused or referred.")
        return move

    def _demand_all(self, task: Task, move: Move, given: dict[str, Any], at: datetime) -> None:
        demand(given, *move.needs)
        if move.action == "finish" and self.around.procedure.photograph:
            demand(given, "photograph")
        demand_for_whom(given["for_whom"])
        if move.action in ENDLESS:
            self.demand_room()
        later_than = task.due if move.action in ("extend", "ask_extension") else at
        demand_later(given["until"], later_than, at)
        if move.to in ("waiting", "awaiting_funds") and len(task.stops) >= MOST_STOPS:
            raise Refused("too_many_stops", "این کار بارها متوقف شده است؛ آن را به پایان برسانید یا از دبیرخانه بپرسید.",
                          f"This task has stopped {MOST_STOPS} times; finish it or ask the secretariat.")

    def _carry_out(self, task: Task, action: str, by: Actor, at: datetime, given: dict[str, Any]) -> None:
        """The effects of a move beyond the state."""
        if action == "accept":
            task.accepted_at, task.accept_minutes = at, minutes_between(task.offered_at, at, self.terms_of(task).calendar)
        elif action in ("wait", "defer"):
            stop(task, at, given["reason"], given["for_whom"])
            task.for_whom, task.review_at = given["for_whom"], given["until"] or at + REVIEW
            if action == "wait":  # on its own word an agency is left alone for REVIEW at most
                task.review_at = min(task.review_at, at + REVIEW)
        elif action in ("resume", "cancel"):
            go_on(task, at)
            task.for_whom = task.review_at = None
            if action == "resume":
                reckoned(task, self.filed_at, self.terms_of(task))
        elif action == "extend":
            task.extensions = [*task.extensions, {"at": at, "to": given["until"], "reason": given["reason"], "by": str(by)}]
            task.steps_finish = 0
            reckoned(task, self.filed_at, self.terms_of(task))
        elif action == "finish":
            task.done_at, task.text, task.photograph = at, given["text"], given["photograph"]
            task.finish_minutes = minutes_between(self.filed_at, at, self.terms_of(task).calendar, task.stops)
        elif action == "refuse":
            task.vacant = True
        elif action == "redo":
            task.done_at = task.finish_minutes = None
            reckoned(task, self.filed_at, self.terms_of(task))
        self._put_request(task, action, at, given)
        task.reason = given["reason"] or task.reason

    def terms_of(self, task: Task) -> Terms:
        """How long the task's agency has now; as it was told, where nothing is known of the agency any more."""
        known = self.around.terms_of(task.agency, self.priority)
        return known or Terms(**allowed(task), calendar=self.around.calendar)

    def _put_request(self, task: Task, action: str, at: datetime, given: dict[str, Any]) -> None:
        """What the agency asks stands until the secretary answers it or the task moves on."""
        if action in ASKS:
            task.request = {"what": ASKS[action], "reason": given["reason"], "until": given["until"], "at": at}
        elif action not in ("start", "wait", "resume"):
            task.request = None

    def given_back(self, task: Task, at: datetime) -> None:
        """A refusal; what follows from that of a referred task, `Referring` knows."""

    def _note_unrouted(self, at: datetime) -> None:
        if self.lacks_agency and self.unrouted_at is None:
            self.unrouted_at = at

    def _tell_move(self, task: Task, action: str, by: Actor) -> None:
        if action in FACTS:
            self.tell(FACTS[action](self.id, task))
        if action == "cancel":
            self.tell_agency(task, agencies.TaskCancelledForAgency(task.id))
        elif by.role != AGENCY:
            self.tell_agency(task, agencies.TaskChangedForAgency(task.id))


def forbidden(state: str, action: str, role: str) -> Refused:
    """Says from where this move is possible, and which moves are in the same hands now."""
    sources = ", ".join(dict.fromkeys(source for row in rows_of(action, role) for source in row.sources))
    fa = f"کار در وضعیت «{STATES[state]}» است و «{ACTIONS[action]}» از این وضعیت ممکن نیست."
    en = f"The task is {state}; {action} is possible only from {sources}."
    if now := possible_from(state, role):
        fa += f" اکنون این‌ها ممکن است: {'، '.join(f'{ACTIONS[each]} ({each})' for each in now)}."
        en += f" Now there is {', '.join(now)}."
    return Refused("move_forbidden", fa, en)


def answer_in(action: str, by: Actor, asked: bool, before: str | None) -> str | None:
    """By which move somebody answered what the agency had asked or waited for; None once the agency has moved since."""
    if by.role == AGENCY:
        return None
    return action if asked or action == "resume" else before
