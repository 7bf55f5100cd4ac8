"""How each list of issues is served by an index. No I/O.

A sort names its index, and filters choose what is equal in it: a way. What the index does not hold is left to be
compared, of a bounded number of documents for a page (`pages`).
"""
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product

from services.issues.documents import CODES, DUE, SHELVES, UPDATED, WORDS
from services.issues.finding.filters import Condition, Query, Wanted, due_span, sort_of, span, wanted
from services.issues.finding.shelves import ORDINARY, agency_area, priority_shelf, shelf
from services.issues.routing import Map

EQUALITIES = 100  # of one way; from 200 on, the database would sort in memory


@dataclass(frozen=True)
class Order:
    """By `field`, up (1) or down (-1), and what is equal there by tracking code, up or down as `ties` says."""

    field: str
    direction: int
    ties: int
    index: str


ORDERS = {"newest": Order("filed_at", -1, 1, SHELVES), "oldest": Order("filed_at", 1, -1, SHELVES),
          "due": Order("due_at", 1, 1, DUE), "updated": Order("updated_at", -1, 1, UPDATED)}


@dataclass(frozen=True)
class Way:
    """What is equal in the first field of an index, and what is left to be compared."""

    index: str
    equal: Condition
    left: Condition


@dataclass(frozen=True)
class Search:
    """An order, the span of it that is wanted, as mongo's operators, and ways of which each finds all of it."""

    order: Order
    span: Condition
    ways: Sequence[Way]


def search(query: Query, known: Map, masked: str, at: datetime, mine: Sequence[str] = ()) -> Search:
    """What a query asks for in any sort but the nearest. `masked` and `mine` as in `Wanted`. Raises Malformed."""
    order, found = ORDERS[sort_of(query)], wanted(query, known, masked, mine)
    if found.mine:
        return Search(order, span(query, "filed"), [Way(SHELVES, {"shelves": {"$in": list(found.mine)}}, found.left())])
    if found.codes:
        return Search(order, span(query, "filed"), [codes(found)])
    if order.index == SHELVES:
        return Search(order, span(query, "filed"), [*shelves(found), *words(found)])
    if order.index == DUE:
        return Search(order, due_span(query, at), [area(found, DUE)])
    return Search(order, span(query, "updated"), [area(found, UPDATED, span(query, "filed"))])


def codes(found: Wanted) -> Way:
    """By tracking code; of so few, what is left is compared and sorted as they come. Of confidential issues none."""
    return Way(CODES, {"tracking_code": {"$in": list(found.codes)}, "confidential": False}, found.left("code"))


def shelves(found: Wanted) -> Iterator[Way]:
    """By place, category and status; by agency and status; by place and priority."""
    statuses, areas = found.statuses or ("",), found.areas(found.area)
    served: tuple[str, ...] = (found.place, "category", "status")
    tokens = [*product(areas, found.categories or ("",), statuses)]
    if len(tokens) > EQUALITIES:
        tokens, served = [*product(areas, ("",), statuses)], (found.place, "status")
    yield Way(SHELVES, {"shelves": {"$in": [shelf(*token) for token in tokens]}}, found.left(*served))
    if found.agency:
        own = [shelf(each, status=status) for each, status in product(found.areas(agency_area(found.agency)), statuses)]
        yield Way(SHELVES, {"shelves": {"$in": own}}, found.left("agency", "status"))
    if found.priorities and ORDINARY not in found.priorities:
        urgent = [priority_shelf(*each) for each in product(areas, found.priorities)]
        yield Way(SHELVES, {"shelves": {"$in": urgent}}, found.left(found.place, "priority"))


def words(found: Wanted) -> Iterator[Way]:
    """By each word that is asked for."""
    for word in found.words:
        rest = {"found_by": {"$all": [each for each in found.words if each != word]}}
        yield Way(WORDS, {"found_by": word}, found.left("words") | (rest if len(found.words) > 1 else {}))


def area(found: Wanted, index: str, filed: Condition | None = None) -> Way:
    """By agency where one is asked for, for it has fewer; else by place. `filed`: the span of filing, to be compared."""
    name, asked = ("agency", agency_area(found.agency)) if found.agency else (found.place, found.area)
    return Way(index, {"areas": {"$in": found.areas(asked)}}, found.left(name) | ({"filed_at": filed} if filed else {}))
