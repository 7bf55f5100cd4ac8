"""One pass over the rows in question: how many add which text to which line, and how many of them are late by now.

Texts are counted, and line and text are one key, because that is what MongoDB does fastest: a field to add up for each
number took as long for the sums alone as this does for durations too (docs/numbers.md says what it costs).
"""
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import pymongo

from services.booklet.days import start_of
from services.booklet.documents import IssueRow
from services.booklet.lines import Line
from services.booklet.questions import Question

HOUR = 3_600_000  # milliseconds
LONGEST = 18.0  # seconds; a little less than an answer may take
BETWEEN = "|"  # in no code
GROUPED = {"agency": "$tasks.agency", "category": "$category", "month": "$month"}  # else by the path of places
Stage = dict[str, Any]


def narrowed(question: Question, branch: Iterable[str]) -> Stage:
    """Which rows; `branch` is the category asked for and all below it. Never a confidential one."""
    found: Stage = {"confidential": False}
    if question.category:
        found["category"] = {"$in": list(branch)}
    if question.territory:
        found["place"] = question.territory
    if question.agency:
        found["tasks.agency"] = question.agency
    bounds = {"$gte": question.since and start_of(question.since), "$lt": question.until and start_of(question.until)}
    if period := {operator: at for operator, at in bounds.items() if at}:
        found["filed_at"] = period
    return found


def stages(question: Question, match: Stage, at: datetime, allowance: dict[str, int]) -> list[Stage]:
    """`allowance`: category → hours, for issues that nobody was offered."""
    parts: list[Stage] = [{"$unwind": "$tasks"}] if question.of_tasks else []
    if question.agency:
        parts.append({"$match": {"tasks.agency": question.agency}})
    of = "$tasks." if question.of_tasks else "$"
    due = [f"{of}late_from"] + ([] if question.of_tasks else [_unoffered(allowance)])
    key = {"$concat": [GROUPED.get(question.by, "$area"), BETWEEN, f"{of}adds"]}
    late = {"$cond": [{"$lt": [{"$ifNull": [*due, at]}, at]}, 1, 0]}
    return [{"$match": match}, *parts, {"$unwind": f"{of}adds"},
            {"$group": {"_id": key, "times": {"$sum": 1}, "late": {"$sum": late}}}]


def _unoffered(allowance: dict[str, int]) -> Any:
    """Filed, and the category's hours later; None for a category that is not known (yet)."""
    hours = {"$arrayElemAt": [[*allowance.values(), None], {"$indexOfArray": [list(allowance), "$category"]}]}
    return {"$cond": ["$unoffered", {"$add": ["$filed_at", {"$multiply": [hours, HOUR]}]}, None]}


def lines(pipeline: list[Stage], lines_of: Callable[[str], Iterable[str]]) -> tuple[dict[str, Line], Line]:
    """Every line that something is in, and the total of all rows, each of them once."""
    found: dict[str, Line] = defaultdict(Line)
    total = Line()
    with pymongo.timeout(LONGEST):
        for group in IssueRow._get_collection().aggregate(pipeline):
            key, _, adds = group["_id"].partition(BETWEEN)
            total.add(adds, group["times"], group["late"])
            for code in lines_of(key):
                found[code].add(adds, group["times"], group["late"])
    return found, total


def hidden() -> int:
    """How many confidential issues there are."""
    return int(IssueRow._get_collection().count_documents({"confidential": True}))
