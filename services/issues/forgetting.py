"""Forgetting who filed and who joined, once the registry tells that their accounts are no more.

What was said stays, for it is the neighbourhood's; whose it was goes, and where they were reached.
"""
from datetime import datetime
from functools import partial

from chassis.store import answering
from contracts.issues import IssueRestated
from contracts.registry import PersonErased
from services.issues.documents import Follower, IssueDocument
from services.issues.finding.shelves import RESIDENT, of_filer
from services.issues.model import Issue
from services.issues.use_cases import Commands

NOBODY = "erased"  # who filed it


def forget(commands: Commands, erased: PersonErased) -> None:
    """Done twice, or cut off and done again, it is done once. Raises Unavailable."""
    for account in (f"{RESIDENT}{resident}" for resident in erased.residents):
        with answering():
            Follower._get_collection().update_many({"by": account}, {
                "$set": {"reachable": False, "asks": ""}, "$unset": {"contact": 1, "by": 1}})
            filed = list(IssueDocument._get_collection().find({"shelves": {"$in": of_filer(account)}}, {"_id": 1}))
        for found in filed:
            commands.change({"_id": found["_id"]}, partial(_forget_filer, account))


def _forget_filer(account: str, issue: Issue, at: datetime) -> bool:
    if issue.filed_by != account:
        return False
    issue.filed_by, issue.contact = NOBODY, None
    issue.tell(IssueRestated(issue.id))
    return True
