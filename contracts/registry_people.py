"""What the registry tells of people and of who signs in: ids, and nothing that could be read."""
from dataclasses import dataclass

from contracts.event import event


@event("mahalle.registry.person_erased.v1")
@dataclass(frozen=True)
class PersonErased:
    """A person asked to be forgotten: whoever keeps anything under this id forgets it, and under those of the `residents` as
    whom they had signed in by a code."""

    person: str
    residents: tuple[str, ...] = ()


@event("mahalle.registry.code_requested.v1")
@dataclass(frozen=True)
class CodeRequested:
    """Somebody asked for a one-time code to an address; whoever sends it asks for both, by this id, while it is good."""

    id: str
