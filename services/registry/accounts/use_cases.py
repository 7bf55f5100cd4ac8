"""What can be asked of accounts. One document per person, and each step is one conditional write on it.

Signing in does the same work and says the same sentence for an unknown name, a wrong password, a wrong code and a disabled
account. A right signing in is one write on condition that password, second factor and account still are what was checked,
and that the code was not used: of two at once with the same code, one is in.
"""
import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from pymongo.errors import DuplicateKeyError

from chassis.caller import Caller
from chassis.ring import Ring
from chassis.store import answering
from chassis.text import fold, tidy
from contracts import policy
from contracts.errors import NotAllowed, Problem, not_found
from contracts.schema import instant
from services.registry import once
from services.registry.accounts import audit, passwords, second_factor, sessions, tries
from services.registry.accounts.documents import Account
from services.registry.accounts.forgetting import forget
from services.registry.accounts.giving import PlacesOf
from services.registry.accounts.refusals import bad_invitation, elsewhere, login_taken, operators_only, signed_out, wrong
from services.registry.accounts.rights import Right, SeatsOf, day_of, earliest, let_in, rights_from, rights_of, shown

INVITED = timedelta(days=7)
SESSION = timedelta(hours=12)
Found = dict[str, Any]
Run = Callable[..., Any]  # run(function, *arguments): carries out what takes long without holding up anybody else


class Accounts:
    """`seats_of(person, day)` gives the seats that rights come from, `seats_from` those of that day and later,
    `places_of(role, subject)` where these are; `demand_standing(person)` raises a Problem for who is not entered or was
    erased. All times are aware datetimes."""

    def __init__(self, ring: Ring, run: Run, seats_of: SeatsOf, demand_standing: Callable[[str], None] = lambda person: None,
                 places_of: PlacesOf = lambda role, subject: (), seats_from: SeatsOf | None = None) -> None:
        self._seats_from = seats_from or seats_of
        self.ring, self.seats_of, self._run, self._demand_standing = ring, seats_of, run, demand_standing
        self._places_of = places_of
        self._nobody: Found = {"password": passwords.nobodys(), "totp": self._sealed()}

    def _sealed(self) -> Found:
        return {"secret": self.ring.encrypt(second_factor.new_secret()), "step": 0}

    def invite(self, person: str, login: str, by: Caller, at: datetime) -> Found:
        """A person's account, made where there is none, and a token with which they set its password, once, within INVITED.

        A new invitation takes the place of the one before. Raises Refused for a login name that is somebody else's, or not
        this person's; NotAllowed for the account of an operator, a case worker or an agency unless an operator asks; Invalid
        where there is no such person.
        """
        self._demand_standing(person)
        self._demand_over(person, by, at)
        command = once.command()
        token, until = command.token("invitation"), at + INVITED
        known = {"login": tidy(login), "login_folded": fold(login)}
        change = {"$set": {"invitation": {"hash": _hash(token), "until": until, "by": by.id}, "command": command.id or None},
                  "$push": {"audit": audit.entry("invited", at, f"person:{person}", by)},
                  "$setOnInsert": {**known, "created_at": at, "recovery": []}}
        query = {"_id": person, "login_folded": known["login_folded"]}
        if not _changed(query, command.id) and not _upserted(query, change):
            raise login_taken()
        audit.settle(Account, person)
        try:
            self._demand_standing(person)
        except Problem:  # erased between the two looks: whoever erases may have passed here already
            forget(self.ring, person)
            raise
        return {"person": person, "login": known["login"], "token": token, "until": instant(until)}

    def accept(self, token: str, password: str, at: datetime) -> Found:
        """Takes up an invitation: sets the password and starts the account anew, without second factor, in one write that
        also spends the token. Raises Unauthenticated for a token that is unknown, spent or old, Invalid for a weak password.
        """
        query = {"invitation.hash": _hash(token), "invitation.until": {"$gt": at}}
        with answering():
            found = _accounts().find_one(query)
        if found is None:
            raise bad_invitation()
        self._demand_still_over(found, at)
        passwords.demand_good(password, found["login"])
        encoded = self._run(passwords.hashed, password)
        with answering():
            done = _accounts().update_one({"_id": found["_id"], **query}, {
                "$set": {"password": encoded, "recovery": [], "sessions_from": at, "begun_by": _inviter(found).role},
                "$push": {"audit": audit.entry("invitation_accepted", at, f"person:{found['_id']}")},
                "$unset": {"invitation": 1, "totp": 1, "pending": 1}})
        if not done.matched_count:
            raise bad_invitation()
        audit.settle(Account, found["_id"])
        sessions.end_all(f"person:{found['_id']}", at, "the account was started anew")
        tries.forget(self.ring.marks("login", found["login_folded"]))
        return {"person": found["_id"], "login": found["login"]}

    def sign_in(self, login: str, password: str, code: str | None, at: datetime) -> Found:
        """Who it is, their rights now, and `until` when they are to be asked for again. Without a confirmed second factor
        there are no rights. Raises Unauthenticated, the same for everything that can be wrong, and TooMany."""
        with answering():
            found = _accounts().find_one({"login_folded": fold(login)})
        self._prove(found, fold(login), password, code, at, {"last_sign_in": at})
        assert found is not None
        return self._who(found, at)

    def begin_totp(self, person: str, password: str, code: str | None, at: datetime) -> Found:
        """A new secret for a telephone, for whoever proves the factors that count now. It counts once confirmed."""
        with answering():
            found = _accounts().find_one({"_id": person})
        secret = second_factor.new_secret()
        folded = (found or {}).get("login_folded", person)
        self._prove(found, folded, password, code, at, {"pending": self.ring.encrypt(secret)})
        assert found is not None
        return {"secret": secret, "uri": second_factor.address(secret, found["login"])}

    def confirm_totp(self, person: str, code: str, at: datetime) -> Found:
        """Makes the begun secret count, by one right code, which is thereby used. Returns new recovery codes, this once."""
        with answering():
            found = _accounts().find_one({"_id": person, "pending": {"$exists": True}}) or {}
        tries.take(self.ring.mark("login", found.get("login_folded", person)), at, f"person:{person}")
        step = second_factor.step_of(self.ring.decrypt(found.get("pending") or self._nobody["totp"]["secret"]), code, at)
        if not found or step is None:
            raise wrong()
        fresh = second_factor.new_recovery_codes()
        with answering():
            done = _accounts().update_one({"_id": person, "pending": found["pending"]}, {
                "$set": {"totp": {"secret": found["pending"], "step": step},
                         "recovery": [second_factor.hash_of(each) for each in fresh]}, "$unset": {"pending": 1},
                "$push": {"audit": audit.entry("second_factor_set", at, f"person:{person}")}})
        if not done.matched_count:
            raise wrong()
        audit.settle(Account, person)
        tries.forget(self.ring.marks("login", found["login_folded"]))
        return {"recovery_codes": fresh}

    def disable(self, person: str, by: Caller, at: datetime, disabled: bool = True) -> None:
        """Shuts an account and ends its sessions, or opens it again; `who_is` tells at once.

        Raises NotFound, and NotAllowed as `invite` does.
        """
        self._demand_over(person, by, at)
        command = once.command().id
        noted = audit.entry("account_shut" if disabled else "account_opened", at, f"person:{person}", by)
        with answering():
            done = _accounts().update_one({"_id": person, "command": {"$ne": command}}, {
                "$set": {"disabled_at": at if disabled else None, "sessions_from": at, "command": command or None},
                "$push": {"audit": noted}})
        if not done.matched_count and not _changed({"_id": person}, command):
            raise not_found()
        audit.settle(Account, person)
        sessions.end_all(f"person:{person}", at, noted["deed"])

    def who_is(self, person: str, at: datetime, since: datetime | None = None) -> Found:
        """The rights of somebody who signed in at `since`, as of now: to be asked again at the `until` of the last answer at
        the latest. Raises Unauthenticated where the account is gone, disabled, or was started anew after they signed in."""
        with answering():
            found = _accounts().find_one({"_id": person, "disabled_at": None})
        if found is None or (since and found.get("sessions_from", since) > since):
            raise signed_out()
        return self._who(found, at)

    def _who(self, found: Found, at: datetime) -> Found:
        rights = let_in(self._rights(found["_id"], at), found) if found.get("totp") else []
        return {"person": found["_id"], "second_factor": bool(found.get("totp")),
                **shown(rights, earliest(at + SESSION, rights))}

    def _rights(self, person: str, at: datetime) -> list[Right]:
        return rights_of(person, day_of(at), self.seats_of)

    def _demand_over(self, person: str, by: Caller, at: datetime) -> None:
        """Nobody takes over the account of who may do more than they, or elsewhere, now or once their term begins."""
        if by.role == "operator":
            return
        for right in [*self._rights(person, at), *rights_from(day_of(at), self._seats_from(person, day_of(at)))]:
            if right.role in policy.BY_OPERATORS:
                raise operators_only()
            if right.role != "resident" and not policy.reaches(
                    by.role, by.subject, "accounts:write", self._places_of(right.role, right.place)):
                raise elsewhere()

    def _demand_still_over(self, found: Found, at: datetime) -> None:
        """Raises Unauthenticated where who invited may not now."""
        try:
            self._demand_over(found["_id"], _inviter(found), at)
        except NotAllowed as error:
            raise bad_invitation() from error

    def _prove(self, found: Found | None, folded: str, password: str, code: str | None, at: datetime, sets: Found) -> None:
        """Counts a try, checks everything whatever was wrong first, and writes `sets` if all was right."""
        tries.take(self.ring.mark("login", folded), at, f"person:{found['_id']}" if found else "")
        account = found or self._nobody
        encoded = account.get("password") or self._nobody["password"]
        right = self._run(passwords.fits, password, encoded)
        sealed = (account.get("totp") or self._nobody["totp"])["secret"]
        proof = second_factor.proof_of(self.ring, account, sealed, code or "", at)
        if found is None or not right or proof is None:
            raise wrong()
        if passwords.outdated(encoded):
            sets = {**sets, "password": self._run(passwords.hashed, password)}
        with answering():
            done = _accounts().update_one(
                {"_id": found["_id"], "password": encoded, "disabled_at": None, **proof.demands},
                {"$set": {**sets, **proof.sets}, **({"$pull": proof.pulls} if proof.pulls else {})})
        if not done.matched_count:
            raise wrong()
        tries.forget(self.ring.marks("login", folded))

    def rotate(self) -> int:
        """Seals every second factor with the ring's first key; returns how many. After it an old key may be taken out."""
        count = 0
        with answering():
            for found in _accounts().find({"totp": {"$exists": True}}, {"totp.secret": 1}).batch_size(200):
                sealed = found["totp"]["secret"]
                count += _accounts().update_one({"_id": found["_id"], "totp.secret": sealed}, {
                    "$set": {"totp.secret": self.ring.rotate(sealed)}, "$unset": {"pending": 1}}).matched_count
        return count


def _inviter(found: Found) -> Caller:
    role, _, subject = found["invitation"]["by"].partition(":")
    return Caller(role, subject)


def _accounts() -> Any:
    return Account._get_collection()


def _upserted(query: Found, change: Found) -> bool:
    """False where another document is in the way; one that was made at the same moment is met at the second attempt."""
    for _ in range(2):
        try:
            with answering():
                _accounts().update_one(query, change, upsert=True)
            return True
        except DuplicateKeyError:
            continue
    return False


def _changed(query: Found, command: str) -> bool:
    """Whether this command has changed the account before: a token that was spent since must not come to life again."""
    with answering():
        return bool(command) and _accounts().count_documents(query | {"command": command}, limit=1) == 1


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
