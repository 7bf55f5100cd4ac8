"""Rows of Boston's shape become scripts: made-up rows, the table that the demonstration is shipped with."""
import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from deploy.demo import boston
from deploy.demo.scripts import LONGEST, RATE, Script
from deploy.local.errors import CannotStart
from deploy.local.keys import SAMPLE
from deploy.replay.rows import COLUMNS

PLACES = [f"n{number}" for number in range(10)]


def a_row(**given: str) -> dict[str, str]:
    """Closed on time, after two days."""
    values = {"case_enquiry_id": "1", "open_dt": "2011-08-01 08:00:00", "target_dt": "2011-08-09 08:00:00",
              "closed_dt": "2011-08-03 08:00:00", "ontime": "ONTIME", "closure_reason": "Case Closed Case Resolved mended",
              "type": "Street Light Outages", "neighborhood": "Riverside", "ward": "Ward 3", "latitude": "42.3011",
              "longitude": "-71.0722"}
    return values | given


def a_file(folder: Path, rows: list[dict[str, str]], name: str = "rows.csv") -> Path:
    file = folder / name
    with gzip.open(file, "wt", newline="") if name.endswith(".gz") else file.open("w", newline="") as lines:
        writer = csv.DictWriter(lines, list(a_row()))
        writer.writeheader()
        writer.writerows(rows)
    return file


def scripted(**given: str) -> Script:
    row = a_row(**given)
    return boston.script_of(0, row, boston.pace_of([row]), PLACES)


@pytest.mark.parametrize(("given", "steps", "resident"), [
    ({}, ("accept", "finish"), "confirm"),
    ({"ontime": "OVERDUE"}, ("accept", "start", "finish"), "confirm"),
    ({"closed_dt": "", "ontime": "OVERDUE"}, ("accept",), ""),
    ({"closed_dt": "", "target_dt": ""}, (), ""),
    ({"closure_reason": "Case Closed Case Referred to External Agency: the harbour's"}, ("refuse",), ""),
    ({"closure_reason": "Case Closed NOACC: Closed-No Access"}, ("accept", "finish"), "not_fixed"),
    ({"closure_reason": "Case Closed Case Noted"}, ("accept", "finish"), ""),
    ({"closure_reason": ""}, ("accept", "finish"), "confirm"),
])
def test_what_the_city_did_decides_what_the_agency_and_the_resident_say(given: dict[str, str], steps: tuple[str, ...],
                                                                      resident: str) -> None:
    script = scripted(**given)
    assert (script.steps, script.resident) == (steps, resident)
    assert script.words and len(script.words) <= boston.MOST_WORDS


def test_the_reason_of_a_refusal_and_of_not_fixed_is_the_citys_own() -> None:
    assert scripted(closure_reason="ROA: Refer to  another ").words == "ROA: Refer to another"
    assert scripted(closure_reason="NOACC: nobody home").reason == "NOACC: nobody home"


def test_late_and_on_time_are_the_citys_word_and_satisfaction_follows_from_it() -> None:
    found = [scripted(ontime=word) for word in ("ONTIME", "OVERDUE", "")]
    assert [script.late for script in found] == [False, True, None]
    assert [script.satisfaction for script in found] == [boston.SATISFIED, boston.LESS, boston.SATISFIED]


def test_a_type_that_the_table_does_not_map_is_other() -> None:
    assert scripted().category == "street-lighting"
    assert scripted(type="Phone Bank Service Inquiry").category == "other"


def test_every_category_of_the_table_is_one_of_the_sample_province_and_open_to_all() -> None:
    known = {c["code"]: c for c in json.loads((SAMPLE / "categories.json").read_text(encoding="utf-8"))}
    assert {code for code in boston.TABLE["categories"] if code not in known or known[code]["confidential"]} == set()
    kinds = [kind for some in boston.TABLE["categories"].values() for kind in some]
    assert len(kinds) == len(set(kinds))


def test_a_place_of_the_city_is_the_same_neighbourhood_in_every_run() -> None:
    assert scripted().neighbourhood == scripted(latitude="42.9", open_dt="2011-09-01 00:00:00").neighbourhood == "n4"
    assert scripted(neighborhood="", ward="").neighbourhood == scripted(neighborhood="", latitude="42.3044").neighbourhood
    places = {scripted(ward=f"Ward {number}").neighbourhood for number in range(60)}
    assert places == set(PLACES)


def test_arrivals_keep_their_order_and_their_distances(tmp_path: Path) -> None:
    hours = (9, 8, 14, 20)
    rows = [a_row(open_dt=f"2011-08-01 {hour:02}:00:00", type=str(hour)) for hour in hours]
    found = boston.source(a_file(tmp_path, rows), 10, PLACES).scripts
    assert [script.number for script in found] == [0, 1, 2, 3]
    assert [script.title for script in found] == [f"{boston.TITLE}: {hour}" for hour in sorted(hours)]
    assert [script.at for script in found] == pytest.approx([part * len(rows) / RATE for part in (0, 1 / 12, 1 / 2, 1)])


def test_work_takes_as_long_as_the_city_took_but_not_for_ever(tmp_path: Path) -> None:
    rows = [a_row(open_dt="2011-08-01 08:00:00", closed_dt="2011-08-01 09:00:00"),
            a_row(open_dt="2011-08-01 18:00:00", closed_dt="2015-08-01 09:00:00"),
            a_row(open_dt="2011-08-01 18:00:00", closed_dt="2011-08-01 17:00:00")]
    found = boston.source(a_file(tmp_path, rows), 3, PLACES).scripts
    assert [script.takes for script in found] == pytest.approx([len(rows) / RATE / 10, LONGEST, 0])


def test_n_rows_are_spread_evenly_over_the_file(tmp_path: Path) -> None:
    rows = [a_row(open_dt=f"2011-08-{day:02} 08:00:00", type=str(day)) for day in range(1, 31)]
    source = boston.source(a_file(tmp_path, rows, "rows.csv.gz"), 3, PLACES)
    assert [script.title for script in source.scripts] == [f"{boston.TITLE}: {day}" for day in (1, 11, 21)]
    assert "3 of 30 rows" in source.notes[0]


def test_rows_of_one_moment_arrive_together(tmp_path: Path) -> None:
    assert [script.at for script in boston.source(a_file(tmp_path, [a_row(), a_row()]), 5, PLACES).scripts] == [0, 0]


def test_what_is_filed_says_that_it_is_no_data_of_alborz(tmp_path: Path) -> None:
    source = boston.source(a_file(tmp_path, [a_row()]), 1, PLACES)
    assert "بوستون" in source.label and "not data of Alborz" in source.told
    assert (source.scripts[0].title or "").startswith(boston.TITLE)
    assert any("satisfaction" in note for note in source.notes)


def test_rows_without_a_readable_time_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = [a_row(), a_row(open_dt="soon"), a_row(closed_dt="later")]
    source = boston.source(a_file(tmp_path, rows), 3, PLACES)
    assert len(source.scripts) == 1 and "2 rows" in source.notes[0]


@pytest.mark.parametrize(("name", "content", "words"), [
    ("a.csv", b"one,two\n1,2\n", "lacks the columns"), ("a.csv.gz", b"no gzip", "cannot be read"),
    ("a.csv", ",".join(COLUMNS).encode() + b"\n", "no row"), ("a.csv", b"", "lacks the columns")])
def test_a_file_of_another_shape_is_refused_in_one_sentence(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CannotStart, match=words):
        boston.source(tmp_path / name, 1, PLACES)


def test_a_file_that_is_not_there_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="cannot be read"):
        boston.source(tmp_path / "none.csv", 1, PLACES)


def test_a_row_that_breaks_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(",".join(COLUMNS) + "\n1,2011-08-01 08:00:00\n")
    found: Any = boston.source(file, 1, PLACES).scripts[0]
    assert (found.category, found.steps) == ("other", ())
