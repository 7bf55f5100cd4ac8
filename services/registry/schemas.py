"""What may come in to `registry`."""
from marshmallow import RAISE, Schema, fields, validate

from chassis.validation import Words

CODE = validate.And(validate.Regexp(r"^[a-z0-9]+(-[a-z0-9]+)*$"), validate.Length(max=40))


class AgencySchema(Schema):
    """A new agency; `territory` is a code of the registry."""

    class Meta:
        unknown = RAISE

    code = fields.String(required=True, validate=CODE)
    name_fa = Words(required=True, validate=validate.Length(1, 200))
    name_en = Words(required=True, validate=validate.Length(1, 200))
    level = fields.String(required=True, validate=validate.OneOf(["province", "county", "city"]))
    territory = fields.String(required=True, validate=CODE)
    channel = fields.String(required=True, validate=validate.OneOf(["queue", "pull", "email"]))
    email = fields.Email(allow_none=True, validate=validate.Length(max=200))
    parent = fields.String(allow_none=True, validate=CODE)
    committee = fields.String(allow_none=True, validate=CODE)
