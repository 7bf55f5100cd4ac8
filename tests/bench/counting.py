"""Which filings count, as DESIGN.md says: those after which, with all consumers running throughout, every work queue
is empty and every read model current five seconds after the last one. Pure."""
from collections.abc import Iterable
from dataclasses import dataclass, field

WITHIN = 5.0  # seconds


@dataclass(frozen=True)
class Look:
    """What was still missing `after` so many seconds since the last answer, by name and number; nothing when current."""

    after: float
    missing: dict[str, int] = field(default_factory=dict)


def settled_after(looks: Iterable[Look]) -> float | None:
    """When the first look found everything current; None when none did."""
    return next((look.after for look in looks if not look.missing), None)


def why_not(looks: list[Look], ended: Iterable[str] = ()) -> str:
    """Why the filings do not count, in one sentence; nothing when they do. `ended`: processes that did not live through."""
    if lost := sorted(ended):
        return f"NOT counted: {', '.join(lost)} did not run throughout"
    settled = settled_after(looks)
    if settled is not None and settled <= WITHIN:
        return ""
    until = f"current only after {settled:.1f} s" if settled else f"still not current after {looks[-1].after:.0f} s"
    return f"NOT counted: {WITHIN:.0f} s after the last one missing: {named(in_time(looks).missing)}; {until}"


def in_time(looks: list[Look]) -> Look:
    """The last look within the five seconds; the first one where that came too late."""
    return next((look for look in reversed(looks) if look.after <= WITHIN), looks[0])


def named(missing: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in missing.items()) or "nothing"
