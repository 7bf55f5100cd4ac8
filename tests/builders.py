"""Builders: valid by default, so that a test says only what matters to it."""
from datetime import UTC, datetime, timedelta
from typing import Any

from services.issues.codes import hash_of, tracking_code
from services.issues.model import Actor, Assignee, Issue

NOON = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
SECRET = "abcd-efgh-ijkl-mnop"


def an_issue(**given: Any) -> Issue:
    """An issue as it is just before `file()`."""
    identity = given.pop("id", "7f6d1c52-3a0c-5a3e-9a9c-000000000001")
    values: dict[str, Any] = {
        "id": identity, "tracking_code": tracking_code(identity), "secret_hash": hash_of(SECRET),
        "filed_by": "resident:app", "request_hash": "h", "category": "lighting", "category_name": "روشنایی",
        "confidential": False, "neighbourhood": "n1", "neighbourhood_name": "محلهٔ یک",
        "place": ["alborz", "karaj", "n1"], "text": "چراغ کوچه خاموش است", "filed_at": NOON, "updated_at": NOON,
        "accept_hours": 24, "finish_hours": 72}
    return Issue(**(values | given))


def a_routed_issue(**given: Any) -> Issue:
    """Filed, and offered to agency a1, which has a queue."""
    issue = an_issue(**given)
    issue.file()
    issue.offer(Assignee("a1", queued=True), Actor("router"), NOON)
    return issue


def a_done_issue(**given: Any) -> Issue:
    issue = a_routed_issue(**given)
    task = issue.tasks[0].id
    issue.move(task, "accept", Actor("agency", "a1"), NOON + timedelta(hours=1))
    issue.move(task, "finish", Actor("agency", "a1"), NOON + timedelta(hours=2), text="لامپ عوض شد")
    return issue
