"""`python -m services.registry.load FOLDER`: loads a province from JSON files.

The files are those of deploy/sample/alborz. All of it comes into force at once, from the manifest's `valid_from` on;
loading again changes nothing that is the same, and a load that was cut off leaves nothing behind.
"""
import json
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chassis import database
from chassis.clock import today
from chassis.indexes import make
from chassis.validation import load as checked
from services.registry import contacts, use_cases
from services.registry.model import Change
from services.registry.people import use_cases as people
from services.registry.registers import REGISTERS

Record = dict[str, Any]
PEOPLE = uuid.UUID("3c5b8a0e-0f3c-4c55-9b43-6d6168616c65")
BY = "operator:load"
FILES = ("territories", "headquarters", "agencies", "committees", "categories", "rules", "calendars")
OPTIONAL = ("headquarters", "calendars")
PERSONAL = ("code", "name_fa", "name_en", "email", "telephone")
ROLE = {"head_of_agency": "head"}  # as the files say it
HOW = {"alley_mayor": "volunteered", "women_helper": "volunteered", "reporter": "volunteered"}  # else appointed


def read(folder: Path, name: str) -> list[Record]:
    path = folder / f"{name}.json"
    if name in OPTIONAL and not path.exists():
        return []
    found: list[Record] = json.loads(path.read_text(encoding="utf-8"))
    return [{"sample": True} | record for record in found]


def changes_of(folder: Path, day: str) -> Iterator[Change]:
    """Every record of the folder as a change, its values checked. Raises Invalid."""
    for name in FILES:
        for record in read(folder, name):
            apart = ("code", "email", "polygon")
            yield change(name, record["code"], {k: v for k, v in record.items() if k not in apart}, day)
            if record.get("polygon"):
                yield change("boundaries", record["code"], {"polygon": record["polygon"], "sample": record["sample"]}, day)
    yield from seats_of(read(folder, "people"), day)


def seats_of(records: list[Record], day: str) -> Iterator[Change]:
    """Each seat with who holds it; with nobody where they were erased since."""
    standing = people.standing(person_of(record) for record in records)
    for record in records:
        values = {k: v for k, v in record.items() if k not in PERSONAL}
        seat = change("seats", record["code"], values | {"role": ROLE.get(record["role"], record["role"])}, day)
        held = term_of(record) if person_of(record) in standing else {}
        yield Change("seats", seat.code, {**(seat.values or {}), **held}, day)


def change(register: str, code: str, values: Record, day: str) -> Change:
    return Change(register, code, checked(REGISTERS[register].schema, values), day)


def person_of(record: Record) -> str:
    """The id of who sits in a seat of the sample: the same at every load."""
    return str(uuid.uuid5(PEOPLE, record["code"]))


def term_of(record: Record) -> Record:
    """Who holds the seat of a record."""
    return {"person": person_of(record), "how": HOW.get(record["role"], "appointed"), "appointed_by": BY}


def keep_people(folder: Path) -> None:
    """Addresses of agencies; and people, as they came the first time: what was changed since stays."""
    for agency in read(folder, "agencies"):
        if agency.get("email"):
            contacts.keep("agency", agency["code"], {"email": agency["email"]})
    people.enter({person_of(record): record for record in read(folder, "people")}, BY)


def load(folder: Path, day: str | None = None) -> bool:
    """Puts every record, from a day (else today) on; whether anything changed.

    People and addresses first, so that nobody is told of who has none yet.
    """
    keep_people(folder)
    return use_cases.put(list(changes_of(folder, day or today())), BY)


def main(folder: str) -> None:
    database.connect_or_stop("load", "registry")
    make("registry")
    manifest = json.loads((Path(folder) / "manifest.json").read_text(encoding="utf-8"))
    changed = load(Path(folder), manifest["valid_from"])
    print(f"load: {manifest.get('label_fa', '')} / {manifest.get('label_en', '')}: "
          + ("loaded" if changed else "there already, nothing changed"))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "deploy/sample/alborz")
