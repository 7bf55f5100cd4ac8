"""What may come in about people."""
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from chassis.validation import Whole, Words
from services.registry.contacts import LONGEST
from services.registry.meaning import means
from services.registry.queries import PageQuery
from services.registry.schemas import Strict
from services.registry.values import Day, rule

TELEPHONE = validate.Regexp(r"^\+?[0-9۰-۹٠-٩][0-9۰-۹٠-٩ ()\-]{4,28}\Z", error="Write a telephone number in digits.")


ORDER = "It must expire after it was given."
EXAMPLE = "3f0f6a3e-8f44-4b57-9a64-0c4a7c9d2a10"


def a_name(**more: Any) -> Words:
    return Words(validate=validate.Length(1, 200), **more)


class PersonSchema(Strict):
    """An address that is left out stays as it is; null takes it away."""

    name_fa = a_name(required=True, **means("The name in Persian.", "زهرا احمدی"))
    name_en = a_name(allow_none=True, load_default=None, **means("The name in Latin letters.", "Zahra Ahmadi"))
    telephone = fields.String(validate=TELEPHONE, allow_none=True)
    email = fields.Email(validate=validate.Length(max=200), allow_none=True)


class CertificateSchema(Strict):
    """`given` is its first day, `expires` the first day on which it no longer counts."""

    name = a_name(required=True, **means("Of which training.", "کمک‌های اولیه"))
    given = Day(required=True)
    expires = Day(allow_none=True, load_default=None)
    described = rule(ORDER)

    @validates_schema
    def in_order(self, certificate: dict[str, Any], **kwargs: Any) -> None:
        if certificate.get("expires") and certificate["expires"] <= certificate.get("given", ""):
            raise ValidationError(ORDER, "expires")


class SearchSchema(Strict):
    name = Words(required=True, validate=validate.Length(2, 200), **means("How each word of the name begins.", "زهر احم"))
    why = Words(required=True, validate=validate.Length(1, 200))
    cursor = fields.UUID(allow_none=True, load_default=None, **means("`next_cursor` of the page before.", EXAMPLE))
    limit = Whole(load_default=20, validate=validate.Range(1, 50))


class WhyQuery(Strict):
    why = fields.String(required=True, validate=validate.Length(1, LONGEST))


class ReadsQuery(PageQuery):
    limit = fields.Integer(validate=validate.Range(1, 200), load_default=50)
    code = fields.String(**means("Only of this agency, person or territory.", EXAMPLE))
