"""The project's own sample set, or a .json of its shape, as scripts: made-up issues, written for the sample province."""
import json
from pathlib import Path
from typing import Any

from deploy.demo.scripts import LONGEST, RATE, Script, Source
from deploy.local.errors import CannotStart
from deploy.local.keys import SAMPLE

LABEL = "دادهٔ نمونه، ساختگی"
TOLD = "the project's own sample set, made up for trying things out"
MONTH = 720  # hours; no work of the sample set takes longer
STEPS = {"finish": ("accept", "finish"), "refuse": ("refuse",), "silent": ()}
ISSUES = SAMPLE / "issues.json"


def source(file: Path, n: int) -> Source:
    """The set from its beginning, again and again until there are `n`. Raises CannotStart where it cannot be read."""
    try:
        issues = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CannotStart(f"{file} cannot be read as JSON ({error}). Give a file of the shape of {ISSUES.name}.") from error
    notes = (f"{RATE} issues a second; what takes an agency a month takes it {LONGEST:g} s here",)
    return Source(LABEL, TOLD, tuple(script_of(number, issues[number % len(issues)]) for number in range(n)), notes)


def script_of(number: int, issue: dict[str, Any]) -> Script:
    """One issue of the set. A resident who says "not fixed" there is not heard again."""
    return Script(
        number, number / RATE, issue["category"], issue["neighbourhood"], issue["title"], issue["text"],
        STEPS[issue["answer"]], takes=min((issue["hours"] or 0) / MONTH, 1) * LONGEST,
        words=issue.get("finish_text") or issue.get("reason") or "",
        resident="" if issue["resident"] == "silent" else issue["resident"],
        satisfaction=issue.get("satisfaction") or 0, reason=issue.get("resident_reason") or "")
