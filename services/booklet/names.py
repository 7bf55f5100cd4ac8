"""What codes are called, and which lines there are: every code's own, and what it lies under."""
from collections.abc import Callable, Iterable
from typing import Any

from contracts.registry import AgencySnapshot, CategorySnapshot, TerritorySnapshot
from services.booklet.documents import Named
from services.booklet.questions import Question, unknown

REGISTERS: dict[Any, str] = {TerritorySnapshot: "territory", AgencySnapshot: "agency", CategorySnapshot: "category"}
KEPT = ("code", "version", "name_fa", "name_en", "kind", "parent", "path", "finish_hours", "finish_days", "confidential",
        "in_force", "sample")
SHOWN = ("kind", "parent", "from", "to")  # where they are known
Row = dict[str, Any]
Names = dict[str, Row]  # by code


def name_of(snapshot: Any) -> Row:
    """The row of a territory, an agency or a category."""
    register = REGISTERS[type(snapshot)]
    told = {name: value for name, value in vars(snapshot).items() if name in KEPT}
    return told | {"_id": f"{register}:{snapshot.code}", "register": register}


def demand_known(question: Question) -> None:
    """Raises Malformed: unknown_category, unknown_territory, unknown_agency."""
    for register in ("category", "territory", "agency"):
        code = getattr(question, register)
        if code is not None and Named._get_collection().find_one({"_id": f"{register}:{code}"}, {"_id": 1}) is None:
            raise unknown(register, code)


def find(register: str, **query: Any) -> Names:
    return {row["code"]: row for row in Named._get_collection().find({"register": register, **query})}


def names_for(question: Question, categories: Names) -> Names:
    """Everything that may have a line; of months nothing, they follow from the rows."""
    if question.by == "category":
        return {code: row for code, row in categories.items() if question.category in (None, *row.get("path", ()))}
    if question.by == "agency":
        return find("agency", **({"code": question.agency} if question.agency else {}))
    if question.by == "month":
        return {}
    if question.by == "territory":
        return find("territory", parent=question.territory)
    return find("territory", kind=question.by, **({"path": question.territory} if question.territory else {}))


def lines_of(question: Question, names: Names) -> Callable[[str], Iterable[str]]:
    """From what rows are grouped by (agency, category, month, or a path of places) to the codes of the lines they are in.

    A category and a place hold what is below them; nothing above what was asked for has a line, it would hold a part.
    """
    if question.by in ("agency", "month"):
        return lambda key: (key,)
    if question.by == "category":
        return lambda key: _from(names.get(key, {}).get("path") or [key], question.category)
    if question.by == "territory":
        here = 1 if question.territory else 0
        return lambda key: _from(key.split("/"), question.territory)[here:here + 1]
    if question.by == "neighbourhood":
        return lambda key: key.split("/")[-1:]
    return lambda key: [code for code in _from(key.split("/"), question.territory) if code in names]


def _from(path: list[str], code: str | None) -> list[str]:
    """The part of a path that begins with a code; the whole where there is no code."""
    return path[path.index(code):] if code in path else path


def is_listed(row: Row) -> bool:
    """Also without numbers: not what has ended, and no confidential category, whose zeros would not be true."""
    return bool(row.get("in_force", True)) and not row.get("confidential", False)


def hours_of(category: Row) -> int:
    """Hours of the clock to finish: of working days, which count where they are given, 24 each."""
    return int(category["finish_days"] * 24 if category.get("finish_days") else category["finish_hours"])


def item(code: str, row: Row, line: dict[str, Any]) -> dict[str, Any]:
    """A line whose name has not been told yet goes by its code. What is a sample says so."""
    return {"code": code, "name_fa": row.get("name_fa", code), "name_en": row.get("name_en", code),
            "sample": row.get("sample", False), **{name: row[name] for name in SHOWN if name in row}, **line}
