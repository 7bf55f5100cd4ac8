"""Files come into registers whole or not at all, twice is once, every bad row is told, and what goes out comes back."""
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chassis.clock import now
from contracts.errors import Refused
from deploy.local.keys import SAMPLE
from services.registry import change_sets, load, use_cases
from services.registry.documents import FACTS, ChangeSet, Territory
from services.registry.imports import checking, exporting
from services.registry.imports.tables import TABLES
from services.registry.model import OPEN, Change
from services.registry.people import use_cases as people
from services.registry.registers import REGISTERS
from services.registry.schemas import TerritorySchema
from services.registry.seats import use_cases as seats
from tests.builders import a_square
from tests.divisions import csv_of, geojson_of, place
from tests.integration.conftest import Connect
from tests.integration.excel import with_formula
from tests.integration.imported import (
    BY,
    DAY,
    HALVES,
    LATER,
    PAST,
    N,
    Record,
    bring,
    counts,
    everything,
    exported,
    value,
)
from tests.integration.imported import registry as registry


def test_a_file_is_one_set_and_its_name_is_kept_nowhere(registry: None) -> None:
    report = bring("territories", [place("b", "neighbourhood", "city", "ب"), place("c", "zone", "b", "پ")], "divisions.csv")
    assert counts(report) == (2, 0, 0, 0) and report.stored
    assert value("c", "path") == ["alborz", "karaj", "city", "b", "c"]
    found = ChangeSet._get_collection().find_one({"_id": report.change_set})
    assert (found["kind"], found["state"], found["reason"], found["by"]) == ("import", "settled", None, BY)
    assert "divisions" not in str([found, everything()])


def test_the_same_file_again_changes_nothing(registry: None) -> None:
    rows = [place("b", "neighbourhood", "city", "ب"), place("alborz", "province", None, "البرز")]
    assert counts(bring("territories", rows)) == (1, 0, 1, 0)
    before, sets = everything(), ChangeSet._get_collection().count_documents({})
    again = bring("territories", rows)
    assert (counts(again), again.stored, everything()) == ((0, 0, 2, 0), False, before)
    assert ChangeSet._get_collection().count_documents({}) == sets


def test_a_dry_run_tells_all_and_stores_nothing(registry: None) -> None:
    before = everything()
    report = bring("territories", [place("b", "neighbourhood", "city", "ب")], dry_run=True)
    assert (counts(report), report.stored, everything()) == ((1, 0, 0, 0), False, before)


def test_a_column_that_is_not_there_leaves_what_stands_and_an_empty_cell_takes_it_away(registry: None) -> None:
    row = place("a", "neighbourhood", "city", "آق تپه")
    bring("territories", [row | {"target": "بله"}], day=DAY)
    assert counts(bring("territories", [row | {"name_fa": "نو"}], day="2025-06-01")) == (0, 1, 0, 0)
    assert (value("a", "target"), value("a", "name_fa"), value("a", "target", PAST)) == (True, "نو", False)
    bring("territories", [row | {"target": ""}], day="2025-07-01")
    assert value("a", "target") is False


def test_a_day_of_either_calendar_stands_in_its_row(registry: None) -> None:
    rows = [place("b", "neighbourhood", "city", "ب") | {"valid_from": "۱۴۰۴/۰۱/۰۱", "valid_to": "1404/02/01"}]
    assert bring("territories", rows).stored
    assert use_cases.history("territories", "b", {})["periods"][0]["valid_from"] == "2025-03-21"
    assert use_cases.history("territories", "b", {})["periods"][0]["valid_to"] == "2025-04-21"


def test_names_alike_beside_each_other_are_proposed_and_not_decided(registry: None) -> None:
    rows = [place("b", "neighbourhood", "city", "آق‌تپه"), place("c", "neighbourhood", "city", "مهرشهر"),
            place("d", "neighbourhood", "city", "آق تپۀ بالا")]
    report = bring("territories", rows)
    assert report.stored and value("b", "name_fa") == "آق‌تپه"
    [proposal] = report.proposals
    assert (proposal["line"], proposal["code"]) == (2, "b")
    assert [each["code"] for each in proposal["may_be"]] == ["a"]


BAD: dict[str, tuple[str, list[Record], list[tuple[int, str | None, str]]]] = {
    "unknown references": ("territories", [N | {"parent": "nowhere", "supporting_agency": "none"}],
                           [(2, "parent", "unknown_code"), (2, "supporting_agency", "unknown_code")]),
    "every row": ("territories", [N | {"kind": "planet"}, N | {"code": "Big Code"}, N | {"code": "m", "name_fa": ""}],
                  [(2, "kind", "invalid"), (3, "code", "bad_code"), (4, "name_fa", "required")]),
    "duplicate codes": ("territories", [N, N], [(3, "code", "duplicate_code")]),
    "who lies below a bad row is not blamed": ("territories", [N | {"kind": "x"}, N | {"code": "z", "kind": "zone",
                                               "parent": "n"}], [(2, "kind", "invalid")]),
    "a place above what lies above it": ("territories", [N | {"kind": "province", "parent": "city"}],
                                         [(2, "parent", "wrong_parent")]),
    "a day that is none": ("territories", [N | {"valid_from": "1404/12/30"}], [(2, "valid_from", "no_such_day")]),
    "an end before the beginning": ("territories", [N | {"valid_from": DAY, "valid_to": PAST}],
                                    [(2, "valid_to", "bad_validity")]),
    "a formula": ("territories", [N | {"name_fa": "=1+1"}], [(2, "name_fa", "formula")]),
    "swapped coordinates": ("territories", [N | {"lat": "50.95", "lon": "35.8"}], [(2, "lon", "swapped")]),
    "metres": ("territories", [N | {"lat": "3962000", "lon": "490000"}], [(2, "lon", "utm")]),
    "half a point": ("territories", [N | {"lat": "35.8"}], [(2, "lon", "bad_point")]),
    "a point elsewhere": ("territories", [N | {"lat": "36", "lon": "59.6"}], [(2, "parent", "point_elsewhere")]),
    "columns": ("territories", [{"code": "n", "kind": "zone", "name_fa": "ن", "colour": "red"}],
                [(1, "colour", "unknown_column"), (1, "name_en", "missing_column")]),
    "an unknown category": ("rules", [{"code": "r", "category": "none", "territory": "karaj", "agency": "none",
                                       "priority": 1}], [(2, "agency", "unknown_code"), (2, "category", "unknown_code")]),
    "json": ("categories", [{"code": "c", "name_fa": "ن", "name_en": "n", "accept_hours": 1, "finish_hours": 2,
                             "questions": '[{"code": "Q"}]', "ladder": "{"}], [(2, "ladder", "bad_json")]),
    "nested values": ("categories", [{"code": "c", "name_fa": "ن", "name_en": "n", "accept_hours": 0, "finish_hours": 2,
                                      "ladder": '[{"after_hours": 1, "to": "king"}]'}],
                      [(2, "accept_hours", "invalid"), (2, "ladder", "invalid")]),
    "a circle": ("categories", [{"code": "c", "name_fa": "ن", "name_en": "n", "accept_hours": 1, "finish_hours": 2,
                                 "parent": "d"}, {"code": "d", "name_fa": "ن", "name_en": "n", "accept_hours": 1,
                                                  "finish_hours": 2, "parent": "c"}], [(3, "parent", "circle")]),
    "overlapping terms": ("seats", [
        {"code": "s", "role": "secretary", "territory": "a", "person": f"{n}b9c3f0e-7c1d-4d4b-9a55-0a1b2c3d4e5f",
         "how": "elected", "valid_from": start, "valid_to": end} for n, (start, end) in enumerate(
            [(PAST, DAY), ("2025-01-01", "2025-12-31")])],
        [(2, "person", "unknown_person"), (3, "valid_from", "overlapping_terms")]),
}


def test_what_is_bad_is_told_exactly_and_nothing_is_stored(registry: None) -> None:
    before = everything()
    for case, (register, rows, wrong) in BAD.items():
        report = bring(register, rows)
        assert sorted((flaw.line, str(flaw.column), flaw.code) for flaw in report.bad_rows) == sorted(wrong), case
        assert not any(flaw.fa.endswith("این مقدار درست نیست.") for flaw in report.bad_rows), "says nothing"
        assert (report.errors, report.stored, everything()) == (len(wrong), False, before), case
    assert ChangeSet._get_collection().count_documents({"state": {"$ne": "settled"}}) == 0


def ring(*points: tuple[float, float]) -> Record:
    return {"type": "Polygon", "coordinates": [[list(point) for point in points]]}


POLYGONS = [
    (ring((50.9, 35.8), (50.91, 35.81), (50.91, 35.8), (50.9, 35.81), (50.9, 35.8)), "crosses_itself"),
    (ring((50.9, 35.8), (50.91, 35.8), (50.92, 35.8), (50.9, 35.8)), "no_area"),
    (ring((35.8, 50.9), (35.9, 50.9), (35.9, 51.0), (35.8, 50.9)), "swapped"),
    (ring((490000, 3962000), (490100, 3962000), (490100, 3962100), (490000, 3962000)), "utm"),
    (a_square(59, 36), "boundary_elsewhere")]


def test_a_polygon_that_is_none_is_a_bad_row(registry: None) -> None:
    before = everything()
    for polygon, code in POLYGONS:
        features = geojson_of([({"code": "a"}, polygon), ({"code": "karaj"}, a_square(50.5, 35.5))])
        report = bring("boundaries", features, "f.geojson")
        assert [(flaw.line, flaw.column, flaw.code) for flaw in report.bad_rows] == [(1, "polygon", code)]
        assert (report.stored, everything()) == (False, before)


def test_a_polygon_that_only_the_index_refuses_is_a_bad_row_too(registry: None, monkeypatch: pytest.MonkeyPatch) -> None:
    bowtie = ring((50.9, 35.8), (50.91, 35.81), (50.91, 35.8), (50.9, 35.81), (50.9, 35.8))
    monkeypatch.setattr("services.registry.imports.shapes.check_polygon", lambda polygon, region: [])
    monkeypatch.setattr("services.registry.imports.shapes.lies_in", lambda polygon, above: True)
    before = everything()
    features = geojson_of([({"code": "karaj"}, a_square(50.5, 35.5)), ({"code": "a"}, bowtie)])
    report = bring("boundaries", features, "f.geojson")
    assert [(flaw.line, flaw.code, flaw.value) for flaw in report.bad_rows] == [(2, "not_valid", "a")]
    assert (report.stored, everything()) == (False, before)
    assert ChangeSet._get_collection().count_documents({"state": {"$ne": "settled"}}) == 0, "taken back at once"


def test_files_as_people_have_them(registry: None) -> None:
    text = csv_of([place("b", "neighbourhood", "city", "علی آباد كوچك")]).decode()
    assert bring("territories", text.replace("ی", "ي").encode("cp1256"), dry_run=True).new == 1
    assert bring("territories", text.encode("utf-8-sig")).stored
    assert value("b", "name_fa") == "علی آباد كوچك", "kept as it was typed"


def test_a_file_that_is_none_is_told_as_a_whole(registry: None) -> None:
    header = ",".join(N).encode() + b"\n"
    for content, name, code in ((b"", "a.csv", "empty_file"), (b"%PDF-1.4", "a.csv", "unknown_file"),
                                (b'{"type": "Feature"}', "a.geojson", "not_a_collection"), (header, "a.csv", "no_rows")):
        report = bring("territories", content, name)
        assert [(flaw.line, flaw.code) for flaw in report.bad_rows] == [(0, code)] and not report.stored


def test_formulas_and_merged_cells_of_excel_are_bad_rows(registry: None, tmp_path: Path) -> None:
    before = everything()
    report = bring("territories", with_formula(N), "book.xlsx")
    assert sorted((flaw.line, flaw.code) for flaw in report.bad_rows) == [(2, "formula_in_cell"), (3, "merged_cells")]
    assert (report.stored, everything()) == (False, before)


def test_bad_rows_beyond_a_thousand_are_counted(registry: None) -> None:
    report = bring("territories", [N | {"code": f"n{n}", "kind": "planet"} for n in range(2500)])
    told = report.as_json()
    assert (told["bad"], told["errors"], len(told["bad_rows"])) == (2500, 2500, 1000)
    assert [flaw["line"] for flaw in told["bad_rows"]] == list(range(2, 1002))


def test_terms_of_one_seat_come_in_beside_each_other_and_against_what_is_held(registry: None) -> None:
    held = [people.add({"name_fa": name, "name_en": "x"}, BY)["id"] for name in ("علی", "زهرا", "رضا")]
    row = {"code": "s", "role": "secretary", "territory": "a", "how": "elected"}
    rows = [row | {"person": held[0], "valid_from": PAST, "valid_to": DAY}, row | {"person": held[1], "valid_from": DAY,
                                                                                   "valid_to": "2026-03-21"}]
    assert bring("seats", rows).stored
    assert [seats.seats_of(person, day) != [] for person, day in zip(held, (PAST, DAY), strict=False)] == [True, True]
    assert counts(bring("seats", rows)) == (0, 0, 2, 0)
    report = bring("seats", [row | {"person": held[2], "valid_from": "2025-06-01", "valid_to": "2026-06-01"}])
    assert [(flaw.line, flaw.column, flaw.code) for flaw in report.bad_rows] == [(2, "valid_from", "seat_taken")]
    report = bring("seats", [row | {"person": held[1], "valid_from": DAY, "valid_to": "2027-01-01"}])
    assert [(flaw.column, flaw.code) for flaw in report.bad_rows] == [("valid_to", "term_differs")]
    assert held[0].encode() not in exported("seats", day=PAST)
    assert held[0] not in json.dumps(report.as_json())


@pytest.mark.parametrize("form", exporting.FORMATS)
def test_what_is_exported_of_a_province_comes_back_without_a_change(database: Connect, form: str) -> None:
    database("registry")
    a_full_province()
    before = everything()
    for register in TABLES:
        content = exported(register, form, DAY)
        report = bring(register, content, f"{register}.{form}", day="2026-01-01")
        assert report.rows == report.unchanged > 0, (register, report.bad_rows[:3], counts(report))
    assert everything() == before


def a_full_province() -> None:
    """The sample, and of every register something, changed over the years and yet to be."""
    load.load(SAMPLE, PAST)
    [first, second] = [found["_id"] for found in Territory._get_collection().find(
        {"edits.values.kind": "neighbourhood"}).sort("_id", 1).limit(2)]
    named = {"name_fa": "ستاد، «البرز»", "name_en": "Headquarters; \"of\"\nAlborz", "sample": False}
    hours = [{"weekday": 6, "opens": "08:00", "closes": "14:00", "valid_from": None, "valid_to": None}]
    use_cases.put([
        Change("boundaries", first, {"polygon": HALVES["a"], "sample": True}, PAST),
        Change("boundaries", second, {"polygon": HALVES["b"], "sample": True}, PAST),
        Change("headquarters", "hq", named | {"level": "province", "territory": "alborz", "parent": None}, PAST, LATER),
        Change("calendars", "alborz", {"time_zone": "Asia/Tehran", "weekend": [4, 5], "office_hours": hours, "sample": False,
                                       "holidays": [], "closures": []}, PAST)], BY)
    values = use_cases.look("territories", first, {"as_of": DAY})
    renamed = {name: values[name] for name in REGISTERS["territories"].schema.fields} | {"name_fa": "=نام نو"}
    use_cases.put([Change("territories", first, renamed, DAY), Change("territories", first, renamed | {"name_fa": "'بعدها"},
                                                                      LATER, OPEN)], BY)


def test_what_is_exported_of_one_registry_fills_an_empty_one_alike(registry: None, environment: dict[str, str]) -> None:
    files = {register: exported(register) for register in ("territories", "boundaries")}
    for document in FACTS:
        document._get_collection().delete_many({})
    for register, content in files.items():
        assert bring(register, content, f"{register}.csv", day=LATER).stored
        assert exported(register) == files[register]


def test_boundaries_go_out_with_the_names_of_their_places(registry: None) -> None:
    [feature] = json.loads(exported("boundaries", "geojson"))["features"]
    assert feature["properties"]["name_fa"] == "البرز" and feature["geometry"] == a_square(50, 35, 2)


def test_somebody_elses_change_meanwhile_refuses_the_whole_file(registry: None, monkeypatch: pytest.MonkeyPatch) -> None:
    real = change_sets._stage

    def meanwhile(staged: Any, change_set: str) -> None:
        monkeypatch.undo()
        bring("territories", [place("a", "neighbourhood", "city", "نو")], day=DAY)
        real(staged, change_set)

    monkeypatch.setattr(change_sets, "_stage", meanwhile)
    with pytest.raises(Refused):
        bring("territories", [place("a", "neighbourhood", "city", "دیگر"), N])
    assert Territory._get_collection().find_one({"_id": "n"}) is None
    assert value("a", "name_fa") == "نو"


@pytest.mark.parametrize("code", ["a", "n"])
def test_what_is_changed_after_it_was_read_is_not_overwritten_with_what_was_read(
        registry: None, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """The file has no column `target`; one record is there when the file is read, the other one is not."""
    real = checking.with_paths

    def meanwhile(asking: Any) -> Any:
        values = TerritorySchema().load({name: said for name, said in N.items() if name != "code"} | {"target": True})
        use_cases.put([Change("territories", code, values, PAST)], BY)
        return real(asking)

    monkeypatch.setattr(checking, "with_paths", meanwhile)
    with pytest.raises(Refused) as refused:
        bring("territories", [N | {"code": code, "name_fa": "دیگر"}])
    assert (refused.value.code, value(code, "target"), value(code, "name_fa")) == ("changed_meanwhile", True, "ن")
    assert ChangeSet._get_collection().count_documents({"state": {"$ne": "settled"}}) == 0


def test_a_long_set_says_that_it_lives_with_every_batch(registry: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_sets, "BATCH", 1)
    sets, moments = ChangeSet._get_collection(), []
    real = change_sets._all_written

    def written(document: Any, writes: Any) -> bool:
        sets.update_one({"state": "staging"}, {"$set": {"at": now() - timedelta(hours=1)}})
        moments.append(len(writes))
        return real(document, writes)

    monkeypatch.setattr(change_sets, "_all_written", written)
    monkeypatch.setattr(change_sets, "settle", lambda change_set: None)
    report = bring("territories", [N, N | {"code": "m"}])
    assert moments == [1, 1]
    assert now() - sets.find_one({"_id": report.change_set})["at"] < timedelta(minutes=1)
