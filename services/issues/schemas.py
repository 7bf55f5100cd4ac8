"""What may come in to `issues`, and what goes out of it."""
from collections.abc import Sequence
from typing import Any, ClassVar

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from chassis.shown import about
from chassis.validation import Flag, Number, Whole, Words
from contracts.schema import Instant, instant
from services.issues.codes import spoken
from services.issues.documents import moment, task_json
from services.issues.life.moves import FOR_WHOM, PRIORITIES

CODE = validate.Regexp(r"^[a-z0-9]+(-[a-z0-9]+)*\Z")
PHONE = validate.Regexp(r"^[+]?[0-9۰-۹٠-٩ -]{5,20}\Z", error="Write a telephone number in digits.")
HTTPS = validate.Regexp(r"^https://[A-Za-z0-9.-]+(:[0-9]{1,5})?([/?#][^\x00-\x20\x7f]*)?\Z", error="Write an https address.")


class Strict(Schema):
    class Meta:
        unknown = RAISE


class NothingSchema(Strict):
    """Nothing needs to be said: an empty object."""


class PointSchema(Strict):
    """WGS 84, degrees."""

    lon = Number(required=True, validate=validate.Range(-180, 180), metadata=about("Longitude.", 50.9649))
    lat = Number(required=True, validate=validate.Range(-90, 90), metadata=about("Latitude.", 35.8355))


class ContactSchema(Strict):
    """Kept with the issue, given to nobody but who must tell the filer something."""

    name = fields.String(validate=validate.Length(max=100), metadata=about("What one is called.", "زهرا احمدی"))
    email = fields.Email(validate=validate.Length(max=200), metadata=about("Where letters go.", "zahra@example.org"))
    phone = fields.String(validate=PHONE, metadata=about("With any digits.", "۰۹۱۲ ۱۱۱ ۲۲۳۳"))


class AskedAnswer(fields.Raw):
    """What a rule may ask for: a text, a number, true or false."""

    described: ClassVar[dict[str, Any]] = {"type": ["string", "number", "boolean"]}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, str | int | float | bool) or len(str(value)) > 1000:
            raise ValidationError("An answer is a text, a number, true or false.")
        return value


class GivenAnswer(fields.Raw):
    """A text, a number, a day, yes or no, or the codes of options."""

    described: ClassVar[dict[str, Any]] = {"type": ["string", "number", "boolean", "array"], "items": {"type": "string"}}


class Answers(fields.Dict):
    """By the codes of questions. What each may be answered with, the category's questions say (`questions.check`)."""

    def __init__(self) -> None:
        super().__init__(fields.String(), GivenAnswer(allow_none=True), allow_none=True, validate=validate.Length(max=30),
                         metadata=about("What the category asks besides, by its questions' codes.", {"pole": "۱۲"}))


def code_of(what: str, example: str, known: Sequence[str | None] = (), most: int = 60, **options: Any) -> fields.String:
    """A code that is looked up: whether it is `known`, the domain says, with a code and a sentence of its own."""
    metadata = about(what, example, **({"enum": [*known]} if known else {}))
    return fields.String(validate=validate.Length(1, most), metadata=metadata, **options)


def words_of(what: str, example: str, most: int = 2000, **options: Any) -> Words:
    return Words(validate=validate.Length(1, most), metadata=about(what, example), **options)


MAY_LACK: dict[str, Any] = {"allow_none": True, "load_default": None}
NEIGHBOURHOOD = code_of("Where it is, where no point is given; /v1/neighbourhoods lists them.", "karaj-mehrvilla",
                        allow_none=True)
POINT = fields.Nested(PointSchema, allow_none=True, metadata=about("Where exactly; the neighbourhood follows from it."))
SOMEWHERE = {"allOf": [{"anyOf": [  # an `allOf`, or generators of clients take them for bodies that may be sent instead
    {"required": ["point"], "properties": {"point": {"type": "object", "additionalProperties": True}}},
    {"required": ["neighbourhood"], "properties": {"neighbourhood": {"type": "string"}}}]}]}


class FilingSchema(Strict):
    """An issue to be filed. A point or a neighbourhood is needed."""

    described: ClassVar[dict[str, Any]] = SOMEWHERE
    category = code_of("What it is about; /v1/categories lists them.", "street-lighting", required=True)
    text = words_of("What is wrong, in one's own words.", "چراغ کوچهٔ سوم از دیشب خاموش است", 4000, required=True)
    title = words_of("In short.", "چراغ خاموش", 200, allow_none=True)
    point = POINT
    neighbourhood = NEIGHBOURHOOD
    contact = fields.Nested(ContactSchema, allow_none=True, metadata=about("Where the filer is told what becomes of it."))
    on_behalf_of = fields.Nested(ContactSchema, allow_none=True, metadata=about("The neighbour for whom somebody files."))
    answers = Answers()

    @validates_schema
    def somewhere(self, filing: dict[str, Any], **kwargs: Any) -> None:
        if not filing.get("point") and not filing.get("neighbourhood"):
            raise ValidationError("Give a point or a neighbourhood.", "neighbourhood")


class UnsavedRuleSchema(Strict):
    """A routing rule that is only asked about, as the registry would take it."""

    code = fields.String(required=True, validate=[CODE, validate.Length(1, 60)], metadata=about("Its code.", "r-lamps"))
    category = code_of("For issues of this category and below it.", "street-lighting", required=True)
    territory = code_of("That lie here.", "karaj", required=True)
    agency = code_of("It names this agency.", "karaj-municipality", required=True)
    priority = Whole(required=True, validate=validate.Range(0, 10_000),
                     metadata=about("The lowest is asked first.", 10))
    others = fields.List(fields.String(validate=validate.Length(1, 60)), load_default=list, validate=validate.Length(max=20),
                         metadata=about("Agencies that get a part besides.", ["karaj-municipality"]))
    committee = code_of("The committee that watches over it.", "urban-services", **MAY_LACK)
    answers = fields.Dict(fields.String(), fields.List(AskedAnswer(), validate=validate.Length(1, 50)), load_default=dict,
                          validate=validate.Length(max=10), metadata=about(
                              "It fits only where these questions are answered with one of these.", {"dark": [True]}))
    sample = Flag(metadata=about("Whether it is made up for trying things out."))


class TryRoutingSchema(Strict):
    """`rules` are not saved yet; one of the same code as a saved rule stands in its place."""

    described: ClassVar[dict[str, Any]] = SOMEWHERE
    category = code_of("What it would be about.", "street-lighting", required=True)
    point = POINT
    neighbourhood = NEIGHBOURHOOD
    answers = Answers()
    rules = fields.List(fields.Nested(UnsavedRuleSchema), load_default=list, validate=validate.Length(max=50),
                        metadata=about("Rules that are tried besides the saved ones."))
    somewhere = FilingSchema.somewhere


class ConfirmSchema(Strict):
    """The word that it is fixed: the filer's with their satisfaction, the manager's without."""

    satisfaction = Whole(validate=validate.Range(1, 5), **MAY_LACK, metadata=about(
        "How satisfied the filer is, 5 is most; the filer's to say, and needed then.", 5))
    words = words_of("What the filer wants to say besides.", "ممنون، درست شد", **MAY_LACK)


class ReasonSchema(Strict):
    """Something for which a reason may be given; for some it must be (`reason_needed`)."""

    reason = words_of("Why.", "پس از باران دوباره خاموش شد", **MAY_LACK)


class AssignSchema(ReasonSchema):
    """Whom an issue, or a part of it, is offered to."""

    agency = code_of("Whom it is offered to.", "karaj-municipality", required=True)
    part = words_of("What of the issue is this agency's; the whole where nothing is said.", "جدول را تعمیر کنید", **MAY_LACK)
    binding = Flag(load_default=False, metadata=about("The headquarters decides a disputed issue by it; needs a reason."))


class PrioritySchema(ReasonSchema):
    """Another priority. It needs a reason."""

    priority = code_of("The priority it has from now on.", "high", PRIORITIES, 20, required=True)


class MoveSchema(ReasonSchema):
    """What may be said with a move of a task; which of it is needed, the task table knows. `until` is RFC 3339."""

    text = words_of("What was done.", "لامپ عوض شد", 4000, **MAY_LACK)
    agency = code_of("Whom it is referred to.", "karaj-municipality", **MAY_LACK)
    for_whom = code_of("Whom it waits for.", "filer", (*FOR_WHOM, None), 20, **MAY_LACK)
    until = Instant(metadata=about("Until when, with the offset.", "2026-12-20T08:00:00+03:30"), **MAY_LACK)
    photograph = fields.String(validate=[validate.Length(1, 500), HTTPS],
                               metadata=about("Where the photograph of the work is.", "https://example.org/after.jpg"),
                               **MAY_LACK)


LISTED = dict.fromkeys((
    "tracking_code", "status", "category", "category_name", "shown", "neighbourhood", "neighbourhood_name", "point",
    "filed_at", "updated_at", "version", "tasks", "satisfaction", "closed_at", "closed_by", "confidential", "answers",
    "joined", "priority", "dispute", "duplicate_of", "times_referred", "times_not_fixed", "times_reopened", "checked_by"), 1)
AS_IS = ("status", "confidential", "category", "category_name", "neighbourhood", "neighbourhood_name", "point", "version",
         "satisfaction", "closed_by")
SINCE = {"joined": 0, "priority": "normal", "duplicate_of": None, "times_referred": 0, "times_reopened": 0,
         "checked_by": None}  # what issues of before do not have


def issue_json(found: dict[str, Any]) -> dict[str, Any]:
    """A stored issue as everybody may read it (`shown` says what that is): words tidied, times UTC, no contact.

    Of a confidential one only for those who may read all of it.
    """
    return {"id": found["_id"], "tracking_code": spoken(found["tracking_code"]),
            **{name: found[name] for name in AS_IS}, **found["shown"], "answers": found.get("answers", {}),
            **{name: found.get(name, default) for name, default in SINCE.items()},
            "times_not_fixed": found["times_not_fixed"], "headquarters": (found.get("dispute") or {}).get("headquarters"),
            "filed_at": instant(found["filed_at"]), "updated_at": instant(found["updated_at"]),
            "closed_at": moment(found["closed_at"]),
            "tasks": [task_json(task) | {"text": task["text"]} for task in found["tasks"]]}


def masked_json(found: dict[str, Any]) -> dict[str, Any]:
    """A confidential issue as its secretary reads it: enough to route it, nothing of what it is about."""
    return {"id": found["_id"], "confidential": True, "status": found["status"], "version": found["version"],
            "neighbourhood": found["neighbourhood"], "filed_at": instant(found["filed_at"]),
            "tasks": [task_json(task) for task in found["tasks"]]}


def desk_json(found: dict[str, Any], accounts: bool) -> dict[str, Any]:
    """As a secretary or the neighbourhood's manager reads it: with its story, and what its agencies ask for and why.
    `accounts`: with who it was in each office."""
    return own_issue_json(found, accounts) | {"tasks": [task_json(task) | desk(task) for task in found["tasks"]]}


def own_issue_json(found: dict[str, Any], accounts: bool = False) -> dict[str, Any]:
    """As its filer reads it: as typed, with the whole story."""
    hidden = () if accounts else ("account",)
    story = [{**{name: value for name, value in moved.items() if name not in hidden}, "at": instant(moved["at"])}
             for moved in found["timeline"]]
    return issue_json(found) | {"text": found["text"], "title": found["title"], "timeline": story}


def listed_task_json(found: dict[str, Any], task: dict[str, Any]) -> dict[str, Any]:
    """A task in its agency's list: whole, but of a confidential issue only where to look, as on the agency's queue."""
    if found["confidential"]:
        return task_json(task) | whose(found, task)
    return agency_task_json(found, task)


def agency_task_json(found: dict[str, Any], task: dict[str, Any]) -> dict[str, Any]:
    """A task as its agency reads it, with what it needs to start. The filer's contact is not in it."""
    shown = issue_json(found)
    return task_json(task) | whose(found, task) | desk(task) | {
        "issue": {k: v for k, v in shown.items() if k not in ("tasks", "satisfaction")}}


def desk(task: dict[str, Any]) -> dict[str, Any]:
    """What of a task only those read who work on it or keep order."""
    return {**{name: task.get(name) for name in ("text", "reason", "part", "referred_to", "for_whom", "photograph")},
            "binding": bool(task.get("binding")), "review_at": moment(task.get("review_at")),
            "request": _request(task.get("request"))}


def _request(request: dict[str, Any] | None) -> dict[str, Any] | None:
    """What the agency asks the secretary for."""
    return request and {"what": request["what"], "reason": request["reason"], "until": moment(request["until"])}


def whose(found: dict[str, Any], task: dict[str, Any]) -> dict[str, Any]:
    return {"issue_id": found["_id"], "confidential": found["confidential"],
            "links": {"self": f"/v1/agencies/{task['agency']}/tasks/{task['id']}"}}
