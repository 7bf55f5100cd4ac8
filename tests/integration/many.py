"""Issues of every kind, made by the model and stored as it stores them, for tests of lists."""
import random
from datetime import timedelta
from uuid import UUID

from services.issues.codes import tracking_code
from services.issues.documents import issue_store
from services.issues.model import Actor, Assignee, Issue
from tests.builders import NOON, an_issue

PLACES = {"n1": ["alborz", "karaj", "n1"], "n2": ["alborz", "karaj", "n2"], "n3": ["alborz", "fardis", "n3"]}
CATEGORIES = ("streets", "lighting", "potholes", "water")  # the second and third lie below the first
AGENCIES = ("a1", "a2", "a3")
RESIDENTS = ("r1", "r2", "app")
TEXTS = ("چراغ کوچه خاموش است", "چراغ خیابان شکسته", "آب لوله در کوچه", "نشت آب")
SECRETARY = Actor("secretary", "s")
MOVES = ((), ("accept",), ("accept", "start"), ("accept", "wait"), ("accept", "ask_extension"), ("accept", "finish"),
         ("refuse",), ("accept", "ask_extension", "decline"), ("accept", "finish", "confirm"),
         ("accept", "finish", "confirm"), ("withdraw",))


def stored(count: int, seed: int = 7) -> list[Issue]:
    """So many, in the days before NOON; several of the same moment."""
    chance = random.Random(seed)
    issues = [lived(chance) for _ in range(count)]
    assert issue_store().add(issues) == [None] * count
    return issues


def lived(chance: random.Random) -> Issue:
    key, where = str(UUID(int=chance.getrandbits(128), version=4)), chance.choice([*PLACES])
    filed_by = f"resident:{chance.choice(RESIDENTS)}"
    at = NOON - timedelta(hours=chance.randrange(1, 200))
    issue = an_issue(
        id=key, filed_by=filed_by, tracking_code=tracking_code(key), neighbourhood=where, place=PLACES[where],
        text=chance.choice(TEXTS),
        category=chance.choice(CATEGORIES), confidential=chance.random() < 0.15, filed_at=at, updated_at=at, title=None,
        point={"lon": 50.9 + chance.randrange(5) / 1000, "lat": 35.8} if chance.random() < 0.6 else None)
    issue.file()
    if chance.random() < 0.2:
        issue.prioritise(chance.choice(("urgent", "high", "low")), "خطر", SECRETARY, at)
    for agency in chance.sample(AGENCIES, chance.choice((0, 1, 1, 1, 2))):
        issue.offer(Assignee(agency, queued=False), Actor("router"), at)
    for number, action in enumerate(chance.choice(MOVES), 1):
        move(issue, action, chance, number)
    return issue


def move(issue: Issue, action: str, chance: random.Random, number: int) -> None:
    """Of its first task, some hours after the filing."""
    at = issue.filed_at + timedelta(hours=number * 2)
    if action == "withdraw":
        issue.withdraw(None, at)
    elif action == "confirm" and issue.status == "done":
        issue.confirm(chance.randint(1, 5), None, at)
    elif issue.tasks and action != "confirm":
        task = issue.tasks[0]
        by = SECRETARY if action == "decline" else Actor("agency", task.agency)
        issue.move(task.id, action, by, at, reason="دلیل", text="شد", for_whom="other", until=task.due + timedelta(days=9))
