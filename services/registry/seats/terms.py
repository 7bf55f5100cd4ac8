"""Terms of a seat: who holds it on which days. On every day one person does, or nobody.

A seat's edits say two things at once: what the seat is (role and place) and its term (TERM). What the seat is changes as
any record does and leaves the terms as they are; a term is given only on days on which nobody holds the seat and the seat
is in force.
"""
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from contracts.errors import Refused
from services.registry import model
from services.registry.model import OPEN, Change, Edit, Values, demand_order, in_force

TERM = ("person", "how", "appointed_by")
VACANT: Values = dict.fromkeys(TERM)
HOWS = ("appointed", "elected", "volunteered", "hired", "ex_officio")


@dataclass(frozen=True)
class Term:
    """`person` an id; `how` one of HOWS; `appointed_by` the id of the caller who entered it; `valid_to` None: for as long
    as the seat is there."""

    person: str
    how: str | None
    appointed_by: str | None
    valid_from: str
    valid_to: str | None = None

    @property
    def values(self) -> Values:
        return {name: getattr(self, name) for name in TERM}


@dataclass(frozen=True)
class Span:
    """Days on which the same edit holds; `values` None: the seat is not in force."""

    valid_from: str
    valid_to: str
    values: Values | None

    @property
    def term(self) -> Values:
        return {name: (self.values or {}).get(name) for name in TERM}


def bare(values: Values) -> Values:
    """What the seat is, without who holds it."""
    return {name: value for name, value in values.items() if name not in TERM}


def spans(edits: Sequence[Edit], start: str, end: str) -> list[Span]:
    """What holds from start until before end, in order and without a hole; neighbours may be the same."""
    inner = {day for edit in edits for day in (edit.valid_from, edit.valid_to) if start < day < end}
    return [Span(first, last, in_force(edits, first)) for first, last in pairwise(sorted({start, end, *inner}))]


def revise(edits: Sequence[Edit], change: Change, at: datetime, by: str, reason: str | None = None) -> list[Edit]:
    """The edits that carry out a change of what the seat is; nobody's term is touched, but where the seat ends, terms end.

    Values that name a `person` give them the term as well, unless they hold the seat on the first day already. Raises what
    `model.revise` and `appoint` do.
    """
    given = change.values
    plain = [replace(edit, values=edit.values and bare(edit.values)) for edit in edits]
    made = model.revise(plain, replace(change, values=given and bare(given)), at, by, reason)
    new = list(_underneath(edits, made)) if made else []
    if given and given.get("person") and (in_force(edits, change.valid_from) or {}).get("person") != given["person"]:
        term = Term(given["person"], given.get("how"), given.get("appointed_by"), change.valid_from, change.valid_to)
        new += appoint([*edits, *new], term, at, by, reason)
    return new


def _underneath(edits: Sequence[Edit], made: Edit) -> Iterator[Edit]:
    """One edit for each of the terms that go on over what the seat is from now on."""
    if made.values is None:
        yield made
        return
    for span in _joined(spans(edits, made.valid_from, made.valid_to)):
        yield replace(made, valid_from=span.valid_from, valid_to=span.valid_to, values=made.values | span.term)


def _joined(found: list[Span]) -> list[Span]:
    """The spans with neighbours of the same term made one."""
    joined: list[Span] = []
    for span in found:
        if joined and joined[-1].term == span.term:
            span = Span(joined.pop().valid_from, span.valid_to, span.values)
        joined.append(span)
    return joined


def appoint(edits: Sequence[Edit], term: Term, at: datetime, by: str, reason: str | None = None) -> list[Edit]:
    """The edits that give a term; none where just this term is given already.

    Raises Invalid for days in the wrong order, Refused where a day of it is held (`seat_taken`) or the seat is not in force.
    """
    demand_order(Change("seats", "", None, term.valid_from, term.valid_to))
    wanted = spans(edits, term.valid_from, term.valid_to or _end_of_seat(edits, term.valid_from))
    for span in wanted:
        if span.values is None:
            raise Refused("seat_not_in_force", f"این جایگاه در {span.valid_from} برقرار نیست. روزهای دیگری بنویسید.",
                          f"The seat is not in force on {span.valid_from}. Give other days.")
    if all(span.term == term.values for span in wanted):
        return []
    for span in wanted:
        if span.term["person"]:
            raise _taken(span.valid_from, held_until(edits, span.valid_from))
    return _edits(wanted, term.values, at, by, reason)


def vacate(edits: Sequence[Edit], day: str, at: datetime, by: str, reason: str | None = None) -> list[Edit]:
    """The edits that end the term which runs on a day, from that day on. Raises Refused where none does (`seat_vacant`)."""
    demand_order(Change("seats", "", None, day))
    if not (in_force(edits, day) or {}).get("person"):
        raise Refused("seat_vacant", f"در {day} کسی در این جایگاه نیست.", f"Nobody holds the seat on {day}.")
    return _edits(spans(edits, day, held_until(edits, day)), VACANT, at, by, reason)


def without(edits: Sequence[Edit], person: str, day: str, at: datetime, by: str, reason: str | None = None) -> list[Edit]:
    """The edits that end every term of a person from a day on, those that have not begun as well."""
    return _edits([span for span in spans(edits, day, OPEN) if span.term["person"] == person], VACANT, at, by, reason)


def held_until(edits: Sequence[Edit], day: str) -> str:
    """The first day after this one that is not of the same term."""
    first, *later = spans(edits, day, OPEN)
    return next((span.valid_from for span in later if span.term != first.term), OPEN)


def told_of(edits: Sequence[Edit], person: str) -> list[int]:
    """The positions of the edits that gave a person a term or ended it: their reasons may speak of them."""
    return [n for n, edit in enumerate(edits) if (edit.values or {}).get("person") == person
            or (in_force(edits[:n], edit.valid_from) or {}).get("person") == person]


def _end_of_seat(edits: Sequence[Edit], day: str) -> str:
    """The first day from this one on that the seat is not in force, or OPEN; OPEN where it is not on this one."""
    first, *later = spans(edits, day, OPEN)
    return OPEN if first.values is None else next((span.valid_from for span in later if span.values is None), OPEN)


def _edits(found: Sequence[Span], term: Values, at: datetime, by: str, reason: str | None) -> list[Edit]:
    return [Edit(span.valid_from, span.valid_to, {**span.values, **term}, at, by, reason)
            for span in found if span.values is not None]


def _taken(start: str, end: str) -> Refused:
    if end == OPEN:
        return Refused("seat_taken", f"این جایگاه از {start} بدون پایان به کسی داده شده است. نخست دورهٔ او را پایان دهید.",
                       f"The seat is held from {start}, without an end. End that term first.")
    return Refused("seat_taken", f"این جایگاه از {start} تا {end} از آنِ کسی است. روزهای دیگری بنویسید.",
                   f"The seat is held from {start} until {end}. Give other days, or end that term first.")
