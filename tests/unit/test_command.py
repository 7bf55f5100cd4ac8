"""A request that names the version its sender read."""
import pytest
from werkzeug.datastructures import Headers

from contracts.errors import Malformed, PreconditionFailed, PreconditionRequired
from contracts.preconditions import Condition, condition_of, seen_in


@pytest.mark.parametrize(("header", "seen"), [
    (None, None), ("*", None), ('"v7"', {7}), (' "v12" ', {12}), ('"v7-9c01d2ab9c01d2ab"', {7}), ('"v7", "v8-0a"', {7, 8})])
def test_a_version_is_read_as_the_etag_writes_it(header: str | None, seen: set[int] | None) -> None:
    assert seen_in(header) == seen


@pytest.mark.parametrize("header", ["v7", '"7"', 'W/"v7"', '"v7" "v8"', '"v-1"', '"v7-XY"', '"v7-"', '"v99999999999"', ""])
def test_what_is_no_etag_of_ours_is_refused(header: str) -> None:
    with pytest.raises(Malformed, match="bad_if_match"):
        seen_in(header)


def test_only_who_saw_the_present_version_changes_it_where_that_is_asked() -> None:
    Condition().demand(9)
    Condition(frozenset({9})).demand(9)
    for stale in (Condition(frozenset({8})), Condition(new=True)):
        with pytest.raises(PreconditionFailed):
            stale.demand(9)
    with pytest.raises(PreconditionFailed, match="changed_meanwhile"):
        Condition(there=True).demand(0)


def test_what_is_there_is_replaced_by_nobody_who_does_not_say_what_they_have_read() -> None:
    replacing = condition_of(Headers({}), demanded=True, makes=True)
    replacing.demand(0)
    with pytest.raises(PreconditionRequired, match="precondition_required"):
        replacing.demand(1)
    for said in ({"If-Match": "*"}, {"If-Match": '"v1"'}):
        condition_of(Headers(said), demanded=True).demand(1)
    condition_of(Headers({"If-None-Match": "*"}), demanded=True, makes=True).demand(0)
    with pytest.raises(Malformed, match="bad_if_none_match"):
        condition_of(Headers({"If-None-Match": '"v1"'}), demanded=True, makes=True)
    condition_of(Headers({"If-None-Match": '"v1"'})).demand(1)
