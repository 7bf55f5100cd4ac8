"""Every message that the platform writes, made as the platform makes it, from fixed documents.

`python -m tests.contract.messages` writes them to contracts/samples, for a new event or a new version of one. A sample
that exists changes only when what is on the wire changes, so look at the difference before committing it.
"""
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson

from chassis.outbox import Outbox
from chassis.relay import message_of
from contracts import agencies, envelope
from contracts.issues import IssueRestated
from services.issues.documents import OUTBOXES as ISSUES
from services.issues.documents import IssueMapping
from services.issues.model import Actor, Assignee, Issue, Recorded
from services.registry.documents import FACTS, Agency, Category, Rule, Seat, Territory
from services.registry.documents import OUTBOXES as REGISTRY
from tests.builders import NOON, an_issue

SAMPLES = Path(__file__).parents[2] / "contracts" / "samples"
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
PRIVATE = {"name": "زهرا احمدی", "email": "zahra@example.org", "phone": "09121234567"}  # must be in no message
WORDS = "خیلی ممنون از همکاری"  # the filer's own words at closing: neither must they
AGENCY = "abfa-karaj"
LATER = NOON + timedelta(hours=30)

PLACE = {"code": "karaj-mehrshahr", "kind": "neighbourhood", "name_fa": "مهرشهر", "name_en": "Mehrshahr",
         "parent": "karaj", "path": ["alborz", "karaj", "karaj-mehrshahr"], "target": True, "sample": True,
         "polygon": {"type": "Polygon", "coordinates": [[[50.90, 35.80], [50.92, 35.80], [50.92, 35.82], [50.90, 35.80]]]}}
RECORDS: dict[Any, dict[str, Any]] = {
    Territory: PLACE,
    Agency: {"code": AGENCY, "name_fa": "آب و فاضلاب کرج", "name_en": "Karaj Water and Wastewater", "level": "county",
             "territory": "karaj", "channel": "queue", "parent": "abfa", "committee": "infrastructure",
             "sample": True, "contact": PRIVATE},
    Category: {"code": "water-leak", "name_fa": "نشت آب", "name_en": "Water leak", "parent": "water",
               "path": ["water", "water-leak"], "confidential": False, "accept_hours": 24, "finish_hours": 72},
    Rule: {"code": "water-karaj", "category": "water", "territory": "karaj", "agency": AGENCY, "priority": 10},
    Seat: {"code": "manager-mehrshahr", "role": "neighbourhood_manager", "territory": "karaj-mehrshahr",
           "person": "3f0d1c7e-6a55-5a0e-9d6b-000000000001", "contact": PRIVATE},
}


def subject(**given: Any) -> dict[str, Any]:
    """What the fixed issue is about."""
    return {"category": "water-leak", "category_name": "نشت آب", "neighbourhood": "karaj-mehrshahr",
            "neighbourhood_name": "مهرشهر", "place": PLACE["path"], "title": "نشت آب", "trace": TRACE,
            "text": "سه روز است که آب از جدول کنار خیابان بیرون می‌زند.", "point": {"lon": 50.91, "lat": 35.81},
            "contact": PRIVATE} | given


def offered(**given: Any) -> Issue:
    issue = an_issue(**subject(**given))
    issue.file()
    issue.offer(Assignee(AGENCY, queued=True), Actor("router"), NOON)
    return issue


def moved(*actions: str, by: str = "agency", **given: Any) -> Issue:
    """Offered to the agency, then moved; what was recorded before the last move is forgotten, as after a save."""
    issue = offered(**given)
    for number, action in enumerate(actions, 1):
        issue.version, issue.recorded = number, []
        issue.move(issue.tasks[0].id, action, Actor(by, AGENCY if by == "agency" else ""), NOON + timedelta(hours=number),
                   reason="بودجهٔ امسال تمام شده است", text="لوله عوض شد و آسفالت ترمیم شد")
    return issue


def decided(decision: str, *arguments: Any) -> Issue:
    """Done, and then the filer's decision on it."""
    issue = moved("accept", "start", "finish")
    issue.version, issue.recorded = 4, []
    getattr(issue, decision)(*arguments, LATER)
    return issue


def answered(answer: Any) -> Issue:
    issue = moved("accept")
    issue.answer_agency(answer)
    return issue


def restated() -> Issue:
    issue = decided("confirm", 5, WORDS)
    issue.recorded = [Recorded(IssueRestated(issue.id), issue.id)]
    return issue


def stories() -> Iterator[tuple[str, Issue]]:
    """Issues whose last decision tells each event of the issues service; with the name of a variant, or none."""
    task, answer = offered().tasks[0].id, "0b9c8d5e-1111-4222-8333-000000000001"
    yield "", offered()
    yield "", moved("cancel", by="secretary")
    for action in ("accept", "refuse"):
        yield "", moved(action)
    yield "", moved("accept", "start")
    yield "", moved("accept", "start", "finish")
    yield "", decided("confirm", 5, WORDS)
    yield "", decided("not_fixed", "هنوز آب می‌آید")
    yield "", withdrawn()
    yield "", restated()
    yield "", answered(agencies.AnswerTaken(answer, task, AGENCY, "accept", "accepted"))
    yield "", answered(agencies.AnswerRefused(answer, task, AGENCY, "finish", None, "move_forbidden",
                                              "کار در وضعیت «offered» است و «finish» از این وضعیت ممکن نیست.",
                                              "The task is offered; finish is possible only from accepted, in_progress."))
    yield ".confidential", offered(confidential=True, category="child-at-risk", category_name="کودک در خطر")


def withdrawn() -> Issue:
    issue = moved("accept")
    issue.version, issue.recorded = 2, []
    issue.withdraw(None, LATER)
    return issue


def as_stored(issue: Issue) -> dict[str, Any]:
    """The document as the relay reads it."""
    _, outbox = IssueMapping().news(issue, issue.version + 1)
    return {"_id": issue.id, "version": issue.version + 1, **IssueMapping().state(issue), "outbox": outbox}


def written(document: dict[str, Any], entry: dict[str, Any], outbox: Outbox) -> dict[str, Any]:
    """One message as the relay hands it to the broker, and what the broker is told besides."""
    message = message_of(document, entry, outbox)
    return {"exchange": message.exchange, "routing_key": message.key, "content_type": envelope.CONTENT_TYPE,
            "headers": message.headers, "body": orjson.loads(message.body)}


def of_issues() -> Iterator[tuple[str, dict[str, Any]]]:
    for variant, issue in stories():
        document = as_stored(issue)
        for entry in document["outbox"]:
            plain = entry["type"].startswith("mahalle.issues.confidential")
            yield entry["type"] + ("" if plain else variant), written(document, entry, ISSUES[0])


def of_registry() -> Iterator[tuple[str, dict[str, Any]]]:
    for outbox in REGISTRY:
        record = RECORDS[outbox.document]
        document = {"_id": record["code"], "version": 3, **record}
        for position, kind in enumerate(FACTS[outbox.document]):
            entry = envelope.entry(kind(record["code"]), aggregate=f"{outbox.document.__name__}:{record['code']}",
                                   subject=record["code"], sequence=3, position=position, at=NOON)
            yield entry["type"], written(document, entry, outbox)


def of_agencies() -> Iterator[tuple[str, dict[str, Any]]]:
    """What an agency writes; not the platform but the agency's program makes it."""
    yield "mahalle.agencies.answer.v1", {
        "exchange": "agencies.answers", "routing_key": AGENCY, "content_type": "application/json",
        "headers": {"ce-specversion": "1.0", "ce-id": "0b9c8d5e-1111-4222-8333-000000000001",
                    "ce-type": "mahalle.agencies.answer.v1", "ce-source": f"/agencies/{AGENCY}",
                    "ce-subject": offered().tasks[0].id, "ce-time": "2026-11-24T09:30:00.000Z"},
        "body": {"task_id": offered().tasks[0].id, "action": "finish", "text": "لوله عوض شد و آسفالت ترمیم شد"}}


def messages() -> dict[str, dict[str, Any]]:
    """File name (the wire name, with a variant where one matters) → message. Of one event the first telling counts."""
    found: dict[str, dict[str, Any]] = {}
    for name, message in (*of_issues(), *of_registry(), *of_agencies()):
        found.setdefault(name, message)
    return found


def main() -> None:
    SAMPLES.mkdir(exist_ok=True)
    for name, message in messages().items():
        (SAMPLES / f"{name}.json").write_bytes(orjson.dumps(message, option=orjson.OPT_INDENT_2) + b"\n")


if __name__ == "__main__":
    main()
