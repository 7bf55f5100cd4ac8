"""Which agency a problem belongs to: the service's own copy of the registry, and the rules on it.

The copy lies in the database, fed by events. In memory there is one reading of it, used only while its revision in
the database is still the same, so that two processes never route by different rules.
"""
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from chassis.read_model import put_newer
from chassis.store import answering
from contracts.envelope import Received
from contracts.registry import (
    AgencySnapshot,
    BoundarySnapshot,
    CategorySnapshot,
    RuleSnapshot,
    TerritorySnapshot,
)
from services.issues.documents import Boundary, Reference
from services.issues.model import Assignee

REGISTERS: dict[Any, str] = {TerritorySnapshot: "territory", AgencySnapshot: "agency", CategorySnapshot: "category",
                         RuleSnapshot: "rule"}
Row = dict[str, Any]


@dataclass
class Map:
    """One revision of the copy: territories, agencies and categories by code, rules by (category, territory)."""

    revision: int = -1  # none read yet
    territory: dict[str, Row] = field(default_factory=dict)
    agency: dict[str, Row] = field(default_factory=dict)
    category: dict[str, Row] = field(default_factory=dict)
    rule: dict[tuple[str, str], list[Row]] = field(default_factory=dict)

    def route(self, category: str, place: Iterable[str], but_not: Iterable[str] = ()) -> Assignee | None:
        """The agency of the first rule that fits: lowest priority, then the more precise place, then category.

        `place` is the codes from the province down. None where no rule fits: a secretary assigns by hand.
        """
        path, places, refused = self.category[category]["path"], list(place), set(but_not)
        fitting = [(rule["priority"], -depth, -level, rule["code"], rule["agency"])
                   for level, wide in enumerate(path) for depth, where in enumerate(places)
                   for rule in self.rule.get((wide, where), ())
                   if rule["agency"] not in refused and rule["agency"] in self.agency]
        return self.assignee(min(fitting)[-1]) if fitting else None

    def assignee(self, agency: str) -> Assignee:
        return Assignee(agency, self.agency[agency]["channel"] == "queue")


class Atlas:
    """Gives the current map, and finds the neighbourhood of a point."""

    def __init__(self) -> None:
        self._map = Map()

    def current(self) -> Map:
        """The map of the revision that the database has now. Raises Unavailable."""
        with answering():
            found = Reference._get_collection().find_one({"_id": "revision"}) or {"n": 0}
            if found["n"] != self._map.revision:
                self._map = _read(found["n"])
        return self._map

    def neighbourhood_at(self, longitude: float, latitude: float) -> str | None:
        """The code of the neighbourhood in whose polygon the point (WGS 84) lies, or None."""
        point = {"type": "Point", "coordinates": [longitude, latitude]}
        with answering():
            found = Boundary._get_collection().find_one({"polygon": {"$geoIntersects": {"$geometry": point}}}, {"_id": 1})
        return str(found["_id"]) if found else None


def _read(revision: int) -> Map:
    made = Map(revision)
    for row in Reference._get_collection().find({"register": {"$exists": True}}):
        if row["register"] == "rule":
            made.rule.setdefault((row["category"], row["territory"]), []).append(row)
        else:
            getattr(made, row["register"])[row["code"]] = row
    return made


def learn(batch: list[Received]) -> None:
    """Takes over what the registry told, newest of each, and then counts the revision up. Idempotent."""
    rows = [_row(received.snapshot) for received in batch if type(received.snapshot) in REGISTERS]
    polygons = [_boundary(received.snapshot) for received in batch if isinstance(received.snapshot, BoundarySnapshot)]
    put_newer(Boundary._get_collection(), polygons)
    if rows:
        put_newer(Reference._get_collection(), rows)
        Reference._get_collection().update_one({"_id": "revision"}, {"$inc": {"n": 1}}, upsert=True)


def _row(snapshot: Any) -> Row:
    register = REGISTERS[type(snapshot)]
    values = {key: list(value) if isinstance(value, tuple) else value for key, value in vars(snapshot).items()}
    return values | {"_id": f"{register}:{snapshot.code}", "register": register}


def _boundary(snapshot: BoundarySnapshot) -> Row:
    return {"_id": snapshot.code, "version": snapshot.version,
            **({"polygon": snapshot.polygon} if snapshot.polygon else {})}
