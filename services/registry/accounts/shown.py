"""What signing in answers."""
from marshmallow import fields

from chassis.shown import Shown, a_count, a_day, a_moment, a_text, about, many, one_of, page, yes_no
from contracts import policy
from services.registry.accounts.audit import DEEDS
from services.registry.accounts.giving import GIVEN

KINDS = ("session", "account", "key")
PERSON = "person:0b9c3f0e-7c1d-4d4b-9a55-0a1b2c3d4e5f"


class NothingSchema(Shown):
    pass


class AsSchema(Shown):
    role = one_of(policy.OUTSIDE, "The role.", "secretary")
    place = a_text("Its territory, agency or person; empty of the whole platform.", "alborz")


class RightSchema(AsSchema):
    kind = one_of(("territory", "agency", "platform", "person"), "What the place is.", "territory")
    until = a_day("The day on which this right is no more; null where none is known.", null=True)


class SignedInSchema(Shown):
    person = a_text("Without a second factor only: who is to set it up.", PERSON.partition(":")[2], may_lack=True)
    access_token = a_text("To be sent as `Authorization: Bearer`, for minutes.", may_lack=True)
    token_type = one_of(("Bearer",), "As OAuth names it.", "Bearer", may_lack=True)
    expires_in = a_count("Seconds that the access token is good for.", 300, may_lack=True)
    refresh_token = a_text("Good once, for the next tokens.", may_lack=True)
    refresh_until = a_moment("When the session ends at the latest.", may_lack=True)
    second_factor = yes_no("Whether a second factor was asked for; residents have none.")
    rights = fields.List(fields.Nested(RightSchema), metadata=about("As whom this person may act, today."))
    as_ = fields.Nested(AsSchema, data_key="as", metadata=about("As whom the access token acts."))


class LetterSchema(Shown):
    address = a_text("A telephone number or an e-mail address.", "+989121234567")
    code = a_text("Six digits.", "123456")
    until = a_moment("When it lapses.")


class JwkSchema(Shown):
    kty = one_of(("EC",), "As RFC 7518 names it.", "EC")
    crv = one_of(("P-256",), "The curve.", "P-256")
    x = a_text("A coordinate, base64url.", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU")
    y = a_text("A coordinate, base64url.", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")
    kid = a_text("The key's thumbprint (RFC 7638).", "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U")
    use = one_of(("sig",), "For signatures.", "sig")
    alg = one_of(("ES256",), "The algorithm.", "ES256")


class JwksSchema(Shown):
    keys = many(JwkSchema, "All that sign, will sign soon, or have signed what may still be good.")


class EndingSchema(Shown):
    kind = one_of(KINDS, "What ended.", "session")
    id = a_text("Of an account `person:<id>` or `resident:<id>`.", PERSON)
    at = a_moment("When. Of an account all is over that began before; a key is to be judged anew.")


class EndedSchema(Shown):
    items = many(EndingSchema, "In no order; one may come again.")
    now = a_moment("To be asked with the next time.")
    signing_keys = many(a_text("A key's id."), "The public keys as of now.")


class EntrySchema(Shown):
    id = a_text("Ids sort by time.", "2026-11-24T08:30:00.000000-0a1b2c3d4e5f")
    at = a_moment("When it was done.")
    deed = one_of(DEEDS, "What was done.", "signed_in")
    of = a_text("To whom or what; empty for a login name that is nobody's.", PERSON)
    by = a_text("The caller; empty where it was the account's own doing.", "secretary:alborz")
    account = a_text("Whose doing it was, where that is known.", PERSON)
    why = a_text("What else is to be said of it.", "")


class InvitedSchema(Shown):
    person = a_text("The person's id.", PERSON.partition(":")[2])
    login = a_text("The name to sign in with.", "zahra.ahmadi")
    token = a_text("With which the invitation is taken up, once. It is shown in this answer only.", "Zk3v9pQ1…")
    until = a_moment("When the invitation lapses.")


class AcceptedSchema(Shown):
    person = a_text("The person's id, by which the second factor is set up.", PERSON.partition(":")[2])
    login = a_text("The name to sign in with.", "zahra.ahmadi")


class TotpSchema(Shown):
    secret = a_text("The secret, in base32, for a telephone to keep.", "JBSWY3DPEHPK3PXP")
    uri = a_text("The same as an address for a QR code.", "otpauth://totp/Mahalle:zahra.ahmadi?secret=JBSWY3DPEHPK3PXP")


class RecoveryCodesSchema(Shown):
    recovery_codes = many(a_text("One code."), "Each is good once in place of the telephone, and shown in this answer only.",
                          ["abcd-efgh-ijkl-mnop"])


class ShutSchema(Shown):
    person = a_text("The person's id.", PERSON.partition(":")[2])
    disabled = yes_no("Whether the account is shut.")


class ApiKeySchema(Shown):
    """An API key without its secret."""

    id = a_text("Its id, which is the first part of the key.", "0123456789abcdef")
    name = a_text("What it is for.", "سامانهٔ ۱۳۷ کرج")
    owner = a_text("Whose it is: agency:<code>, person:<id> or service:<name>.", "agency:alborz-water")
    role = one_of(GIVEN, "As whom it asks.", "agency")
    subject = a_text("For which agency or territory; empty: the whole platform.", "alborz-water")
    scopes = many(one_of(policy.RULES, "A deed."), "The deeds that it is for.", ["tasks:read", "tasks:move"])
    valid_from = a_moment("From when on it is good.")
    valid_to = a_moment("Until when it is good.", "2027-11-24T08:30:00.000Z")
    revoked_at = a_moment("When it was revoked.", null=True)
    last_used = a_moment("When it was last used, to the minute.", null=True)
    made_at = a_moment("When it was made.")


class NewKeySchema(ApiKeySchema):
    key = a_text("The key itself. It is shown in this answer only.", "mhl_0123456789abcdef_…")


KEYS = page("KeyPage", ApiKeySchema)
AUDIT = page("AuditPage", EntrySchema)
