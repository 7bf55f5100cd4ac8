"""The task table and the status of an issue as a page to read: `python -m services.issues.life.tables > docs/moves.md`.

Made of `moves`, so that the page cannot say anything else than the code does; a test compares the two.
"""
from collections.abc import Iterator

from services.issues.life import names
from services.issues.life.moves import MOVES, Move

HEAD = """# The moves of a task · جابه‌جایی‌های یک کار

An issue holds one task for each agency that has a part. What may happen to a task stands in this table and nowhere else;
everything else is refused with a code and a sentence. The issue's own status follows from its tasks and from what people
decided of the whole. This page is written by `python -m services.issues.life.tables`.
"""
STATUS = """## The status of an issue · وضعیت یک مسئله

The first line that fits holds.

| status | وضعیت | when |
| --- | --- | --- |
"""
RULES = (
    (("withdrawn", "rejected", "duplicate", "closed"), "its filer, a clerk or the clock ended it so"),
    (("in_progress",), "a task is accepted or in progress, or some are done and another is offered"),
    (("waiting",), "else a task waits"), (("awaiting_funds",), "else a task awaits funds"),
    (("routed",), "else a task is offered"), (("done",), "else a task is done: now the filer is asked"),
    (("filed",), "else: no task, or none left"))


def page() -> str:
    return "\n".join((HEAD, *_diagram(), "", *_table(), "", STATUS + "\n".join(_statuses()), ""))


def _diagram() -> Iterator[str]:
    yield "```mermaid\nstateDiagram-v2\n    [*] --> offered: offer"
    for move in MOVES:
        for source in move.sources:
            yield f"    {source} --> {move.to or source}: {move.action}"
    yield "    done --> [*]\n    refused --> [*]\n    referred --> [*]\n    cancelled --> [*]\n```"


def _table() -> Iterator[str]:
    yield "| from | action | by | to | needs | از | کار | به دست | به |"
    yield "| --- " * 9 + "|"
    for move in MOVES:
        yield "| " + " | ".join((*_english(move), *_persian(move))) + " |"


def _english(move: Move) -> tuple[str, ...]:
    return (", ".join(move.sources), f"`{move.action}`", ", ".join(move.by), move.to or "same", ", ".join(move.needs) or "–")


def _persian(move: Move) -> tuple[str, ...]:
    return ("، ".join(names.STATES[state] for state in move.sources), names.ACTIONS[move.action],
            "، ".join(names.ROLES[role] for role in move.by), names.STATES[move.to] if move.to else "همان")


def _statuses() -> Iterator[str]:
    for statuses, when in RULES:
        english, persian = (f"`{each}`" for each in statuses), (names.STATUSES[each] for each in statuses)
        yield f"| {', '.join(english)} | {'، '.join(persian)} | {when} |"


if __name__ == "__main__":
    print(page(), end="")
