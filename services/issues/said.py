"""What is said with each move of a task and each decision that needs a reason, for the API's description.

What is read are `schemas.MoveSchema`, without what a move does not take, and `ReasonSchema`: what a move needs and
lacks, the task table finds out, with a code and a sentence of its own.
"""
from functools import cache
from typing import Any

from marshmallow import Schema

from contracts.schema import Instant
from services.issues.life.moves import AGENCY, AGENCY_ACTIONS, FOR_WHOM, SECRETARY, SECRETARY_ACTIONS, rows_of
from services.issues.life.moving import ASKS
from services.issues.schemas import MoveSchema, PrioritySchema, ReasonSchema, code_of, words_of

NEEDED: dict[str, Any] = {
    "reason": words_of("Why.", "قطعه در راه است", required=True),
    "text": words_of("What was done.", "لامپ عوض شد", 4000, required=True),
    "agency": code_of("Whom it is referred to.", "karaj-municipality", required=True),
    "for_whom": code_of("Whom it waits for.", "filer", FOR_WHOM, 20, required=True),
    "until": Instant(required=True, metadata={"description": "Until when, with the offset.",
                                              "example": "2026-12-20T08:00:00+03:30"})}


MAY_COME = {"refer": {"agency"}, "wait": {"until"}, "finish": {"photograph"}}  # besides what a move needs, and a reason


class GivenReasonSchema(ReasonSchema):
    """A reason."""

    reason = NEEDED["reason"]


class GivenPrioritySchema(PrioritySchema):
    """Another priority, and why."""

    reason = NEEDED["reason"]


@cache
def not_taken(action: str, role: str) -> tuple[str, ...]:
    """What of a `MoveSchema` a role's move would drop unread, and so refuses as an unknown field."""
    taken = {need for move in rows_of(action, role) for need in move.needs} | MAY_COME.get(action, set())
    return tuple(name for name in MoveSchema().fields if name not in taken | {"reason"})


def said_with(action: str, role: str) -> type[Schema]:
    """With what a role makes a move. What its agency has asked for, a secretary need not say again."""
    asked_for = role == SECRETARY and action in ASKS.values()
    needs = [] if asked_for else [need for move in rows_of(action, role) for need in move.needs]
    needs += ["agency"] if action == "refer" else []
    name = "".join(word.title() for word in (role, *action.split("_")))
    left_out = type("Meta", (MoveSchema.Meta,), {"exclude": not_taken(action, role)})
    return type(f"{name}Schema", (MoveSchema,), {need: NEEDED[need] for need in needs} | {"Meta": left_out})


BY_AGENCY = {action.replace("_", "-"): said_with(action, AGENCY) for action in AGENCY_ACTIONS}
BY_SECRETARY = {action: said_with(action, SECRETARY) for action in SECRETARY_ACTIONS}
