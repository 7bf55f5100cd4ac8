"""What the registry says that bears on one issue now: handed to it for each decision, never stored. Plain Python."""
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.issues.life.deadlines import Calendar
from services.issues.life.terms import Terms

Rung = tuple[int, str]  # working hours past a deadline, and to whom it then goes (a word of the registry's STEPS)
LADDER: tuple[Rung, ...] = (  # DOMAIN.md, where a category has none of its own
    (0, "neighbourhood_manager"), (0, "agency_head"), (8, "county_headquarters"), (16, "committee"),
    (24, "province_headquarters"), (40, "next_meeting"))


@dataclass(frozen=True)
class Procedure:
    """How a category wants its issues to be treated: days of 24 hours, a role that must check, a photograph at finishing."""

    silence_days: int = 14
    reopen_days: int = 30
    checked_by: str | None = None
    photograph: bool = False
    ladder: tuple[Rung, ...] = LADDER


@dataclass(frozen=True)
class Circumstances:
    """`has_queue`: whether an agency takes its tasks from a queue now, None where that is not known. `terms_of`: how long
    an agency has at a priority, None where it is not known any more. `body_of`: the code of the committee or headquarters
    that a step of the ladder means, of an agency where it has one. `headquarters_above`: the one above all these agencies.
    """

    procedure: Procedure = Procedure()
    calendar: Calendar | None = None
    category_version: int = 0
    has_queue: Callable[[str], bool | None] = lambda agency: None
    terms_of: Callable[[str, str], Terms | None] = lambda agency, priority: None
    body_of: Callable[[str, str | None], str | None] = lambda step, agency: None
    headquarters_above: Callable[[Sequence[str]], str | None] = lambda agencies: None


NOTHING_KNOWN = Circumstances()
