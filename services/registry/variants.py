"""Which known places a name may be another spelling of. Proposed, never decided: somebody says yes or no.

What a reader takes for the same is folded away (`chassis.text.fold`), and so are spaces, the words for the kind of a
place (شهرک، کوی، محله …) and small numbers in words. Names that differ in a number or in a side (بالا / پایین) are two
places however alike they are. Scores run from LEAST to 100; 100 is the same but for spaces and the letters of a keyboard.
"""
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from rapidfuzz import fuzz

from chassis.text import fold

LEAST = 82.0  # one other letter in six
MOST = 5
LONGEST = 200  # letters of a name that are compared
KINDS = frozenset(map(fold, ("شهرک", "کوی", "محله", "محلهٔ", "ناحیه", "منطقه", "روستای", "شهر", "شهرستان", "بخش", "دهستان")))
SIDES = frozenset(map(fold, ("بالا", "پایین", "شمالی", "جنوبی", "شرقی", "غربی", "علیا", "سفلی", "وسطی", "شمال", "جنوب",
                             "شرق", "غرب", "مرکزی", "قدیم", "جدید")))
NUMBERS = {fold(word): str(number) for number, words in enumerate(
    (("یک", "اول", "یکم"), ("دو", "دوم"), ("سه", "سوم"), ("چهار", "چهارم"), ("پنج", "پنجم"), ("شش", "ششم"), ("هفت", "هفتم"),
     ("هشت", "هشتم"), ("نه", "نهم")), 1) for word in words}
WORD = re.compile(r"[0-9]+|[^\W\d_]+")
BRACKETED = re.compile(r"[(（\[]([^)）\]]*)[)）\]]")
OTHER_KIND = 5.0  # taken off where one is a شهرک and the other a کوی
ONE_KIND = 2.0  # taken off where only one of them says what it is
PART = 5.0  # taken off where only the name in or before the brackets is alike


def propose(name: str, known: Mapping[str, str]) -> list[tuple[str, float]]:
    """[(code, score)] of the known names (code → name) that it may be, the likeliest first, MOST of them at most."""
    scored = ((code, score(name, other)) for code, other in known.items())
    return sorted((found for found in scored if found[1] >= LEAST), key=lambda found: (-found[1], found[0]))[:MOST]


def score(one: str, other: str) -> float:
    """How alike two names are, 0 to 100; the same both ways round."""
    pairs = ((a, b, off + away) for a, off in _readings(one) for b, away in _readings(other))
    return max((_alike(a, b) - off for a, b, off in pairs), default=0.0)


@lru_cache(10_000)
def _readings(name: str) -> tuple[tuple[str, float], ...]:
    """The name as it is, and the names outside and inside its brackets, with what is taken off for them."""
    folded = fold(name[:LONGEST])
    inside = BRACKETED.findall(folded)
    if not inside:
        return ((folded, 0.0),)
    return ((folded, 0.0), *((part, PART) for part in (BRACKETED.sub(" ", folded), *inside) if part.strip()))


def _alike(one: str, other: str) -> float:
    kinds, name, told_apart = _parts(one)
    other_kinds, other_name, other_told_apart = _parts(other)
    if told_apart != other_told_apart or not name or not other_name:
        return 0.0
    off = 0.0 if kinds == other_kinds else OTHER_KIND if kinds and other_kinds else ONE_KIND
    return float(fuzz.ratio(name, other_name, score_cutoff=LEAST)) - off


@lru_cache(10_000)
def _parts(folded: str) -> tuple[frozenset[str], str, tuple[str, ...]]:
    """(words for kinds, the name in one piece, numbers and sides in their order)."""
    words = [NUMBERS.get(word, word) for word in WORD.findall(folded)]
    kinds = frozenset(word for word in words[:-1] if word in KINDS)  # the last word is the name itself
    name = [word for word in words if word not in kinds]
    return kinds, "".join(name), tuple(_telling(name))


def _telling(words: list[str]) -> Iterator[str]:
    return (word for word in words if word in SIDES or word.isdigit())
