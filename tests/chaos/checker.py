"""The books: the ledger against the evidence. Pure functions; each rule names what it found lost or done twice.

A deed whose answer never came (`unknown`) may have had its effect or not; at most once in either case.
A message that an agency got again under the same id is a duplicate delivered, and no doubled effect.
"""
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tests.chaos.evidence import Document, Evidence
from tests.chaos.ledger import Deed

LOST, DOUBLED = "lost", "doubled"
ASKED = ("text", "category", "neighbourhood", "contact")
ENDED = ("refused", "referred", "cancelled")  # states of a task that leave its issue to somebody else


@dataclass(frozen=True)
class Finding:
    """`how` is LOST or DOUBLED; `what` says it to a person."""

    how: str
    what: str


@dataclass
class Books:
    """Ledger and evidence, looked up by issue, task and answer."""

    deeds: list[Deed]
    evidence: Evidence
    unknown: list[Deed] = field(default_factory=list)

    @cached_property
    def filings(self) -> dict[str, Deed]:
        return {deed.issue: deed for deed in self.deeds if deed.action == "file"}

    @cached_property
    def issues(self) -> dict[str, Document]:
        return {issue["_id"]: issue for issue in self.evidence.issues}

    @cached_property
    def done(self) -> dict[str, Counter[str]]:
        """By issue, how often each action (with its task, where it has one) was acknowledged."""
        return counted(self.deeds)

    @cached_property
    def perhaps(self) -> dict[str, Counter[str]]:
        return counted(self.unknown)

    @cached_property
    def told(self) -> dict[tuple[str, str, str], set[str]]:
        """By kind, agency and task (or answer), the ids of the messages that the agency got."""
        found: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        for message in self.evidence.told:
            found[message.kind, message.agency, message.answer or message.task].add(message.id)
        return found

    @cached_property
    def letters(self) -> Counter[tuple[str, str]]:
        return Counter((delivery["about"]["issue"], delivery["template"]) for delivery in self.evidence.deliveries)

    @property
    def duplicates(self) -> int:
        return len(self.evidence.told) - sum(map(len, self.told.values()))


def counted(deeds: Iterable[Deed]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for deed in deeds:
        if deed.issue and deed.action != "file":
            found[deed.issue][name_of(deed.action, deed.task)] += 1
    return found


def name_of(action: str, task: str | None) -> str:
    """`offer` and `confirm` are the issue's, every other action a task's."""
    return action if action in ("offer", "confirm") else f"{action} {task}"


def judge(how_many: int, expected: int, what: str, perhaps: int = 0) -> Iterator[Finding]:
    """What `how_many` of something says, where `expected` (and perhaps some more) should be."""
    if how_many < expected:
        yield Finding(LOST, f"{what}: {how_many} instead of {expected}")
    elif how_many > expected + perhaps:
        yield Finding(DOUBLED, f"{what}: {how_many} instead of {expected}")


def filed_once(books: Books) -> Iterator[Finding]:
    """Every acknowledged filing is stored, once, as it was asked for; nothing is stored that nobody filed."""
    stored = Counter(issue["text"] for issue in books.evidence.issues)
    for issue, deed in books.filings.items():
        yield from judge(stored[deed.asked["text"]], 1, f"filing {deed.key}")
        found = books.issues.get(issue)
        if found and any((found[name] or None) != deed.asked.get(name) for name in ASKED):
            yield Finding(LOST, f"filing {deed.key}: what is stored is not what was asked")
    known = {deed.asked["text"] for deed in (*books.filings.values(), *books.unknown) if deed.action == "file"}
    yield from (Finding(DOUBLED, f"an issue that nobody filed: {text}") for text in stored if text not in known)


def one_key_one_issue(books: Books) -> Iterator[Finding]:
    """The same key was never answered with two issues, nor two keys with the same."""
    pairs = {(deed.key, deed.issue) for deed in books.deeds if deed.action == "file"}
    for place, what in ((0, "key"), (1, "issue")):
        found = Counter(pair[place] for pair in pairs)
        for name, count in found.items():
            yield from judge(count, 1, f"filings with {what} {name}")


def moved_once(books: Books) -> Iterator[Finding]:
    """Every acknowledged move stands in the timeline once, and no other does."""
    for key, issue in books.issues.items():
        wanted, perhaps = books.done[key], books.perhaps[key]
        by_hand = [moved for moved in issue["timeline"] if moved["action"] not in ("file", "offer", "review")
                   or by_secretary(moved)]
        found = Counter(name_of(moved["action"], moved.get("task")) for moved in by_hand)
        for name in found.keys() | wanted.keys():
            yield from judge(found[name], wanted[name], f"{name} of issue {key}", perhaps[name])


def by_secretary(moved: dict[str, Any]) -> bool:
    return str(moved["by"]).startswith("secretary")


def reviewed_once(books: Books) -> Iterator[Finding]:
    """The sweeper looked once at every task that waits, when its day had come."""
    for key, issue in books.issues.items():
        found = actions_on(issue, "review")
        waits = actions_on(issue, "wait")
        for task in found.keys() | waits.keys():
            yield from judge(found[task], waits[task], f"reviews of {task} of issue {key}")


def actions_on(issue: Document, action: str) -> Counter[str]:
    """By task, how often this stands in the timeline."""
    return Counter(moved["task"] for moved in issue["timeline"] if moved["action"] == action)


def one_write_each(books: Books) -> Iterator[Finding]:
    """No decision was written twice: filing is version 1, every further deed and every review one version more."""
    for key, issue in books.issues.items():
        most = 1 + actions_on(issue, "review").total() + books.done[key].total() + books.perhaps[key].total()
        yield from judge(max(issue["version"], most), most, f"writes of issue {key}")


def routed_once(books: Books) -> Iterator[Finding]:
    """A receipt's agency got the first task; every task was offered once; at most one agency has the issue."""
    for key, issue in books.issues.items():
        tasks, promised = issue["tasks"], books.filings[key].promised if key in books.filings else None
        if promised and (not tasks or tasks[0]["agency"] != promised):
            yield Finding(LOST, f"issue {key} was promised to {promised}")
        offers = actions_on(issue, "offer")
        for task in {task["id"] for task in tasks} | offers.keys():
            yield from judge(offers[task], 1, f"offers of task {task}")
        holding = sum(task["state"] not in ENDED for task in tasks)
        yield from judge(holding, holding and 1, f"agencies that have issue {key}")


def agencies_told(books: Books) -> Iterator[Finding]:
    """Every task reached its agency under one id, and so did every "not fixed"."""
    for issue in books.evidence.issues:
        redone = actions_on(issue, "redo")
        for task in issue["tasks"]:
            for kind, expected in (("task_offered", 1), ("task_changed", redone[task["id"]])):
                ids = books.told[kind, task["agency"], task["id"]]
                yield from judge(len(ids), expected, f"{kind} of {task['id']} to {task['agency']}")


def answers_told(books: Books) -> Iterator[Finding]:
    """What became of each answer over a queue was told to its agency under one id."""
    for deed in books.deeds:
        if deed.way == "queue":
            ids = books.told["answer_taken", deed.agency, deed.key] | books.told["answer_refused", deed.agency, deed.key]
            yield from judge(len(ids), 1, f"word on answer {deed.key} to {deed.agency}")


def booklet_agrees(books: Books) -> Iterator[Finding]:
    """The read model has every issue as it is now, and none besides."""
    for key, issue in books.issues.items():
        row = books.evidence.rows.get(key)
        if row is None:
            yield Finding(LOST, f"issue {key} is not in the booklet")
        elif row_of(issue) != row_of(row):
            yield Finding(LOST, f"the booklet has issue {key} as {row_of(row)}, not {row_of(issue)}")
    yield from (Finding(DOUBLED, f"the booklet has an issue that is not there: {key}")
                for key in books.evidence.rows.keys() - books.issues.keys())


def row_of(found: Document) -> tuple[Any, ...]:
    """What issue and row must have in common; of a confidential one the version alone."""
    if found["confidential"]:
        return found["version"], True
    return found["version"], found["status"], [(task["agency"], task["state"]) for task in found["tasks"]]


def letters_once(books: Books) -> Iterator[Finding]:
    """One delivery per letter. Those that depend on the newest state may have become needless, never more than one."""
    for key, issue in books.issues.items():
        actions = Counter(moved["action"] for moved in issue["timeline"])
        here = issue["neighbourhood"] == "n1"
        told = not issue["confidential"]
        for template, expected, perhaps in (
                ("filed", bool(issue["contact"]), 0), ("filed_nearby", here, 0),
                ("not_fixed_nearby", here * actions["redo"], 0), ("referred", bool(issue["contact"]) * actions["refer"], 0),
                ("review_due", actions["review"], 0), ("done", 0, bool(issue["contact"]) * actions["finish"]),
                ("unrouted", 0, 1), ("refused", 0, actions["refuse"])):
            yield from judge(books.letters[key, template], told * expected, f"letter {template} of {key}", told * perhaps)


def all_published(books: Books) -> Iterator[Finding]:
    """No event lies in an outbox for ever, and nothing healthy in a dead queue."""
    for issue in books.evidence.issues:
        if issue["outbox"]:
            yield Finding(LOST, f"issue {issue['_id']} has {len(issue['outbox'])} unpublished events")
    for name, count in books.evidence.dead.items():
        yield from (Finding(LOST, f"a message lies in {name}") for _ in range(count))


RULES: tuple[Callable[[Books], Iterator[Finding]], ...] = (
    filed_once, one_key_one_issue, moved_once, reviewed_once, one_write_each, routed_once, agencies_told, answers_told,
    booklet_agrees, letters_once, all_published)


def check(books: Books) -> list[Finding]:
    """Everything that is wrong; nothing when the platform kept its word."""
    return [finding for rule in RULES for finding in rule(books)]
