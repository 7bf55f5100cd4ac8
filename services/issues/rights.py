"""Who may see what of an issue: decided here and nowhere else. Whoever shows an issue, or says that it is there, asks here.

    sight    of a confidential issue, who                            sees
    OWN      its filer, by the secret or by the account              what was filed and what became of it
    CASE     a case worker of a place at or above its neighbourhood  everything, the filer's address and the assessments too
    PART     an agency with a task that it has not given back        its own task, and of the words those meant for it
    MASKED   a secretary of its place, who must route it             that it is there: status, neighbourhood, tasks, times
    None     everybody else, services too                            nothing: answered as if it were not there

Of any other issue everybody sees what is public (OPEN), and its filer OWN. How far an office reaches is `contracts.policy`.
"""
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from chassis.caller import Caller, demand_over, may, may_over
from contracts.errors import Unauthenticated, not_found
from services.issues.codes import fits
from services.issues.finding.shelves import EVERYWHERE, of_filer

OWN, CASE, PART, MASKED, OPEN = "own", "case", "part", "masked", "open"
GIVEN_BACK = ("refused", "referred", "cancelled")  # states of a task that is its agency's no more
SIGHT = dict.fromkeys(("confidential", "place", "tasks.agency", "tasks.state"), 1)  # what a query must bring for deciding
FILER = dict.fromkeys(("secret_hash", "shelves"), 1)  # and for knowing its filer
ACCOUNT = "resident:"  # what the account of a resident who has signed in begins with
HANDS = ("secretary", "case_worker")  # who has a hand in a confidential issue
Row = Mapping[str, Any]  # an issue as it is stored; of its fields those of SIGHT and FILER are read


def has_account(caller: Caller) -> bool:
    """Whether this is a resident who has signed in. A program with a key is nobody's account."""
    return caller.account.startswith(ACCOUNT)


def is_filer(caller: Caller, secret: str | None, issue: Row | None) -> bool:
    """Whether this is its filer: by its secret where one is given, else by the account that filed it.

    Raises NotFound for a wrong secret, also where there is no issue.
    """
    fitting = fits(secret, issue["secret_hash"] if issue else "")
    if secret is not None and not fitting:
        raise not_found()
    mine = of_filer(caller.id) if has_account(caller) else []
    return fitting or not set(mine).isdisjoint(issue["shelves"] if issue else ())


def proof_needed() -> Unauthenticated:
    return Unauthenticated("secret_or_key_needed",
                           "رمز مسئله را در Issue-Secret بفرستید، یا وارد شوید، یا کلید خود را بفرستید.",
                           "Send the issue's secret as Issue-Secret, or sign in, or send your key.")


def demand_proof(caller: Caller, secret: str | None) -> None:
    """Before anything is looked up, so that it tells nothing. Raises Unauthenticated for nobody known without a secret."""
    if secret is None and caller.role == "public":
        raise proof_needed()


def sight(caller: Caller, issue: Row, filer: bool = False) -> str | None:
    """What this caller sees of a stored issue; `filer` where `is_filer`."""
    if not issue["confidential"]:
        return OWN if filer else OPEN
    if filer:
        return OWN
    if may_over(caller, "cases:read", issue["place"]):
        return CASE
    if may(caller, "tasks:read") and tasks_of(issue, caller.subject):
        return PART
    return MASKED if may_over(caller, "issues:decide", issue["place"]) else None


def demand_sight(caller: Caller, issue: Row | None, *sights: str, filer: bool = False) -> str:
    """What they see, if it is one of these (any, where none is named). Raises NotFound, also where there is no issue."""
    found = sight(caller, issue, filer) if issue is not None else None
    if found is None or (sights and found not in sights):
        raise not_found()
    return found


def demand_hand(caller: Caller, deed: str, place: Collection[str], confidential: bool) -> None:
    """Whether somebody with an office may do this to an issue that lies here. Raises NotAllowed where it is not their place;
    of a confidential one NotFound, as for whoever has no hand in any."""
    if confidential and not (caller.role in HANDS and may_over(caller, deed, place)):
        raise not_found()
    demand_over(caller, deed, place)


def keeps_order(caller: Caller, issue: Row) -> bool:
    """Who reads of an ordinary issue its story too, with what agencies ask for and why: a secretary, and the manager of its
    neighbourhood. The filer's address is not in it."""
    return may_over(caller, "issues:story", issue["place"])


def may_audit(caller: Caller, issue: Row) -> bool:
    """Who reads in the story of an ordinary issue which account it was: whoever decides there."""
    return may_over(caller, "issues:decide", issue["place"])


def tasks_of(issue: Row, agency: str) -> list[dict[str, Any]]:
    """The tasks by which an agency has a part in an issue."""
    return [task for task in issue["tasks"] if task["agency"] == agency and task["state"] not in GIVEN_BACK]


def listed_to(caller: Caller, by_what_it_is_about: bool) -> str:
    """The place whose confidential issues a list holds too, masked: a secretary's. Empty: of none.

    Nor where they are asked for by something that a masked one does not show (category, words, a point): being found would
    tell it.
    """
    return "" if by_what_it_is_about or not may(caller, "issues:decide") else caller.subject or EVERYWHERE


def words_for(task: Row, tasks: Sequence[Row]) -> str | None:
    """Which words of a confidential issue an agency reads: `part`, which a case worker wrote for it; `text`, the filer's.

    As soon as one agency of the case was given a part, one that was given none reads nothing: somebody has decided that not
    everybody reads everything.
    """
    if task.get("part"):
        return "part"
    return None if any(each.get("part") for each in tasks) else "text"
