"""What may come in about people."""
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from chassis.validation import Words
from services.registry.schemas import Strict
from services.registry.values import Day

TELEPHONE = validate.Regexp(r"^\+?[0-9۰-۹٠-٩][0-9۰-۹٠-٩ ()\-]{4,28}\Z", error="Write a telephone number in digits.")


def a_name(**more: Any) -> Words:
    return Words(validate=validate.Length(1, 200), **more)


class PersonSchema(Strict):
    """An address that is left out stays as it is; null takes it away."""

    name_fa = a_name(required=True)
    name_en = a_name(allow_none=True, load_default=None)
    telephone = fields.String(validate=TELEPHONE, allow_none=True)
    email = fields.Email(validate=validate.Length(max=200), allow_none=True)


class CertificateSchema(Strict):
    """`given` is its first day, `expires` the first day on which it no longer counts."""

    name = a_name(required=True)
    given = Day(required=True)
    expires = Day(allow_none=True, load_default=None)

    @validates_schema
    def in_order(self, certificate: dict[str, Any], **kwargs: Any) -> None:
        if certificate.get("expires") and certificate["expires"] <= certificate.get("given", ""):
            raise ValidationError("It must expire after it was given.", "expires")


class SearchSchema(Strict):
    name = Words(required=True, validate=validate.Length(2, 200))
    why = Words(required=True, validate=validate.Length(1, 200))
    cursor = fields.UUID(allow_none=True, load_default=None)
    limit = fields.Integer(strict=True, load_default=20, validate=validate.Range(1, 50))
