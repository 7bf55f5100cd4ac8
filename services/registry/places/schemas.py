"""What may be said of places: where a point is, and how territories are reshaped."""
from marshmallow import fields, validate

from chassis.validation import Flag, Words
from services.registry.places.reshaping import MOST
from services.registry.queries import AsOfQuery
from services.registry.schemas import CODE, KINDS, Strict, code, codes, name, one_of
from services.registry.values import Day, Polygon


class LocateQuery(AsOfQuery):
    lat = fields.Float(required=True, validate=validate.Range(-90, 90))
    lon = fields.Float(required=True, validate=validate.Range(-180, 180))


class Reshaping(Strict):
    day = Day()
    reason = Words(validate=validate.Length(1, 1000), allow_none=True)


class IntoSchema(Strict):
    """What is not said is as it was; said it must be where territories that are merged differ in it."""

    code = code(required=True)
    name_fa, name_en = name(), name()
    kind, parent = one_of(*KINDS), fields.String(validate=CODE)
    contested_with = supporting_agency = fields.String(validate=CODE, allow_none=True)
    target, sample = Flag(), Flag()
    polygon = Polygon()
    takes = codes(1000)


class MergeSchema(Reshaping):
    codes = fields.List(code(), required=True, validate=validate.Length(2, MOST))
    into = fields.Nested(IntoSchema, required=True)


class SplitSchema(Reshaping):
    into = fields.List(fields.Nested(IntoSchema), required=True, validate=validate.Length(2, MOST))


class RenameSchema(Reshaping):
    name_fa, name_en = name(), name()


class TargetSchema(Strict):
    target = Flag(load_default=True)
    valid_from, valid_to = Day(), Day(allow_none=True)
    reason = Words(validate=validate.Length(1, 1000), allow_none=True)
