"""What an issue is, and how its decisions are noted and told. Plain Python, no I/O, no clock of its own.

Decisions record; who saves the issue ships state, timeline and events in one write. Times are aware, UTC.
"""
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contracts import issues
from contracts.errors import Refused, not_found
from contracts.schema import instant
from services.issues.life.circumstances import NOTHING_KNOWN, Circumstances
from services.issues.life.moves import OPEN, status_of
from services.issues.life.task import Actor, Task

MOST_NOTED = 1000  # entries of a timeline, after which nothing may be done that can be done for ever


@dataclass(frozen=True)
class Recorded:
    """An event waiting to be saved: about whom, and for which agency alone (None: a fact for everybody)."""

    happened: Any
    subject: str
    agency: str | None = None


@dataclass
class Record:
    """The aggregate's state. `recorded` and `moved` are what the present decision adds to outbox and timeline.

    `answers`: what the filer answered to the category's questions, by their codes. `on_behalf_of`: the contact of the
    neighbour for whom a volunteer files. `handovers`: [from, to] of every referral and of every refusal of one. `dispute`:
    {agencies, headquarters, at} until it is decided. `unrouted_at`: since when no agency has it, `steps_route` the steps of
    the ladder taken because of that. `confirmed_at`, `confirmed_by`: the first word that it is fixed, and whose
    it was, where a check is still missing; `check_missing_at`: when somebody was told so. `unmarked_at`: when it was a
    duplicate no more. `noted`: how many entries its timeline has. `joined`: how many said "me too". `assessments`: of a
    confidential issue, the newest last. `past`: the timeline as it is stored, while it lies open. `trace` is the W3C
    traceparent of the call under which it is decided; it travels with the events.
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
    accept_days: int | None = None
    finish_days: int | None = None
    category_version: int = 0
    title: str | None = None
    answers: dict[str, Any] = field(default_factory=dict)
    point: dict[str, float] | None = None
    contact: dict[str, str] | None = None
    on_behalf_of: dict[str, str] | None = None
    priority: str = "normal"
    tasks: list[Task] = field(default_factory=list)
    handovers: list[list[str]] = field(default_factory=list)
    times_referred: int = 0
    dispute: dict[str, Any] | None = None
    unrouted_at: datetime | None = None
    steps_route: int = 0
    ending: str | None = None
    duplicate_of: str | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    confirmed_at: datetime | None = None
    confirmed_by: str | None = None
    checked_at: datetime | None = None
    checked_by: str | None = None
    check_missing_at: datetime | None = None
    unmarked_at: datetime | None = None
    satisfaction: int | None = None
    words: str | None = None
    times_not_fixed: int = 0
    times_reopened: int = 0
    joined: int = 0
    noted: int = 0
    assessments: list[dict[str, Any]] = field(default_factory=list)
    commands: list[dict[str, str]] = field(default_factory=list)
    version: int = 0
    trace: str | None = None
    around: Circumstances = NOTHING_KNOWN
    recorded: list[Recorded] = field(default_factory=list)
    moved: list[dict[str, Any]] = field(default_factory=list)
    past: list[dict[str, Any]] | None = None

    @property
    def status(self) -> str:
        return status_of([task.state for task in self.tasks], self.ending)

    @property
    def open_tasks(self) -> list[Task]:
        return [task for task in self.tasks if task.state in OPEN]

    @property
    def lacks_agency(self) -> bool:
        """Nobody has it, or a part of it was refused and nobody has taken that."""
        return self.status == "filed" or any(task.vacant for task in self.tasks)

    def task(self, task_id: str) -> Task:
        """Raises NotFound."""
        for task in self.tasks:
            if task.id == task_id:
                return task
        raise not_found()

    def demand_not_ended(self) -> None:
        if self.ending:
            raise Refused("issue_ended",
                          "این مسئله پایان یافته است و دیگر تغییر نمی‌کند. برای مشکلی تازه، مسئلهٔ تازه‌ای ثبت کنید.",
                          f"This issue is {self.ending} and changes no more. For a new problem file a new issue.")

    def demand_no_dispute(self) -> None:
        if self.dispute:
            raise Refused("disputed", "دستگاه‌ها بر سر این مسئله اختلاف دارند؛ قرارگاه با binding تصمیم می‌گیرد.",
                          "Agencies push this issue to and fro; the headquarters decides: assign it with binding.")

    def demand_room(self) -> None:
        """Before what can be repeated without end: the document of an issue is bounded. How it ends is never refused."""
        if self.noted >= MOST_NOTED:
            raise Refused("too_many_changes", "این مسئله بیش از اندازه تغییر کرده است؛ آن را به پایان برسانید.",
                          "This issue has changed too often; bring it to its end.")

    def note(self, at: datetime, by: Actor, action: str, task: Task | None = None, before: str | None = None,
             reason: str | None = None, changes: dict[str, tuple[Any, Any]] | None = None) -> None:
        """An entry of the timeline. `changes`: the name of a field → what it was and what it is."""
        self.updated_at, self.noted = at, self.noted + 1
        changed = {name: [_plain(old), _plain(new)] for name, (old, new) in (changes or {}).items()}
        self.moved.append({"at": at, "by": str(by), "action": action, "status": self.status,
                           **({"task": task.id, "from": before, "to": task.state} if task else {}),
                           **({"reason": reason} if reason else {}), **({"changes": changed} if changed else {})})

    def sign(self, by: str, account: str) -> None:
        """Notes which account it was beside what an office did now; never of the filer, who is somebody at home."""
        for moved in self.moved:
            if account and moved["by"] == by:
                moved["account"] = account

    def tell(self, fact: Any) -> None:
        """Of a confidential issue everybody learns only that something changed."""
        told = issues.ConfidentialIssueChanged(self.id) if self.confidential else fact
        self.recorded.append(Recorded(told, self.id))

    def tell_agency(self, task: Task, event: Any) -> None:
        """Told, where the agency has a queue at this moment: it may have got one, or left it, since the offer."""
        now = self.around.has_queue(task.agency)
        task.queued = task.queued if now is None else now
        if task.queued:
            self.recorded.append(Recorded(event, task.id, task.agency))


def _plain(value: Any) -> Any:
    return instant(value) if isinstance(value, datetime) else value
