"""What is kept of accounts. No secret is kept as it is: passwords as argon2id, keys, tokens and recovery codes as SHA-256,
second factors encrypted, one-time codes and the addresses they went to as HMAC. None of it is told to anybody: there is no
outbox here.
"""
from typing import Any

import mongoengine as me


def meta(collection: str, *indexes: dict[str, Any]) -> dict[str, Any]:
    return {"db_alias": "registry", "collection": collection, "auto_create_index": False, "strict": False,
            "indexes": list(indexes)}


EXPIRES = {"fields": ["expires"], "expireAfterSeconds": 0}


class Account(me.Document):
    """`password`: argon2id, absent until an invitation was taken up. `totp`: {secret, step}, the sealed secret and the
    step of the last code that was taken; `pending`: a sealed secret that no code has confirmed yet. Sessions
    from before `sessions_from` are over."""

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
    last_sign_in = me.DateTimeField()
    meta = meta("accounts", {"fields": ["login_folded"], "unique": True},
                {"fields": ["invitation.hash"], "unique": True, "sparse": True})


class Tries(me.Document):
    """Tries at one login name, known or not, under its mark: `tries` that were checked, `refused` that came while locked."""

    id = me.StringField(primary_key=True)
    expires = me.DateTimeField()
    meta = meta("sign_in_tries", EXPIRES)


class ApiKey(me.Document):
    """A program's key without its secret: whose, what it may, from when until when."""

    id = me.StringField(primary_key=True)
    owner = me.StringField()
    meta = meta("api_keys", {"fields": ["owner", "id"]})


class OneTimeCode(me.Document):
    """The newest code of an address, under the address's mark, and when codes were `asked` for in the last hour."""

    id = me.StringField(primary_key=True)
    expires = me.DateTimeField()
    meta = meta("one_time_codes", EXPIRES)


DOCUMENTS = [Account, Tries, ApiKey, OneTimeCode]
