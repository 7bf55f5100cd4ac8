"""An issue and its tasks: what may happen, and what is told when it does. Plain Python, no I/O, no clock of its own.

Built in layers, each in a file of `life`: what it is and how it tells (`record`), the moves of its tasks (`moving`), whose
the work is (`referring`), how it ends (`closing`), what falls due by itself (`escalation`), and here the rest.
"""
from dataclasses import dataclass
from datetime import datetime

from contracts import agencies, issues
from contracts.errors import Refused
from services.issues.life.command import Command, remember
from services.issues.life.demands import demand, demand_role, wrong
from services.issues.life.escalation import Watched
from services.issues.life.moves import OPEN, PRIORITIES, SECRETARY
from services.issues.life.record import Recorded as Recorded
from services.issues.life.task import Actor as Actor
from services.issues.life.task import Assignee as Assignee
from services.issues.life.task import Task as Task


@dataclass
class Issue(Watched):
    """The aggregate."""

    def prioritise(self, priority: str, reason: str | None, by: Actor, at: datetime) -> None:
        """Another priority, and with it other deadlines. Raises Refused, Invalid."""
        demand_role(by, SECRETARY)
        self.demand_not_ended()
        self.demand_room()
        if priority not in PRIORITIES:
            raise wrong("priority", "bad_priority", f"اولویت یکی از این‌هاست: {'، '.join(PRIORITIES)}",
                        f"priority is one of {', '.join(PRIORITIES)}.")
        demand({"reason": reason}, "reason")
        before, self.priority = self.priority, priority
        self.note(at, by, "prioritise", reason=reason, changes={"priority": (before, priority)})
        self.tell(issues.IssuePrioritised(self.id, priority))
        self.reschedule(at, by)

    def make_confidential(self, reason: str | None, by: Actor, at: datetime) -> None:
        """From now on only those who may see it do, and everybody else forgets what they knew. Raises Refused, Invalid."""
        demand({"reason": reason}, "reason")
        if self.confidential:
            raise Refused("confidential_already", "این مسئله از پیش محرمانه است.", "This issue is confidential already.")
        self.confidential = True
        self.note(at, by, "make_confidential", reason=reason)
        self.tell(issues.ConfidentialIssueChanged(self.id))
        for task in self.open_tasks:
            self.tell_agency(task, agencies.TaskChangedForAgency(task.id))

    def join(self, count: int, at: datetime) -> None:
        """So many have said "me too" by now. Raises Refused for an issue that has ended or is confidential."""
        self.demand_not_ended()
        if self.confidential:
            raise Refused("confidential", "به این مسئله نمی‌توان پیوست.", "This issue cannot be joined.")
        self.joined, self.updated_at = count, at
        self.tell(issues.IssueJoined(self.id))

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

    def refused_by(self) -> set[str]:
        return {task.agency for task in self.tasks if task.state == "refused"}

    def has_lead(self) -> bool:
        """Whether somebody answers for the whole, or has."""
        return any(task.lead and task.state in (*OPEN, "done") for task in self.tasks)

    def busy(self) -> set[str]:
        """The agencies that have an open task."""
        return {task.agency for task in self.open_tasks}
