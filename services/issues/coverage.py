"""What the routing rules leave open, and where two of them say different things: holes and overlaps of one map.

A hole is a category × neighbourhood, both in force, that routes nowhere unless a question is answered in some way; of
categories only those without others below them. An overlap is two rules of the same category, place and priority that
may fit the same issue and name different agencies: then their codes decide, which nobody meant.
"""
from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import combinations, groupby, islice
from typing import Any

from chassis.paging import cursor_of, key_of
from chassis.validation import limit_of
from contracts.errors import Malformed
from services.issues.routing import Map, Row, answered, in_force

Key = tuple[str, str]
PARTS = ("holes", "overlaps")
EXAMINED = 500_000  # pairs of rules of one category, place and priority; in more than these no overlap is looked for
COUNTED = 10_000  # overlaps


class Coverage:
    """One map, with its neighbourhoods put together by the places above them, so that each such path is asked once."""

    def __init__(self, known: Map, within: str = "") -> None:
        """`within`: only of the neighbourhoods of this place, and of rules for it or a place in it; empty: of all."""
        self._known, self._within = known, within
        self._below: dict[tuple[str, ...], list[str]] = {}
        for code, place in known.territory.items():
            if known.is_neighbourhood(code) and self._is_within(code):
                self._below.setdefault(tuple(above for above in place["path"] if above != code), []).append(code)
        self._rules = [rule for same in known.rule.values() for rule in same if self._routes(rule)]
        self._covered: dict[str, set[str]] = {}  # by category, the places for which a rule fits whatever is answered
        for rule in self._rules:
            if not rule.get("answers"):
                self._covered.setdefault(rule["category"], set()).add(rule["territory"])

    def _is_within(self, territory: str) -> bool:
        return not self._within or self._within in self._known.territory.get(territory, {}).get("path", ())

    def _routes(self, rule: Row) -> bool:
        agency = self._known.agency.get(rule["agency"])
        return in_force(rule) and agency is not None and in_force(agency)

    def leaves(self) -> list[str]:
        """The categories in force that have none in force below them, by code."""
        standing = {code: each for code, each in self._known.category.items() if in_force(each)}
        parents = {each.get("parent") for each in standing.values()}
        return sorted(standing.keys() - parents)

    def open_places(self, category: str) -> Iterator[list[str]]:
        """The neighbourhoods that this category routes nowhere, in lists, unsorted."""
        covered = set().union(*(self._covered.get(each, ()) for each in self._known.path_of(category)))
        for above, codes in self._below.items():
            if covered.isdisjoint(above):
                yield [code for code in codes if code not in covered]

    def count_holes(self) -> int:
        return sum(len(codes) for category in self.leaves() for codes in self.open_places(category))

    def holes(self, after: Key = ("", "")) -> Iterator[Row]:
        """By category, then neighbourhood; `if_answered`: rules with answers that route some of these issues after all."""
        for category in self.leaves():
            if category >= after[0]:
                partly = self._partly(category)
                for code in sorted(code for codes in self.open_places(category) for code in codes):
                    if (category, code) > after:
                        place = self._known.territory[code]["path"]
                        yield {"category": category, "neighbourhood": code,
                               "if_answered": sorted({rule for at in place for rule in partly.get(at, ())})}

    def _partly(self, category: str) -> dict[str, list[str]]:
        path, found = set(self._known.path_of(category)), dict[str, list[str]]()
        for rule in self._rules:
            if rule["category"] in path and rule.get("answers"):
                found.setdefault(rule["territory"], []).append(rule["code"])
        return found

    def overlaps(self, after: Key = ("", "")) -> Iterator[Row]:
        """By the codes of the two rules."""
        def same(rule: Row) -> tuple[str, str, int]:
            return rule["category"], rule["territory"], rule["priority"]

        mine = sorted((rule for rule in self._rules if self._is_within(rule["territory"])), key=same)
        groups = [sorted(rules, key=_code) for _, rules in groupby(mine, same)]
        pairs = merge(*(combinations(rules, 2) for rules in groups), key=lambda pair: (_code(pair[0]), _code(pair[1])))
        for one, other in islice(pairs, EXAMINED):
            if (one["code"], other["code"]) > after and one["agency"] != other["agency"] and self._compatible(one, other):
                yield {"rules": [one["code"], other["code"]], "agencies": [one["agency"], other["agency"]],
                       "category": one["category"], "territory": one["territory"], "priority": one["priority"]}

    def _compatible(self, one: Row, other: Row) -> bool:
        """Whether one issue may give the answers that both ask for. A question with several answers may give both."""
        mine, theirs = one.get("answers", {}), other.get("answers", {})
        several = {question["code"] for question in self._known.category.get(one["category"], {}).get("questions", ())
                   if question["type"] == "many"}
        return all(code in several or answered(mine[code], theirs[code]) for code in mine.keys() & theirs.keys())


def _code(rule: Row) -> str:
    return str(rule["code"])


def report(known: Map, query: dict[str, str], within: str = "") -> dict[str, Any]:
    """A page of `part` (holes or overlaps) within a place, and how many there are of both; of overlaps no more than COUNTED
    are counted.

    `limit`, `cursor`. Raises Malformed.
    """
    part = query.get("part", PARTS[0])
    if part not in PARTS:
        raise Malformed("bad_part", f"part یکی از این‌هاست: {'، '.join(PARTS)}", f"part is one of {', '.join(PARTS)}.")
    one, other = key_of(query["cursor"], 2) if query.get("cursor") else ("", "")
    limit, after, coverage = limit_of(query), (one, other), Coverage(known, within)
    rows = coverage.holes(after) if part == "holes" else coverage.overlaps(after)
    items, more = _page(rows, limit)
    return {"part": part, "items": items, "next_cursor": _cursor(items[-1]) if more else None,
            "holes": coverage.count_holes(), "overlaps": sum(1 for _ in islice(coverage.overlaps(), COUNTED))}


def _page(rows: Iterable[Row], limit: int) -> tuple[list[Row], bool]:
    found = list(islice(rows, limit + 1))
    return found[:limit], len(found) > limit


def _cursor(row: Row) -> str:
    return cursor_of(*(row.get("rules") or (row["category"], row["neighbourhood"])))
