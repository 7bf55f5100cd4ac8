"""What registers and places may be asked with: bodies by register, and the parameters of queries."""
from marshmallow import fields, validate

from services.registry.meaning import means
from services.registry.queries import AsOfQuery, PageQuery
from services.registry.registers import REGISTERS
from services.registry.schemas import Strict

CHANGES = {name: register.change for name, register in REGISTERS.items()}
LISTS = {name: register.asks for name, register in REGISTERS.items()}
NEIGHBOURHOODS = REGISTERS["territories"].asks(exclude=["kind"])


class HistoryQuery(Strict):
    known_at = fields.DateTime(**means("As it was known at this instant, given with its offset.", "2026-03-21T08:00:00Z"))


class LocateQuery(AsOfQuery):
    lat = fields.Float(required=True, validate=validate.Range(-90, 90))
    lon = fields.Float(required=True, validate=validate.Range(-180, 180))


class TeamQuery(AsOfQuery, PageQuery):
    """`limit` and `cursor` are for the summary of a place above neighbourhoods, `within` for whoever is shown names."""

    limit = fields.Integer(validate=validate.Range(1, 100), load_default=50)
    within = fields.Integer(validate=validate.Range(0, 9999), load_default=60,
                            **means("Certificates that lapse within so many days are named.", 60))


class ReopenQuery(Strict):
    starts = fields.String(**means("Where a part of the day is closed, when that part begins.", "10:00"))
