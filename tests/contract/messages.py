"""Every message that the platform writes, made as the platform makes it, from fixed documents.

`python -m tests.contract.messages` writes them to contracts/samples, for a new event or a new version of one. A sample
that exists changes only when what is on the wire changes, so look at the difference before committing it.
"""
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson

from chassis.outbox import Outbox
from chassis.relay import message_of
from contracts import agencies, envelope
from contracts.issues import IssueRestated, IssueSnapshot
from services.issues.documents import OUTBOXES as ISSUES
from services.issues.documents import IssueMapping, Message, snapshot
from services.issues.life.circumstances import Circumstances, Procedure
from services.issues.life.terms import Terms
from services.issues.model import Actor, Assignee, Issue, Recorded
from services.issues.neighbours.messages import row_of as message_row
from services.registry.accounts import codes
from services.registry.accounts.documents import OUTBOXES as CODES
from services.registry.documents import OUTBOXES as REGISTRY
from services.registry.documents import (
    Agency,
    Calendar,
    Category,
    Committee,
    Headquarters,
    Rule,
    Seat,
    Territory,
    TerritoryBoundary,
)
from services.registry.ledger import entry
from services.registry.model import OPEN, Edit
from services.registry.people import erasing
from services.registry.people.documents import OUTBOXES as PEOPLE
from tests.builders import NOON, an_issue

SAMPLES = Path(__file__).parents[2] / "contracts" / "samples"
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
PRIVATE = {"name": "زهرا احمدی", "email": "zahra@example.org", "phone": "09121234567"}  # must be in no message
WORDS = "خیلی ممنون از همکاری"  # the filer's own words at closing: neither must they
AGENCY = "abfa-karaj"
ERASED = "3f0d1c7e-6a55-5a0e-9d6b-000000000001"
LATER = NOON + timedelta(hours=30)

PLACE = {"kind": "neighbourhood", "name_fa": "مهرشهر", "name_en": "Mehrshahr", "parent": "karaj",
         "path": ["alborz", "karaj", "karaj-mehrshahr"], "target": True, "contested_with": None,
         "supporting_agency": "red-crescent", "sample": True}
POLYGON = {"type": "Polygon", "coordinates": [[[50.90, 35.80], [50.92, 35.80], [50.92, 35.82], [50.90, 35.80]]]}
HOURS = {"weekday": 6, "opens": "07:30", "closes": "14:30", "valid_from": None, "valid_to": None}
RECORDS: dict[Any, tuple[str, dict[str, Any]]] = {
    Territory: ("karaj-mehrshahr", PLACE),
    TerritoryBoundary: ("karaj-mehrshahr", {"polygon": POLYGON}),
    Headquarters: ("alborz-headquarters", {"name_fa": "قرارگاه اجتماعی البرز", "name_en": "Alborz Social Headquarters",
                                           "level": "province", "territory": "alborz", "parent": None, "sample": True}),
    Agency: (AGENCY, {"name_fa": "آب و فاضلاب کرج", "name_en": "Karaj Water and Wastewater", "level": "county",
                      "territory": "karaj", "channel": "queue", "parent": "abfa", "committee": "infrastructure",
                      "office_hours": [HOURS], "sample": True, "contact": PRIVATE}),
    Committee: ("infrastructure", {"name_fa": "کمیتهٔ زیرساخت", "name_en": "Infrastructure Committee", "subject": "آب و برق",
                                   "members": [AGENCY], "headquarters": "alborz-headquarters", "sample": True}),
    Category: ("water-leak", {
        "name_fa": "نشت آب", "name_en": "Water leak", "parent": "water", "path": ["water", "water-leak"],
        "confidential": False, "accept_hours": 24, "finish_hours": 72, "photograph": True, "sample": True,
        "finish_days": 10,
        "allowances": [{"accept_hours": 2, "finish_hours": 12, "level": "city", "priority": "urgent", "accept_days": 1,
                        "finish_days": 2}],
        "questions": [{"code": "where", "type": "one", "name_fa": "کجا؟", "name_en": "Where?", "required": True,
                       "options": [{"code": "meter", "name_fa": "کنتور", "name_en": "Meter"}]}],
        "ladder": [{"after_hours": 0, "to": "agency_head"}]}),
    Rule: ("water-karaj", {"category": "water", "territory": "karaj", "agency": AGENCY, "priority": 10,
                           "others": ["karaj-municipality"], "committee": "infrastructure",
                           "answers": {"where": ["meter"]}, "sample": True}),
    Calendar: ("alborz", {
        "time_zone": "Asia/Tehran", "weekend": [4, 5], "office_hours": [HOURS], "sample": True,
        "holidays": [{"date": "2026-03-21", "name_fa": "نوروز", "name_en": "Nowruz", "estimated": False}],
        "closures": [{"date": "2026-01-10", "reason": "آلودگی هوا", "starts": None, "ends": None}]}),
    Seat: ("manager-mehrshahr", {"role": "neighbourhood_manager", "territory": "karaj-mehrshahr",
                                 "person": "3f0d1c7e-6a55-5a0e-9d6b-000000000001", "contact": PRIVATE}),
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


OTHER = Assignee("karaj-municipality", queued=True)
MINE = Actor("agency", AGENCY)
DAY = timedelta(days=1)
FUNDS: dict[str, Any] = {"reason": "بودجهٔ امسال تمام شده است", "until": NOON + 120 * DAY}


def lived(*decisions: Callable[[Issue], Any], **given: Any) -> Issue:
    """Offered, then these decisions; only the last one is still to be told."""
    issue = offered(**given)
    issue.around = Circumstances(body_of=lambda step, agency: "alborz-headquarters" if step == "next_meeting" else None,
                                 headquarters_above=lambda agencies: "alborz-headquarters")
    for decide in decisions:
        issue.version, issue.recorded = issue.version + 1, []
        decide(issue)
    return issue


def move(action: str, by: Actor = MINE, **given: Any) -> Callable[[Issue], Any]:
    return lambda issue: issue.move(issue.tasks[0].id, action, by, LATER, **given)


def refer(number: int, to: Assignee) -> Callable[[Issue], Any]:
    return lambda issue: issue.refer(issue.tasks[number].id, to, Actor("agency", issue.tasks[number].agency), LATER,
                                     "در حوزهٔ ما نیست")


def lives() -> Iterator[Issue]:
    """One that ends with each of the events that need more than a few moves."""
    secretary, accept, finish = Actor("secretary", "alborz"), move("accept"), move("finish", text="لوله عوض شد")
    wait = move("wait", reason="نشانی دقیق لازم است", for_whom="filer")
    back = Assignee(AGENCY, queued=True)
    yield lived(refer(0, OTHER))
    yield lived(refer(0, OTHER), refer(1, back), refer(2, OTHER))
    yield lived(accept, wait)
    yield lived(accept, wait, move("resume"))
    yield lived(accept, move("ask_deferral", **FUNDS))
    yield lived(accept, move("ask_deferral", **FUNDS), move("defer", secretary))
    yield lived(accept, move("ask_deferral", **FUNDS), move("decline", secretary, reason="بودجه هست"))
    yield lived(accept, move("extend", secretary, **FUNDS))
    yield lived(accept, wait, lambda issue: issue.catch_up(LATER + 40 * DAY))
    yield lived(lambda issue: issue.catch_up(NOON + 40 * DAY))
    yield lived(lambda issue: issue.prioritise("urgent", "خطر برق‌گرفتگی", secretary, LATER))
    yield lived(accept, finish, lambda issue: issue.catch_up(LATER + 40 * DAY))
    yield lived(accept, finish, lambda issue: issue.confirm(5, WORDS, LATER),
                lambda issue: issue.not_fixed("هنوز آب می‌آید", LATER + DAY))
    yield lived(accept, finish, lambda issue: issue.check(Actor("secretary", "alborz"), LATER))
    yield checked_by_nobody()
    yield lived(lambda issue: issue.reject("نشانی ندارد", secretary, LATER))
    yield lived(lambda issue: issue.mark_duplicate(ERASED, secretary, LATER))
    yield lived(lambda issue: issue.mark_duplicate(ERASED, secretary, LATER),
                lambda issue: issue.unmark_duplicate(secretary, LATER))
    yield lived(lambda issue: issue.join(3, LATER))
    yield rescheduled()


def checked_by_nobody() -> Issue:
    issue = lived(move("accept"), move("finish", text="لوله عوض شد"))
    issue.around, issue.recorded = Circumstances(Procedure(checked_by="reporter")), []
    issue.catch_up(LATER + 40 * DAY)
    return issue


def rescheduled() -> Issue:
    issue = lived(move("accept"))
    issue.around, issue.recorded = Circumstances(terms_of=lambda agency, priority: Terms(24, 240)), []
    issue.catch_up(LATER)
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
    yield from (("", issue) for issue in lives())
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
        for told in document["outbox"]:
            plain = told["type"].startswith("mahalle.issues.confidential")
            yield told["type"] + ("" if plain else variant), written(document, told, ISSUES[0])


def of_a_conversation() -> Iterator[tuple[str, dict[str, Any]]]:
    """What an agency wrote on an issue, which the relay finds beside the issue."""
    issue = as_stored(offered())
    said = {"text": "کدام کوچه؟ " + WORDS, "to": "parties"}
    document = message_row(issue, Actor("agency", AGENCY), "key", said, NOON) | {"number": 1}
    outbox = Outbox(Message, {IssueSnapshot: lambda document, data: snapshot(issue, data)})
    for told in document["outbox"]:
        yield told["type"], written(document, told, outbox)


def of_registry() -> Iterator[tuple[str, dict[str, Any]]]:
    for outbox in REGISTRY:
        if outbox.document in RECORDS:
            code, values = RECORDS[outbox.document]
            edit = vars(Edit("2025-03-21", OPEN, values, NOON, "secretary:alborz"))
            document = {"_id": code, "version": 3, "edits": [edit]}
            told = entry(outbox.document, code, 3) | {"at": NOON}
            yield told["type"], written(document, told, outbox)


def of_people() -> Iterator[tuple[str, dict[str, Any]]]:
    """An erased person, whose document still has what no document should have then: none of it may be told."""
    told = erasing.entry(ERASED, 4, ("4f1d9a2b-6a55-4a0e-9d6b-000000000001",)) | {"at": NOON}
    document = {"_id": ERASED, "version": 4, "contact": PRIVATE, "name_fa": PRIVATE["name"]}
    yield told["type"], written(document, told, PEOPLE[0])


def of_codes() -> Iterator[tuple[str, dict[str, Any]]]:
    """A code that was asked for; whoever may know more of it asks."""
    asking = "9f2c4e6a8b0d1f3a5c7e9b1d3f5a7c9e"
    told = codes.told(asking, NOON, TRACE)
    yield told["type"], written({"_id": "of the address", "asking": asking, "contact": PRIVATE}, told, CODES[0])


ANSWERS: dict[str, dict[str, Any]] = {  # by variant
    "": {"action": "finish", "text": "لوله عوض شد و آسفالت ترمیم شد"},
    ".refer": {"action": "refer", "reason": "جدول خیابان با شهرداری است", "agency": "karaj-municipality"},
    ".wait": {"action": "wait", "reason": "نشانی دقیق لازم است", "for_whom": "filer", "until": "2026-12-01T04:30:00.000Z"},
}


def of_agencies() -> Iterator[tuple[str, dict[str, Any]]]:
    """What an agency writes; not the platform but the agency's program makes it."""
    for variant, said in ANSWERS.items():
        yield f"mahalle.agencies.answer.v1{variant}", {
            "exchange": "agencies.answers", "routing_key": AGENCY, "content_type": "application/json",
            "headers": {"ce-specversion": "1.0", "ce-id": "0b9c8d5e-1111-4222-8333-000000000001",
                        "ce-type": "mahalle.agencies.answer.v1", "ce-source": f"/agencies/{AGENCY}",
                        "ce-subject": offered().tasks[0].id, "ce-time": "2026-11-24T09:30:00.000Z"},
            "body": {"task_id": offered().tasks[0].id, **said}}


def messages() -> dict[str, dict[str, Any]]:
    """File name (the wire name, with a variant where one matters) → message. Of one event the first telling counts."""
    found: dict[str, dict[str, Any]] = {}
    for name, message in (*of_issues(), *of_a_conversation(), *of_registry(), *of_people(), *of_codes(), *of_agencies()):
        found.setdefault(name, message)
    return found


def main() -> None:
    os.environ.setdefault("MAHALLE_CASE_KEYS", "of the samples " * 3)
    SAMPLES.mkdir(exist_ok=True)
    for name, message in messages().items():
        (SAMPLES / f"{name}.json").write_bytes(orjson.dumps(message, option=orjson.OPT_INDENT_2) + b"\n")


if __name__ == "__main__":
    main()
