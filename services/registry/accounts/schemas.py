"""What may come in about accounts, keys and codes."""
from typing import Any

from marshmallow import fields, validate

from chassis.validation import Words
from contracts.schema import Instant
from services.registry.accounts import audit
from services.registry.accounts.giving import GIVEN
from services.registry.meaning import means
from services.registry.queries import PageQuery
from services.registry.schemas import Strict

SCOPE = validate.Regexp(r"^[a-z_]{1,40}:[a-z_]{1,40}\Z", error="Write a scope like tasks:read.")
OWNER = validate.Regexp(r"^(agency|person|service):[a-z0-9][a-z0-9-]{0,59}\Z",
                        error="Write agency:<code>, person:<id> or service:<name>.")
SUBJECT = validate.Regexp(r"^[a-z0-9-]{0,60}\Z", error="Write the code of whom the key speaks for.")
# Latin and Persian; of each, folding leaves one.
LETTER = "[0-9A-Za-z_.\\-\u0621-\u063a\u0641-\u064a\u0660-\u0669\u0671-\u06d3\u06f0-\u06f9]"
LETTERS = validate.Regexp(f"^(\u200c*{LETTER}){{3,60}}\u200c*\\Z",
                          error="Write a login name of 3 to 60 letters, digits, dots and hyphens.")
SECOND = means("Of the second factor, or a recovery code; where one is set up.", "123456")
SINCE, UNTIL = "2026-11-24T08:30:00Z", "2027-11-24T08:30:00Z"


def secret(most: int = 256, **more: Any) -> fields.String:
    """Text that is compared and never shown."""
    return fields.String(validate=validate.Length(1, most), **more)


class InviteSchema(Strict):
    person = fields.UUID(required=True)
    login = fields.String(required=True, validate=[validate.Length(max=60), LETTERS])


class AcceptSchema(Strict):
    token = secret(required=True)
    password = secret(required=True)


class AsSchema(Strict):
    """As whom somebody wants to act: one of their rights."""

    role = fields.String(required=True, validate=validate.OneOf(GIVEN), **means("The role.", "secretary"))
    place = fields.String(load_default="", validate=SUBJECT)


def acting() -> fields.Nested:
    return fields.Nested(AsSchema, data_key="as", attribute="as", allow_none=True, load_default=None)


class SignInSchema(Strict):
    """`code`: of the second factor, or a recovery code."""

    login = secret(60, required=True)
    password = secret(required=True)
    code = secret(40, allow_none=True, load_default=None, **SECOND)
    as_ = acting()


class RefreshSchema(Strict):
    refresh_token = secret(required=True)
    as_ = acting()


class EndSchema(Strict):
    """One of the two."""

    refresh_token = secret(allow_none=True, load_default=None)
    session = secret(64, allow_none=True, load_default=None)


class EndedSchema(Strict):
    since = Instant(allow_none=True, load_default=None)


WHOSE = "person:3f0f6a3e-8f44-4b57-9a64-0c4a7c9d2a10"


class AuditSchema(Strict):
    """What a page of the audit may be asked with."""

    deed = fields.String(metadata={"description": "Only this deed.", "example": "signed_in", "enum": [*audit.DEEDS]})
    of = fields.String(metadata={"description": "Only what concerns this account, key or signing key.", "example": WHOSE})
    account = fields.String(metadata={"description": "Only what this account did.", "example": WHOSE})
    limit = fields.Integer(metadata={"description": "Entries of a page, 1 to 200; 50 where none is given."})
    cursor = fields.String(metadata={"description": "`next_cursor` of the page before."})


class BeginSchema(Strict):
    password = secret(required=True)
    code = secret(40, allow_none=True, load_default=None, **SECOND)


class ConfirmSchema(Strict):
    code = secret(40, required=True, **means("Six digits, as the telephone shows them now.", "123456"))


class SinceSchema(Strict):
    """When the session began; None asks for the rights alone."""

    since = Instant(allow_none=True, load_default=None)


class KeySchema(Strict):
    name = Words(required=True, validate=validate.Length(1, 100), **means("What it is for.", "سامانهٔ ۱۳۷ کرج"))
    owner = fields.String(required=True, validate=OWNER)
    role = fields.String(required=True, validate=validate.OneOf(GIVEN), **means("As whom it asks.", "agency"))
    subject = fields.String(load_default="", validate=SUBJECT, **means("For which agency or territory.", "alborz-water"))
    scopes = fields.List(fields.String(validate=SCOPE), required=True, validate=validate.Length(1, 30))
    valid_from = Instant(allow_none=True, load_default=None, **means("From when on; now where it is not said.", SINCE))
    valid_to = Instant(allow_none=True, load_default=None, **means("Until when; a year where it is not said.", UNTIL))


class CheckKeySchema(Strict):
    key = secret(required=True)


class KeysQuery(PageQuery):
    limit = fields.Integer(validate=validate.Range(1, 200), load_default=50)
    owner = fields.String(validate=OWNER, **means("Only this owner's.", "agency:alborz-water"))


class CodeSchema(Strict):
    address = secret(254, required=True)


class CheckCodeSchema(CodeSchema):
    code = secret(40, required=True, **means("The six digits that were sent.", "123456"))
