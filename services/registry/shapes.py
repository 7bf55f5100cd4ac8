"""No boundary is kept that is no polygon: what MongoDB's index would refuse must not be found out when it is too late."""
from dataclasses import replace

from chassis.validation import bad_field
from services.registry.geometry import check_polygon, mended
from services.registry.model import Change


def with_shapes(changes: list[Change]) -> list[Change]:
    """The changes with their polygons mended. Raises Invalid with the first flaw that cannot be mended, and where it is."""
    return [_mended(change) if change.register == "boundaries" and change.values else change for change in changes]


def _mended(change: Change) -> Change:
    values = change.values or {}
    for flaw in check_polygon(values["polygon"]):
        raise bad_field("/polygon", flaw.code, f"«{change.code}»: {flaw.fa}", f"{change.code}: {flaw.en}")
    return replace(change, values={**values, "polygon": mended(values["polygon"])})
