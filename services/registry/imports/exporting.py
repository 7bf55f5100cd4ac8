"""A register as a file, as of a day: one row for each record in force, with the days from and before which it is so."""
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from chassis.store import answering
from services.registry import ledger
from services.registry.documents import Territory, edits_of
from services.registry.files import writing
from services.registry.files.columns import values_to_cells
from services.registry.imports.tables import TABLES, Table
from services.registry.model import OPEN, Edit, Values, in_force, periods
from services.registry.reach import paths
from services.registry.registers import REGISTERS

Cells = dict[str, Any]
Write = Callable[[list[str], Iterable[Cells]], Iterator[bytes]]
FORMATS: dict[str, Write] = {"csv": writing.write_csv, "xlsx": writing.write_xlsx, "geojson": writing.write_geojson}


def export(register: str, form: str, day: str, within: str = "") -> Iterator[bytes]:
    """The file in pieces; `form` is one of FORMATS; `within`: only what lies in this territory. Raises Invalid for what a
    cell of Excel cannot hold, Unavailable."""
    table = TABLES[register]
    return FORMATS[form]([column.name for column in table.written], rows(register, day, within))


def rows(register: str, day: str, within: str = "") -> Iterator[Cells]:
    table = TABLES[register]
    with answering():
        for batch in ledger.batches(_found(register, day), ledger.BATCH):
            shown = _places([code for code, _ in batch], day) if table.shown else {}
            at = paths(register, [(code, in_force(edits, day) or {}) for code, edits in batch]) if within else ()
            for code, edits in [each for number, each in enumerate(batch) if not within or within in at[number]]:
                yield from _row(table, code, edits, day, shown.get(code, {}))


def _found(register: str, day: str) -> Iterator[tuple[str, list[Edit]]]:
    switched, covering = ledger.switched_on(), {"valid_from": {"$lte": day}, "valid_to": {"$gt": day}}
    query = {"$or": [{"edits": {"$elemMatch": covering}}, {"staged.change_set": {"$in": sorted(switched)}}]}
    for found in REGISTERS[register].document._get_collection().find(query, {"outbox": 0}).sort("_id", 1).batch_size(
            ledger.BATCH):
        yield found["_id"], ledger.visible(found, switched)


def _row(table: Table, code: str, edits: list[Edit], day: str, shown: Values) -> Iterator[Cells]:
    kept = [column.name for column in table.kept]
    plain = [replace(edit, values=edit.values and {name: edit.values[name] for name in kept if name in edit.values})
             for edit in edits]
    for found in periods(plain):
        if found.valid_from <= day < found.valid_to:
            days = {"valid_from": found.valid_from, "valid_to": None if found.valid_to == OPEN else found.valid_to}
            yield values_to_cells(table.written, {"code": code, **shown, **days, **found.values})


def _places(codes: list[str], day: str) -> dict[str, Values]:
    """What boundaries are told by: the places of these codes."""
    return {found["_id"]: in_force(edits_of(found["edits"]), day) or {}
            for found in Territory._get_collection().find({"_id": {"$in": codes}}, {"edits": 1})}
