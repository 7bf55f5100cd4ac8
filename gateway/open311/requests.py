"""Issues as service requests: what is asked for, and what is answered."""
from datetime import datetime, timedelta
from typing import Any

from contracts.errors import NotFound
from contracts.schema import instant
from gateway.open311.filing import ADDRESS
from gateway.open311.known import Registers
from gateway.open311.params import Params, wrong
from gateway.open311.services import of

CLOSED = ("closed", "withdrawn", "rejected", "duplicate")
OPEN = ("filed", "routed", "in_progress", "waiting", "awaiting_funds", "done")
GIVEN_BACK = ("refused", "referred", "cancelled")
SPAN = timedelta(days=90)
SECOND = timedelta(seconds=1)
MOST_CODES = 100  # of one list
NOTES = {  # what a status means, in Persian and in English
    "filed": ("ثبت شد؛ هنوز به دستگاهی سپرده نشده است.", "Reported; no agency has it yet."),
    "routed": ("به دستگاه سپرده شد و در انتظار پذیرش است.", "Offered to an agency, which has not accepted it yet."),
    "in_progress": ("دستگاه آن را پذیرفته و در دست کار دارد.", "The agency has accepted it and is at work."),
    "waiting": ("کار در انتظار است.", "The work waits."),
    "awaiting_funds": ("کار تا تأمین اعتبار مانده است.", "The work waits for funds."),
    "done": ("دستگاه پایان کار را اعلام کرد؛ در انتظار تأیید ساکن است.",
             "The agency reports it as done; the resident has not confirmed it yet."),
    "closed": ("انجام شد و بسته شد.", "It was done and is closed."),
    "withdrawn": ("ثبت‌کننده آن را پس گرفت.", "Whoever reported it took it back."),
    "rejected": ("پذیرفته نشد.", "It was not taken up."),
    "duplicate": ("تکراری است و در مسئلهٔ نخست دنبال می‌شود.", "A duplicate; the first report is followed.")}
COLUMNS = ("service_request_id", "requested_datetime", "updated_datetime", "closed_date", "status_description",
           "status_notes", "source", "service_name", "service_subtype", "description", "agency_responsible", "address",
           "lat", "long")
Row = dict[str, Any]


def asked_for(params: Params, territory: str | None, at: datetime) -> dict[str, str]:
    """The parameters of the list of issues. Ids override all others. Raises Malformed."""
    place = {"territory": territory} if territory else {}
    if ids := listed(params, "service_request_id"):
        return {"code": ids} | place
    changed = span_of(params, "updated_after", "updated_before")
    filed = span_of(params, "start_date", "end_date") if changed else filed_span(params, at)
    services = listed(params, "service_code")
    return (place | named(filed, "filed") | named(changed, "updated") | ({"sort": "updated"} if changed else {})
            | statuses(params.choice("status", ("open", "closed"))) | ({"category_only": services} if services else {}))


def listed(params: Params, name: str) -> str:
    """Codes with commas between. Raises Malformed for too many."""
    found = params.several(name)
    if len(found) > MOST_CODES:
        raise wrong(name, f"حداکثر {MOST_CODES} کد بفرستید.", f"send {MOST_CODES} codes at most.")
    return ",".join(found)


def statuses(asked: list[str]) -> dict[str, str]:
    return {"status": ",".join(OPEN if asked == ["open"] else CLOSED)} if len(asked) == 1 else {}


Span = dict[str, datetime]  # `from` and `to`, both with it, to the second


def filed_span(params: Params, at: datetime) -> Span:
    """90 days back from its end, or on from its start; the last 90 where neither is named."""
    found = span_of(params, "start_date", "end_date")
    if "from" in found:
        return {"to": found["from"] + SPAN} | found
    end = found.get("to", to_the_second(at))
    return {"from": end - SPAN, "to": end}


def to_the_second(at: datetime) -> datetime:
    """So that a link, which is written to the second, asks for the same again: a cursor holds for no other list."""
    return at.replace(microsecond=0)


def span_of(params: Params, start: str, end: str) -> Span:
    """Raises Malformed where it ends before it starts, or is longer than 90 days."""
    found = {"from": params.moment(start), "to": params.moment(end)}
    span = {name: at for name, at in found.items() if at}
    if len(span) == 2 and not span["from"] <= span["to"]:
        raise wrong(start, f"باید پیش از {end} باشد.", f"it must not be after {end}.")
    if len(span) == 2 and span["to"] - span["from"] > SPAN:
        raise wrong(start, f"تا {end} حداکثر ۹۰ روز باشد.", f"to {end} it must be 90 days at most.")
    return span


def named(span: Span, name: str) -> dict[str, str]:
    """As `issues` takes it: it ends before `to`, and knows milliseconds, of which this standard tells none."""
    return {f"{name}_{end}": instant(at + SECOND if end == "to" else at) for end, at in span.items()}


def dates(query: dict[str, str]) -> dict[str, str]:
    """The span of filing again, as a client writes it."""
    return written(query, {"start_date": "filed_from", "end_date": "filed_to"})


def written(query: dict[str, str], names: dict[str, str]) -> dict[str, str]:
    """Instants of a query by the standard's names; an end stands a second later there (`named`)."""
    found = {name: datetime.fromisoformat(query[ours]) for name, ours in names.items() if ours in query}
    return {name: w3(instant(at - SECOND if name == "end_date" else at)) for name, at in found.items()}


def request_of(issue: Row, known: Registers, language: str, extensions: bool = False) -> Row:
    """Every key is there, as strict clients ask; nobody's contact is."""
    lead, point = lead_of(issue), issue["point"] or {}
    address, description = apart(issue["text"])
    place = issue["neighbourhood_name"]
    return {
        "service_request_id": issue["tracking_code"], "status": "closed" if issue["status"] in CLOSED else "open",
        "status_notes": notes_of(issue, lead, language), "service_name": service_name(issue, known, language),
        "service_code": issue["category"], "description": description,
        "agency_responsible": known.name("agencies", lead["agency"], language) if lead else "",
        "service_notice": "", "requested_datetime": w3(issue["filed_at"]),
        "updated_datetime": w3(issue["closed_at"] or issue["updated_at"]),
        "expected_datetime": w3(lead["due"]) if lead and issue["status"] not in ("done", *CLOSED) else None,
        "address": address if place in address else ", ".join(filter(None, (address, place_name(issue, known, language)))),
        "address_id": issue["neighbourhood"], "zipcode": "", "lat": point.get("lat"), "long": point.get("lon"),
        "media_url": ""} | (extended(issue, known, language) if extensions else {})


def service_name(issue: Row, known: Registers, language: str) -> str:
    """Today's; the one it had when this was filed, where the category has ended."""
    if issue["category"] in known.categories:
        return known.name("categories", issue["category"], language)
    return str(issue["category_name"])


def place_name(issue: Row, known: Registers, language: str) -> str:
    """The neighbourhood's, as it was when this was filed; in English today's, where it is still there."""
    if language == "en" and issue["neighbourhood"] in known.territories:
        return known.name("territories", issue["neighbourhood"], language)
    return str(issue["neighbourhood_name"])


def apart(text: str) -> tuple[str, str]:
    """The address that stands in the first line, and the rest; see `filing`."""
    first, _, rest = text.partition("\n")
    return (first.removeprefix(ADDRESS), rest) if first.startswith(ADDRESS) else ("", text)


def the_one(found: list[Row]) -> Row:
    """Raises NotFound where nothing was found."""
    if not found:
        raise NotFound("no_such_request", "service_request_id پیدا نشد؛ کد رهگیری را بررسی کنید.",
                       "service_request_id was not found; check the tracking code.")
    return found[0]


def lead_of(issue: Row) -> Row | None:
    """The last task that answers for the whole and was not given back."""
    return next((task for task in reversed(issue["tasks"]) if task["lead"] and task["state"] not in GIVEN_BACK), None)


def notes_of(issue: Row, lead: Row | None, language: str) -> str:
    said = lead["text"] if lead and issue["status"] in ("done", "closed") else None
    return " ".join(filter(None, (of(language, NOTES[issue["status"]]), said)))


def extended(issue: Row, known: Registers, language: str) -> Row:
    """What was answered to the service's questions, and the status in our own word."""
    asked = {question["code"]: question for question in known.categories.get(issue["category"], {}).get("questions", ())}
    return {"attributes": [{"code": code, "label": asked.get(code, {}).get(f"name_{language}", code), "name": code,
                            "value": ", ".join(map(str, answer)) if isinstance(answer, list) else answer}
                           for code, answer in issue["answers"].items()],
            "extended_attributes": {"status": issue["status"], "priority": issue["priority"], "joined": issue["joined"]}}


def bulk_of(issue: Row, known: Registers, language: str) -> Row:
    """A row of the bulk format: COLUMNS, in this order."""
    found = request_of(issue, known, language)
    parent = known.categories.get(issue["category"], {}).get("parent")
    group = known.name("categories", parent, language) if parent else ""
    found |= {"closed_date": w3(issue["closed_at"]) if issue["closed_at"] else "", "status_description": found["status"],
              "source": "", "service_name": group or found["service_name"],
              "service_subtype": found["service_name"] if group else ""}
    return {column: found[column] for column in COLUMNS}


def w3(at: str) -> str:
    """Without the milliseconds: clients compare with the letter."""
    return f"{at[:19]}Z"
