"""A small world in which the platform kept its word: issues played by the real model, every store in step with it."""
import copy
from datetime import datetime, timedelta
from typing import Any

from contracts.agencies import AnswerTaken
from services.issues.cases.confidential import revealed
from services.issues.documents import IssueMapping
from services.issues.model import Actor, Assignee, Issue
from tests.builders import NOON, an_issue
from tests.chaos.agency import Told
from tests.chaos.checker import Books
from tests.chaos.evidence import Evidence
from tests.chaos.ledger import Deed

MAPPING = IssueMapping()
HOUR = timedelta(hours=1)
ROUTER, SECRETARY = Actor("router"), Actor("secretary", "alborz")


class World:
    """`books` are the ledger of what was acknowledged, and the evidence."""

    def __init__(self) -> None:
        self.books = Books([], Evidence([], {}, [], []))
        self._hour = 0

    def file(self, number: int, agency: str | None, **given: Any) -> Issue:
        values: dict[str, Any] = {"neighbourhood": "n0", "contact": None, "text": f"chaos {number}"} | given
        issue = an_issue(id=f"issue{number}", **values)
        issue.file()
        if agency:
            issue.offer(Assignee(agency, queued=True), ROUTER, NOON)
        asked = {name: values[name] for name in ("neighbourhood", "contact", "text") if values[name]}
        self._saved(issue, Deed("http", "file", f"key{number}", issue.id, asked={"category": issue.category} | asked,
                                promised=agency))
        return issue

    def move(self, issue: Issue, action: str, way: str = "http", then: str | None = None) -> None:
        """Of the newest task's agency; `then` is the agency to which the issue goes on in the same write."""
        task = issue.tasks[-1]
        issue.move(task.id, action, Actor("agency", task.agency), self._later(), "reason", "text")
        deed = Deed(way, action, f"{action}-{task.id}-{issue.version}", issue.id, task.id, task.agency)
        if then:
            issue.offer(Assignee(then, queued=True), ROUTER, NOON)
        if way == "queue":
            issue.answer_agency(AnswerTaken(deed.key, task.id, task.agency, action, task.state))
        self._saved(issue, deed)

    def refer(self, issue: Issue, to: str) -> None:
        """By the newest task's agency."""
        task = issue.tasks[-1]
        issue.refer(task.id, Assignee(to, queued=True), Actor("agency", task.agency), self._later(), "not ours")
        self._saved(issue, Deed("http", "refer", f"refer-{task.id}", issue.id, task.id, task.agency))

    def wait(self, issue: Issue) -> None:
        """The newest task's agency waits for an hour; then the sweeper comes."""
        task, at = issue.tasks[-1], self._later()
        issue.move(task.id, "wait", Actor("agency", task.agency), at, "parts", for_whom="other", until=at + HOUR)
        self._saved(issue, Deed("http", "wait", f"wait-{task.id}", issue.id, task.id, task.agency))
        issue.catch_up(at + HOUR)
        self._saved(issue)

    def assign(self, issue: Issue, agency: str) -> None:
        issue.offer(Assignee(agency, queued=True), SECRETARY, self._later())
        self._saved(issue, Deed("http", "offer", f"assign-{issue.id}", issue.id, agency=agency))

    def not_fixed(self, issue: Issue) -> None:
        issue.not_fixed("still dark", self._later())
        self._saved(issue, Deed("http", "redo", f"redo-{issue.id}", issue.id, issue.tasks[-1].id))

    def confirm(self, issue: Issue) -> None:
        issue.confirm(5, None, self._later())
        self._saved(issue, Deed("http", "confirm", f"confirm-{issue.id}", issue.id))

    def letter(self, issue: Issue, template: str) -> None:
        self.evidence.deliveries.append({"about": {"issue": issue.id}, "template": template})

    @property
    def evidence(self) -> Evidence:
        return self.books.evidence

    def _later(self) -> datetime:
        self._hour += 1
        return NOON + timedelta(hours=self._hour)

    def _saved(self, issue: Issue, deed: Deed | None = None) -> None:
        """As the store, the relay and the booklet would leave it. Nobody asked for what the sweeper did."""
        issue.version += 1
        timeline, outbox = MAPPING.news(issue, issue.version)
        before = [moved for each in self.evidence.issues if each["_id"] == issue.id for moved in each["timeline"]]
        document = {"_id": issue.id, "version": issue.version, "outbox": [], **revealed(MAPPING.state(issue)),
                    "timeline": before + timeline}
        self.evidence.issues[:] = [each for each in self.evidence.issues if each["_id"] != issue.id] + [document]
        self.evidence.rows[issue.id] = copy.deepcopy(document)
        for entry in outbox:
            if entry["exchange"] == "agencies.tasks":
                self.evidence.told.append(Told(entry["key"], entry["id"], entry["type"].split(".")[2], issue.id,
                                               entry["data"]["task_id"], entry["data"].get("answer_id", "")))
        self.books.deeds += [deed] if deed else []
        issue.recorded, issue.moved = [], []
