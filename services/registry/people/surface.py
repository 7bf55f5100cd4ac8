"""People as HTTP, for secretaries and operators; and addresses, for who must send something."""
from typing import Any

from nameko.extensions import DependencyProvider

from chassis.caller import Caller
from chassis.clock import today
from chassis.http_server import Call, http
from chassis.ring import CONTACT_KEYS, Ring
from chassis.validation import load
from services.registry import contacts, reach, use_cases
from services.registry.model import Change
from services.registry.once import once
from services.registry.people import erasing, shown
from services.registry.people import use_cases as people
from services.registry.people.schemas import CertificateSchema, PersonSchema, ReadsQuery, SearchSchema, WhyQuery
from services.registry.queries import EmptySchema
from services.registry.seats import use_cases as seats

PERSON = "/people/<person>"


def demand_whole(call: Call, person: str) -> Caller:
    """The caller, if this person is theirs and sits nowhere that is not: who once held a seat of theirs may be somebody
    else's by now. Raises NotFound, NotAllowed."""
    by = reach.demand_person(call.caller, "people:write", person)
    held = [Change("seats", code, None, today()) for code in seats.held_from(person, today())]
    reach.demand_changes(by, "people:write", held)
    return by


class Keys(DependencyProvider):
    """Ends a process that could not read people's secrets when it starts, and not when somebody asks."""

    def setup(self) -> None:
        Ring.from_settings(CONTACT_KEYS)


class People:
    keys = Keys()

    @http("POST", "/people", "people:write", takes=PersonSchema, gives=shown.PersonId, status=201)
    @once
    def add_person(self, call: Call) -> tuple[int, dict[str, Any]]:
        """Enter a person. Their telephone and e-mail are kept apart, sealed, and never shown; answers the id.

        Refuses with invalid, and idempotency_key_reused for another body under the same key.
        """
        by = call.caller
        return 201, people.add(load(PersonSchema(), call.json()), by.id, call.headers.get("Idempotency-Key", "")[:200])

    @http("POST", "/people/search", "people:read", takes=SearchSchema, gives=shown.FoundPeople)
    def search_people(self, call: Call) -> dict[str, Any]:
        """Find people by the beginnings of the words of their names. A POST, so that no name stands in an address; that you
        were shown them is written down with the reason.

        Refuses with invalid.
        """
        by, asked = call.caller, load(SearchSchema(), call.json())
        return people.search(**asked, asked_by=by.who, among=lambda found: reach.theirs(by, "people:read", found))

    @http("GET", PERSON, "people:read", asks=WhyQuery, gives=shown.KnownPerson)
    def person(self, call: Call, person: str) -> dict[str, Any]:
        """One person's names and certificates. That you asked is written down with the reason.

        Refuses with reason_needed where `why` is missing or longer than 200 characters, and not_found.
        """
        by = reach.demand_person(call.caller, "people:read", person)
        return people.look(person, by.who, call.query.get("why"))

    @http("PUT", PERSON, "people:write", takes=PersonSchema, gives=shown.PersonId)
    @once
    def change_person(self, call: Call, person: str) -> dict[str, Any]:
        """Change a person's names, and those parts of their address that are sent. Null takes a part away; what is left out
        stays.

        Refuses with invalid and not_found.
        """
        by = demand_whole(call, person)
        return people.change(person, load(PersonSchema(), call.json()), by.id)

    @http("POST", f"{PERSON}/certificates", "people:write", takes=CertificateSchema, gives=shown.PersonId, status=201)
    @once
    def certify(self, call: Call, person: str) -> tuple[int, dict[str, Any]]:
        """Add a certificate of a training, once.

        Refuses with invalid, not_found, and too_many_certificates.
        """
        by = reach.demand_person(call.caller, "people:write", person)
        return 201, people.certify(person, load(CertificateSchema(), call.json()), by.id)

    @http("POST", f"{PERSON}/erase", "people:write", seconds=30, takes=EmptySchema, gives=shown.Erased)
    @once
    def erase(self, call: Call, person: str) -> dict[str, Any]:
        """Erase a person for good: names, address, account, keys and terms of seats. Every service forgets them; twice
        changes nothing.

        Refuses with not_found.
        """
        by = demand_whole(call, person)
        load(EmptySchema(), call.json())
        erasing.erase(person, by.id)
        return {"id": person, "erased": True}

    @http("GET", "/contacts/<kind>/<code>", "platform:serve")
    def contact(self, call: Call, kind: str, code: str) -> dict[str, Any]:
        by = call.caller
        return use_cases.contact(kind, code, by.who, call.query.get("why", ""))

    @http("GET", "/contact-reads", "people:audit", asks=ReadsQuery, gives=shown.ContactReads)
    def contact_reads(self, call: Call) -> dict[str, Any]:
        """Who was given or shown whose address or names, when and why, newest first. Kept for a year.

        Refuses with bad_limit and bad_cursor.
        """
        found = contacts.reads(call.query)
        return found | {"items": reach.told(call.caller, "people:audit", found["items"])}
