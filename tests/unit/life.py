"""The table of DOMAIN.md written a second time, in as few words as the life of one issue needs; it never asks the model."""
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from services.issues.life.circumstances import Procedure
from services.issues.model import Actor
from tests.builders import NOON

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AGENCIES = ("a1", "a2", "a3")
HOURS = {"urgent": (4, 10), "high": (12, 30), "normal": (24, 72), "low": (48, 200)}  # accept, finish
LADDER = ((0, "neighbourhood_manager"), (8, "county_headquarters"), (40, "next_meeting"))
WORK, OPEN = ("accepted", "in_progress"), ("offered", "accepted", "in_progress", "waiting", "awaiting_funds")
TABLE: tuple[tuple[tuple[str, ...], str, tuple[str, ...], str | None, tuple[str, ...]], ...] = (
    (("offered",), "accept", ("agency",), "accepted", ()),
    (("offered",), "refuse", ("agency",), "refused", ("reason",)),
    (("accepted",), "start", ("agency",), "in_progress", ()),
    (WORK, "wait", ("agency",), "waiting", ("reason", "for_whom")),
    (("waiting",), "resume", ("agency", "filer"), "in_progress", ()),  # the filer: what waits for the filer
    (WORK, "ask_deferral", ("agency",), None, ("reason", "until")),    # defer: by the agency, approved by the secretary
    (WORK, "defer", ("secretary",), "awaiting_funds", ("reason", "until")),
    (("awaiting_funds",), "resume", ("agency", "secretary"), "in_progress", ()),
    ((*WORK, "waiting"), "ask_extension", ("agency",), None, ("reason", "until")),
    ((*WORK, "waiting"), "extend", ("secretary",), None, ("reason", "until")),
    ((*WORK, "waiting"), "decline", ("secretary",), None, ("reason",)),
    (WORK, "finish", ("agency",), "done", ("text",)),
    (("done",), "redo", ("filer", "neighbourhood_manager", "secretary"), "in_progress", ("reason",)),
    (OPEN, "cancel", ("secretary",), "cancelled", ("reason",)))
TOLD = {"accept": "TaskAccepted", "refuse": "TaskRefused", "start": "TaskStarted", "wait": "TaskWaiting",
        "resume": "TaskResumed", "ask_deferral": "TaskAsked", "ask_extension": "TaskAsked", "defer": "TaskDeferred",
        "extend": "TaskExtended", "decline": "TaskDeclined", "finish": "TaskFinished", "redo": "IssueNotFixed",
        "cancel": "TaskCancelled"}
GIVEN: dict[str, Any] = {"reason": "دلیل", "text": "شرح", "for_whom": "other", "until": None}
BLANKS: dict[str, tuple[Any, ...]] = {"reason": (None, "", "  "), "text": (None, "", "\t "), "for_whom": (None, "نامه‌رسان"),
                                      "until": (None, NOON - DAY)}
CHECKED_BY, SECRETARY = "reporter", "secretary"


@dataclass
class Part:
    """A task: its state, and what happened to the clock of its work: [what, when, to]."""

    agency: str
    state: str
    offered_at: datetime
    accept_by: datetime
    due: datetime
    clock: list[tuple[str, datetime, datetime | None]] = field(default_factory=list)
    came_from: int | None = None
    binding: bool = False
    for_whom: str | None = None
    review_at: datetime | None = None
    asked: tuple[str, datetime] | None = None
    done_at: datetime | None = None
    vacant: bool = False
    steps: dict[str, int] = field(default_factory=lambda: {"accept": 0, "finish": 0})


@dataclass
class Life:
    """What the domain says of one issue. `told` and `noted` are what the last thing that happened must have left."""

    procedure: Procedure
    parts: list[Part] = field(default_factory=list)
    priority: str = "normal"
    ending: str | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    confirmed: tuple[datetime, str] | None = None
    checked: bool = False
    check_missed: bool = False
    unmarked_at: datetime | None = None
    disputed: Part | None = None
    unrouted_at: datetime | None = NOON
    steps: int = 0
    handovers: list[frozenset[str]] = field(default_factory=list)
    referred: int = 0
    not_fixed: int = 0
    reopened: int = 0
    told: list[str] = field(default_factory=lambda: ["IssueFiled"])
    noted: int = 1

    def leaves(self, noted: int, *told: str) -> None:
        self.noted, self.told = self.noted + noted, [*self.told, *told]

    @property
    def status(self) -> str:
        states = {part.state for part in self.parts}
        if self.ending:
            return self.ending
        if states & {*WORK} or states >= {"done", "offered"}:
            return "in_progress"
        found = [(state, status) for state, status in (("waiting", "waiting"), ("awaiting_funds", "awaiting_funds"),
                                                       ("offered", "routed"), ("done", "done")) if state in states]
        return found[0][1] if found else "filed"

    @property
    def lacks(self) -> bool:
        return self.status == "filed" or any(part.vacant for part in self.parts)

    @property
    def open(self) -> list[Part]:
        return [part for part in self.parts if part.state in OPEN]

    def row(self, part: Part, action: str, role: str) -> tuple[Any, ...] | None:
        return next((row for row in TABLE if action == row[1] and part.state in row[0] and role in row[2]), None)

    def allows(self, part: Part, action: str, by: Actor, given: dict[str, Any], at: datetime) -> bool:
        row = self.row(part, action, by.role)
        if row is None or self.ending or (by.role == "agency" and by.subject != part.agency):
            return False
        if action == "resume" and by.role == "filer" and part.for_whom != "filer":
            return False
        if (part.binding and action == "refuse") or (action == "decline" and not part.asked):
            return False
        given = self.as_asked(part, action, given)
        if any(not (given[need].strip() if isinstance(given[need], str) else given[need]) for need in row[4]):
            return False
        if given["for_whom"] not in (None, "filer", "agency", "other"):
            return False
        than = part.due if action in ("extend", "ask_extension") else at
        return not (given["until"] and given["until"] <= max(than, at))

    def as_asked(self, part: Part, action: str, given: dict[str, Any]) -> dict[str, Any]:
        """The secretary who only says yes grants what was asked for."""
        if part.asked and part.asked[0] == action:
            return given | {"until": given["until"] or part.asked[1], "reason": given["reason"] or "دلیل"}
        return given

    def move(self, part: Part, action: str, by: Actor, given: dict[str, Any], at: datetime) -> None:
        if action == "redo":
            self.not_fixed += 1
            self.back_to_work(part)
            return self.leaves(0, "IssueNotFixed")
        row, given = self.row(part, action, by.role), self.as_asked(part, action, given)
        assert row
        part.state = row[3] or part.state
        if action in ("wait", "defer"):
            part.clock.append(("stop", at, None))
            part.for_whom, part.review_at = given["for_whom"], given["until"] or at + 30 * DAY
            part.review_at = min(part.review_at, at + 30 * DAY) if action == "wait" else part.review_at
        elif action in ("resume", "cancel"):
            part.clock.append(("go", at, None))
        elif action == "extend":
            part.clock.append(("extend", at, given["until"]))
            part.steps["finish"] = 0
        elif action == "finish":
            part.done_at = at
        part.vacant = action == "refuse"
        if action in ("resume", "extend"):
            self.reckon(part)
        if action in ("ask_deferral", "ask_extension"):
            part.asked = ("defer" if action == "ask_deferral" else "extend", given["until"])
        elif action not in ("start", "wait", "resume"):
            part.asked = None
        self.leaves(1, TOLD[action], *self.to_agency(action, by))
        self.after(part, action, at)
        return None

    def back_to_work(self, part: Part) -> None:
        part.state, part.done_at, part.asked = "in_progress", None, None
        self.confirmed, self.checked, self.check_missed = None, False, False
        self.reckon(part)
        self.leaves(1, "TaskChangedForAgency")

    def to_agency(self, action: str, by: Actor) -> list[str]:
        if action == "cancel":
            return ["TaskCancelledForAgency"]
        return [] if by.role == "agency" else ["TaskChangedForAgency"]

    def after(self, part: Part, action: str, at: datetime) -> None:
        if self.lacks and self.unrouted_at is None:
            self.unrouted_at = at
        if action == "refuse" and part.came_from is not None:
            self.hand_over(part, self.parts[part.came_from].agency, at)

    def reckon(self, part: Part) -> None:
        """Both deadlines anew: from the hours of now, then through all that happened to the clock."""
        accept, finish = HOURS[self.priority]
        part.accept_by, part.due, since = part.offered_at + accept * HOUR, NOON + finish * HOUR, None
        for what, at, to in part.clock:
            if what == "stop":
                since = at
            elif what == "extend":
                part.due, since = to or at, at if since else None
            elif since is not None:
                part.due += at - since if since < part.due else timedelta()
                since = None

    def hand_over(self, giver: Part, taker: str, at: datetime) -> bool:
        """Whether that was the third referral in all, or the second return between these two: the headquarters decides."""
        self.handovers.append(frozenset({giver.agency, taker}))
        enough = self.referred >= 3 or self.handovers.count(self.handovers[-1]) >= 3
        if enough and not self.disputed:
            self.disputed, self.unrouted_at = giver, self.unrouted_at or at
            self.leaves(1, "IssueDisputed")
        return enough

    def offer(self, agency: str, at: datetime, like: Part | None = None, **given: Any) -> None:
        part = Part(agency, "offered", at, at, at, list(like.clock) if like else [], **given)
        self.reckon(part)
        if like:
            part.steps["finish"] = like.steps["finish"]
        self.parts.append(part)
        if refused := next((each for each in self.parts if each.vacant and part.came_from is None), None):
            refused.vacant = False
        if not self.lacks:
            self.unrouted_at, self.steps = None, 0
        self.leaves(1, "TaskOffered", "TaskOfferedToAgency")

    def last(self) -> Part | None:
        """Whose work a new offer goes on with: the last one's, if that agency has it no more."""
        found = self.parts[-1] if self.parts else None  # all of them are leads here
        return found if found and found.state in ("refused", "referred", "cancelled") else None

    def close(self, at: datetime) -> None:
        self.ending, self.closed_at, self.closed_by = "closed", at, self.confirmed[1] if self.confirmed else "silence"

    def end(self, ending: str, at: datetime) -> None:
        for part in self.open:
            part.state, part.asked = "cancelled", None
            part.clock.append(("go", at, None))
            self.leaves(1, "TaskCancelled", "TaskCancelledForAgency")
        self.ending, self.closed_at, self.disputed, self.unrouted_at = ending, at, None, None

    def timers(self) -> list[tuple[datetime, str, Part | None]]:
        """All that will happen by itself next: of each ladder the next step, a review, and silence."""
        found: list[tuple[datetime, str, Part | None]] = []
        if self.ending:
            return found

        def step(deadline: datetime, taken: int, what: str, part: Part | None) -> None:
            found.extend((deadline + hours * HOUR, what, part) for hours, _ in LADDER[taken:taken + 1])

        if self.unrouted_at and (self.lacks or self.disputed):
            step(self.unrouted_at + 24 * HOUR, self.steps, "route", None)
        for part in self.open:
            if part.state == "offered":
                step(part.accept_by, part.steps["accept"], "accept", part)
            stopped = part.clock[-1][1] if part.clock and part.state == "waiting" else None
            if part.state in ("offered", *WORK) or (stopped and part.due < stopped):
                step(part.due, part.steps["finish"], "finish", part)
            if part.state not in ("offered", *WORK) and part.review_at:
                found.append((part.review_at, "review", part))
        unclaimed = any(part.vacant for part in self.parts) and self.steps < len(LADDER)
        if self.status == "done" and not self.check_missed and not self.disputed and not unclaimed:
            asked = max(at for at in (*(part.done_at for part in self.parts), self.unmarked_at) if at)
            since = self.confirmed[0] if self.confirmed else asked
            found.append((since + self.procedure.silence_days * DAY, "silence", None))
        return found

    def pass_time(self, at: datetime) -> None:
        while due := [each for each in self.timers() if each[0] <= at]:
            _, what, part = min(due, key=lambda each: each[0])
            if what == "silence":
                self.be_silent(at)
            elif what == "review" and part:
                part.review_at = at + 30 * DAY
                self.leaves(1, "TaskReviewDue")
            else:
                taken = part.steps[what] if part else self.steps
                if part:
                    part.steps[what] += 1
                else:
                    self.steps += 1
                self.leaves(1, "TaskEscalated", *["IssueTabled"] * (LADDER[taken][1] == "next_meeting"))

    def be_silent(self, at: datetime) -> None:
        if self.procedure.checked_by and not self.checked:
            self.check_missed = True
            self.leaves(1, "CheckMissing")
        else:
            self.close(at)
            self.leaves(1, "IssueClosed")
