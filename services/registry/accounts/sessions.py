"""Sessions: who is signed in, as whom, and until when. Each step is one conditional write on the session's document.

A refresh token is `mhr_<session>_<number>_<secret>` and good once: with the next access token comes the next one. Which that
is follows from the session's seed and a key of the ring, so that whoever comes again within AGAIN with the token before,
because the answer was lost, gets the same, and of many at once all do. Used again after that, or after its successor, it was
stolen from somebody: the session ends.

After its write every step looks whether the account is still open, and whoever shuts an account ends the sessions after
that: whichever comes first, nobody is handed a token whose session is neither ended nor about to be.
"""
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chassis.ring import Ring
from chassis.store import answering
from contracts.errors import NotAllowed
from contracts.schema import instant
from services.registry.accounts import audit, residents
from services.registry.accounts.documents import Account, Session
from services.registry.accounts.refusals import signed_out
from services.registry.accounts.rights import Right, SeatsOf, chosen, day_of, let_in, resident, rights_of
from services.registry.accounts.tokens import access_token

LASTS = {"person": timedelta(hours=12), "resident": timedelta(days=30)}
AGAIN = timedelta(seconds=30)
REMEMBERED = timedelta(hours=1)  # an ended session; nothing of it is good for longer than minutes
TOKEN = re.compile(r"mhr_([0-9a-f]{32})_([0-9]{1,9})_([0-9a-f]{64})")
As = dict[str, str] | None  # {role, place}: as whom somebody wants to act
Found = dict[str, Any]


@dataclass(frozen=True)
class RefreshToken:
    session: str
    number: int
    secret: str

    def __str__(self) -> str:
        return f"mhr_{self.session}_{self.number}_{self.secret}"

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.secret.encode()).hexdigest()


class Sessions:
    """`seats_of`: as rights want it. All times are aware datetimes."""

    def __init__(self, ring: Ring, seats_of: SeatsOf) -> None:
        self.ring, self._seats_of = ring, seats_of

    def begin(self, account: str, asked: As, at: datetime) -> Found:
        """A new session of somebody who has just proven who they are. Raises NotAllowed where they may not act as asked,
        Unauthenticated where their account was shut or started anew at that moment."""
        rights = self._rights(account, at)
        right, session, seed = demand_right(rights, asked) or rights[0], secrets.token_hex(16), secrets.token_hex(16)
        token = self._made(session, 1, seed)[0]
        found = {"_id": session, "account": account, "role": right.role, "place": right.place, "number": 1, "seed": seed,
                 "hash": token.hash, "started_at": at, "rotated_at": at, "expires": at + LASTS[account.partition(":")[0]],
                 "audit": [audit.entry("signed_in", at, of=account)]}
        with answering():
            _sessions().insert_one(found)
        audit.settle(Session, session)
        return self._answer(found, token, right, rights, at)

    def refresh(self, text: str, asked: As, at: datetime) -> Found:
        """The next tokens, as before unless asked otherwise; where that right is no more, as the first of those left.

        Raises Unauthenticated for a token that is not good, NotAllowed (and nothing is used up) for a right not held.
        """
        token = token_of(text)
        for _ in range(2):  # another with the same token may be faster: the second look then finds what they left
            found = self._demand_open(token, at)
            rights = self._rights(found["account"], at)
            right = demand_right(rights, asked) or chosen(rights, found["role"], found["place"]) or rights[0]
            if token.hash == found["hash"]:
                following = self._made(token.session, found["number"] + 1, found["seed"])[0]
                if self._moved(found, right, at, {"hash": following.hash, "number": following.number, "rotated_at": at}):
                    return self._answer(found, following, right, rights, at)
            elif same := self._successor(found, token, at):
                if self._moved(found, right, at, {}):
                    return self._answer(found, same, right, rights, at)
            else:
                end(token.session, at, "a refresh token was used again")
                raise signed_out()
        raise signed_out()

    def end_by(self, text: str, at: datetime) -> None:
        """Ends the session of a refresh token of ours, whichever of its tokens it is; any other text does nothing."""
        found = TOKEN.fullmatch(text)
        token = RefreshToken(found[1], int(found[2]), found[3]) if found else None
        if token and (stored := _find(token.session)) and self._ours(stored, token):
            end(token.session, at)

    def _demand_open(self, token: RefreshToken, at: datetime) -> Found:
        """The session that a token belongs to, which may be used up. Raises Unauthenticated."""
        found = _find(token.session)
        if found is None or found.get("ended_at") or found["expires"] <= at or not self._ours(found, token):
            raise signed_out()
        return found

    def _ours(self, found: Found, token: RefreshToken) -> bool:
        """Whether this session ever had this token."""
        made = [found["hash"] if token.number == found["number"] else "", *(
            each.hash for each in self._made(token.session, token.number, found["seed"]))]
        return any(hmac.compare_digest(each, token.hash) for each in made)

    def _made(self, session: str, number: int, seed: str) -> list[RefreshToken]:
        """A token of a session, as each key of the ring makes it, the first key's first."""
        return [RefreshToken(session, number, mark) for mark in self.ring.marks("refresh", session, str(number), seed)]

    def _successor(self, found: Found, token: RefreshToken, at: datetime) -> RefreshToken | None:
        """The token that this one was exchanged for just now."""
        if token.number != found["number"] - 1 or at - found["rotated_at"] > AGAIN:
            return None
        return next((each for each in self._made(token.session, found["number"], found["seed"])
                     if each.hash == found["hash"]), None)

    def _moved(self, found: Found, right: Right, at: datetime, change: Found) -> bool:
        with answering():
            return bool(_sessions().update_one(
                {"_id": found["_id"], "hash": found["hash"], "ended_at": None, "expires": {"$gt": at}},
                {"$set": {"role": right.role, "place": right.place, **change}}).matched_count)

    def _answer(self, found: Found, token: RefreshToken, right: Right, rights: list[Right], at: datetime) -> Found:
        """What the gateway hands out. Raises Unauthenticated, and ends the session, where the account is not open."""
        if not _open(found["account"], found["started_at"]):
            end(found["_id"], at, "the account is closed")
            raise signed_out()
        text, seconds = access_token(self.ring, found["account"], found["_id"], right, at)
        return {"access_token": text, "token_type": "Bearer", "expires_in": seconds, "refresh_token": str(token),
                "refresh_until": instant(found["expires"]), "second_factor": found["account"].startswith("person:"),
                "rights": [each.as_json() for each in rights], "as": {"role": right.role, "place": right.place}}

    def _rights(self, account: str, at: datetime) -> list[Right]:
        kind, _, code = account.partition(":")
        if kind != "person":
            return [resident(code)]
        with answering():
            found = Account._get_collection().find_one({"_id": code}, {"begun_by": 1})
        return let_in(rights_of(code, day_of(at), self._seats_of), found)


def token_of(text: str) -> RefreshToken:
    """Raises Unauthenticated for what is none of ours."""
    found = TOKEN.fullmatch(text)
    if not found:
        raise signed_out()
    return RefreshToken(found[1], int(found[2]), found[3])


def demand_right(rights: list[Right], asked: As) -> Right | None:
    """The right that is asked for, None where nothing is asked. Raises NotAllowed for one that is not held."""
    if not asked:
        return None
    found = chosen(rights, asked["role"], asked["place"])
    if not found:
        raise NotAllowed("not_your_right", "این سمت اکنون از آنِ شما نیست. یکی از rights را برگزینید.",
                         "You do not hold this right now. Choose one of your rights.")
    return found


def end(session: str, at: datetime, why: str = "") -> None:
    """Signs out; again, or for a session that is none, changes nothing."""
    found = _find(session) or {}
    noted = audit.entry("signed_out", at, of=found.get("account", ""), why=why)
    with answering():
        _sessions().update_one({"_id": session, "ended_at": None}, {
            "$set": {"ended_at": at, "expires": at + REMEMBERED}, "$push": {"audit": noted}})
    audit.settle(Session, session)


def end_all(account: str, at: datetime, why: str) -> None:
    """Signs an account out everywhere. Cut off, it is done again by whoever did it; meanwhile the account itself is closed
    to its sessions."""
    with answering():
        running = [found["_id"] for found in _sessions().find({"account": account, "ended_at": None}, {"_id": 1})]
    for session in running:
        end(session, at, why)


def forget(account: str) -> None:
    with answering():
        _sessions().delete_many({"account": account})


def _open(account: str, since: datetime) -> bool:
    kind, _, code = account.partition(":")
    if kind == "resident":
        return residents.stands(code)
    with answering():
        found = Account._get_collection().find_one({"_id": code, "disabled_at": None}, {"sessions_from": 1})
    return found is not None and found.get("sessions_from", since) <= since


def _find(session: str) -> Found | None:
    with answering():
        found: Found | None = _sessions().find_one({"_id": session})
    return found


def _sessions() -> Any:
    return Session._get_collection()
