"""The parameters of the list of issues: which there are, which go with which sort, and what they mean. No I/O.

A filter that would have to look through most of what there is, such as words in a list by deadline, does not go with that
sort.
"""
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chassis.text import persian_digits, words
from contracts.errors import Malformed
from services.issues.codes import read_code
from services.issues.finding.shelves import EVERYWHERE, ORDINARY, hidden
from services.issues.life.moves import PRIORITIES, STATUSES
from services.issues.routing import Map

Query = Mapping[str, str]
PLACE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
Condition = dict[str, Any]
MAX_WORDS, LONGEST = 10, 200  # of `q`: words, characters
MOST_CODES = 100  # of `code` and of `category_only`
FILTERS = ("status", "territory", "neighbourhood", "category", "category_only", "agency", "priority")
BESIDES: dict[str, tuple[str, ...]] = {  # what a sort takes besides; the first that takes what is asked is the one meant
    "newest": ("q", "filed_from", "filed_to", "code", "mine"), "oldest": ("q", "filed_from", "filed_to", "code", "mine"),
    "due": ("due_from", "due_to", "overdue"), "updated": ("updated_from", "updated_to", "filed_from", "filed_to"),
    "nearest": ("near", "within", "q")}
ABOUT = ("category", "priority", "category_only", "q", "near", "code")  # filters by what a masked issue does not show
PAGING = ("sort", "limit", "cursor")
PARAMETERS = (*FILTERS, *dict.fromkeys(name for names in BESIDES.values() for name in names), *PAGING)


@dataclass(frozen=True)
class Wanted:
    """What filters ask for; empty: all. `codes`: tracking codes, as they are stored. `masked`: the place whose confidential
    issues are wanted too. `mine`: the shelves of who asks for what they filed themselves."""

    statuses: Sequence[str] = ()
    territory: str = ""
    neighbourhood: str = ""
    categories: Sequence[str] = ()
    agency: str = ""
    priorities: Sequence[str] = ()
    words: Sequence[str] = ()
    codes: Sequence[str] = ()
    masked: str = ""
    mine: Sequence[str] = ()

    @property
    def place(self) -> str:
        """The name of the narrower of the two filters by place."""
        return "neighbourhood" if self.neighbourhood else "territory"

    @property
    def area(self) -> str:
        return self.neighbourhood or self.territory or EVERYWHERE

    def areas(self, area: str) -> list[str]:
        """With the one of the confidential issues that are wanted too, those of the place: to look through an agency's, a
        cursor would stand at some that lie elsewhere."""
        return [area, hidden(self.masked)] if self.masked else [area]

    def left(self, *served: str) -> Condition:
        """What is to be compared document by document when an index serves these filters."""
        priorities = [*self.priorities, *([None] if ORDINARY in self.priorities else [])]  # what has none is ordinary
        conditions: dict[str, tuple[Any, str, Any]] = {
            "status": (self.statuses, "status", {"$in": list(self.statuses)}),
            "territory": (self.territory, "place", self.territory),
            "neighbourhood": (self.neighbourhood, "neighbourhood", self.neighbourhood),
            "category": (self.categories, "category", {"$in": list(self.categories)}),
            "agency": (self.agency, "tasks.agency", self.agency),
            "priority": (priorities, "priority", {"$in": priorities}),
            "code": (self.codes, "tracking_code", {"$in": list(self.codes)}),
            "words": (self.words, "found_by", {"$all": list(self.words)})}
        there = {*served} - ({"agency"} if self.masked else set())  # of the place's confidential issues it is not served
        return {field: condition for name, (asked, field, condition) in conditions.items() if asked and name not in there}


def wanted(query: Query, known: Map, masked: str = "", mine: Sequence[str] = ()) -> Wanted:
    """Raises Malformed."""
    if query.get("mine", "true") != "true":
        raise Malformed("bad_mine", "mine تنها true است؛ برای همه، آن را ننویسید.", "mine is true, or left out.")
    asked = place_in(query, "neighbourhood") or place_in(query, "territory")
    return Wanted(several(query, "status", STATUSES), place_in(query, "territory"), place_in(query, "neighbourhood"),
                  codes_in(query, "category_only") or below(query.get("category"), known), query.get("agency", ""),
                  several(query, "priority", PRIORITIES), words_of(query), codes_of(query),
                  narrower(asked, masked, known), mine)


def narrower(one: str, other: str, known: Map) -> str:
    """The one of two places that lies in the other; empty where neither does. EVERYWHERE, or none, holds all."""
    if not one or not other or other == EVERYWHERE:
        return other and (one or other)
    above = {code: known.territory.get(code, {}).get("path", ()) for code in (one, other)}
    return one if other in above[one] else other if one in above[other] else ""


def below(category: str | None, known: Map) -> list[str]:
    """A category and all below it."""
    return sorted({category, *(code for code in known.category if category in known.path_of(code))}) if category else []


def several(query: Query, name: str, allowed: Sequence[str]) -> list[str]:
    """The values of a parameter that are set apart by commas, each once. Raises Malformed."""
    found = list(dict.fromkeys(query[name].split(","))) if query.get(name) else []
    if not set(found) <= set(allowed):
        raise Malformed(f"bad_{name}", f"{name} یکی یا چند تا از این‌هاست، جدا با ویرگول: {'، '.join(allowed)}",
                        f"{name} is one or several of these, set apart by commas: {', '.join(allowed)}.")
    return found


def place_in(query: Query, name: str) -> str:
    """A place's code. Raises Malformed for what is none: the areas of confidential issues have marks (`shelves`)."""
    found = query.get(name, "")
    if found and not PLACE.fullmatch(found):
        raise Malformed(f"bad_{name}", f"{name} کد یک محل است، مانند karaj؛ /v1/territories فهرست آن‌هاست.",
                        f"{name} is the code of a place, such as karaj; /v1/territories lists them.")
    return found


def codes_in(query: Query, name: str) -> list[str]:
    """The codes of a parameter that are set apart by commas, each once. Raises Malformed for more than MOST_CODES."""
    found = list(dict.fromkeys(filter(None, query.get(name, "").split(","))))
    if len(found) > MOST_CODES:
        raise Malformed(f"bad_{name}", f"{name} حداکثر {MOST_CODES} کد است.", f"{name} is {MOST_CODES} codes at most.")
    return found


def codes_of(query: Query) -> list[str]:
    """The tracking codes of `code`, however they are typed; for one without any, a code that nothing has."""
    asked = codes_in(query, "code")
    return [code for code in map(read_code, asked) if code] or [""] if asked else []


def words_of(query: Query) -> list[str]:
    """The folded words of `q`; for one without any, a word that nothing has. Raises Malformed."""
    asked = query.get("q", "")
    found = words(asked) or [""] if asked else []
    if len(asked) > LONGEST or len(found) > MAX_WORDS:
        raise Malformed("bad_q", persian_digits(f"q حداکثر {MAX_WORDS} واژه و {LONGEST} نویسه است."),
                        f"q has {MAX_WORDS} words and {LONGEST} characters at most.")
    return found


def sort_of(query: Query, filters: Sequence[str] = FILTERS, besides: Mapping[str, Sequence[str]] = BESIDES) -> str:
    """The sort that is asked for, or the first that takes what is asked. Raises Malformed where they do not go together."""
    asked = [name for name in query if name not in (*filters, *PAGING)]
    fitting = [sort for sort, takes in besides.items() if set(asked) <= set(takes)]
    sort = query.get("sort") or [*fitting, *besides][0]
    if sort not in besides:
        raise Malformed("bad_sort", f"sort یکی از این‌هاست: {'، '.join(besides)}", f"sort is one of {', '.join(besides)}.")
    alien, takes = [name for name in asked if name not in besides[sort]], (*filters, *besides[sort])
    if alien:
        raise Malformed("bad_combination", f"{'، '.join(alien)} با sort={sort} نمی‌آید؛ با آن می‌آید: {'، '.join(takes)}",
                        f"{', '.join(alien)} cannot be asked with sort={sort}, which takes {', '.join(takes)}.")
    return sort


def span(query: Query, name: str) -> Condition:
    """From `<name>_from` (with it) until `<name>_to` (without it), as mongo's operators. Raises Malformed."""
    found = {"$gte": instant_of(query, f"{name}_from"), "$lt": instant_of(query, f"{name}_to")}
    return {operator: at for operator, at in found.items() if at}


def due_span(query: Query, at: datetime) -> Condition:
    """The same of deadlines; `overdue`: of those that lie before `at`."""
    found = span(query, "due")
    return found | {"$lt": min(found.get("$lt", at), at)} if is_overdue(query) else found


def is_overdue(query: Query) -> bool:
    if query.get("overdue", "true") != "true":
        raise Malformed("bad_overdue", "overdue تنها true است؛ برای همه، آن را ننویسید.", "overdue is true, or left out.")
    return "overdue" in query


def instant_of(query: Query, name: str) -> datetime | None:
    """An instant as in ISO 8601, with its offset; a + that was not escaped is understood. Raises Malformed."""
    if not query.get(name):
        return None
    try:
        found = datetime.fromisoformat(query[name].strip().replace(" ", "+"))
        if found.tzinfo:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Malformed(f"bad_{name}", f"{name} لحظه‌ای با اختلاف ساعت است؛ مانند 2026-03-21T11:30:00+03:30",
                    f"{name} is an instant with its offset, such as 2026-03-21T11:30:00+03:30.")


def asked_of(where: str, query: Query) -> str:
    """A mark of a list and of what is asked of it, by which its cursors are known."""
    asked = sorted((name, value) for name, value in query.items() if name not in ("cursor", "limit"))
    return hashlib.blake2b(repr((where, asked)).encode(), digest_size=6).hexdigest()
