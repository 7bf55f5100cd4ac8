"""What may come in to `issues`, and what goes out of it."""
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from chassis.validation import Words
from contracts.schema import Instant, instant
from services.issues.codes import spoken
from services.issues.documents import moment, task_json

CODE = validate.Regexp(r"^[a-z0-9]+(-[a-z0-9]+)*$")
PHONE = validate.Regexp(r"^[+]?[0-9۰-۹٠-٩ -]{5,20}$")


class Strict(Schema):
    class Meta:
        unknown = RAISE


class PointSchema(Strict):
    """WGS 84, degrees."""

    lon = fields.Float(required=True, validate=validate.Range(-180, 180))
    lat = fields.Float(required=True, validate=validate.Range(-90, 90))


class ContactSchema(Strict):
    """Kept with the issue, given to nobody but who must tell the filer something."""

    name = fields.String(validate=validate.Length(max=100))
    email = fields.Email(validate=validate.Length(max=200))
    phone = fields.String(validate=PHONE)


class AskedAnswer(fields.Raw):
    """What a rule may ask for: a text, a number, true or false."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, str | int | float | bool) or len(str(value)) > 1000:
            raise ValidationError("An answer is a text, a number, true or false.")
        return value


class Answers(fields.Dict):
    """By the codes of questions. What each may be answered with, the category's questions say (`questions.check`)."""

    def __init__(self) -> None:
        super().__init__(fields.String(), fields.Raw(allow_none=True), allow_none=True, validate=validate.Length(max=30))


class FilingSchema(Strict):
    category = fields.String(required=True, validate=validate.Length(1, 60))
    text = Words(required=True, validate=validate.Length(1, 4000))
    title = Words(validate=validate.Length(1, 200), allow_none=True)
    point = fields.Nested(PointSchema, allow_none=True)
    neighbourhood = fields.String(validate=validate.Length(1, 60), allow_none=True)
    contact = fields.Nested(ContactSchema, allow_none=True)
    on_behalf_of = fields.Nested(ContactSchema, allow_none=True)
    answers = Answers()

    @validates_schema
    def somewhere(self, filing: dict[str, Any], **kwargs: Any) -> None:
        if not filing.get("point") and not filing.get("neighbourhood"):
            raise ValidationError("Give a point or a neighbourhood.", "neighbourhood")


class UnsavedRuleSchema(Strict):
    """A routing rule that is only asked about, as the registry would take it."""

    code = fields.String(required=True, validate=[CODE, validate.Length(1, 60)])
    category = fields.String(required=True, validate=validate.Length(1, 60))
    territory = fields.String(required=True, validate=validate.Length(1, 60))
    agency = fields.String(required=True, validate=validate.Length(1, 60))
    priority = fields.Integer(required=True, strict=True, validate=validate.Range(0, 10_000))
    others = fields.List(fields.String(validate=validate.Length(1, 60)), load_default=list, validate=validate.Length(max=20))
    committee = fields.String(validate=validate.Length(1, 60), allow_none=True, load_default=None)
    answers = fields.Dict(fields.String(), fields.List(AskedAnswer(), validate=validate.Length(1, 50)), load_default=dict,
                          validate=validate.Length(max=10))
    sample = fields.Boolean()


class TryRoutingSchema(Strict):
    """`rules` are not saved yet; one of the same code as a saved rule stands in its place."""

    category = fields.String(required=True, validate=validate.Length(1, 60))
    point = fields.Nested(PointSchema, allow_none=True)
    neighbourhood = fields.String(validate=validate.Length(1, 60), allow_none=True)
    answers = Answers()
    rules = fields.List(fields.Nested(UnsavedRuleSchema), load_default=list, validate=validate.Length(max=50))
    somewhere = FilingSchema.somewhere


class ConfirmSchema(Strict):
    satisfaction = fields.Integer(required=True, strict=True, validate=validate.Range(1, 5))
    words = Words(validate=validate.Length(1, 2000), allow_none=True)


class ReasonSchema(Strict):
    reason = Words(validate=validate.Length(1, 2000), allow_none=True, load_default=None)


class AssignSchema(ReasonSchema):
    """`part`: what of the issue is this agency's; `binding`: the headquarters decides a disputed issue."""

    agency = fields.String(required=True, validate=validate.Length(1, 60))
    part = Words(validate=validate.Length(1, 2000), allow_none=True, load_default=None)
    binding = fields.Boolean(load_default=False)


class PrioritySchema(ReasonSchema):
    priority = fields.String(required=True, validate=validate.Length(1, 20))


class MoveSchema(ReasonSchema):
    """What may be said with a move of a task; which of it is needed, the task table knows. `until` is RFC 3339."""

    text = Words(validate=validate.Length(1, 4000), allow_none=True, load_default=None)
    agency = fields.String(validate=validate.Length(1, 60), allow_none=True, load_default=None)
    for_whom = fields.String(validate=validate.Length(1, 20), allow_none=True, load_default=None)
    until = Instant(allow_none=True, load_default=None)
    photograph = fields.String(validate=validate.And(validate.Length(1, 500), validate.URL(schemes={"https"})),
                               allow_none=True, load_default=None)


LISTED = dict.fromkeys((
    "tracking_code", "status", "category", "category_name", "shown", "neighbourhood", "neighbourhood_name", "point",
    "filed_at", "updated_at", "version", "tasks", "satisfaction", "closed_at", "closed_by", "confidential", "answers",
    "joined", "priority", "dispute", "duplicate_of", "times_referred", "times_not_fixed", "times_reopened", "checked_by"), 1)
AS_IS = ("status", "category", "category_name", "neighbourhood", "neighbourhood_name", "point", "version",
         "satisfaction", "closed_by")
SINCE = {"joined": 0, "priority": "normal", "duplicate_of": None, "times_referred": 0, "times_reopened": 0,
         "checked_by": None}  # what issues of before do not have


def issue_json(found: dict[str, Any]) -> dict[str, Any]:
    """A stored issue as everybody may read it: words tidied, times UTC, no contact. Not for confidential ones."""
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


def desk_json(found: dict[str, Any]) -> dict[str, Any]:
    """As a secretary or the neighbourhood's manager reads it: with its story, and what its agencies ask for and why."""
    return own_issue_json(found) | {"tasks": [task_json(task) | desk(task) for task in found["tasks"]]}


def own_issue_json(found: dict[str, Any]) -> dict[str, Any]:
    """As its filer reads it: as typed, with the whole story."""
    story = [{**moved, "at": instant(moved["at"])} for moved in found["timeline"]]
    return issue_json(found) | {"text": found["text"], "title": found["title"], "confidential": found["confidential"],
                                "timeline": story}


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
    return {**{name: task.get(name) for name in
               ("text", "reason", "lead", "part", "binding", "referred_to", "for_whom", "photograph")},
            "review_at": moment(task.get("review_at")), "request": _request(task.get("request"))}


def _request(request: dict[str, Any] | None) -> dict[str, Any] | None:
    """What the agency asks the secretary for."""
    return request and {"what": request["what"], "reason": request["reason"], "until": moment(request["until"])}


def whose(found: dict[str, Any], task: dict[str, Any]) -> dict[str, Any]:
    return {"issue_id": found["_id"], "confidential": found["confidential"],
            "links": {"self": f"/v1/agencies/{task['agency']}/tasks/{task['id']}"}}
