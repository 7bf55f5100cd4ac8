"""The issues of which copies are made, out of what `issues` has learnt of the province, and where copies may lie.

The process must be connected to the database of `issues`.
"""
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from chassis.clock import now
from deploy.load.lives import Lives
from deploy.load.past import Document, Pattern, Place
from deploy.local.errors import CannotStart
from deploy.local.keys import SAMPLE
from services.issues.atlas import Atlas
from services.issues.documents import Boundary

EACH = 12  # lives of each sample that ended, and as many that are open


@dataclass(frozen=True)
class Patterns:
    ended: Sequence[Pattern]
    open: Sequence[Pattern]
    forgotten: Sequence[Pattern]
    places: Sequence[Place]


def patterns_of() -> Patterns:
    """Raises CannotStart where nothing can be filed."""
    lives, known = lives_of(), Atlas().current()
    places = list(places_of(known.territory.values(), Boundary._get_collection().find()))
    if not places:
        raise CannotStart("no neighbourhood is known. Run `make up` once, and again `make load`.")
    ended, open_ones, forgotten = (list(map(Pattern, issues)) for issues in (
        lives.ended(EACH), lives.open(EACH), lives.forgotten()))
    return Patterns(ended, open_ones, forgotten, places)


def lives_of() -> Lives:
    known = Atlas().current()
    return Lives(known, [body for body in samples() if not known.category[body["category"]]["confidential"]], now())


def samples() -> list[dict[str, Any]]:
    """The sample's issues as filings."""
    found = json.loads((SAMPLE / "issues.json").read_text(encoding="utf-8"))
    return [{name: each[name] for name in ("category", "text", "title", "neighbourhood")} for each in found]


def places_of(territories: Iterable[Document], boundaries: Iterable[Document]) -> Iterator[Place]:
    """The neighbourhoods in force, with the box that each one's boundary fills."""
    boxes = {each["_id"]: box_of(each["polygon"]) for each in boundaries if each.get("polygon")}
    for each in territories:
        if each["kind"] == "neighbourhood" and each.get("in_force", True):
            yield Place(each["code"], each["name_fa"], list(each["path"]), boxes.get(each["code"]))


def box_of(polygon: Document) -> tuple[float, float, float, float]:
    rings = polygon["coordinates"] if polygon["type"] == "Polygon" else [part[0] for part in polygon["coordinates"]]
    lons, lats = zip(*((point[0], point[1]) for ring in rings for point in ring), strict=True)
    return min(lons), min(lats), max(lons), max(lats)
