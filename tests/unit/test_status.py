"""The status of an issue is a total function of its tasks and of what people decided; DOMAIN.md, "An issue's life"."""
from itertools import combinations_with_replacement

import pytest

from services.issues.life.moves import ENDINGS, MOVES, STATUSES, TASK_STATES, status_of

MIXES = [mix for size in range(4) for mix in combinations_with_replacement(TASK_STATES, size)]


def as_the_domain_says(states: tuple[str, ...], ending: str | None) -> str:
    """The table of DOMAIN.md written a second time, line by line, without looking at the code."""
    if ending is not None:
        return ending
    at_work = "accepted" in states or "in_progress" in states
    if at_work or ("done" in states and "offered" in states):
        return "in_progress"
    if "waiting" in states:
        return "waiting"
    if "awaiting_funds" in states:
        return "awaiting_funds"
    if "offered" in states:
        return "routed"
    return "done" if "done" in states else "filed"


@pytest.mark.parametrize("ending", [None, *ENDINGS])
def test_every_mix_of_up_to_three_tasks_has_the_status_that_the_domain_says(ending: str | None) -> None:
    for mix in MIXES:
        assert status_of(mix, ending) == as_the_domain_says(mix, ending), mix
        assert status_of(mix[::-1], ending) in STATUSES


def test_every_status_can_be_reached() -> None:
    reached = {status_of(mix, ending) for mix in MIXES for ending in (None, *ENDINGS)}
    assert reached == set(STATUSES)


def test_every_move_leads_between_known_states() -> None:
    for move in MOVES:
        assert {*move.sources, move.to or move.sources[0]} <= set(TASK_STATES)
