"""A request that names the version its sender read."""
import pytest

from contracts.errors import Malformed, PreconditionFailed
from services.issues.life.command import Command, seen_in


@pytest.mark.parametrize(("header", "seen"), [(None, None), ("*", None), ('"v7"', 7), (' "v12" ', 12)])
def test_a_version_is_read_as_the_etag_writes_it(header: str | None, seen: int | None) -> None:
    assert seen_in(header) == seen


@pytest.mark.parametrize("header", ["v7", '"7"', 'W/"v7"', '"v7", "v8"', '"v-1"', '"v99999999999"', ""])
def test_what_is_no_etag_of_an_issue_is_refused(header: str) -> None:
    with pytest.raises(Malformed, match="bad_if_match"):
        seen_in(header)


def test_only_who_saw_the_present_version_changes_it_where_that_is_asked() -> None:
    Command("c", "a").demand_seen(9)
    Command("c", "a", 9).demand_seen(9)
    with pytest.raises(PreconditionFailed, match="changed_meanwhile"):
        Command("c", "a", 8).demand_seen(9)
