"""What is answered of a team: which seats are wanted, held and empty; and for staff, who holds them."""
from marshmallow import fields, validate

from chassis.shown import a_count, a_day, a_text, many, page, yes_no
from services.registry import schemas
from services.registry.meaning import means
from services.registry.places.shown import Place
from services.registry.schemas import KINDS, ROLES, one_of
from services.registry.seats.terms import HOWS
from services.registry.shown import Told

STATES = ("expired", "expiring")  # of a certificate: people.training


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
