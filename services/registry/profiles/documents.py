"""What is kept of profiles: dated records without an outbox, and entries that are only ever added."""
import mongoengine as me

from services.registry.accounts.documents import meta


class Indicator(me.Document):
    """What may be counted of a neighbourhood. `edits` as the model's Edit."""

    code = me.StringField(primary_key=True)
    edits = me.ListField(me.DictField())
    meta = meta("indicators")


class Weighting(me.Document):
    """How much each indicator weighs in an index of deprivation."""

    code = me.StringField(primary_key=True)
    edits = me.ListField(me.DictField())
    meta = meta("weightings")


class Facility(me.Document):
    """A clinic, a park, a school … of a neighbourhood."""

    code = me.StringField(primary_key=True)
    edits = me.ListField(me.DictField())
    meta = meta("facilities", {"fields": ["edits.values.neighbourhood", "_id"]})


class ProfileEntry(me.Document):
    """The `number`-th figure that was entered for an indicator of a neighbourhood in a year."""

    neighbourhood = me.StringField()
    indicator = me.StringField()
    year = me.IntField()
    number = me.IntField()
    meta = meta("profile_entries", {"fields": ["neighbourhood", "year", "indicator", "number"], "unique": True})


DOCUMENTS = [Indicator, Weighting, Facility, ProfileEntry]
