"""The page of moves says what the code does, and every state, action and role has a Persian name."""
from pathlib import Path

from services.issues.life import demands, names
from services.issues.life.moves import ACTIONS, AGENCY, MOVES, STATUSES, TASK_STATES
from services.issues.life.moving import forbidden
from services.issues.life.tables import RULES, page

PAGE = Path(__file__).parents[2] / "docs" / "moves.md"


def test_the_page_is_what_the_command_writes() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m services.issues.life.tables > docs/moves.md"


def test_every_move_is_drawn() -> None:
    for move in MOVES:
        for source in move.sources:
            assert f"    {source} --> {move.to or source}: {move.action}\n" in page()


def test_everything_has_a_persian_name() -> None:
    assert set(names.STATES) == set(TASK_STATES) and set(names.STATUSES) >= set(STATUSES)
    assert set(names.ACTIONS) == {"offer", *ACTIONS}
    assert {role for move in MOVES for role in move.by} <= set(names.ROLES)
    assert {needed for move in MOVES for needed in move.needs} <= set(demands.NAMES)


def test_a_move_that_is_forbidden_says_which_ones_there_are_now() -> None:
    told = forbidden("offered", "finish", AGENCY)
    assert told.fa.endswith(" اکنون این‌ها ممکن است: پذیرش (accept)، رد (refuse)، ارجاع (refer).")
    assert told.en == ("The task is offered; finish is possible only from accepted, in_progress. "
                       "Now there is accept, refuse, refer.")
    assert forbidden("done", "accept", AGENCY).en == "The task is done; accept is possible only from offered."


def test_every_status_has_its_line() -> None:
    assert {status for statuses, _ in RULES for status in statuses} == set(STATUSES)
