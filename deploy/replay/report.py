"""What is printed. The last two lines are the results: how many of the city's own targets, and of its verdicts, are ours."""
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from deploy.replay.counting import Numbers
from deploy.replay.rows import Request
from deploy.replay.targets import Compared, agreeing, differing

SHOWN = 12  # types that are shown, those with the most requests


@dataclass(frozen=True)
class Result:
    """Everything about the same requests, in the same order. `by_hours`: by allowances of hours alone; `by_days`: of hours
    or working days, whichever the other half of the days taught. `played`: what happened → how often. `escalated`: the
    numbers of those of which the engine told that nobody finished in time."""

    requests: list[Request]
    by_hours: list[Compared]
    by_days: list[Compared]
    played: Counter[str]
    escalated: set[int]
    numbers: Numbers

    @property
    def overdue_agree(self) -> int:
        return sum(request.overdue == (str(number) in self.numbers.overdue) for number, request in enumerate(self.requests))


def report(result: Result) -> Iterator[str]:
    """Lines."""
    yield from targets(result)
    yield ""
    yield from overdue(result)
    yield ""
    yield f"target agrees {agreeing(result.by_days)} of {len(result.requests)}"
    yield f"overdue agrees {result.overdue_agree} of {len(result.requests)}"


def targets(result: Result) -> Iterator[str]:
    yield "Deadlines by our calendars and allowances; each half of the days goes by what the other half taught."
    for units, found in ("hours or working days", result.by_days), ("hours alone", result.by_hours):
        yield f"By allowances of {units}, {agreeing(found)} of {len(result.requests)}:"
        yield from table((f"{agree} of {count}", kind, allowances) for kind, agree, count, allowances in kinds(found))
        yield "Where the others lie:"
        yield from table((str(count), reason) for reason, count in differing(found, result.by_days).items())


def kinds(found: Iterable[Compared]) -> list[tuple[str, int, int, str]]:
    """Of the types with the most requests: the type, how many agree, of how many, by which allowances."""
    counts: Counter[str] = Counter()
    agree: Counter[str] = Counter()
    allowances: dict[str, dict[str, None]] = {}
    for each in found:
        kind = each.request.kind
        counts[kind] += 1
        agree[kind] += each.agrees
        allowances.setdefault(kind, {})[str(each.allowance)] = None
    return [(kind, agree[kind], count, "; ".join(allowances[kind])) for kind, count in counts.most_common(SHOWN)]


def overdue(result: Result) -> Iterator[str]:
    """What the engine did, and what the booklet and the ladder found."""
    count, published = len(result.requests), result.numbers.published
    yield "Every request with the city's deadline, through the engine on a fake clock:"
    yield from table((str(times), what) for what, times in result.played.most_common())
    yield f"Closed: {published['closed']}, by silence: {published['silence_share']:.0%}; still open: {published['open']}"
    yield f"Escalated because nobody finished in time: {len(result.escalated)} of {count}"
    yield (f"Overdue in the booklet: {len(result.numbers.overdue)} of {count}; "
           f"the city says {sum(request.overdue for request in result.requests)}")


def table(lines: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """The first column to the right, the others to the left."""
    rows = list(lines)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *others in rows:
        cells = [cell.ljust(width) for cell, width in zip(others, widths[1:], strict=True)]
        yield "  ".join(["", first.rjust(widths[0]), *cells]).rstrip()
