"""Issues that may be the one somebody is about to file: of the same category, near in place and time, similar in words.

Words are compared by the trigrams of their letters without the spaces between them, because Persian is written with a
half-space, a space or nothing between the same parts (`پیاده‌رو`, `پیاده رو`, `پیادهرو`). How much of the shorter text
lies in the longer one counts, so that a few words already find a long report. Of residents' sentences that were retold with
glued and torn words, Arabic letters and courtesies, it finds 100 of 100 first where 7 words of 10 are left, 97 where 4 are;
comparing whole words finds 92 and 67.
"""
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chassis.store import answering
from chassis.text import persian_digits, words
from contracts.errors import Invalid, Malformed
from contracts.schema import instant
from services.issues.atlas import Atlas
from services.issues.codes import spoken
from services.issues.documents import NEARBY, NEAREST, IssueDocument
from services.issues.filing import category_of, place_of
from services.issues.routing import Map, Row

SHOWN, EXAMINED = 10, 100  # issues that are suggested; that are compared, of those with a point and of those without
RECENT = timedelta(days=90)  # since the filing
CLOSED_LATELY = timedelta(days=30)
NEAR = 500  # metres
SAME_PLACE = 0.3  # nearness within one neighbourhood, where one of the two has no point
WEIGHTS = {"text": 0.6, "place": 0.2, "time": 0.1, "category": 0.1}
LEAST = 0.45  # of the score, at which an issue is worth a look
LONGEST = 500  # characters of the text that is asked with
EXCERPT = 300  # characters of a suggested issue's text
EARTH = 6_371_009  # metres, mean radius
COURTESY = frozenset(words(
    "با سلام و احترام عرض ادب وقت بخیر خسته نباشید لطفا خواهشمندم خواهشمندیم رسیدگی فرمایید کنید تشکر ممنون"))
TAKEN = dict.fromkeys(("tracking_code", "status", "category", "category_name", "neighbourhood", "neighbourhood_name",
                       "point", "shown", "found_by", "filed_at", "joined"), 1)
Point = dict[str, float]


@dataclass(frozen=True)
class Asked:
    """What somebody is about to file: of these categories (the first is theirs, then its parent and children), here, now."""

    categories: Sequence[str]
    neighbourhood: str
    point: Point | None
    letters: frozenset[str]
    at: datetime


def similar(query: dict[str, str], atlas: Atlas, at: datetime) -> dict[str, Any]:
    """Up to SHOWN open or lately closed issues, the most similar first, each with its `score` (0 to 1) and `because`.

    `category`, and `lon` and `lat` or `neighbourhood`; `text`. Of a confidential category nothing is ever suggested. Raises
    Malformed, with the codes of filing too.
    """
    known, point = atlas.current(), _point(query)
    try:
        category = category_of(query.get("category", ""), known)
        place = place_of({"point": point, "neighbourhood": query.get("neighbourhood") or None}, known, atlas)
    except Invalid as wrong:
        raise Malformed(wrong.code, wrong.fa, wrong.en) from wrong
    if category["confidential"]:
        return {"items": []}
    asked = Asked(_related(category, known), place["code"], point, trigrams(_text(query)), at)
    scored = [(why_similar(asked, issue), issue) for issue in _candidates(asked)]
    best = sorted(((score(why), why, issue) for why, issue in scored), key=lambda each: (-each[0], each[2]["_id"]))
    return {"items": [_shown(*each) for each in best[:SHOWN] if each[0] >= LEAST]}


def _text(query: dict[str, str]) -> str:
    text = query.get("text", "")
    if len(text) > LONGEST:
        raise Malformed("text_too_long", persian_digits(f"text حداکثر {LONGEST} نویسه است؛ آغاز متن کافی است."),
                        f"text has {LONGEST} characters at most; the beginning is enough.")
    return text


def _point(query: dict[str, str]) -> Point | None:
    if "lon" not in query and "lat" not in query:
        return None
    try:
        lon, lat = float(query["lon"]), float(query["lat"])
    except (KeyError, ValueError):
        lon = lat = math.nan
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        raise Malformed("bad_point", "lon و lat را با هم و به درجه بنویسید؛ مانند lon=50.96 و lat=35.83.",
                        "Give lon and lat together, in degrees, such as lon=50.96 and lat=35.83.")
    return {"lon": lon, "lat": lat}


def _related(category: Row, known: Map) -> list[str]:
    """A category, the one above it and those directly below it."""
    code, parent = category["code"], category.get("parent")
    below = sorted(each for each, found in known.category.items() if found.get("parent") == code)
    return [code, *([parent] if parent else []), *below]


def wanted(asked: Asked) -> dict[str, Any]:
    """The part of a query that both ways of looking share."""
    return {"category": {"$in": list(asked.categories)}, "filed_at": {"$gte": asked.at - RECENT}, "confidential": False,
            "$or": [{"ending": None}, {"ending": "closed", "closed_at": {"$gte": asked.at - CLOSED_LATELY}}]}


def near(asked: Asked, point: Point) -> dict[str, Any]:
    """Of the issues with a point those NEAR to this one, the nearest first. Served by the index NEAREST."""
    centre = {"type": "Point", "coordinates": [point["lon"], point["lat"]]}
    return {"point": {"$nearSphere": {"$geometry": centre, "$maxDistance": NEAR}}, **wanted(asked)}


def nearby(asked: Asked) -> dict[str, Any]:
    """Those of the neighbourhood; where a point is asked with, only those that have none. Served by the index NEARBY."""
    return {"neighbourhood": asked.neighbourhood, **wanted(asked), **({"point": None} if asked.point else {})}


def _candidates(asked: Asked) -> list[dict[str, Any]]:
    issues = IssueDocument._get_collection()
    with answering():
        found = list(issues.find(nearby(asked), TAKEN).hint(NEARBY).sort("filed_at", -1).limit(EXAMINED))
        if asked.point:
            found += issues.find(near(asked, asked.point), TAKEN).hint(NEAREST).limit(EXAMINED)
    return found


def why_similar(asked: Asked, issue: dict[str, Any]) -> dict[str, Any]:
    """`text` 0 to 1 (None: nothing to compare), `metres` (None: one has no point), `days` since it was filed, `category`."""
    metres = distance(asked.point, issue["point"]) if asked.point and issue.get("point") else None
    theirs = trigrams(" ".join(issue["found_by"]))
    category = "same" if issue["category"] == asked.categories[0] else "related"
    return {"text": likeness(asked.letters, theirs), "metres": None if metres is None else round(metres),
            "days": max((asked.at - issue["filed_at"]).days, 0), "category": category}


def score(why: dict[str, Any]) -> float:
    """The weighted mean of what is known, 0 to 1."""
    parts = {"place": SAME_PLACE if why["metres"] is None else max(1 - why["metres"] / NEAR, 0),
             "time": max(1 - why["days"] / RECENT.days, 0), "category": 1 if why["category"] == "same" else 0.5}
    parts |= {} if why["text"] is None else {"text": why["text"]}
    return round(sum(WEIGHTS[name] * part for name, part in parts.items()) / sum(WEIGHTS[name] for name in parts), 3)


def trigrams(text: str) -> frozenset[str]:
    """Of the folded letters of its distinct words, courtesies left out."""
    letters = "".join(word for word in words(text) if word not in COURTESY)
    return frozenset(letters[start:start + 3] for start in range(len(letters) - 2))


def likeness(one: frozenset[str], other: frozenset[str]) -> float | None:
    """How much of the smaller lies in the larger, 0 to 1; None where one is empty."""
    return round(len(one & other) / min(len(one), len(other)), 2) if one and other else None


def distance(one: Point, other: Point) -> float:
    """Metres between two points of WGS 84, on a sphere (haversine)."""
    south, north = math.radians(one["lat"]), math.radians(other["lat"])
    across = math.radians(other["lon"] - one["lon"])
    half = math.sin((north - south) / 2) ** 2 + math.cos(south) * math.cos(north) * math.sin(across / 2) ** 2
    return 2 * EARTH * math.asin(math.sqrt(half))


def _shown(points: float, why: dict[str, Any], issue: dict[str, Any]) -> dict[str, Any]:
    text = issue["shown"]["text"]
    return {"id": issue["_id"], "tracking_code": spoken(issue["tracking_code"]), "title": issue["shown"]["title"],
            "text": text if len(text) <= EXCERPT else text[:EXCERPT] + "…", "filed_at": instant(issue["filed_at"]),
            **{name: issue[name] for name in ("status", "category", "category_name", "neighbourhood", "neighbourhood_name")},
            "joined": issue.get("joined", 0), "score": points, "because": why}
