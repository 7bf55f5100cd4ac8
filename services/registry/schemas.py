"""What a record of each register may say, from whatever door it comes: the API, a file or the sample."""
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from chassis.validation import Flag, Whole, Words
from services.registry.meaning import Worded, means
from services.registry.values import TEXT, Answer, Answers, Day, Polygon, either, given, rule

CODE = validate.And(validate.Regexp(r"^[a-z0-9]+(-[a-z0-9]+)*\Z"), validate.Length(max=60))
TIME = validate.Regexp(r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z|^24:00\Z", error="Write a time of day like 08:30.")
KINDS = {"province": 0, "county": 1, "district": 2, "city": 3, "rural_district": 3, "region": 4, "village": 4,
         "neighbourhood": 5, "zone": 6, "alley": 7}  # with their rank: a place lies below one of a lower rank
LEVELS = ("province", "county", "city", "region")
ROLES = ("neighbourhood_manager", "alley_mayor", "women_helper", "reporter", "secretary", "clerk", "head", "case_worker",
         "editor", "operator")
CHECKERS = ("neighbourhood_manager", "reporter")  # who may be asked to look whether it is really fixed
PRIORITIES = ("urgent", "high", "normal", "low")
STEPS = ("neighbourhood_manager", "agency_head", "county_headquarters", "committee", "province_headquarters", "next_meeting")


class Strict(Worded):
    class Meta:
        unknown = RAISE


def code(**more: Any) -> fields.String:
    return fields.String(validate=CODE, **more)


def optional_code() -> fields.String:
    return code(allow_none=True, load_default=None)


def name() -> Words:
    return Words(required=True, validate=validate.Length(1, 200))


def one_of(*choices: str, **more: Any) -> fields.String:
    return fields.String(validate=validate.OneOf(choices), **more)


def several(schema: type[Schema], most: int) -> fields.List[Any]:
    return fields.List(fields.Nested(schema), load_default=list, validate=validate.Length(max=most))


def codes(most: int) -> fields.List[Any]:
    return fields.List(code(), load_default=list, validate=validate.Length(max=most))


class Marked(Strict):
    """`sample`: made up for trying things out."""

    sample = Flag(load_default=False)


class Named(Marked):
    name_fa = name()
    name_en = name()


class TerritorySchema(Named):
    """`target`: one of the neighbourhoods that the headquarters works for; its dates are those of the edit."""

    kind = one_of(*KINDS, required=True)
    parent = optional_code()
    target = Flag(load_default=False)
    contested_with = optional_code()
    supporting_agency = optional_code()
    described = either(given(kind={"const": "province"}), given(parent=TEXT))

    @validates_schema
    def has_a_parent(self, place: dict[str, Any], **kwargs: Any) -> None:
        if place.get("kind") != "province" and not place.get("parent"):
            raise ValidationError("Name the place above it (parent).", "parent")


class BoundarySchema(Marked):
    polygon = Polygon(required=True)


class HeadquartersSchema(Named):
    level = one_of("province", "county", "region", required=True)
    territory = code(required=True)
    parent = optional_code()


ORDER = "It must close after it opens."


class OfficeHoursSchema(Strict):
    weekday = Whole(required=True, validate=validate.Range(1, 7))
    opens = fields.String(required=True, validate=TIME)
    closes = fields.String(required=True, validate=TIME)
    valid_from = Day(allow_none=True, load_default=None)
    valid_to = Day(allow_none=True, load_default=None)
    described = rule(ORDER)

    @validates_schema
    def in_order(self, row: dict[str, Any], **kwargs: Any) -> None:
        if row.get("opens", "") >= row.get("closes", "99"):
            raise ValidationError(ORDER, "closes")


class AgencySchema(Named):
    level = one_of(*LEVELS, required=True)
    territory = code(required=True)
    channel = one_of("queue", "pull", "email", required=True)
    parent = optional_code()
    committee = optional_code()
    office_hours = several(OfficeHoursSchema, 50)


class NewAgencySchema(AgencySchema):
    """An agency as it is registered: with its code, and an address where it reads e-mail."""

    code = code(required=True)
    email = fields.Email(allow_none=True, validate=validate.Length(max=200))
    described = either(given(channel={"enum": ["queue", "pull"]}), given(email=TEXT))

    @validates_schema
    def is_reachable(self, agency: dict[str, Any], **kwargs: Any) -> None:
        if agency.get("channel") == "email" and not agency.get("email"):
            raise ValidationError("An agency that reads e-mail needs an address.", "email")


class CommitteeSchema(Named):
    subject = Words(required=True, validate=validate.Length(1, 500))
    members = codes(200)
    headquarters = optional_code()


class OptionSchema(Strict):
    code = code(required=True, **means("What is answered by it.", "street"))
    name_fa = name()
    name_en = name()


CHOICES = ("one", "many")  # types of questions that choose of options


class QuestionSchema(OptionSchema):
    type = one_of("text", "number", "date", "yes_no", *CHOICES, required=True)
    required = Flag(load_default=False)
    options = several(OptionSchema, 100)
    described = either(given(type={"enum": list(CHOICES)}, options={"minItems": 1}),
                       {"properties": {"type": {"not": {"enum": list(CHOICES)}}, "options": {"maxItems": 0}}})

    @validates_schema
    def has_options(self, question: dict[str, Any], **kwargs: Any) -> None:
        if (question.get("type") in CHOICES) != bool(question.get("options")):
            raise ValidationError("Options are for the types one and many, which need them.", "options")


HOURS = validate.Range(1, 100_000)
WORKING_DAYS = validate.Range(1, 365)


def working_days() -> Whole:
    """Where given, they count instead of the hours."""
    return Whole(validate=WORKING_DAYS, allow_none=True, load_default=None)


class AllowanceSchema(Strict):
    accept_hours = Whole(required=True, validate=HOURS)
    finish_hours = Whole(required=True, validate=HOURS)
    accept_days = working_days()
    finish_days = working_days()
    level = one_of(*LEVELS, allow_none=True, load_default=None)
    priority = one_of(*PRIORITIES, allow_none=True, load_default=None)


class StepSchema(Strict):
    after_hours = Whole(required=True, validate=validate.Range(0, 10_000))
    to = one_of(*STEPS, required=True)


class CategorySchema(Named):
    parent = optional_code()
    confidential = Flag(load_default=False)
    accept_hours = Whole(required=True, validate=HOURS)
    finish_hours = Whole(required=True, validate=HOURS)
    accept_days = working_days()
    finish_days = working_days()
    allowances = several(AllowanceSchema, 50)
    questions = several(QuestionSchema, 30)
    photograph = Flag(load_default=False)
    ladder = several(StepSchema, 20)
    silence_days = Whole(validate=validate.Range(1, 365), load_default=14)
    reopen_days = Whole(validate=validate.Range(0, 365), load_default=30)
    checked_by = one_of(*CHECKERS, allow_none=True, load_default=None)


class RuleSchema(Marked):
    """`answers`: question → the answers of which one must have been given."""

    category = code(required=True)
    territory = code(required=True)
    agency = code(required=True, **means("Code of the agency that leads.", "alborz-electricity"))
    priority = Whole(required=True, validate=validate.Range(0, 10_000),
                     **means("Of the rules that fit, the lowest wins.", 100))
    others = codes(20)
    committee = optional_code()
    answers = Answers(code(), fields.List(Answer(), validate=validate.Length(1, 50)), load_default=dict,
                      validate=validate.Length(max=10))


PLACES = ("territory", "agency", "committee", "headquarters")


class SeatSchema(Marked):
    """Where a seat is: exactly one of territory, agency, committee, headquarters. Who sits there comes by appointment."""

    role = one_of(*ROLES, required=True)
    territory = optional_code()
    agency = optional_code()
    committee = optional_code()
    headquarters = optional_code()
    described = either(*(given(**{place: TEXT}, nothing=[other for other in PLACES if other != place]) for place in PLACES))

    @validates_schema
    def is_somewhere(self, seat: dict[str, Any], **kwargs: Any) -> None:
        if sum(bool(seat.get(place)) for place in PLACES) != 1:
            raise ValidationError("Name one place: territory, agency, committee or headquarters.", "territory")


class RecordEndSchema(Strict):
    """From which day on it is over, and why."""

    valid_from = Day(**means("The first day on which it is over; today where it is not said.", "2026-03-21"))
    reason = Words(validate=validate.Length(1, 1000), allow_none=True)


class TermSchema(Strict):
    """From which day until before which, and why."""

    valid_from = Day()
    valid_to = Day()
    reason = Words(validate=validate.Length(1, 1000), allow_none=True)
