"""A neighbourhood with issues in a real database, and those who meet on one: filer, neighbours, agency, secretary."""
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from chassis.caller import Caller
from chassis.clock import now
from contracts.envelope import Received
from contracts.errors import Problem
from contracts.registry import AgencyChanged
from services.issues.atlas import Atlas, learn
from services.issues.documents import IssueDocument, issue_store
from services.issues.filing import Desk, Filing
from services.issues.life.command import Command
from services.issues.life.task import Actor
from services.issues.model import Issue
from services.issues.neighbours.following import Following, Joining
from services.issues.neighbours.marking import Marking
from services.issues.neighbours.messages import Conversation
from services.issues.use_cases import Commands
from tests.integration.conftest import Connect
from tests.integration.reference import agency, category, place, rule

RECORDS = (place("alborz", kind="province"), place("karaj", "alborz", kind="county"), place("n1", "alborz", "karaj"),
           place("n2", "alborz", "karaj"), agency("abfa"), agency("other"), category(),
           category(code="child", path=("child",), confidential=True), rule("water", "karaj", "abfa"))
PUBLIC, APP = Caller("public"), Caller("resident", "app")
SECRETARY, ABFA = Caller("secretary", "alborz"), Caller("agency", "abfa")
MANAGER = Caller("neighbourhood_manager", "n1")
BY = Actor("secretary", "alborz")
CONTACT = {"email": "zahra@example.org"}
Row = dict[str, Any]


@dataclass
class Meeting:
    """Everything that several people do on issues, with keys of its own. The database must be connected."""

    atlas: Atlas = field(default_factory=Atlas)
    keys: Any = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        learn([Received("r", AgencyChanged(each.code), each, each.code, each.version, now()) for each in RECORDS])
        self.commands = Commands(issue_store(), self.atlas)
        self.desk = Desk(issue_store(), self.atlas, "secret")
        self.following = Following(self.commands, "secret")
        self.marking = Marking(self.commands, self.following, self.atlas)
        self.conversation = Conversation(self.commands)

    def files(self, **given: Any) -> Row:
        """The receipt, with the secret."""
        body = {"category": "water", "text": "آب از جدول بیرون می‌زند", "neighbourhood": "n1", "contact": CONTACT} | given
        [filed] = self.desk.file([Filing("resident:app", self.key(), body)], now())
        assert not isinstance(filed, Problem), filed
        return filed

    def key(self) -> str:
        return f"key-{next(self.keys)}"

    def joins(self, ref: str, key: str | None = None, contact: dict[str, str] | None = CONTACT, caller: Caller = APP) -> Row:
        return self.following.join(ref, Joining(caller, key or self.key(), contact), now())

    def marks(self, ref: str, of: str, key: str | None = None) -> Issue:
        return self.marking.mark(ref, {"of": of}, SECRETARY, Command(key or self.key(), of))

    def unmarks(self, ref: str, key: str | None = None) -> Issue:
        return self.marking.unmark(ref, {}, SECRETARY, Command(key or self.key(), "unmark"))

    def does(self, ref: str, decide: Callable[[Issue], None]) -> Issue:
        """Any decision of the model on a stored issue."""

        def once(issue: Issue, at: Any) -> bool:
            decide(issue)
            return True

        return self.commands.change({"_id": ref}, once)

    def writes(self, ref: str, asking: Caller, text: str = "سلام", to: str = "public", secret: str | None = None,
               key: str | None = None) -> Row:
        return self.conversation.post(ref, asking, secret, key or self.key(), {"text": text, "to": to}, now())


def stored(ref: str) -> Row:
    found = IssueDocument._get_collection().find_one({"_id": ref})
    assert found is not None
    return dict(found)


def told(ref: str) -> list[str]:
    """The facts about an issue that were not carried away yet, without their version."""
    return [entry["type"].split(".")[-2] for entry in stored(ref)["outbox"] if entry["exchange"] == "issues.events"]


def refused(deed: Callable[..., Any], *given: Any, **named: Any) -> str:
    """The code of the problem that a deed meets; its sentences are there in both languages."""
    try:
        deed(*given, **named)
    except Problem as problem:
        assert problem.fa and problem.en and problem.status < 500, problem
        return problem.code
    raise AssertionError("nothing was refused")


def winning(database: Connect, asked: Row) -> str:
    """The plan by which the database would find it."""
    return str(database("issues").command("explain", asked)["queryPlanner"]["winningPlan"])
