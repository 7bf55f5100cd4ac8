"""The tables of a run: on the terminal, as markdown, and as JSON. Pure but for the writing of files."""
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench.figures import Costs, Results, Row, Spread, spread

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
NOISY = 0.05  # of the machine; more than that taken by others, and the figures are rough
OURS = "all of ours"
PROCESSES = ("gateway", "registry", "issues", "notifications", "booklet", "relay")  # ours


@dataclass(frozen=True)
class Grid:
    title: str
    header: list[str]
    rows: list[list[str]]


def measures(results: Results) -> Grid:
    rows = [[row.measure, row.unit, shown(spread(row.ours)) or "—", shown(spread(row.yardstick)) or "—",
             f"{row.ratio:.2f}" if row.ratio else "—", row.goal or "—"] for row in results.rows]
    return Grid("Measures (least / median / most of the repeats)",
                ["measure", "unit", "ours", "yardstick", "ours ÷ yardstick", "goal"], rows)


def shown(found: Spread | None) -> str:
    return " / ".join(map(figure, (found.least, found.middle, found.most))) if found else ""


def figure(value: float) -> str:
    """Three digits or so."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}"


def costs(results: Results) -> Grid:
    found = {what: {name: used * 1000 for name, used in results.cost_of(what).items()} for what in results.costs}
    return by_process("CPU milliseconds a piece (median of the repeats), by process", found, 2)


def memory(results: Results) -> Grid:
    return by_process("Memory in MB (PSS), by process; the goal is ≤ 100 a process, ≤ 600 all of ours", results.memory, 0)


def by_process(title: str, found: Mapping[str, Costs], digits: int) -> Grid:
    """A row for each thing done or moment, a column for each process, the sum of ours before the others."""
    others = [name for name in dict.fromkeys(name for costs in found.values() for name in costs) if name not in PROCESSES]
    rows = []
    for what, costs in found.items():
        total = sum(costs[name] for name in PROCESSES if name in costs)
        whole = costs | ({OURS: total} if total else {})
        rows.append([what, *(f"{whole[name]:.{digits}f}" if name in whole else "—" for name in (*PROCESSES, OURS, *others))])
    return Grid(title, ["what", *PROCESSES, OURS, *others], rows)


def remarks(results: Results) -> list[str]:
    """What must be known to read the figures."""
    said = [f"{row.measure}: {words}" for row in results.rows for words in row.notes]
    share = max(results.others, default=0.0)
    if share > NOISY:
        said.insert(0, f"ROUGH: others took up to {share:.0%} of the machine meanwhile. Measure again when it is quiet.")
    return said


def grids(results: Results) -> list[Grid]:
    return [measures(results), costs(results), memory(results)]


def show(machine: Mapping[str, str], results: Results, console: Console) -> None:
    for grid in grids(results):
        table = Table(*grid.header, title=grid.title, title_justify="left")
        for row in grid.rows:
            table.add_row(*row)
        console.print(table)
    for words in remarks(results):
        console.print(f"· {words}", markup=False, soft_wrap=True)
    console.print(sentence(machine), markup=False, soft_wrap=True)


def sentence(machine: Mapping[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in machine.items())


def markdown(machine: Mapping[str, str], results: Results) -> str:
    parts = [f"Measured by `make bench`: {sentence(machine)}."]
    for grid in grids(results):
        lines = [grid.header, ["---"] * len(grid.header), *grid.rows]
        parts.append(f"**{grid.title}**\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines))
    parts.append("\n".join(f"- {words}" for words in remarks(results)))
    return "\n\n".join(filter(None, parts)) + "\n"


def as_json(machine: Mapping[str, str], results: Results) -> dict[str, Any]:
    return {
        "machine": dict(machine), "measures": [measure_json(row) for row in results.rows],
        "cpu_ms_a_piece": {what: {name: round(used * 1000, 3) for name, used in results.cost_of(what).items()}
                           for what in results.costs},
        "memory_mb": results.memory, "others_share": max(results.others, default=0.0), "remarks": remarks(results)}


def measure_json(row: Row) -> dict[str, Any]:
    return {"measure": row.measure, "unit": row.unit, "goal": row.goal, "ours": row.ours, "yardstick": row.yardstick,
            "ratio": row.ratio, "notes": row.notes}


def write(path: Path, text: str) -> None:
    """Between the marks of a page, in place of what stood there; a page without them gets them at its end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    page = path.read_text(encoding="utf-8") if path.exists() else "# Performance\n"
    path.write_text(placed(page, text), encoding="utf-8")


def placed(page: str, text: str) -> str:
    """The page with the text between its marks."""
    before, begun, rest = page.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not begun or not ended:
        before, after = f"{page.rstrip()}\n\n", "\n"
    return f"{before}{BEGIN}\n\n{text}\n{END}{after}"


def write_json(path: Path, machine: Mapping[str, str], results: Results) -> None:
    path.write_text(json.dumps(as_json(machine, results), ensure_ascii=False, indent=1), encoding="utf-8")
