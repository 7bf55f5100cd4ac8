"""`python -m services.registry.imports FILE --register territories [--from DAY] [--dry-run] [--json]` brings a file in;
`python -m services.registry.imports export REGISTER --to FILE [--as-of DAY]` writes one.

Ends with 0 where all went well, 1 where a row is bad or it could not be done: then nothing was stored; 2 for a setting.
"""
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from chassis import database
from chassis.clock import today
from chassis.indexes import make
from chassis.settings import stop_with
from contracts.errors import Invalid, Problem
from services.registry import once
from services.registry.days import day_of
from services.registry.imports import exporting, jobs
from services.registry.imports.importing import Told, import_file
from services.registry.imports.reporting import Report
from services.registry.imports.tables import TABLES

BY = "operator:import"
SHOWN = 50  # bad rows on a terminal; --json has more
REGISTER = click.Choice(list(TABLES))


class DayOf(click.ParamType[str]):
    name = "day"

    def convert(self, value: str, parameter: click.Parameter | None, context: click.Context | None) -> str:
        try:
            return day_of(value)
        except Invalid as bad:
            return self.fail(bad.en, parameter, context)


def connect() -> None:
    database.connect_or_stop("imports", "registry")
    make("registry")


@contextmanager
def bar(file: Path) -> Iterator[Told]:
    """Rows as they are read, checked and stored, on a terminal; elsewhere nothing."""
    console = Console(stderr=True)
    with Progress(TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,.0f} rows"),
                  TimeElapsedColumn(), console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task(file.name, total=None)
        yield lambda part, rows: progress.update(task, description=f"{file.name}: {part}", completed=rows)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--register", required=True, type=REGISTER)
@click.option("--from", "day", type=DayOf(), default=today, help="For rows without valid_from; else today.")
@click.option("--dry-run", is_flag=True, help="Report, and store nothing.")
@click.option("--json", "as_json", is_flag=True, help="The report as JSON.")
@click.option("--by", default=BY, help="Who is told as having changed the records.")
@click.option("--name", default="", help="What the file is called, where its own name says nothing.")
@click.option("--within", default="", help="The territory in which, or below which, every record must lie.")
@click.option("--account", default="", hidden=True, help="The account that asked for it.")
@click.option("--job", default="", hidden=True, help="The import over HTTP that this is.")
def bring(file: Path, register: str, day: str, dry_run: bool, as_json: bool, by: str, name: str, within: str,
          account: str, job: str) -> None:
    """Imports a CSV, Excel (.xlsx) or GeoJSON file into a register: all of it, or nothing."""
    connect()
    once.PRESENT.set(once.Command(account=account))
    with jobs.running(job), bar(file) as told:
        try:
            report = import_file(file, name or file.name, register, day, by, dry_run, told, job, within)
        except Problem as problem:
            jobs.fail(job, problem)
            stop_with(f"imports: {problem.fa} / {problem.en}", 1)
    jobs.finish(job, report)
    print(json.dumps(report.as_json(), ensure_ascii=False) if as_json else "\n".join(words(report)))
    sys.exit(1 if report.errors else 0)


def words(report: Report) -> Iterator[str]:
    for flaw in report.as_json()["bad_rows"][:SHOWN]:
        yield f"line {flaw['line']}, {flaw['column'] or '-'} [{flaw['code']}] {flaw['value']!r}: {flaw['fa']} / {flaw['en']}"
    for found in report.proposals[:SHOWN]:
        names = "، ".join(f"{each['name_fa']} ({each['code']})" for each in found["may_be"])
        yield f"line {found['line']}, {found['name_fa']}: شاید همان است که / may be the same as: {names}"
    done = "nothing stored" if not report.stored else "stored"
    yield (f"{report.register}: {report.rows} rows, new: {report.new}, changed: {report.changed}, unchanged: "
           f"{report.unchanged}, bad: {report.bad} ({done}{', dry run' if report.dry_run else ''})")


@click.command()
@click.argument("register", type=REGISTER)
@click.option("--to", "file", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--as-of", "day", type=DayOf(), default=today)
def export(register: str, file: Path, day: str) -> None:
    """Writes a register as of a day into a .csv, .xlsx or .geojson file."""
    form = file.suffix.lower().removeprefix(".")
    if form not in exporting.FORMATS:
        stop_with(f"imports: {file.name} must end with .{', .'.join(exporting.FORMATS)}.", 1)
    connect()
    half = file.with_name(f".{file.name}.part")
    try:
        with half.open("wb") as out:
            out.writelines(exporting.export(register, form, day))
        os.replace(half, file)
    except Problem as problem:
        stop_with(f"imports: {problem.fa} / {problem.en}", 1)
    finally:
        half.unlink(missing_ok=True)
    print(f"{register} as of {day}: {file}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["export"]:
        export(sys.argv[2:], prog_name="imports export")
    bring(prog_name="imports")
