"""A row of the booklet is a pure function of what was told."""
from datetime import timedelta
from typing import Any

import pytest

from contracts.issues import IssueSnapshot
from contracts.schema import schema_of
from deploy.local.folder import ROOT
from services.booklet.counting import counts_of_issue, counts_of_task, issue_late_from, late_from
from services.booklet.documents import row_of
from services.booklet.lines import Line
from tests.told import NOON, a_told_done_issue, a_told_issue, a_told_task, hours

WAITING = {"state": "waiting", "stopped_at": NOON + hours(10)}


def over_the_wire(issue: IssueSnapshot) -> IssueSnapshot:
    schema = schema_of(IssueSnapshot)
    found: IssueSnapshot = schema.load(schema.dump(issue))
    return found


def line_of(*issues: IssueSnapshot) -> dict[str, Any]:
    """The line that these rows make, nothing being late by the time of reading."""
    line = Line()
    for row in map(row_of, issues):
        for added in row["adds"]:
            line.add(added, 1, 0)
    return line.published()


def test_a_confidential_row_holds_nothing_but_that_it_is_there() -> None:
    assert row_of(a_told_done_issue(confidential=True)) == {"_id": "i1", "version": 1, "confidential": True}


def test_a_row_is_the_same_after_the_wire() -> None:
    issue = a_told_done_issue(status="closed", closed_by="filer", closed_at=NOON, satisfaction=4)
    assert row_of(over_the_wire(issue)) == row_of(issue)


def test_an_issue_belongs_to_the_month_that_it_is_here() -> None:
    last_evening = NOON.replace(month=11, day=21, hour=20, minute=29)  # 23:59 in Tehran, on the last day of Aban
    assert row_of(a_told_issue(filed_at=last_evening))["month"] == "1405-08"
    assert row_of(a_told_issue(filed_at=last_evening + timedelta(minutes=1)))["month"] == "1405-09"


@pytest.mark.parametrize(("given", "expected"), [
    ({}, NOON + hours(72)),  # from its deadline on, unless something happens
    ({"state": "done", "done_at": NOON + hours(72)}, None),
    ({"state": "done", "done_at": NOON + hours(73)}, NOON + hours(72)),
    ({"state": "done", "done_at": NOON + hours(73), "stopped_at": NOON + hours(1)}, NOON + hours(72)),
    (WAITING, None),
    (WAITING | {"stopped_at": NOON + hours(73)}, NOON + hours(72))])
def test_a_task_is_late_when_its_deadline_lies_before_its_end_or_its_stop_or_now(given: Any, expected: Any) -> None:
    assert late_from(a_told_task(**given)) == expected


def test_an_issue_is_late_when_one_of_its_parts_is() -> None:
    parts = a_told_task(state="done", done_at=NOON + hours(1)), a_told_task(id="i1-2", due=NOON + hours(90))
    assert issue_late_from(a_told_issue(*parts)) == NOON + hours(90)


def test_what_was_refused_makes_nothing_late_while_somebody_else_has_it() -> None:
    refused = a_told_task(state="refused", due=NOON + hours(1))
    assert issue_late_from(a_told_issue(refused, a_told_task(id="i1-2", agency="a2"))) == NOON + hours(72)
    assert issue_late_from(a_told_issue(refused)) == NOON + hours(1)


def test_work_that_nobody_confirmed_is_judged_only_when_it_was_late() -> None:
    on_time, late = line_of(a_told_done_issue()), line_of(a_told_done_issue(late=True))
    assert (on_time["on_time_of"], late["on_time_of"], late["on_time_share"]) == (0, 1, 0.0)


@pytest.mark.parametrize(("given", "share", "expected"), [
    ({}, "silence", (None, 0)), ({"status": "closed", "closed_by": "filer"}, "silence", (0.0, 1)),
    ({"status": "closed", "closed_by": "silence"}, "silence", (1.0, 1)),
    ({"times_referred": 2}, "referred", (1.0, 1)), ({}, "referred", (0.0, 1)),
    ({}, "not_fixed", (0.0, 1)), ({"times_not_fixed": 2}, "not_fixed", (1.0, 1)),
    ({"status": "in_progress", "times_not_fixed": 1}, "not_fixed", (1.0, 1)), ({"status": "filed"}, "not_fixed", (None, 0)),
    ({}, "reopened", (None, 0)), ({"status": "closed"}, "reopened", (0.0, 1)),
    ({"status": "in_progress", "times_not_fixed": 1, "times_reopened": 1}, "reopened", (1.0, 1))])
def test_a_share_is_of_those_to_whom_it_could_happen(given: Any, share: str, expected: Any) -> None:
    line = line_of(a_told_done_issue(**given))
    assert (line[f"{share}_share"], line[f"{share}_of"]) == expected


def test_a_step_of_the_ladder_is_counted_for_the_issue_and_its_agency() -> None:
    issue = a_told_issue(a_told_task(escalations=2), a_told_task(id="i1-2", agency="a2"))
    assert counts_of_issue(issue)["escalated"] == 1
    assert [counts_of_task(issue, task).get("escalated", 0) for task in issue.tasks] == [1, 0]


def test_an_issue_at_work_again_is_no_more_closed_by_whoever_closed_it() -> None:
    counted = counts_of_issue(a_told_done_issue(status="in_progress", closed_by="silence"))
    assert not counted.keys() & {"closed", "confirmed", "silent", "silence_of"}


def test_what_an_agency_handed_on_is_its_referral_and_nothing_else_of_its_line() -> None:
    issue = a_told_issue(a_told_task(state="referred"), times_referred=1, times_not_fixed=1)
    assert counts_of_task(issue, issue.tasks[0]) == {"filed": 1, "referred": 1, "referred_of": 1, "escalated_of": 1}


@pytest.mark.parametrize("status", ["waiting", "awaiting_funds"])
def test_how_many_wait_is_told_apart_from_how_many_are_open(status: str) -> None:
    issue = a_told_issue(a_told_task(**WAITING | {"state": status}), status=status)
    assert counts_of_issue(issue)[status] == counts_of_task(issue, issue.tasks[0])[status] == 1
    assert line_of(issue)["open"] == 1


def test_times_are_told_by_the_clock_on_the_wall_and_in_working_time() -> None:
    line = line_of(a_told_done_issue())
    assert line["accept_minutes"] == {"calendar": {"median": 60, "p90": 60, "of": 1},
                                      "working": {"median": 30, "p90": 30, "of": 1}}
    assert {clock: found["median"] for clock, found in line["finish_minutes"].items()} == {"calendar": 119, "working": 60}


def test_an_issue_of_two_parts_took_as_long_as_the_last() -> None:
    parts = [a_told_task(id=f"i1-{n}", state="done", done_at=NOON + hours(n), finish_minutes=10 * n) for n in (1, 5, 2)]
    found = line_of(a_told_issue(*parts, status="done"))["finish_minutes"]
    assert abs(found["calendar"]["median"] - 300) <= 6 and abs(found["working"]["median"] - 50) <= 1
    unfinished = line_of(a_told_issue(*parts, a_told_task(id="i1-4"), status="in_progress"))
    assert unfinished["finish_minutes"]["calendar"]["of"] == 0


def test_a_share_of_nothing_is_unknown_and_not_zero() -> None:
    line = line_of(a_told_issue())
    assert line["on_time_share"] is None and line["satisfaction"] is None
    assert line["accept_minutes"]["calendar"]["p90"] is None


def test_totals_are_counted_from_all_and_not_averaged_from_shares() -> None:
    one = a_told_done_issue(status="closed", satisfaction=5)
    both = line_of(one, *[a_told_done_issue(late=True, status="closed", satisfaction=2)] * 3)
    assert (both["on_time_share"], both["satisfaction"], both["satisfaction_of"]) == (0.25, 2.75, 4)


def test_every_published_number_is_defined() -> None:
    page = (ROOT / "docs" / "numbers.md").read_text(encoding="utf-8")
    assert [name for name in line_of() if f"`{name}`" not in page] == []
