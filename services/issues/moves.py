"""The task table of DOMAIN.md and the status of an issue, as plain data and one total function.

One row per allowed move; whatever is not here is refused. Moves that come with later capabilities (refer, wait,
defer, extend) are not in the table yet, their states are in the status function already.
"""
from collections.abc import Sequence
from dataclasses import dataclass

AGENCY, SECRETARY, FILER, ROUTER = "agency", "secretary", "filer", "router"


@dataclass(frozen=True)
class Move:
    """From one of these states, by one of these, to that state; `needs` names the field that must be given."""

    sources: tuple[str, ...]
    by: tuple[str, ...]
    to: str
    needs: str | None = None


OPEN = ("offered", "accepted", "in_progress", "waiting", "awaiting_funds")
MOVES: dict[str, Move] = {
    "accept": Move(("offered",), (AGENCY,), "accepted"),
    "refuse": Move(("offered",), (AGENCY,), "refused", "reason"),
    "start": Move(("accepted",), (AGENCY,), "in_progress"),
    "finish": Move(("accepted", "in_progress"), (AGENCY,), "done", "text"),
    "redo": Move(("done",), (FILER, SECRETARY), "in_progress", "reason"),
    "cancel": Move(OPEN, (SECRETARY, FILER), "cancelled", "reason"),
}
AGENCY_ACTIONS = tuple(action for action, move in MOVES.items() if AGENCY in move.by)
TASK_STATES = (*OPEN, "done", "refused", "referred", "cancelled")
ENDINGS = ("withdrawn", "rejected", "duplicate", "closed")
STATUSES = (*ENDINGS, "in_progress", "waiting", "awaiting_funds", "routed", "done", "filed")


def status_of(states: Sequence[str], ending: str | None) -> str:
    """The issue's status from its tasks' states and what people decided of the whole; the first line that fits."""
    has = set(states)
    if ending:
        return ending
    if has & {"accepted", "in_progress"} or {"done", "offered"} <= has:
        return "in_progress"
    for state, status in (("waiting", "waiting"), ("awaiting_funds", "awaiting_funds"), ("offered", "routed"),
                          ("done", "done")):
        if state in has:
            return status
    return "filed"
