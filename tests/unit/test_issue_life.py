"""An issue's life as random people play it, time passing, beside the table of DOMAIN.md written a second time.

Every change must stand in the timeline with its events, and after every one both must agree (`playing`, `life`).
"""
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from services.issues.life.terms import Terms
from services.issues.model import Actor, Assignee
from tests.unit.life import AGENCIES, BLANKS, CHECKED_BY, DAY, GIVEN, HOUR, HOURS, OPEN, SECRETARY, TABLE, WORK
from tests.unit.playing import ACTIONS, ACTORS, Played

LONG = st.sampled_from([timedelta(), timedelta(milliseconds=1), HOUR, 9 * HOUR, DAY, 3 * DAY, 15 * DAY, 31 * DAY])


class IssuesLife(Played):
    """What people do, and time."""

    @rule(long=LONG)
    def the_sweeper_comes(self, long: timedelta) -> None:
        self.at += long
        seen = len(self.issue.moved)
        due = bool([each for each in self.life.timers() if each[0] <= self.at])
        assert self.issue.catch_up(self.at) is due
        self.life.pass_time(self.at)
        steps = [entry["changes"]["was_due_at"][1] for entry in self.issue.moved[seen:] if entry["action"] == "escalate"]
        assert steps == sorted(steps), "the oldest comes first"

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


TestIssuesLife = IssuesLife.TestCase
TestIssuesLife.settings = settings(max_examples=100, stateful_step_count=30)
