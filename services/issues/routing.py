"""Which agency a problem belongs to, and why: one revision of what the registry told, and the rules on it. No I/O.

Records that are not in force stay known, so that old issues keep their names; they take no new issue.
"""
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from chassis.text import fold
from services.issues.life.circumstances import Circumstances, Procedure
from services.issues.life.deadlines import Calendar
from services.issues.life.terms import Terms, allowance
from services.issues.model import Assignee

Row = dict[str, Any]
Rank = tuple[int, int, int, str]  # of rules that fit, the lowest wins
FITS = "fits"
MISSING: Row = {"in_force": False}
VERDICTS = (FITS, "territory", "category", "answers", "rule_not_in_force", "agency_unknown", "agency_not_in_force",
            "refused_earlier")
LISTED = 200  # rules that one explanation lists


@dataclass(frozen=True)
class Considered:
    """A rule and one of VERDICTS: that it fits, or the first reason why it does not."""

    rule: Row
    verdict: str


@dataclass(frozen=True)
class Explanation:
    """The rules of this category and place in the order in which they are asked, then those that miss one of the two.

    `left_out`: how many more there are than are listed.
    """

    considered: tuple[Considered, ...]
    left_out: int = 0

    @property
    def winner(self) -> Row | None:
        """The first rule that fits. None: a secretary assigns by hand."""
        return next((each.rule for each in self.considered if each.verdict == FITS), None)


@dataclass
class Map:
    """One revision of the copy: records by code, rules by (category, territory), calendars ready to reckon with."""

    revision: int = -1  # none read yet
    territory: dict[str, Row] = field(default_factory=dict)
    headquarters: dict[str, Row] = field(default_factory=dict)
    agency: dict[str, Row] = field(default_factory=dict)
    committee: dict[str, Row] = field(default_factory=dict)
    category: dict[str, Row] = field(default_factory=dict)
    rule: dict[tuple[str, str], list[Row]] = field(default_factory=dict)
    calendar: dict[str, Calendar] = field(default_factory=dict)

    def team(self, category: str, place: Sequence[str], but_not: Iterable[str] = (),
             answers: Mapping[str, Any] | None = None, priority: str = "normal") -> list[Assignee]:
        """The lead of the first rule that fits, then the others it names, so far as they are there.

        The first: lowest priority, then the more precise place, then category. `place` is the codes from the province down.
        Empty where no rule fits: a secretary assigns by hand.
        """
        refused = frozenset(but_not)
        found = self._winner(category, place, refused, answers)
        codes = [found["agency"], *found.get("others", ())] if found else []
        there = [code for code in dict.fromkeys(codes) if code not in refused and in_force(self.agency.get(code, MISSING))]
        return [self.assignee(code, category, place, priority) for code in there]

    def _winner(self, category: str, place: Sequence[str], but_not: Iterable[str],
                answers: Mapping[str, Any] | None) -> Row | None:
        refused, given = frozenset(but_not), answers or {}
        fitting = [(rank, rule) for rank, rule in self._contenders(category, place)
                   if self._verdict(rule, given, refused) == FITS]
        return min(fitting, key=lambda each: each[0])[1] if fitting else None

    def explain(self, category: str, place: Sequence[str], answers: Mapping[str, Any] | None = None,
                but_not: Iterable[str] = ()) -> Explanation:
        """The same decision as `team` makes, with every rule that was asked and its verdict."""
        refused, given = frozenset(but_not), answers or {}
        asked = [Considered(rule, self._verdict(rule, given, refused))
                 for _, rule in sorted(self._contenders(category, place), key=lambda each: each[0])]
        missed = sorted(self._near_misses(category, place), key=lambda each: (each.rule["priority"], each.rule["code"]))
        return Explanation((*asked, *missed)[:LISTED], max(len(asked) + len(missed) - LISTED, 0))

    def _contenders(self, category: str, place: Sequence[str]) -> Iterator[tuple[Rank, Row]]:
        """The rules of this category and this place, or wider ones."""
        for level, wide in enumerate(self.path_of(category)):
            for depth, where in enumerate(place):
                for rule in self.rule.get((wide, where), ()):
                    yield (rule["priority"], -depth, -level, rule["code"]), rule

    def _near_misses(self, category: str, place: Sequence[str]) -> Iterator[Considered]:
        wide, where = set(self.path_of(category)), set(place)
        for (of, at), rules in self.rule.items():
            if (of in wide) != (at in where):
                yield from (Considered(rule, "territory" if of in wide else "category") for rule in rules)

    def _verdict(self, rule: Row, answers: Mapping[str, Any], refused: frozenset[str]) -> str:
        agency = self.agency.get(rule["agency"])
        if not in_force(rule):
            return "rule_not_in_force"
        if not all(answered(answers.get(question), wanted) for question, wanted in rule.get("answers", {}).items()):
            return "answers"
        if agency is None:
            return "agency_unknown"
        if not in_force(agency):
            return "agency_not_in_force"
        return "refused_earlier" if rule["agency"] in refused else FITS

    def path_of(self, category: str) -> Sequence[str]:
        """The codes of a category from the widest down to it; of one that is not known, its own code."""
        found = self.category.get(category)
        return found["path"] if found else (category,)

    def assignee(self, agency: str, category: str, place: Sequence[str], priority: str = "normal") -> Assignee:
        """An agency that is known, with how long it has for this category, in whose working time."""
        return Assignee(agency, has_queue(self.agency[agency]), self.terms_of(agency, category, place, priority))

    def terms_of(self, agency: str, category: str, place: Sequence[str], priority: str) -> Terms | None:
        """None where the agency or the category is not known."""
        found, of = self.agency.get(agency), self.category.get(category)
        if found is None or of is None:
            return None
        return Terms(**allowance(of, found.get("level"), priority), calendar=self.calendar_of(place))

    def circumstances(self, category: str, place: Sequence[str]) -> Circumstances:
        """What bears on an issue of this category at this place."""
        of = self.category.get(category, {})

        def queue_of(agency: str) -> bool | None:
            return has_queue(self.agency[agency]) if agency in self.agency else None

        return Circumstances(
            procedure_of(of), self.calendar_of(place), of.get("version", 0), queue_of,
            lambda agency, priority: self.terms_of(agency, category, place, priority),
            lambda step, agency: self._body_of(step, agency, place),
            lambda agencies: self._headquarters_above(agencies) or self._body_of("next_meeting", None, place))

    def _body_of(self, step: str, agency: str | None, place: Sequence[str]) -> str | None:
        """The committee of an agency, or the headquarters at the level that a step of a ladder names."""
        if step == "committee":
            return self.agency.get(agency or "", {}).get("committee")
        if step == "next_meeting":
            return code_of(self.headquarters_above(place[:1]) or self.headquarters_above(place))
        level, _, body = step.partition("_")
        of = {each["territory"]: each["code"] for each in self.headquarters.values()
              if in_force(each) and each["level"] == level}
        return next((of[code] for code in reversed(place) if code in of), None) if body == "headquarters" else None

    def _headquarters_above(self, agencies: Sequence[str]) -> str | None:
        """The nearest headquarters up the path that the territories of all these agencies share."""
        paths = [self.territory.get(self.agency.get(code, {}).get("territory", ""), {}).get("path", ()) for code in agencies]
        shared = [codes[0] for codes in zip(*paths, strict=False) if len(set(codes)) == 1]
        return code_of(self.headquarters_above(shared))

    def calendar_of(self, place: Sequence[str]) -> Calendar | None:
        """The nearest calendar up the path of a place."""
        return next((self.calendar[code] for code in reversed(place) if code in self.calendar), None)

    def headquarters_above(self, place: Sequence[str]) -> Row | None:
        """The nearest headquarters up the path of a place, in force."""
        of = {each["territory"]: each for each in self.headquarters.values() if in_force(each)}
        return next((of[code] for code in reversed(place) if code in of), None)

    def neighbourhood_of(self, codes: Iterable[str]) -> str | None:
        """The first neighbourhood in force among places that hold one point, or among the places above those."""
        above = {code for each in codes for code in self.territory.get(each, {}).get("path", ())}
        return min((code for code in above if self.is_neighbourhood(code)), default=None)

    def is_neighbourhood(self, code: str) -> bool:
        """Whether issues can be filed there: a neighbourhood, in force."""
        found = self.territory.get(code)
        return found is not None and found["kind"] == "neighbourhood" and in_force(found)

    def successors(self, code: str) -> list[str]:
        """The places in force that one was merged or split into, however often since then."""
        seen, following = {code}, list(self.territory[code].get("became", ()))
        found = []
        while following:
            each = following.pop(0)
            if each not in seen and each in self.territory:
                seen.add(each)
                following += self.territory[each].get("became", ())
                found += [each] if in_force(self.territory[each]) else []
        return found

    def with_rules(self, rules: Iterable[Row]) -> "Map":
        """The same with these rules besides, in place of those of the same code."""
        new = {rule["code"]: rule for rule in rules}
        kept = (rule for same in self.rule.values() for rule in same if rule["code"] not in new)
        return replace(self, rule=by_place([*kept, *new.values()]))


def procedure_of(category: Row) -> Procedure:
    """How a category wants its issues to be treated; what it does not say is as everywhere."""
    said: Row = {name: category[name] for name in ("silence_days", "reopen_days", "checked_by", "photograph")
                 if category.get(name) is not None}
    if category.get("ladder"):
        said["ladder"] = tuple((step["after_hours"], step["to"]) for step in category["ladder"])
    return Procedure(**said)


def code_of(record: Row | None) -> str | None:
    return record["code"] if record else None


def in_force(record: Row) -> bool:
    return bool(record.get("in_force", True))


def has_queue(agency: Row) -> bool:
    return in_force(agency) and agency["channel"] == "queue"


def by_place(rules: Iterable[Row]) -> dict[tuple[str, str], list[Row]]:
    found: dict[tuple[str, str], list[Row]] = {}
    for rule in rules:
        found.setdefault((rule["category"], rule["territory"]), []).append(rule)
    return found


def answered(given: Any, wanted: Any) -> bool:
    """Whether an answer, or one of several, is among those wanted. `True` is not 1; spelling variants are the same."""
    several = given if isinstance(given, list) else [given]
    return not {_compared(each) for each in several if each is not None}.isdisjoint(map(_compared, as_list(wanted)))


def as_list(wanted: Any) -> list[Any]:
    return list(wanted) if isinstance(wanted, list | tuple) else [wanted]


def _compared(answer: Any) -> tuple[bool, Any]:
    return isinstance(answer, bool), fold(answer) if isinstance(answer, str) else answer
