"""What is answered about places: where a point lies, and what reshaping did."""
from typing import Any

from marshmallow import fields

from chassis.shown import Shown, a_count, a_day, a_number, a_text, many, yes_no
from services.registry import schemas
from services.registry.meaning import means
from services.registry.registers import REGISTERS
from services.registry.schemas import KINDS, HeadquartersSchema, one_of
from services.registry.shown import Told, a_code, always, record


class Place(Told):
    code = schemas.code(required=True)
    kind = one_of(*KINDS, required=True)
    name_fa = schemas.name()
    name_en = schemas.name()


class NearestPlace(Place):
    distance = a_count("Metres to its boundary.", 140)


class DecidingHeadquarters(Told):
    """The headquarters above all who claim the place."""

    code = schemas.code(required=True)
    level = always(HeadquartersSchema().fields["level"])
    name_fa = schemas.name()
    name_en = schemas.name()
    territory = schemas.code(required=True)


class InBothLanguages(Shown):
    fa = a_text("In Persian.", "این نقطه بیرون از همهٔ محدوده‌های ثبت‌شده است.")
    en = a_text("In English.", "This point lies outside every boundary we know.")


def a_place(says: str) -> fields.Nested:
    return fields.Nested(Place, required=True, allow_none=True, **means(says))


class Located(Told):
    lat = a_number("Latitude of the point, as it was understood.", 35.83, least=-90, most=90)
    lon = a_number("Longitude of the point, as it was understood.", 50.95, least=-180, most=180)
    as_of = a_day("The day that is meant.")
    inside = yes_no("Whether any place holds the point.")
    territory = a_place("The deepest place that holds it.")
    path = many(Place, "That place and all above it, from the province down.")
    neighbourhood = a_place("The neighbourhood on the path.")
    contested = yes_no("Whether another claims the place.")
    also = many(Place, "Others of the same rank whose boundaries hold the point too.")
    contested_with = a_place("The other that claims the place.")
    decides = fields.Nested(DecidingHeadquarters, required=True, allow_none=True, **means("Who decides whose it is."))
    note = fields.Nested(InBothLanguages, required=True, allow_none=True, **means("What to do where no place holds it."))
    nearest = fields.Nested(NearestPlace, required=True, allow_none=True, **means(
        "Where no neighbourhood holds it, the nearest one, else the nearest place; null: none is near, or another day than "
        "today is meant."))


class LeftBehind(Shown):
    """A record that still names a territory which ended, to be changed by a secretary; or a boundary that is not known."""

    register = one_of(*REGISTERS, required=True, **means("In which register.", "rules"))
    code = schemas.code(required=True, **means("Its code.", "streets-karaj"))
    value = a_text("The value that names it.", "territory")


def the_codes(says: str, *example: str) -> fields.List[Any]:
    return fields.List(schemas.code(), required=True, **means(says, list(example)))


class Reshaped(Told):
    became = the_codes("What there is from that day on.", "karaj-eslamabad-new")
    ended = the_codes("What ended.", "karaj-eslamabad", "karaj-moradab")
    moved = the_codes("What lies right below and moved along.", "karaj-eslamabad-z3")
    day = a_day("From this day on.")
    left_behind = many(LeftBehind, "What still names a territory that ended, and boundaries that are not known.")


Revalued = record("territories", "TerritoryFromADay", a_code() | {"day": a_day("From this day on.")})
