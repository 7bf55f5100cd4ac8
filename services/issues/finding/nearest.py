"""The issues nearest to a point, by distance and id: LOOKED at a time are compared with what else is asked."""
import math
import time
from collections.abc import Sequence

from chassis import paging
from chassis.store import answering
from contracts.errors import Malformed
from services.issues.documents import NEAREST, IssueDocument
from services.issues.finding.filters import Condition, Query, Wanted
from services.issues.finding.pages import SECONDS, SHOWN, Document, demand_same_list

WITHIN, FARTHEST = 1_000, 5_000  # metres, where none are named; at most
LOOKED = 60
EARTH = 6_378_100  # metres, the radius with which MongoDB reckons
ROUNDING = 0.01  # metres, by which the database may take a distance for less than it told
Place = tuple[float, float]  # longitude and latitude, WGS 84
Key = tuple[float, str]  # metres and the issue's id


def nearest(query: Query, found: Wanted, asked: str, limit: int) -> tuple[list[Document], str | None]:
    """The issues of a page, each with its `metres`, and the cursor of the next one. Raises Malformed, Unavailable.

    A page looks at LOOKED issues at a time, for SECONDS at most. Of more than that at one very same point no more are found.
    """
    after, place, within, left = key_of(query.get("cursor"), asked), point_of(query), within_of(query), found.left()
    issues, until, more = list[Document](), time.monotonic() + SECONDS, True
    with answering():
        while more and len(issues) <= limit:
            onward, more = look(place, after, within)
            issues += fitting(onward, left)
            after = onward[-1] if onward else after
            if time.monotonic() > until:
                break
    if len(issues) > limit:
        return issues[:limit], cursor_of(asked, (issues[limit - 1]["metres"], issues[limit - 1]["_id"]))
    return issues, cursor_of(asked, after) if more and after else None


def look(place: Place, after: Key | None, within: int) -> tuple[list[Key], bool]:
    """The next keys in order, and whether there may be more.

    Those of the last distance are left out where the look was cut short among them: the next one begins with that distance.
    """
    seen = sorted((distance(place, each["point"]), each["_id"]) for each in IssueDocument._get_collection().find(
        near(place, after[0] if after else 0.0, within), {"point": 1}).hint(NEAREST).limit(LOOKED))
    cut = len(seen) == LOOKED and seen[0][0] < seen[-1][0]
    onward = [key for key in seen if (after is None or key > after) and not (cut and key[0] == seen[-1][0])]
    return onward, bool(onward) and len(seen) == LOOKED


def near(place: Place, least: float, within: int) -> Condition:
    """Of confidential issues none, whoever asks: where one is, is part of what it is about. Served by the index NEAREST."""
    centre = {"type": "Point", "coordinates": list(place)}
    ring = {"$geometry": centre, "$minDistance": max(least - ROUNDING, 0.0), "$maxDistance": within}
    return {"point": {"$nearSphere": ring}, "confidential": False}


def distance(place: Place, point: dict[str, float]) -> float:
    """Metres, on the sphere that the database reckons with (haversine)."""
    south, north = math.radians(place[1]), math.radians(point["lat"])
    across = math.radians(point["lon"] - place[0])
    half = math.sin((north - south) / 2) ** 2 + math.cos(south) * math.cos(north) * math.sin(across / 2) ** 2
    return 2 * EARTH * math.asin(math.sqrt(min(half, 1.0)))


def fitting(keys: Sequence[Key], left: Condition) -> list[Document]:
    """The issues of these keys that the other filters leave, in their order, each with its distance."""
    wanted = {"_id": {"$in": [key for _, key in keys]}, **left}
    found = {each["_id"]: each for each in IssueDocument._get_collection().find(wanted, SHOWN).hint("_id_")}
    return [found[key] | {"metres": metres} for metres, key in keys if key in found]


def cursor_of(asked: str, key: Key) -> str:
    return paging.cursor_of(asked, repr(key[0]), key[1])


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
