"""Where an issue is found again: what a list looks for, made from the issue's state at every write and kept in its document.

A shelf is one equality of one index: an area and, on shelves of their own, its category and its status. Areas are
everywhere, each place above the issue, and each agency with a task. So a list by place, category and status at once reads
only what it shows, however many issues there are. A confidential issue stands on shelves of its own, which only some may
look at, and on none of a category. Its filer finds it too, under a mark of their account that nobody else can make.
"""
from collections.abc import Iterator
from typing import Any

from services.issues.cases.confidential import ring
from services.issues.life.moves import MANAGER, OPEN, SECRETARY
from services.issues.model import Issue, Task

EVERYWHERE, AGENCY, ORDINARY, RESIDENT = "*", "@", "normal", "resident:"
WAITS = {"unrouted": SECRETARY, "request": SECRETARY, "dispute": SECRETARY, "check": SECRETARY,  # why it waits, and for whom
         "offered": "agency", "answered": "agency", "confirm": MANAGER}


def shelf(area: str, category: str = "", status: str = "") -> str:
    return f"{area}|{category}|{status}"


def agency_area(agency: str) -> str:
    return f"{AGENCY}{agency}"


def task_shelf(agency: str, state: str) -> str:
    """Where an agency finds its tasks in one state."""
    return shelf(agency_area(agency), f"#{state}")


def priority_shelf(area: str, priority: str) -> str:
    """Of ORDINARY ones there is none: they are most of all."""
    return shelf(area, f"^{priority}")


def hidden(area: str) -> str:
    """The area that holds the confidential issues of one."""
    return f"!{area}"


def waiting_shelf(role: str, which: str) -> str:
    """What waits for one: an agency's or a neighbourhood's code, for a secretary any area."""
    return shelf(f"~{role}:{which}")


def of_filer(filed_by: str) -> list[str]:
    """Where whoever filed something finds it: on one shelf what is not confidential, the other under a mark, of any key."""
    return [shelf(f"+{filed_by}"), *(shelf(hidden(f"+{mark}")) for mark in ring().marks("filer", filed_by))]


def derived(issue: Issue) -> dict[str, Any]:
    """The fields of its document by which an issue is found.

    `due_at`: the earliest deadline of what is still to do and whose clock runs, or had run out before it stood; else None.
    """
    waits = list(waits_of(issue))
    return {"shelves": [*_shelves(issue), *_waiting(issue, waits), *filers(issue)], "areas": areas_of(issue), "waits": waits,
            "due_at": min((task.due for task in issue.tasks if runs(task)), default=None)}


def runs(task: Task) -> bool:
    """Whether it can become late, or has."""
    return task.state in OPEN and (task.stopped_at is None or task.due < task.stopped_at)


def areas_of(issue: Issue) -> list[str]:
    found = [EVERYWHERE, *issue.place, *dict.fromkeys(agency_area(task.agency) for task in issue.tasks)]
    return [hidden(area) for area in found] if issue.confidential else found


def _shelves(issue: Issue) -> Iterator[str]:
    status, priority = issue.status, issue.priority
    for area in areas_of(issue):
        yield shelf(area)
        yield shelf(area, status=status)
        if not issue.confidential and area[0] != AGENCY:
            yield shelf(area, issue.category)
            yield shelf(area, issue.category, status)
        if priority != ORDINARY:
            yield priority_shelf(area, priority)
    for agency, state in dict.fromkeys((task.agency, task.state) for task in issue.tasks):
        found = task_shelf(agency, state)
        yield hidden(found) if issue.confidential else found


def waits_of(issue: Issue) -> Iterator[dict[str, str]]:
    """Why it waits (`why`, one of WAITS) and for whom (`who`: an agency's code; empty: whoever has that office there)."""
    if issue.ending:
        return
    marks = {"unrouted": issue.lacks_agency, "request": any(task.request for task in issue.tasks),
             "dispute": issue.dispute is not None, "check": bool(issue.check_missing_at),
             "confirm": issue.status == "done"}
    yield from ({"why": why, "who": ""} for why, holds in marks.items() if holds)
    for task in issue.tasks:
        if task.state == "offered":
            yield {"why": "offered", "who": task.agency}
        elif task.state in OPEN and task.answered:
            yield {"why": "answered", "who": task.agency}


def filers(issue: Issue) -> list[str]:
    """The shelf of the resident who filed it."""
    if not issue.filed_by.startswith(RESIDENT):
        return []
    return [of_filer(issue.filed_by)[1] if issue.confidential else shelf(f"+{issue.filed_by}")]


def _waiting(issue: Issue, waits: list[dict[str, str]]) -> Iterator[str]:
    yield from dict.fromkeys(waiting_shelf("agency", each["who"]) for each in waits if each["who"])
    roles = {WAITS[each["why"]] for each in waits}
    if SECRETARY in roles:
        yield from (waiting_shelf(SECRETARY, area) for area in (EVERYWHERE, *issue.place))
    if MANAGER in roles and not issue.confidential:
        yield waiting_shelf(MANAGER, issue.neighbourhood)
