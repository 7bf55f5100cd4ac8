"""Whom a rule means: of an event and the issue's newest state, the people and agencies to be told.

A seat is named by its role and by where it is: at a place, an agency, a committee or a headquarters. Of a headquarters its
own seats are told, and the secretary of the place whose headquarters it is: most have no other.
"""
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from contracts.issues import IssueSnapshot


@dataclass(frozen=True)
class Addressee:
    """The `filer` of an issue, whom it was filed for (`on_behalf_of`), all its `followers`, an `agency`, or a `seat`.

    Of a seat `role` says which, `at` whether `ref` is the code of a territory, agency, committee or headquarters.
    """

    kind: str
    ref: str
    role: str = ""
    at: str = "territory"


Who = Callable[[Any, IssueSnapshot], list[Addressee]]


def filer(happened: Any, issue: IssueSnapshot) -> list[Addressee]:
    """Nobody, when the filer left no address."""
    return [Addressee("filer", issue.id)] if issue.reachable else []


def neighbour(happened: Any, issue: IssueSnapshot) -> list[Addressee]:
    """For whom a volunteer filed it."""
    return [Addressee("on_behalf_of", issue.id)] if issue.on_behalf else []


def followers(happened: Any, issue: IssueSnapshot) -> list[Addressee]:
    """Who joined, the filers of duplicates, and for whom it was filed: everybody but the filer."""
    return [Addressee("followers", issue.id)] if issue.joined or issue.on_behalf else []


def neighbourhood_manager(happened: Any, issue: IssueSnapshot) -> list[Addressee]:
    return [Addressee("seat", issue.neighbourhood, "neighbourhood_manager")]


def province_secretary(happened: Any, issue: IssueSnapshot) -> list[Addressee]:
    return [Addressee("seat", place, "secretary") for place in issue.place[:1]]


def agency(happened: Any, issue: IssueSnapshot) -> list[Addressee]:
    """The one the event names; none where no agency has it yet."""
    return [Addressee("agency", happened.agency)] if happened.agency else []


def agencies_with(*states: str) -> Who:
    """All that have a task in one of these states."""

    def who(happened: Any, issue: IssueSnapshot) -> list[Addressee]:
        return [Addressee("agency", code) for code in sorted({t.agency for t in issue.tasks if t.state in states})]

    return who


def headquarters(happened: Any, issue: IssueSnapshot) -> list[Addressee]:
    """The one the event names, and the secretary of the province."""
    return [*_seats_of(happened.headquarters, "headquarters"), *province_secretary(happened, issue)]


def step(happened: Any, issue: IssueSnapshot) -> list[Addressee]:
    """Whom a step of the ladder goes to."""
    known: dict[str, list[Addressee]] = {
        "neighbourhood_manager": neighbourhood_manager(happened, issue),
        "agency_head": [*_seats_of(happened.agency, "agency", "head"), *agency(happened, issue)],
        "county_headquarters": [*_seats_of(happened.body, "headquarters"), *_secretary_of(issue.place[1:2])],
        "committee": _seats_of(happened.body, "committee"),
        "province_headquarters": [*_seats_of(happened.body, "headquarters"), *_secretary_of(issue.place[:1])]}
    return known.get(happened.to, [])


def parties_but_the_writer(happened: Any, issue: IssueSnapshot) -> list[Addressee]:
    """Of a message: filer, neighbourhood's manager and the agencies with a task."""
    everybody = [*filer(happened, issue), *neighbourhood_manager(happened, issue), *at_work(happened, issue)]
    return [each for each in everybody if happened.by not in (each.kind, each.role) or (
        each.kind == "agency" and each.ref != happened.agency)]


at_work = agencies_with("offered", "accepted", "in_progress", "waiting", "awaiting_funds", "done")


def _seats_of(code: str | None, at: str, *roles: str) -> list[Addressee]:
    return [Addressee("seat", code, role, at) for role in roles or ("secretary", "head")] if code else []


def _secretary_of(places: tuple[str, ...]) -> list[Addressee]:
    return [Addressee("seat", place, "secretary") for place in places]
