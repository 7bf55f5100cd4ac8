"""What may come in about accounts, keys and codes."""
from typing import Any

from marshmallow import ValidationError, fields, validate

from chassis.text import fold
from chassis.validation import Words
from contracts.schema import Instant
from services.registry.accounts.giving import GIVEN
from services.registry.schemas import Strict

SCOPE = validate.Regexp(r"^[a-z_]{1,40}:[a-z_]{1,40}\Z", error="Write a scope like tasks:read.")
OWNER = validate.Regexp(r"^(agency|person|service):[a-z0-9][a-z0-9-]{0,59}\Z",
                        error="Write agency:<code>, person:<id> or service:<name>.")
SUBJECT = validate.Regexp(r"^[a-z0-9-]{0,60}\Z", error="Write the code of whom the key speaks for.")


LETTERS = validate.Regexp(r"^[\w.\-\u200c]*\Z", error="Write a login name of letters, digits, dots and hyphens.")


def secret(most: int = 256, **more: Any) -> fields.String:
    """Text that is compared and never shown."""
    return fields.String(validate=validate.Length(1, most), **more)


def stands(login: str) -> None:
    if not 3 <= len(fold(login)) <= 60:
        raise ValidationError("Length must be between 3 and 60.")


class InviteSchema(Strict):
    person = fields.UUID(required=True)
    login = Words(required=True, validate=[validate.Length(max=60), LETTERS, stands])


class AcceptSchema(Strict):
    token = secret(required=True)
    password = secret(required=True)


class SignInSchema(Strict):
    """`code`: of the second factor, or a recovery code."""

    login = secret(60, required=True)
    password = secret(required=True)
    code = secret(40, allow_none=True, load_default=None)


class BeginSchema(Strict):
    password = secret(required=True)
    code = secret(40, allow_none=True, load_default=None)


class ConfirmSchema(Strict):
    code = secret(40, required=True)


class SinceSchema(Strict):
    """When the session began; None asks for the rights alone."""

    since = Instant(allow_none=True, load_default=None)


class KeySchema(Strict):
    name = Words(required=True, validate=validate.Length(1, 100))
    owner = fields.String(required=True, validate=OWNER)
    role = fields.String(required=True, validate=validate.OneOf(GIVEN))
    subject = fields.String(load_default="", validate=SUBJECT)
    scopes = fields.List(fields.String(validate=SCOPE), required=True, validate=validate.Length(1, 30))
    valid_from = Instant(allow_none=True, load_default=None)
    valid_to = Instant(allow_none=True, load_default=None)


class CheckKeySchema(Strict):
    key = secret(required=True)


class CodeSchema(Strict):
    address = secret(254, required=True)


class CheckCodeSchema(CodeSchema):
    code = secret(40, required=True)
