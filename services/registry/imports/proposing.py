"""Names of new records that may be other spellings of known ones, or of each other: proposed, never decided."""
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from services.registry import variants
from services.registry.imports.asking import Asked, Asking
from services.registry.imports.tables import TABLES
from services.registry.registers import REGISTERS
from services.registry.use_cases import standing

MOST_COMPARED = 1_000_000  # pairs of names, of one import
MANY = 1000  # places that are asked for at once


def propose(asking: Asking) -> None:
    """Compares each new name with those beside it: of the same place above, the same territory and so on."""
    beside = TABLES[asking.register].beside
    new: dict[Any, list[Asked]] = defaultdict(list)
    for change in asking.changes:
        if beside and change.code in asking.fresh and change.values:
            new[change.values.get(beside)].append(change)
    left = MOST_COMPARED
    for places in _pieces(list(new)):
        known = _known(asking, beside, places)
        for place in places:
            left -= len(new[place]) * (len(new[place]) + len(known[place]))
            if left > 0:
                _compare(asking, new[place], known[place])


def _pieces(places: list[Any]) -> list[list[Any]]:
    return [places[at:at + MANY] for at in range(0, len(places), MANY)]


def _known(asking: Asking, beside: str, places: list[Any]) -> dict[Any, dict[str, str]]:
    found: dict[Any, dict[str, str]] = defaultdict(dict)
    for code, values in standing(REGISTERS[asking.register], asking.day, {beside: places}):
        if code not in asking.fresh:
            found[values.get(beside)][code] = values["name_fa"]
    return found


def _compare(asking: Asking, new: Sequence[Asked], known: dict[str, str]) -> None:
    for change in new:
        name = (change.values or {})["name_fa"]
        alike = variants.propose(name, known)
        if alike:
            asking.report.propose({"line": change.line, "code": change.code, "name_fa": name, "may_be": [
                {"code": code, "name_fa": known[code], "score": round(score)} for code, score in alike]})
        known[change.code] = name
