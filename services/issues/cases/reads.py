"""Who was shown what of which confidential issue, and when: written down before the answer is made, kept like the issues.

A record holds who, when, which issue and which part of it, and no word of it. It is written with the majority and the
journal, as every write is: no record, no answer.
"""
import secrets
from datetime import datetime
from typing import Any

import mongoengine as me

from chassis.caller import Caller
from chassis.clock import now
from chassis.paging import newest_first
from chassis.store import answering
from contracts.errors import Malformed, not_found
from contracts.schema import instant
from services.issues import rights

Row = dict[str, Any]


class CaseRead(me.Document):
    """Who was shown what of which confidential issue, and when. Ids begin with the time (UTC), so they sort by it."""

    id = me.StringField(primary_key=True)
    issue = me.StringField()
    by = me.StringField()
    account = me.StringField()
    meta = {"db_alias": "issues", "collection": "case_reads", "auto_create_index": False, "strict": False,
            "indexes": [{"fields": ["issue", "id"]}, {"fields": ["by", "id"]}]}


def note_read(issue: str, by: str, part: str, account: str = "") -> None:
    """Remembers that somebody, by which account, is about to be shown a part of a confidential issue. Raises Unavailable."""
    at = now()
    with answering():
        CaseRead._get_collection().insert_one({
            "_id": f"{at:%Y-%m-%dT%H:%M:%S.%f}-{secrets.token_hex(6)}", "issue": issue, "by": by, "account": account,
            "part": part, "at": at})


def reads(caller: Caller, query: dict[str, str], found: Row | None) -> Row:
    """Who was shown what, newest first, of the issue `found` that was asked about. `by` (of operators), `limit`, `cursor`.

    A case worker asks about one issue of theirs. Raises NotFound where that is none, Malformed where none is named.
    """
    if caller.role == "case_worker":
        _demand_own_case(caller, query, found)
    wanted: Row = {"issue": found["_id"] if found else ""} if query.get("issue") else {}
    if query.get("by") and caller.role == "operator":
        wanted["by"] = query["by"]
    return newest_first(CaseRead._get_collection(), wanted, query, _read_json)


def _demand_own_case(caller: Caller, query: dict[str, str], found: Row | None) -> None:
    if not query.get("issue"):
        raise Malformed("issue_needed", "شناسهٔ مسئله را در issue بنویسید.", "Name the issue: ?issue=<id>.")
    if found is None or not found["confidential"]:
        raise not_found()
    rights.demand_sight(caller, found, rights.CASE)


def _read_json(read: Row) -> Row:
    at: datetime = read["at"]
    return {"issue": read["issue"], "by": read["by"], "account": read.get("account") or None, "part": read["part"],
            "at": instant(at)}
