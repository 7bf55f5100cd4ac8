"""The service's own copy of what the registry told: learning it, and reading it as a map.

The copy lies in the database, fed by events. In memory there is one reading of it, used only while its revision in
the database is still the same, so that two processes never route by different rules.
"""
from collections.abc import Iterable
from dataclasses import MISSING, fields
from datetime import datetime
from typing import Any

from chassis.clock import now
from chassis.logs import get
from chassis.read_model import put_newer
from chassis.store import answering
from contracts import registry as told
from contracts.envelope import Received
from contracts.registry import BoundarySnapshot
from contracts.schema import schema_of
from services.issues.documents import Boundary, Reference
from services.issues.life.deadlines import Calendar, NeverOpens, due
from services.issues.routing import Map, Row, by_place

REGISTERS: dict[Any, str] = {
    told.TerritorySnapshot: "territory", told.HeadquartersSnapshot: "headquarters", told.AgencySnapshot: "agency",
    told.CommitteeSnapshot: "committee", told.CategorySnapshot: "category", told.RuleSnapshot: "rule",
    told.CalendarSnapshot: "calendar"}
HOLDING = 50  # boundaries that one point is looked for in
log = get(__name__)


class Atlas:
    """Gives the current map, and finds the places that hold a point."""

    def __init__(self) -> None:
        self._map = Map()

    def current(self) -> Map:
        """The map of the revision that the database has now. Raises Unavailable."""
        with answering():
            found = Reference._get_collection().find_one({"_id": "revision"}) or {"n": 0}
            if found["n"] != self._map.revision:
                self._map = _read(found["n"])
        return self._map

    def places_at(self, longitude: float, latitude: float) -> list[str]:
        """The codes of the places in whose polygon the point (WGS 84) lies."""
        point = {"type": "Point", "coordinates": [longitude, latitude]}
        query = {"polygon": {"$geoIntersects": {"$geometry": point}}}
        with answering():
            return [str(found["_id"]) for found in Boundary._get_collection().find(query, {"_id": 1}).limit(HOLDING)]


def _read(revision: int) -> Map:
    rows: dict[str, dict[str, Row]] = {register: {} for register in REGISTERS.values()}
    for row in Reference._get_collection().find({"register": {"$in": list(rows)}}):
        rows[row["register"]][row["code"]] = DEFAULTS[row["register"]] | row
    rules, calendars = rows.pop("rule"), rows.pop("calendar")
    return Map(revision, rule=by_place(rules.values()), calendar=calendars_of(calendars.values(), now()), **rows)


def calendars_of(rows: Iterable[Row], at: datetime) -> dict[str, Calendar]:
    """Those in force, by the code of their territory. One that cannot be used is left out and said in the log."""
    found = {}
    for row in rows:
        if row["in_force"]:
            try:
                calendar = Calendar(row)
                due(at, 1, calendar)
                found[calendar.code] = calendar
            except (KeyError, ValueError) as error:  # a zone that is not there is a KeyError
                log.error("a calendar cannot be used: hours count in the one above it, or by the clock",
                          calendar=row["code"], version=row["version"],
                          reason="it never opens" if isinstance(error, NeverOpens) else type(error).__name__)
    return found


def learn(batch: list[Received]) -> None:
    """Takes over what the registry told, newest of each, and then counts the revision up. Idempotent."""
    rows = [_row(received.snapshot) for received in batch if type(received.snapshot) in REGISTERS]
    polygons = [_boundary(received.snapshot) for received in batch if isinstance(received.snapshot, BoundarySnapshot)]
    put_newer(Boundary._get_collection(), polygons)
    if rows:
        put_newer(Reference._get_collection(), rows)
        Reference._get_collection().update_one({"_id": "revision"}, {"$inc": {"n": 1}}, upsert=True)


def _row(snapshot: Any) -> Row:
    cls: Any = type(snapshot)
    register = REGISTERS[cls]
    return {**schema_of(cls).dump(snapshot), "_id": f"{register}:{snapshot.code}", "register": register}


def _defaults(cls: Any) -> Row:
    """What a record says that was learnt before its contract had these fields."""
    optional = [each for each in fields(cls) if each.default is not MISSING or each.default_factory is not MISSING]
    return {each.name: [] if each.default == () else {} if each.default is MISSING else each.default for each in optional}


DEFAULTS = {register: _defaults(cls) for cls, register in REGISTERS.items()}


def _boundary(snapshot: BoundarySnapshot) -> Row:
    return {"_id": snapshot.code, "version": snapshot.version,
            **({"polygon": snapshot.polygon} if snapshot.polygon and snapshot.in_force else {})}
