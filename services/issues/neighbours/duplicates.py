"""Issues that tell of the same problem: marked by a secretary, read as a tree up to its root and down to all below it.

A duplicate keeps what it has: its filer and its followers are those of the root for as long as it is marked, and its own
again when it is not. Two secretaries who mark two issues for each other's duplicate at one moment make a circle, which is
looked for after the writing and undone.
"""
from typing import Any

from chassis.store import answering
from chassis.validation import bad_field
from contracts.errors import Problem, Refused, not_found
from services.issues.codes import spoken
from services.issues.documents import IssueDocument
from services.issues.use_cases import by_ref

DEEPEST = 20  # duplicates of duplicates that are followed
MOST = 1000  # duplicates of one issue that are reckoned with
TAKEN = dict.fromkeys(("tracking_code", "status", "confidential", "place", "ending", "duplicate_of"), 1)
Found = dict[str, Any]


def named(ref: str) -> Found:
    """The issue by id or tracking code, without its words. Raises NotFound, also for a confidential one."""
    with answering():
        found = IssueDocument._get_collection().find_one(by_ref(ref), TAKEN)
    if found is None or found["confidential"]:
        raise not_found()
    return dict(found)


def chain(found: Found) -> list[Found]:
    """The issue, the one it is marked a duplicate of, and so on; ends before one that comes again or is not to be seen."""
    passed = [found]
    with answering():
        while (above := passed[-1].get("duplicate_of")) and len(passed) < DEEPEST:
            following = IssueDocument._get_collection().find_one({"_id": above}, TAKEN)
            if following is None or following["confidential"] or above in {each["_id"] for each in passed}:
                break
            passed.append(following)
    return passed


def root_of(found: Found) -> Found:
    """The issue that this one is, in the end, a duplicate of; itself where it is none."""
    return chain(found)[-1]


def below(issue_id: str) -> list[str]:
    """The ids of its duplicates and of theirs, MOST at most, in order."""
    seen, level = {issue_id}, [issue_id]
    with answering():
        while level and len(seen) <= MOST:
            found = IssueDocument._get_collection().find({"duplicate_of": {"$in": level}}, {"_id": 1}).limit(MOST)
            level = [each["_id"] for each in found if each["_id"] not in seen]
            seen.update(level)
    return sorted(seen - {issue_id})[:MOST]


def is_circle(issue_id: str) -> bool:
    """Whether the way up from an issue comes back to it."""
    passed = chain({"_id": issue_id, **named(issue_id)})
    return passed[-1].get("duplicate_of") in {each["_id"] for each in passed}


def with_original(shown: Found) -> Found:
    """An issue as somebody reads it; of a duplicate with the code and the status of the original, where they may know it."""
    if shown.get("status") != "duplicate" or shown.get("confidential"):
        return shown
    original = original_of(named(shown["id"]))
    return shown | {"original": original, "duplicate_of": original and original["id"]}


def without_hidden_originals(found: list[Found]) -> list[Found]:
    """Stored issues as a list may show them: of a duplicate whose original is hidden, not which that is. One query."""
    named = {each["duplicate_of"] for each in found if each.get("duplicate_of")}
    with answering():
        hidden = {each["_id"] for each in IssueDocument._get_collection().find(
            {"_id": {"$in": sorted(named)}, "confidential": True}, {"_id": 1})} if named else set()
    return [each | {"duplicate_of": None} if each.get("duplicate_of") in hidden else each for each in found]


def original_of(found: Found) -> Found | None:
    """None where it is no duplicate, or its original is not to be seen."""
    root = root_of(found)
    if root is found or not found.get("duplicate_of"):
        return None
    return {"id": root["_id"], "tracking_code": spoken(root["tracking_code"]), "status": root["status"]}


def demand_original(issue: Found, of: str) -> Found:
    """The root that `issue` may be marked a duplicate of. Raises Invalid for an unknown one, Refused."""
    try:
        root = root_of(named(of))
    except Problem as problem:
        if problem.status >= 500:
            raise
        raise unknown_original() from problem
    if root["_id"] == issue["_id"]:
        raise own_duplicate()
    if root["ending"] in ("withdrawn", "rejected"):
        raise Refused("original_ended", "آن مسئله پس گرفته یا رد شده است. مسئلهٔ دیگری را نام ببرید.",
                      f"That issue is {root['ending']}. Name another one.")
    return root


def unknown_original() -> Problem:
    return bad_field("/of", "unknown_issue", "چنین مسئله‌ای پیدا نشد. کد رهگیری مسئلهٔ اصلی را بنویسید.",
                     "No such issue was found. Write the tracking code of the original.")


def own_duplicate() -> Refused:
    return Refused("own_duplicate", "مسئله تکراری خودش نمی‌شود: آنچه نام بردید خود تکراری همین مسئله است.",
                   "An issue is no duplicate of itself: what you named is a duplicate of this very issue.")
