"""`python -m services.registry.load FOLDER`: loads a province from JSON files.

The files are those of deploy/sample/alborz. Records are put one by one; loading again changes nothing that is the
same, and a load that was cut off is finished by the next one.
"""
import json
import sys
import uuid
from pathlib import Path
from typing import Any

from chassis import database, settings
from chassis.indexes import make
from chassis.settings import stop_with
from services.registry import use_cases
from services.registry.documents import Agency, Category, Committee, Rule, Seat, Territory

Record = dict[str, Any]
PEOPLE = uuid.UUID("3c5b8a0e-0f3c-4c55-9b43-6d6168616c65")


def with_paths(records: list[Record]) -> list[Record]:
    """Adds `path`, the codes from the root down to and with each record."""
    parents = {record["code"]: record["parent"] for record in records}

    def path(code: str | None) -> list[str]:
        return [*path(parents[code]), code] if code else []

    return [record | {"path": path(record["code"])} for record in records]


def without_contact(record: Record) -> Record:
    """The record with its address in `contact`, apart from what is told."""
    contact = {"email": record["email"]} if record.get("email") else {}
    return {key: value for key, value in record.items() if key != "email"} | {"contact": contact}


def seat(record: Record) -> Record:
    """A seat keeps its person's name and address in `contact`; told is only an id."""
    contact = {"name": record["name_fa"], **({"email": record["email"]} if record.get("email") else {})}
    kept = {key: value for key, value in record.items() if key not in ("name_fa", "email")}
    return kept | {"contact": contact, "person": str(uuid.uuid5(PEOPLE, record["code"]))}


def registers(folder: Path) -> list[tuple[Any, list[Record]]]:
    """The documents and their records, in the order in which they depend on each other."""
    def read(name: str) -> list[Record]:
        found: list[Record] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        return [{"sample": True} | record for record in found]

    return [(Territory, with_paths(read("territories"))), (Agency, [without_contact(a) for a in read("agencies")]),
            (Committee, read("committees")), (Category, with_paths(read("categories"))), (Rule, read("rules")),
            (Seat, [seat(s) for s in read("people")])]


def load(folder: Path) -> dict[str, int]:
    """Puts every record; returns how many of each register changed."""
    changed = {}
    for document, records in registers(folder):
        changed[document._get_collection().name] = sum(
            use_cases.put(document, record["code"], {k: v for k, v in record.items() if k != "code"})
            for record in records)
    return changed


def main(folder: str) -> None:
    database.connect("registry", settings.read("registry"))
    if not database.answers("registry"):
        stop_with("load: MongoDB does not answer. Start it, or set MONGO_URI.", 1)
    make("registry")
    manifest = json.loads((Path(folder) / "manifest.json").read_text(encoding="utf-8"))
    changed = load(Path(folder))
    print(f"load: {manifest.get('label_fa', '')} / {manifest.get('label_en', '')}: "
          + ", ".join(f"{count} {register}" for register, count in changed.items()) + " changed")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "deploy/sample/alborz")
