"""What is kept of accounts. No secret is kept as it is: passwords as argon2id, keys, tokens and recovery codes as SHA-256,
second factors, signing keys and residents' addresses encrypted, one-time codes as HMAC, and encrypted until they are used or
lapse. All that is told is that a code was asked for, by an id of this asking.
"""
from typing import Any

import mongoengine as me

from chassis.outbox import Outbox
from chassis.store import Stored


def meta(collection: str, *indexes: dict[str, Any]) -> dict[str, Any]:
    return {"db_alias": "registry", "collection": collection, "auto_create_index": False, "strict": False,
            "indexes": list(indexes)}


EXPIRES = {"fields": ["expires"], "expireAfterSeconds": 0}
AUDIT: dict[str, Any] = {"fields": ["audit.id"], "sparse": True}


class Audited(me.Document):
    """`audit`: entries that lie here until they are carried to their own collection."""

    audit = me.ListField(me.DictField())
    meta = {"abstract": True}


class Account(Audited):
    """`password`: argon2id, absent until an invitation was taken up. `totp`: {secret, step}, the sealed secret and the
    step of the last code that was taken; `pending`: a sealed secret that no code has confirmed yet. Sessions
    from before `sessions_from` are over. `begun_by`: the role of whose invitation was taken up."""

    person = me.StringField(primary_key=True)
    login = me.StringField()
    login_folded = me.StringField()
    password = me.StringField()
    invitation = me.DictField()
    totp = me.DictField()
    pending = me.StringField()
    recovery = me.ListField(me.StringField())
    disabled_at = me.DateTimeField()
    sessions_from = me.DateTimeField()
    begun_by = me.StringField()
    last_sign_in = me.DateTimeField()
    meta = meta("accounts", {"fields": ["login_folded"], "unique": True}, {"fields": ["sessions_from"], "sparse": True},
                {"fields": ["invitation.hash"], "unique": True, "sparse": True}, AUDIT)


class Tries(Audited):
    """Tries at one login name, known or not, under its mark: `tries` that were checked, `refused` that came while locked."""

    id = me.StringField(primary_key=True)
    expires = me.DateTimeField()
    meta = meta("sign_in_tries", EXPIRES, AUDIT)


class ApiKey(Audited):
    """A program's key without its secret: whose, what it may, from when until when."""

    id = me.StringField(primary_key=True)
    owner = me.StringField()
    revoked_at = me.DateTimeField()
    meta = meta("api_keys", {"fields": ["owner", "id"]}, {"fields": ["revoked_at"], "sparse": True}, AUDIT)


class OneTimeCode(Stored):
    """The newest code of an address, under the address's mark, and the codes `sent` to it within a day, as {at, by}.
    `asking` names it outside; `sealed`: {address, code} until it is used or `until` is over; `hash`: the code's mark;
    `tried`: the mark of the network of each try."""

    id = me.StringField(primary_key=True)
    asking = me.StringField()
    until = me.DateTimeField()
    expires = me.DateTimeField()
    meta = meta("one_time_codes", EXPIRES, {"fields": ["asking"]}, {"fields": ["until"], "sparse": True})


class CodeCount(me.Document):
    """How many codes an hour had: `<hour> <network's mark>`, or of all telephones."""

    id = me.StringField(primary_key=True)
    count = me.IntField()
    expires = me.DateTimeField()
    meta = meta("code_counts", EXPIRES)


class Resident(me.Document):
    """Who signed in by an address: an id, and the address under the marks of all keys of the ring and `sealed`."""

    id = me.StringField(primary_key=True)
    marks = me.ListField(me.StringField())
    key = me.StringField()
    meta = meta("residents", {"fields": ["marks"], "unique": True}, {"fields": ["key"]})


class Session(Audited):
    """Somebody who is signed in, until `expires`; `account`: `person:<id>` or `resident:<id>`; as whom: `role` and `place`.

    Of its refresh tokens the `number`-th is good, whose SHA-256 is `hash`; `seed`: with a key of the ring makes them.
    """

    id = me.StringField(primary_key=True)
    account = me.StringField()
    expires = me.DateTimeField()
    ended_at = me.DateTimeField()
    meta = meta("sessions", EXPIRES, {"fields": ["account"]}, {"fields": ["ended_at"], "sparse": True}, AUDIT)


class Ended(me.Document):
    """An account or a key that was erased, so that it is nowhere else, or whose rights became others: `<kind>:<id>`.
    Nothing of it from before `at` is good; `noted`: when that was written down here."""

    id = me.StringField(primary_key=True)
    at = me.DateTimeField()
    noted = me.DateTimeField()
    expires = me.DateTimeField()
    meta = meta("ended", {"fields": ["noted"]}, EXPIRES)


class SigningKey(Audited):
    """A pair of keys under its id, the `public` part as it is published and the private `sealed`. `number` counts them."""

    id = me.StringField(primary_key=True)
    number = me.IntField()
    key = me.StringField()
    meta = meta("signing_keys", {"fields": ["number"], "unique": True}, {"fields": ["key"]}, AUDIT)


class AuditEntry(me.Document):
    """Ids begin with the time (UTC), so they sort by it."""

    id = me.StringField(primary_key=True)
    at = me.DateTimeField()
    deed = me.StringField()
    of = me.StringField()
    account = me.StringField()
    meta = meta("accounts_audit", {"fields": ["at"], "expireAfterSeconds": 731 * 24 * 3600},
                *({"fields": [name, "id"]} for name in ("deed", "of", "account")))


DOCUMENTS = [Account, Tries, ApiKey, OneTimeCode, CodeCount, Resident, Session, Ended, SigningKey, AuditEntry]
AUDITED = [Account, Tries, ApiKey, Session, SigningKey]
OUTBOXES = [Outbox(OneTimeCode)]
