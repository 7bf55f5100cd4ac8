"""The task table of DOMAIN.md and the status of an issue, as plain data and one total function.

One row per allowed move; whatever is not here is refused. `python -m services.issues.life.tables` draws both.
"""
from collections.abc import Sequence
from dataclasses import dataclass

AGENCY, SECRETARY, FILER, ROUTER, CLOCK = "agency", "secretary", "filer", "router", "clock"
MANAGER, REPORTER, CASE_WORKER = "neighbourhood_manager", "reporter", "case_worker"


@dataclass(frozen=True)
class Move:
    """From one of these states, by one of these, to that state; None: it stays. `needs`: what must be given with it."""

    action: str
    sources: tuple[str, ...]
    by: tuple[str, ...]
    to: str | None
    needs: tuple[str, ...] = ()


AT_WORK = ("accepted", "in_progress")
OPEN = ("offered", *AT_WORK, "waiting", "awaiting_funds")
MOVES = (
    Move("accept", ("offered",), (AGENCY,), "accepted"),
    Move("refuse", ("offered",), (AGENCY,), "refused", ("reason",)),
    Move("refer", ("offered", *AT_WORK), (AGENCY,), "referred", ("reason",)),
    Move("start", ("accepted",), (AGENCY,), "in_progress"),
    Move("wait", AT_WORK, (AGENCY,), "waiting", ("reason", "for_whom")),
    Move("resume", ("waiting",), (AGENCY, FILER), "in_progress"),
    Move("ask_deferral", AT_WORK, (AGENCY,), None, ("reason", "until")),
    Move("defer", AT_WORK, (SECRETARY,), "awaiting_funds", ("reason", "until")),
    Move("resume", ("awaiting_funds",), (AGENCY, SECRETARY), "in_progress"),
    Move("ask_extension", (*AT_WORK, "waiting"), (AGENCY,), None, ("reason", "until")),
    Move("extend", (*AT_WORK, "waiting"), (SECRETARY,), None, ("reason", "until")),
    Move("decline", (*AT_WORK, "waiting"), (SECRETARY,), None, ("reason",)),
    Move("finish", AT_WORK, (AGENCY,), "done", ("text",)),
    Move("redo", ("done",), (FILER, MANAGER, SECRETARY), "in_progress", ("reason",)),
    Move("cancel", OPEN, (SECRETARY, FILER), "cancelled", ("reason",)),
)
ACTIONS = tuple(dict.fromkeys(move.action for move in MOVES))
AGENCY_ACTIONS = tuple(dict.fromkeys(move.action for move in MOVES if AGENCY in move.by))
SECRETARY_ACTIONS = tuple(dict.fromkeys(move.action for move in MOVES if SECRETARY in move.by))
FOR_WHOM = ("filer", "agency", "other")  # whom a task may wait for
PRIORITIES = ("urgent", "high", "normal", "low")
TASK_STATES = (*OPEN, "done", "refused", "referred", "cancelled")
ENDINGS = ("withdrawn", "rejected", "duplicate", "closed")
STATUSES = (*ENDINGS, "in_progress", "waiting", "awaiting_funds", "routed", "done", "filed")


def rows_of(action: str, role: str) -> list[Move]:
    """The rows of an action that are in the hands of a role."""
    return [move for move in MOVES if move.action == action and role in move.by]


def possible_from(state: str, role: str) -> list[str]:
    """The actions that a role has for a task in this state."""
    return list(dict.fromkeys(move.action for move in MOVES if state in move.sources and role in move.by))


def status_of(states: Sequence[str], ending: str | None) -> str:
    """The issue's status from its tasks' states and what people decided of the whole; the first line that fits."""
    has = set(states)
    if ending:
        return ending
    if has & set(AT_WORK) or {"done", "offered"} <= has:
        return "in_progress"
    for state, status in (("waiting", "waiting"), ("awaiting_funds", "awaiting_funds"), ("offered", "routed"),
                          ("done", "done")):
        if state in has:
            return status
    return "filed"
