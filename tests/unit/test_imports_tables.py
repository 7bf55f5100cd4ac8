"""What export writes of a record, import reads back as the same record, whatever it says and whatever the file."""
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.registry.files.columns import cells_to_values, values_to_cells
from services.registry.files.reading import read_rows
from services.registry.imports.asking import Asking
from services.registry.imports.exporting import FORMATS
from services.registry.imports.reporting import Report
from services.registry.imports.tables import TABLES
from services.registry.registers import REGISTERS
from services.registry.schemas import CHECKERS, KINDS, LEVELS, PRIORITIES, ROLES, STEPS

Strategy = st.SearchStrategy[Any]
words = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn"), exclude_characters="\ufffd"), max_size=30).map(
    lambda text: f"{text}م")  # something to see in it
codes = st.from_regex(r"\A[a-z0-9]{1,5}(-[a-z0-9]{1,5}){0,2}\Z")
maybe = st.none() | codes
days = st.dates(date(1900, 1, 1), date(2200, 12, 31)).map(str)
flag, hours = st.booleans(), st.integers(1, 100_000)
some_days = st.none() | st.integers(1, 365)
named: dict[str, Strategy] = {"name_fa": words, "name_en": words, "sample": flag}


def a(**values: Strategy) -> Strategy:
    return st.fixed_dictionaries(values)


def few(each: Strategy, least: int = 0) -> Strategy:
    return st.lists(each, min_size=least, max_size=3)


open_hours = few(a(weekday=st.integers(1, 7), opens=st.just("08:00"), closes=st.just("24:00"), valid_from=st.none() | days,
                   valid_to=st.none() | days), 1)
question = a(code=codes, name_fa=words, name_en=words, required=flag, type=st.just("one"),
             options=few(a(code=codes, name_fa=words, name_en=words), 1))
answer = words | st.integers(-1000, 1000) | flag | st.floats(-2**53, 2**53)
RECORDS: dict[str, Strategy] = {
    "territories": a(**named, kind=st.sampled_from(list(KINDS)), parent=codes, target=flag, contested_with=maybe,
                     supporting_agency=maybe),
    "headquarters": a(**named, level=st.sampled_from(["province", "county", "region"]), territory=codes, parent=maybe),
    "agencies": a(**named, level=st.sampled_from(LEVELS), territory=codes, parent=maybe,
                  channel=st.sampled_from(["queue", "pull", "email"]), committee=maybe, office_hours=open_hours),
    "committees": a(**named, subject=words, members=few(codes), headquarters=maybe),
    "categories": a(**named, parent=maybe, confidential=flag, accept_hours=hours, finish_hours=hours, photograph=flag,
                    accept_days=some_days, finish_days=some_days,
                    allowances=few(a(accept_hours=hours, finish_hours=hours, accept_days=some_days, finish_days=some_days,
                                     level=st.none() | st.sampled_from(LEVELS),
                                     priority=st.none() | st.sampled_from(PRIORITIES))), questions=few(question),
                    ladder=few(a(after_hours=st.integers(0, 10_000), to=st.sampled_from(STEPS))),
                    silence_days=st.integers(1, 365), reopen_days=st.integers(0, 365),
                    checked_by=st.none() | st.sampled_from(CHECKERS)),
    "rules": a(category=codes, territory=codes, agency=codes, priority=st.integers(0, 10_000), others=few(codes),
               committee=maybe, sample=flag, answers=st.dictionaries(codes, few(answer, 1), max_size=3)),
    "calendars": a(time_zone=st.just("Asia/Tehran"), weekend=few(st.integers(1, 7)), office_hours=open_hours, sample=flag,
                   holidays=few(a(date=days, name_fa=words, name_en=words, estimated=flag)),
                   closures=few(a(date=days, reason=words, starts=st.none(), ends=st.none()))).filter(
                       lambda calendar: not {row["weekday"] for row in calendar["office_hours"]} <= {*calendar["weekend"]}),
    "seats": a(role=st.sampled_from(ROLES), territory=codes, agency=st.none(), committee=st.none(), headquarters=st.none(),
               sample=flag)}


@pytest.mark.parametrize("register", RECORDS)
@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=25, deadline=None)
@given(draw=st.data())
def test_a_record_comes_back_the_same(register: str, form: str, draw: st.DataObject) -> None:
    values, table = draw.draw(RECORDS[register]), TABLES[register]
    columns = [column.name for column in table.written]
    cells = values_to_cells(table.written, {"code": "c-1", "valid_from": "2024-03-20", **values})
    rows = read_rows(b"".join(FORMATS[form](columns, [cells])), f"file.{form}")
    [row] = rows
    read, wrong = cells_to_values(table.read, row)
    assert (wrong, rows.bad) == ([], [])
    assert (read["code"], read["valid_from"], read.get("valid_to")) == ("c-1", "2024-03-20", None)
    assert Asking(register, "2020-01-01", "x", Report(register))._values(read, rows.columns, {}) == values


def test_every_register_has_a_table_with_all_that_its_schema_knows() -> None:
    assert set(TABLES) == set(REGISTERS)
    for name, table in TABLES.items():
        assert {column.name for column in table.kept} == set(REGISTERS[name].schema.fields)


def test_the_days_of_a_calendar_fit_into_a_cell() -> None:
    holidays = [{"date": "2025-03-21", "name_fa": "نوروز", "name_en": "Nowruz", "estimated": False}] * 2000
    table = TABLES["calendars"]
    cells = values_to_cells(table.written, {"code": "c-1", "time_zone": "Asia/Tehran", "weekend": [5], "office_hours": [
        {"weekday": 6, "opens": "08:00", "closes": "14:00"}], "holidays": holidays})
    for form in ("csv", "geojson"):
        rows = read_rows(b"".join(FORMATS[form]([column.name for column in table.written], [cells])), f"f.{form}")
        [row] = rows
        assert cells_to_values(table.read, row)[0]["holidays"] == holidays
