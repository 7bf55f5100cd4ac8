"""When something is due: working time in a territory's calendar, exact, and the days it was made of.

Plain Python, no I/O. Instants are aware and given back in UTC; days and times of day are local to the calendar's zone.
Hours are working hours in a calendar, and hours of the clock on the wall where there is none.
"""
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from services.issues.life.spans import MIDNIGHT, Span, length, minute_of, together, within, without

DAY = timedelta(days=1)
NEVER = datetime.max.replace(tzinfo=UTC)
BEGIN = datetime.min.replace(tzinfo=UTC)
SHUT = 5 * 366  # days without an opening after which a calendar is held never to open
FARTHEST = 100 * 366  # days in which an allowance must fit


class NeverOpens(ValueError):
    """The calendar has not the working time that was asked for: it stays shut for five years, or lasts for a century."""


@dataclass(frozen=True)
class Why:
    """Why a day, or a part of it, does not count. `kind`: weekend, holiday, closure, no_hours (none on that weekday) or
    outside (what is counted lies beside the office hours). `estimated` where it hangs on a moon not sighted yet."""

    kind: str
    fa: str
    en: str
    estimated: bool = False


@dataclass(frozen=True)
class Part:
    """One day of a deadline: how much of it counted, and why not all of it did."""

    day: date
    worked: timedelta
    why: tuple[Why, ...] = ()


class Calendar:
    """One version of a territory's calendar, from the values of `contracts.registry.CalendarSnapshot`.

    Raises KeyError or ValueError for values that cannot be read. A weekend day stays shut whatever its office hours say.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.code, self.version = str(values["code"]), int(values["version"])
        self._zone = ZoneInfo(values["time_zone"])
        self._weekend = frozenset(values["weekend"])
        self._rows = [(row["weekday"], _days_of(row), (minute_of(row["opens"]), minute_of(row["closes"])))
                       for row in values["office_hours"]]
        self._holidays = {date.fromisoformat(each["date"]): each for each in values["holidays"]}
        self._closures: dict[date, list[Mapping[str, Any]]] = {}
        for each in values["closures"]:
            self._closures.setdefault(date.fromisoformat(each["date"]), []).append(each)
        self._known: dict[date, tuple[Span[datetime], ...]] = {}
        self._worked: dict[int, timedelta] = {}  # by ordinal day: most days are only counted, not looked into

    def local(self, at: datetime) -> datetime:
        """The clock on the wall there."""
        return at.astimezone(self._zone)

    def day_of(self, at: datetime) -> date:
        return self.local(at).date()

    def at(self, day: date, hour: time) -> datetime:
        """The instant, UTC, at which the clock on the wall shows that; of two the first."""
        return datetime.combine(day, hour.replace(fold=0), self._zone).astimezone(UTC)

    def open_on(self, day: date) -> tuple[Span[datetime], ...]:
        """From when until when it is open on a day, UTC, in order and apart."""
        found = self._known.get(day)
        if found is None:
            instants = [(self._instant(day, opens), self._instant(day, closes)) for opens, closes in self._minutes(day)]
            found = self._known[day] = tuple(together(instants))  # a change of the clocks may have turned or joined some
        return found

    def reach(self, day: date, left: timedelta) -> tuple[date, timedelta]:
        """The day, this one or a later one, on which so much will have been worked; how much of it on that day itself.

        `left` is more than nothing. Raises NeverOpens.
        """
        for number in self._open_from(day):
            worked = self._hours(number)
            if left <= worked:
                return date.fromordinal(number), left
            left -= worked
        raise AssertionError("it goes on until NeverOpens is raised")

    def opening(self, day: date, count: int = 1) -> date:
        """The day on which it opens for the `count`-th time, `day` itself included. Raises NeverOpens."""
        return date.fromordinal(next(islice(self._open_from(day), count - 1, None)))

    def _open_from(self, day: date) -> Iterator[int]:
        """The ordinals of the days on which it opens. Raises NeverOpens where they end."""
        shut = 0
        for number in range(day.toordinal(), day.toordinal() + FARTHEST):
            if self._hours(number):
                shut = 0
                yield number
            elif (shut := shut + 1) > SHUT:
                break
        raise NeverOpens(f"the calendar of {self.code} has too little working time after {day}")

    def hours_on(self, day: date) -> timedelta:
        """How long it is open on a day."""
        return self._hours(day.toordinal())

    def _hours(self, number: int) -> timedelta:
        found = self._worked.get(number)
        if found is None:
            found = self._worked[number] = length(self.open_on(date.fromordinal(number)))
        return found

    def why_shut(self, day: date) -> tuple[Why, ...]:
        """Why a day, or a part of it, is not open."""
        found = [Why("closure", each["reason"], each["reason"]) for each in self._closures.get(day, ())]
        if holiday := self._holidays.get(day):
            found.insert(0, Why("holiday", holiday["name_fa"], holiday["name_en"], bool(holiday.get("estimated"))))
        if day.isoweekday() in self._weekend:
            found.insert(0, Why("weekend", "تعطیل هفتگی", "Weekend"))
        return tuple(found)

    def _minutes(self, day: date) -> list[Span[int]]:
        """The open times of a day in minutes after its midnight."""
        if day.isoweekday() in self._weekend or day in self._holidays:
            return []
        hours = together(self._hours_of(day))
        shut = [(minute_of(each.get("starts") or "00:00"), minute_of(each.get("ends") or "24:00"))
                for each in self._closures.get(day, ())]
        return without(hours, shut)

    def _hours_of(self, day: date) -> list[Span[int]]:
        """Its dated rows, such as those of Ramadan; where none is for this day, the undated ones."""
        rows = [(days, span) for weekday, days, span in self._rows
                if weekday == day.isoweekday() and days[0] <= day < days[1]]
        dated = [span for days, span in rows if days != (date.min, date.max)]
        return dated or [span for _, span in rows]

    def _instant(self, day: date, minute: int) -> datetime:
        days, minutes = divmod(minute, MIDNIGHT)
        return datetime.combine(day + days * DAY, time(*divmod(minutes, 60)), self._zone).astimezone(UTC)


def _days_of(row: Mapping[str, Any]) -> tuple[date, date]:
    since, until = row.get("valid_from"), row.get("valid_to")
    return date.fromisoformat(since) if since else date.min, date.fromisoformat(until) if until else date.max


def due(start: datetime, hours: int, calendar: Calendar | None = None) -> datetime:
    """The first instant at which so many hours have been worked since `start`. Raises NeverOpens."""
    return after(start, timedelta(hours=hours), calendar)


def after(start: datetime, left: timedelta, calendar: Calendar | None = None) -> datetime:
    """The first instant at which so much has been worked since `start`. Raises NeverOpens."""
    start = start.astimezone(UTC)
    if calendar is None or not left:
        return start + left
    day = calendar.day_of(start)
    spans: Sequence[Span[datetime]] = within(calendar.open_on(day), start, NEVER)
    if left > length(spans):
        day, left = calendar.reach(day + DAY, left - length(spans))
        spans = calendar.open_on(day)
    for opens, closes in spans:
        if left <= closes - opens:
            return opens + left
        left -= closes - opens
    raise AssertionError("on that day the work is done")


def worked(start: datetime, end: datetime, calendar: Calendar | None = None) -> timedelta:
    """The working time from `start` until `end`; none where that is not later."""
    if calendar is None or end <= start:
        return max(end - start, timedelta())
    first, last = calendar.day_of(start), calendar.day_of(end)
    if first == last:
        return length(within(calendar.open_on(first), start, end))
    whole = sum((calendar.hours_on(first + number * DAY) for number in range(1, (last - first).days)), timedelta())
    return (length(within(calendar.open_on(first), start, NEVER)) + whole
            + length(within(calendar.open_on(last), BEGIN, end)))


def parts(start: datetime, end: datetime, calendar: Calendar) -> list[Part]:
    """The days from `start` to `end`, each with the working time in between and why the rest of it does not count."""
    found, day = [], calendar.day_of(start)
    while day <= calendar.day_of(end):
        worked = length(within(calendar.open_on(day), start, end))
        found.append(Part(day, worked, calendar.why_shut(day) or (() if worked else (_shut(day, calendar),))))
        day += DAY
    return found


def _shut(day: date, calendar: Calendar) -> Why:
    if calendar.open_on(day):
        return Why("outside", "بیرون از ساعت کار", "Outside office hours")
    return Why("no_hours", "روز بی ساعت کار", "No office hours on this weekday")
