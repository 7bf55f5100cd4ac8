"""Who signed in and out, which names were locked, and what was changed of accounts and keys: for operators, two years.

An entry is part of the write that does the thing (`audit` of the document), so that neither is without the other, and is
carried into the collection of entries right after it; what a crash left behind the rounds carry. It holds ids and no secret,
and not what was typed.
"""
import secrets
from datetime import datetime
from typing import Any

from chassis.caller import Caller
from chassis.paging import newest_first
from chassis.sealing import insert_missing
from chassis.store import answering
from contracts.errors import Malformed
from contracts.schema import instant
from services.registry.accounts.documents import AUDITED, AuditEntry

DEEDS = ("signed_in", "signed_out", "locked", "invited", "invitation_accepted", "second_factor_set", "account_shut",
         "account_opened", "key_made", "key_revoked", "signing_key_made", "signing_key_retired")
SHOWN = ("deed", "of", "by", "account", "why")
FILTERS = ("deed", "of", "account")
MANY = 100  # documents that one round looks at
Entry = dict[str, Any]


def entry(deed: str, at: datetime, of: str, by: Caller | None = None, why: str = "") -> Entry:
    """`of`: whom or what it concerns (`person:<id>`, `key:<id>` …); `by`: who did it, where it is not they themselves."""
    return {"id": f"{at:%Y-%m-%dT%H:%M:%S.%f}-{secrets.token_hex(6)}", "at": at, "deed": deed, "of": of,
            "by": by.id if by else "", "account": by.account if by else of, "why": why}


def settle(document: Any, key: str) -> None:
    """Carries a document's entries into their collection. Done twice, or by two at once, each is there once."""
    with answering():
        _carry(document, document._get_collection().find_one({"_id": key}, {"audit": 1}) or {})


def settle_cut_off() -> None:
    """Carries what was left behind."""
    with answering():
        for document in AUDITED:
            for found in document._get_collection().find({"audit.id": {"$exists": True}}, {"audit": 1}).limit(MANY):
                _carry(document, found)


def _carry(document: Any, found: dict[str, Any]) -> None:
    entries: list[Entry] = found.get("audit") or []
    if entries:
        insert_missing(AuditEntry._get_collection(), [
            {"_id": each["id"], **{name: value for name, value in each.items() if name != "id"}} for each in entries])
        document._get_collection().update_one(
            {"_id": found["_id"]}, {"$pull": {"audit": {"id": {"$in": [each["id"] for each in entries]}}}})


def page(query: dict[str, str]) -> dict[str, Any]:
    """The newest first; of one `deed`, `of` one thing or by one `account` where given. With `limit` and `cursor`. Raises
    Malformed."""
    if query.get("deed", DEEDS[0]) not in DEEDS:
        raise Malformed("bad_deed", f"deed یکی از این‌هاست: {'، '.join(DEEDS)}", f"deed is one of {', '.join(DEEDS)}.")
    wanted: dict[str, Any] = {name: query[name] for name in FILTERS if name in query}
    return newest_first(AuditEntry._get_collection(), wanted, query, _shown)


def _shown(found: Entry) -> dict[str, Any]:
    return {"id": found["_id"], "at": instant(found["at"]), **{name: found[name] for name in SHOWN}}
