"""The booklet's numbers, counted by MongoDB, against the same definitions written a second time, in plain Python."""
import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from chassis.clock import now
from contracts.issues import IssueSnapshot, TaskSnapshot
from services.booklet import reading, use_cases
from services.booklet.documents import IssueRow
from services.booklet.questions import question
from tests.integration.conftest import Connect
from tests.told import CATEGORIES, NAMED, NEIGHBOURHOODS, PLACES, a_told_issue, a_told_task, received

KINDS = {place.code: place.kind for place in PLACES}
LEAVES = {"lighting": ("street", "lighting"), "potholes": ("street", "potholes"), "water": ("water",),
          "unknown": ("unknown",)}
HOURS = {category.code: category.finish_hours for category in CATEGORIES}
Json = dict[str, Any]


@pytest.fixture(autouse=True)
def booklet(database: Connect) -> None:
    """The booklet, which knows its places, categories and agencies, and of no issue."""
    database("booklet")
    use_cases.keep_names([received(each) for each in NAMED])


def keep(issues: list[IssueSnapshot]) -> None:
    use_cases.keep_issues([received(issue) for issue in issues])


def ask(**query: str) -> Json:
    return use_cases.statistics(question({name.rstrip("_"): value for name, value in query.items()}))


def ago(hours: float) -> datetime:
    return now() - timedelta(hours=hours)


def a_province(chance: random.Random, many: int) -> list[IssueSnapshot]:
    return [an_issue_of(chance, number) for number in range(many)]


def an_issue_of(chance: random.Random, number: int) -> IssueSnapshot:
    """One that lived somehow, up to now."""
    place, filed_at = chance.choice(("n1", "n2", "n3", "n4")), ago(chance.uniform(2, 5000))
    tasks = tuple(a_task_of(chance, f"{number}-{n}", filed_at) for n in range(chance.choice((0, 1, 1, 1, 2, 3))))
    own = {task.state for task in tasks} - {"refused", "referred", "cancelled"}
    status = "filed" if not own else "done" if own == {"done"} else own.pop() if len(own) == 1 else "in_progress"
    status = {"offered": "routed", "accepted": "in_progress"}.get(status, status)
    status = "closed" if status == "done" and chance.random() < 0.7 else status
    ended = chance.random() < 0.1
    return a_told_issue(
        *tasks, id=f"i{number}", confidential=chance.random() < 0.1, place=NEIGHBOURHOODS[place], neighbourhood=place,
        category=chance.choice(sorted(LEAVES)), filed_at=filed_at,
        status=chance.choice(("withdrawn", "rejected", "duplicate")) if ended else status,
        closed_by=chance.choice(("filer", "silence", "secretary")) if status == "closed" and not ended else None,
        satisfaction=chance.choice((None, 1, 2, 3, 4, 5)) if status == "closed" else None,
        times_not_fixed=chance.choice((0, 0, 0, 1, 3)), times_reopened=chance.choice((0, 0, 0, 1)),
        times_referred=chance.choice((0, 0, 1, 2)))


def a_task_of(chance: random.Random, code: str, filed_at: datetime) -> TaskSnapshot:
    def later(than: datetime) -> datetime:
        return than + (now() - than) * chance.uniform(0.01, 0.99)

    state = chance.choice(("offered", "accepted", "in_progress", "waiting", "awaiting_funds", "done", "done", "done",
                           "refused", "referred", "cancelled"))
    offered_at = later(filed_at)
    accepted_at = later(offered_at) if state not in ("offered", "refused") else None
    end = later(accepted_at or offered_at)
    return a_told_task(
        id=code, agency=chance.choice(("a1", "a2", "a3")), state=state, offered_at=offered_at, accepted_at=accepted_at,
        due=filed_at + (now() - filed_at) * chance.uniform(0.3, 1.3), done_at=end if state == "done" else None,
        stopped_at=end if state in ("waiting", "awaiting_funds") else None, escalations=chance.choice((0, 0, 1, 2)),
        accept_minutes=chance.choice((None, 0, 7, 480)), finish_minutes=chance.choice((None, 33, 999)))


def task_is_late(task: TaskSnapshot, at: datetime) -> bool:
    return task.due < (task.done_at or task.stopped_at or at)


def issue_is_late(issue: IssueSnapshot, at: datetime) -> bool:
    own = [task for task in issue.tasks if task.state not in ("refused", "referred", "cancelled")]
    if own:
        return any(task_is_late(task, at) for task in own)
    if issue.tasks:
        return max(task.due for task in issue.tasks) < at
    assert issue.filed_at
    return issue.category in HOURS and issue.filed_at + timedelta(hours=HOURS[issue.category]) < at


def facts_of_issue(issue: IssueSnapshot, at: datetime) -> Json:
    """What the definitions ask of an issue."""
    ended, solved = issue.status in ("withdrawn", "rejected", "duplicate"), issue.status in ("done", "closed")
    finished = max((task for task in issue.tasks if task.done_at), key=lambda task: str(task.done_at), default=None)
    return {"issue": issue, "state": issue.status, "open": not ended and not solved, "solved": solved, "own": True,
            "closed": issue.status == "closed", "late": issue_is_late(issue, at), "ended": ended, "rated": True,
            "judged": issue.status == "closed", "offered": len(issue.tasks) > 0, "referred": issue.times_referred > 0,
            "escalated": any(task.escalations > 0 for task in issue.tasks), "accepting": issue.tasks,
            "finishing": finished if solved else None}


def facts_of_task(issue: IssueSnapshot, task: TaskSnapshot, at: datetime) -> Json:
    done = task.state == "done"
    return {"issue": issue, "state": task.state, "solved": done, "closed": done and issue.status == "closed",
            "open": task.state in ("offered", "accepted", "in_progress", "waiting", "awaiting_funds"),
            "own": task.state not in ("refused", "referred", "cancelled"), "late": task_is_late(task, at),
            "ended": not done and task.state in ("refused", "referred", "cancelled"), "judged": done, "rated": done,
            "offered": True, "referred": task.state == "referred", "escalated": task.escalations > 0, "accepting": [task],
            "finishing": task if done else None}


def share(facts: list[Json], part: Callable[[Json], bool], whole: Callable[[Json], bool]) -> tuple[float | None, int]:
    of = [fact for fact in facts if whole(fact)]
    return (round(sum(part(fact) for fact in of) / len(of), 4) if of else None), len(of)


def counted(facts: list[Json]) -> Json:
    """A published line, but for its durations."""
    def many(name: str) -> int:
        return sum(bool(fact[name]) for fact in facts)

    def said(fact: Json) -> bool:
        return bool(fact["own"] and fact["issue"].times_not_fixed)

    def reopened(fact: Json) -> bool:
        return bool(fact["own"] and fact["issue"].times_reopened)

    answers = [fact["issue"].satisfaction for fact in facts if fact["rated"] and fact["issue"].satisfaction]
    shares = {
        "on_time": share(facts, lambda f: not f["late"], lambda f: f["judged"] or (f["late"] and not f["ended"])),
        "not_fixed": share(facts, said, lambda f: f["solved"] or said(f)),
        "reopened": share(facts, reopened, lambda f: f["closed"] or reopened(f)),
        "silence": share(facts, lambda f: f["issue"].closed_by == "silence", lambda f: f["closed"]),
        "referred": share(facts, lambda f: f["referred"], lambda f: f["offered"]),
        "escalated": share(facts, lambda f: f["escalated"], lambda f: f["offered"])}
    return {
        "filed": len(facts), "open": many("open"), "solved": many("solved"), "closed": many("closed"),
        "waiting": sum(f["state"] == "waiting" for f in facts),
        "awaiting_funds": sum(f["state"] == "awaiting_funds" for f in facts),
        "confirmed": sum(f["closed"] and f["issue"].closed_by == "filer" for f in facts),
        "not_fixed": sum(f["issue"].times_not_fixed for f in facts if f["own"]),
        "overdue": sum(f["open"] and f["late"] for f in facts),
        **{f"{name}_share": found for name, (found, _) in shares.items()},
        **{f"{name}_of": of for name, (_, of) in shares.items()},
        "satisfaction": round(sum(answers) / len(answers), 2) if answers else None, "satisfaction_of": len(answers)}


def durations(facts: list[Json]) -> dict[str, list[int]]:
    """All values in minutes."""
    def minutes(since: Any, until: Any) -> int:
        return int((until - since).total_seconds()) // 60

    accepted = [task for fact in facts for task in fact["accepting"] if task.accepted_at]
    finished = [(fact["issue"], fact["finishing"]) for fact in facts if fact["finishing"]]
    working = [task.accept_minutes for fact in facts for task in fact["accepting"] if task.accept_minutes is not None]
    return {"accept calendar": [minutes(task.offered_at, task.accepted_at) for task in accepted], "accept working": working,
            "finish calendar": [minutes(issue.filed_at, task.done_at) for issue, task in finished],
            "finish working": [task.finish_minutes for _, task in finished if task.finish_minutes is not None]}


def is_asked_for(issue: IssueSnapshot, query: dict[str, str]) -> bool:
    assert issue.filed_at
    day = (issue.filed_at + timedelta(hours=3.5)).date().isoformat()  # in Tehran
    return (not issue.confidential and query.get("from", "") <= day < query.get("to", "9")
            and query.get("territory", issue.place[0]) in issue.place
            and query.get("category", issue.category) in LEAVES[issue.category])


def codes_of(issue: IssueSnapshot, query: dict[str, str]) -> list[str]:
    """The lines in which an issue is, unless they are of agencies or months."""
    by, above, place = query.get("by", "neighbourhood"), LEAVES[issue.category], issue.place
    if by == "category":
        return list(above[above.index(query["category"]):] if "category" in query else above)
    below = place[place.index(query["territory"]):] if "territory" in query else place
    if by == "territory":
        return list(below[1:2] if "territory" in query else below[:1])
    return [code for code in below if KINDS[code] == by]


def facts_in(issues: list[IssueSnapshot], query: dict[str, str], at: datetime) -> Iterator[tuple[list[str], Json]]:
    """What is counted, and the codes of the lines in which it is."""
    for issue in (each for each in issues if is_asked_for(each, query)):
        if query.get("by") != "agency" and "agency" not in query:
            yield codes_of(issue, query), facts_of_issue(issue, at)
            continue
        for task in issue.tasks:
            if query.get("agency", task.agency) == task.agency:
                codes = [task.agency] if query.get("by") == "agency" else codes_of(issue, query)
                yield codes, facts_of_task(issue, task, at)


def agrees(line: Json, facts: list[Json]) -> None:
    wanted = counted(facts)
    assert {name: line[name] for name in wanted} == wanted
    for measure, values in durations(facts).items():
        kind, clock = measure.split()
        told = line[f"{kind}_minutes"][clock]
        assert told["of"] == len(values)
        for name, per_cent in (("median", 50), ("p90", 90)) if values else ():
            exact = sorted(values)[-(-len(values) * per_cent // 100) - 1]
            assert abs(told[name] - exact) <= 0.02 * exact + 0.5, (measure, name)


QUERIES: tuple[dict[str, str], ...] = (
    {}, {"by": "agency"}, {"by": "category"}, {"by": "territory"}, {"by": "county"}, {"by": "province"},
    {"by": "category", "category": "street"}, {"by": "territory", "territory": "alborz"}, {"by": "agency", "agency": "a2"},
    {"by": "neighbourhood", "category": "street", "territory": "west"}, {"by": "category", "agency": "a1"},
    {"by": "agency", "category": "street", "territory": "alborz", "from": "FROM", "to": "TO"},
    {"by": "county", "agency": "a3", "from": "FROM"}, {"by": "neighbourhood", "to": "TO"})


@pytest.mark.parametrize("seed", range(3))
def test_mongodb_counts_as_the_definitions_say(seed: int) -> None:
    issues = a_province(random.Random(seed), 300)
    days = {"FROM": ago(3000).date().isoformat(), "TO": ago(500).date().isoformat()}
    keep(issues)
    for query in QUERIES:
        query = {name: days.get(value, value) for name, value in query.items()}
        answer, facts = use_cases.statistics(question(query)), list(facts_in(issues, query, now()))
        agrees(answer["totals"], [fact for _, fact in facts])
        for item in answer["items"]:
            agrees(item, [fact for codes, fact in facts if item["code"] in codes])
        assert {code for codes, _ in facts for code in codes} <= {item["code"] for item in answer["items"]}


def test_a_line_is_what_its_code_as_a_filter_gives() -> None:
    keep(a_province(random.Random(9), 200))
    for by, narrow in (("county", "territory"), ("category", "category"), ("agency", "agency")):
        for code, found in ((item["code"], item) for item in ask(by=by)["items"]):
            if code != "unknown":
                totals = ask(by=by, **{narrow: code})["totals"]
                assert {name: found[name] for name in totals} == totals, code


def test_months_add_up_to_their_period() -> None:
    keep(a_province(random.Random(5), 200))
    found = ask(by="month")
    for month in found["items"]:
        alone = ask(by="agency", from_=month["from"], to=month["to"])["asked"]
        assert (alone["from"], alone["to"]) == (month["from"], month["to"])
        totals = ask(by="category", from_=month["from"], to=month["to"])["totals"]
        assert {name: month[name] for name in totals} == totals, month["code"]
    assert sum(month["filed"] for month in found["items"]) == found["totals"]["filed"]


def plan(**query: str) -> str:
    match = reading.narrowed(question({name.rstrip("_"): value for name, value in query.items()}), ["water"])
    return str(IssueRow._get_collection().find(match).explain()["queryPlanner"]["winningPlan"])


@pytest.mark.parametrize(("query", "index"), [
    ({"territory": "west"}, "place_1_filed_at_1"), ({"category": "water"}, "category_1_filed_at_1"),
    ({"agency": "a1"}, "tasks.agency_1_filed_at_1"), ({"from_": "2026-01-01"}, "filed_at_1"),
    ({"territory": "n3", "from_": "2000-01-01"}, "place_1_filed_at_1")])
def test_what_narrows_a_question_is_found_by_an_index(query: dict[str, str], index: str) -> None:
    keep(a_province(random.Random(0), 50))
    assert f"'indexName': '{index}'" in plan(**query) and "COLLSCAN" not in plan(**query)
