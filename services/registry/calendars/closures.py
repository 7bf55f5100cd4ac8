"""Closures and holidays of a calendar, one by one; and which calendar holds for a place.

Each is one edit of the calendar in one write, with one event; two people who close two days at once lose neither. Where
other values are planned for later, those are edited as well.
"""
from collections.abc import Callable
from typing import Any

from chassis.clock import now, today
from chassis.store import answering
from contracts.errors import Refused, TooLarge, not_found
from services.registry import ledger, once
from services.registry.documents import Calendar
from services.registry.model import Edit, Values, in_force, periods
from services.registry.registers import REGISTERS
from services.registry.use_cases import find, look

Record = dict[str, Any]
MOST = 2000  # closures, and holidays, of one calendar


def close(code: str, closure: Record, by: str) -> Record:
    """Closes a day, or a part of it; what was said of the same day and `starts` before is replaced."""
    return _amend(code, lambda values: _with(values, "closures", closure, _when), by, closure["reason"])


def reopen(code: str, day: str, starts: str | None, by: str) -> Record:
    """Takes a closure back. Raises NotFound."""
    return _take_out(code, "closures", lambda each: _when(each) == (day, starts), by)


def keep_holiday(code: str, holiday: Record, by: str) -> Record:
    """Adds a holiday, or says it anew."""
    return _amend(code, lambda values: _with(values, "holidays", holiday, _date), by, holiday["name_fa"])


def drop_holiday(code: str, day: str, by: str) -> Record:
    """Takes a holiday away, as when the moon was sighted on another day. Raises NotFound."""
    return _take_out(code, "holidays", lambda each: each["date"] == day, by)


def calendar_of(territory: str, day: str) -> Record | None:
    """The calendar that holds at a place on a day: its own, or the nearest up the path; its `code` says whose it is.

    None where there is none on the whole path. Raises NotFound for a place that is not in force on that day.
    """
    with answering():
        place = in_force(find(REGISTERS["territories"], territory) or [], day)
        if place is None:
            raise not_found()
        switched = ledger.switched_on()
        found = {each["_id"]: in_force(ledger.visible(each, switched), day) for each in Calendar._get_collection().find(
            {"_id": {"$in": place["path"]}}, {"outbox": 0})}
    return next(({"code": code, **values} for code in reversed(place["path"]) if (values := found.get(code))), None)


def _when(closure: Record) -> tuple[str, str | None]:
    return closure["date"], closure["starts"]


def _date(holiday: Record) -> str:
    return str(holiday["date"])


def _with(values: Values, kind: str, new: Record, key: Callable[[Record], Any]) -> Values:
    others = [each for each in values[kind] if key(each) != key(new)]
    if len(others) >= MOST:
        raise TooLarge("calendar_full", "این تقویم جای دیگری ندارد. موردهای سال‌های گذشته را بردارید.",
                       "This calendar is full. Take out what lies years back.")
    return values | {kind: sorted([*others, new], key=lambda each: (each["date"], each.get("starts") or ""))}


def _take_out(code: str, kind: str, meant: Callable[[Record], bool], by: str) -> Record:
    edits = find(REGISTERS["calendars"], code) or []
    if not any(map(meant, _held(code)[kind])) and not once.command().made(edits):
        raise not_found()
    return _amend(code, lambda values: values | {kind: [each for each in values[kind] if not meant(each)]}, by, None)


def _held(code: str) -> Values:
    """The calendar of that very place, today. Raises Refused where it has none of its own."""
    values = in_force(find(REGISTERS["calendars"], code) or [], today())
    if values is None:
        raise Refused("no_calendar", f"«{code}» تقویم خودش را ندارد. نخست تقویمی برایش بسازید یا بالاتر را تغییر دهید.",
                      f"{code} has no calendar of its own. Make one first, or change the one above it.")
    return values


def _amend(code: str, amended: Callable[[Values], Values], by: str, reason: str | None) -> Record:
    """Amends a calendar from today on. Returns it as it is then."""
    _held(code)
    ledger.record(Calendar, code, lambda edits: edits_from(today(), edits, amended, by, reason))
    return look("calendars", code, {})


def edits_from(day: str, edits: list[Edit], amended: Callable[[Values], Values], by: str, reason: str | None) -> list[Edit]:
    """Amends what holds from a day on: one edit for each period whose values that changes; mostly there is one."""
    return [Edit(max(day, period.valid_from), period.valid_to, values, now(), by, reason) for period in periods(edits)
            if period.valid_to > day and (values := amended(period.values)) != period.values]
