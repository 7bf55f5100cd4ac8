"""`python -m services.registry.calendars.seed TERRITORY --years 1403-1407`: the public holidays of Iran in its calendar.

A calendar that is not there yet is made, with usual office hours. One that is there keeps its hours, its closures, and
every holiday that a person entered, changed or took away; only what an earlier seed brought is brought up to date. Seeding
again changes nothing. `--dry-run` says what would change, and changes nothing.
"""
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import click

from chassis import database
from chassis.clock import today
from chassis.settings import stop_with
from chassis.text import DIGITS
from contracts.errors import Problem
from services.registry import use_cases
from services.registry.calendars import iran
from services.registry.days import year_of
from services.registry.model import Change, Edit, in_force, periods
from services.registry.registers import REGISTERS

BY = "operator:calendar-seed"
MACHINES = (BY, "operator:load")
MOST_YEARS = 20
Record = dict[str, Any]
ByDate = dict[str, Record]


@dataclass(frozen=True)
class Merged:
    """`holidays` to keep; dates that were `added`, `changed` or `gone`; and `by_hand`: where a person said otherwise."""

    holidays: list[Record]
    added: list[str]
    changed: list[str]
    gone: list[str]
    by_hand: list[str]


def merged(held: ByDate, touched: set[str], new: ByDate, first: str, after: str) -> Merged:
    """What a calendar holds, with what the package says now of the days from `first` until before `after`; of the days
    that a person `touched` everything stays."""
    days = sorted(day for day in {*held, *touched, *new} if first <= day < after)
    kept = {day: found for day, found in held.items() if day in touched or not first <= day < after}
    kept |= {day: found for day, found in new.items() if day not in touched}
    free = [day for day in days if day not in touched]
    return Merged([kept[day] for day in sorted(kept)], [day for day in free if day not in held],
                  [day for day in free if day in held and day in new and held[day] != new[day]],
                  [day for day in free if day not in new and day in held],
                  [day for day in days if day in touched and held.get(day) != new.get(day)])


def touched_in(edits: Sequence[Edit]) -> set[str]:
    """The days whose holiday was last said, changed or taken away by a person."""
    held: ByDate = {}
    touched: set[str] = set()
    for edit in edits:
        new = by_date((edit.values or {}).get("holidays", []))
        differing = {day for day in {*held, *new} if held.get(day) != new.get(day)}
        touched = touched - differing if edit.by in MACHINES else touched | differing
        held = new
    return touched


def by_date(holidays: list[Record]) -> ByDate:
    return {holiday["date"]: holiday for holiday in holidays}


def seed(territory: str, years: range, thursday: str = "closed", dry_run: bool = False) -> Merged:
    """Brings a territory's calendar up to date from today on, or makes it from the first of these Jalali years on.

    Raises what `use_cases.put` raises, Refused where another change of the calendar is planned for later.
    """
    first, after = year_of(years[0])[0], year_of(years[-1])[1]
    edits = use_cases.find(REGISTERS["calendars"], territory) or []
    held = in_force(edits, today()) or {**iran.usual_week(thursday), "holidays": [], "closures": [], "sample": False}
    found = merged(by_date(held["holidays"]), touched_in(edits), by_date(iran.holidays_of(years)), first, after)
    if not dry_run:
        day = today() if edits else max(first, _first_day(territory))
        use_cases.put([Change("calendars", territory, held | {"holidays": found.holidays}, day)], BY)
    return found


def _first_day(territory: str) -> str:
    return next((period.valid_from for period in periods(use_cases.find(REGISTERS["territories"], territory) or [])), "")


def years_of(text: str) -> range:
    """`1403-1407` or `1404`, in any digits. Raises click.BadParameter."""
    found = re.fullmatch(r"([0-9]{4})(?:[-–]([0-9]{4}))?", text.translate(DIGITS))
    start, end = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not iran.FIRST <= start <= end <= iran.LAST or end - start >= MOST_YEARS:
        raise click.BadParameter(f"write Jalali years like 1403-1407, {MOST_YEARS} at most, {iran.FIRST} to {iran.LAST}")
    return range(start, end + 1)


@click.command()
@click.argument("territory")
@click.option("--years", required=True, help="Jalali years, like 1403-1407.")
@click.option("--thursday", type=click.Choice(["closed", "half"]), default="closed",
              help="Of a new calendar: whether offices work on Thursdays until noon.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
def main(territory: str, years: str, thursday: str, dry_run: bool) -> None:
    database.connect_or_stop("seed", "registry")
    try:
        found = seed(territory, years_of(years), thursday, dry_run)
    except Problem as problem:
        stop_with(f"seed: {problem.en} / {problem.fa}", 1)
    click.echo(f"seed: {territory}: {len(found.holidays)} holidays" + (" (dry run, nothing was changed)" if dry_run else ""))
    for what, days in (("added", found.added), ("changed", found.changed), ("taken away", found.gone),
                       ("left as a person entered it", found.by_hand)):
        click.echo(f"  {what}: {len(days)} {' '.join(days) if len(days) <= 20 else ''}".rstrip())


if __name__ == "__main__":
    main()
