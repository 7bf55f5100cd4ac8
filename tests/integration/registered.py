"""What stands in the registry that tests change: a branch of places, a tree with boundaries, a seat; and looking it up."""
import threading
from collections.abc import Callable
from typing import Any

from contracts.errors import Problem
from services.registry import use_cases
from services.registry.model import Change
from tests.builders import a_square

Record = dict[str, Any]
BY = "secretary:alborz"
PAST, DAY, LATER = "2024-03-20", "2025-03-21", "2099-03-21"


def place(code: str, kind: str, parent: str | None, day: str = PAST, **given: Any) -> Change:
    return Change("territories", code, {"kind": kind, "name_fa": code, "name_en": code, "parent": parent, "target": False,
                                        "contested_with": None, "supporting_agency": None, "sample": False} | given, day)


BRANCH = [place("alborz", "province", None), place("karaj", "county", "alborz"), place("fardis", "county", "alborz"),
          place("mehrshahr", "city", "karaj"), place("n1", "neighbourhood", "mehrshahr")]


def stored(document: Any, code: str) -> Record:
    found: Record = document._get_collection().find_one({"_id": code})
    return found


def values(register: str, code: str, day: str = LATER) -> Record:
    found: Record = use_cases.look(register, code, {"as_of": day})
    return found


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    outcomes: list[Any] = []

    def do(deed: Callable[[], Any]) -> None:
        try:
            outcomes.append(deed())
        except Problem as problem:
            outcomes.append(problem.code)

    threads = [threading.Thread(target=do, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def boundary(code: str, polygon: Any, day: str = PAST) -> Change:
    return Change("boundaries", code, {"polygon": polygon, "sample": True}, day)


def headquarters(code: str, level: str, territory: str) -> Change:
    return Change("headquarters", code, {"name_fa": code, "name_en": code, "level": level, "territory": territory,
                                         "parent": None, "sample": False}, PAST)


TREE = [place("alborz", "province", None), place("karaj", "county", "alborz"), place("fardis", "county", "alborz"),
        place("n1", "neighbourhood", "karaj"), place("n2", "neighbourhood", "karaj"), place("z1", "zone", "n1"),
        place("qazvin", "province", None), place("q1", "neighbourhood", "qazvin")]
SHAPES = [boundary("alborz", a_square(50.8, 35.7, 0.3)), boundary("karaj", a_square(50.9, 35.79, 0.1)),
          boundary("n1", a_square(50.91, 35.8)), boundary("n2", a_square(50.92, 35.8)),
          boundary("z1", a_square(50.91, 35.8, 0.004)), boundary("q1", a_square(50.0, 36.2))]


def codes(found: list[dict[str, Any]]) -> list[str]:
    return [each["code"] for each in found]


SEAT: dict[str, Any] = {"role": "neighbourhood_manager", "territory": "n1", "agency": None, "committee": None,
                        "headquarters": None, "sample": False}
