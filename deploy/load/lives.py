"""Lives of issues, played by the real desk and model: as they were filed and moved, at their times, and looked at until now.

Nothing is stored. What ended did so before the last three weeks; what is open was filed in them, but for a few that
everybody forgot.
"""
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from services.issues.atlas import Atlas
from services.issues.documents import issue_store
from services.issues.filing import Desk, Filing
from services.issues.model import Actor, Issue
from services.issues.routing import Map

LATELY = timedelta(days=21)  # in which what is open was filed
WEEK = timedelta(days=7)  # before LATELY: what ended was filed in it
FORGOTTEN = timedelta(days=200)  # ago, at most
STEP = (1.0, 30.0)  # hours between two moves
ENDED = (("accept", "start", "finish", "confirm"), ("accept", "finish", "confirm"), ("accept", "finish", "silence"),
         ("accept", "start", "wait", "resume", "finish", "confirm"), ("accept", "finish", "not_fixed", "finish", "confirm"),
         ("withdraw",), ("reject",))
OPEN = ((), ("accept",), ("accept", "start"), ("accept", "start", "wait"), ("accept", "ask_extension"), ("accept", "finish"),
        ("accept", "ask_deferral", "defer"), ("prioritise", "accept"), ("refuse",))
SECRETARY = Actor("secretary", "alborz")
WORDS = "کار انجام شد و محل بازبینی شد"


class Lives:
    """`samples`: filings as the gateway hands them on, of categories that are not confidential."""

    def __init__(self, known: Map, samples: list[dict[str, Any]], now: datetime) -> None:
        self._known, self._samples, self._now, self._chance = known, samples, now, random.Random()
        self._desk = Desk(issue_store(), Atlas(), "load")

    def ended(self, each: int) -> Iterator[Issue]:
        """So many of each sample, filed in the WEEK before LATELY began."""
        for sample in self._samples * each:
            at = self._now - LATELY - WEEK * self._chance.random()
            yield self.live(sample, at, self._chance.choice(ENDED))

    def open(self, each: int) -> Iterator[Issue]:
        for sample in self._samples * each:
            yield self.live(sample, self._now - LATELY * self._chance.uniform(0.01, 1), self._chance.choice(OPEN))

    def forgotten(self) -> Iterator[Issue]:
        for sample in self._samples:
            at = self._now - FORGOTTEN * self._chance.uniform(0.2, 1)
            yield self.live(sample, at, self._chance.choice(((), ("accept",))))

    def untouched(self, count: int, ago: timedelta) -> Iterator[Issue]:
        """Filed so long ago, and neither moved nor looked at since."""
        for _ in range(count):
            yield self.filed(self._chance.choice(self._samples), self._now - ago)

    def filed(self, sample: dict[str, Any], at: datetime) -> Issue:
        return self._desk.make(Filing("resident:load", f"{self._chance.getrandbits(64)}", sample), self._known, at)

    def live(self, sample: dict[str, Any], at: datetime, moves: tuple[str, ...]) -> Issue:
        """Filed at a time and moved until now at most; then looked at, as the sweeper does."""
        issue = self.filed(sample, at)
        if issue.tasks or moves[:1] in (("withdraw",), ("reject",)):
            for move in moves:
                at += timedelta(hours=self._chance.uniform(*STEP))
                if at < self._now:
                    self.move(issue, move, at)
        while issue.catch_up(self._now):
            pass
        issue.version = 1 + len({moved["at"] for moved in issue.moved})
        return issue

    def move(self, issue: Issue, action: str, at: datetime) -> None:
        task = issue.tasks[-1] if issue.tasks else None
        agency, until = Actor("agency", task.agency if task else ""), at + timedelta(days=60)
        if action == "confirm":
            issue.confirm(self._chance.randint(1, 5), None, at)
        elif action == "not_fixed":
            issue.not_fixed("هنوز درست نشده است", at)
        elif action == "withdraw":
            issue.withdraw(None, at)
        elif action == "reject":
            issue.reject("مربوط به این سامانه نیست", SECRETARY, at)
        elif action == "prioritise":
            issue.prioritise(self._chance.choice(("urgent", "high")), "خطر دارد", SECRETARY, at)
        elif action == "silence":
            issue.catch_up(at + timedelta(days=20))
        elif task:
            by = SECRETARY if action == "defer" else agency
            issue.move(task.id, action, by, at, reason="اعتبار یا قطعه نرسیده است", text=WORDS, for_whom="other",
                       until=max(until, task.due + WEEK), photograph="p")
