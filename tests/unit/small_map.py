"""Records as `issues` keeps them, valid by default, and maps made of them."""
from typing import Any

from services.issues.life.deadlines import Calendar
from services.issues.model import Assignee
from services.issues.routing import Map, by_place

Row = dict[str, Any]
KARAJ = ["alborz", "karaj", "n1"]  # the path of n1
WORKDAYS = (6, 7, 1, 2, 3)  # Saturday to Wednesday


def hours(opens: str = "07:30", closes: str = "14:30", *weekdays: int, since: str | None = None,
          until: str | None = None) -> list[Row]:
    """Office hours of these weekdays, of WORKDAYS where none is named."""
    return [{"weekday": day, "opens": opens, "closes": closes, "valid_from": since, "valid_to": until}
            for day in weekdays or WORKDAYS]


def a_calendar(code: str = "alborz", **given: Any) -> Row:
    """Saturday to Wednesday, 07:30 to 14:30 in Tehran."""
    values: Row = {"code": code, "version": 3, "time_zone": "Asia/Tehran", "weekend": [4, 5], "office_hours": hours(),
                   "holidays": [], "closures": [], "in_force": True}
    return values | given


def a_holiday(day: str, name: str = "تعطیل", estimated: bool = False) -> Row:
    return {"date": day, "name_fa": name, "name_en": "Holiday", "estimated": estimated}


def a_closure(day: str, starts: str | None = None, ends: str | None = None) -> Row:
    return {"date": day, "reason": "آلودگی هوا", "starts": starts, "ends": ends}


def a_rule(category: str, territory: str, agency: str, priority: int = 10, **given: Any) -> Row:
    return {"code": f"{category}-{territory}-{agency}", "category": category, "territory": territory, "agency": agency,
            "priority": priority, "others": [], "committee": None, "answers": {}, "in_force": True} | given


def a_place(code: str, *above: str, kind: str = "neighbourhood", **given: Any) -> Row:
    return {"code": code, "kind": kind, "name_fa": f"محلهٔ {code}", "name_en": code.title(), "path": [*above, code],
            "parent": above[-1] if above else None, "contested_with": None, "became": [], "in_force": True} | given


def a_category(code: str, *above: str, **given: Any) -> Row:
    return {"code": code, "name_fa": f"دستهٔ {code}", "name_en": code.title(), "parent": above[-1] if above else None,
            "path": [*above, code], "confidential": False, "accept_hours": 24, "finish_hours": 72, "allowances": [],
            "questions": [], "in_force": True} | given


def a_question(code: str, kind: str, *options: str, required: bool = False) -> Row:
    return {"code": code, "type": kind, "name_fa": f"پرسش {code}", "name_en": code.title(), "required": required,
            "options": [{"code": each, "name_fa": each, "name_en": each} for each in options]}


def an_agency(code: str, **given: Any) -> Row:
    return {"code": code, "name_fa": f"دستگاه {code}", "name_en": code.title(), "level": "county", "territory": "karaj",
            "channel": "queue", "in_force": True} | given


def sent(known: Map, category: str, place: list[str], **given: Any) -> Assignee | None:
    """The lead whom a problem is sent to."""
    return next(iter(known.team(category, place, **given)), None)


def a_map(*rules: Row, **records: Any) -> Map:
    """`water` below `utilities`, n1 in karaj in alborz, three agencies. `records`: further ones by register, in place of
    those of the same code."""
    registers: dict[str, list[Row]] = {
        "category": [a_category("utilities"), a_category("water", "utilities")],
        "territory": [a_place("alborz", kind="province"), a_place("karaj", "alborz", kind="county"),
                      a_place("n1", "alborz", "karaj")],
        "agency": [an_agency(code) for code in ("abfa", "karaj", "other")]}
    for register, more in records.items():
        registers[register] = [*registers.get(register, ()), *more]
    found = {register: {row["code"]: row for row in rows} for register, rows in registers.items()}
    calendars = {code: Calendar(row) for code, row in found.pop("calendar", {}).items()}
    return Map(1, rule=by_place(rules), calendar=calendars, **found)
