"""Whole answers as services gave them, to be shown as examples. The tests that hold answers to their schemas write them:

    MAHALLE_ANSWERS=1 pytest tests/integration/test_described_issues.py tests/integration/test_described_reading.py
"""
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from deploy.describe.routes import Operation, Route

LONGEST = 3  # entries of a list
KEPT = Path(__file__).with_name("answers.json")


def name_of(route: Route) -> str:
    return f"{route.service} {route.method} {route.path}"


@cache
def answers() -> dict[str, Any]:
    """By the name of the service's route."""
    found: dict[str, Any] = orjson.loads(KEPT.read_bytes()) if KEPT.exists() else {}
    return found


def real(operation: Operation) -> Any:
    """None where none was kept."""
    return answers().get(name_of(operation.behind)) if operation.behind else None


def keep(found: dict[str, Any]) -> None:
    """These in place of those of the same routes; of long lists the beginning."""
    kept = dict(sorted((answers() | {name: shortened(answer) for name, answer in found.items()}).items()))
    KEPT.write_bytes(orjson.dumps(kept, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    answers.cache_clear()


def shortened(answer: Any) -> Any:
    if isinstance(answer, dict):
        return {name: shortened(value) for name, value in answer.items()}
    return [shortened(each) for each in answer[:LONGEST]] if isinstance(answer, list) else answer
