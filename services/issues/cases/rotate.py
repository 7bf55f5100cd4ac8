"""`python -m services.issues.cases.rotate`: seals confidential issues anew with the first of MAHALLE_CASE_KEYS.

What an earlier version left in the clear is sealed. After it an old key may be taken out. It runs while everything goes on;
cut off, it goes on where it stopped; what somebody changes meanwhile is the newest key's already.
"""
from typing import Any

from chassis import database
from chassis.ring import Ring
from chassis.sealing import newest, rewritten
from chassis.store import answering
from services.issues.cases import confidential
from services.issues.documents import IssueDocument, Message
from services.issues.finding.shelves import of_filer
from services.issues.neighbours import messages

READ = ("version", "sealed", "key", "timeline", "shelves")


def rotate(ring: Ring) -> int:
    """How many documents were written anew. Raises ring.Unreadable where a key that wrote one was taken out too early."""
    return seal_what_lies_open() + _issues(ring) + rewritten(Message._get_collection(), ring)


def seal_what_lies_open() -> int:
    """Confidential issues that a version without sealing stored: sealed, with their messages. Looks through all issues."""
    issues, count = IssueDocument._get_collection(), 0
    with answering():
        for found in issues.find({"confidential": True, "sealed": {"$exists": False}}, {"outbox": 0}).batch_size(50):
            state = {name: value for name, value in found.items() if name not in ("_id", "version", "timeline", "lease")}
            done = issues.update_one({"_id": found["_id"], "version": found["version"]}, {"$set": {
                **confidential.concealed(state), "timeline": confidential.concealed_moves(found["timeline"])}})
            messages.conceal(found["_id"])
            count += done.modified_count
    return count


def _issues(ring: Ring) -> int:
    """Round after round, because what somebody changes meanwhile has older entries in its timeline still."""
    issues, wanted, count = IssueDocument._get_collection(), not_of(newest(ring)), 0
    with answering():
        while issues.find_one(wanted, {"_id": 1}):
            for found in issues.find(wanted, dict.fromkeys(READ, 1)).batch_size(50):
                count += issues.update_one({"_id": found["_id"], "version": found["version"]}, {
                    "$set": _again(ring, found)}).modified_count
    return count


def not_of(key: str) -> dict[str, Any]:
    """The query for issues of which another key wrote something. Served by the indexes on `key` and `timeline.key`."""
    other = {"$gt": "", "$ne": key}
    return {"$or": [{"key": other}, {"timeline": {"$elemMatch": {"key": other}}}]}


def _again(ring: Ring, found: dict[str, Any]) -> dict[str, Any]:
    """The timeline is written whole: on the version that was read nobody has added to it."""
    moves = [move | _rotated(ring, move) for move in found["timeline"]]
    return {**_rotated(ring, found), "timeline": moves, "shelves": _marked_anew(ring, found)}


def _marked_anew(ring: Ring, found: dict[str, Any]) -> list[str]:
    """The shelves with the one of its filer under the newest key's mark."""
    filed_by = confidential.opened(found, ring).get("issue", {}).get("filed_by", "")
    _, newest_mark, *older = of_filer(filed_by)
    return [newest_mark if each in older else each for each in found.get("shelves", ())]


def _rotated(ring: Ring, sealed: dict[str, Any]) -> dict[str, Any]:
    return {"sealed": ring.rotate(sealed["sealed"]), "key": newest(ring)} if sealed.get("sealed") else {}


def main() -> None:
    ring = confidential.ring()
    database.connect_or_stop("rotate", "issues")
    print(f"rotate: {rotate(ring)} written anew with the newest key; the others may be taken out now")


if __name__ == "__main__":
    main()
