"""Builders: valid by default, so that a test says only what matters to it."""
from datetime import UTC, datetime, timedelta
from typing import Any

from services.issues.codes import hash_of, tracking_code
from services.issues.model import Actor, Assignee, Issue
from services.registry.model import Change

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


NEIGHBOURHOODS, AGENCIES = 10, 5
CATEGORIES = ("rubbish", "lighting", "potholes", "water", "other", "addiction")  # no rule routes `other`
ROUTED = ("rubbish", "lighting", "potholes", "water", "addiction")  # the n-th goes to agency a<n>
Record = dict[str, Any]


def an_agency(**given: Any) -> Record:
    """As in a province's agencies.json."""
    values: Record = {"code": "a0", "name_fa": "دستگاه نمونه", "name_en": "Sample agency", "level": "city",
                      "territory": "karaj", "parent": None, "channel": "queue", "email": None, "committee": None}
    return values | given


KARAJ = Change("territories", "karaj", {"kind": "city", "name_fa": "کرج", "name_en": "Karaj", "parent": None}, "2025-03-21")


def a_recorded_agency(day: str = KARAJ.valid_from, **given: Any) -> Change:
    """An agency as the registry's change, in KARAJ."""
    values = an_agency(**given)
    return Change("agencies", values.pop("code"), {k: v for k, v in values.items() if k != "email"}, day)


def a_square(west: float, south: float, side: float = 0.01) -> Record:
    """A GeoJSON polygon, degrees."""
    east, north = west + side, south + side
    return {"type": "Polygon", "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]]}


def a_neighbourhood(number: int) -> Record:
    """The n-th square eastwards; the point (50.905 + n/100, 35.805) lies in it."""
    return {"code": f"n{number}", "kind": "neighbourhood", "name_fa": f"محلهٔ {number}", "name_en": f"Neighbourhood {number}",
            "parent": "karaj", "target": True, "polygon": a_square(50.9 + number / 100, 35.8)}


def a_small_province() -> dict[str, list[Record]]:
    """One city, ten square neighbourhoods, five agencies with queues, six categories, a rule for each but `other`."""
    def place(code: str, kind: str, parent: str | None) -> Record:
        return {"code": code, "kind": kind, "name_fa": "البرز" if parent is None else "کرج", "name_en": code.title(),
                "parent": parent, "target": False, "polygon": None}

    return {
        "territories": [place("alborz", "province", None), place("karaj", "city", "alborz"),
                        *(a_neighbourhood(number) for number in range(NEIGHBOURHOODS))],
        "agencies": [an_agency(code=f"a{n}", name_fa=f"دستگاه {n}", name_en=f"Agency {n}") for n in range(AGENCIES)],
        "committees": [],
        "categories": [{"code": code, "parent": None, "name_fa": code, "name_en": code, "accept_hours": 24,
                        "finish_hours": 240, "confidential": code == "addiction"} for code in CATEGORIES],
        "rules": [{"code": f"r{n}", "category": code, "territory": "alborz", "agency": f"a{n}", "priority": 10}
                  for n, code in enumerate(ROUTED)],
        "people": [{"code": "manager-n1", "role": "neighbourhood_manager", "territory": "n1", "name_fa": "علی",
                    "email": "manager@example.org"}],
    }
