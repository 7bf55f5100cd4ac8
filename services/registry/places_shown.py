"""What is answered about places: where a point lies, what reshaping did, whether a team is complete."""
from typing import Any

from marshmallow import fields, validate

from chassis.shown import Shown, a_count, a_day, a_number, a_text, many, page, yes_no
from services.registry import schemas
from services.registry.meaning import means
from services.registry.registers import REGISTERS
from services.registry.schemas import KINDS, ROLES, HeadquartersSchema, one_of
from services.registry.shown import Told, a_code, always, record
from services.registry.terms import HOWS

STATES = ("expired", "expiring")  # of a certificate: people.training


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


class EmptySeat(Told):
    role = one_of(*ROLES, required=True)
    seat = schemas.code(required=True, allow_none=True, **means("Its code; null: there is none.", "karaj-eslamabad-mayor"))
    territory = schemas.code(required=True)
    kind = one_of(*KINDS, required=True)
    name_fa = schemas.name()
    name_en = schemas.name()


class TeamPlace(Place):
    parent = schemas.code(required=True, allow_none=True)
    wanted = a_count("Seats that are wanted.", 3)
    held = a_count("Seats that somebody holds.", 2)


class Holder(Told):
    seat = schemas.code(required=True, **means("Code of the seat.", "karaj-eslamabad-manager"))
    role = one_of(*ROLES, required=True)
    territory = schemas.code(required=True)
    how = one_of(*HOWS, required=True, allow_none=True)
    person = fields.UUID(required=True)
    name_fa = a_text("Their name in Persian; null where they were erased.", "زهرا احمدی", null=True)
    name_en = a_text("Their name in Latin letters; null where none is known.", "Zahra Ahmadi", null=True)


class LapsingCertificate(Told):
    person = fields.UUID(required=True)
    name_fa = a_text("The person's name in Persian.", "زهرا احمدی")
    name_en = a_text("The person's name in Latin letters; null where none is known.", "Zahra Ahmadi", null=True)
    name = a_text("Of which training.", "کمک‌های اولیه")
    given = a_day("The first day on which it counts.")
    expires = a_day("The first day on which it counts no more.", "2028-03-20")
    state = one_of(*STATES, required=True, **means("Whether it counts no more already, or soon.", "expiring"))


class Team(Told):
    """Of a neighbourhood, a zone or an alley; `held_by` and `certificates` only for who may read people."""

    code = schemas.code(required=True)
    as_of = a_day("The day that is meant.")
    wanted = a_count("Seats that are wanted.", 3)
    held = a_count("Seats that somebody holds.", 2)
    empty = many(EmptySeat, "Seats that nobody holds.")
    places = many(TeamPlace, "The same for each place in it.")
    held_by = fields.List(fields.Nested(Holder), **means("Who sits where."))
    certificates = fields.List(fields.Nested(LapsingCertificate), **means("Certificates that count no more, or soon."))


class SummedTeam(Told):
    code = schemas.code(required=True)
    name_fa = schemas.name()
    name_en = schemas.name()
    target = yes_no("Whether the headquarters works for it in particular.")
    wanted = a_count("Seats that are wanted.", 3)
    held = a_count("Seats that somebody holds.", 2)
    empty = fields.Dict(one_of(*ROLES), fields.Integer(validate=validate.Range(1)), required=True, **means(
        "How many seats of each role nobody holds.", {"alley_mayor": 2}))


class TeamSummary(page("TeamPage", SummedTeam)):  # type: ignore[misc]
    """Of a place above neighbourhoods: its neighbourhoods, by code."""

    code = schemas.code(required=True, **means("Code of the place.", "karaj"))
    as_of = a_day("The day that is meant.")


TEAMS = (Team, TeamSummary)
