"""Rows → changes, each checked by itself: its cells, its values by the register's schema, its days, its code once in a
file, and against the record as it is now.

A record of which a row says nothing new is unchanged, and nothing more is asked of it.
"""
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from marshmallow import ValidationError, fields

from chassis.clock import now
from chassis.validation import load
from contracts.errors import Problem, Refused
from services.registry import schemas
from services.registry.documents import edits_of
from services.registry.files.bad_rows import BadRow, shortened
from services.registry.files.columns import cells_to_values, check_columns
from services.registry.files.rows import Row, Rows
from services.registry.imports import shapes
from services.registry.imports.reporting import Report, flaws_of
from services.registry.imports.tables import TABLES
from services.registry.ledger import batches
from services.registry.model import OPEN, Change, Edit, Values, demand_order, in_force
from services.registry.registers import REGISTERS
from services.registry.seats import terms

BATCH = 500
CELLS_OF = {"later_change_planned": "valid_to", "seat_taken": "valid_from", "seat_not_in_force": "valid_from",
            "term_differs": "valid_to"}


@dataclass(frozen=True)
class Asked(Change):
    """A change that a row asks for; `point`: (longitude, latitude) to be held against the place above."""

    line: int = 0
    point: tuple[float, float] | None = None


@dataclass
class Asking:
    """`changes` become what must be stored; `placed`: (row, path) of unchanged records whose points must be looked at;
    `lines`: every code of the file that could be read, whether its row is good or bad, and its first line."""

    register: str
    day: str
    by: str
    report: Report
    changes: list[Asked] = field(default_factory=list)
    placed: list[tuple[Asked, list[str]]] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)
    fresh: set[str] = field(default_factory=set)
    _given: dict[str, list[Asked]] = field(default_factory=dict)
    _made: dict[str, list[Edit]] = field(default_factory=dict)
    _at: datetime = field(default_factory=now)

    def take(self, rows: Rows) -> Iterator[int]:
        """Takes all rows; tells how many were taken so far."""
        table = TABLES[self.register]
        wrong = check_columns(table.read, rows.columns) if rows.columns else []
        for flaw in wrong:
            self.report.add(flaw)
        for batch in batches(() if wrong else rows, BATCH):
            self.report.rows += len(batch)
            self._batch(batch, rows.columns)
            yield self.report.rows
        for flaw in rows.bad:
            self.report.add(flaw)

    def _batch(self, batch: Sequence[Row], columns: Sequence[str]) -> None:
        read = [(row, *cells_to_values(TABLES[self.register].read, row)) for row in batch]
        codes = {cells["code"] for _, cells, _ in read if cells.get("code")}
        records = REGISTERS[self.register].document._get_collection().find({"_id": {"$in": sorted(codes)}}, {
            "edits": 1, "version": 1})
        stored = {found["_id"]: (edits_of(found["edits"]), found["version"]) for found in records}
        for row, cells, wrong in read:
            edits, version = stored.get(cells.get("code") or "", ([], 0))
            try:
                for flaw in wrong or self._row(row.line, cells, columns, edits, version):
                    self.report.add(flaw)
            except Problem as problem:
                for flaw in flaws_of(problem, row.line, CELLS_OF.get(problem.code), cells):
                    self.report.add(flaw)
            finally:
                if cells.get("code"):
                    self.lines.setdefault(cells["code"], row.line)

    def _row(self, line: int, cells: Values, columns: Sequence[str], edits: list[Edit], version: int) -> list[BadRow]:
        """Takes a row whose cells could be read, or says what is wrong with it. Raises Problem."""
        start = cells.get("valid_from") or self.day
        point, wrong = shapes.point_of(cells, line)
        wrong += _bad_code(cells["code"], line)
        values = self._values(cells, columns, in_force(edits, start) or {})
        if "polygon" in values and not wrong:
            values["polygon"], wrong = shapes.mended_polygon(values["polygon"], line)
        asked = Asked(self.register, cells["code"], values, start, cells.get("valid_to"), version, line, point)
        wrong = wrong or self._again(asked)
        if not wrong:
            self._ask(asked, edits)
        return wrong

    def _values(self, cells: Values, columns: Sequence[str], held: Values) -> Values:
        """Of the columns that the file has what the row says, of the others what stands. Raises Invalid."""
        kept = {column.name for column in TABLES[self.register].kept}
        stands = {name: value for name, value in held.items() if name in kept and name not in columns}
        said = {name: cells[name] for name in kept if cells.get(name) is not None}
        return load(REGISTERS[self.register].schema, stands | said) | self._term(cells)

    def _term(self, cells: Values) -> Values:
        if not cells.get("person"):
            return {}
        term = load(TermOfSeat(), {name: cells[name] for name in ("person", "how") if cells.get(name)})
        return {"person": str(term["person"]), "how": term["how"], "appointed_by": self.by}

    def _again(self, asked: Asked) -> list[BadRow]:
        """What is wrong with naming this code again: only the terms of one seat may be several rows, on different days."""
        before, has_term = self._given.setdefault(asked.code, []), "person" in (asked.values or {})
        if asked.code in self.lines and not (has_term and before and all("person" in (b.values or {}) for b in before)):
            return [_repeated(asked, self.lines[asked.code])]
        overlapping = [_overlapping(asked, other) for other in before if _overlap(asked, other)]
        if has_term:
            before.append(asked)
        else:
            del self._given[asked.code]
        return overlapping[:1]

    def _ask(self, asked: Asked, edits: list[Edit]) -> None:
        """Counts it, and keeps it where it changes something. Raises what the register's `revise` does."""
        if not edits and "person" not in (asked.values or {}):
            demand_order(asked)
        elif not self._new_edits(asked, edits):
            self.report.unchanged += 1
            if asked.point:
                self.placed.append((asked, (in_force(edits, asked.valid_from) or {}).get("path", [])))
            return
        self.report.new += not edits
        self.report.changed += bool(edits)
        self.changes.append(asked)
        if not edits:
            self.fresh.add(asked.code)

    def _new_edits(self, asked: Asked, edits: list[Edit]) -> list[Edit]:
        plain = TABLES[self.register].plain
        known = [replace(edit, values=edit.values and plain(edit.values)) for edit in edits]
        known += self._made.get(asked.code, [])
        new = REGISTERS[self.register].revise(known, asked, self._at, self.by)
        if "person" in (asked.values or {}):
            _demand_term(asked, [*known, *new])
            self._made.setdefault(asked.code, []).extend(new)
        return new


class TermOfSeat(schemas.Strict):
    person = fields.UUID(required=True)
    how = schemas.one_of(*terms.HOWS, required=True)


def _bad_code(code: str, line: int) -> list[BadRow]:
    try:
        schemas.CODE(code)
    except ValidationError:
        return [BadRow(line, "code", "bad_code", shortened(code),
                       "کد از حرف‌های کوچک لاتین، رقم و خط تیره ساخته می‌شود، تا ۶۰ نویسه؛ مانند karaj-n12.",
                       "A code is made of small Latin letters, digits and hyphens, up to 60; like karaj-n12.")]
    return []


def _repeated(asked: Asked, first: int) -> BadRow:
    return BadRow(asked.line, "code", "duplicate_code", asked.code, f"این کد در سطر {first} هم آمده است. یکی را بردارید.",
                  f"This code stands in line {first} as well. Take one out.")


def _overlap(one: Asked, other: Asked) -> bool:
    return one.valid_from < (other.valid_to or OPEN) and other.valid_from < (one.valid_to or OPEN)


def _overlapping(asked: Asked, other: Asked) -> BadRow:
    return BadRow(asked.line, "valid_from", "overlapping_terms", asked.valid_from,
                  f"این دوره با دورهٔ سطر {other.line} در همین جایگاه هم‌پوشانی دارد. روزها را جدا کنید.",
                  f"This term overlaps the one in line {other.line} for the same seat. Give days apart.")


def _demand_term(asked: Asked, edits: list[Edit]) -> None:
    """Raises Refused where the person holds the seat already, and until another day than the row says."""
    until = terms.held_until(edits, asked.valid_from)
    if asked.valid_to and until != asked.valid_to:
        raise Refused("term_differs", f"این شخص همین حالا تا {until} در این جایگاه است. نخست آن دوره را پایان دهید.",
                            f"This person holds the seat until {until} already. End that term first.")
