"""How an issue ends, and comes back: the filer's answer, a second person's check, silence, a clerk's refusal, duplicates.

Plain Python, no I/O, no clock of its own.
"""
from datetime import datetime, timedelta
from typing import Any

from contracts import issues
from contracts.errors import NotAllowed, Refused
from services.issues.life.demands import demand, demand_role, wrong
from services.issues.life.moves import CLOCK, FILER, MANAGER, REPORTER, SECRETARY
from services.issues.life.referring import Referring
from services.issues.life.task import Actor

SILENCE = "silence"
CLOSED_BY = (FILER, MANAGER, SILENCE)
CHECKERS = (MANAGER, REPORTER, SECRETARY)
FILED = Actor(FILER)


class Closing(Referring):
    """What people decide about the whole issue."""

    def confirm(self, satisfaction: int | None, words: str | None, at: datetime, by: Actor = FILED) -> None:
        """The filer, or the neighbourhood manager, says it is fixed. Raises Refused unless everything is done.

        Closed, unless the category asks for a check by somebody who has not looked yet: the filer's word is kept until then,
        and the manager's is told as that of one who looked. `satisfaction`: the filer's, 1 to 5.
        """
        if by.role not in (FILER, MANAGER):
            raise NotAllowed("not_yours_to_confirm", "پایان کار را ساکن یا مدیر محله تأیید می‌کند.",
                             "The filer or the neighbourhood manager confirms.")
        self._demand_done()
        self.demand_no_dispute()
        if by.role == FILER:
            self.satisfaction, self.words = satisfaction, words
        if self.confirmed_at is None:
            self.confirmed_at, self.confirmed_by = at, by.role
        if by.role == self.around.procedure.checked_by:
            self.checked_at, self.checked_by = at, by.role
        if self.lacks_check():
            self.demand_room()
        else:
            self._close(at, self.confirmed_by or by.role)
        self.note(at, by, "confirm")
        self._tell_confirmed(by, satisfaction)

    def _tell_confirmed(self, by: Actor, satisfaction: int | None) -> None:
        if by.role == FILER and satisfaction:
            self.tell(issues.IssueConfirmed(self.id, satisfaction))
        elif self.ending:
            self.tell(issues.IssueClosed(self.id, by.role))
        else:
            self.tell(issues.IssueChecked(self.id, by.role))

    def check(self, by: Actor, at: datetime) -> None:
        """Whom the category asks for says that it is really fixed; what the filer confirmed, or was silent about, closes."""
        if by.role not in (self.around.procedure.checked_by, SECRETARY):
            raise NotAllowed("not_yours_to_check", "بررسی این مسئله با نقش دیگری است.",
                             "Somebody in another role checks this issue.")
        self._demand_done()
        self.demand_no_dispute()
        self.demand_room()
        self.checked_at, self.checked_by = at, by.role
        closed = bool(self.confirmed_at or self.check_missing_at)
        if closed:
            self._close(at, self.confirmed_by or SILENCE)
        self.note(at, by, "check")
        self.tell(issues.IssueChecked(self.id, by.role))
        if closed:
            self.tell(issues.IssueClosed(self.id, by.role))

    def not_fixed(self, reason: str | None, at: datetime, by: Actor = FILED) -> None:
        """It is not fixed: every task that was done is at work again, and it is counted. Neither count nor clock is reset.

        Also of a closed issue, within the days in which it can be reopened. Raises Refused, Invalid without a reason.
        """
        demand_role(by, FILER, MANAGER, SECRETARY)
        demand({"reason": reason}, "reason")
        self.demand_room()
        if self.ending != "closed":
            self._demand_done()
        reopened = self._reopen(by, at)
        self._take_back(issues.IssueReopened(self.id) if reopened else issues.IssueNotFixed(self.id))
        for task in self.tasks:
            if task.state == "done":
                super().move(task.id, "redo", by, at, reason)

    def move(self, task_id: str, action: str, by: Actor, at: datetime, reason: str | None = None, *given: Any,
             **named: Any) -> None:
        """As `Moving` has it. One task that is brought back to work is somebody's word that it is not fixed, and counts."""
        super().move(task_id, action, by, at, reason, *given, **named)
        if action == "redo":
            self._take_back(issues.IssueNotFixed(self.id))

    def _take_back(self, fact: object) -> None:
        """What was confirmed and checked was something else than what will be done now."""
        self.times_not_fixed += 1
        self.satisfaction = self.words = None
        self.confirmed_at = self.confirmed_by = self.checked_at = self.checked_by = self.check_missing_at = None
        self.tell(fact)

    def _reopen(self, by: Actor, at: datetime) -> bool:
        """Takes the closing back, if there was one. Raises Refused when that is too long ago."""
        if self.ending != "closed" or self.closed_at is None:
            return False
        days = self.around.procedure.reopen_days
        if at >= self.closed_at + timedelta(days=days):
            raise Refused("reopening_over", f"بیش از {days} روز از بسته شدن گذشته است؛ مسئلهٔ تازه‌ای ثبت کنید.",
                          f"It was closed more than {days} days ago; file a new issue.")
        self.times_reopened += 1
        changes = {"closed_at": (self.closed_at, None), "satisfaction": (self.satisfaction, None)}
        self.ending = self.closed_at = self.closed_by = self.satisfaction = self.words = None
        self.note(at, by, "reopen", changes=changes)
        return True

    def silence(self, at: datetime) -> None:
        """Nobody has answered for so long: closed, and recorded as such; where a check is missing, that is told instead."""
        if self.lacks_check():
            self.check_missing_at = at
            self.note(at, Actor(CLOCK), "check_missing")
            self.tell(issues.CheckMissing(self.id, self.around.procedure.checked_by or ""))
        else:
            self._close(at, self.confirmed_by or SILENCE)
            self.note(at, Actor(CLOCK), "close")
            self.tell(issues.IssueClosed(self.id, self.closed_by or SILENCE))

    def lacks_check(self) -> bool:
        return self.around.procedure.checked_by is not None and self.checked_at is None

    def _close(self, at: datetime, by: str) -> None:
        self.ending, self.closed_at, self.closed_by = "closed", at, by

    def withdraw(self, reason: str | None, at: datetime) -> None:
        """The filer takes it back; open tasks are cancelled and their agencies told."""
        self._end("withdrawn", "withdraw", Actor(FILER), at, reason, issues.IssueWithdrawn(self.id))

    def reject(self, reason: str | None, by: Actor, at: datetime) -> None:
        """A clerk refuses it. Raises Refused for an ended issue, Invalid without a reason."""
        demand_role(by, SECRETARY)
        demand({"reason": reason}, "reason")
        self._end("rejected", "reject", by, at, reason, issues.IssueRejected(self.id))

    def mark_duplicate(self, of: str, by: Actor, at: datetime, reason: str | None = None) -> None:
        """It tells of the same problem as the issue `of` (an id). Raises Refused for an ended issue, Invalid for itself."""
        demand_role(by, SECRETARY)
        if of == self.id:
            raise wrong("of", "duplicate_of_itself", "یک مسئله نمی‌تواند تکراری خودش باشد.",
                        "An issue cannot be a duplicate of itself.")
        self._end("duplicate", "mark_duplicate", by, at, reason, issues.IssueMarkedDuplicate(self.id, of))
        self.duplicate_of = of

    def _end(self, ending: str, action: str, by: Actor, at: datetime, reason: str | None, fact: object) -> None:
        self.demand_not_ended()
        if reason is not None:
            demand({"reason": reason}, "reason")
        for task in self.open_tasks:
            self.move(task.id, "cancel", by, at, reason or ending)
        self.ending, self.closed_at = ending, at
        self.dispute = self.unrouted_at = None
        self.note(at, by, action, reason=reason)
        self.tell(fact)

    def unmark_duplicate(self, by: Actor, at: datetime, reason: str | None = None) -> None:
        """It was not one: open again, for routing anew; its clock has run all the time. Raises Refused."""
        demand_role(by, SECRETARY)
        if self.ending != "duplicate":
            raise Refused("no_duplicate", "این مسئله تکراری علامت نخورده است.", "This issue is not marked as a duplicate.")
        self.demand_room()
        self.ending = self.closed_at = self.duplicate_of = None
        self.unmarked_at = at
        self.unrouted_at = at if self.lacks_agency else None
        self.note(at, by, "unmark_duplicate", reason=reason)
        self.tell(issues.IssueUnmarkedDuplicate(self.id))

    def _demand_done(self) -> None:
        self.demand_not_ended()
        if self.status != "done":
            raise Refused("not_done_yet", "دستگاه هنوز پایان کار را اعلام نکرده است. پس از آن پاسخ دهید.",
                          f"The issue is {self.status}; answer when the work is reported as done.")
