"""Whether a neighbourhood's team is complete: which seats are wanted, held and empty, in it and in its zones and alleys.

Wanted is what WANTED says for a kind of place, and every seat of a team role that was established there besides. A wanted
role for which no seat was established is empty too. Everything is as of a day, in three queries however many alleys.
"""
from collections import Counter
from collections.abc import Iterable
from itertools import islice
from typing import Any

from chassis.validation import limit_of
from contracts.errors import Malformed, Refused
from services.registry import contacts, use_cases
from services.registry.people import use_cases as people
from services.registry.people.training import lapsing
from services.registry.registers import REGISTERS
from services.registry.schemas import KINDS

WANTED = {"neighbourhood": ("neighbourhood_manager", "women_helper", "reporter"), "alley": ("alley_mayor",)}
ROLES = sorted({role for roles in WANTED.values() for role in roles})
MOST = 50_000  # places and seats that one answer counts
PAGE = 100  # neighbourhoods that one answer sums up
SOON = 60  # days
Record = dict[str, Any]
Place = tuple[str, Record]


def team(code: str, query: dict[str, str], asked_by: str | None = None) -> Record:
    """The team of a neighbourhood, zone or alley, or a count for each neighbourhood of a place above, by code, with cursor.

    Without names, for anybody; with `asked_by`, staff, also who sits where and whose certificates lapse within `within` days
    (SOON), and it is remembered of each person shown who asked. Raises NotFound, Malformed, Refused where it would count
    more than MOST.
    """
    limit_of(query, PAGE)
    within, place = _within(query), use_cases.look("territories", code, query)
    if KINDS[place["kind"]] < KINDS["neighbourhood"]:
        return _summary(code, query)
    day = use_cases.day_of(query)
    places = _standing("territories", {"path": [code]}, day)
    seats = _seats(places, day)
    found = _counted(places, seats) | {"code": code, "as_of": day, "places": _per_place(places, seats)}
    if asked_by is None:
        return found
    who, shown = _who(seats, day, within)
    contacts.note_read("team", [code], asked_by, "team")
    contacts.note_read("person", shown, asked_by, "team", via=f"team:{code}")
    return found | who


def _summary(code: str, query: dict[str, str]) -> Record:
    page = use_cases.listing("territories", query | {"path": code}, {"kind": "neighbourhood"})
    day, mine = use_cases.day_of(query), {each["code"]: each for each in page["items"]}
    within: dict[str, list[Place]] = {each: [] for each in mine}
    for place in _standing("territories", {"path": sorted(mine)}, day):
        within[next(each for each in reversed(place[1]["path"]) if each in mine)].append(place)
    seats = _seats([place for places in within.values() for place in places], day)
    return {"code": code, "as_of": day, "next_cursor": page["next_cursor"], "items": [
        _summed(each, within[each["code"]], seats) for each in page["items"]]}


def _summed(neighbourhood: Record, places: list[Place], seats: dict[str, list[Record]]) -> Record:
    counted = _counted(places, seats)
    names = {name: neighbourhood[name] for name in ("code", "name_fa", "name_en", "target")}
    return {**names, "wanted": counted["wanted"], "held": counted["held"],
            "empty": dict(sorted(Counter(each["role"] for each in counted["empty"]).items()))}


def _counted(places: Iterable[Place], seats: dict[str, list[Record]]) -> Record:
    """How many are wanted and held; each empty one with its place, and its seat where one is established."""
    wanted, empty = 0, []
    for code, place in places:
        there = seats.get(code, [])
        lacking = [role for role in WANTED.get(place["kind"], ()) if role not in {seat["role"] for seat in there}]
        vacant = [(seat["role"], seat["code"]) for seat in there if not seat.get("person")]
        wanted += len(there) + len(lacking)
        empty += [{"role": role, "seat": seat, "territory": code, "kind": place["kind"], "name_fa": place["name_fa"],
                   "name_en": place["name_en"]} for role, seat in [*vacant, *((role, None) for role in lacking)]]
    return {"wanted": wanted, "held": wanted - len(empty), "empty": empty}


def _per_place(places: list[Place], seats: dict[str, list[Record]]) -> list[Record]:
    found = []
    for code, place in places:
        counted = _counted([(code, place)], seats)
        found.append({"code": code, **{name: place[name] for name in ("kind", "name_fa", "name_en", "parent")},
                      "wanted": counted["wanted"], "held": counted["held"]})
    return found


def _who(seats: dict[str, list[Record]], day: str, within: int) -> tuple[Record, list[str]]:
    """Who sits where and whose certificates lapse, and the ids of all whose names that shows."""
    held = [seat for there in seats.values() for seat in there if seat.get("person")]
    known = people.known(seat["person"] for seat in held)
    names = {person: {"person": person, "name_fa": each["name_fa"], "name_en": each["name_en"]}
             for person, each in known.items()}
    return {"held_by": [{"seat": seat["code"], "role": seat["role"], "territory": seat["territory"], "how": seat.get("how"),
                         **names.get(seat["person"], {"person": seat["person"], "name_fa": None, "name_en": None})}
                        for seat in held],
            "certificates": [{**names[person], **lapsed} for person, each in sorted(known.items())
                             for lapsed in lapsing(each["certificates"], day, within)]}, sorted(known)


def _seats(places: list[Place], day: str) -> dict[str, list[Record]]:
    """The seats of team roles, by place."""
    found: dict[str, list[Record]] = {}
    for code, seat in _standing("seats", {"territory": [code for code, _ in places], "role": ROLES}, day):
        found.setdefault(seat["territory"], []).append({"code": code, **seat})
    return found


def _standing(register: str, wanted: Record, day: str) -> list[Place]:
    found = list(islice(use_cases.standing(REGISTERS[register], day, wanted), MOST + 1))
    if len(found) > MOST:
        raise Refused("too_many_places", "پاسخ بیش از اندازه بزرگ می‌شود. limit کوچک‌تری بنویسید.",
                      "The answer would be too large. Give a smaller limit.")
    return found


def _within(query: dict[str, str]) -> int:
    given = query.get("within", str(SOON))
    if not given.isascii() or not given.isdecimal() or len(given) > 4:
        raise Malformed("bad_within", "within تعداد روزهاست؛ عددی تا ۹۹۹۹ بنویسید.",
                        "within is a number of days, up to 9999.")
    return int(given)
