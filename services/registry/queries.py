"""What queries have in common; and a body that says nothing."""
from marshmallow import fields, validate

from services.registry.meaning import means
from services.registry.schemas import Strict
from services.registry.values import Day


class EmptySchema(Strict):
    """Nothing is to be said."""


class AsOfQuery(Strict):
    as_of = Day()


class PageQuery(Strict):
    limit = fields.Integer(validate=validate.Range(1, 500), load_default=50)
    cursor = fields.String()


class ListQuery(AsOfQuery, PageQuery):
    """A page of a register as of a day."""


class HistoryQuery(Strict):
    known_at = fields.DateTime(**means("As it was known at this instant, given with its offset.", "2026-03-21T08:00:00Z"))
