"""Imports that were asked for over HTTP, kept for KEPT so that their reports can be looked at."""
from typing import Any

import mongoengine as me

KEPT = 30 * 24 * 60 * 60  # seconds


class ImportJob(me.Document):
    """`state`: queued → running → done, refused (bad rows, or changed meanwhile) or failed. `alive`: when its process last
    said that it lives."""

    id = me.StringField(primary_key=True)
    state = me.StringField()
    at = me.DateTimeField()
    meta = {"db_alias": "registry", "collection": "imports", "auto_create_index": False, "strict": False,
            "indexes": [{"fields": ["at"], "expireAfterSeconds": KEPT}]}


DOCUMENTS: list[Any] = [ImportJob]
