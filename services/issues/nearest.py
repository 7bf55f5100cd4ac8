"""The issues nearest to a point: of the LOOKED nearest within a radius, those that the filters leave, by distance and id."""
import math
from collections.abc import Sequence
from typing import Any

from chassis import paging
from chassis.store import answering
from contracts.errors import Malformed
from services.issues.documents import IssueDocument
from services.issues.filters import Condition, Query, Wanted
from services.issues.pages import SHOWN, Document, demand_same_list

WITHIN, FARTHEST = 1_000, 5_000  # metres, where none are named; at most
LOOKED = 1000
Place = tuple[float, float]  # longitude and latitude, WGS 84
Key = tuple[float, str]  # metres and the issue's id


def nearest(query: Query, found: Wanted, asked: str, limit: int) -> tuple[list[Document], str | None]:
    """The issues of a page, each with its `metres`, and the cursor of the next one. Raises Malformed, Unavailable."""
    after, pipeline = key_of(query.get("cursor"), asked), looking(point_of(query), within_of(query), found.left())
    with answering():
        keys = sorted((each["metres"], each["_id"]) for each in IssueDocument._get_collection().aggregate(pipeline))
        onward = [key for key in keys if after is None or key > after][:limit + 1]
        issues = read(onward[:limit])
    return issues, paging.cursor_of(asked, repr(onward[limit - 1][0]), onward[limit - 1][1]) if len(onward) > limit else None


def looking(point: Place, within: int, left: Condition) -> list[dict[str, Any]]:
    """Of confidential issues none, whoever asks: where one is, is part of what it is about. Served by the index NEAREST."""
    return [{"$geoNear": {"near": {"type": "Point", "coordinates": list(point)}, "key": "point", "distanceField": "metres",
                          "maxDistance": within, "query": {"confidential": False}}},
            {"$limit": LOOKED}, {"$match": left}, {"$project": {"metres": 1}}]


def read(keys: Sequence[Key]) -> list[Document]:
    """The issues of these keys, in their order."""
    wanted = {"_id": {"$in": [key for _, key in keys]}}
    found = {each["_id"]: each for each in IssueDocument._get_collection().find(wanted, SHOWN)}
    return [found[key] | {"metres": round(metres)} for metres, key in keys if key in found]


def point_of(query: Query) -> Place:
    """`near` is a longitude and a latitude in degrees (WGS 84). Raises Malformed."""
    try:
        lon, lat = map(float, query.get("near", "").split(","))
    except ValueError:
        lon = lat = math.nan
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        raise Malformed("bad_near", "near طول و عرض جغرافیایی به درجه است، جدا با ویرگول؛ مانند near=50.96,35.83",
                        "near is a longitude and a latitude in degrees, such as near=50.96,35.83.")
    return lon, lat


def within_of(query: Query) -> int:
    """Metres. Raises Malformed."""
    asked = query.get("within", str(WITHIN))
    if not (asked.isascii() and asked.isdigit() and len(asked) < 6 and 1 <= int(asked) <= FARTHEST):
        raise Malformed("bad_within", f"within فاصله به متر است، از ۱ تا {FARTHEST}.",
                        f"within is a distance in metres, 1 to {FARTHEST}.")
    return int(asked)


def key_of(cursor: str | None, asked: str) -> Key | None:
    """Raises Malformed."""
    if not cursor:
        return None
    mark, metres, key = paging.key_of(cursor, 3)
    demand_same_list(mark, asked)
    try:
        return float(metres), key
    except ValueError as error:
        raise paging.bad_cursor() from error
