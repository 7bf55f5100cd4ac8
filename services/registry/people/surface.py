"""People as HTTP, for secretaries and operators; and addresses, for who must send something."""
from typing import Any

from nameko.extensions import DependencyProvider

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

    @http("POST", "/people", "people:write")
    def add_person(self, call: Call) -> tuple[int, dict[str, Any]]:
        by = call.caller
        return 201, people.add(load(PersonSchema(), call.json()), by.id, call.headers.get("Idempotency-Key", "")[:200])

    @http("POST", "/people/search", "people:read")
    def search_people(self, call: Call) -> dict[str, Any]:
        by, asked = call.caller, load(SearchSchema(), call.json())
        return people.search(**asked, asked_by=by.id)

    @http("GET", PERSON, "people:read")
    def person(self, call: Call, person: str) -> dict[str, Any]:
        by = call.caller
        return people.look(person, by.id, call.query.get("why"))

    @http("PUT", PERSON, "people:write")
    def change_person(self, call: Call, person: str) -> dict[str, Any]:
        by = call.caller
        return people.change(person, load(PersonSchema(), call.json()), by.id)

    @http("POST", f"{PERSON}/certificates", "people:write")
    def certify(self, call: Call, person: str) -> tuple[int, dict[str, Any]]:
        by = call.caller
        return 201, people.certify(person, load(CertificateSchema(), call.json()), by.id)

    @http("POST", f"{PERSON}/erase", "people:write", seconds=30)
    def erase(self, call: Call, person: str) -> dict[str, Any]:
        by = call.caller
        erasing.erase(person, by.id)
        return {"id": person, "erased": True}

    @http("GET", "/contacts/<kind>/<code>", "platform:serve")
    def contact(self, call: Call, kind: str, code: str) -> dict[str, Any]:
        by = call.caller
        return use_cases.contact(kind, code, by.id, call.query.get("why", ""))

    @http("GET", "/contact-reads", "people:audit")
    def contact_reads(self, call: Call) -> dict[str, Any]:
        return contacts.reads(call.query)
