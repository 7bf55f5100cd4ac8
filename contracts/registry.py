"""What the registry tells: who and where, one snapshot per record, whole at every change.

A fact of the registry says only that a record changed; what it is now stands in the snapshot. Boundaries travel in an
event of their own, because polygons are large and change seldom. No contact data: who needs an address asks.
"""
from dataclasses import dataclass
from typing import Any

from contracts.event import event


@dataclass(frozen=True)
class TerritorySnapshot:
    """A place on the tree. `path` is the codes from the province down to and with this place."""

    code: str
    version: int
    kind: str
    name_fa: str
    name_en: str
    parent: str | None
    path: tuple[str, ...]
    target: bool = False
    sample: bool = False


@dataclass(frozen=True)
class BoundarySnapshot:
    """The GeoJSON polygon (WGS 84, lon before lat) of a place, or None where none is known."""

    code: str
    version: int
    polygon: dict[str, Any] | None


@dataclass(frozen=True)
class AgencySnapshot:
    """`channel` is how the agency takes its tasks: `queue` (AMQP), `pull` (HTTP) or `email`."""

    code: str
    version: int
    name_fa: str
    name_en: str
    level: str
    territory: str
    channel: str
    parent: str | None = None
    committee: str | None = None
    sample: bool = False


@dataclass(frozen=True)
class CategorySnapshot:
    """`accept_hours` and `finish_hours` are allowances from the offer, in hours of the clock on the wall."""

    code: str
    version: int
    name_fa: str
    name_en: str
    parent: str | None
    path: tuple[str, ...]
    confidential: bool
    accept_hours: int
    finish_hours: int


@dataclass(frozen=True)
class RuleSnapshot:
    """Category × territory → agency; of those that fit, the lowest `priority` wins, then the more precise place."""

    code: str
    version: int
    category: str
    territory: str
    agency: str
    priority: int


@dataclass(frozen=True)
class SeatSnapshot:
    """A role at a place or an agency, and the id of who sits there; never a name or an address."""

    code: str
    version: int
    role: str
    territory: str | None = None
    agency: str | None = None
    person: str | None = None


@event("mahalle.registry.territory_changed.v1", snapshot=TerritorySnapshot)
@dataclass(frozen=True)
class TerritoryChanged:
    code: str


@event("mahalle.registry.boundary_changed.v1", snapshot=BoundarySnapshot)
@dataclass(frozen=True)
class BoundaryChanged:
    code: str


@event("mahalle.registry.agency_changed.v1", snapshot=AgencySnapshot)
@dataclass(frozen=True)
class AgencyChanged:
    code: str


@event("mahalle.registry.category_changed.v1", snapshot=CategorySnapshot)
@dataclass(frozen=True)
class CategoryChanged:
    code: str


@event("mahalle.registry.rule_changed.v1", snapshot=RuleSnapshot)
@dataclass(frozen=True)
class RuleChanged:
    code: str


@event("mahalle.registry.seat_changed.v1", needs_reader=False, snapshot=SeatSnapshot)
@dataclass(frozen=True)
class SeatChanged:
    code: str
