"""Dated records: a record is the list of its edits, and what holds on a day is what the last edit says that covers it.

So the history is the state: there are never two values in force on one day, and reading "as of" a day, or as it was
known at an instant, is replaying the edits. Days are `YYYY-MM-DD` of the platform's time zone; from is included, to is not.
"""
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from contracts.errors import Invalid, Refused

OPEN = "9999-12-31"  # for good
Values = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """What somebody wants: these values from a day on, until before another; None for values ends the record.

    `valid_to` None means "for good", and is refused where a later change is planned already; OPEN means it in spite of that.
    `read_version`: the record's version that the values were made of, 0 for none; a set is refused where it is another one.
    """

    register: str
    code: str
    values: Values | None
    valid_from: str
    valid_to: str | None = None
    read_version: int | None = None


@dataclass(frozen=True)
class Edit:
    """A change that was made: when (`at`, UTC), by whom, why; `change_set` where it came in force with others; `command`,
    and the `account` that holds the office of `by`, where somebody asked for it over HTTP."""

    valid_from: str
    valid_to: str
    values: Values | None
    at: datetime
    by: str
    reason: str | None = None
    change_set: str | None = None
    command: str | None = None
    account: str | None = None


@dataclass(frozen=True)
class Period:
    """Days on which the same values hold."""

    valid_from: str
    valid_to: str
    values: Values


def in_force(edits: Sequence[Edit], day: str) -> Values | None:
    """The values that hold on a day, or None where the record is not in force."""
    return next((edit.values for edit in reversed(edits) if edit.valid_from <= day < edit.valid_to), None)


def periods(edits: Sequence[Edit]) -> list[Period]:
    """When which values hold: in order, without overlap; neighbours differ."""
    days = sorted({day for edit in edits for day in (edit.valid_from, edit.valid_to)})
    found: list[Period] = []
    for start, end in pairwise(days):
        values = in_force(edits, start)
        if found and found[-1].valid_to == start and found[-1].values == values:
            found[-1] = Period(found[-1].valid_from, end, found[-1].values)
        elif values is not None:
            found.append(Period(start, end, values))
    return found


def shown_on(edits: Sequence[Edit], day: str) -> tuple[Values, bool]:
    """What to call a record by on a day, and whether it is in force: else what it was last, or what it will be first."""
    values = in_force(edits, day)
    if values is not None:
        return values, True
    known = periods(edits)
    past = [period.values for period in known if period.valid_to <= day]
    said = [edit.values for edit in edits if edit.values is not None]  # of a record that ended on the day it began
    return (past[-1:] or [period.values for period in known[:1]] or said[-1:] or [{}])[0], False


def next_change(edits: Sequence[Edit], day: str) -> str:
    """The first day after this one on which other values hold; OPEN where there is none."""
    held = [(period.valid_from, period.valid_to) for period in periods(edits)]
    return min((edge for edges in held for edge in edges if edge > day), default=OPEN)


def revise(edits: Sequence[Edit], change: Change, at: datetime, by: str, reason: str | None = None) -> Edit | None:
    """The edit that carries out a change, or None where it would change nothing.

    Raises Invalid for days in the wrong order, Refused where a later change is planned and it is not said until when.
    """
    demand_order(change)
    if change.valid_to is None:
        if in_force(edits, change.valid_from) == change.values:
            return None
        planned = next_change(edits, change.valid_from)
        if planned != OPEN and change.values is not None:
            raise Refused("later_change_planned", f"از {planned} تغییر دیگری ثبت شده است. بنویسید تا چه روزی (valid_to)؛ "
                          f"{OPEN} یعنی برای همیشه.", f"Another change is planned for {planned}. Say until when (valid_to); "
                          f"{OPEN} means for good.")
    elif _holds(edits, change.valid_from, change.valid_to, change.values):
        return None
    return Edit(change.valid_from, change.valid_to or OPEN, change.values, at, by, reason)


def _holds(edits: Sequence[Edit], start: str, end: str, values: Values | None) -> bool:
    """Whether these values hold on every day from start until before end."""
    days = {start, *(day for edit in edits for day in (edit.valid_from, edit.valid_to) if start < day < end)}
    return all(in_force(edits, day) == values for day in days)


def demand_order(change: Change) -> None:
    """Raises Invalid for a day that is none, or a term that ends before it begins."""
    for name in ("valid_from", "valid_to"):
        day = getattr(change, name)
        if day is not None and not is_day(day):
            raise _bad_day(name, "این روز در تقویم نیست؛ مانند 2025-03-21 بنویسید.",
                           "No such day; write it like 2025-03-21.")
    if change.valid_from == OPEN:
        raise _bad_day("valid_from", "این روز برای «همیشه» است؛ روزی پیش از آن بنویسید.",
                       "This day stands for ever; write an earlier one.")
    if change.valid_to is not None and change.valid_to <= change.valid_from:
        raise _bad_day("valid_to", "پایان باید پس از آغاز باشد.", "The end must come after the beginning.")


def is_day(text: str) -> bool:
    """Whether it is written YYYY-MM-DD and in the calendar."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _bad_day(name: str, fa: str, en: str) -> Invalid:
    return Invalid("bad_validity", fa, en, [{"pointer": f"/{name}", "fa": fa, "en": en}])
