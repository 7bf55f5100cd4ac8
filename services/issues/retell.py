"""`python -m services.issues.retell [AGENCY...]`: tells agencies with a queue their open tasks again.

For a broker that lost its queues, for a platform restored elsewhere, and for an agency whose own program lost what it
had. Each open task goes once more through the outbox, as offered or as changed; nobody else hears of it. An agency
knows a task by its id, so hearing of it twice changes nothing.
"""
import sys
import time
from collections.abc import Iterable
from typing import Any

from chassis import database
from chassis.clock import now
from contracts.agencies import TaskChangedForAgency, TaskOfferedToAgency
from services.issues.documents import IssueDocument, Reference, entry_of
from services.issues.finding.shelves import agency_area, hidden
from services.issues.life.moves import OPEN
from services.issues.model import Recorded
from services.issues.routing import has_queue


def retell(agencies: Iterable[str], position: int) -> int:
    """Puts the open tasks of these agencies (of all, where none is named) into the outbox. Returns how many tasks.

    `position` must be another one each time: it makes the events' ids new.
    """
    chosen = set(agencies)
    collection = IssueDocument._get_collection()
    wanted: dict[str, Any] = {"state": {"$in": OPEN}}
    wanted |= {"agency": {"$in": sorted(chosen)}} if chosen else {}
    count = 0
    areas = [area(agency_area(agency)) for agency in sorted(chosen) for area in (str, hidden)]
    narrow = {"areas": {"$in": areas}} if chosen else {}
    queued = {each["code"]: has_queue(each) for each in Reference._get_collection().find({"register": "agency"})}
    for found in collection.find({**narrow, "tasks": {"$elemMatch": wanted}}, {"version": 1, "tasks": 1}):
        tasks = [task for task in found["tasks"] if task["state"] in OPEN and (not chosen or task["agency"] in chosen)
                 and queued.get(task["agency"], task["queued"])]
        if not tasks:
            continue
        entries = [entry_of(again(task), found["_id"], found["version"], position + number, now())
                   for number, task in enumerate(tasks)]
        collection.update_one({"_id": found["_id"]}, {"$push": {"outbox": {"$each": entries}}})
        count += len(tasks)
    return count


def again(task: dict[str, Any]) -> Recorded:
    told = TaskOfferedToAgency if task["state"] == "offered" else TaskChangedForAgency
    return Recorded(told(task["id"]), task["id"], task["agency"])


def main(agencies: list[str]) -> None:
    database.connect_or_stop("retell", "issues")
    print(f"retell: {retell(agencies, time.time_ns() // 1_000_000 % 2**40)} open tasks will be told again")


if __name__ == "__main__":
    main(sys.argv[1:])
