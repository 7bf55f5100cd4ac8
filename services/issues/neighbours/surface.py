"""Several people on one issue, as HTTP: finding it before it is filed again, joining in, writing to each other, and the
secretary who puts together what tells of the same."""
from typing import Any

from marshmallow import fields

from chassis.clock import now
from chassis.http_server import Call, http
from chassis.validation import load
from services.issues.life.command import command_of, key_of
from services.issues.life.task import Actor
from services.issues.neighbours import following, messages
from services.issues.neighbours.duplicates import named
from services.issues.neighbours.following import Joining
from services.issues.neighbours.similar import similar
from services.issues.schemas import ContactSchema, Strict
from services.issues.use_cases import shown


class JoinSchema(Strict):
    contact = fields.Nested(ContactSchema, allow_none=True, load_default=None)


class Neighbours:
    issues: Any  # service.IssuesProvider, which imports this

    @http("GET", "/issues/similar", "issues:read")
    def similar(self, call: Call) -> dict[str, Any]:
        return similar(call.query, self.issues.atlas, now())

    @http("POST", "/issues/<ref>/join", "issues:join")
    def join(self, call: Call, ref: str) -> dict[str, Any]:
        by = call.caller
        contact = load(JoinSchema(), call.json())["contact"]
        joined: dict[str, Any] = self.issues.following.join(ref, Joining(by.id, key_of(call), contact or None), now())
        return joined

    @http("POST", "/issues/<ref>/leave", "issues:answer")
    def leave(self, call: Call, ref: str) -> dict[str, Any]:
        load(Strict(), call.json())
        left: dict[str, Any] = self.issues.following.leave(ref, call.headers.get("Issue-Secret"), now())
        return left

    @http("GET", "/issues/<ref>/contacts", "platform:serve")
    def contacts(self, call: Call, ref: str) -> dict[str, Any]:
        return following.contacts(named(ref)["_id"], call.query)

    @http("GET", "/issues/<ref>/contacts/<person>", "platform:serve")
    def contact_of(self, call: Call, ref: str, person: str) -> dict[str, Any]:
        return following.address_of(named(ref)["_id"], person)

    @http("POST", "/issues/<ref>/duplicate-of", "issues:decide")
    def duplicate_of(self, call: Call, ref: str) -> dict[str, Any]:
        by, body = call.caller, call.json()
        return shown(self.issues.marking.mark(
            ref, body, Actor("secretary", by.subject), command_of(call, "duplicate-of", body)))

    @http("POST", "/issues/<ref>/not-duplicate", "issues:decide")
    def not_duplicate(self, call: Call, ref: str) -> dict[str, Any]:
        by, body = call.caller, call.json()
        return shown(self.issues.marking.unmark(
            ref, body, Actor("secretary", by.subject), command_of(call, "not-duplicate", body)))

    @http("GET", "/issues/<ref>/messages", "messages:read")
    def messages(self, call: Call, ref: str) -> dict[str, Any]:
        return messages.read(ref, call.caller, call.headers.get("Issue-Secret"), call.query)

    @http("POST", "/issues/<ref>/messages", "messages:write")
    def write(self, call: Call, ref: str) -> tuple[int, dict[str, Any]]:
        return 201, self.issues.conversation.post(
            ref, call.caller, call.headers.get("Issue-Secret"), key_of(call), call.json(), now())
