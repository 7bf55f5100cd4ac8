"""Following: who says "me too" of an issue and is told what becomes of it, in a collection of their own.

A follower is stored first, then counted, from the collection: cut off between the two nobody is lost, and whoever joins or
leaves next, or asks the same again, puts the number right. Who follows a duplicate follows its root, without being moved.
"""
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from pymongo.errors import DuplicateKeyError

from chassis.caller import Caller, demand_over
from chassis.paging import cursor_of, key_of
from chassis.store import answering
from chassis.validation import limit_of
from contracts.errors import Refused, not_found, reused_key
from services.issues.codes import fingerprint, hash_of, secret_of, spoken
from services.issues.documents import FOLLOWING, Follower, IssueDocument
from services.issues.model import Issue
from services.issues.neighbours.duplicates import below, named, root_of
from services.issues.rights import demand_proof, has_account
from services.issues.use_cases import Commands

NAMESPACE = UUID("7b7f3e0c-41f2-4a58-9d0e-6d6168616c65")
Found = dict[str, Any]


@dataclass(frozen=True)
class Joining:
    """Who joins: the caller under a key of its own, since an application's one key may stand for many people."""

    caller: Caller
    key: str
    contact: dict[str, str] | None

    def id_of(self, issue: str) -> str:
        return f"{issue}:{uuid5(NAMESPACE, f'{issue}|{self.caller.owner}|{self.key}')}"


class Following:
    """`secret_key` makes the followers' secrets, with which they can leave."""

    def __init__(self, commands: Commands, secret_key: str) -> None:
        self._commands, self._secret_key = commands, secret_key

    def join(self, ref: str, joining: Joining, at: datetime) -> Found:
        """Once for each caller and key. Raises NotFound, also of a confidential issue; NotAllowed where it is not their
        place; Refused of one that has ended."""
        issue = named(ref)
        demand_over(joining.caller, "issues:join", issue["place"])
        root = root_of(issue)
        follower = joining.id_of(issue["_id"])
        if root["ending"] and not _has_joined(follower):
            raise Refused("issue_ended", "این مسئله پایان یافته است. اگر هنوز پابرجاست، مسئلهٔ تازه‌ای ثبت کنید.",
                          f"This issue is {root['ending']}. If it is still there, file a new one.")
        secret = secret_of(follower, self._secret_key)
        self._keep(follower, issue["_id"], joining, secret, at)
        return {"issue_id": root["_id"], "tracking_code": spoken(root["tracking_code"]), "secret": secret,
                "joined": self.recount(root["_id"])}

    def _keep(self, follower: str, issue: str, joining: Joining, secret: str, at: datetime) -> None:
        """Raises Invalid where the same key came with another contact, of which no more stays than tells that: with the
        secret in it, nobody who has the row finds it by trying all telephone numbers."""
        asks = fingerprint([secret, joining.contact])
        row = {"_id": follower, "issue": issue, "at": at, "contact": joining.contact, "reachable": bool(joining.contact),
               "secret_hash": hash_of(secret), "asks": asks, "left": False,
               **({"by": joining.caller.id} if has_account(joining.caller) else {})}
        with answering():
            try:
                Follower._get_collection().insert_one(row)
            except DuplicateKeyError as error:
                known = Follower._get_collection().find_one({"_id": follower}, {"asks": 1})
                if known and known["asks"] != asks:
                    raise reused_key() from error

    def leave(self, ref: str, caller: Caller, secret: str | None, at: datetime) -> Found:
        """Forgets the follower's contact. Left twice is left once. Who has signed in needs no secret for what they joined
        themselves. Raises Unauthenticated where nothing proves who it is, NotFound for a secret that is no follower's."""
        demand_proof(caller, secret)
        issue = named(ref)
        with answering():
            follower = Follower._get_collection().find_one(_who_leaves(issue["_id"], caller, secret), {"issue": 1})
        if follower is None:
            raise not_found()
        root = root_of(issue if follower["issue"] == issue["_id"] else named(follower["issue"]))
        if issue["_id"] not in (follower["issue"], root["_id"]):
            raise not_found()
        with answering():
            Follower._get_collection().update_one({"_id": follower["_id"], "left": False}, {
                "$set": {"left": True, "left_at": at, "reachable": False}, "$unset": {"contact": 1}})
        return {"issue_id": root["_id"], "tracking_code": spoken(root["tracking_code"]), "joined": self.recount(root["_id"])}

    def recount(self, issue_id: str) -> int:
        """How many joined in all, written where the issue says otherwise.

        Counted after the issue is read, so that of two who count at once the later writer has counted both.
        """
        def decide(issue: Issue, at: datetime) -> bool:
            joined = count(issue_id)
            if issue.joined == joined:
                return False
            if issue.ending:
                issue.joined = joined  # nobody is told of what has ended, but the number must be right when it comes back
            else:
                issue.join(joined, at)
            return True

        return self._commands.change({"_id": issue_id}, decide).joined


def _who_leaves(issue_id: str, caller: Caller, secret: str | None) -> Found:
    """The query for a follower. Served by the indexes on the secret, and on the issue."""
    if secret is None and has_account(caller):
        return {"issue": {"$in": [issue_id, *below(issue_id)]}, "by": caller.id}
    return {"secret_hash": hash_of(secret or "")}


def _has_joined(follower: str) -> bool:
    with answering():
        return Follower._get_collection().count_documents({"_id": follower}, limit=1) == 1


def count(issue_id: str) -> int:
    """Of an issue and its duplicates all that follow, and the filers of its duplicates."""
    duplicates = below(issue_id)
    with answering():
        follow = Follower._get_collection().count_documents({"issue": {"$in": [issue_id, *duplicates]}, "left": False})
    return int(follow) + len(duplicates)


def contacts(issue_id: str, query: dict[str, str]) -> Found:
    """Who may be told of an issue, as kind and ref without an address. `limit`, `cursor`.

    With the first page its filer and whom they filed for, and those of its duplicates; then who follows and left an address.
    """
    limit, duplicates = limit_of(query), below(issue_id)
    after = key_of(query["cursor"])[0] if query.get("cursor") else ""
    wanted = {"issue": {"$in": [issue_id, *duplicates]}, "left": False, "reachable": True, "_id": {"$gt": after}}
    with answering():
        rows = list(Follower._get_collection().find(wanted, {"_id": 1}).hint(FOLLOWING)
                    .sort([("issue", 1), ("_id", 1)]).limit(limit + 1))
    filers = [] if after else _filers([issue_id, *duplicates])
    more = cursor_of(rows[limit - 1]["_id"]) if len(rows) > limit else None
    return {"items": filers + [{"kind": "follower", "ref": row["_id"]} for row in rows[:limit]], "next_cursor": more}


def _filers(issues: list[str]) -> list[Found]:
    with answering():
        found = list(IssueDocument._get_collection().find({"_id": {"$in": issues}}, {"contact": 1, "on_behalf_of": 1}))
    return [{"kind": kind, "ref": each["_id"]} for each in found
            for kind, field in (("filer", "contact"), ("on_behalf_of", "on_behalf_of")) if each.get(field)]


def address_of(issue_id: str, person: str) -> dict[str, str]:
    """The address of `on_behalf_of` or of a follower by their id, for whoever must tell them something. Raises NotFound."""
    if person == "on_behalf_of":
        rows, key, field = IssueDocument._get_collection(), issue_id, "on_behalf_of"
    else:
        rows, key, field = Follower._get_collection(), person, "contact"
    with answering():
        found = rows.find_one({"_id": key}, {field: 1})
    if found is None or not key.startswith(issue_id):  # a follower's id begins with their issue's
        raise not_found()
    return dict(found.get(field) or {})
