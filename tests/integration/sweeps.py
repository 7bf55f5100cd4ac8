"""Issues that fall due, and the sweeper that looks at them."""
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from contracts.envelope import Received
from contracts.errors import Problem
from contracts.registry import AgencyChanged
from services.issues.atlas import Atlas, learn
from services.issues.documents import IssueDocument, issue_store
from services.issues.filing import Desk, Filing
from services.issues.sweeping import Sweeper
from tests.integration.reference import agency, category, place, rule

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
FILED = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)  # a Tuesday, noon in Tehran
NOBODYS = category(code="strange", path=("strange",))  # no rule routes it
RECORDS = (place("alborz", kind="province"), place("karaj", "alborz", kind="county"), place("n1", "alborz", "karaj"),
           agency("abfa"), category(), NOBODYS, rule("water", "karaj", "abfa"))
Row = dict[str, Any]
keys = count()


def tell(*records: Any) -> None:
    """What the registry says from now on."""
    learn([Received("r", AgencyChanged(each.code), each, each.code, each.version, FILED) for each in records])


def file(*filed_at: datetime, category: str = "water") -> list[str]:
    """The ids of issues that were filed then."""
    desk, found = Desk(issue_store(), Atlas(), "secret"), []
    for at in filed_at:
        body = {"category": category, "text": "آب از جدول بیرون می‌زند", "neighbourhood": "n1"}
        [receipt] = desk.file([Filing("resident:app", f"key-{next(keys)}", body)], at)
        assert not isinstance(receipt, Problem), receipt
        found.append(receipt["id"])
    return found


def a_sweeper() -> Sweeper:
    return Sweeper(issue_store(), Atlas())


def stored(issue_id: str) -> Row:
    return dict(IssueDocument._get_collection().find_one({"_id": issue_id}) or {})


def steps(issue_id: str, *deadlines: str) -> list[int]:
    """The steps that stand in the timeline for these deadlines; because nobody was given it or accepted it."""
    changes = [entry["changes"] for entry in stored(issue_id)["timeline"] if entry["action"] == "escalate"]
    return [each["step"][1] for each in changes if each["deadline"][1] in (deadlines or ("route", "accept"))]
