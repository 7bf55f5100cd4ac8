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

from chassis import database, settings
from chassis.indexes import make
from chassis.settings import stop_with
from chassis.validation import load as checked
from services.registry import contacts, use_cases
from services.registry.clock import today
from services.registry.model import Change
from services.registry.registers import REGISTERS

Record = dict[str, Any]
PEOPLE = uuid.UUID("3c5b8a0e-0f3c-4c55-9b43-6d6168616c65")
BY = "operator:load"
FILES = ("territories", "agencies", "committees", "categories", "rules")


def read(folder: Path, name: str) -> list[Record]:
    found: list[Record] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    return [{"sample": True} | record for record in found]


def changes_of(folder: Path, day: str) -> Iterator[Change]:
    """Every record of the folder as a change, its values checked. Raises Invalid."""
    for name in FILES:
        for record in read(folder, name):
            apart = ("code", "email", "polygon")
            yield change(name, record["code"], {k: v for k, v in record.items() if k not in apart}, day)
            if record.get("polygon"):
                yield change("boundaries", record["code"], {"polygon": record["polygon"], "sample": record["sample"]}, day)
    for person in read(folder, "people"):
        apart = ("code", "name_fa", "email")
        seat = change("seats", person["code"], {k: v for k, v in person.items() if k not in apart}, day)
        yield Change("seats", seat.code, {**(seat.values or {}), "person": person_of(person)}, day)


def change(register: str, code: str, values: Record, day: str) -> Change:
    return Change(register, code, checked(REGISTERS[register].schema, values), day)


def person_of(record: Record) -> str:
    """The id of who sits in a seat of the sample: the same at every load."""
    return str(uuid.uuid5(PEOPLE, record["code"]))


def keep_addresses(folder: Path) -> None:
    for agency in read(folder, "agencies"):
        if agency.get("email"):
            contacts.keep("agency", agency["code"], {"email": agency["email"]})
    for person in read(folder, "people"):
        contacts.keep("person", person_of(person), {k: person[n] for k, n in (("name", "name_fa"), ("email", "email"))
                                                    if person.get(n)})


def load(folder: Path, day: str | None = None) -> bool:
    """Puts every record, from a day (else today) on; whether anything changed.

    Addresses first, so that nobody is told of who has none yet.
    """
    keep_addresses(folder)
    return use_cases.put(list(changes_of(folder, day or today())), BY)


def main(folder: str) -> None:
    database.connect("registry", settings.read("registry"))
    if not database.answers("registry"):
        stop_with("load: MongoDB does not answer. Start it, or set MONGO_URI.", 1)
    make("registry")
    manifest = json.loads((Path(folder) / "manifest.json").read_text(encoding="utf-8"))
    changed = load(Path(folder), manifest["valid_from"])
    print(f"load: {manifest.get('label_fa', '')} / {manifest.get('label_en', '')}: "
          + ("loaded" if changed else "there already, nothing changed"))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "deploy/sample/alborz")
