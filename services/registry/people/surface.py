"""People as HTTP, for secretaries and operators; and addresses, for who must send something."""
from typing import Any

from nameko.extensions import DependencyProvider

from chassis.caller import STAFF, demand
from chassis.http_server import Call, http
from chassis.ring import CONTACT_KEYS, Ring
from chassis.validation import load
from services.registry import contacts, use_cases
from services.registry.people import erasing
from services.registry.people import use_cases as people
from services.registry.people.schemas import CertificateSchema, PersonSchema, SearchSchema

PERSON = "/people/<person>"


class Keys(DependencyProvider):
    """Ends a process that could not read people's secrets when it starts, and not when somebody asks."""

    def setup(self) -> None:
        Ring.from_settings(CONTACT_KEYS)


class People:
    keys = Keys()

    @http("POST", "/people")
    def add_person(self, call: Call) -> tuple[int, dict[str, Any]]:
        by = demand(call.caller, *STAFF)
        return 201, people.add(load(PersonSchema(), call.json()), by.id, call.headers.get("Idempotency-Key", "")[:200])

    @http("POST", "/people/search")
    def search_people(self, call: Call) -> dict[str, Any]:
        by, asked = demand(call.caller, *STAFF), load(SearchSchema(), call.json())
        return people.search(**asked, asked_by=by.id)

    @http("GET", PERSON)
    def person(self, call: Call, person: str) -> dict[str, Any]:
        by = demand(call.caller, *STAFF)
        return people.look(person, by.id, call.query.get("why"))

    @http("PUT", PERSON)
    def change_person(self, call: Call, person: str) -> dict[str, Any]:
        by = demand(call.caller, *STAFF)
        return people.change(person, load(PersonSchema(), call.json()), by.id)

    @http("POST", f"{PERSON}/certificates")
    def certify(self, call: Call, person: str) -> tuple[int, dict[str, Any]]:
        by = demand(call.caller, *STAFF)
        return 201, people.certify(person, load(CertificateSchema(), call.json()), by.id)

    @http("POST", f"{PERSON}/erase", seconds=30)
    def erase(self, call: Call, person: str) -> dict[str, Any]:
        by = demand(call.caller, *STAFF)
        erasing.erase(person, by.id)
        return {"id": person, "erased": True}

    @http("GET", "/contacts/<kind>/<code>")
    def contact(self, call: Call, kind: str, code: str) -> dict[str, Any]:
        by = demand(call.caller, "service", *STAFF)
        return use_cases.contact(kind, code, by.id, call.query.get("why", ""))

    @http("GET", "/contact-reads")
    def contact_reads(self, call: Call) -> dict[str, Any]:
        demand(call.caller, *STAFF)
        return contacts.reads(call.query)
