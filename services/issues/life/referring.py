"""Referral from agency to agency, and what the headquarters above decides when they push an issue to and fro.

Plain Python, no I/O, no clock of its own. The rule against ping-pong is ours: the documented failure is «پاسکاری شهرداری و
اداره آب» (Chaharbagh, 1403).
"""
from datetime import datetime

from contracts import issues
from contracts.errors import Refused
from services.issues.life.demands import demand, demand_role, wrong
from services.issues.life.moves import AGENCY, CLOCK, SECRETARY
from services.issues.life.moving import Moving
from services.issues.life.task import Actor, Assignee, Task
from services.issues.life.timing import clock_of

ENOUGH_REFERRALS = 3  # in all
ENOUGH_HANDOVERS = 3  # between the same two: the third is the second return


class Referring(Moving):
    """Whose the work is, where agencies do not agree."""

    def refer(self, task_id: str, to: Assignee, by: Actor, at: datetime, reason: str | None) -> None:
        """An agency hands its task on to another, which must accept it; once too often, and the headquarters decides.

        No deadline begins anew: what stood and what was granted goes along. Raises what `move` raises.
        """
        task = self.own(task_id, by)
        self.allowed(task, "refer", by)
        if self.confidential:
            raise Refused("case_not_referred",
                          "دستگاه پروندهٔ محرمانه را به دیگری نمی‌سپارد؛ با دلیل رد کنید تا مددکار بسپارد.",
                          "An agency hands no case to another; refuse it with a reason, then its case worker assigns it.")
        self.demand_no_dispute()
        demand({"reason": reason}, "reason")
        if to.agency == task.agency:
            raise wrong("agency", "referred_to_itself", "کار را نمی‌توان به همان دستگاه ارجاع داد.",
                        "A task cannot be referred to the agency that has it.")
        self.demand_no_open_task(to.agency)
        self.demand_room()
        self.times_referred += 1
        pushed = self._hand_over(task.agency, to.agency)
        task.referred_to = None if pushed else to.agency
        self.move(task_id, "refer", by, at, reason)
        if pushed:
            self._dispute(at, [task.agency, to.agency])
        else:
            self.open(to, by, at, reason, AGENCY, lead=task.lead, part=task.part, came_from=task.id,
                      **clock_of(task))

    def given_back(self, task: Task, at: datetime) -> None:
        """A task that was referred here is refused: it has been handed over once more, back to who gave it."""
        if task.came_from:
            giver = self.task(task.came_from).agency
            if self._hand_over(task.agency, giver) and not self.dispute:
                self._dispute(at, [task.agency, giver])

    def _hand_over(self, giver: str, taker: str) -> bool:
        """Counts one; whether it is one too many."""
        self.handovers = [*self.handovers, [giver, taker]]
        of_the_two = sum({giver, taker} == set(pair) for pair in self.handovers)
        return self.times_referred >= ENOUGH_REFERRALS or of_the_two >= ENOUGH_HANDOVERS

    def _dispute(self, at: datetime, agencies: list[str]) -> None:
        headquarters = self.around.headquarters_above(agencies)
        self.unrouted_at = self.unrouted_at or at
        self.dispute = {"agencies": agencies, "headquarters": headquarters, "at": at}
        self.note(at, Actor(CLOCK), "dispute", changes={"headquarters": (None, headquarters)})
        self.tell(issues.IssueDisputed(self.id, tuple(agencies), headquarters))

    def decide(self, to: Assignee, by: Actor, at: datetime, reason: str | None) -> None:
        """The headquarters says whose it is, and that binds: it can be neither refused nor referred. Raises Refused where
        nothing is disputed, Invalid without a reason."""
        demand_role(by, SECRETARY)
        self.demand_not_ended()
        if not self.dispute:
            raise Refused("nothing_disputed", "بر سر این مسئله اختلافی نیست؛ آن را با assign بسپارید.",
                          "No agencies dispute this issue; assign it instead.")
        demand({"reason": reason}, "reason")
        self.demand_no_open_task(to.agency)
        last = next(task for task in reversed(self.tasks) if task.agency == self.dispute["agencies"][0])
        self.dispute = None
        self.open(to, by, at, reason, "headquarters", lead=last.lead, part=last.part, binding=True,
                  **clock_of(last))
