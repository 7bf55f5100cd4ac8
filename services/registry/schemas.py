"""What may come in to `registry`."""
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from chassis.validation import Words

CODE = validate.And(validate.Regexp(r"^[a-z0-9]+(-[a-z0-9]+)*\Z"), validate.Length(max=40))


class AgencySchema(Schema):
    """A new agency; `territory`, `parent` and `committee` are codes of the registry."""

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

    @validates_schema
    def is_reachable(self, agency: dict[str, Any], **kwargs: Any) -> None:
        if agency["channel"] == "email" and not agency.get("email"):
            raise ValidationError("An agency that reads e-mail needs an address.", "email")
