"""A row of the booklet is a pure function of what was told, and answers that cost much are given again for a while."""
from datetime import timedelta

from contracts.issues import IssueSnapshot
from contracts.schema import schema_of
from services.booklet.counting import Sums, total
from services.booklet.documents import row_of
from services.booklet.keeping import TIMES, Kept
from services.issues.documents import IssueMapping, snapshot
from services.issues.model import Issue
from tests.builders import NOON, a_done_issue, a_routed_issue, an_issue


def told(issue: Issue) -> IssueSnapshot:
    """What readers get of an issue, over the wire."""
    document = {"_id": issue.id, "version": 3, **IssueMapping().state(issue)}
    found: IssueSnapshot = schema_of(IssueSnapshot).load(snapshot(document, {}))
    return found


def test_a_confidential_row_holds_nothing_but_that_it_is_there() -> None:
    assert row_of(told(a_done_issue(confidential=True))) == {
        "_id": a_done_issue().id, "version": 3, "confidential": True}


def test_an_issue_nobody_was_offered_has_no_deadline_yet() -> None:
    assert row_of(told(an_issue()))["due"] is None


def test_a_done_issue_is_finished_when_its_last_task_was() -> None:
    row = row_of(told(a_done_issue()))
    assert (row["due"], row["finished_at"]) == (NOON + timedelta(hours=72), NOON + timedelta(hours=2))


def test_work_that_goes_on_is_not_finished() -> None:
    assert row_of(told(a_routed_issue()))["finished_at"] is None
    reopened = a_done_issue()
    reopened.not_fixed("هنوز خاموش است", NOON + timedelta(hours=3))
    assert row_of(told(reopened))["finished_at"] is None


def test_no_address_and_no_words_reach_the_booklet() -> None:
    row = row_of(told(a_done_issue(contact={"email": "zahra@example.org", "phone": "09120000000"}, text="رازی")))
    assert not any(secret in str(row) for secret in ("zahra", "0912", "رازی"))


def test_times_are_kept_as_times() -> None:
    row = row_of(told(a_done_issue()))
    assert row["filed_at"] == NOON and row["tasks"][0]["due"] == NOON + timedelta(hours=72)


def test_a_share_of_nothing_is_unknown_and_not_zero() -> None:
    line = Sums(filed=3).published()
    assert line["on_time_share"] is None and line["satisfaction"] is None


def test_totals_are_counted_from_all_and_not_averaged_from_shares() -> None:
    both = total([Sums(on_time=1, on_time_of=1, satisfaction=5, satisfaction_of=1),
                  Sums(on_time=0, on_time_of=3, satisfaction=6, satisfaction_of=3)]).published()
    assert (both["on_time_share"], both["satisfaction"]) == (0.25, 2.75)


class Watch:
    """A clock that moves when it is told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_answer_is_given_again_for_a_multiple_of_the_time_it_took() -> None:
    watch, counted = Watch(), []

    def count() -> int:
        watch.now += 2
        counted.append(watch.now)
        return len(counted)

    kept = Kept(watch)
    assert kept("agency", count) == 1
    watch.now += 2 * TIMES - 1
    assert kept("agency", count) == 1
    assert kept("neighbourhood", count) == 2
    watch.now += 1
    assert kept("agency", count) == 3


def test_an_error_is_not_kept() -> None:
    kept = Kept(Watch())
    try:
        kept("agency", lambda: 1 / 0)
    except ZeroDivisionError:
        pass
    assert kept("agency", lambda: 7) == 7
