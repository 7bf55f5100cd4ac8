"""`python -m services.issues.reshelve`: makes anew by what issues are found, where a release finds them by something else.

Also when the sweeper must look at them: what an older release wrote falls due from then on.

Run it after `python -m chassis.indexes issues`, while everything runs: an issue that changes meanwhile is made anew by its
own change. Lists show an older issue once it was reached. It may be cut short and run again.
"""
import sys

from chassis import database
from services.issues.atlas import Atlas
from services.issues.documents import IssueDocument, IssueMapping, looked_at
from services.issues.finding.shelves import derived


def reshelve() -> int:
    """How many issues were found by something else until now."""
    issues, mapping, known, changed = IssueDocument._get_collection(), IssueMapping(), Atlas().current(), 0
    for found in issues.find({}, {"outbox": 0}).batch_size(500):
        issue = mapping.aggregate(found)
        issue.around = known.circumstances(issue.category, issue.place)
        due = derived(issue) | looked_at(issue)
        if any(found.get(name, ...) != value for name, value in due.items()):
            changed += issues.update_one({"_id": found["_id"], "version": found["version"]}, {"$set": due}).modified_count
    return changed


def main() -> None:
    database.connect_or_stop("reshelve", "issues")
    sys.stdout.write(f"reshelve: {reshelve():,} issues are found anew\n")


if __name__ == "__main__":
    main()
