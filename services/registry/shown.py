"""What the registers answer, for the API's description and the tests: each made of what may be said in that register.

Answers do not go through these schemas; the tests hold real answers against them.
"""
from copy import deepcopy
from functools import cache
from typing import Any

from marshmallow import Schema, fields, missing

from chassis.shown import Shape, Shown, a_count, a_day, a_moment, a_text, many, page
from services.registry.meaning import Worded, means
from services.registry.registers import REGISTERS
from services.registry.schemas import code, one_of
from services.registry.seats.terms import HOWS
from services.registry.values import Polygon

Field = fields.Field[Any]
ONE = {"territories": "Territory", "boundaries": "Boundary", "headquarters": "Headquarters", "agencies": "Agency",
       "committees": "Committee", "categories": "Category", "rules": "Rule", "calendars": "Calendar", "seats": "Seat"}


class Told(Shown, Worded):
    """An answer in the words of the registers."""


def always(field: Field) -> Field:
    """The same field as it is in an answer: there, with all that lies in it."""
    found = deepcopy(field)
    found.required, found.load_default = True, missing
    if isinstance(found, fields.List):
        found.inner = always(found.inner)
    if isinstance(found, fields.Nested):
        found.nested = part(type(found.schema))
    return found


@cache
def part(schema: type[Schema]) -> Shape:
    return told(schema, f"{schema.__name__.removesuffix('Schema')}Told")


def told(schema: type[Schema], name: str, first: dict[str, Field] | None = None, last: dict[str, Field] | None = None,
         without: tuple[str, ...] = ()) -> Shape:
    """An answer of that name, made of what such a schema takes, with fields before and after it."""
    kept = {each: always(field) for each, field in vars(schema)["_declared_fields"].items() if each not in without}
    return type(name, (Told,), {**(first or {}), **kept, **(last or {})})


def a_path() -> Field:
    return fields.List(code(), required=True)


MORE: dict[str, dict[str, Field]] = {  # what follows from other records, or comes by another door
    "territories": {"path": a_path(), "became": fields.List(code())}, "categories": {"path": a_path()},
    "seats": {"person": fields.UUID(allow_none=True, **means("Who sits there; null: nobody. Shown to who may read people.")),
              "how": one_of(*HOWS, allow_none=True), "appointed_by": fields.String(allow_none=True)}}


def days(end: str = "The first day on which it holds no more; null: no end is known.") -> dict[str, Field]:
    return {"valid_from": a_day("The first day on which it holds."), "valid_to": a_day(end, null=True)}


def record(register: str, name: str, first: dict[str, Field], **more: Field) -> Shape:
    return told(type(REGISTERS[register].schema), name, first, MORE.get(register, {}) | more)


def a_code() -> dict[str, Field]:
    return {"code": code(required=True)}


def a_version() -> dict[str, Field]:
    return {"version": a_count("How often it was changed; the ETag begins with it.", 3, least=1)}


ITEMS = {register: record(register, name, a_code()) for register, name in ONE.items()}
PAGES = {register: page(f"{name}Page", ITEMS[register]) for register, name in ONE.items()}
DATED = {register: record(register, f"{name}OnADay", a_code() | a_version() | days()) for register, name in ONE.items()}
VALUES = {register: record(register, f"{name}Values", {}) for register, name in ONE.items()}


def history(register: str, name: str) -> Shape:
    """Every edit of a record, and the periods that they make."""
    values = VALUES[register]
    edit = type(f"{name}Edit", (Shown,), {
        **days("The first day on which it holds no more; null: for good."),
        "values": fields.Nested(values, required=True, allow_none=True, **means("What holds then; null: the record ends.")),
        "at": a_moment("When it was entered."), "by": a_text("Who entered it: role and of which place.", "secretary:alborz"),
        "account": a_text("Which account or key; null of what came otherwise.", "key:0123456789abcdef", null=True),
        "reason": a_text("Why, as it was entered.", "مصوبهٔ شورا", null=True),
        "change_set": a_text("The set of edits that came into force with it, by one write.", null=True)})
    period = type(f"{name}Period", (Shown,), {
        **days(), "values": fields.Nested(values, required=True, **means("What holds then."))})
    return type(f"{name}History", (Told,), {
        **a_code(), **a_version(), "edits": many(edit, "As they were entered, oldest first."),
        "periods": many(period, "When which values hold: in order, without overlap.")})


HISTORIES = {register: history(register, name) for register, name in ONE.items()}
CALENDAR_OF = type("CalendarOfAPlace", (Shown,), {
    "territory": code(required=True, **means("Code of the place.", "karaj-eslamabad")),
    "as_of": a_day("The day that is meant."),
    "calendar": fields.Nested(ITEMS["calendars"], required=True, allow_none=True, **means("`code` says whose it is."))})
NEIGHBOURHOOD = record("territories", "Neighbourhood", a_code(), polygon=Polygon(required=True, allow_none=True))
NEIGHBOURHOODS = page("NeighbourhoodPage", NEIGHBOURHOOD)
