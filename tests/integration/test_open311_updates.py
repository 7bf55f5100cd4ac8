"""What became of issues, from a real MongoDB: every change of a status once, in a window, of nothing confidential."""
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from contracts.errors import Malformed
from contracts.schema import instant
from services.issues.codes import spoken
from services.issues.documents import issue_store
from services.issues.finding.updates import updates
from services.issues.model import Actor, Issue
from tests.builders import NOON, a_done_issue, a_routed_issue
from tests.integration.conftest import Connect

AGENCY = Actor("agency", "a1")


def keep(*issues: Issue) -> None:
    assert issue_store().add(list(issues)) == [None] * len(issues)


def identity(number: int) -> str:
    return f"7f6d1c52-3a0c-5a3e-9a9c-{number:012d}"


def told(hours: float = 0, **query: str) -> list[dict[str, Any]]:
    return list(updates({"changed_from": instant(NOON + timedelta(hours=hours)), **query})["items"])


@pytest.fixture(autouse=True)
def kept(database: Connect) -> Iterator[None]:
    """One that is done after an hour, one that nobody took, one of another place, and one that is confidential."""
    database("issues")
    keep(a_done_issue(id=identity(1)), a_routed_issue(id=identity(2)),
         a_routed_issue(id=identity(3), place=["qom", "n9"], neighbourhood="n9"),
         a_done_issue(id=identity(4), confidential=True))
    yield


def test_each_change_of_a_status_is_told_once_with_the_agencys_last_words() -> None:
    own = [each for each in told() if each["status"] not in ("filed", "routed")]
    assert [(each["number"], each["status"], each["text"]) for each in own] == [
        (2, "in_progress", None), (3, "done", "لامپ عوض شد")]
    assert {each["tracking_code"] for each in told()} == {
        spoken(issue.tracking_code) for issue in (a_done_issue(id=identity(number)) for number in (1, 2, 3))}


def test_a_window_holds_its_beginning_and_not_its_end() -> None:
    assert [each["status"] for each in told(1)] == ["in_progress", "done"]
    assert [each["status"] for each in told(1, changed_to=instant(NOON + timedelta(hours=2)))] == ["in_progress"]
    assert told(2.001) == []


def test_a_place_and_pages_narrow_it_and_nothing_is_left_out() -> None:
    assert {each["status"] for each in told(territory="qom")} == {"filed", "routed"}
    seen, cursor = [], ""
    while True:
        page = updates({"changed_from": instant(NOON), "limit": "1"} | ({"cursor": cursor} if cursor else {}))
        seen += page["items"]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert seen == told()


def test_what_is_done_again_keeps_the_numbers_and_the_last_words() -> None:
    def again(issue: Issue) -> bool:
        task, at = issue.tasks[0].id, NOON + timedelta(hours=3)
        issue.move(task, "redo", Actor("secretary"), at, reason="هنوز تاریک است")
        issue.move(task, "finish", AGENCY, at + timedelta(hours=1), text="کابل عوض شد")
        return True

    before = told()
    issue_store().change({"_id": identity(1)}, again)
    own = [each for each in told() if each["tracking_code"] == before[-1]["tracking_code"]]
    assert [(each["number"], each["status"], each["text"]) for each in own[-3:]] == [
        (3, "done", None), (4, "in_progress", None), (5, "done", "کابل عوض شد")]
    assert "هنوز تاریک است" not in str(own), "reasons are not for everybody"


@pytest.mark.parametrize("query", [{}, {"changed_from": "yesterday"},
                                   {"changed_from": "2026-01-01T00:00:00Z", "cursor": "x"}])
def test_what_cannot_be_asked_is_refused(query: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        updates(query)
