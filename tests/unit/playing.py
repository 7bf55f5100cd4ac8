"""An issue played beside its `Life`: what that allows must succeed and do just that, what it forbids must change nothing."""
import copy
from collections.abc import Callable
from datetime import UTC
from typing import Any

import bson
from bson.codec_options import CodecOptions
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from contracts.errors import Problem
from services.issues.documents import IssueMapping
from services.issues.life.circumstances import Circumstances, Procedure
from services.issues.life.terms import Terms
from services.issues.model import Actor, Assignee, Issue
from tests.builders import NOON, an_issue
from tests.unit.life import AGENCIES, CHECKED_BY, HOURS, LADDER, SECRETARY, TABLE, Life

UTC_AWARE: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True, tzinfo=UTC)
ACTIONS = tuple(dict.fromkeys(row[1] for row in TABLE))
ACTORS = (*(Actor("agency", code) for code in AGENCIES), Actor(SECRETARY, "s"), Actor("filer"),
          *(Actor(role, "n1") for role in ("neighbourhood_manager", "reporter", "case_worker")), Actor("router"),
          Actor("clock"))


def around(procedure: Procedure) -> Circumstances:
    return Circumstances(procedure, terms_of=lambda agency, priority: Terms(*HOURS[priority]))


class Played(RuleBasedStateMachine):
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

    @precondition(lambda self: len(self.life.parts) < 6 and not self.life.ending)
    @rule(agency=st.sampled_from(AGENCIES), by=st.sampled_from([Actor(SECRETARY, "s"), Actor("router")] * 3 + list(ACTORS)))
    def somebody_offers(self, agency: str, by: Actor) -> None:
        life = self.life
        allowed = self.can_go_to(agency) and not life.disputed and by.role in ("router", SECRETARY, "case_worker")
        to = Assignee(agency, True, Terms(*HOURS[life.priority]))
        self.plays(allowed, lambda: self.issue.offer(to, by, self.at), lambda: life.offer(agency, self.at, life.last()))

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
