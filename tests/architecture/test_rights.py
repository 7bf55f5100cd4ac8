"""The table of rights is asked by every entrypoint, told to readers as it is, and decided nowhere else."""
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chassis.topology import SERVICES
from contracts import policy
from deploy.describe.routes import routes

ROOT = Path(__file__).parents[2]
BEYOND = {"issues:story"}  # deeds of no address of their own: what an address shows to some besides
COMPARED = re.compile(r"\brole\s*(==|!=|not in|in)\s")


def deeds() -> Iterator[tuple[str, Any]]:
    for module in ("gateway.service", *(f"services.{name}.service" for name in SERVICES)):
        yield from ((f"{module}: {route.method} {route.path}", route.entrypoint.deed) for route in routes(module))


def test_every_entrypoint_names_a_deed_that_has_a_rule() -> None:
    assert [(where, deed) for where, deed in deeds() if deed not in policy.RULES] == []


def test_every_rule_is_of_a_deed_that_can_be_done() -> None:
    assert set(policy.RULES) - {deed for _, deed in deeds()} == BEYOND


def test_what_readers_are_told_is_the_table() -> None:
    assert (ROOT / "docs" / "rights.md").read_text(encoding="utf-8") == policy.page(), "python -m contracts.policy"


def test_the_gateway_compares_no_role_itself() -> None:
    """But to count what callers cost, and to read who is in a token."""
    files = [path for path in (ROOT / "gateway").rglob("*.py") if path.name not in ("limits.py", "tokens.py")]
    found = [f"{path.relative_to(ROOT)}:{number}" for path in files
             for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if COMPARED.search(line)]
    assert found == []


@pytest.mark.parametrize("line", ['if call.caller.role == "secretary":', "if by.role != PUBLIC:", "by.role in STAFF"])
def test_a_role_that_is_compared_is_noticed(line: str) -> None:
    assert COMPARED.search(line)


@pytest.mark.parametrize("role", policy.ROLES)
def test_a_rule_reaches_as_far_as_a_role_can(role: str) -> None:
    """A place is of those whose subject is one; to have things of one's own one is an agency."""
    reach = {rule.who[role] for rule in policy.RULES.values() if role in rule.who}
    assert policy.PLACE not in reach or role in policy.OF_A_PLACE
    assert policy.OWN not in reach or role == "agency"


@pytest.mark.parametrize(("role", "subject", "places", "reaches"), [
    ("secretary", "karaj", ["alborz", "karaj", "n1"], True), ("secretary", "n1", ["alborz", "karaj"], False),
    ("secretary", "", [], True), ("secretary", "karaj", [], False), ("operator", "", [], True),
    ("secretary", "fardis", ["alborz", "karaj"], False)])
def test_a_place_is_what_lies_there_and_below(role: str, subject: str, places: list[str], reaches: bool) -> None:
    assert policy.reaches(role, subject, "registers:write", places) is reaches


def test_no_subject_is_the_whole_platform_for_a_secretary_alone() -> None:
    assert not policy.reaches("case_worker", "", "cases:read", ["alborz"])
    assert not policy.reaches("neighbourhood_manager", "", "issues:check", ["alborz"])
