"""What is counted, of whom, and how: the definitions behind every published number, as one aggregation each.

Of a neighbourhood issues are counted, of an agency its tasks. Confidential issues are in no line.

    filed        neighbourhood: issues filed                      agency: tasks offered to it
    open         work still to do                                 offered, or at work on it
    solved       status `done` or `closed`                        done
    confirmed    closed because the filer said it is fixed        done, in such an issue
    not_fixed    how often filers said that it is not fixed       the same, of issues it did not refuse
    overdue      open, and its deadline has passed at `now`       the same
    on time      closed on time ÷ (closed + late and not closed)  done on time ÷ (done + overdue)
    satisfaction mean of the answers 1 to 5 that were given       of issues in which it did its task

On time means that the work was done by its deadline; how long the filer took to say so is not the agency's doing. Late
is whose work was done after the deadline or is still to do after it: what nobody finished or nobody confirmed counts
against, so that leaving things open never makes a percentage better. An issue that was offered to nobody has a deadline
all the same, its category's allowance from the moment of filing.
"""
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from services.booklet.documents import FINISHED

ENDED = ("withdrawn", "rejected", "duplicate")
OPEN_TASK = ("offered", "accepted", "in_progress", "waiting", "awaiting_funds")
NOT_ITS_OWN = ("refused", "referred", "cancelled")
HOUR = 3_600_000  # milliseconds
Stage = dict[str, Any]


@dataclass
class Sums:
    """The plain sums of one line; only their quotients are not sums, so that lines can be added up."""

    filed: int = 0
    open: int = 0
    solved: int = 0
    confirmed: int = 0
    not_fixed: int = 0
    overdue: int = 0
    on_time: int = 0
    on_time_of: int = 0
    satisfaction: int = 0
    satisfaction_of: int = 0

    def published(self) -> dict[str, Any]:
        """With shares from 0 to 1 and means, None where there is nothing to divide by; `_of` is by how many."""
        line = dict(vars(self))
        line["on_time_share"] = quotient(line.pop("on_time"), self.on_time_of, 4)
        line["satisfaction"] = quotient(self.satisfaction, self.satisfaction_of, 2)
        return line


NAMES = [f.name for f in fields(Sums)]


def quotient(part: int, whole: int, digits: int) -> float | None:
    return round(part / whole, digits) if whole else None


def total(lines: Iterable[Sums]) -> Sums:
    lines = list(lines)
    return Sums(**{name: sum(getattr(line, name) for line in lines) for name in NAMES})


def ones(condition: Any) -> Stage:
    return {"$sum": {"$cond": [condition, 1, 0]}}


def of_satisfaction(condition: Any) -> dict[str, Stage]:
    """Sum and number of the answers given."""
    given = {"$and": [condition, {"$gt": ["$satisfaction", None]}]}
    return {"satisfaction": {"$sum": {"$cond": [given, "$satisfaction", 0]}}, "satisfaction_of": ones(given)}


def by_neighbourhood(now: datetime, allowance: dict[str, int]) -> list[Stage]:
    """One line for each neighbourhood. `allowance`: category → hours, for issues that nobody was offered."""
    late = {"$lt": ["$due", {"$ifNull": ["$finished_at", now]}]}
    closed, to_do = {"$eq": ["$status", "closed"]}, {"$not": {"$in": ["$status", [*ENDED, *FINISHED]]}}
    lagging = {"$and": [late, {"$not": {"$in": ["$status", [*ENDED, "closed"]]}}]}
    return [
        {"$match": {"neighbourhood": {"$gt": ""}}},
        {"$set": {"due": {"$ifNull": ["$due", _deadline(allowance), now]}}},
        {"$group": {"_id": "$neighbourhood", "filed": {"$sum": 1}, "open": ones(to_do),
                    "solved": ones({"$in": ["$status", list(FINISHED)]}),
                    "confirmed": ones({"$eq": ["$closed_by", "filer"]}), "not_fixed": {"$sum": "$times_not_fixed"},
                    "overdue": ones({"$and": [late, to_do]}), "on_time": ones({"$and": [closed, {"$not": late}]}),
                    "on_time_of": ones({"$or": [closed, lagging]}), **of_satisfaction(True)}}]


def _deadline(allowance: dict[str, int]) -> Any:
    """Filed, and the category's hours later; None for a category that is not known (yet)."""
    hours = {"$arrayElemAt": [[*allowance.values(), None], {"$indexOfArray": [list(allowance), "$category"]}]}
    return {"$add": ["$filed_at", {"$multiply": [hours, HOUR]}]}


def by_agency(now: datetime, allowance: dict[str, int]) -> list[Stage]:
    """One line for each agency."""
    state = "$tasks.state"
    done, to_do = {"$eq": [state, "done"]}, {"$in": [state, list(OPEN_TASK)]}
    overdue = {"$and": [to_do, {"$lt": ["$tasks.due", now]}]}
    return [
        {"$match": {"neighbourhood": {"$gt": ""}}},
        {"$unwind": "$tasks"},
        {"$group": {"_id": "$tasks.agency", "filed": {"$sum": 1}, "open": ones(to_do), "solved": ones(done),
                    "confirmed": ones({"$and": [done, {"$eq": ["$closed_by", "filer"]}]}),
                    "not_fixed": {"$sum": {"$cond": [{"$in": [state, list(NOT_ITS_OWN)]}, 0, "$times_not_fixed"]}},
                    "overdue": ones(overdue), "on_time": ones({"$and": [done, {"$lte": ["$tasks.done_at", "$tasks.due"]}]}),
                    "on_time_of": ones({"$or": [done, overdue]}), **of_satisfaction(done)}}]
