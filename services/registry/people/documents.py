"""What is kept of a person: an id, and everything else in one ciphertext."""
from typing import Any

import mongoengine as me

from chassis.outbox import Outbox
from chassis.store import Stored


class Person(Stored):
    """`sealed`: {name_fa, name_en, certificates: [{name, given, expires}]}; days are YYYY-MM-DD, `expires` may be None.

    `added_by`: the id of the caller who entered them. `command`: what changed it last, where that was asked for over HTTP.
    `erasing`: {by, at} from when erasing began until it is done; then `erased_at`, and nothing personal any more.
    `watched`: {by, at} of the erasing, as long as a term may still come from who looked before it.
    """

    id = me.StringField(primary_key=True)
    sealed = me.StringField()
    key = me.StringField()
    command = me.StringField()
    erasing = me.DictField()
    watched = me.DictField()
    erased_at = me.DateTimeField()
    meta = {"db_alias": "registry", "collection": "people", "indexes": [
        {"fields": ["erasing.at"], "sparse": True}, {"fields": ["watched.at"], "sparse": True}, {"fields": ["key"]}]}


DOCUMENTS: list[Any] = [Person]
OUTBOXES = [Outbox(Person)]
STANDING = {"erasing": None, "erased_at": None}  # neither erased nor about to be


def people() -> Any:
    return Person._get_collection()
