"""What may be said of seats: who gets one, until when, and how a team is asked for."""
from marshmallow import fields, validate

from chassis.validation import Words
from services.registry.meaning import means
from services.registry.queries import AsOfQuery, PageQuery
from services.registry.schemas import Strict, one_of
from services.registry.seats.terms import HOWS
from services.registry.values import Day


class TeamQuery(AsOfQuery, PageQuery):
    """`limit` and `cursor` are for the summary of a place above neighbourhoods, `within` for whoever is shown names."""

    limit = fields.Integer(validate=validate.Range(1, 100), load_default=50)
    within = fields.Integer(validate=validate.Range(0, 9999), load_default=60,
                            **means("Certificates that lapse within so many days are named.", 60))


class AppointSchema(Strict):
    person = fields.UUID(required=True)
    how = one_of(*HOWS, required=True)
    valid_from = Day()
    valid_to = Day(allow_none=True, load_default=None)
    reason = Words(validate=validate.Length(1, 1000), allow_none=True, load_default=None)


class VacateSchema(Strict):
    day = Day()
    reason = Words(validate=validate.Length(1, 1000), allow_none=True, load_default=None)
