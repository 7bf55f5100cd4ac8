"""What may come in, and what goes out, where the gateway itself makes it."""
from typing import Any

from marshmallow import Schema, fields, validate

from chassis.shown import Shown, a_day, a_moment, a_text, many, one_of
from contracts import policy

PERSON = {"description": "Who it is, as signing in and taking up an invitation say."}


def secret(most: int, says: str, **more: Any) -> fields.String:
    return fields.String(validate=validate.Length(1, most), metadata={"description": says}, **more)


class EndSchema(Schema):
    refresh_token = secret(256, "The session's; without it the access token in the header says which session.")


class ConfirmTotpSchema(Schema):
    person = fields.UUID(required=True, metadata=PERSON)
    code = secret(40, "The code that the telephone shows now.", required=True)


class BeginTotpSchema(Schema):
    person = fields.UUID(required=True, metadata=PERSON)
    password = secret(256, "The account's password.", required=True)
    code = secret(40, "Of the second factor that counts until now, or a recovery code.", allow_none=True)


class RightSchema(Shown):
    role = one_of(policy.OUTSIDE, "As what they may ask.", "secretary")
    kind = one_of(("platform", "territory", "agency", "person"), "What `place` is.", "territory")
    place = a_text("Of which of them; empty of the whole platform.", "alborz")
    until = a_day("The day on which it is no more; null where none is stated.", null=True)


class MeSchema(Shown):
    account = a_text("Who it is: `person:…`, `resident:…` or `key:…`.", "resident:4f1d9a2b", null=True)
    role = one_of(policy.OUTSIDE, "As what they ask.", "secretary")
    place = a_text("For which place, agency or resident.", "alborz", null=True)
    rights = many(RightSchema, "What a person's seats allow today; refreshing with `as` changes to another.")
    scopes = many(a_text("A deed.", "tasks:read"), "What an API key is for; null: all that the role may.", null=True)
    until = a_moment("When the access token or the key ends.", null=True)
