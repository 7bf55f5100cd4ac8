"""The book against what the platform shows: pure, and each disagreement is one sentence.

An issue that is lost is said once, by `found`; the other checks judge what was found. Every check is told the issues
as their filers found them, so that what a list, an agency or a number says can be held against the issue itself.
"""
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from deploy.demo.book import Book, Case

Json = dict[str, Any]
Issues = dict[str, Json | None]
OPEN = ("offered", "accepted", "in_progress", "waiting", "awaiting_funds")
NOT_ITS_OWN = ("refused", "referred", "cancelled")
COUNTED = ("filed", "open", "solved", "confirmed", "not_fixed", "satisfaction_of")


def found(book: Book, issues: Issues) -> Iterator[str]:
    """Every filed issue is found again, as the issue that it was."""
    for case in book.played:
        issue = issues.get(case.id)
        if issue is None:
            yield f"{case.name} is lost: filed, and not found by its tracking code"
        elif issue["id"] != case.id or f"{book.marker}-{case.number})" not in issue["text"]:
            yield f"{case.name} is another one under its tracking code"


def played(book: Book, issues: Issues) -> Iterator[str]:
    """What was acknowledged was done, once; nothing else was done."""
    for case, issue in both(book, issues):
        tasks = [task["id"] for task in issue["tasks"]]
        wanted = case.deeds + Counter({("offer", task): 1 for task in tasks})
        done = Counter((moved["action"], moved.get("task") or "") for moved in issue["timeline"])
        for (action, _), count in (wanted - done).items():
            yield f"{case.name}: {action} was acknowledged and is not in its story ({count})"
        for (action, _), count in (done - wanted).items():
            yield f"{case.name}: {action} is in its story once too often ({count})"
        for agency, count in Counter(task["agency"] for task in issue["tasks"]).items():
            if count > 1:
                yield f"{case.name}: {agency} has {count} tasks for one offer"
        if not tasks:
            yield f"{case.name} was offered to nobody"


def on_the_wire(book: Book, issues: Issues, queued: Iterable[str]) -> Iterator[str]:
    """Every task of an agency with a queue came over it, once; so did what became of each answer."""
    with_queue = set(queued)
    for case, issue in both(book, issues):
        tasks = {task["id"]: task["agency"] for task in issue["tasks"]}
        for task, agency in tasks.items():
            if agency in with_queue and task not in case.offers:
                yield f"{case.name} did not reach the queue of {agency}"
        for task, offer in case.offers.items():
            if tasks.get(task) != offer.agency:
                yield f"{case.name}: {offer.agency} heard of a task that is not its own"
            if len(offer.messages) > 1:
                yield f"{case.name} was offered to {offer.agency} in {len(offer.messages)} different messages"
        for answer, messages in case.told.items():
            if len(messages) > 1:
                yield f"{case.name}: {len(messages)} different messages told what became of answer {answer}"


def listed(book: Book, issues: Issues, items: list[Json]) -> Iterator[str]:
    """The secretary's list, walked by cursor, holds every issue once, in its present state."""
    yield from once(book, items, {case.id: case for case in book.played})
    yield from agree(book, issues, {item["id"]: item for item in items}, "in the list")
    hidden = sum(issue["confidential"] for _, issue in both(book, issues))
    listed = sum(item["confidential"] for item in items)  # without a text that would say whose they are
    if listed > hidden:
        yield f"{listed} confidential issues were filed since we began, {hidden} by us"


def searched(book: Book, issues: Issues, items: list[Json]) -> Iterator[str]:
    """A search for the marker finds every issue once, but the confidential."""
    public = {case.id: case for case, issue in both(book, issues) if not issue["confidential"]}
    yield from once(book, items, public)
    for item in items:
        if item["id"] in issues and item["id"] not in public and issues[item["id"]]:
            yield f"a confidential issue ({item['id']}) is found by anybody"


def at_agencies(book: Book, issues: Issues, tasks: dict[str, list[Json]]) -> Iterator[str]:
    """Each agency's list holds its own tasks of our issues, once, in their present state."""
    wanted = {(task["agency"], task["id"]): (task["state"], case) for case, issue in both(book, issues)
              for task in issue["tasks"]}
    ours = [(agency, task) for agency, items in tasks.items() for task in items if is_ours(book, issues, task)]
    for (agency, task), count in Counter((agency, task["id"]) for agency, task in ours).items():
        if (agency, task) not in wanted:
            yield f"{agency} has a task ({task}) that no issue of ours gave it"
        elif count > 1:
            yield f"{agency} has task {task} {count} times in its list"
    states = {(agency, task["id"]): task["state"] for agency, task in ours}
    for (agency, task), (state, case) in wanted.items():
        if states.get((agency, task)) != state:
            yield f"{case.name}: {agency} has its task as {states.get((agency, task), 'nothing')}, the issue as {state}"


def letters(book: Book, issues: Issues, told: dict[str, list[Json]], emailed: Iterable[str]) -> Iterator[str]:
    """The filer was told that it was filed; nobody was told anything twice; of a confidential issue nobody anything."""
    by_mail = set(emailed)
    for case, issue in both(book, issues):
        items = told.get(case.id, [])
        if issue["confidential"]:
            if items:
                yield f"{case.name} is confidential, and {len(items)} letters were written of it"
            continue
        sent = Counter((item["template"], item["to"]["kind"], item["to"]["ref"]) for item in items)
        most = occasions(case, issue)
        yield from (f"{case.name}: {count} letters {template} to {kind} {ref}, for {most.get(template, 0)} occasions"
                    for (template, kind, ref), count in sent.items() if count > most.get(template, 0))
        yield from (f"{case.name}: letter {letter[0]} to {letter[1]} {letter[2]} is missing"
                    for letter in must(issue, by_mail) if not sent[letter])


def occasions(case: Case, issue: Json) -> dict[str, int]:
    """How often each letter may have been written to one recipient. What was overtaken by then is told to nobody."""
    refused, finished, not_fixed = case.times("refuse"), case.times("finish"), case.times("redo")
    return {"filed": 1, "filed_nearby": 1, "unrouted": 1, "task_offered": 1, "refused": refused, "done": finished,
            "confirmed": case.times("confirm"), "not_fixed": not_fixed, "not_fixed_nearby": not_fixed}


def must(issue: Json, by_mail: set[str]) -> Iterator[tuple[str, str, str]]:
    """The letters that cannot have been overtaken."""
    yield "filed", "filer", issue["id"]
    if issue["status"] == "done":
        yield "done", "filer", issue["id"]
    for task in issue["tasks"]:
        if task["agency"] in by_mail and task["state"] == "offered":
            yield "task_offered", "agency", task["agency"]


def counted(issues: Issues, before: dict[str, dict[str, Json]], after: dict[str, dict[str, Json]]) -> Iterator[str]:
    """The booklet's lines grew by what was played, every one of them."""
    grown = expected(issue for issue in issues.values() if issue and not issue["confidential"])
    for by, lines in after.items():
        for code in sorted({*lines, *before[by], *grown[by]}):
            old, new = before[by].get(code, {}), lines.get(code, {})
            difference = {name: new.get(name, 0) - old.get(name, 0) for name in COUNTED}
            wanted = {name: grown[by].get(code, Counter())[name] for name in COUNTED}
            wrong = [f"{name} {difference[name]:+} instead of {wanted[name]:+}" for name in COUNTED
                     if difference[name] != wanted[name]]
            if wrong:
                yield f"statistics of {by} {code}: {', '.join(wrong)}"


def expected(issues: Iterable[Json]) -> dict[str, dict[str, Counter[str]]]:
    """What these issues add to each line; the definitions are those of the booklet."""
    grown: dict[str, dict[str, Counter[str]]] = {"neighbourhood": {}, "agency": {}}
    for issue in issues:
        confirmed, rated = issue["closed_by"] == "filer", issue["satisfaction"] is not None
        solved = issue["status"] in ("done", "closed")
        grown["neighbourhood"].setdefault(issue["neighbourhood"], Counter()).update({
            "filed": 1, "open": not solved, "solved": solved, "confirmed": confirmed, "not_fixed": issue["times_not_fixed"],
            "satisfaction_of": rated})
        for task in issue["tasks"]:
            done = task["state"] == "done"
            grown["agency"].setdefault(task["agency"], Counter()).update({
                "filed": 1, "open": task["state"] in OPEN, "solved": done, "confirmed": done and confirmed,
                "not_fixed": 0 if task["state"] in NOT_ITS_OWN else issue["times_not_fixed"],
                "satisfaction_of": done and rated})
    return grown


def both(book: Book, issues: Issues) -> Iterator[tuple[Case, Json]]:
    """The cases whose issue was found."""
    for case in book.played:
        if issue := issues.get(case.id):
            yield case, issue


def once(book: Book, items: list[Json], wanted: dict[str, Case]) -> Iterator[str]:
    """Each is there once, by its id and by the number in its text: two issues for one filing have two ids."""
    ids = Counter(item["id"] for item in items)
    numbers = Counter(number for item in items for number in numbers_in(book, item))
    for case in wanted.values():
        if ids[case.id] != 1:
            yield f"{case.name} is {ids[case.id]} times in the list"
        if numbers[case.number] > 1:
            yield f"{case.name} was filed once and is {numbers[case.number]} issues"


def numbers_in(book: Book, item: Json) -> list[int]:
    return [int(number) for number in re.findall(rf"{book.marker}-(\d+)\)", item.get("text") or "")]


def is_ours(book: Book, issues: Issues, task: Json) -> bool:
    return task["issue_id"] in issues or bool(numbers_in(book, task.get("issue", {})))


def agree(book: Book, issues: Issues, items: dict[str, Json], where: str) -> Iterator[str]:
    for case, issue in both(book, issues):
        item = items.get(case.id)
        if item and (item["status"], item["version"]) != (issue["status"], issue["version"]):
            yield (f"{case.name} is {item['status']} (version {item['version']}) {where}, and {issue['status']} "
                   f"(version {issue['version']}) by itself")

