"""What is shown of several people on one issue, field by field; made by `similar`, `following` and `messages`."""
from marshmallow import fields, validate

from chassis.shown import (
    PAGING,
    Shown,
    a_code,
    a_count,
    a_moment,
    a_number,
    a_part,
    a_text,
    asking,
    listing,
    one_of,
    page,
    said,
)
from services.issues.life.moves import STATUSES
from services.issues.neighbours.messages import AUDIENCES, WRITERS
from services.issues.neighbours.similar import EXCERPT, LONGEST, NEAR, RECENT
from services.issues.shown import a_tracking_code, an_issue_id

SIMILAR, MESSAGES = ("category", "lon", "lat", "neighbourhood", "text"), ("limit", "cursor")  # what may be asked with


class BecauseSchema(Shown):
    """What the likeness is made of."""

    text = a_number("How much of the shorter text lies in the longer one.", 0.82, most=1, null=True)
    metres = a_count("How far apart they are; null where one has no point.", 35, most=NEAR, null=True)
    days = a_count("How many days ago it was filed.", 2, most=RECENT.days)
    category = one_of(("same", "related"), "Whether it is of the same category, or of one above or below.", "same")


class SimilarIssueSchema(Shown):
    """An issue that may be the one somebody is about to file."""

    id = an_issue_id()
    tracking_code = a_tracking_code()
    title = a_text("As it was filed, tidied.", "چراغ خاموش", null=True)
    text = a_text(f"What its filer wrote; over {EXCERPT} letters, the beginning.", "چراغ کوچهٔ سوم از دیشب خاموش است")
    filed_at = a_moment("When it was filed.")
    status = one_of(STATUSES, "Where it stands.", "routed")
    category = a_code("What it is about.", "street-lighting")
    category_name = a_text("The category's name when it was filed.", "روشنایی معابر")
    neighbourhood = a_code("Where it is.", "karaj-mehrvilla")
    neighbourhood_name = a_text("The neighbourhood's name when it was filed.", "محلهٔ گلشهر")
    joined = a_count("How many others said \"me too\".", 3)
    score = a_number("How similar, 0 to 1.", 0.86, most=1)
    because = a_part(BecauseSchema, "Why it is suggested.")


class LeftSchema(Shown):
    """The issue that somebody followed, without them."""

    issue_id = an_issue_id("The issue; of a duplicate, the first one.")
    tracking_code = a_tracking_code()
    joined = a_count("How many others say \"me too\" now.", 3)


class JoinedSchema(LeftSchema):
    """The issue that somebody follows now."""

    secret = a_text("With it, as `Issue-Secret`, one can leave. Given here alone, kept by nobody.", "abcd-efgh-ijkl-mnop")


class MessageShownSchema(Shown):
    """What somebody wrote on an issue."""

    id = a_text("The message's id.", "7f6d1c52-3a0c-5a3e-9a9c-000000000001:0d9d6a51-3f3e-5c79-9a67-0d6b8a8d5a11")
    number = a_count("The how many-th it is on this issue.", 1, least=1)
    at = a_moment("When it was written.")
    by = one_of(WRITERS, "As what its writer took part.", "filer")
    agency = a_code("Which agency wrote, where one did.", "karaj-municipality", null=True)
    to = one_of(AUDIENCES, "Who may read it: everybody, or the parties.", "parties")
    text = a_text("What was written, tidied.", "شمارهٔ تیر ۱۲ است")


SimilarSchema = listing("SimilarSchema", SimilarIssueSchema)
MessagesPageSchema = page("MessagesPageSchema", MessageShownSchema)
SimilarQuery = asking("SimilarQuery", SIMILAR, {
    "category": a_text("What it is about; its code.", "street-lighting"),
    "lon": said(fields.Float, "Longitude, with `lat`, or a neighbourhood.", 50.9649,
                validate=validate.Range(-180, 180)),
    "lat": said(fields.Float, "Latitude, with `lon`.", 35.8355, validate=validate.Range(-90, 90)),
    "neighbourhood": a_text("Where it is, instead of a point; its code.", "karaj-mehrvilla"),
    "text": a_text("What somebody is about to write; the beginning is enough.", "چراغ کوچه خاموش",
                   validate=validate.Length(max=LONGEST))},
    ["category"])
MessagesQuery = asking("MessagesQuery", MESSAGES, PAGING)
