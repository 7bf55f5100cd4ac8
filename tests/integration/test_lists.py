"""Every list finds what a look at every issue finds, in the same order, page by page, however little a page may look at."""
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from chassis import paging
from chassis.caller import PUBLIC, Caller
from chassis.text import words
from contracts.errors import Malformed, NotAllowed, NotFound, Problem, Unauthenticated
from services.issues.documents import IssueDocument
from services.issues.finding import lists, nearest, pages
from services.issues.life.moves import OPEN, STATUSES
from services.issues.model import Issue, Task
from services.issues.neighbours.similar import distance
from services.issues.reshelve import reshelve
from services.issues.routing import Map
from tests.builders import NOON
from tests.integration.conftest import Connect
from tests.integration.many import AGENCIES, CATEGORIES, PLACES, TEXTS, stored

BOSS, COUNTY = Caller("secretary", "alborz"), Caller("secretary", "karaj")
MEANT_OF_MINE = ("status", "territory", "neighbourhood", "agency", "priority", "filed_from", "filed_to")
HERE = {"lon": 50.9, "lat": 35.8}
Query = dict[str, str]


class Known:
    """The map of a province in which `lighting` and `potholes` lie below `streets`."""

    def current(self) -> Map:
        below = {code: {"path": ["streets", code] if code in ("lighting", "potholes") else [code]} for code in CATEGORIES}
        paths = {code: path[:depth] for path in PLACES.values() for depth, code in enumerate(path, 1)}
        return Map(category=below, territory={code: {"path": path} for code, path in paths.items()})


ATLAS: Any = Known()


@pytest.fixture
def issues(database: Connect, monkeypatch: pytest.MonkeyPatch) -> list[Issue]:
    database("issues")
    monkeypatch.setattr(lists, "now", lambda: NOON)
    return stored(160)


@pytest.fixture
def short_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page looks at seven issues, once; at so many more of the nearest that those of one point are among them."""
    monkeypatch.setattr(nearest, "LOOKED", 40)
    monkeypatch.setattr(pages, "LOOKED", 7)
    monkeypatch.setattr(pages, "SECONDS", 0)


def all_of(ask: Callable[[Query], dict[str, Any]], query: Query, limit: int) -> list[dict[str, Any]]:
    """The items of every page. Fails on a page that is too long."""
    found, cursor = [], ""
    while True:
        page = ask(query | {"limit": str(limit)} | ({"cursor": cursor} if cursor else {}))
        assert len(page["items"]) <= limit
        found += page["items"]
        cursor = page["next_cursor"] or ""
        if not cursor:
            return found


def due_at(issue: Issue) -> datetime | None:
    """The earliest deadline of what can become late, or has."""
    return min((task.due for task in issue.tasks if task.state in OPEN
                and (task.stopped_at is None or task.due < task.stopped_at)), default=None)


def shows(issue: Issue, caller: Caller, about: bool) -> bool:
    """Whether a list tells this caller of an issue at all."""
    in_their_place = caller.role == "secretary" and (not caller.subject or caller.subject in issue.place)
    return not issue.confidential or (in_their_place and not about)


def fits(issue: Issue, query: Query, caller: Caller) -> bool:
    """What each filter means, said once more without an index."""
    about = {"category", "priority", "q", "near"} & set(query)
    said = words(issue.title or "", issue.text)
    categories = {"streets": ("streets", "lighting", "potholes")}.get(query.get("category", ""), (query.get("category"),))
    due = due_at(issue)
    meanings = {
        "status": lambda asked: issue.status in asked.split(","), "territory": lambda asked: asked in issue.place,
        "neighbourhood": lambda asked: asked == issue.neighbourhood, "category": lambda asked: issue.category in categories,
        "agency": lambda asked: any(task.agency == asked for task in issue.tasks),
        "priority": lambda asked: issue.priority in asked.split(","), "q": lambda asked: set(words(asked)) <= set(said),
        "filed_from": lambda asked: issue.filed_at >= datetime.fromisoformat(asked),
        "filed_to": lambda asked: issue.filed_at < datetime.fromisoformat(asked),
        "due_from": lambda asked: due is not None and due >= datetime.fromisoformat(asked),
        "due_to": lambda asked: due is not None and due < datetime.fromisoformat(asked),
        "overdue": lambda asked: due is not None and due < NOON,
        "near": lambda asked: issue.point is not None and distance(HERE, issue.point) < 300,
        "sort": lambda asked: asked != "due" or due is not None, "within": lambda asked: True,
        "mine": lambda asked: issue.filed_by == caller.id}
    return ("mine" in query or shows(issue, caller, bool(about))) and all(
        meanings[name](asked) for name, asked in query.items())


def order(issue: Issue, sort: str) -> tuple[Any, ...]:
    if sort == "nearest":
        return distance(HERE, issue.point or HERE), issue.id
    code = int(issue.tracking_code)
    due = due_at(issue) or NOON
    return {"newest": (-issue.filed_at.timestamp(), code), "oldest": (issue.filed_at.timestamp(), -code),
            "due": (due.timestamp(), code), "updated": (-issue.updated_at.timestamp(), code)}[sort]


def hours(number: int) -> str:
    return (NOON + timedelta(hours=number)).isoformat()


def asked(chance: random.Random) -> Query:
    """A question: a sort, and any of the filters that go with it."""
    sort = chance.choice(("newest", "newest", "oldest", "due", "updated", "nearest"))
    any_of: dict[str, str] = {
        "status": ",".join(chance.sample(STATUSES, chance.choice((1, 1, 3)))),
        "territory": chance.choice(("alborz", "karaj", "x")),
        "neighbourhood": chance.choice([*PLACES]), "category": chance.choice(CATEGORIES), "agency": chance.choice(AGENCIES),
        "priority": chance.choice(("urgent", "urgent,high", "normal", "normal,low"))}
    word = chance.choice(TEXTS).split()[0]
    besides = {"newest": {"q": word, "filed_from": hours(-150), "filed_to": hours(-20)}, "updated": {},
               "due": {"due_from": hours(-50), "due_to": hours(20), "overdue": "true"}, "nearest": {"q": word}}
    besides["oldest"] = besides["newest"]
    drawn = [*any_of.items(), *besides[sort].items()]
    needed = {"near": "50.9,35.8", "within": "300"} if sort == "nearest" else {}
    return {"sort": sort} | dict(chance.sample(drawn, chance.randrange(min(len(drawn), 4)))) | needed


@pytest.mark.parametrize("caller", [PUBLIC, BOSS, COUNTY, Caller("secretary")], ids=lambda caller: caller.id)
@pytest.mark.parametrize("limit", [20, 200])
@pytest.mark.parametrize("looks", ["short_looks", None], ids=["short looks", "long looks"])
def test_a_list_finds_what_a_look_at_every_issue_finds(issues: list[Issue], request: pytest.FixtureRequest, caller: Caller,
                                                       limit: int, looks: str | None) -> None:
    if looks:
        request.getfixturevalue(looks)
    chance, filled = random.Random(limit), 0
    for _ in range(20):
        query = asked(chance)
        found = all_of(lambda each: lists.listed(each, caller, ATLAS), query, limit)
        assert [each["id"] for each in found] == expected(issues, query, caller), query
        filled += bool(found)
    assert filled > 8


def expected(issues: list[Issue], query: Query, caller: Caller) -> list[str]:
    found = [each for each in issues if fits(each, query, caller)]
    return [each.id for each in sorted(found, key=lambda each: order(each, query["sort"]))]


@pytest.mark.parametrize("limit", [3, 50])
def test_a_resident_who_has_signed_in_finds_what_they_filed_confidential_or_not(
        issues: list[Issue], short_looks: None, limit: int) -> None:
    chance, mine = random.Random(limit), Caller("resident", "r1", "resident:r1")
    own = expected(issues, {"sort": "newest", "mine": "true"}, mine)
    assert any(each.confidential for each in issues if each.id in own) and len(own) > 20
    for number in range(20):
        query = {"sort": chance.choice(("newest", "oldest"))} | (
            {name: value for name, value in asked(chance).items() if name in MEANT_OF_MINE} if number else {})
        found = all_of(lambda each: lists.listed(each, mine, ATLAS), query | {"mine": "true"}, limit)
        assert [each["id"] for each in found] == expected(issues, query | {"mine": "true"}, mine), query
        assert all(not {"text", "category"} & set(each) for each in found if each.get("confidential"))


@pytest.mark.parametrize(("caller", "query", "kind"), [
    (PUBLIC, {"mine": "true"}, Unauthenticated), (BOSS, {"mine": "true"}, NotAllowed),
    (Caller("resident", "r1", "key:7"), {"mine": "true"}, NotAllowed),
    (Caller("resident", "r1", "resident:r1"), {"mine": "all"}, Malformed),
    (Caller("resident", "r1", "resident:r1"), {"mine": "true", "near": "50.9,35.8"}, Malformed)])
def test_mine_is_for_a_resident_who_has_signed_in(issues: list[Issue], caller: Caller, query: Query,
                                                  kind: type[Problem]) -> None:
    with pytest.raises(kind):
        lists.listed(query, caller, ATLAS)


def test_of_a_confidential_issue_a_list_tells_a_secretary_no_word_and_anybody_else_nothing(issues: list[Issue]) -> None:
    secret = {each.id for each in issues if each.confidential}
    seen = {each["id"]: each for each in all_of(lambda each: lists.listed(each, BOSS, ATLAS), {}, 50)}
    assert secret and secret <= set(seen)
    assert all(not {"category", "text", "title", "point", "tracking_code"} & set(seen[each]) for each in secret)
    assert not secret & {each["id"] for each in all_of(lambda each: lists.listed(each, PUBLIC, ATLAS), {}, 50)}


@pytest.mark.parametrize("agency", AGENCIES)
@pytest.mark.parametrize("sort", ["newest", "oldest", "due", "updated"])
def test_a_cursor_stands_at_no_issue_that_is_hidden_from_its_holder(issues: list[Issue], short_looks: None, sort: str,
                                                                    agency: str) -> None:
    """However little a page finds of what it looks through: what is in a cursor can be read."""
    shown, cursors = {each.tracking_code for each in issues if shows(each, COUNTY, False)}, list[str]()

    def ask(query: Query) -> dict[str, Any]:
        page = lists.listed(query, COUNTY, ATLAS)
        cursors.extend(filter(None, [page["next_cursor"]]))
        return page

    assert all_of(ask, {"agency": agency, "sort": sort, "status": "routed,closed,in_progress"}, 50)
    assert cursors and {paging.key_of(each, 3)[2] for each in cursors} <= shown


def runs(issue: Issue, task: Task, before: datetime | None = None) -> bool:
    """Whether the task is open, in an issue with a deadline that may be missed, before then."""
    due = due_at(issue)
    return task.state in OPEN and due is not None and (before is None or due < before)


@pytest.mark.parametrize(("query", "wanted"), [
    ({}, lambda issue, task: True), ({"sort": "oldest"}, lambda issue, task: True),
    ({"state": "offered"}, lambda issue, task: task.state == "offered"),
    ({"state": "accepted,done"}, lambda issue, task: task.state in ("accepted", "done")), ({"sort": "due"}, runs),
    ({"overdue": "true"}, lambda issue, task: runs(issue, task, NOON) and task.due < NOON),
    ({"due_to": hours(10), "state": "accepted"},
     lambda issue, task: runs(issue, task, NOON + timedelta(hours=10)) and task.state == "accepted")])
def test_an_agency_finds_its_own_tasks(issues: list[Issue], short_looks: None, query: Query,
                                       wanted: Callable[[Issue, Task], bool]) -> None:
    found = all_of(lambda each: lists.tasks_of("a1", each), query, 5)
    expected = {task.id for each in issues for task in each.tasks if task.agency == "a1" and wanted(each, task)}
    assert expected
    assert sorted(each["id"] for each in found) == sorted(expected)


def ids(name: str, caller: Caller, **query: str) -> list[str]:
    found = all_of(lambda each: lists.work_list(name, each, caller, ATLAS), query, 7)
    return [each.get("issue_id") or each["id"] for each in found]


def oldest(issues: list[Issue], wanted: Callable[[Issue], bool]) -> list[str]:
    return [each.id for each in sorted(issues, key=lambda each: order(each, "oldest")) if wanted(each)]


def test_work_lists_hold_what_waits_for_whoever_asks(issues: list[Issue]) -> None:
    def waits_for_a1(issue: Issue) -> bool:
        return not issue.ending and any(task.agency == "a1" and (task.state == "offered" or task.answered)
                                        for task in issue.tasks)

    def waits_for_secretary(issue: Issue) -> bool:
        return not issue.ending and (issue.unrouted_at is not None or any(task.request for task in issue.tasks))

    assert ids("waiting", Caller("agency", "a1")) == oldest(issues, waits_for_a1)
    assert ids("waiting", BOSS) == oldest(issues, waits_for_secretary)
    assert ids("waiting", BOSS, territory="fardis") == oldest(
        issues, lambda each: waits_for_secretary(each) and "fardis" in each.place)
    assert ids("waiting", Caller("neighbourhood_manager", "n1")) == oldest(
        issues, lambda each: each.status == "done" and each.neighbourhood == "n1" and not each.confidential)
    assert ids("unrouted", Caller("secretary", "karaj")) == oldest(
        issues, lambda each: each.status == "filed" and "karaj" in each.place)


@pytest.mark.parametrize("name", ["waiting", "overdue", "unrouted"])
def test_a_secretary_works_in_their_place_alone(issues: list[Issue], name: str) -> None:
    assert ids(name, BOSS, territory="karaj") == ids(name, COUNTY) == ids(name, Caller("secretary"), territory="karaj")
    assert ids(name, COUNTY, territory="n1")
    for elsewhere in ("alborz", "fardis", "n3", "no-such"):
        with pytest.raises(NotAllowed) as refused:
            ids(name, COUNTY, territory=elsewhere)
        assert refused.value.code == "not_your_place"


def test_what_was_answered_waits_until_the_agency_moves(issues: list[Issue]) -> None:
    caller = Caller("agency", "a1")
    [item, *_] = [each for each in all_of(lambda each: lists.work_list("waiting", each, caller, ATLAS), {}, 50)
                  if each["waits"] == ["answered"]]
    assert item["state"] == "accepted"


def test_overdue_lists_begin_with_the_oldest_deadline(issues: list[Issue]) -> None:
    def late(area: str, boss: bool) -> list[str]:
        found = [each for each in issues if (due := due_at(each)) and due < NOON and area in each.place
                 and (boss or not each.confidential)]
        return [each.id for each in sorted(found, key=lambda each: order(each, "due"))]

    assert late("karaj", boss=True) and ids("overdue", Caller("secretary", "karaj")) == late("karaj", boss=True)
    assert late("n1", boss=False) and ids("overdue", Caller("neighbourhood_manager", "n1")) == late("n1", boss=False)


def test_a_work_list_is_for_those_who_have_the_work() -> None:
    with pytest.raises(NotAllowed):
        lists.work_list("unrouted", {}, Caller("agency", "a1"), ATLAS)
    with pytest.raises(NotFound):
        lists.work_list("none", {}, BOSS, ATLAS)
    assert lists.work_lists(Caller("resident", "app")) == {"items": []}
    assert [each["name"] for each in lists.work_lists(BOSS)["items"]] == ["waiting", "overdue", "unrouted"]


@pytest.mark.parametrize(("query", "code"), [
    ({"sort": "best"}, "bad_sort"), ({"status": "filed,open"}, "bad_status"),
    ({"priority": "none"}, "bad_priority"), ({"sort": "due", "q": "چراغ"}, "bad_combination"),
    ({"overdue": "true", "sort": "newest"}, "bad_combination"), ({"near": "1,2", "overdue": "true"}, "bad_combination"),
    ({"overdue": "false"}, "bad_overdue"), ({"filed_from": "yesterday"}, "bad_filed_from"),
    ({"due_to": "2026-11-24T08:30"}, "bad_due_to"), ({"near": "50.9"}, "bad_near"), ({"near": "50,99"}, "bad_near"),
    ({"near": "nan,1"}, "bad_near"), ({"near": "50,35", "within": "9000"}, "bad_within"), ({"sort": "nearest"}, "bad_near"),
    ({"q": "ا" * 201}, "bad_q"), ({"q": " ".join(f"w{n}" for n in range(11))}, "bad_q"), ({"limit": "0"}, "bad_limit"),
    ({"cursor": "x"}, "bad_cursor")])
def test_what_cannot_be_asked_is_told(database: Connect, query: Query, code: str) -> None:
    database("issues")
    with pytest.raises(Malformed) as caught:
        lists.listed(query, PUBLIC, ATLAS)
    assert caught.value.code == code


@pytest.mark.parametrize(("first", "then"), [
    ({"sort": "newest"}, {"sort": "oldest"}), ({}, {"status": "closed"}), ({"territory": "karaj"}, {"territory": "alborz"}),
    ({"near": "50.9,35.8"}, {"near": "50.9,35.9"})])
def test_a_cursor_of_another_list_is_refused(issues: list[Issue], first: Query, then: Query) -> None:
    cursor = lists.listed(first | {"limit": "2"}, PUBLIC, ATLAS)["next_cursor"]
    with pytest.raises(Problem) as caught:
        lists.listed(then | {"cursor": cursor}, PUBLIC, ATLAS)
    assert caught.value.code == "cursor_of_another_list"
    assert lists.listed(first | {"limit": "3", "cursor": cursor}, PUBLIC, ATLAS)["items"]


def test_the_nearest_are_told_with_their_distance(issues: list[Issue]) -> None:
    found = all_of(lambda each: lists.listed(each, PUBLIC, ATLAS), {"near": "50.9,35.8"}, 4)
    metres = [each["metres"] for each in found]
    assert metres == sorted(metres) and len(set(metres)) > 0 and metres[0] == 0 < metres[-1] < 1000


def test_what_an_older_release_wrote_is_found_once_it_is_reshelved(issues: list[Issue]) -> None:
    documents = IssueDocument._get_collection()
    before = list(documents.find({}, {"shelves": 1, "areas": 1, "due_at": 1, "waits": 1}).sort("_id", 1))
    documents.update_many({}, {"$unset": {"shelves": 1, "areas": 1, "due_at": 1, "waits": 1}})
    assert lists.listed({}, PUBLIC, ATLAS)["items"] == []
    assert (reshelve(), reshelve()) == (len(issues), 0)
    assert list(documents.find({}, {"shelves": 1, "areas": 1, "due_at": 1, "waits": 1}).sort("_id", 1)) == before
