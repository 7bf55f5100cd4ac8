"""Several people on one issue, as HTTP: finding it before it is filed again, joining in, writing to each other, and the
secretary who puts together what tells of the same."""
from typing import Any

from marshmallow import fields

from chassis.clock import now
from chassis.http_server import Call, http
from chassis.shown import about
from chassis.validation import load
from services.issues.life.command import command_of, key_of
from services.issues.neighbours import following, messages
from services.issues.neighbours.duplicates import named
from services.issues.neighbours.following import Joining
from services.issues.neighbours.marking import DuplicateSchema, NotDuplicateSchema
from services.issues.neighbours.messages import MessageSchema
from services.issues.neighbours.shown import (
    JoinedSchema,
    LeftSchema,
    MessageShownSchema,
    MessagesPageSchema,
    MessagesQuery,
    SimilarQuery,
    SimilarSchema,
)
from services.issues.neighbours.similar import similar
from services.issues.schemas import ContactSchema, NothingSchema, Strict
from services.issues.shown import IssueSchema
from services.issues.use_cases import shown


class JoinSchema(Strict):
    """Who joins."""

    contact = fields.Nested(ContactSchema, allow_none=True, load_default=None, metadata=about(
        "Where one is told what becomes of it."))


class Neighbours:
    issues: Any  # service.IssuesProvider, which imports this

    @http("GET", "/issues/similar", "issues:read", asks=SimilarQuery, gives=SimilarSchema)
    def similar(self, call: Call) -> dict[str, Any]:
        """Issues that may be the one that somebody is about to file, the most similar first, ten at most.

        Open or lately closed, of the same category or one above or below, near in place and time. Refused as filing is;
        400 `bad_point`, `text_too_long`.
        """
        return similar(call.query, self.issues.atlas, now())

    @http("POST", "/issues/<ref>/join", "issues:join", takes=JoinSchema, gives=JoinedSchema)
    def join(self, call: Call, ref: str) -> dict[str, Any]:
        """Join an issue: "me too". Whoever leaves an address is told what becomes of it. Of a duplicate the first one
        is joined.

        An application's one key may stand for many people: each is told apart by their `Idempotency-Key`. 409
        `issue_ended`.
        """
        contact = load(JoinSchema(), call.json())["contact"]
        joined: dict[str, Any] = self.issues.following.join(ref, Joining(call.caller, key_of(call), contact or None), now())
        return joined

    @http("POST", "/issues/<ref>/leave", "issues:answer", takes=NothingSchema, gives=LeftSchema)
    def leave(self, call: Call, ref: str) -> dict[str, Any]:
        """Leave an issue that one has joined. The address is forgotten. 404 for a secret that is no follower's."""
        load(NothingSchema(), call.json())
        left: dict[str, Any] = self.issues.following.leave(ref, call.caller, call.headers.get("Issue-Secret"), now())
        return left

    @http("GET", "/issues/<ref>/contacts", "platform:serve")
    def contacts(self, call: Call, ref: str) -> dict[str, Any]:
        return following.contacts(named(ref)["_id"], call.query)

    @http("GET", "/issues/<ref>/contacts/<person>", "platform:serve")
    def contact_of(self, call: Call, ref: str, person: str) -> dict[str, Any]:
        return following.address_of(named(ref)["_id"], person)

    @http("POST", "/issues/<ref>/duplicate-of", "issues:decide", takes=DuplicateSchema, gives=IssueSchema)
    def duplicate_of(self, call: Call, ref: str) -> dict[str, Any]:
        """Mark an issue as a duplicate of another. Its open tasks are cancelled; who follows it follows the other.

        422 `unknown_issue`, `duplicate_of_itself`; 409 `own_duplicate`, `original_ended`, `issue_ended`.
        """
        body = call.json()
        return shown(self.issues.marking.mark(ref, body, call.caller, command_of(call, "duplicate-of", body)))

    @http("POST", "/issues/<ref>/not-duplicate", "issues:decide", takes=NotDuplicateSchema, gives=IssueSchema)
    def not_duplicate(self, call: Call, ref: str) -> dict[str, Any]:
        """Take back that it is a duplicate. It is routed anew, its clock having run all the time. 409 `no_duplicate`."""
        body = call.json()
        return shown(self.issues.marking.unmark(ref, body, call.caller, command_of(call, "not-duplicate", body)))

    @http("GET", "/issues/<ref>/messages", "messages:read", asks=MessagesQuery, gives=MessagesPageSchema)
    def messages(self, call: Call, ref: str) -> dict[str, Any]:
        """The conversation on an issue, the oldest first. Everybody reads what is public, its parties also what is for
        them.
        """
        return messages.read(ref, call.caller, call.headers.get("Issue-Secret"), call.query)

    @http("POST", "/issues/<ref>/messages", "messages:write", takes=MessageSchema, gives=MessageShownSchema, status=201)
    def write(self, call: Call, ref: str) -> tuple[int, dict[str, Any]]:
        """Write to who has a part in an issue, or to everybody. A task that waits for its filer goes on when the filer
        writes.

        409 `issue_ended`, `conversation_full`, `confidential_not_public`; 401 or 403 for whoever is no party.
        """
        return 201, self.issues.conversation.post(
            ref, call.caller, call.headers.get("Issue-Secret"), f"{call.caller.owner}|{key_of(call)}", call.json(), now())
