"""What is shown of deliveries, field by field; made by `use_cases.listing`."""
from marshmallow import validate

from chassis.shown import Shown, a_count, a_moment, a_part, a_text, asking, listing, one_of
from services.notifications.documents import KINDS, STATES
from services.notifications.rules import RULES

ISSUE = a_text("The issue's id.", "7f6d1c52-3a0c-5a3e-9a9c-000000000001")


class RecipientSchema(Shown):
    """Who is told, without an address."""

    kind = one_of(KINDS, "As what.", "filer")
    ref = a_text("Which one: of filers and followers the issue, of agencies and seats their code.",
                 "7f6d1c52-3a0c-5a3e-9a9c-000000000001")


class DeliverySchema(Shown):
    """A message to one recipient, and what became of it."""

    id = a_text("Its id.", "0d9d6a51-3f3e-5c79-9a67-0d6b8a8d5a11")
    template = one_of(dict.fromkeys(rule.template for rule in RULES), "Which letter it is.", "filed")
    to = a_part(RecipientSchema, "Whom it is for.")
    state = one_of(STATES, "`skipped`: there is no address; `spread`: each follower has one of their own now.", "sent")
    channel = a_text("By which way it was tried.", "smtp", null=True, validate=validate.Regexp("^[a-z]+$"))
    tries = a_count("How often it was tried.", 1)
    error = a_text("Why the last try failed, without an address.", "SMTPRecipientsRefused 451", null=True)
    created_at = a_moment("Since when it is to be sent.")
    sent_at = a_moment("When it was sent.", null=True)
    next_at = a_moment("When it is tried next, while it is queued.", null=True)


DeliveriesSchema = listing("DeliveriesSchema", DeliverySchema)
DeliveriesQuery = asking("DeliveriesQuery", ("issue",), {"issue": ISSUE}, ["issue"])
