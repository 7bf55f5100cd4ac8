"""A copy of what others told holds the newest of each, however often, in whatever order and by how many it is written."""
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pymongo.errors import BulkWriteError

from chassis.read_model import put_newer
from tests.integration.conftest import Connect

ROWS, WRITERS, BATCH = 150, 8, 10


@pytest.fixture
def rows(database: Connect) -> Any:
    return database("booklet").trial_rows


def a_row(version: int, identity: Any = "r1", text: str = "") -> dict[str, Any]:
    return {"_id": identity, "version": version, "text": text or f"as of {version}"}


def test_an_older_version_changes_nothing_and_the_same_again_replaces(rows: Any) -> None:
    put_newer(rows, [a_row(3)])
    put_newer(rows, [a_row(2), a_row(1)])
    assert rows.find_one() == a_row(3)
    put_newer(rows, [a_row(3, text="told again, by a reader that knows more")])
    assert rows.find_one() == a_row(3, text="told again, by a reader that knows more")


def test_of_one_batch_the_newest_is_kept_wherever_it_stands(rows: Any) -> None:
    assert put_newer(rows, [a_row(2), a_row(4), a_row(3), a_row(1, "r2")]) == 2
    assert list(rows.find().sort("_id", 1)) == [a_row(4), a_row(1, "r2")]
    assert put_newer(rows, []) == 0


def test_a_row_is_replaced_whole_and_forgets_what_an_older_one_knew(rows: Any) -> None:
    put_newer(rows, [a_row(1) | {"words": "of an issue that has become confidential"}])
    put_newer(rows, [a_row(2)])
    assert rows.find_one() == a_row(2)


class Raced:
    """A collection in which somebody else inserts an older row just before our upsert does, once."""

    def __init__(self, rows: Any) -> None:
        self.rows, self.raced = rows, False

    def bulk_write(self, writes: list[Any], ordered: bool) -> Any:
        if self.raced:
            return self.rows.bulk_write(writes, ordered=ordered)
        self.raced = True
        self.rows.insert_one(a_row(1))
        duplicate = {"index": 0, "code": 11000, "errmsg": "E11000 duplicate key error collection: … index: _id_ dup key: …"}
        raise BulkWriteError({"writeErrors": [duplicate], "writeConcernErrors": []})


def test_who_met_a_duplicate_key_is_not_believed_to_be_older_before_it_was_tried_again(rows: Any) -> None:
    put_newer(Raced(rows), [a_row(2)])
    assert rows.find_one() == a_row(2)


def test_writers_of_different_versions_of_a_row_at_the_same_moment_leave_the_newest(rows: Any) -> None:
    together = threading.Barrier(WRITERS)

    def write(version: int) -> None:
        for identity in range(ROWS):
            together.wait()
            put_newer(rows, [a_row(version, identity)])

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(1, WRITERS + 1)))
    assert list(rows.find().sort("_id", 1)) == [a_row(WRITERS, identity) for identity in range(ROWS)]


def test_everything_twice_and_in_any_order_is_as_once_and_in_order(rows: Any) -> None:
    told = [a_row(version, identity) for identity in range(20) for version in range(1, 6)] * 2
    random.Random(7).shuffle(told)
    for first in range(0, len(told), BATCH):
        put_newer(rows, told[first:first + BATCH])
    assert list(rows.find().sort("_id", 1)) == [a_row(5, identity) for identity in range(20)]
