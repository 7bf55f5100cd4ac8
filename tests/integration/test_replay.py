"""`make replay`: a handmade file whose numbers are worked out by hand, and Boston's own, in a real MongoDB."""
import csv
import gzip
import os
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from pymongo import MongoClient

from deploy.replay import rows
from deploy.replay.__main__ import main

BOSTON = Path(__file__).parents[3] / "shared" / "data" / "complaints" / "boston_311_2011_q3.csv.gz"
# two working days are allowed; the file ends on the 29th of July, and is read when silence has closed what was done last
OPENED, TARGET = "2011-07-11 10:00:00", "2011-07-13 10:00:00"
ROWS = [  # opened, target, closed, flag
    (OPENED, TARGET, "2011-07-12 09:00:00", "ONTIME"),
    (OPENED, TARGET, TARGET, "ONTIME"),                           # at the very second
    (OPENED, TARGET, "2011-07-13 10:00:01", "OVERDUE"),           # a second later
    (OPENED, TARGET, "2011-07-29 09:00:00", "OVERDUE"),           # the last that happens
    (OPENED, TARGET, "", "OVERDUE"),                              # never
    (OPENED, "2011-09-30 10:00:00", "", "ONTIME"),                # never, and not due yet when it is read
    ("2011-07-12 10:00:00", "2011-07-14 10:00:30", "2011-07-14 10:00:00", "ONTIME"),  # half a minute is the same minute
    ("2011-07-14 10:00:00", "2011-07-18 10:00:00", "2011-07-18 11:00:00", "OVERDUE"),  # Thursday to Monday
    ("2011-07-14 18:00:00", "2011-07-19 08:30:00", "2011-07-19 08:00:00", "ONTIME"),   # evening: from Friday's opening
    (OPENED, "", "2011-07-12 09:00:00", "ONTIME"),                # no deadline: not compared
    (OPENED, TARGET, "2011-07-12 09:00:00", ""),                  # no flag: not compared
    ("yesterday", TARGET, "", "ONTIME"),                          # not readable
]


def written(folder: Path, lines: list[Any]) -> Path:
    file = folder / "rows.csv.gz"
    with gzip.open(file, "wt", newline="") as out:
        writer = csv.DictWriter(out, rows.COLUMNS, restval="")
        writer.writeheader()
        writer.writerows({"type": "Pothole", **dict(zip(("open_dt", "target_dt", "closed_dt", "ontime"), line, strict=True))}
                         for line in lines)
    return file


def replayed(file: Path) -> Result:
    return CliRunner().invoke(main, ["--file", str(file)])


def results(done: Result) -> list[str]:
    """The last two lines of what was printed."""
    return done.stdout.splitlines()[-2:]


@pytest.fixture(autouse=True)
def servers_here(environment: dict[str, str]) -> None:
    """The variables of the shared servers."""


def test_a_handmade_file_replays_to_the_numbers_worked_out_by_hand(tmp_path: Path) -> None:
    done = replayed(written(tmp_path, ROWS))
    # Monday's half is five rows of two days and one put far away; Tuesday's and Thursday's half is three, which teach two
    # working days: Monday's five come out. Of the others Tuesday's does, by 48 hours of the clock, the simplest that fits
    # Monday's; the two of Thursday do not, for the weekend. In hours the three teach 48 of weekdays, but for the evening
    assert results(done) == ["target agrees 6 of 9", "overdue agrees 9 of 9"], done.output
    assert done.exit_code == 0
    said = done.stdout
    assert "11 rows, 1 more without readable times; 9 have a deadline and a flag" in said
    assert "By allowances of hours or working days, 6 of 9:" in said and "2 days, office hours" in said
    assert "By allowances of hours alone, 6 of 9:" in said and "48 hours, weekdays" in said
    assert "Overdue in the booklet: 4 of 9; the city says 4" in said
    assert "Escalated because nobody finished in time: 4 of 9" in said
    assert "Closed: 7, by silence: 100%; still open: 2" in said


def test_a_verdict_that_is_not_ours_is_counted_and_fails(tmp_path: Path) -> None:
    wrong = [(*line[:3], "ONTIME") if line[3] == "OVERDUE" and line[2] else line for line in ROWS]
    done = replayed(written(tmp_path, wrong))
    assert (results(done)[1], done.exit_code) == ("overdue agrees 6 of 9", 1)
    assert "Overdue in the booklet: 4 of 9; the city says 1" in done.stdout


def test_a_file_with_nothing_to_compare_is_one_sentence(tmp_path: Path) -> None:
    done = replayed(written(tmp_path, ROWS[9:]))
    assert done.exit_code and "no row with both a target_dt and a flag" in str(done.exception)


def test_its_database_is_gone_afterwards(tmp_path: Path, environment: dict[str, str]) -> None:
    def kept(client: MongoClient[Any]) -> set[str]:
        return {name for name in client.list_database_names() if name.startswith("replay-")}

    with MongoClient[Any](environment["MONGO_URI"]) as client:
        before = kept(client)
        replayed(written(tmp_path, ROWS))
        assert kept(client) <= before


def boston(n: int, folder: Path) -> Path:
    """`n` rows of Boston's file, spread evenly."""
    if not BOSTON.exists():
        pytest.skip("Boston's file is not here: ../shared/data/complaints")
    found = list(rows.spread(rows.read(BOSTON)[0], n))
    file = folder / "boston.csv.gz"
    with gzip.open(file, "wt", newline="") as out:
        writer = csv.DictWriter(out, rows.COLUMNS)
        writer.writeheader()
        writer.writerows(found)
    return file


def test_rows_of_boston_spread_evenly_are_overdue_where_the_city_says_so(tmp_path: Path) -> None:
    done = replayed(boston(2000, tmp_path))
    found = re.fullmatch(r"overdue agrees (\d+) of (\d+)", results(done)[1])
    assert found and found[1] == found[2] and int(found[2]) > 1500 and not done.exit_code, done.output


@pytest.mark.skipif(not os.environ.get("MAHALLE_LONG"), reason="takes a minute; set MAHALLE_LONG=1")
def test_all_of_boston_gives_the_city_s_6376_of_26732(tmp_path: Path) -> None:
    done = replayed(boston(10**6, tmp_path))
    assert "Overdue in the booklet: 6376 of 26732; the city says 6376" in done.stdout
    assert "Escalated because nobody finished in time: 6376 of 26732" in done.stdout
    assert results(done)[1] == "overdue agrees 26732 of 26732"
    agrees = re.fullmatch(r"target agrees (\d+) of 26732", results(done)[0])
    assert agrees and int(agrees[1]) > 0.98 * 26732  # by hours alone: 76 %
