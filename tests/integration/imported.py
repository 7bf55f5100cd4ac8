"""Files that are imported, what the registers hold then, and what is exported again."""
from typing import Any

import pytest

from services.registry import use_cases
from services.registry.documents import FACTS
from services.registry.imports import exporting
from services.registry.imports.importing import import_file
from services.registry.imports.reporting import Report
from services.registry.model import Change
from tests.builders import a_square
from tests.divisions import csv_of, place
from tests.integration.conftest import Connect

Record = dict[str, Any]
BY, PAST, DAY, LATER = "secretary:alborz", "2024-03-20", "2025-03-21", "2099-03-21"
N = place("n", "neighbourhood", "city", "ن")
HALVES = {"a": a_square(50.9, 35.8), "b": a_square(50.91, 35.8)}


@pytest.fixture
def registry(database: Connect) -> None:
    database("registry")
    bring("territories", [place("alborz", "province", None, "البرز"), place("karaj", "county", "alborz", "کرج"),
                          place("city", "city", "karaj", "کرج"), place("a", "neighbourhood", "city", "آق تپه")])
    use_cases.put([Change("boundaries", "alborz", {"polygon": a_square(50, 35, 2), "sample": False}, PAST)], BY)


def bring(register: str, rows: list[Record] | bytes, name: str = "file.csv", day: str = PAST,
          dry_run: bool = False) -> Report:
    return import_file(rows if isinstance(rows, bytes) else csv_of(rows), name, register, day, BY, dry_run)


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.new, report.changed, report.unchanged, report.bad


def everything() -> list[Any]:
    """All that the registers hold."""
    return [(found["_id"], found["version"], found["edits"], found.get("staged") or []) for document in FACTS
            for found in document._get_collection().find().sort("_id", 1)]


def exported(register: str, form: str = "csv", day: str = LATER) -> bytes:
    return b"".join(exporting.export(register, form, day))


def value(code: str, name: str, day: str = LATER) -> Any:
    return use_cases.look("territories", code, {"as_of": day})[name]
