"""The booklet's numbers, counted by MongoDB, against the same definitions counted one by one in plain Python."""
import random
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import pytest

from chassis.clock import now
from contracts.envelope import Received
from contracts.errors import Malformed, Problem
from contracts.issues import IssueRestated, IssueSnapshot
from contracts.registry import AgencyChanged, AgencySnapshot, CategorySnapshot, TerritorySnapshot
from contracts.schema import schema_of
from services.booklet import use_cases
from services.booklet.counting import OPEN_TASK, Sums
from services.booklet.documents import IssueRow
from services.issues.documents import IssueMapping, snapshot
from services.issues.model import Actor, Assignee, Issue
from tests.builders import an_issue
from tests.integration.conftest import Connect

AGENCIES, PLACES, HOURS = ("a1", "a2", "a3"), ("n1", "n2"), {"lighting": 72, "water": 5}


@pytest.fixture(autouse=True)
def booklet(database: Connect) -> None:
    """An empty database of the booklet, with its indexes."""
    database("booklet")


def told(issue: Issue, version: int = 1) -> IssueSnapshot:
    document = {"_id": issue.id, "version": version, **IssueMapping().state(issue)}
    found: IssueSnapshot = schema_of(IssueSnapshot).load(snapshot(document, {}))
    return found


def received(told_now: Any) -> Received:
    happened = IssueRestated(told_now.id) if isinstance(told_now, IssueSnapshot) else AgencyChanged(told_now.code)
    return Received("e", happened, told_now, "", 1, now())


def keep(*issues: Issue) -> None:
    use_cases.keep_issues([received(told(issue)) for issue in issues])


def name(*snapshots: Any) -> None:
    use_cases.keep_names([received(each) for each in snapshots])


def line(by: str, code: str) -> dict[str, Any]:
    return next(item for item in use_cases.statistics(by)["items"] if item["code"] == code)


def an_offered(hours_ago: float, allowance: int = 72, **given: Any) -> Issue:
    """Filed and offered to a1 so many hours ago."""
    at = now() - timedelta(hours=hours_ago)
    issue = an_issue(filed_at=at, updated_at=at, finish_hours=allowance, **given)
    issue.file()
    issue.offer(Assignee("a1", queued=False), Actor("router"), at)
    return issue


def done(issue: Issue, hours_ago: float) -> Issue:
    by, at = Actor("agency", "a1"), now() - timedelta(hours=hours_ago)
    issue.move(issue.tasks[0].id, "accept", by, issue.filed_at)
    issue.move(issue.tasks[0].id, "finish", by, at, text="شد")
    return issue


def confirmed(issue: Issue, satisfaction: int = 4) -> Issue:
    issue.confirm(satisfaction, None, now())
    return issue


def test_work_done_in_time_is_on_time_however_late_the_filer_confirms() -> None:
    keep(confirmed(done(an_offered(hours_ago=500), hours_ago=430)))
    for by, code in (("neighbourhood", "n1"), ("agency", "a1")):
        found = line(by, code)
        assert (found["on_time_share"], found["confirmed"], found["satisfaction"]) == (1.0, 1, 4.0), by


def test_work_done_late_is_not_on_time() -> None:
    keep(confirmed(done(an_offered(hours_ago=500), hours_ago=10)))
    assert (line("neighbourhood", "n1")["on_time_share"], line("agency", "a1")["on_time_share"]) == (0.0, 0.0)


def test_open_and_overdue_counts_against_and_open_in_time_does_not() -> None:
    keep(an_offered(hours_ago=100), an_offered(hours_ago=1, id="i2"), confirmed(done(an_offered(9, id="i3"), 8)))
    for by, code in (("neighbourhood", "n1"), ("agency", "a1")):
        found = line(by, code)
        assert (found["open"], found["overdue"], found["on_time_of"], found["on_time_share"]) == (2, 1, 2, 0.5), by


def test_late_work_counts_against_although_nobody_ever_confirms_it() -> None:
    keep(done(an_offered(hours_ago=500), hours_ago=10))
    found = line("neighbourhood", "n1")
    assert (found["solved"], found["confirmed"], found["on_time_of"], found["on_time_share"]) == (1, 0, 1, 0.0)


def test_what_nobody_was_offered_is_overdue_by_its_category_s_allowance() -> None:
    name(CategorySnapshot("lighting", 1, "روشنایی", "Lighting", None, ("lighting",), False, 24, 72))
    waiting = an_issue(filed_at=now() - timedelta(hours=73))
    waiting.file()
    unknown = an_issue(id="i3", category="unknown", filed_at=now() - timedelta(hours=500))
    keep(waiting, an_issue(id="i2", filed_at=now() - timedelta(hours=71)), unknown)
    assert line("neighbourhood", "n1")["overdue"] == 1


def test_withdrawn_issues_are_filed_and_nothing_else() -> None:
    issue = an_offered(hours_ago=500)
    issue.withdraw(None, now())
    keep(issue)
    found = line("neighbourhood", "n1")
    assert (found["filed"], found["open"], found["solved"], found["overdue"], found["on_time_of"]) == (1, 0, 0, 0, 0)


def test_not_fixed_is_counted_for_ever() -> None:
    issue = done(an_offered(hours_ago=9), hours_ago=8)
    issue.not_fixed("هنوز نه", now())
    issue.move(issue.tasks[0].id, "finish", Actor("agency", "a1"), now(), text="شد")
    keep(confirmed(issue))
    assert (line("neighbourhood", "n1")["not_fixed"], line("agency", "a1")["not_fixed"]) == (1, 1)


def test_confidential_issues_are_in_no_line_and_only_many_are_told_at_all() -> None:
    keep(*(an_offered(1, id=f"i{n}", confidential=True) for n in range(4)))
    found = use_cases.statistics("neighbourhood")
    assert found["items"] == [] and "confidential" not in found["totals"] and found["totals"]["filed"] == 0
    keep(an_offered(1, id="i5", confidential=True))
    assert use_cases.statistics("agency")["totals"]["confidential"] == 5


def test_becoming_confidential_makes_the_booklet_forget() -> None:
    use_cases.keep_issues([received(told(an_offered(1), version=1))])
    use_cases.keep_issues([received(told(an_offered(1, confidential=True), version=2))])
    assert IssueRow._get_collection().find_one({"_id": an_issue().id}) == {
        "_id": an_issue().id, "version": 2, "confidential": True}
    assert use_cases.statistics("neighbourhood")["totals"]["filed"] == 0


def test_an_older_state_never_replaces_a_newer_one_in_any_order() -> None:
    old, new = received(told(an_offered(2), version=1)), received(told(done(an_offered(2), 1), version=3))
    for batch in ([new, old], [new], [old], [old, new, old]):
        use_cases.keep_issues(batch)
        assert line("neighbourhood", "n1")["solved"] == 1


def test_everybody_known_is_listed_by_name_and_nobody_else_s_kind() -> None:
    name(TerritorySnapshot("n1", 1, "neighbourhood", "مهرشهر", "Mehrshahr", "karaj", ("karaj", "n1"), sample=True),
         TerritorySnapshot("karaj", 1, "city", "کرج", "Karaj", None, ("karaj",)),
         AgencySnapshot("a1", 1, "شهرداری", "Municipality", "city", "karaj", "queue"))
    keep(an_issue(neighbourhood="n9"))
    found = {item["code"]: item for item in use_cases.statistics("neighbourhood")["items"]}
    assert set(found) == {"n1", "n9"}
    assert (found["n1"]["name_fa"], found["n1"]["filed"], found["n1"]["sample"]) == ("مهرشهر", 0, True)
    assert (found["n9"]["name_fa"], found["n9"]["filed"]) == ("n9", 1)


def test_counting_by_something_else_is_refused() -> None:
    with pytest.raises(Malformed):
        use_cases.countable("$where")


def a_province(seed: int, many: int) -> list[Issue]:
    """Issues whose lives went every way that the task table allows, at random."""
    chance = random.Random(seed)
    issues = []
    for number in range(many):
        at = now() - timedelta(hours=chance.uniform(0, 200))
        category = chance.choice(sorted(HOURS))
        issue = an_issue(id=f"i{number}", filed_at=at, updated_at=at, finish_hours=HOURS[category], category=category,
                         neighbourhood=chance.choice(PLACES), confidential=chance.random() < 0.1)
        issue.file()
        for _ in range(chance.randrange(12)):
            at += timedelta(hours=chance.uniform(0, 20))
            try:
                move_somehow(issue, at, chance)
            except Problem:
                pass  # the table forbids it just now
        issues.append(issue)
    return issues


def move_somehow(issue: Issue, at: datetime, chance: random.Random) -> None:
    what = chance.choice(("offer", "accept", "finish", "accept", "finish", "refuse", "confirm", "not_fixed", "withdraw"))
    task = chance.choice(issue.tasks) if issue.tasks else None
    if what == "offer" or task is None:
        issue.offer(Assignee(chance.choice(AGENCIES), queued=False), Actor("router"), at)
    elif what == "confirm":
        issue.confirm(chance.randint(1, 5), None, at)
    elif what == "not_fixed":
        issue.not_fixed("نه", at)
    elif what == "withdraw" and chance.random() < 0.2:
        issue.withdraw(None, at)
    elif what != "withdraw":
        issue.move(task.id, what, Actor("agency", task.agency), at, "دلیل", "شد")


def counted_by_place(issues: list[Issue], at: datetime) -> dict[str, Sums]:
    lines: dict[str, Sums] = {}
    for issue in (each for each in issues if not each.confidential):
        due = max((t.due for t in issue.tasks), default=issue.filed_at + timedelta(hours=HOURS[issue.category]))
        times = [t.done_at for t in issue.tasks if t.done_at]
        solved, closed = issue.status in ("done", "closed"), issue.status == "closed"
        late = (max(times) if solved else at) > due
        sums = lines.setdefault(issue.neighbourhood, Sums())
        sums.filed += 1
        sums.open += not solved and issue.status != "withdrawn"
        sums.solved += solved
        sums.confirmed += closed
        sums.not_fixed += issue.times_not_fixed
        sums.overdue += late and not solved and issue.status != "withdrawn"
        sums.on_time += closed and not late
        sums.on_time_of += closed or (late and issue.status != "withdrawn")
        sums.satisfaction += issue.satisfaction or 0
        sums.satisfaction_of += issue.satisfaction is not None
    return lines


def counted_by_agency(issues: list[Issue], at: datetime) -> dict[str, Sums]:
    lines: dict[str, Sums] = {}
    for issue, task in ((i, t) for i in issues if not i.confidential for t in i.tasks):
        sums, finished, overdue = lines.setdefault(task.agency, Sums()), task.state == "done", False
        if task.state in OPEN_TASK:
            sums.open += 1
            overdue = task.due < at
        sums.filed += 1
        sums.solved += finished
        sums.confirmed += finished and issue.status == "closed"
        sums.not_fixed += issue.times_not_fixed if task.state not in ("refused", "cancelled") else 0
        sums.overdue += overdue
        sums.on_time += finished and task.done_at is not None and task.done_at <= task.due
        sums.on_time_of += finished or overdue
        sums.satisfaction += (issue.satisfaction or 0) if finished else 0
        sums.satisfaction_of += finished and issue.satisfaction is not None
    return lines


@pytest.mark.parametrize("seed", range(3))
def test_mongodb_counts_as_the_definitions_say(seed: int) -> None:
    issues = a_province(seed, 400)
    name(*(CategorySnapshot(code, 1, code, code, None, (code,), False, 1, hours) for code, hours in HOURS.items()))
    keep(*issues)
    for by, counted in (("neighbourhood", counted_by_place), ("agency", counted_by_agency)):
        found = {item["code"]: {key: item[key] for key in asdict(Sums()) if key != "on_time"} | {
            "share": item["on_time_share"]} for item in use_cases.statistics(by)["items"]}
        wanted = {code: sums.published() for code, sums in counted(issues, now()).items()}
        assert found == {code: {key: item[key] for key in asdict(Sums()) if key != "on_time"} | {
            "share": item["on_time_share"]} for code, item in wanted.items()}
        assert all(sum(each[key] for each in found.values()) > 0 for key in ("overdue", "not_fixed", "confirmed"))
