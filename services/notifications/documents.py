"""Documents of `notifications`: deliveries, and the copy of the registry that says who is to be told."""
from typing import Any

import mongoengine as me

PLACES = ("territory", "agency", "committee", "headquarters")  # where a seat is
KEPT = 180 * 24 * 3600  # seconds that a delivery is kept
CODES_KEPT = 24 * 3600  # seconds, likewise
STATES = ("queued", "sent", "failed", "skipped", "spread")
KINDS = ("filer", "on_behalf_of", "followers", "follower", "agency", "seat")  # of recipients


class Delivery(me.Document):
    """One message to one recipient. `_id` is made of event, template and recipient: the same event makes it once.

    `state` is `queued`, `sent`, `failed`, `skipped` (no address) or `spread` (to `followers`: each has a delivery now;
    `cursor` says up to whom meanwhile). `to` is `{kind, ref}` with the kinds `filer`, `on_behalf_of` and `followers` (ref:
    the issue), `follower` (theirs), `agency` and `seat` (ref: its code); `about` holds codes and times for the letter, never
    an address, a name of a person or their words. While it is `taken` by a sender, `next_at` is when that sender's lease
    ends. Times are UTC.
    """

    id = me.StringField(primary_key=True)
    state = me.StringField()
    next_at = me.DateTimeField()
    created_at = me.DateTimeField()
    about = me.DictField()
    meta = {"db_alias": "notifications", "collection": "deliveries", "auto_create_index": False, "strict": False,
            "indexes": [
                {"fields": ["next_at"], "name": "due", "partialFilterExpression": {"state": "queued"}},
                {"fields": ["about.issue", "created_at"]},
                {"fields": ["created_at"], "expireAfterSeconds": KEPT}]}


class CodeLetter(me.Document):
    """A one-time code that is to be sent, under the id by which the registry knows address and code.

    `state` is `queued`, `sent`, `failed` or `lapsed`; `next_at` and `taken` as of a delivery.
    """

    id = me.StringField(primary_key=True)
    state = me.StringField()
    next_at = me.DateTimeField()
    created_at = me.DateTimeField()
    meta = {"db_alias": "notifications", "collection": "codes", "auto_create_index": False, "strict": False,
            "indexes": [
                {"fields": ["next_at"], "name": "due", "partialFilterExpression": {"state": "queued"}},
                {"fields": ["created_at"], "expireAfterSeconds": CODES_KEPT}]}


class Known(me.Document):
    """What the registry told: `<register>:<code>`, newest version of each seat, agency, place and category."""

    id = me.StringField(primary_key=True)
    role = me.StringField()
    territory = me.StringField()
    agency = me.StringField()
    committee = me.StringField()
    headquarters = me.StringField()
    meta = {"db_alias": "notifications", "collection": "known", "auto_create_index": False, "strict": False,
            "indexes": [{"fields": ["role", at], "sparse": True} for at in PLACES]}


DOCUMENTS = [Delivery, CodeLetter, Known]
OUTBOXES: list[Any] = []  # it tells no other service anything
