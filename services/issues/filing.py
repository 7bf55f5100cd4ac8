"""Filing: the filings that waited at the same moment become documents in one write, each with its own outcome."""
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID, uuid5

from chassis.caller import Caller, demand_over
from chassis.logs import get
from chassis.store import Store
from chassis.validation import bad_field, load
from contracts.errors import Invalid, Problem, internal, reused_key, unavailable
from contracts.schema import instant
from services.issues.atlas import Atlas
from services.issues.codes import fingerprint, hash_of, secret_of, spoken, tracking_code
from services.issues.life.terms import said
from services.issues.model import Actor, Issue
from services.issues.questions import check
from services.issues.routing import Map, Row, in_force
from services.issues.schemas import FilingSchema

NAMESPACE = UUID("0f6e2ad1-7f0b-4f8f-9a35-6d6168616c65")
SCHEMA = FilingSchema()
log = get(__name__)
SALTS = 5  # tracking codes tried before giving up
ROUTER = Actor("router")


@dataclass(frozen=True)
class Filing:
    """One filing as the gateway hands it on: whose (`caller`), under which key, and the unchecked body."""

    caller: str
    key: str
    body: dict[str, Any]
    trace: str | None = None

    @cached_property
    def issue_id(self) -> str:
        """Filed twice is filed once: the id depends only on the caller and its key."""
        return str(uuid5(NAMESPACE, f"{self.caller}|{self.key}"))

    @cached_property
    def hash(self) -> str:
        return fingerprint(self.body)


Outcome = dict[str, Any] | Problem


class Desk:
    """Takes filings. `secret_key` makes the filers' secrets."""

    def __init__(self, store: Store[Issue], atlas: Atlas, secret_key: str) -> None:
        self._store, self._atlas, self._secret_key = store, atlas, secret_key

    def file(self, filings: list[Filing], at: datetime) -> list[Outcome]:
        """For each filing, in order, the receipt or the problem. Raises Unavailable when nothing can be stored."""
        known = self._atlas.current()
        made = [self._try_to_make(filing, known, at) for filing in filings]
        new = {issue.id: issue for issue in made if isinstance(issue, Issue)}
        self._add(list(new.values()))
        stored = {key: issue for key, issue in new.items() if issue.version}
        return [self._earlier(filing, found) if isinstance(found, Problem) else self._outcome(filing, stored)
                for filing, found in zip(filings, made, strict=True)]

    def _earlier(self, filing: Filing, problem: Problem) -> Outcome:
        """What was filed stays filed, also when the same filing is repeated after its category or place has ended."""
        if not isinstance(problem, Invalid) or problem.code == "invalid":  # what is no filing was never stored
            return problem
        issue = self._store.find(_id=filing.issue_id)
        return self._receipt(issue) if issue and issue.request_hash == filing.hash else problem

    def _try_to_make(self, filing: Filing, known: Map, at: datetime) -> Issue | Problem:
        try:
            return self.make(filing, known, at)
        except Problem as problem:
            return problem
        except Exception as error:  # whatever one filing provokes, its neighbours in the joined call must not pay for it
            log.error("a filing could not be made", error=type(error).__name__)
            return internal()

    def make(self, filing: Filing, known: Map, at: datetime) -> Issue:
        """What a filing becomes, not stored yet. Raises Invalid, Refused, NotAllowed where that is not their place."""
        body = load(SCHEMA, filing.body)
        category, place = category_of(body["category"], known), place_of(body, known, self._atlas)
        role, _, subject = filing.caller.partition(":")
        demand_over(Caller(role, subject), "issues:file", place["path"])
        secret = secret_of(filing.issue_id, self._secret_key)
        issue = Issue(
            id=filing.issue_id, tracking_code=tracking_code(filing.issue_id), secret_hash=hash_of(secret),
            filed_by=filing.caller, request_hash=filing.hash, category=category["code"],
            category_name=category["name_fa"], confidential=category["confidential"], neighbourhood=place["code"],
            neighbourhood_name=place["name_fa"], place=place["path"], text=body["text"], title=body.get("title"),
            answers=check(category.get("questions", ()), body.get("answers") or {}),
            point=body.get("point"), contact=body.get("contact") or None, filed_at=at, updated_at=at,
            on_behalf_of=body.get("on_behalf_of") or None,
            **said(category),
            category_version=category["version"], around=known.circumstances(category["code"], place["path"]),
            trace=filing.trace)
        issue.file()
        route(issue, known, at)
        return issue

    def _add(self, issues: list[Issue]) -> None:
        """Stores what is new; a tracking code that is taken is replaced by the next. A known id stays unsaved."""
        for salt in range(1, SALTS + 1):
            if not issues:
                return
            refused = self._store.add(issues)
            issues = [issue for issue, index in zip(issues, refused, strict=True) if (index or "").startswith("tracking")]
            for issue in issues:
                issue.tracking_code = tracking_code(issue.id, salt)
        raise unavailable()

    def _outcome(self, filing: Filing, stored: dict[str, Issue]) -> Outcome:
        """The receipt of what lies stored under this id, whoever stored it; refused when that had another body."""
        issue = stored.get(filing.issue_id) or self._store.find(_id=filing.issue_id)
        if issue is None:
            return unavailable()
        if issue.request_hash != filing.hash:
            return reused_key()
        return self._receipt(issue)

    def _receipt(self, issue: Issue) -> dict[str, Any]:
        """The same at every repetition: the issue as it was when it was filed."""
        first = next((task.agency for task in issue.tasks if task.by == str(ROUTER)), None)
        return {"id": issue.id, "tracking_code": spoken(issue.tracking_code),
                "secret": secret_of(issue.id, self._secret_key), "status": "routed" if first else "filed", "version": 1,
                "neighbourhood": issue.neighbourhood, "agency": first,
                "filed_at": instant(issue.filed_at),
                "links": {"self": f"/v1/issues/{issue.id}"}}


def category_of(code: str, known: Map) -> Row:
    """A category in which issues can be filed now. Raises Invalid."""
    found = known.category.get(code)
    if found is None:
        raise bad_field("/category", "unknown_category", "این دسته شناخته نیست؛ /v1/categories فهرست آن‌هاست.",
                        "Unknown category; /v1/categories lists them.")
    if not in_force(found):
        raise bad_field("/category", "category_not_in_force",
                        f"دستهٔ «{found['name_fa']}» ({code}) اکنون برقرار نیست؛ یکی از /v1/categories را بنویسید.",
                        f"The category {code} is not in force now; write one that /v1/categories lists.")
    return found


def place_of(body: Row, known: Map, atlas: Atlas) -> Row:
    """The neighbourhood that was named, else the one in which the point lies. Raises Invalid."""
    point, code = body.get("point"), body.get("neighbourhood")
    if code is None and point:
        code = known.neighbourhood_of(atlas.places_at(point["lon"], point["lat"]))
        if code is None:
            raise bad_field("/point", "outside", "این نقطه در هیچ محلهٔ شناخته‌شده‌ای نیست. نام محله را بنویسید.",
                            "This point lies in no known neighbourhood. Name the neighbourhood instead.")
    place = known.territory.get(str(code))
    if place is None or place["kind"] != "neighbourhood":
        raise bad_field("/neighbourhood", "unknown_neighbourhood",
                        "این محله شناخته نیست؛ /v1/neighbourhoods فهرست آن‌هاست.",
                        "Unknown neighbourhood; /v1/neighbourhoods lists them.")
    if not in_force(place):
        raise ended(place, known)
    return place


def ended(place: Row, known: Map) -> Problem:
    """For a neighbourhood that takes no new issue: what it was merged or split into, where that is known."""
    names = [(known.territory[code]["name_fa"], code) for code in known.successors(place["code"])]
    fa = f"محلهٔ «{place['name_fa']}» ({place['code']}) اکنون برقرار نیست"
    en = f"The neighbourhood {place['code']} is not in force now"
    if names:
        fa += f" و جای آن را این گرفته است: {'، '.join(f'«{name}» ({code})' for name, code in names)}. همین را بنویسید."
        en += f"; it became {', '.join(code for _, code in names)}. Write that instead."
    else:
        fa, en = f"{fa}؛ یکی از /v1/neighbourhoods را بنویسید.", f"{en}; write one that /v1/neighbourhoods lists."
    return bad_field("/neighbourhood", "neighbourhood_not_in_force", fa, en)


def route(issue: Issue, known: Map, at: datetime) -> None:
    """Offers the issue to the agencies of the first rule that fits, the lead first; none: it waits for a hand.

    Not to those that have refused it or have a part of it already; nor while a headquarters must decide.
    """
    if issue.dispute:
        return
    found = known.team(issue.category, issue.place, issue.refused_by() | issue.busy(), issue.answers, issue.priority)
    for number, assignee in enumerate(found):
        issue.offer(assignee, ROUTER, at, lead=number == 0)
