"""What a contract says is read exactly, and written as it was read."""
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from contracts.schema import Unfit, schema_of

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Part:
    code: str


@dataclass(frozen=True)
class Told:
    word: str
    count: int
    flag: bool = False
    at: datetime | None = None
    named: str | None = None
    path: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    shape: dict[str, Any] | None = None


LEAST = {"word": "a", "count": 1}
WHOLE = LEAST | {"flag": True, "at": "2026-11-24T12:00:00.000Z", "named": "b", "path": ["c", "d"],
                 "parts": [{"code": "e"}], "shape": {"type": "Polygon"}}


def test_what_was_written_is_read_as_it_was() -> None:
    told = Told("a", 1, True, NOON, "b", ("c", "d"), (Part("e"),), {"type": "Polygon"})
    assert schema_of(Told).load(WHOLE) == told
    assert schema_of(Told).dump(told) == WHOLE


def test_what_may_lack_has_its_default_and_what_nobody_knows_is_ignored() -> None:
    assert schema_of(Told).load(LEAST | {"new": 1, "named": None}) == Told("a", 1)


def test_an_instant_of_another_offset_is_the_same_instant_in_utc() -> None:
    found = schema_of(Told).load(LEAST | {"at": "2026-11-24T15:30:00+03:30"}).at
    assert (found, found.tzinfo) == (NOON, UTC)
    tehran = NOON.astimezone(timezone(timedelta(hours=3, minutes=30)))
    assert schema_of(Told).dump(Told("a", 1, at=tehran))["at"] == WHOLE["at"]


@pytest.mark.parametrize(("name", "value"), [
    ("word", None), ("word", 1), ("count", "1"), ("count", True), ("count", 1.0), ("flag", 1), ("flag", None), ("named", 1),
    ("at", "2026-11-24T12:00:00"), ("at", "noon"), ("at", 1), ("at", "0001-01-01T00:00:00+03:30"), ("path", "cd"),
    ("path", {"c": 1}), ("path", ["c", 1]), ("parts", [{}]), ("parts", ["e"]), ("parts", None), ("shape", [])])
def test_what_is_of_another_kind_is_refused_by_its_name(name: str, value: Any) -> None:
    with pytest.raises(Unfit) as refused:
        schema_of(Told).load(WHOLE | {name: value})
    assert refused.value.names == (name,)


@pytest.mark.parametrize("data", [None, [], "word"])
def test_what_is_no_object_is_refused(data: Any) -> None:
    with pytest.raises(Unfit):
        schema_of(Told).load(data)


def test_everything_that_is_missing_or_wrong_is_named() -> None:
    with pytest.raises(Unfit) as refused:
        schema_of(Told).load({"flag": "yes"})
    assert refused.value.names == ("count", "flag", "word")
