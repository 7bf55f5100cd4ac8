"""Where somebody speaks for: the territory of a caller's subject, or of a seat, with all that lie above it."""
from services.registry.clock import today
from services.registry.model import Values, in_force
from services.registry.registers import REGISTERS
from services.registry.use_cases import find


def places_above(role: str, subject: str) -> list[str]:
    """Of a role of a territory its path, of an agency's its territory's; empty for what is not in force today."""
    place = _today("agencies", subject).get("territory") if role == "agency" else subject
    return list(_today("territories", place or "").get("path", []))


def seat_of_headquarters(code: str) -> str | None:
    """The territory of a headquarters that is in force today."""
    return _today("headquarters", code).get("territory")


def _today(register: str, code: str) -> Values:
    return in_force(find(REGISTERS[register], code) or [], today()) or {}
