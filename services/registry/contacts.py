"""Addresses, apart from the records: they are told to nobody but who must send something."""
from typing import Any

import mongoengine as me

from chassis.store import answering


class Contact(me.Document):
    """`<kind>:<code>` of an agency or a person."""

    id = me.StringField(primary_key=True)
    meta = {"db_alias": "registry", "collection": "contacts", "auto_create_index": False, "strict": False}


def keep(kind: str, code: str, address: dict[str, Any]) -> None:
    with answering():
        Contact._get_collection().replace_one({"_id": f"{kind}:{code}"}, {"address": address}, upsert=True)


def give(kind: str, code: str) -> dict[str, Any]:
    """The address, empty where none is known."""
    with answering():
        found = Contact._get_collection().find_one({"_id": f"{kind}:{code}"}) or {"address": {}}
    return dict(found["address"])
