"""A small run of the demonstration, as it was played and as the platform shows it, for tests of its books."""
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from mahalle_agency import AnswerTold, Task, TaskTold

from deploy.demo import audit
from deploy.demo.book import Book
from deploy.demo.scripts import Script

Json = dict[str, Any]
NOON = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
MARKER = "demo0a0b0c0d"
CONFIRMED, WAITING, HIDDEN = "i0", "i1", "i2"  # a resident confirmed; an agency without a queue was offered; confidential
QUEUED, MAILED = "a-queue", "a-mail"


def offered(issue: str, message: str = "m", agency: str = QUEUED) -> TaskTold:
    task = Task(f"{issue}-1", issue, agency, "offered", NOON, NOON)
    return TaskTold("offered", f"{message}-{issue}", NOON, 1, None, task)


def told(issue: str, answer: str, message: str) -> AnswerTold:
    return AnswerTold("taken", message, NOON, 2, None, answer, f"{issue}-1", QUEUED, "accept", "accepted")


class World:
    """Three issues, played and shown as they should be. A test spoils one thing and asks what the audit says."""

    def __init__(self) -> None:
        self.book = Book(MARKER)
        self.issues: dict[str, Any] = {}
        self._add(0, CONFIRMED, QUEUED, "done", ("accept", "finish"), status="closed", closed_by="filer", satisfaction=4)
        self._add(1, WAITING, MAILED, "offered", ())
        self._add(2, HIDDEN, QUEUED, "accepted", ("accept",), status="in_progress", confidential=True)
        self.book.case(CONFIRMED).did("confirm")
        self.issues[CONFIRMED]["timeline"].append({"action": "confirm"})
        self.listed = [self.shown(issue) for issue in self.issues]
        self.found = [item for item in self.listed if "text" in item]
        self.tasks = {agency: [self.task(issue) for issue in issues]
                      for agency, issues in ((QUEUED, (CONFIRMED, HIDDEN)), (MAILED, (WAITING,)))}
        self.letters = {CONFIRMED: [self.letter("filed", "filer", CONFIRMED), self.letter("done", "filer", CONFIRMED)],
                        WAITING: [self.letter("filed", "filer", WAITING), self.letter("task_offered", "agency", MAILED)],
                        HIDDEN: []}
        self.before = {"neighbourhood": {"n1": {"filed": 7, "open": 7}}, "agency": {}}
        self.after = {
            "neighbourhood": {"n1": {"filed": 9, "open": 8, "solved": 1, "confirmed": 1, "satisfaction_of": 1}},
            "agency": {QUEUED: {"filed": 1, "solved": 1, "confirmed": 1, "satisfaction_of": 1},
                       MAILED: {"filed": 1, "open": 1}}}

    def _add(self, number: int, issue: str, agency: str, state: str, steps: tuple[str, ...], **more: Any) -> None:
        script = Script(number, 0, "lighting", "n1", None, "x", steps)
        case = self.book.filed(script, 1.0, {"id": issue, "tracking_code": f"code-{number}", "secret": "s", "agency": agency,
                                             "filed_at": f"2026-11-24T08:30:0{number}.000Z"})
        if agency == QUEUED:
            self.book.heard(QUEUED, offered(issue), 1.5)
        task = f"{issue}-1"
        for step in steps:
            case.did(step, task)
        self.issues[issue] = {
            "id": issue, "text": f"x\n(sample, {MARKER}-{number})", "version": 3, "status": "routed", "neighbourhood": "n1",
            "confidential": False, "closed_by": None, "satisfaction": None, "times_not_fixed": 0,
            "tasks": [{"id": task, "agency": agency, "state": state}],
            "timeline": [{"action": "file"}] + [{"action": step, "task": task} for step in ("offer", *steps)]} | more

    def shown(self, issue: str) -> Json:
        """In the secretary's list."""
        names = ("id", "version", "status", "confidential", *(() if self.issues[issue]["confidential"] else ("text",)))
        return {name: self.issues[issue][name] for name in names}

    def task(self, issue: str) -> Json:
        found = self.issues[issue]
        hidden = {} if found["confidential"] else {"issue": {"text": found["text"]}}
        return {**found["tasks"][0], "issue_id": issue, **hidden}

    @staticmethod
    def letter(template: str, kind: str, ref: str) -> Json:
        return {"template": template, "to": {"kind": kind, "ref": ref}}

    def sentences(self) -> list[str]:
        """Everything that every check says."""
        def all_of_them() -> Iterator[str]:
            yield from audit.found(self.book, self.issues)
            yield from audit.played(self.book, self.issues)
            yield from audit.on_the_wire(self.book, self.issues, [QUEUED])
            yield from audit.listed(self.book, self.issues, self.listed)
            yield from audit.searched(self.book, self.issues, self.found)
            yield from audit.at_agencies(self.book, self.issues, self.tasks)
            yield from audit.letters(self.book, self.issues, self.letters, [MAILED])
            yield from audit.counted(self.issues, self.before, self.after)

        return list(all_of_them())
