"""The sweeper: takes what falls due, the oldest first, under a lease, and writes what the model then decides.

Any number of processes may sweep. A lease only keeps them from doing the same work at the same time; that nothing is done
twice, and that a finish at the same moment wins, is the conditional write's doing. What cannot be swept is left for
PAUSE and holds back nothing else. What the registry changed is reckoned anew before anything escalates, and by
`reckon_anew` for whatever does not fall due soon, a few at a time, so that live traffic is not held up.
"""
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from chassis.logs import get
from chassis.store import Store, answering
from contracts.errors import Problem
from services.issues.atlas import Atlas
from services.issues.documents import EPOCH, IssueDocument, looked_at
from services.issues.model import Issue
from services.issues.routing import Map

BATCH = 100  # issues under one lease
LEASE, PAUSE, AGAIN = timedelta(seconds=60), timedelta(minutes=5), timedelta(minutes=10)
FEW = 200  # issues that one round reckons anew
log = get(__name__)


class Sweeper:
    def __init__(self, store: Store[Issue], atlas: Atlas) -> None:
        self._store, self._atlas = store, atlas
        self._reckoned, self._again = -1, EPOCH  # by which revision of the map everything was reckoned; when to look again

    def sweep(self, at: datetime) -> int:
        """Does what fell due until `at`; returns how many issues were taken, at most BATCH."""
        taken = self._take(at)
        for issue_id in taken:
            self._look_at(issue_id, at, Issue.catch_up)
        self._release(taken, at + LEASE)
        return len(taken)

    def _release(self, taken: list[str], until: datetime) -> None:
        """All of a sweep in one write; what is to be left for PAUSE is held until then."""
        if taken:
            with answering():
                IssueDocument._get_collection().update_many({"_id": {"$in": taken}, "lease.until": until},
                                                            {"$unset": {"lease": 1}})

    def _take(self, at: datetime) -> list[str]:
        """The ids of the oldest that are due and that nobody holds, now held by this sweep."""
        issues, mark = IssueDocument._get_collection(), uuid.uuid4().hex
        free = {"next_due_at": {"$gt": EPOCH, "$lte": at}, "lease.until": {"$not": {"$gt": at}}}
        with answering():
            found = [each["_id"] for each in issues.find(free, {"_id": 1}).sort("next_due_at", 1).limit(BATCH)]
            if found:
                issues.update_many({"_id": {"$in": found}, "lease.until": free["lease.until"]},
                                   {"$set": {"lease": {"by": mark, "until": at + LEASE}}})
            held = {each["_id"] for each in issues.find({"_id": {"$in": found}, "lease.by": mark}, {"_id": 1})}
        return [key for key in found if key in held]

    def _look_at(self, issue_id: str, at: datetime, decide: Callable[[Issue, datetime], bool]) -> None:
        try:
            known = self._atlas.current()

            def once(issue: Issue) -> bool:
                issue.around = known.circumstances(issue.category, issue.place)
                return decide(issue, at) or self._put_right(issue)

            self._store.change({"_id": issue_id}, once)
        except Problem as problem:
            log.warning("an issue that fell due was not swept", issue=issue_id, code=problem.code)
            self._leave(issue_id, at + PAUSE)
        except Exception as error:  # what one issue provokes, the others must not wait for
            log.error("an issue that fell due could not be swept", issue=issue_id, error=type(error).__name__)
            self._leave(issue_id, at + PAUSE)

    def _leave(self, issue_id: str, until: datetime) -> None:
        with answering():
            IssueDocument._get_collection().update_one({"_id": issue_id}, {"$set": {"lease.until": until}})

    def _put_right(self, issue: Issue) -> bool:
        """Where nothing happened: when it must be looked at again may be another time now. False: there is no change."""
        unchanged = {"_id": issue.id, "version": issue.version}
        with answering():
            IssueDocument._get_collection().update_one(unchanged, {"$set": looked_at(issue)})
        return False

    def reckon_anew(self, at: datetime) -> int:
        """Some of the issues whose deadlines were reckoned by an older version of a category or calendar; how many."""
        known = self._atlas.current()
        if known.revision == self._reckoned and at < self._again:
            return 0
        behind = self._behind(known, at)
        for issue_id in behind:
            self._look_at(issue_id, at, Issue.reschedule)
        if not behind:
            self._reckoned, self._again = known.revision, at + AGAIN
        return len(behind)

    def _behind(self, known: Map, at: datetime) -> list[str]:
        """The ids of those that were reckoned by what is not current; without what could not be swept just now."""
        current = [f"category:{code}@{row['version']}" for code, row in known.category.items()]
        current += [f"calendar:{code}@{each.version}" for code, each in known.calendar.items()]
        query = {"reckoned_by": {"$elemMatch": {"$gt": "", "$nin": current}},
                 "lease.until": {"$not": {"$gt": at}}}
        with answering():
            return [each["_id"] for each in IssueDocument._get_collection().find(query, {"_id": 1}).limit(FEW)]
