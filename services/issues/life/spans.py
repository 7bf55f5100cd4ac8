"""Spans of time, each from (included) until (not included), of minutes of a day or of instants."""
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TypeVar

T = TypeVar("T", int, datetime)
Span = tuple[T, T]
MIDNIGHT = 24 * 60  # the minute at which a day ends
TIME = re.compile("([01][0-9]|2[0-3]):([0-5][0-9])|24:00")


def minute_of(text: str) -> int:
    """Minutes after midnight of `HH:MM`, up to 24:00. Raises ValueError."""
    found = TIME.fullmatch(text)
    if not found:
        raise ValueError(f"{text[:20]!r} is no time of day")
    return int(found[1]) * 60 + int(found[2]) if found[1] else MIDNIGHT


def together(spans: Iterable[Span[T]]) -> list[Span[T]]:
    """The same time in order and apart; empty and turned spans are none."""
    found: list[Span[T]] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def without(spans: Iterable[Span[T]], taken: Iterable[Span[T]]) -> list[Span[T]]:
    """What is left of spans when others are taken out of them."""
    left = list(spans)
    for start, end in taken:
        left = [part for span in left for part in ((span[0], min(span[1], start)), (max(span[0], end), span[1]))
                if part[0] < part[1]]
    return left


def within(spans: Iterable[Span[T]], start: T, end: T) -> list[Span[T]]:
    """The parts of spans between `start` and `end`."""
    return [(max(opens, start), min(closes, end)) for opens, closes in spans if closes > start and opens < end]


def length(spans: Iterable[Span[datetime]]) -> timedelta:
    """Of spans that are apart."""
    return sum((closes - opens for opens, closes in spans), timedelta())
