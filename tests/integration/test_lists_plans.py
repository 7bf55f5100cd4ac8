"""Every query that a list, a search or a work list can make is served by an index: none reads the whole collection or
sorts it.

The questions are made of the tables themselves, filters alone, in twos, in threes and all; one that is added there
without an example here, or that no index serves, fails.
"""
from collections.abc import Iterator, Mapping
from itertools import chain, combinations
from typing import Any

import pytest

from chassis.caller import PUBLIC, Caller
from services.issues.documents import NEAREST, IssueDocument
from services.issues.finding import lists, pages
from services.issues.finding.filters import BESIDES, FILTERS, wanted
from services.issues.finding.nearest import near
from services.issues.finding.search import ORDERS, Search, Way, search
from services.issues.finding.shelves import EVERYWHERE, of_filer
from services.issues.finding.updates import searching
from services.issues.finding.worklists import WORK_LISTS, Worker
from services.issues.life.moves import OPEN
from services.issues.rights import listed_to
from services.issues.routing import Map
from tests.builders import NOON
from tests.integration.conftest import Connect
from tests.integration.many import CATEGORIES, stored

EXAMPLES = {
    "status": "routed,closed", "territory": "karaj", "neighbourhood": "n1", "category": "streets", "agency": "a1",
    "category_only": "streets,water", "priority": "urgent", "q": "چراغ کوچه", "filed_from": "2026-11-01T00:00:00Z",
    "filed_to": "2026-11-30T00:00:00Z", "due_from": "2026-11-01T00:00:00Z", "due_to": "2026-11-30T00:00:00Z",
    "updated_from": "2026-11-01T00:00:00Z", "updated_to": "2026-11-30T00:00:00Z", "overdue": "true", "near": "50.9,35.8",
    "within": "500", "code": "1951-4313-658", "mine": "true"}
KNOWN = Map(category={code: {"path": ["streets", code] if code != "water" else [code]} for code in CATEGORIES},
            territory={"karaj": {"path": ["karaj"]}, "n1": {"path": ["karaj", "n1"]}})
MINE = of_filer("resident:r1")
MIDDLE = (NOON, "50000000000")  # a page in the midst
SORTED_AS_THEY_COME = "tracking_code_1"  # so few that the database may sort them


def subsets(names: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    return chain.from_iterable(combinations(names, count) for count in (0, 1, 2, 3, len(names)))


def questions(sort: str) -> Iterator[dict[str, str]]:
    """Every set of filters, with every one and with all of what the sort takes besides."""
    together = tuple(name for name in BESIDES[sort] if name not in ("code", "mine"))
    besides = [(), *((name,) for name in BESIDES[sort]), together]
    for names in subsets(FILTERS):
        for more in besides:
            yield {"sort": sort} | {name: EXAMPLES[name] for name in (*names, *more)}


def searches() -> Iterator[tuple[str, Search]]:
    for sort in ORDERS:
        for query in questions(sort):
            for masked in ("", EVERYWHERE, "karaj", "n1"):
                yield f"{query} {masked}", search(query, KNOWN, masked, NOON, MINE if "mine" in query else ())
    for name, work_list in WORK_LISTS.items():
        for role, asks in work_list.asks.items():
            yield f"{name} of {role}", asks(Worker(role, "a1", "karaj", NOON))
    for states in ([], ["offered"], list(OPEN)):
        for sort in lists.TASK_SORTS:
            yield f"tasks {states} {sort}", lists.tasks_search(ORDERS[sort], "a1", states, NOON, {})
    yield "updates", searching("karaj", NOON)


def test_every_list_is_read_through_an_index(database: Connect) -> None:
    database("issues")
    stored(40)
    seen = set()
    for name, found in searches():
        for way in found.ways:
            for after in (None, MIDDLE):
                shape = repr((found.order, shape_of(found.span), shape_of(way.equal), shape_of(way.left), way.index, after))
                if shape not in seen:
                    seen.add(shape)
                    demand_index(name, found, way, after)
    assert len(seen) > 100


def shape_of(value: Any) -> Any:
    """Which fields and operators a condition has: what a plan hangs on."""
    return sorted((name, shape_of(each)) for name, each in value.items()) if isinstance(value, Mapping) else type(value)


def demand_index(name: str, found: Search, way: Way, after: Any) -> None:
    """Of the page, and of the end of a look."""
    issues = IssueDocument._get_collection()
    begin = pages.begin(found, way, after)
    demand(name, way, plan(pipeline=pages.pipeline(found, way, after, 51), hint=way.index))
    demand(name, way, [issues.find(begin).hint(way.index).sort(list(pages.sorting(found.order).items())).explain()])


def plan(**command: Any) -> list[Any]:
    issues = IssueDocument._get_collection()
    explained = issues.database.command(
        "explain", {"aggregate": issues.name, "cursor": {}, **command}, verbosity="queryPlanner")
    return list(explained.get("stages", [explained]))


def demand(name: str, way: Way, explained: list[Any]) -> None:
    stages, indexes = set(stages_of(explained)), set(indexes_of(explained))
    assert indexes == {way.index}, f"{name}: {indexes}"
    forbidden = {"COLLSCAN"} if way.index == SORTED_AS_THEY_COME else {"COLLSCAN", "SORT", "$sort"}
    assert not stages & forbidden, f"{name}: {way} is read by {stages}"


def chosen(found: Any) -> Iterator[Any]:
    """The parts of an explanation, but for plans that lost and for what was asked."""
    if isinstance(found, Mapping):
        yield found
        for name, each in found.items():
            if name not in ("rejectedPlans", "command"):
                yield from chosen(each)
    elif isinstance(found, list):
        for each in found:
            yield from chosen(each)


def stages_of(explained: Any) -> Iterator[str]:
    for part in chosen(explained):
        yield from (str(part["stage"]) for _ in range("stage" in part))
        yield from (name for name in part if name == "$sort")


def indexes_of(explained: Any) -> Iterator[str]:
    return (str(part["indexName"]) for part in chosen(explained) if "indexName" in part)


def test_the_nearest_are_read_through_an_index(database: Connect) -> None:
    database("issues")
    stored(40)
    for least in (0.0, 300.0):
        explained = IssueDocument._get_collection().find(near((50.9, 35.8), least, 1000)).hint(NEAREST).explain()
        stages = set(stages_of(explained))
        assert "GEO_NEAR_2DSPHERE" in stages and not stages & {"COLLSCAN", "SORT"}
        assert set(indexes_of(explained)) == {NEAREST}


def test_what_is_left_of_the_nearest_is_compared_by_id(database: Connect) -> None:
    database("issues")
    stored(40)
    for query in questions("nearest"):
        left = wanted(query, KNOWN).left()
        explained = IssueDocument._get_collection().find({"_id": {"$in": ["a", "b"]}, **left}).hint("_id_").explain()
        assert set(indexes_of(explained)) == {"_id_"} and "COLLSCAN" not in stages_of(explained)


@pytest.mark.parametrize(("index", "order"), [("shelves", "newest"), ("due", "due"), ("updated", "updated")])
def test_a_list_without_its_index_is_found_out(database: Connect, index: str, order: str) -> None:
    """The test above can fail."""
    database("issues")
    stored(5)
    IssueDocument._get_collection().drop_index(index)
    found = search({"sort": order}, KNOWN, "", NOON)
    unhinted = plan(pipeline=pages.pipeline(found, found.ways[0], None, 51))
    with pytest.raises(AssertionError):
        demand(order, found.ways[0], unhinted)


def test_what_anybody_sees_is_never_on_a_confidential_shelf() -> None:
    for caller in (PUBLIC, Caller("agency", "a1"), Caller("resident", "app")):
        assert not listed_to(caller, False)
    for sort in ORDERS:
        for query in questions(sort):
            for way in search(query, KNOWN, "", NOON).ways:
                assert "'!" not in repr(way.equal)
