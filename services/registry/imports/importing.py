"""The whole way of a file into a register: read, checked, reported; and where nothing is bad, stored as one set of changes.

One write brings all of it into force. Killed before it nothing shows, killed after it whoever comes next finishes it.
The same file again changes nothing.
"""
from collections.abc import Callable
from pathlib import Path

from pymongo.errors import BulkWriteError

from chassis.store import answering
from contracts.errors import Problem
from services.registry import change_sets
from services.registry.files.reading import read_rows
from services.registry.imports import checking, proposing
from services.registry.imports.asking import Asking
from services.registry.imports.reporting import WHOLE_FILE, Report, flaws_of
from services.registry.ledger import switched_on
from services.registry.model import Change
from services.registry.seats import use_cases as seats

Told = Callable[[str, int], None]  # which part of the way, and how many rows of it


def import_file(file: Path | bytes, name: str, register: str, day: str, by: str, dry_run: bool = False,
                told: Told = lambda part, rows: None, job: str = "", within: str = "") -> Report:
    """Imports a file, or with `dry_run` only looks at it. `name` is what its sender calls it: it may name a person, says
    what kind of file it is, and is kept nowhere. `day` holds for rows without `valid_from`; `job` is why things changed;
    `within`: the territory of whoever has no other.

    Raises Refused where somebody else changed one of the records meanwhile, Unavailable where the database is away.
    """
    report = Report(register, dry_run)
    asking = Asking(register, day, by, report)
    with answering():
        for on in switched_on():  # of somebody who was killed: its records are looked at as they are now
            change_sets.settle(on)
        try:
            for taken in asking.take(read_rows(file, name)):
                told("reading", taken)
        except Problem as problem:
            for flaw in flaws_of(problem, WHOLE_FILE, None, {}):
                report.add(flaw)
        changes = _checked(asking, told, within)
        if not report.errors and changes and not dry_run:
            told("storing", len(changes))
            _store(asking, changes, job)
    return report


def _checked(asking: Asking, told: Told, within: str) -> list[Change]:
    """The changes as they are to be stored. What is wrong with them stands in the report."""
    told("checking", len(asking.changes))
    for flaw in (*checking.unknown_codes(asking), *checking.unknown_people(asking.changes, within)):
        asking.report.add(flaw)
    changes = checking.with_paths(asking)
    for flaw in checking.not_theirs(asking, within):
        asking.report.add(flaw)
    for flaw in checking.points_elsewhere(asking, changes):
        asking.report.add(flaw)
    if asking.register == "boundaries":
        for flaw in checking.boundaries_elsewhere(asking.changes):
            asking.report.add(flaw)
    proposing.propose(asking)
    return changes


def _store(asking: Asking, changes: list[Change], job: str) -> None:
    report = asking.report
    try:
        report.change_set = change_sets.record_together(changes, asking.by, f"import:{job}" if job else None, "import")
    except BulkWriteError as error:
        for flaw in checking.refused_by_index(error.details, changes):
            report.add(flaw)
        return
    report.stored = report.change_set is not None
    for person in checking.end_of_erased(changes):
        seats.end_terms(person, asking.by)
