"""An issue's life as random people play it, time passing, beside the table of DOMAIN.md written a second time.

`Life` is that table in as few words as it needs; it never asks the model. What it allows must succeed and do just that,
with its entries in the timeline and its events; what it forbids must be refused and change nothing at all.
"""
import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import bson
from bson.codec_options import CodecOptions
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from contracts.errors import Problem
from services.issues.documents import IssueMapping
from services.issues.life.circumstances import Circumstances, Procedure
from services.issues.life.terms import Terms
from services.issues.model import Actor, Assignee, Issue
from tests.builders import NOON, an_issue

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
UTC_AWARE: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True, tzinfo=UTC)


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


def around(procedure: Procedure) -> Circumstances:
    return Circumstances(procedure, terms_of=lambda agency, priority: Terms(*HOURS[priority]))


ACTIONS = tuple(dict.fromkeys(row[1] for row in TABLE))
ACTORS = (*(Actor("agency", code) for code in AGENCIES), Actor(SECRETARY, "s"), Actor("filer"),
          *(Actor(role, "n1") for role in ("neighbourhood_manager", "reporter", "case_worker")), Actor("router"),
          Actor("clock"))
LONG = st.sampled_from([timedelta(), timedelta(milliseconds=1), HOUR, 9 * HOUR, DAY, 3 * DAY, 15 * DAY, 31 * DAY])


class IssuesLife(RuleBasedStateMachine):
    """Two of everything: `issue` is the model's, `life` the domain's."""

    @initialize(silence=st.sampled_from([3, 14]), confidential=st.sampled_from([False, False, True]),
                checked_by=st.sampled_from([None, None, "neighbourhood_manager", CHECKED_BY]), offered=st.booleans())
    def file(self, silence: int, checked_by: str | None, confidential: bool, offered: bool) -> None:
        procedure = Procedure(silence, 30, checked_by, False, LADDER)
        self.at, self.life = NOON, Life(procedure)
        self.issue: Issue = an_issue(confidential=confidential, around=around(procedure))
        self.issue.file()
        if offered:
            self.somebody_offers("a1", Actor("router"))

    def plays(self, allowed: bool, decide: Callable[[], None], follow: Callable[[], None]) -> None:
        """Both sides; afterwards they agree, or nothing has changed."""
        before, counts = self.everything(), self.counts()
        try:
            decide()
        except Problem as problem:
            assert not allowed, f"refused, though the domain allows it: {problem.code}"
            assert problem.code and problem.fa and problem.en and problem.status < 500
            assert self.everything() == before, "refused, and yet something has changed"
            return
        assert allowed, "the domain forbids it, and it was done"
        follow()
        assert all(now >= then for now, then in zip(self.counts(), counts, strict=True))

    def everything(self) -> Any:
        kept = {name: value for name, value in vars(self.issue).items() if name not in ("around", "moved", "recorded")}
        return copy.deepcopy(kept), len(self.issue.moved), len(self.issue.recorded)

    def counts(self) -> tuple[int, int, int]:
        return self.issue.times_not_fixed, self.issue.times_referred, self.issue.times_reopened

    def can_go_to(self, agency: str) -> bool:
        return not self.life.ending and all(part.agency != agency for part in self.life.open)

    # what people do

    @rule(long=LONG)
    def the_sweeper_comes(self, long: timedelta) -> None:
        self.at += long
        seen = len(self.issue.moved)
        due = bool([each for each in self.life.timers() if each[0] <= self.at])
        assert self.issue.catch_up(self.at) is due
        self.life.pass_time(self.at)
        steps = [entry["changes"]["was_due_at"][1] for entry in self.issue.moved[seen:] if entry["action"] == "escalate"]
        assert steps == sorted(steps), "the oldest comes first"

    @precondition(lambda self: len(self.life.parts) < 6 and not self.life.ending)
    @rule(agency=st.sampled_from(AGENCIES), by=st.sampled_from([Actor(SECRETARY, "s"), Actor("router")] * 3 + list(ACTORS)))
    def somebody_offers(self, agency: str, by: Actor) -> None:
        life = self.life
        allowed = self.can_go_to(agency) and not life.disputed and by.role in ("router", SECRETARY, "case_worker")
        to = Assignee(agency, True, Terms(*HOURS[life.priority]))
        self.plays(allowed, lambda: self.issue.offer(to, by, self.at), lambda: life.offer(agency, self.at, life.last()))

    @precondition(lambda self: self.life.parts and not self.life.ending)
    @rule(data=st.data(), often=st.integers(1, 6))
    def tasks_go_on(self, data: st.DataObject, often: int) -> None:
        self.tasks_go_their_way(data, often)

    @precondition(lambda self: self.life.parts and not self.life.ending)
    @rule(data=st.data(), often=st.integers(1, 6))
    def tasks_go_their_way(self, data: st.DataObject, often: int) -> None:
        for _ in range(often):
            moves = [(number, row) for number, part in enumerate(self.life.parts) for row in TABLE if part.state in row[0]]
            if likely := [move for move in moves if move[1][1] not in ("cancel", "refuse", "redo")]:
                number, row = data.draw(st.sampled_from(moves + likely * 5))
                self.goes_on(data, number, row)

    @precondition(lambda self: self.life.open)
    @rule()
    def everybody_finishes(self) -> None:
        for number, part in enumerate(self.life.parts):
            for action in ("accept", "resume", "finish"):
                if part.state in OPEN and self.life.row(part, action, "agency"):
                    self.moves(number, action, Actor("agency", part.agency), GIVEN)

    @precondition(lambda self: self.life.open)
    @rule(often=st.integers(1, 6))
    def two_agencies_push_it_to_and_fro(self, often: int) -> None:
        for _ in range(often):
            number = max(number for number, part in enumerate(self.life.parts) if part in self.life.open)
            to = "a2" if self.life.parts[number].agency == "a1" else "a1"
            self.refers(number, to, Actor("agency", self.life.parts[number].agency), "کار ما نیست")
            if not self.life.open:
                self.the_headquarters_decides(to, Actor(SECRETARY, "s"), "با شماست")

    def goes_on(self, data: st.DataObject, number: int, row: Any) -> None:
        part = self.life.parts[number]
        roles = [role for role in row[2] if (role, row[1]) != ("filer", "resume") or part.for_whom == "filer"]
        by = Actor(data.draw(st.sampled_from(roles)), "s")
        given = {"for_whom": data.draw(st.sampled_from(["filer", "agency", "other"])),
                 "until": max(part.due, self.at) + data.draw(st.sampled_from([HOUR, 5 * DAY]))}
        self.at += data.draw(st.sampled_from([timedelta(), HOUR, DAY]))
        self.moves(number, row[1], Actor("agency", part.agency) if by.role == "agency" else by, GIVEN | given)

    @precondition(lambda self: self.life.parts)
    @rule(data=st.data(), by=st.sampled_from(ACTORS))
    def anybody_decides_anything(self, data: st.DataObject, by: Actor) -> None:
        data.draw(st.sampled_from([
            lambda: self.somebody_confirms(by), lambda: self.somebody_checks(by), lambda: self.somebody_unmarks_it(by),
            lambda: self.somebody_says_it_is_not_fixed(by, "نشد"), lambda: self.the_headquarters_decides("a1", by, "بشود"),
            lambda: self.somebody_offers("a2", by), lambda: self.somebody_sets_the_priority(by, "low", "نه"),
            self.a_neighbour_joins]))()

    @precondition(lambda self: self.life.parts)
    @rule(data=st.data(), until=st.sampled_from([None, timedelta(), 9 * DAY, 99 * DAY]))
    def somebody_tries_whatever_is_forbidden(self, data: st.DataObject, until: timedelta | None) -> None:
        number = data.draw(st.sampled_from(range(len(self.life.parts))))
        part = self.life.parts[number]
        by = data.draw(st.sampled_from([Actor("agency", part.agency), Actor(SECRETARY, "s")] * 5 + list(ACTORS)))
        given = GIVEN | {"until": None if until is None else self.at + until}
        for action in (*ACTIONS, "offer", "dance"):
            if not self.life.allows(part, action, by, given, self.at) and (action, by.role) != ("cancel", "filer"):
                self.moves(number, action, by, given)  # a filer cancels by withdrawing

    @precondition(lambda self: self.life.parts)
    @rule(data=st.data())
    def somebody_forgets_to_say_what_is_needed(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(range(len(self.life.parts))))
        part = self.life.parts[number]
        rows = [row for row in TABLE if part.state in row[0] and row[4]]
        if rows:
            row = data.draw(st.sampled_from(rows))
            missing = data.draw(st.sampled_from(row[4]))
            given = GIVEN | {"until": max(part.due, self.at) + DAY} | {missing: data.draw(st.sampled_from(BLANKS[missing]))}
            self.moves(number, row[1], Actor(row[2][0], part.agency if row[2][0] == "agency" else "s"), given)

    def moves(self, number: int, action: str, by: Actor, given: dict[str, Any]) -> None:
        part, task = self.life.parts[number], self.issue.tasks[number].id
        self.plays(self.life.allows(part, action, by, given, self.at),
                   lambda: self.issue.move(task, action, by, self.at, **given),
                   lambda: self.life.move(part, action, by, given, self.at))

    @precondition(lambda self: any(part.state in ("offered", *WORK) for part in self.life.parts))
    @rule(data=st.data(), reason=st.sampled_from(["کار ما نیست"] * 5 + [None, " "]))
    def an_agency_refers(self, data: st.DataObject, reason: str | None) -> None:
        life = self.life
        likely = [number for number, part in enumerate(life.parts) if part.state in ("offered", *WORK)] * 9
        number = data.draw(st.sampled_from([*likely, *range(len(life.parts))]))
        to = data.draw(st.sampled_from([code for code in AGENCIES if self.can_go_to(code)] * 9 + list(AGENCIES)))
        by = Actor("agency", data.draw(st.sampled_from([life.parts[number].agency] * 5 + list(AGENCIES))))
        self.refers(number, to, by, reason)

    def refers(self, number: int, to: str, by: Actor, reason: str | None) -> None:
        part, life = self.life.parts[number], self.life
        allowed = (part.state in ("offered", *WORK) and self.can_go_to(to) and by.subject == part.agency and not part.binding
                   and not life.disputed and bool((reason or "").strip()) and not self.issue.confidential)

        def follow() -> None:
            part.state, part.asked, life.referred = "referred", None, life.referred + 1
            life.leaves(1, "TaskReferred")
            life.after(part, "refer", self.at)
            if not life.hand_over(part, to, self.at):
                life.offer(to, self.at, part, came_from=number)

        assignee = Assignee(to, True, Terms(*HOURS[life.priority]))
        self.plays(allowed, lambda: self.issue.refer(self.issue.tasks[number].id, assignee, by, self.at, reason), follow)

    @precondition(lambda self: self.life.disputed)
    @rule(to=st.sampled_from(AGENCIES), by=st.sampled_from([Actor(SECRETARY, "s")] * 30 + list(ACTORS)),
          reason=st.sampled_from(["قرارگاه تصمیم گرفت"] * 9 + [None, "  "]))
    def the_headquarters_decides(self, to: str, by: Actor, reason: str | None) -> None:
        life = self.life
        allowed = bool(life.disputed and self.can_go_to(to) and by.role == SECRETARY and (reason or "").strip())

        def follow() -> None:
            disputed = [part for part in life.parts if life.disputed and part.agency == life.disputed.agency][-1]
            life.disputed = None
            life.offer(to, self.at, disputed, binding=True)

        assignee = Assignee(to, True, Terms(*HOURS[life.priority]))
        self.plays(allowed, lambda: self.issue.decide(assignee, by, self.at, reason), follow)

    @precondition(lambda self: self.life.status == "done")
    @rule(by=st.sampled_from([Actor("filer")] * 4 + list(ACTORS)))
    def somebody_confirms(self, by: Actor) -> None:
        life = self.life

        def follow() -> None:
            life.confirmed = life.confirmed or (self.at, by.role)
            life.checked = life.checked or by.role == life.procedure.checked_by
            if life.checked or not life.procedure.checked_by:
                life.close(self.at)
            other = "IssueClosed" if life.ending else "IssueChecked"
            life.leaves(1, "IssueConfirmed" if by.role == "filer" else other)

        allowed = life.status == "done" and not life.disputed and by.role in ("filer", "neighbourhood_manager")
        self.plays(allowed, lambda: self.issue.confirm(4, "خوب", self.at, by), follow)

    @precondition(lambda self: self.life.status == "done")
    @rule(by=st.sampled_from([Actor(SECRETARY, "s"), Actor(CHECKED_BY, "n1"), *ACTORS]))
    def somebody_checks(self, by: Actor) -> None:
        life = self.life

        def follow() -> None:
            life.checked = True
            closes = bool(life.confirmed or life.check_missed)
            if closes:
                life.close(self.at)
            life.leaves(1, "IssueChecked", *["IssueClosed"] * closes)

        allowed = life.status == "done" and not life.disputed and by.role in (life.procedure.checked_by, SECRETARY)
        self.plays(allowed, lambda: self.issue.check(by, self.at), follow)

    @precondition(lambda self: self.life.status in ("done", "closed"))
    @rule(by=st.sampled_from([Actor("filer")] * 5 + list(ACTORS)), reason=st.sampled_from(["نشد"] * 4 + ["", " "]))
    def somebody_says_it_is_not_fixed(self, by: Actor, reason: str) -> None:
        life, reopens = self.life, self.life.ending == "closed"
        in_time = reopens and life.closed_at is not None and self.at < life.closed_at + 30 * DAY

        def follow() -> None:
            life.ending = life.closed_at = life.closed_by = None
            life.reopened, life.not_fixed = life.reopened + reopens, life.not_fixed + 1
            life.leaves(int(reopens), "IssueReopened" if reopens else "IssueNotFixed")
            for part in [part for part in life.parts if part.state == "done"]:
                life.back_to_work(part)

        allowed = bool(reason.strip()) and by.role in TABLE[-2][2] and (life.status == "done" or in_time)
        self.plays(allowed, lambda: self.issue.not_fixed(reason, self.at, by), follow)

    @precondition(lambda self: len(self.life.parts) > 3)
    @rule(reason=st.sampled_from([None, "حل شد", "  "]))
    def the_filer_withdraws(self, reason: str | None) -> None:
        self.ends("withdrawn", not self.life.ending and reason != "  ", lambda: self.issue.withdraw(reason, self.at),
                  "IssueWithdrawn")

    @precondition(lambda self: len(self.life.parts) > 3)
    @rule(by=st.sampled_from(ACTORS), reason=st.sampled_from([None, "نشانی ندارد", "  "]))
    def somebody_rejects(self, by: Actor, reason: str | None) -> None:
        allowed = not self.life.ending and by.role == SECRETARY and bool((reason or "").strip())
        self.ends("rejected", allowed, lambda: self.issue.reject(reason, by, self.at), "IssueRejected")

    @precondition(lambda self: len(self.life.parts) > 2)
    @rule(by=st.sampled_from([Actor(SECRETARY, "s"), *ACTORS]), of=st.sampled_from(["another", "another", "itself"]))
    def somebody_marks_a_duplicate(self, by: Actor, of: str) -> None:
        allowed = not self.life.ending and by.role == SECRETARY and of != "itself"
        original = self.issue.id if of == "itself" else of
        self.ends("duplicate", allowed, lambda: self.issue.mark_duplicate(original, by, self.at), "IssueMarkedDuplicate")

    def ends(self, ending: str, allowed: bool, decide: Callable[[], None], told: str) -> None:
        def follow() -> None:
            self.life.end(ending, self.at)
            self.life.leaves(1, told)

        self.plays(allowed, decide, follow)

    @precondition(lambda self: self.life.ending == "duplicate")
    @rule(by=st.sampled_from([Actor(SECRETARY, "s")] * 4 + list(ACTORS)))
    def somebody_unmarks_it(self, by: Actor) -> None:
        life = self.life

        def follow() -> None:
            life.ending, life.closed_at, life.unmarked_at = None, None, self.at
            life.unrouted_at = self.at if life.lacks else None
            life.leaves(1, "IssueUnmarkedDuplicate")

        allowed = life.ending == "duplicate" and by.role == SECRETARY
        self.plays(allowed, lambda: self.issue.unmark_duplicate(by, self.at), follow)

    @precondition(lambda self: self.life.parts)
    @rule(by=st.sampled_from([Actor(SECRETARY, "s")] * 4 + list(ACTORS)), reason=st.sampled_from(["خطرناک است"] * 4 + [" "]),
          priority=st.sampled_from([*HOURS, "sometime"]))
    def somebody_sets_the_priority(self, by: Actor, priority: str, reason: str) -> None:
        life = self.life

        def follow() -> None:
            life.priority = priority
            life.leaves(1, "IssuePrioritised")
            for part in life.open:
                before = part.accept_by, part.due
                life.reckon(part)
                if before != (part.accept_by, part.due):
                    life.leaves(1, "TaskRescheduled", "TaskChangedForAgency")

        allowed = not life.ending and by.role == SECRETARY and priority in HOURS and bool(reason.strip())
        self.plays(allowed, lambda: self.issue.prioritise(priority, reason, by, self.at), follow)

    @precondition(lambda self: self.life.parts and self.issue.joined < 2)
    @rule()
    def a_neighbour_joins(self) -> None:
        allowed, count = not self.life.ending and not self.issue.confidential, self.issue.joined + 1
        self.plays(allowed, lambda: self.issue.join(count, self.at), lambda: self.life.leaves(0, "IssueJoined"))

    # what holds at every moment

    @invariant()
    def both_agree(self) -> None:
        life, issue = self.life, self.issue
        assert issue.status == life.status
        assert [(task.agency, task.state) for task in issue.tasks] == [(part.agency, part.state) for part in life.parts]
        assert [(task.accept_by, task.due) for task in issue.tasks] == [(part.accept_by, part.due) for part in life.parts]
        assert self.counts() == (life.not_fixed, life.referred, life.reopened)
        assert (issue.closed_at, issue.closed_by) == (life.closed_at, life.closed_by)
        assert bool(issue.dispute) == bool(life.disputed)

    @invariant()
    def every_change_stands_in_the_timeline_and_was_told(self) -> None:
        assert len(self.issue.moved) == self.issue.noted == self.life.noted, self.issue.moved[-3:]
        facts = [type(each.happened).__name__ for each in self.issue.recorded]
        expected = self.life.told
        if self.issue.confidential:
            expected = [each if each.endswith("Agency") else "ConfidentialIssueChanged" for each in expected]
        assert sorted(facts) == sorted(expected)
        assert all(entry["status"] for entry in self.issue.moved)

    @invariant()
    def what_falls_due_next_is_known(self) -> None:
        expected = min((each[0] for each in self.life.timers()), default=None)
        assert self.issue.next_due_at == expected, (self.issue.next_timer(), self.life.timers())

    @invariant()
    def it_is_the_same_when_it_was_stored(self) -> None:
        mapping = IssueMapping()
        document = {"_id": self.issue.id, "version": 0, "timeline": [], **mapping.state(self.issue)}
        again = mapping.aggregate(bson.decode(bson.encode(document), UTC_AWARE))
        aside = {"around": self.issue.around, "recorded": [], "moved": [], "trace": None, "past": None}
        assert vars(again) | aside == vars(self.issue) | aside


TestIssuesLife = IssuesLife.TestCase
TestIssuesLife.settings = settings(max_examples=100, stateful_step_count=30)
