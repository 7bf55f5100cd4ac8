"""A part that is away takes no other with it, and what was promised meanwhile is kept when it is back."""
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.api import Answer, Api
from tests.e2e.province import AGENCY, CATEGORY, PLACE, Desk, Province
from tests.integration.waiting import eventually

Sit = Callable[[str], Desk]


def is_unavailable(answer: Answer) -> bool:
    return (answer.status == 503 and answer.headers.get_content_type() == "application/problem+json"
            and int(answer.headers["Retry-After"]) > 0 and answer.body["code"] == "unavailable")


def health(province: Province, name: str) -> tuple[int, int]:
    """What `/livez` and `/readyz` of a process answer."""
    process = Api(province.platform.address(name))
    return process.get("/livez").status, process.get("/readyz").status


def test_with_the_broker_away_filing_and_reading_go_on_and_tasks_arrive_when_it_is_back(
        province: Province, desk: Sit) -> None:
    before = province.counted("agency", AGENCY)["filed"]
    province.wire.close()
    province.servers.broker.kill()
    try:
        filed = [province.file() for _ in range(5)]
        assert {(each["status"], each["agency"]) for each in filed} == {("routed", AGENCY)}
        assert [province.seen_by_all(each)["status"] for each in filed] == ["routed"] * 5
        task = f"{filed[0]['id']}-1"
        assert province.move(AGENCY, task, "accept").body["state"] == "accepted"
        assert health(province, "issues") == (200, 200) and health(province, "relay") == (200, 503)
        assert province.counted("agency", AGENCY)["filed"] == before
    finally:
        province.servers.broker.start()
    agency = desk(AGENCY)
    for each in filed:
        assert agency.hears("task_offered", issue_id=each["id"])["text"] == each["text"]
    eventually("the booklet has caught up", lambda: province.counted("agency", AGENCY)["filed"], 60,
               until=lambda seen: seen == before + 5)
    eventually("every filer was told", lambda: [province.told(each).get("filer: filed") for each in filed], 60,
               until=lambda seen: seen == ["sent"] * 5)
    assert agency.answers(task, "finish", text="وصل شد")["state"] == "done"


def test_with_the_database_away_everything_says_so_lives_on_and_comes_back_by_itself(province: Province) -> None:
    issue = province.file()
    pids = {name: process.pid for name, process in province.platform.processes.items()}
    province.servers.mongo.kill()
    try:
        with ThreadPoolExecutor() as pool:
            answers = list(pool.map(lambda ask: ask(), (
                lambda: province.api.post("/v1/issues", {"category": CATEGORY, "neighbourhood": PLACE, "text": "اکنون"},
                                          role="resident", Idempotency_Key="while-away"),
                lambda: province.api.get("/v1/issues"), lambda: province.api.get(f"/v1/issues/{issue['id']}"),
                lambda: province.api.get("/v1/neighbourhoods"), lambda: province.api.get("/v1/statistics"),
                lambda: province.move(AGENCY, f"{issue['id']}-1", "accept"))))
            assert [is_unavailable(each) for each in answers] == [True] * len(answers), answers
            names = ("gateway", "registry", "issues", "notifications", "booklet", "relay")
            alive = dict(zip(names, pool.map(lambda name: health(province, name), names), strict=True))
        assert alive == {"gateway": (200, 200)} | dict.fromkeys(names[1:], (200, 503))
    finally:
        province.servers.mongo.start()
    filed = eventually("filing goes on", lambda: province.api.post(
        "/v1/issues", {"category": CATEGORY, "neighbourhood": PLACE, "text": "اکنون"}, role="resident",
        Idempotency_Key="while-away"), 60, until=lambda answer: answer.status == 201)
    assert province.stored(text="اکنون") == 1 and filed.body["status"] == "routed"
    assert province.seen_by_all(issue)["status"] == "routed"
    eventually("everything is ready", lambda: [health(province, name) for name in names], 60,
               until=lambda seen: set(seen) == {(200, 200)})
    eventually("the booklet follows", lambda: province.mongo["mahalle_booklet"]["issues"].find_one(
        {"_id": filed.body["id"]}), 60)
    assert {name: process.pid for name, process in province.platform.processes.items()} == pids, "none was restarted"


def test_with_the_registry_away_filing_and_routing_go_on(province: Province) -> None:
    registry = province.platform.processes["registry"]
    registry.send_signal(signal.SIGSTOP)
    try:
        issue = province.file()
        there = {"lon": 50.91, "lat": 35.805}
        by_point = province.api("/v1/issues", {"category": CATEGORY, "text": "با نقطه", "point": there}, role="resident")
        assert (issue["agency"], by_point["agency"], by_point["neighbourhood"]) == (AGENCY, AGENCY, "karaj-kianmehr")
        assert province.move(AGENCY, f"{issue['id']}-1", "accept").status == 200
        assert is_unavailable(province.api.get("/v1/neighbourhoods"))
    finally:
        registry.send_signal(signal.SIGCONT)
    assert len(province.api.pages("/v1/neighbourhoods")) == 67


def test_a_killed_issues_process_comes_back_and_nothing_is_lost(province: Province) -> None:
    killed = province.platform.processes["issues"]

    def file(number: int) -> dict[str, Any]:
        """As a client that tries again until it is answered, with one key."""
        if number == 20:
            killed.kill()
        body = {"category": CATEGORY, "neighbourhood": "fardis-naz", "text": f"پیاپی {number}"}
        return dict(eventually("it is filed", lambda: province.api.post(
            "/v1/issues", body, role="resident", Idempotency_Key=f"in-a-row-{number}"), 60,
            until=lambda answer: answer.status == 201).body)

    with ThreadPoolExecutor(4) as pool:
        filed = list(pool.map(file, range(60)))
    assert province.platform.processes["issues"].pid != killed.pid
    found = province.api.pages("/v1/issues?neighbourhood=fardis-naz")
    assert sorted(each["id"] for each in found) == sorted(each["id"] for each in filed)
    assert len({each["id"] for each in filed}) == 60
    eventually("each is counted once", lambda: province.counted("neighbourhood", "fardis-naz")["filed"], 60,
               until=lambda seen: seen == 60)
