"""Figures of neighbourhoods: added, never changed; the newest one of a neighbourhood, an indicator and a year holds."""
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from pymongo.errors import BulkWriteError

from chassis.clock import now, today
from chassis.store import answering, duplicates
from contracts.errors import Invalid, Refused
from services.registry.days import JALALI, year_of
from services.registry.profiles.documents import ProfileEntry
from services.registry.profiles.schemas import BOUNDS

Record = dict[str, Any]
TRIES = 12


def read_on(year: int) -> str:
    """The day as of which a year is read: its last one, or today. Raises Invalid for a year that has not begun."""
    if year not in JALALI[:-1]:
        raise Invalid("bad_year", "سال را هجری شمسی بنویسید؛ مانند 1404.", "Write a Jalali year, like 1404.", [])
    start, after = year_of(year)
    if start > today():
        raise Invalid("year_ahead", f"سال {year} هنوز آغاز نشده است.", f"The year {year} has not begun.", [])
    return min((date.fromisoformat(after) - timedelta(days=1)).isoformat(), today())


def flaws(entry: Record, indicator: Record | None, year: int) -> Iterable[tuple[str, str, str]]:
    """(what of the entry, Persian, English) for each thing that is wrong with it."""
    if indicator is None:
        yield "indicator", "این شاخص در آن سال در فهرست نیست.", "This indicator was not in the register in that year."
        return
    least, most = bounds(indicator)
    if not least <= entry["value"] <= most:
        yield "value", f"عددی بین {least:g} و {most:g} لازم است.", f"It must lie between {least:g} and {most:g}."
    if indicator["kind"] in ("count", "yes_no") and entry["value"] % 1:
        yield "value", "عدد صحیح لازم است.", "It must be a whole number."
    start, after = year_of(year)
    if entry["day"] is not None and not start <= entry["day"] < after:
        yield "day", f"این روز در سال {year} نیست.", f"This day is not in {year}."


def bounds(indicator: Record) -> tuple[float, float]:
    least, most = BOUNDS[indicator["kind"]]
    given_least, given_most = indicator["least"], indicator["most"]
    return (max(least, least if given_least is None else given_least), min(most, most if given_most is None else given_most))


def newest(query: Record) -> dict[tuple[str, int, str], Record]:
    """(neighbourhood, year, indicator) → its newest entry, with the number of all of them as `number`."""
    stages: list[Record] = [{"$match": query}, {"$sort": {"neighbourhood": 1, "year": 1, "indicator": 1, "number": 1}},
                            {"$group": {"_id": {"n": "$neighbourhood", "y": "$year", "i": "$indicator"},
                                        "entry": {"$last": "$$ROOT"}}}]
    with answering():
        found = ProfileEntry._get_collection().aggregate(stages)
        return {(each["_id"]["n"], each["_id"]["y"], each["_id"]["i"]): each["entry"] for each in found}


def figures(neighbourhoods: list[str], year: int, indicators: list[str]) -> dict[str, dict[str, float]]:
    """The figures of many neighbourhoods in a year, in one pass over an index."""
    stages: list[Record] = [
        {"$match": {"neighbourhood": {"$in": neighbourhoods}, "year": year, "indicator": {"$in": indicators}}},
        {"$sort": {"neighbourhood": 1, "year": 1, "indicator": 1, "number": 1}},
        {"$group": {"_id": {"n": "$neighbourhood", "i": "$indicator"}, "value": {"$last": "$value"}}}]
    found: dict[str, dict[str, float]] = {code: {} for code in neighbourhoods}
    with answering():
        for each in ProfileEntry._get_collection().aggregate(stages):
            found[each["_id"]["n"]][each["_id"]["i"]] = each["value"]
    return found


def add(neighbourhood: str, year: int, entries: list[Record], by: str) -> int:
    """Adds what is not said already; how many that were. Of two who enter the same at once, both are kept, one after
    the other. Raises Refused where others were faster TRIES times in a row."""
    added = 0
    for _ in range(TRIES):
        known = newest({"neighbourhood": neighbourhood, "year": year})
        new = [_numbered(entry, neighbourhood, year, known, by) for entry in entries]
        new = [entry for entry in new if entry is not None]
        if not new:
            return added
        done = _inserted([entry for entry in new if entry is not None])
        added += done
        if done == len(new):
            return added
    raise Refused("changed_meanwhile", "هم‌زمان کس دیگری همین‌ها را وارد می‌کند. دوباره تلاش کنید.",
                  "Somebody else is entering the same figures. Try again.")


def _numbered(entry: Record, neighbourhood: str, year: int, known: dict[Any, Record], by: str) -> Record | None:
    before = known.get((neighbourhood, year, entry["indicator"]))
    if before and all(before[name] == entry[name] for name in ("value", "day", "source")):
        return None
    return {**entry, "neighbourhood": neighbourhood, "year": year, "number": (before or {"number": 0})["number"] + 1,
            "by": by, "at": now()}


def _inserted(entries: list[Record]) -> int:
    with answering():
        try:
            ProfileEntry._get_collection().insert_many(entries, ordered=False)
        except BulkWriteError as error:
            return len(entries) - len(duplicates(error))
    return len(entries)
