"""What is answered about people, and about who read of them."""
from typing import Any

from marshmallow import fields, validate

from chassis.shown import Shown, a_count, a_day, a_moment, a_text, many, one_of, page
from services.registry.contacts import KINDS
from services.registry.meaning import Worded, means


def an_id(says: str = "The person's id, which is no secret and stays for good.", **more: Any) -> fields.UUID:
    return fields.UUID(required=True, **means(says, "3f0f6a3e-8f44-4b57-9a64-0c4a7c9d2a10"), **more)


class PersonId(Shown):
    id = an_id()


class Erased(PersonId):
    erased = fields.Boolean(required=True, validate=validate.Equal(True), **means("Nothing personal of them is left."))


class HeldCertificate(Shown):
    name = a_text("Of which training.", "کمک‌های اولیه")
    given = a_day("The first day on which it counts.")
    expires = a_day("The first day on which it counts no more; null: it does not end.", "2028-03-20", null=True)


class NamedPerson(PersonId):
    name_fa = a_text("The name in Persian.", "زهرا احمدی")
    name_en = a_text("The name in Latin letters; null where none is known.", "Zahra Ahmadi", null=True)


class KnownPerson(NamedPerson):
    """A person without their address, which leaves the platform only where something is sent to it."""

    version = a_count("How often it was changed; the ETag begins with it.", 3, least=1)
    certificates = many(HeldCertificate, "Certificates of trainings.")


class FoundPeople(Shown):
    items = many(NamedPerson, "By id.")
    next_cursor = an_id("Ask with it as `cursor` to go on; null: all are read. A page may be empty while it is there.",
                        allow_none=True)


class ContactRead(Worded, Shown):
    """Somebody was given or shown what is personal of an agency or a person, or whose names a team has."""

    kind = one_of(KINDS, "What it is about.", "person")
    code = a_text("Code of the agency or the territory, id of the person.", "3f0f6a3e-8f44-4b57-9a64-0c4a7c9d2a10")
    via = a_text("The seat or the team by which a person was meant.", "seat:karaj-eslamabad-manager", null=True)
    asked_by = a_text("Who asked: role, of which place, and by which account or key.",
                      "secretary:alborz person:3f0f6a3e-8f44-4b57-9a64-0c4a7c9d2a10")
    why = a_text("The reason that was given; null of who was erased since.", "دعوت به نشست شورا", null=True)
    at = a_moment("When it was asked.")


ContactReads = page("ContactReadPage", ContactRead)
