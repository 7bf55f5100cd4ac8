"""What the registry tells `issues`, as snapshots that are valid by default."""
from typing import Any

from contracts import registry
from contracts.registry_parts import OfficeHours

Row = dict[str, Any]
WEEK = tuple(OfficeHours(day, "07:30", "14:30") for day in (6, 7, 1, 2, 3))


def place(code: str, *above: str, **given: Any) -> registry.TerritorySnapshot:
    values: Row = {"code": code, "version": 1, "kind": "neighbourhood", "name_fa": f"محلهٔ {code}", "name_en": code.title(),
                   "parent": above[-1] if above else None, "path": (*above, code)}
    return registry.TerritorySnapshot(**(values | given))


def category(**given: Any) -> registry.CategorySnapshot:
    values: Row = {"code": "water", "version": 1, "name_fa": "آب", "name_en": "Water", "parent": None, "path": ("water",),
                   "confidential": False, "accept_hours": 7, "finish_hours": 14}
    return registry.CategorySnapshot(**(values | given))


def agency(code: str, **given: Any) -> registry.AgencySnapshot:
    values: Row = {"code": code, "version": 1, "name_fa": code, "name_en": code, "level": "county", "territory": "karaj",
                   "channel": "queue"}
    return registry.AgencySnapshot(**(values | given))


def rule(code: str, territory: str, to: str, **given: Any) -> registry.RuleSnapshot:
    values: Row = {"code": code, "version": 1, "category": "water", "territory": territory, "agency": to, "priority": 10}
    return registry.RuleSnapshot(**(values | given))


def calendar(**given: Any) -> registry.CalendarSnapshot:
    values: Row = {"code": "alborz", "version": 1, "time_zone": "Asia/Tehran", "weekend": (4, 5), "office_hours": WEEK}
    return registry.CalendarSnapshot(**(values | given))
