"""What records of the registry are made of: rows of calendars, questions and deadlines of categories.

Days are `YYYY-MM-DD`, times of day `HH:MM`, local to the calendar's time zone; weekdays are ISO's, 1 for Monday.
"""
from dataclasses import dataclass


@dataclass(frozen=True)
class OfficeHours:
    """Open from `opens` until `closes` on a weekday; only from `valid_from` and until before `valid_to` where given.

    On a day for which there are dated rows, such as one of Ramadan, the undated ones of its weekday do not count.
    """

    weekday: int
    opens: str
    closes: str
    valid_from: str | None = None
    valid_to: str | None = None


@dataclass(frozen=True)
class Option:
    """One answer that may be chosen."""

    code: str
    name_fa: str
    name_en: str


@dataclass(frozen=True)
class Question:
    """What a category asks besides the text. `type`: text, number, date, yes_no, one (of `options`) or many (of them)."""

    code: str
    type: str
    name_fa: str
    name_en: str
    required: bool = False
    options: tuple[Option, ...] = ()


@dataclass(frozen=True)
class Allowance:
    """Hours for accepting and finishing at one level of agency and one priority of issue; None stands for any.

    Working days, where given, count instead of the hours: see `contracts.registry.CategorySnapshot`.
    """

    accept_hours: int
    finish_hours: int
    level: str | None = None
    priority: str | None = None
    accept_days: int | None = None
    finish_days: int | None = None


@dataclass(frozen=True)
class Step:
    """One step of an escalation ladder: `after_hours` past a deadline it goes `to` this role or body."""

    after_hours: int
    to: str


@dataclass(frozen=True)
class Holiday:
    """A public holiday. `estimated` where it hangs on a moon that is not sighted yet."""

    date: str
    name_fa: str
    name_en: str
    estimated: bool = False


@dataclass(frozen=True)
class Closure:
    """A one-off closure of a day, or of a part of it, with its reason."""

    date: str
    reason: str
    starts: str | None = None
    ends: str | None = None
