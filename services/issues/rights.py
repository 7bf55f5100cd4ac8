"""Who may see what of an issue: decided here and nowhere else. Whoever shows an issue, or says that it is there, asks here.

    sight    of a confidential issue, who                            sees
    OWN      its filer, by the secret                                what was filed and what became of it
    CASE     a case worker of a place at or above its neighbourhood  everything, the filer's address and the assessments too
    PART     an agency with a task that it has not given back        its own task, and of the words those meant for it
    MASKED   a secretary, who must route it                          that it is there: status, neighbourhood, tasks, times
    None     everybody else, services too                            nothing: answered as if it were not there

Of any other issue everybody sees what is public (OPEN), and its filer OWN.
"""
from collections.abc import Mapping, Sequence
from typing import Any

from chassis.caller import Caller
from contracts.errors import NotAllowed, not_found

OWN, CASE, PART, MASKED, OPEN = "own", "case", "part", "masked", "open"
GIVEN_BACK = ("refused", "referred", "cancelled")  # states of a task that is its agency's no more
SIGHT = dict.fromkeys(("confidential", "place", "tasks.agency", "tasks.state"), 1)  # what a query must bring for deciding
Row = Mapping[str, Any]  # an issue as it is stored; of its fields `confidential`, `place` and `tasks` are read


def sight(caller: Caller, issue: Row, filer: bool = False) -> str | None:
    """What this caller sees of a stored issue; `filer` where they gave its secret."""
    if not issue["confidential"]:
        return OWN if filer else OPEN
    if filer:
        return OWN
    if caller.role == "case_worker" and caller.subject in issue["place"]:
        return CASE
    if caller.role == "agency" and tasks_of(issue, caller.subject):
        return PART
    return MASKED if caller.role == "secretary" else None


def demand_sight(caller: Caller, issue: Row | None, *sights: str, filer: bool = False) -> str:
    """What they see, if it is one of these (any, where none is named). Raises NotFound, also where there is no issue."""
    found = sight(caller, issue, filer) if issue is not None else None
    if found is None or (sights and found not in sights):
        raise not_found()
    return found


def demand_hand(caller: Caller, issue: Row) -> None:
    """Who may make an issue confidential: a secretary, and a case worker of a place at or above it.

    Raises NotFound of one that they may not know of, NotAllowed of any other.
    """
    demand_sight(caller, issue)
    if caller.role != "secretary" and not (caller.role == "case_worker" and caller.subject in issue["place"]):
        raise NotAllowed("not_your_place", "این محله در حوزهٔ کار شما نیست. از مددکار همان محله یا دبیرخانه بخواهید.",
                         "This neighbourhood is not in your area. Ask its case worker or the secretariat.")


def keeps_order(caller: Caller, issue: Row) -> bool:
    """Who reads of an ordinary issue its story too, with what agencies ask for and why: a secretary, and the manager of its
    neighbourhood. The filer's address is not in it."""
    return caller.role == "secretary" or (caller.role == "neighbourhood_manager" and caller.subject in issue["place"])


def tasks_of(issue: Row, agency: str) -> list[dict[str, Any]]:
    """The tasks by which an agency has a part in an issue."""
    return [task for task in issue["tasks"] if task["agency"] == agency and task["state"] not in GIVEN_BACK]


def listed_to(caller: Caller, by_what_it_is_about: bool) -> dict[str, Any]:
    """The part of a query that leaves out what a list must not tell this caller.

    A secretary's list has confidential issues, masked; but not where they are asked for by something that a masked one does
    not show (category, words, a point): being found would tell it.
    """
    return {} if caller.role == "secretary" and not by_what_it_is_about else {"confidential": False}


def words_for(task: Row, tasks: Sequence[Row]) -> str | None:
    """Which words of a confidential issue an agency reads: `part`, which a case worker wrote for it; `text`, the filer's.

    As soon as one agency of the case was given a part, one that was given none reads nothing: somebody has decided that not
    everybody reads everything.
    """
    if task.get("part"):
        return "part"
    return None if any(each.get("part") for each in tasks) else "text"
