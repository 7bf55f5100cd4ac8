"""What the registry tells: who and where, one snapshot per record, whole at every change.

A fact of the registry says only that a record changed; what it is now stands in the snapshot. Records are dated: the
snapshot is what is in force on the day it is told, and it is told again on the day a dated change comes into force.
`in_force` is False for a record that has ended or has not begun; its other fields then say what it was, or will be, so
that old issues keep their names. Boundaries travel in an event of their own, because polygons are large and change
seldom. No contact data and no name of a person: who needs one asks.

Days are `YYYY-MM-DD` (Gregorian), times of day `HH:MM`, both local to the calendar's time zone; weekdays are ISO's, 1 for
Monday to 7 for Sunday.
"""
from dataclasses import dataclass, field
from typing import Any

from contracts.event import event
from contracts.registry_parts import Allowance, Closure, Holiday, OfficeHours, Question, Step
from contracts.registry_people import CodeRequested as CodeRequested
from contracts.registry_people import PersonErased as PersonErased


@dataclass(frozen=True)
class TerritorySnapshot:
    """A place on the tree. `path` is the codes from the province down to and with this place.

    `contested_with` is the other place that claims it: its path then leads from the place above both straight to it, so
    that neither side's rules reach it. `became` is what it was merged or split into, when it has ended so.
    """

    code: str
    version: int
    kind: str
    name_fa: str
    name_en: str
    parent: str | None
    path: tuple[str, ...]
    target: bool = False
    contested_with: str | None = None
    supporting_agency: str | None = None
    became: tuple[str, ...] = ()
    in_force: bool = True
    sample: bool = False


@dataclass(frozen=True)
class BoundarySnapshot:
    """The GeoJSON Polygon or MultiPolygon (WGS 84, lon before lat) of a place, or None where none is known."""

    code: str
    version: int
    polygon: dict[str, Any] | None
    in_force: bool = True


@dataclass(frozen=True)
class HeadquartersSnapshot:
    """A social headquarters of a province, a county or a region; `parent` is the headquarters above it."""

    code: str
    version: int
    name_fa: str
    name_en: str
    level: str
    territory: str
    parent: str | None = None
    in_force: bool = True
    sample: bool = False


@dataclass(frozen=True)
class AgencySnapshot:
    """`channel` is how the agency takes its tasks: `queue` (AMQP), `pull` (HTTP) or `email`.

    `office_hours` are its own, where they differ from its territory's calendar.
    """

    code: str
    version: int
    name_fa: str
    name_en: str
    level: str
    territory: str
    channel: str
    parent: str | None = None
    committee: str | None = None
    office_hours: tuple[OfficeHours, ...] = ()
    in_force: bool = True
    sample: bool = False


@dataclass(frozen=True)
class CommitteeSnapshot:
    """A body of agencies with a subject, of a headquarters where one is named."""

    code: str
    version: int
    name_fa: str
    name_en: str
    subject: str
    members: tuple[str, ...]
    headquarters: str | None = None
    in_force: bool = True
    sample: bool = False


@dataclass(frozen=True)
class CategorySnapshot:
    """`accept_hours` and `finish_hours` are allowances from the offer, where none of `allowances` fits better.

    They are hours of working time in the territory's calendar; of the clock on the wall where no calendar is known.
    `accept_days` and `finish_days` are working days, days on which the calendar opens; where given they count instead of the
    hours, and the hour of the day is kept. Without a calendar they are days of 24 hours.
    `silence_days` after it was done an issue closes if nobody answers, `reopen_days` after its closing it can be reopened;
    both are days of 24 hours. `checked_by`: the role that must look whether it is really fixed.
    """

    code: str
    version: int
    name_fa: str
    name_en: str
    parent: str | None
    path: tuple[str, ...]
    confidential: bool
    accept_hours: int
    finish_hours: int
    allowances: tuple[Allowance, ...] = ()
    questions: tuple[Question, ...] = ()
    photograph: bool = False
    ladder: tuple[Step, ...] = ()
    silence_days: int = 14
    reopen_days: int = 30
    checked_by: str | None = None
    in_force: bool = True
    sample: bool = False
    accept_days: int | None = None
    finish_days: int | None = None


@dataclass(frozen=True)
class RuleSnapshot:
    """Category × territory × answers → lead `agency`, `others` beside it, and the `committee` that follows it.

    Of those that fit, the lowest `priority` wins, then the more precise place, then the more precise category. `answers`:
    question → the answers of which one must have been given; every question named must fit.
    """

    code: str
    version: int
    category: str
    territory: str
    agency: str
    priority: int
    others: tuple[str, ...] = ()
    committee: str | None = None
    answers: dict[str, Any] = field(default_factory=dict)
    in_force: bool = True
    sample: bool = False


@dataclass(frozen=True)
class SeatSnapshot:
    """A role at a place, agency, committee or headquarters, and the id of who sits there; never a name or an address."""

    code: str
    version: int
    role: str
    territory: str | None = None
    agency: str | None = None
    committee: str | None = None
    headquarters: str | None = None
    person: str | None = None
    in_force: bool = True
    sample: bool = False


@dataclass(frozen=True)
class CalendarSnapshot:
    """The working time of a territory and of all below it that have no calendar of their own; `code` is the territory's."""

    code: str
    version: int
    time_zone: str
    weekend: tuple[int, ...]
    office_hours: tuple[OfficeHours, ...]
    holidays: tuple[Holiday, ...] = ()
    closures: tuple[Closure, ...] = ()
    in_force: bool = True
    sample: bool = False


@event("mahalle.registry.territory_changed.v1", snapshot=TerritorySnapshot)
@dataclass(frozen=True)
class TerritoryChanged:
    code: str


@event("mahalle.registry.boundary_changed.v1", snapshot=BoundarySnapshot)
@dataclass(frozen=True)
class BoundaryChanged:
    code: str


@event("mahalle.registry.headquarters_changed.v1", snapshot=HeadquartersSnapshot)
@dataclass(frozen=True)
class HeadquartersChanged:
    code: str


@event("mahalle.registry.agency_changed.v1", snapshot=AgencySnapshot)
@dataclass(frozen=True)
class AgencyChanged:
    code: str


@event("mahalle.registry.committee_changed.v1", needs_reader=False, snapshot=CommitteeSnapshot)
@dataclass(frozen=True)
class CommitteeChanged:
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


@event("mahalle.registry.calendar_changed.v1", snapshot=CalendarSnapshot)
@dataclass(frozen=True)
class CalendarChanged:
    code: str
