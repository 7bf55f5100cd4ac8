"""Where somebody speaks for: the territory of a caller's subject, or of a seat, with all that lie above it."""
from chassis.clock import today
from services.registry.accounts.rights import Seat
from services.registry.model import Values, in_force, shown_on
from services.registry.registers import REGISTERS
from services.registry.seats import use_cases as seats
from services.registry.use_cases import find


def places_above(role: str, subject: str) -> list[str]:
    """Of a role of a territory its path, of an agency's its territory's; empty for what is not in force today."""
    place = _today("agencies", subject).get("territory") if role == "agency" else subject
    return list(_today("territories", place or "").get("path", []))


def seats_of(person: str, day: str) -> list[Seat]:
    """What a person holds on a day, as `rights` wants it: a headquarters' seat with the headquarters' territory, and none of
    an agency that has ended."""
    return [{**seat, "territory": seat["territory"] or _today("headquarters", seat["headquarters"] or "").get("territory")}
            for seat in seats.seats_of(person, day) if not is_over(seat["agency"] or "")]


def is_over(agency: str) -> bool:
    """Whether this agency is not in force today: nobody speaks for it, by a seat or a key, as at the broker."""
    edits = find(REGISTERS["agencies"], agency)
    return bool(edits) and in_force(edits or [], today()) is None


def seats_from(person: str, day: str) -> list[Seat]:
    """The same of what they hold on a day or later, wherever that will lie."""
    return [{**seat, "territory": seat["territory"] or _ahead("headquarters", seat["headquarters"] or "").get("territory")}
            for seat in seats.seats_from(person, day)]


def _ahead(register: str, code: str) -> Values:
    return shown_on(find(REGISTERS[register], code) or [], today())[0]


def _today(register: str, code: str) -> Values:
    return in_force(find(REGISTERS[register], code) or [], today()) or {}
