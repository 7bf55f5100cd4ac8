"""The columns of each register's file: those of its records' values, `code`, the days from which and before which they hold.

A column that a file does not have leaves what stands; an empty cell takes the value away. Columns that are only `shown`
make an export readable and are not read. `lat` and `lon`, or a GeoJSON point, are not kept: they are held against the
boundary of the place above.
"""
from dataclasses import dataclass
from typing import Any

from services.registry.files.columns import Column
from services.registry.registers import REGISTERS
from services.registry.seats import terms

CODE, DAYS = Column("code", "code", True), (Column("valid_from", "day"), Column("valid_to", "day"))
NAMES = (Column("name_fa", "text", True), Column("name_en", "text", True))
SAMPLE = Column("sample", "yes_no")
POINT = (Column("lat", "number"), Column("lon", "number"), Column("point", "point"))
TERM = (Column("person", "code"), Column("how", "code"))


@dataclass(frozen=True)
class Table:
    """`kept`: columns that are values of the record. `asides`: read, but never written. `shown`: written, but not read.

    `beside`: the value that is the same for records among which no two should be one thing spelled twice.
    """

    register: str
    kept: tuple[Column, ...]
    asides: tuple[Column, ...] = ()
    shown: tuple[Column, ...] = ()
    beside: str = ""

    @property
    def read(self) -> tuple[Column, ...]:
        return (CODE, *self.kept, *DAYS, *self.asides, *self.shown)

    @property
    def written(self) -> tuple[Column, ...]:
        return (CODE, *self.shown, *self.kept, *DAYS)

    def plain(self, values: dict[str, Any]) -> dict[str, Any]:
        """What a file may say of a record: without what follows from other records. Terms of a seat stay."""
        spoken = (*REGISTERS[self.register].schema.fields, *terms.TERM)
        return {name: values[name] for name in spoken if name in values}


def _codes(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, "code") for name in names)


def _needed(*names: str, kind: str = "code") -> tuple[Column, ...]:
    return tuple(Column(name, kind, True) for name in names)


TABLES: dict[str, Table] = {table.register: table for table in (
    Table("territories", (*NAMES, *_needed("kind"), *_codes("parent", "contested_with", "supporting_agency"),
                          Column("target", "yes_no"), SAMPLE), POINT, beside="parent"),
    Table("boundaries", (Column("polygon", "polygon", True), SAMPLE), shown=_codes("kind", "parent") + tuple(
        Column(column.name) for column in NAMES)),
    Table("headquarters", (*NAMES, *_needed("level", "territory"), *_codes("parent"), SAMPLE), beside="territory"),
    Table("agencies", (*NAMES, *_needed("level", "territory", "channel"), *_codes("parent", "committee"),
                       Column("office_hours", "json"), SAMPLE), beside="territory"),
    Table("committees", (*NAMES, *_needed("subject", kind="text"), Column("members", "list"), *_codes("headquarters"),
                         SAMPLE), beside="headquarters"),
    Table("categories", (*NAMES, *_codes("parent"), Column("confidential", "yes_no"),
                         *_needed("accept_hours", "finish_hours", kind="integer"), Column("accept_days", "integer"),
                         Column("finish_days", "integer"), Column("allowances", "json"),
                         Column("questions", "json"), Column("photograph", "yes_no"), Column("ladder", "json"),
                         Column("silence_days", "integer"), Column("reopen_days", "integer"), *_codes("checked_by"), SAMPLE),
          beside="parent"),
    Table("rules", (*_needed("category", "territory", "agency"), *_needed("priority", kind="integer"),
                    Column("others", "list"), *_codes("committee"), Column("answers", "json"), SAMPLE)),
    Table("calendars", (*_needed("time_zone", kind="text"), *_needed("weekend", "office_hours", kind="json"),
                        Column("holidays", "json"), Column("closures", "json"), SAMPLE)),
    Table("seats", (*_needed("role"), *_codes("territory", "agency", "committee", "headquarters"), SAMPLE), TERM))}
