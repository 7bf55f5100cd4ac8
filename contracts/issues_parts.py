"""The public state of an issue and of its tasks, which travels with every fact that `issues` tells."""
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class TaskSnapshot:
    """One agency's part. `state` is a state of the task table; times are UTC.

    `stopped_at`: since when its clock stands, while it waits or awaits funds; it is late when `due` lies before `done_at`,
    else before `stopped_at`, else before now. `accept_minutes` are working minutes from the offer to accepting,
    `finish_minutes` from the filing to finishing without the time that the clock stood. `lead`: it answers for the whole.
    `vacant`: it was refused and nobody has its part yet. `came_from`: the task that was referred here. `escalations`: how
    many steps of the ladder were taken.
    """

    id: str
    agency: str
    state: str
    offered_at: datetime
    accept_by: datetime
    due: datetime
    accepted_at: datetime | None = None
    done_at: datetime | None = None
    lead: bool = True
    came_from: str | None = None
    stopped_at: datetime | None = None
    extensions: int = 0
    escalations: int = 0
    accept_minutes: int | None = None
    finish_minutes: int | None = None
    vacant: bool = False


@dataclass(frozen=True)
class IssueSnapshot:
    """The public state of an issue. Of a confidential one, every field after `confidential` keeps its default.

    `place` is the codes from the province down to the neighbourhood. `reachable` says that the filer left an address;
    which, only `issues` knows. `times_not_fixed` counts how often somebody said that it is not, `times_reopened` those of
    them that came after the closing. `closed_by`: filer, neighbourhood_manager, secretary or silence. `joined`: how many
    others said "me too". `headquarters`: the one that must decide between agencies, while it has not. `checked_by`: the
    role that looked whether it is really fixed.
    """

    id: str
    version: int
    confidential: bool
    status: str = ""
    tracking_code: str = ""
    category: str = ""
    neighbourhood: str = ""
    place: tuple[str, ...] = ()
    filed_at: datetime | None = None
    updated_at: datetime | None = None
    tasks: tuple[TaskSnapshot, ...] = ()
    reachable: bool = False
    times_not_fixed: int = 0
    satisfaction: int | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    priority: str = "normal"
    times_referred: int = 0
    times_reopened: int = 0
    joined: int = 0
    on_behalf: bool = False
    headquarters: str | None = None
    duplicate_of: str | None = None
    checked_by: str | None = None
