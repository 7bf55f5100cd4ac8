"""What an import found and did: counted whole, listed in part."""
from dataclasses import dataclass, field
from typing import Any

from contracts.errors import Problem
from services.registry.files.bad_rows import BadRow, shortened

LISTED = 1000  # bad cells, and proposals, that a report lists; all are counted
WHOLE_FILE = 0


@dataclass
class Report:
    """Rows of a file: `new` records, `changed` ones, `unchanged`, and `bad`, of which `errors` counts every reason.

    `bad_rows` are the first of the errors, by line. `proposals`: names that may be other spellings of known ones.
    `unchecked_points`: points with no known boundary to hold them against. `stored`: whether it came into force.
    """

    register: str
    dry_run: bool = False
    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    errors: int = 0
    unchecked_points: int = 0
    proposed: int = 0
    bad_rows: list[BadRow] = field(default_factory=list)
    proposals: list[dict[str, Any]] = field(default_factory=list)
    stored: bool = False
    change_set: str | None = None
    bad_lines: set[int] = field(default_factory=set)

    def add(self, flaw: BadRow) -> None:
        self.errors += 1
        self.bad_lines.add(flaw.line)
        self.bad_rows.append(flaw)
        if len(self.bad_rows) >= 2 * LISTED:
            self._shorten()

    def _shorten(self) -> None:
        self.bad_rows = sorted(self.bad_rows, key=lambda flaw: flaw.line)[:LISTED]

    def propose(self, proposal: dict[str, Any]) -> None:
        self.proposed += 1
        if len(self.proposals) < LISTED:
            self.proposals.append(proposal)

    @property
    def bad(self) -> int:
        return len(self.bad_lines)

    def as_json(self) -> dict[str, Any]:
        self._shorten()
        counts = {name: getattr(self, name) for name in (
            "register", "dry_run", "stored", "change_set", "rows", "new", "changed", "unchanged", "bad", "errors",
            "unchecked_points", "proposed", "proposals")}
        return counts | {"bad_rows": [vars(flaw) for flaw in self.bad_rows]}


def flaws_of(problem: Problem, line: int, column: str | None, values: dict[str, Any]) -> list[BadRow]:
    """A problem as bad cells of a row: one for each of its `errors`, or one in `column`.

    What lies deeper than the cell is named in the sentences: `options/0/code: …`.
    """
    if not problem.errors:
        return [BadRow(line, column, problem.code, shortened(values.get(column or "")), problem.fa, problem.en)]
    found = []
    for error in problem.errors:
        name, _, below = error["pointer"].removeprefix("/").partition("/")
        where = f"{below}: " if below else ""
        found.append(BadRow(line, name or column, problem.code, shortened(values.get(name)), where + error["fa"],
                            where + error["en"]))
    return found
